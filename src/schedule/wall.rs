//! What the clock on the wall shows, and the instants at which it does: none, one or two.

use jiff::civil::DateTime;
use jiff::tz::{AmbiguousOffset, TimeZone};
use jiff::{SignedDuration, Timestamp};

/// The instants of a reading, in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Instants {
    /// The clock is put forward over it; the moment at which that happens.
    Skipped(Timestamp),
    Once(Timestamp),
    /// The clock is put back over it.
    Twice(Timestamp, Timestamp),
}

/// When the clocks of a zone show a reading; `None` beyond the years that can be told.
pub fn instants(wall: DateTime, zone: &TimeZone) -> Option<Instants> {
    match zone.to_ambiguous_timestamp(wall).offset() {
        AmbiguousOffset::Unambiguous { offset } => offset.to_timestamp(wall).ok().map(Instants::Once),
        AmbiguousOffset::Fold { before, after } => {
            Some(Instants::Twice(before.to_timestamp(wall).ok()?, after.to_timestamp(wall).ok()?))
        }
        AmbiguousOffset::Gap { before, after } => {
            // Read by the new offset it lies before the change, by the old one after it.
            let change = zone.following(after.to_timestamp(wall).ok()?).next().map(|change| change.timestamp());
            change.map_or_else(|| before.to_timestamp(wall).ok(), Some).map(Instants::Skipped)
        }
    }
}

/// The least reading that the clock still shows at or after an instant: an earlier one than it
/// shows then, where it is about to be put back.
pub fn least_from(at: Timestamp, zone: &TimeZone) -> DateTime {
    let wall = zone.to_datetime(at);
    zone.following(at).next().map_or(wall, |change| wall.min(zone.to_datetime(change.timestamp())))
}

/// The greatest reading that the clock showed until an instant: a later one than it shows then,
/// where it has just been put back.
pub fn greatest_until(at: Timestamp, zone: &TimeZone) -> DateTime {
    let wall = zone.to_datetime(at);
    let moment = SignedDuration::from_nanos(1);
    let change = at.checked_add(moment).ok().and_then(|at| zone.preceding(at).next());
    let before = change.and_then(|change| change.timestamp().checked_sub(moment).ok());
    before.map_or(wall, |before| wall.max(zone.to_datetime(before)))
}
