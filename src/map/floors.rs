//! The last instants seen, to tell the two readings of an autumn hour apart.

use std::collections::HashMap;

use jiff::SignedDuration;
use jiff::civil::DateTime;

use super::Mapped;
use crate::model::time::Instant;

/// One for the rows of a table, and one for each series of intervals in it.
#[derive(Debug, Clone, Default)]
pub(super) struct Floors {
    /// Happenings: two of them may share an instant.
    pub rows: Option<DateTime>,
    series: HashMap<String, DateTime>,
}

impl Floors {
    /// Reads the next stamp of a series, which comes after the one before, never with it.
    pub fn next_of(
        &mut self,
        series: &str,
        read: impl FnOnce(&mut Option<DateTime>) -> Mapped<Instant>,
    ) -> Mapped<Instant> {
        let second = SignedDuration::from_secs(1);
        let mut floor = self.series.get(series).and_then(|last| last.checked_add(second).ok());
        let at = read(&mut floor)?;
        match self.series.get_mut(series) {
            Some(last) => *last = at.utc,
            None => {
                self.series.insert(series.to_owned(), at.utc);
            }
        }
        Ok(at)
    }
}
