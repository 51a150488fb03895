//! Recurrence rules on the wall clock (RFC 5545 §3.3.10).
//!
//! The rule engine sees local times written as if they were UTC, so that 09:00 stays 09:00 on both
//! sides of a clock change; what those times mean in a zone is read afterwards. Nothing here knows
//! of zones, exceptions or overrides. `chrono` appears at the engine's border only.

use chrono::{Datelike, NaiveDate, Timelike};
use jiff::SignedDuration;
use jiff::civil::{DateTime, Weekday};
use rrule::{RRule, RRuleSet, Tz, Unvalidated};

use super::moments::Moment;

/// Times of one rule that are looked at, inside the window or before it, unless fewer are asked for.
pub const MOST_STEPS: usize = 200_000;
/// Times of one rule that are kept, unless fewer are asked for.
pub const MOST_TIMES: usize = 20_000;

/// Why a rule cannot be expanded.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the recurrence rule cannot be read: {0}")]
pub struct RuleError(String);

/// A rule, ready to be expanded.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Rule {
    frequency: String,
    interval: u16,
    /// WKST and the parts that begin with BY, in the engine's spelling.
    parts: String,
    count: Option<usize>,
    until: Option<DateTime>,
    /// Whether DTSTART is the first of COUNT although the rule does not give it.
    is_start_counted: bool,
    /// Times that are kept.
    most: usize,
    /// Times that are looked at.
    most_steps: usize,
}

/// What a rule yields in a window.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Times {
    /// In order.
    pub at: Vec<DateTime>,
    /// Times that were looked at, also before the window.
    pub steps: usize,
    /// Whether the limits stopped the rule before the window's end.
    pub is_cut: bool,
}

impl Rule {
    /// Reads the value of an RRULE.
    ///
    /// `until` turns the UNTIL of the rule into the last time allowed on the series' own clock.
    /// All-day series (`is_all_day`) have no BYHOUR, BYMINUTE and BYSECOND.
    pub fn parse(text: &str, is_all_day: bool, until: &dyn Fn(Moment) -> DateTime) -> Result<Self, RuleError> {
        let mut rule = Self { interval: 1, most: MOST_TIMES, most_steps: MOST_STEPS, ..Self::default() };
        let text = text.replace('\\', "");
        for part in text.split(';').filter(|part| !part.trim().is_empty()) {
            let (name, value) = part.split_once('=').ok_or_else(|| RuleError(format!("`{}`", part.trim())))?;
            let (name, value) = (name.trim().to_ascii_uppercase(), without_blanks(value));
            let is_time_of_day = matches!(name.as_str(), "BYHOUR" | "BYMINUTE" | "BYSECOND");
            if !(is_all_day && is_time_of_day) {
                rule.take(&name, value, until)?;
            }
        }
        if rule.frequency.is_empty() {
            return Err(RuleError("it has no FREQ".to_owned()));
        }
        Ok(rule)
    }

    fn take(&mut self, name: &str, value: String, until: &dyn Fn(Moment) -> DateTime) -> Result<(), RuleError> {
        let wrong = || RuleError(format!("{name} is `{value}`"));
        match name {
            "FREQ" => self.frequency = value,
            "INTERVAL" => self.interval = value.parse().ok().filter(|n| *n > 0).ok_or_else(wrong)?,
            "COUNT" => self.count = Some(value.parse().map_err(|_| wrong())?),
            "UNTIL" => self.until = Some(until(Moment::parse(&value).ok_or_else(wrong)?)),
            // The calendar and the treatment of missing days that RFC 5545 has anyway (RFC 7529).
            "RSCALE" if value == "GREGORIAN" => {}
            "SKIP" if value == "OMIT" => {}
            _ if value.is_empty() || name.starts_with("X-") => {}
            _ => self.parts.extend([";", name, "=", &value]),
        }
        Ok(())
    }

    /// The same rule with DTSTART as the first of COUNT, also when the rule does not give it
    /// (RFC 5545 §3.3.10: it always counts).
    pub fn counting_start(self) -> Self {
        Self { is_start_counted: true, ..self }
    }

    /// The same rule, cut when it has given that many times of a window.
    pub fn at_most(self, most: usize) -> Self {
        Self { most, ..self }
    }

