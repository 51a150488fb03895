//! Instants and local times: every instant is stored as UTC beside its local reading.
//!
//! Bank dates never come here: a booking date is a calendar day and is never shifted.

use jiff::civil::DateTime;
use jiff::tz::{AmbiguousOffset, Offset, TimeZone};
use jiff::{Timestamp, Unit};

/// An instant as the landing tables keep it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Instant {
    /// UTC, without zone.
    pub utc: DateTime,
    /// The same instant on the wall clock of its zone.
    pub local: DateTime,
}

/// What a wall-clock reading means in a zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reading {
    /// It happened once.
    Once(Instant),
    /// The clock was put back: both readings, earlier first.
    Twice(Instant, Instant),
    /// The clock was put forward over it: read with the offset before the gap (RFC 5545 §3.3.5).
    Never(Instant),
}

impl Reading {
    /// The one meaning to take when nothing else tells: the first of two.
    pub fn first(self) -> Instant {
        match self {
            Self::Once(instant) | Self::Never(instant) | Self::Twice(instant, _) => instant,
        }
    }

    /// Of two meanings, the first that is not before `floor` (files are in order of time).
    pub fn not_before(self, floor: DateTime) -> Instant {
        match self {
            Self::Twice(earlier, later) if earlier.utc < floor => later,
            other => other.first(),
        }
    }
}

/// Reads a wall-clock time in a zone.
pub fn read_local(local: DateTime, zone: &TimeZone) -> Reading {
    match zone.to_ambiguous_timestamp(local).offset() {
        AmbiguousOffset::Unambiguous { offset } => Reading::Once(at_offset(local, offset)),
        AmbiguousOffset::Fold { before, after } => Reading::Twice(at_offset(local, before), at_offset(local, after)),
        AmbiguousOffset::Gap { before, .. } => Reading::Never(in_zone(utc_of(local, before), zone)),
    }
}

/// An instant given in UTC, read on the clock of `zone`.
pub fn in_zone(utc: DateTime, zone: &TimeZone) -> Instant {
    let local = Offset::UTC.to_timestamp(utc).map_or(utc, |at| zone.to_datetime(at));
    Instant { utc, local }
}

/// An instant given as a timestamp, to the second.
pub fn of_timestamp(at: Timestamp, zone: &TimeZone) -> Instant {
    let whole = at.round(Unit::Second).unwrap_or(at);
    in_zone(Offset::UTC.to_datetime(whole), zone)
}

fn at_offset(local: DateTime, offset: Offset) -> Instant {
    Instant { utc: utc_of(local, offset), local }
}

fn utc_of(local: DateTime, offset: Offset) -> DateTime {
    offset.to_timestamp(local).map_or(local, |at| Offset::UTC.to_datetime(at))
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::datetime;

    fn paris() -> TimeZone {
        TimeZone::get("Europe/Paris").expect("the zone is in the bundled database")
    }

    #[test]
    fn autumn_hour_is_read_twice_and_order_decides() {
        let local = datetime(2025, 10, 26, 2, 30, 0, 0);
        let reading = read_local(local, &paris());
        assert_eq!(reading.first().utc, datetime(2025, 10, 26, 0, 30, 0, 0));
        let floor = datetime(2025, 10, 26, 1, 0, 0, 0);
        assert_eq!(reading.not_before(floor).utc, datetime(2025, 10, 26, 1, 30, 0, 0));
    }

    #[test]
    fn spring_gap_uses_the_offset_before() {
        let reading = read_local(datetime(2026, 3, 29, 2, 30, 0, 0), &paris());
        assert_eq!(reading.first().utc, datetime(2026, 3, 29, 1, 30, 0, 0));
        assert_eq!(reading.first().local, datetime(2026, 3, 29, 3, 30, 0, 0));
    }
}
