//! Text to points in time, with the wall clock they were read on.

use jiff::Timestamp;
use jiff::civil::{DateTime, Time};
use jiff::tz::TimeZone;

use super::dates;
use crate::connector::columns::DateOrder;
use crate::model::time::{Instant, Reading, of_timestamp, read_local};

/// A wall-clock time: `05.03.26 14:07`, `2026-03-05 14:07:00`, or a day and a time apart.
pub fn local(day: &str, time: Option<&str>, order: DateOrder, zone: &TimeZone) -> Option<Reading> {
    let date = dates::parse(day, order)?;
    let time = match time {
        Some(text) => clock(text)?,
        None => clock(after_date(day)?)?,
    };
    Some(read_local(DateTime::from_parts(date, time), zone))
}

/// ISO 8601 with an offset or `Z`, or the form of e-mails: `Tue, 3 Mar 2026 18:02:11 +0000` (RFC 2822,
/// section 3.3).
pub fn with_offset(text: &str, zone: &TimeZone) -> Option<Instant> {
    let iso = text.trim().replacen(' ', "T", 1).parse::<Timestamp>().ok();
    let at = iso.or_else(|| jiff::fmt::rfc2822::DateTimeParser::new().parse_timestamp(text.trim()).ok())?;
    Some(of_timestamp(at, zone))
}

/// Seconds (or milliseconds) since 1970.
pub fn epoch(text: &str, per_second: i64, zone: &TimeZone) -> Option<Instant> {
    let count: i64 = text.trim().parse().ok()?;
    Timestamp::from_second(count.div_euclid(per_second)).ok().map(|at| of_timestamp(at, zone))
}

/// Time of day: `14:07`, `14:07:30`, `14h07`, `9:05 AM`.
pub fn clock(text: &str) -> Option<Time> {
    let upper = text.trim().to_ascii_uppercase();
    let (body, half) = match upper
        .strip_suffix("AM")
        .map(|rest| (rest, 0))
        .or_else(|| upper.strip_suffix("PM").map(|rest| (rest, 12)))
    {
        Some((body, half)) => (body.trim(), Some(half)),
        None => (upper.as_str(), None),
    };
    let mut parts = body.split([':', 'H', '.']).map(|part| part.trim().parse::<i8>().ok());
    let hour = parts.next()??;
    let minute = parts.next().unwrap_or(Some(0))?;
    let second = parts.next().unwrap_or(Some(0)).unwrap_or(0);
    let hour = half.map_or(hour, |half| hour % 12 + half);
    Time::new(hour, minute, second, 0).ok()
}

/// What follows the date in a cell that holds both.
fn after_date(text: &str) -> Option<&str> {
    let text = dates::without_opening(text);
    let at = text.find(['T', ' ', '\u{a0}'])?;
    let rest = text[at..].trim_start_matches(['T', ' ', '\u{a0}', ',', '-', 'à']);
    (!rest.is_empty()).then_some(rest)
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::{datetime, time};

    #[test]
    fn wall_clock_forms() {
        let zone = TimeZone::UTC;
        let expected = datetime(2026, 3, 5, 14, 7, 0, 0);
        for text in [
            "Le 05/03/2026 à 14h07",
            "05.03.26 14:07",
            "2026-03-05 14:07:00",
            "05/03/2026 02:07 PM",
            "2026-03-05T14:07:00",
        ] {
            assert_eq!(local(text, None, DateOrder::Dmy, &zone).map(|r| r.first().local), Some(expected), "{text}");
        }
        assert_eq!(clock("9:05 AM"), Some(time(9, 5, 0, 0)));
        assert_eq!(clock("12:05 am"), Some(time(0, 5, 0, 0)));
        assert_eq!(clock("25:61:00"), None);
    }

    #[test]
    fn offsets_and_epochs() {
        let paris = TimeZone::get("Europe/Paris").expect("bundled");
        let at = with_offset("2025-10-26T02:30:00+02:00", &paris).expect("an instant");
        assert_eq!(at.utc, datetime(2025, 10, 26, 0, 30, 0, 0));
        let mailed = with_offset("Sun, 26 Oct 2025 00:30:00 +0000", &paris).expect("an instant");
        assert_eq!(mailed, at);
        assert_eq!(epoch("1774770000000", 1000, &paris).map(|i| i.utc), Some(datetime(2026, 3, 29, 7, 40, 0, 0)));
    }
}
