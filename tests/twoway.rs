//! Collections and the rest of the house: what is written in them reaches the views, what sources
//! bring is served, and what both sides changed is kept twice.

#[path = "twoway/conflicts.rs"]
mod conflicts;
#[path = "support/device.rs"]
#[allow(dead_code, reason = "each test binary uses its own part")]
mod device;
#[path = "support/homes.rs"]
#[allow(dead_code, reason = "each test binary uses its own part")]
mod homes;
#[path = "twoway/house.rs"]
mod house;
#[path = "twoway/mirror.rs"]
mod mirror;
#[path = "twoway/own.rs"]
mod own;
#[path = "support/peers.rs"]
mod peers;
#[path = "twoway/pushing.rs"]
mod pushing;
#[path = "twoway/replicas.rs"]
mod replicas;
#[path = "collections/seeds.rs"]
#[allow(dead_code, reason = "what another subject needs of it too")]
mod seeds;
#[path = "dav/server.rs"]
#[allow(dead_code, reason = "what another subject needs of it too")]
mod server;
#[path = "collections/servers.rs"]
#[allow(dead_code, reason = "what another subject needs of it too")]
mod servers;
