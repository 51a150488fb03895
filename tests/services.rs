//! Services, each against a server on loopback that behaves as its documentation says: how it is
//! logged into, its pages, its limits, its refusals. What is asked of it, what comes of the
//! answers, and whose turn it is when there are none.

#[path = "services/bench.rs"]
mod bench;
#[path = "services/enable_banking.rs"]
mod enable_banking;
#[path = "services/energy_abroad.rs"]
mod energy_abroad;
#[path = "services/energy_france.rs"]
mod energy_france;
#[path = "services/energy_year.rs"]
mod energy_year;
#[path = "services/engine.rs"]
mod engine;
#[path = "services/gocardless.rs"]
mod gocardless;
#[path = "support/homes.rs"]
#[allow(dead_code, reason = "each test binary uses its own part")]
mod homes;
#[path = "services/imported.rs"]
mod imported;
#[path = "services/plaid.rs"]
mod plaid;
#[path = "services/powens.rs"]
mod powens;
#[path = "services/recorded.rs"]
mod recorded;
#[path = "services/simplefin.rs"]
mod simplefin;
#[path = "support/simulator.rs"]
mod simulator;
#[path = "services/social.rs"]
mod social;
#[path = "services/telephony.rs"]
mod telephony;
