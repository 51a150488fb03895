//! What calendar queries find: invented objects with known answers, and the public samples in
//! `../shared/corpus` (or `MOISSON_CORPUS`) when they are there.
#![allow(clippy::unwrap_used, reason = "a test's own helpers fail the test")]
#![allow(clippy::print_stdout, reason = "what was skipped, refused or different is said")]

#[path = "calendar_queries/answers.rs"]
mod answers;
#[path = "calendar_queries/at_size.rs"]
mod at_size;
#[path = "calendar_queries/filters.rs"]
mod filters;
#[path = "calendar_queries/public_samples.rs"]
mod public_samples;
#[path = "calendar_queries/ranges.rs"]
mod ranges;
#[allow(dead_code, reason = "only its folder is asked for here")]
#[path = "calendars_and_contacts/samples.rs"]
mod samples;
#[path = "calendar_queries/stored.rs"]
mod stored;