    /// The same rule, cut when that many of its times have been looked at.
    pub fn within_steps(self, most_steps: usize) -> Self {
        Self { most_steps, ..self }
    }

    /// The times of the rule from `start` that lie in `[from, to)`.
    pub fn times(&self, start: DateTime, (from, to): (DateTime, DateTime)) -> Result<Times, RuleError> {
        let set = self.engine(self.near(start, from), start)?;
        let mut times = Times::default();
        let mut counted = 0;
        let last = self.until.map_or(to, |until| until.min(to));
        for at in &set {
            let Some(at) = to_jiff(&at).filter(|at| *at < to && *at <= last) else { return Ok(times) };
            times.steps += 1;
            if at < start {
                continue;
            }
            counted += if counted == 0 && at != start && self.is_start_counted { 2 } else { 1 };
            if self.count.is_some_and(|count| counted > count) {
                return Ok(times);
            }
            if times.steps > self.most_steps || times.at.len() >= self.most {
                break;
            }
            if at >= from {
                times.at.push(at);
            }
        }
        // Either the limits above were met, or the engine gave up on its own.
        times.is_cut = true;
        Ok(times)
    }

    /// Where the engine may start with the same times behind it: near the window, so that a daily
    /// event of 1990 costs nothing; at the week's first day where positions in the week are asked.
    fn near(&self, start: DateTime, from: DateTime) -> DateTime {
        if self.count.is_some() {
            return self.week_start(start);
        }
        let Some(unit_s) = unit_s(&self.frequency) else { return self.near_month(start, from) };
        let length_s = unit_s * i64::from(self.interval);
        let periods = from.duration_since(start).as_secs() / length_s - 1;
        let near = start.checked_add(SignedDuration::from_secs(periods.max(0) * length_s)).unwrap_or(start);
        self.week_start(near)
    }

    /// The same for months and years, when the day is one that every month has.
    fn near_month(&self, start: DateTime, from: DateTime) -> DateTime {
        let length = if self.frequency == "YEARLY" { 12 } else { 1 } * i32::from(self.interval);
        let months = (i32::from(from.year()) - i32::from(start.year())) * 12 + i32::from(from.month() - start.month());
        // One period back, since the rule may name later days of it, and one for the clock.
        let periods = months / length - 2;
        if periods <= 0 || start.day() > 28 {
            return start;
        }
        start.checked_add(jiff::Span::new().months(periods * length)).unwrap_or(start)
    }

    fn week_start(&self, at: DateTime) -> DateTime {
        if self.frequency != "WEEKLY" || !self.has("BYSETPOS") || !self.has("BYDAY") {
            return at;
        }
        let days = at.date().weekday().since(self.first_weekday());
        at.checked_sub(SignedDuration::from_hours(24 * i64::from(days))).unwrap_or(at)
    }

    fn first_weekday(&self) -> Weekday {
        let stated = self.parts.split(';').find_map(|part| part.strip_prefix("WKST=")).unwrap_or("MO");
        WEEKDAYS.iter().find(|(name, _)| *name == stated).map_or(Weekday::Monday, |(_, day)| *day)
    }

    fn has(&self, part: &str) -> bool {
        self.parts.split(';').filter_map(|other| other.split_once('=')).any(|(name, _)| name == part)
    }

    /// BYWEEKNO alone means the weekday of DTSTART in that week, not all its days.
    fn implied(&self, start: DateTime) -> &'static str {
        let names_day = ["BYDAY", "BYMONTHDAY", "BYYEARDAY"].iter().any(|part| self.has(part));
        if !self.has("BYWEEKNO") || names_day {
            return "";
        }
        let weekday = start.date().weekday();
        WEEKDAYS.iter().find(|(_, day)| *day == weekday).map_or("", |(name, _)| name)
    }

    fn engine(&self, near: DateTime, start: DateTime) -> Result<RRuleSet, RuleError> {
        let mut text = format!("FREQ={};INTERVAL={}{}", self.frequency, self.interval, self.parts);
        let implied = self.implied(start);
        if !implied.is_empty() {
            text.extend([";BYDAY=", implied]);
        }
        let rule: RRule<Unvalidated> = text.parse().map_err(engine_error)?;
        let near = to_chrono(near).ok_or_else(|| RuleError("its start is out of range".to_owned()))?;
        Ok(RRuleSet::new(near).rrule(rule.validate(near).map_err(engine_error)?).limit())
    }
}

