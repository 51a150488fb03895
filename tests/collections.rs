//! Calendars and address books pulled from real servers at pinned versions, on the loopback.

#[path = "support/homes.rs"]
#[allow(dead_code, reason = "each test binary uses its own part")]
mod homes;
#[path = "collections/importing.rs"]
mod importing;
#[path = "support/peers.rs"]
mod peers;
#[path = "collections/pulling.rs"]
mod pulling;
#[path = "collections/pushing.rs"]
mod pushing;
#[path = "collections/seeds.rs"]
mod seeds;
#[path = "collections/servers.rs"]
mod servers;
#[path = "support/simulator.rs"]
#[allow(dead_code, reason = "what other subjects need of it too")]
mod simulator;
#[path = "collections/unsure.rs"]
mod unsure;
#[path = "feeds/world.rs"]
#[allow(dead_code, reason = "what another subject needs of it too")]
mod world;
