//! Dates, times and durations as iCalendar and vCard write them (RFC 5545 §3.3, ISO 8601).
//!
//! Nothing here knows of zones: a local time stays local until `map::zones` reads it.

use jiff::SignedDuration;
use jiff::civil::{Date, DateTime, Time};

/// A date or a time, as far as its text alone tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    Date(Date),
    /// On a clock that stands elsewhere, or on nobody's.
    Local(DateTime),
    Utc(DateTime),
}

impl Moment {
    /// Reads `20260316`, `20260316T090000Z`, `2026-03-16T09:00:00+01:00` and their mixtures.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let Some((day, time)) = text.split_once(['T', 't', ' ']) else {
            return date(text).map(Self::Date);
        };
        let (time, offset_s) = split_offset(time)?;
        let local = time_on(date(day)?, time)?;
        match offset_s {
            None => Some(Self::Local(local)),
            Some(offset_s) => local.checked_sub(SignedDuration::from_secs(offset_s)).ok().map(Self::Utc),
        }
    }

    /// The date or time as it is written, midnight for a date.
    pub fn written(self) -> DateTime {
        match self {
            Self::Date(date) => date.to_datetime(Time::midnight()),
            Self::Local(at) | Self::Utc(at) => at,
        }
    }
}

/// A duration in its two parts (RFC 5545 §3.3.6): days are counted on the calendar, the rest is
/// elapsed time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Span {
    pub days: i64,
    pub seconds: i64,
}

impl Span {
    /// Reads `P1D`, `PT1H30M`, `P2W`, `-PT15M`.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim().to_ascii_uppercase();
        let (sign, body) = match text.strip_prefix('-') {
            Some(body) => (-1, body),
            None => (1, text.strip_prefix('+').unwrap_or(&text)),
        };
        let mut span = Self::default();
        let mut number = None;
        for c in body.strip_prefix('P')?.chars() {
            match c.to_digit(10) {
                Some(digit) => number = Some(append(number.unwrap_or(0), digit)?),
                None if c == 'T' => {}
                None => span.add(c, sign * number.take()?)?,
            }
        }
        number.is_none().then_some(span)
    }

    fn add(&mut self, unit: char, amount: i64) -> Option<()> {
        match unit {
            'W' => self.days += amount * 7,
            'D' => self.days += amount,
            'H' => self.seconds += amount * 3_600,
            'M' => self.seconds += amount * 60,
            'S' => self.seconds += amount,
            _ => return None,
        }
        Some(())
    }
}

/// Nine digits at most, so that no sum overflows.
fn append(number: i64, digit: u32) -> Option<i64> {
    (number < 100_000_000).then(|| number * 10 + i64::from(digit))
}

fn date(text: &str) -> Option<Date> {
    let digits: String = text.chars().filter(|c| *c != '-').collect();
    if digits.len() != 8 || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let number = |from: usize, to: usize| digits[from..to].parse::<i16>().ok();
    let small = |from: usize, to: usize| digits[from..to].parse::<i8>().ok();
    Date::new(number(0, 4)?, small(4, 6)?, small(6, 8)?).ok()
}

/// A leap second is read as the second before it, 24:00 as the next midnight.
fn time_on(date: Date, text: &str) -> Option<DateTime> {
    let whole = text.split(['.', ',']).next().unwrap_or(text);
    let digits: String = whole.chars().filter(|c| *c != ':').collect();
    if !matches!(digits.len(), 2 | 4 | 6) || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let part = |at: usize| digits.get(at..at + 2).map_or(Some(0), |part| part.parse::<i8>().ok());
    let (hour, minute, second) = (part(0)?, part(2)?, part(4)?);
    if (hour, minute, second) == (24, 0, 0) {
        return Some(date.tomorrow().ok()?.to_datetime(Time::midnight()));
    }
    Some(date.to_datetime(Time::new(hour, minute, second.min(59), 0).ok()?))
}

/// The time of day, and seconds east of UTC when the text states them.
fn split_offset(time: &str) -> Option<(&str, Option<i64>)> {
    let time = time.trim();
    if let Some(time) = time.strip_suffix(['Z', 'z']) {
        return Some((time, Some(0)));
    }
    match time.find(['+', '-']) {
        Some(at) => Some((&time[..at], Some(offset_s(&time[at..])?))),
        None => Some((time, None)),
    }
}

/// Seconds east of UTC of `+0100`, `-05:30`, `+010000`.
pub fn offset_s(text: &str) -> Option<i64> {
    let text = text.trim();
    let sign = match text.as_bytes().first()? {
        b'-' => -1,
        b'+' => 1,
        _ => return None,
    };
    let digits: String = text[1..].chars().filter(|c| *c != ':').collect();
    if !matches!(digits.len(), 2 | 4 | 6) || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let part = |at: usize| digits.get(at..at + 2).map_or(Some(0), |part| part.parse::<i64>().ok());
    let seconds = part(0)? * 3_600 + part(2)? * 60 + part(4)?;
    (seconds < 93_600).then_some(sign * seconds)
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::{date, datetime};

    #[test]
    fn moments() {
        let check = |text: &str, expected: Option<Moment>| assert_eq!(Moment::parse(text), expected, "{text}");
        check("20260501", Some(Moment::Date(date(2026, 5, 1))));
        check(" 2026-05-01 ", Some(Moment::Date(date(2026, 5, 1))));
        check("20260316T090000", Some(Moment::Local(datetime(2026, 3, 16, 9, 0, 0, 0))));
        check("2026-03-16T09:00:00.123Z", Some(Moment::Utc(datetime(2026, 3, 16, 9, 0, 0, 0))));
        check("20260316T090000+0100", Some(Moment::Utc(datetime(2026, 3, 16, 8, 0, 0, 0))));
        check("20260316T235960Z", Some(Moment::Utc(datetime(2026, 3, 16, 23, 59, 59, 0))));
        check("20260316T240000", Some(Moment::Local(datetime(2026, 3, 17, 0, 0, 0, 0))));
        for wrong in ["", "20261301", "2026", "20260316T", "20260316T9", "20260316T090000Q", "é0260316"] {
            check(wrong, None);
        }
    }

    #[test]
    fn spans() {
        let span = |days, seconds| Some(Span { days, seconds });
        assert_eq!(Span::parse("P1DT2H"), span(1, 7_200));
        assert_eq!(Span::parse("-P2W"), span(-14, 0));
        assert_eq!(Span::parse("+PT15M"), span(0, 900));
        assert_eq!(Span::parse("1H"), None);
        assert_eq!(Span::parse("PT99999999999H"), None);
    }
}
