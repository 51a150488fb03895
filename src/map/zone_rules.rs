//! The clock that a VTIMEZONE itself describes (RFC 5545 §3.6.5), for zones nobody else knows.

use jiff::SignedDuration;
use jiff::civil::{DateTime, datetime};

use super::moments::{Moment, offset_s};
use super::recurrence::Rule;
use crate::decode::Component;

/// Clock changes are worked out up to this year; the last offset stands behind it.
const LAST_YEAR: i16 = 2100;
/// Offsets reach from 26 hours before to 26 hours behind UTC.
const WIDEST_S: i64 = 93_600;

/// Offsets from UTC, and when each begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ZoneRules {
    before_s: i64,
    /// Instants in UTC, in order, with the offset that begins there.
    changes: Vec<(DateTime, i64)>,
}

impl ZoneRules {
    /// Reads the observances of a VTIMEZONE; none when it has no readable one.
    pub fn read(zone: &Component) -> Option<Self> {
        let observances = zone.children.iter().filter(|child| matches!(child.name.as_str(), "STANDARD" | "DAYLIGHT"));
        let mut all: Vec<(DateTime, i64, i64)> = observances.filter_map(changes).flatten().collect();
        all.sort_unstable();
        let before_s = all.first()?.1;
        Some(Self { before_s, changes: all.into_iter().map(|(at, _, offset_s)| (at, offset_s)).collect() })
    }

    /// The instant of a wall-clock time: the first of two, and with the offset before a gap.
    pub fn to_utc(&self, local: DateTime) -> DateTime {
        let mut at = self.changes.partition_point(|(from, _)| *from <= earlier(local, WIDEST_S));
        let mut utc = earlier(local, self.offset_before(at));
        while let Some((from, offset_s)) = self.changes.get(at) {
            if utc < *from {
                break;
            }
            let next = earlier(local, *offset_s);
            if next < *from {
                break;
            }
            utc = next;
            at += 1;
        }
        utc
    }

    /// The wall-clock time of an instant.
    pub fn to_local(&self, utc: DateTime) -> DateTime {
        let at = self.changes.partition_point(|(from, _)| *from <= utc);
        earlier(utc, -self.offset_before(at))
    }

    fn offset_before(&self, at: usize) -> i64 {
        at.checked_sub(1).map_or(self.before_s, |before| self.changes[before].1)
    }
}

/// The changes of one observance: instant, offset before, offset from then on.
fn changes(observance: &Component) -> Option<Vec<(DateTime, i64, i64)>> {
    let offset = |name: &str| offset_s(&observance.property(name)?.value);
    let (from_s, to_s) = (offset("TZOFFSETFROM")?, offset("TZOFFSETTO")?);
    let start = Moment::parse(&observance.property("DTSTART")?.value)?.written();
    let mut onsets = vec![start];
    let end = datetime(LAST_YEAR, 1, 1, 0, 0, 0, 0);
    let until = |until: Moment| if let Moment::Utc(at) = until { earlier(at, -from_s) } else { until.written() };
    for property in observance.properties_named("RRULE") {
        let rule = Rule::parse(&property.value, false, &until).and_then(|rule| rule.times(start, (start, end)));
        onsets.extend(rule.unwrap_or_default().at);
    }
    let added = observance.properties_named("RDATE").flat_map(|property| property.value.split(','));
    onsets.extend(added.filter_map(Moment::parse).map(Moment::written));
    Some(onsets.into_iter().map(|onset| (earlier(onset, from_s), from_s, to_s)).collect())
}

fn earlier(at: DateTime, seconds: i64) -> DateTime {
    at.saturating_sub(SignedDuration::from_secs(seconds))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::components;

    const ZONE: &str = "BEGIN:VTIMEZONE\nTZID:Maison\nBEGIN:DAYLIGHT\nDTSTART:16010101T020000\nTZOFFSETFROM:+0100\nTZOFFSETTO:+0200\nRRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU\nEND:DAYLIGHT\nBEGIN:STANDARD\nDTSTART:16010101T030000\nTZOFFSETFROM:+0200\nTZOFFSETTO:+0100\nRRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU\nEND:STANDARD\nEND:VTIMEZONE\n";

    #[test]
    fn both_changes_are_read_as_in_paris() {
        let zone = components(ZONE.as_bytes()).expect("a zone").roots.remove(0);
        let rules = ZoneRules::read(&zone).expect("observances");
        let check = |local: DateTime, utc: DateTime| assert_eq!(rules.to_utc(local), utc, "{local}");
        check(datetime(2026, 3, 16, 9, 0, 0, 0), datetime(2026, 3, 16, 8, 0, 0, 0));
        check(datetime(2026, 7, 16, 9, 0, 0, 0), datetime(2026, 7, 16, 7, 0, 0, 0));
        check(datetime(2026, 3, 29, 1, 59, 0, 0), datetime(2026, 3, 29, 0, 59, 0, 0));
        check(datetime(2026, 3, 29, 2, 30, 0, 0), datetime(2026, 3, 29, 1, 30, 0, 0));
        check(datetime(2026, 3, 29, 3, 0, 0, 0), datetime(2026, 3, 29, 1, 0, 0, 0));
        check(datetime(2026, 10, 25, 2, 30, 0, 0), datetime(2026, 10, 25, 0, 30, 0, 0));
        check(datetime(2026, 10, 25, 3, 0, 0, 0), datetime(2026, 10, 25, 2, 0, 0, 0));
        assert_eq!(rules.to_local(datetime(2026, 10, 25, 1, 30, 0, 0)), datetime(2026, 10, 25, 2, 30, 0, 0));
        assert_eq!(rules.to_local(datetime(2026, 7, 1, 0, 0, 0, 0)), datetime(2026, 7, 1, 2, 0, 0, 0));
    }
}
