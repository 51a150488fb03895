//! `[serve.derived]`: which calendars and cards are made from the views and served beside the
//! household's own.

use serde::Deserialize;

/// `[serve.derived]`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[allow(clippy::struct_excessive_bools, reason = "each collection is wanted or not")]
pub struct Derived {
    /// Bills to pay, debits that are expected, consents that end.
    pub due: bool,
    /// Birthdays and anniversaries of the address books.
    pub birthdays: bool,
    /// The address books with what else is known of everybody.
    pub people: bool,
    /// Each day's energy and what it cost.
    pub energy: bool,
    /// Each call, as an entry of a journal.
    pub calls: bool,
    /// How many days before it is due a thing rings, at nine in the morning; none never does.
    pub due_alarm_days: Option<u8>,
}

impl Default for Derived {
    fn default() -> Self {
        Self { due: true, birthdays: true, people: true, energy: false, calls: false, due_alarm_days: None }
    }
}
