//! When a source is due. Pure: the clock, and what happened before, are given.

mod crontab;

pub use crontab::Schedule;
