//! Calendars and address books: invented files with known results, and the public samples in
//! `../shared/corpus` (or `MOISSON_CORPUS`) when they are there.
#![allow(clippy::unwrap_used, reason = "a test's own helpers fail the test")]
#![allow(clippy::print_stdout, reason = "what was skipped, refused or different is said")]

#[path = "calendars_and_contacts/expected_occurrences.rs"]
mod expected_occurrences;
#[path = "calendars_and_contacts/invented_calendars.rs"]
mod invented_calendars;
#[path = "calendars_and_contacts/invented_cards.rs"]
mod invented_cards;
#[path = "calendars_and_contacts/lines.rs"]
mod lines;
#[path = "calendars_and_contacts/recurrence_rules.rs"]
mod recurrence_rules;
#[path = "calendars_and_contacts/robustness.rs"]
mod robustness;
#[path = "calendars_and_contacts/samples.rs"]
mod samples;
#[path = "calendars_and_contacts/served_cards.rs"]
mod served_cards;

mod support;
