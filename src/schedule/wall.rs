//! What the clock on the wall shows, and the instants at which it does: none, one or two.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::{AmbiguousOffset, TimeZone};

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

/// A reading from which on, or until which, nothing is missed around an instant: the clock may
/// be put back or forward by up to a day near it.
pub fn margin(at: Timestamp, zone: &TimeZone, hours: i32) -> Option<DateTime> {
    let far = jiff::SignedDuration::from_hours(25);
    let since = at.checked_sub(far).ok()?;
    let is_near = zone.following(since).next().is_some_and(|change| change.timestamp().duration_since(at) <= far);
    let wall = zone.to_datetime(at);
    if is_near { wall.checked_add(jiff::SignedDuration::from_hours(i64::from(hours))).ok() } else { Some(wall) }
}
