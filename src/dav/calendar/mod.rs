//! Calendar objects as CalDAV sees them (RFC 4791): whether something is one, when it takes place,
//! whether a query means it, and what of it an answer holds.
//!
//! An object is served as its bytes came. What a time range asks of it is worked out once, when it
//! is stored ([`times`]); bytes are read again only for what that does not answer. Where recurrence
//! and time zones are concerned, all is the doing of `map`.

mod alarms;
mod blocks;
mod check;
mod expand;
mod filter;
mod free_busy;
mod instances;
mod limit;
mod matching;
mod range;
mod reach;
mod times;
mod wanted;

pub use check::{Facts, Invalid, Kind, check};
pub use expand::{MOST_EXPANDED, TooLarge};
pub use filter::Filter;
pub use free_busy::{FreeBusy, free_busy};
pub use range::Range;
pub use times::{Times, times};
pub use wanted::{DataWanted, data};

use jiff::tz::TimeZone;

use super::text_match::UnmetMatch;
use super::xml::{Name, Space};

/// A stored object, as a query looks at it.
#[derive(Debug, Clone, Copy)]
pub struct Object<'a> {
    /// As they were stored.
    pub bytes: &'a [u8],
    /// Of these bytes.
    pub facts: &'a Facts,
    /// Of these bytes.
    pub times: &'a Times,
    /// On whose clock days and floating times stand: that of the query, else of the calendar.
    pub zone: &'a TimeZone,
}

/// What is known of a stored object without its bytes.
#[derive(Debug, Clone, Copy)]
pub struct Outline<'a> {
    pub facts: &'a Facts,
    pub times: &'a Times,
    /// As in [`Object`].
    pub zone: &'a TimeZone,
}

impl<'a> Object<'a> {
    pub fn outline(&self) -> Outline<'a> {
        Outline { facts: self.facts, times: self.times, zone: self.zone }
    }
}

impl Outline<'_> {
    /// The object that has these bytes.
    pub fn with<'b>(&'b self, bytes: &'b [u8]) -> Object<'b> {
        Object { bytes, facts: self.facts, times: self.times, zone: self.zone }
    }
}

/// Why a report cannot be answered: a precondition of RFC 4791 §7.8.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unmet {
    #[error("the collation `{0}` is not offered")]
    Collation(String),
    #[error("the filter cannot be answered: {0}")]
    UnsupportedFilter(String),
    #[error("the filter is not valid: {0}")]
    InvalidFilter(String),
    #[error("calendar objects are not offered as {0}")]
    CalendarData(String),
}

impl Unmet {
    /// The element that stands in the error of the answer.
    pub fn element(&self) -> Name {
        Name::new(
            Space::CalDav,
            match self {
                Self::Collation(_) => "supported-collation",
                Self::UnsupportedFilter(_) => "supported-filter",
                Self::InvalidFilter(_) => "valid-filter",
                Self::CalendarData(_) => "supported-calendar-data",
            },
        )
    }
}

impl From<UnmetMatch> for Unmet {
    fn from(unmet: UnmetMatch) -> Self {
        match unmet {
            UnmetMatch::Collation(name) => Self::Collation(name),
            UnmetMatch::MatchType(_) => Self::UnsupportedFilter(unmet.to_string()),
        }
    }
}