const WEEKDAYS: [(&str, Weekday); 7] = [
    ("MO", Weekday::Monday),
    ("TU", Weekday::Tuesday),
    ("WE", Weekday::Wednesday),
    ("TH", Weekday::Thursday),
    ("FR", Weekday::Friday),
    ("SA", Weekday::Saturday),
    ("SU", Weekday::Sunday),
];

#[expect(clippy::needless_pass_by_value, reason = "it stands in map_err")]
fn engine_error(error: rrule::RRuleError) -> RuleError {
    RuleError(error.to_string())
}

fn without_blanks(value: &str) -> String {
    value.chars().filter(|c| !c.is_whitespace()).map(|c| c.to_ascii_uppercase()).collect()
}

fn unit_s(frequency: &str) -> Option<i64> {
    match frequency {
        "SECONDLY" => Some(1),
        "MINUTELY" => Some(60),
        "HOURLY" => Some(3_600),
        "DAILY" => Some(86_400),
        "WEEKLY" => Some(7 * 86_400),
        _ => None,
    }
}

fn to_chrono(at: DateTime) -> Option<chrono::DateTime<Tz>> {
    let part = |number: i8| u32::try_from(number).ok();
    let day = NaiveDate::from_ymd_opt(i32::from(at.year()), part(at.month())?, part(at.day())?)?;
    let time = day.and_hms_opt(part(at.hour())?, part(at.minute())?, part(at.second())?)?;
    Some(time.and_utc().with_timezone(&Tz::UTC))
}

fn to_jiff(at: &chrono::DateTime<Tz>) -> Option<DateTime> {
    let part = |number: u32| i8::try_from(number).ok();
    let year = i16::try_from(at.year()).ok()?;
    let (hour, minute, second) = (part(at.hour())?, part(at.minute())?, part(at.second())?);
    DateTime::new(year, part(at.month())?, part(at.day())?, hour, minute, second, 0).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::datetime;

    fn day(text: &str) -> DateTime {
        Moment::parse(text).expect("a moment").written()
    }

    fn times(rule: &str, start: &str, window: (&str, &str)) -> Times {
        let rule = Rule::parse(rule, false, &Moment::written).expect("a rule");
        rule.times(day(start), (day(window.0), day(window.1))).expect("times")
    }

    #[test]
    fn until_is_inclusive_and_count_counts_before_the_window() {
        let until = times("FREQ=DAILY;UNTIL=20260303T090000", "20260301T090000", ("20260101", "20270101"));
        assert_eq!((until.at.len(), until.is_cut), (3, false));
        let count = times("freq=weekly; count=4;", "20260302T090000", ("20260310", "20270101"));
        assert_eq!(count.at.len(), 2);
        assert_eq!(times("FREQ=DAILY;UNTIL=20200101", "20260301", ("20260101", "20270101")), Times::default());
    }

    #[test]
    fn old_rules_keep_their_rhythm() {
        let every_other = times("FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,FR", "19900105T090000", ("20260301", "20260315"));
        let whole = times("FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,FR", "19900105T090000", ("19900101", "20260315"));
        assert_eq!(every_other.at, whole.at[whole.at.len() - every_other.at.len()..]);
        assert_eq!(every_other.at.len(), 2);
    }

    #[test]
    fn bombs_are_cut() {
        let bomb = times("FREQ=SECONDLY", "20000101T000000", ("20260101", "20270101"));
        assert!(bomb.is_cut && bomb.at.len() == MOST_TIMES && bomb.at[0] == datetime(2026, 1, 1, 0, 0, 0, 0));
        assert!(times("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", "20200101", ("20260101", "20270101")).is_cut);
    }

    #[test]
    fn unreadable_rules_are_errors() {
        for rule in [
            "",
            "FREQ=FORTNIGHTLY",
            "FREQ=DAILY;INTERVAL=0",
            "FREQ=DAILY;UNTIL=soon",
            "W1 MO #0",
            "RSCALE=CHINESE;FREQ=YEARLY",
        ] {
            let read = Rule::parse(rule, false, &Moment::written);
            let window = (day("20260101"), day("20270101"));
            assert!(read.and_then(|rule| rule.times(day("20260101"), window)).is_err(), "{rule}");
        }
    }
}
