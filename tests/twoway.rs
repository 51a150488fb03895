//! Collections and the rest of the house: what is written in them reaches the views, what sources
//! bring is served, and what both sides changed is kept twice.

#[path = "support/homes.rs"]
#[allow(dead_code, reason = "each test binary uses its own part")]
mod homes;
#[path = "twoway/house.rs"]
mod house;
#[path = "twoway/own.rs"]
mod own;
