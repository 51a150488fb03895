//! Slots: the lines of a crontab beside another implementation, what is due whatever the clock
//! and the services do, a year of a household, and the files that let it run.
#![allow(clippy::print_stdout, reason = "what became of a year is said")]

#[path = "schedule/home.rs"]
mod home;
#[path = "schedule/lines.rs"]
mod lines;
#[path = "schedule/packaging.rs"]
mod packaging;
#[path = "schedule/random.rs"]
mod random;
#[path = "schedule/year.rs"]
mod year;
