//! A range of time as queries state it (RFC 4791 §9.9), in seconds of Unix time.

use jiff::civil::DateTime;
use jiff::tz::Offset;

use super::Unmet;
use crate::dav::xml::Element;
use crate::map::moments::Moment;

/// Half-open; an end that is not stated lies infinitely far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Range {
    /// Inclusive; `i64::MIN` when it is open.
    pub from: i64,
    /// Exclusive; `i64::MAX` when it is open.
    pub to: i64,
}

impl Range {
    /// All of time.
    pub const ALL: Self = Self { from: i64::MIN, to: i64::MAX };

    /// Reads `start` and `end` of a `time-range`, `expand`, `limit-recurrence-set` or
    /// `limit-freebusy-set`: instants in UTC, one of them at least.
    pub fn read(element: &Element) -> Result<Self, Unmet> {
        let (start, end) = (element.attribute("start"), element.attribute("end"));
        if start.is_none() && end.is_none() {
            return Err(Unmet::InvalidFilter("a time range has neither start nor end".to_owned()));
        }
        let range = Self { from: start.map_or(Ok(i64::MIN), instant)?, to: end.map_or(Ok(i64::MAX), instant)? };
        if range.from >= range.to {
            return Err(Unmet::InvalidFilter("a time range ends before it starts".to_owned()));
        }
        Ok(range)
    }

    /// Whether both ends are stated, as `expand` and its like want it.
    pub fn is_closed(self) -> bool {
        self.from != i64::MIN && self.to != i64::MAX
    }

    /// The same range, longer at both ends.
    pub(super) fn widened(self, before_s: i64, behind_s: i64) -> Self {
        Self { from: self.from.saturating_sub(before_s), to: self.to.saturating_add(behind_s) }
    }

    /// In UTC, as far as dates reach.
    pub(super) fn utc(self) -> (DateTime, DateTime) {
        (utc(self.from), utc(self.to))
    }
}

/// Unix time of a time in UTC.
pub(super) fn seconds(utc: DateTime) -> i64 {
    match Offset::UTC.to_timestamp(utc) {
        Ok(at) => at.as_second(),
        Err(_) if utc.year() < 0 => i64::MIN,
        Err(_) => i64::MAX,
    }
}

/// The time in UTC of a Unix time, the first or last one there is when it lies beyond.
pub(super) fn utc(at: i64) -> DateTime {
    match jiff::Timestamp::from_second(at) {
        Ok(at) => Offset::UTC.to_datetime(at),
        Err(_) if at < 0 => DateTime::MIN,
        Err(_) => DateTime::MAX,
    }
}

fn instant(text: &str) -> Result<i64, Unmet> {
    match Moment::parse(text) {
        Some(Moment::Utc(at)) => Ok(seconds(at)),
        _ => Err(Unmet::InvalidFilter(format!("`{text}` is no time in UTC such as 20260316T090000Z"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dav::xml;

    fn range(attributes: &str) -> Result<Range, Unmet> {
        let body = format!("<time-range {attributes}/>");
        Range::read(&xml::read(body.as_bytes()).expect("well-formed"))
    }

    #[test]
    fn ends_may_be_open() {
        assert_eq!(range("start='19700101T000001Z'"), Ok(Range { from: 1, to: i64::MAX }));
        assert_eq!(range("end='19700101T000001Z'"), Ok(Range { from: i64::MIN, to: 1 }));
        assert_eq!(utc(i64::MAX), DateTime::MAX);
    }

    #[test]
    fn wrong_ranges_are_invalid_filters() {
        for wrong in [
            "",
            "start='20260101'",
            "start='20260101T000000'",
            "start='20260102T000000Z' end='20260102T000000Z'",
            "start='20260102T000000Z' end='20260101T000000Z'",
        ] {
            assert!(matches!(range(wrong), Err(Unmet::InvalidFilter(_))), "{wrong}");
        }
    }
}
