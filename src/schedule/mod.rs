//! When a source is due. Pure: the clock, and what happened before, are given.
//!
//! [`Planner`] is told every line of the log of runs, the old ones first, and asked what is due.
//! It starts nothing, writes nothing and tells nobody.

mod backoff;
mod crontab;
mod field;
mod history;
mod notices;
mod plan;
mod planner;
mod wall;

pub use crontab::Schedule;
pub use history::{History, Stop};
pub use notices::Notice;
pub use plan::{Limits, Plan, Tangle, check};
pub use planner::{Due, Hold, Planner};

#[cfg(test)]
mod tests;
