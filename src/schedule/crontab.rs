//! Lines of a crontab, and the slots they stand for.
//!
//! The crate `cron` walks the calendar, on the clock of the wall as if it were UTC. It is given
//! plain numbers only, since it counts weekdays from Sunday = 1 and takes the two fields of days
//! for both; what a change of the clock means is settled here.

use std::fmt;

use chrono::{NaiveDate, Utc};
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use serde::{Deserialize, Deserializer, de};

use super::field::{DAY, Field, HOUR, MINUTE, MONTH, WEEKDAY};
use super::wall::{self, Instants};

/// Slots in wall-clock time: the five fields of a crontab (POSIX.1-2024, crontab), or `@daily`
/// and the like.
///
/// Beyond POSIX: names of months and weekdays, `*/15`, `5/15` (from 5 on), `22-2` (over the end),
/// 7 for Sunday, and a comment after `#`. Where neither field of days starts with `*`, a day that
/// either names is one (as POSIX says); where one does, a day has to be in both (as Vixie's cron
/// does). A slot that the clock jumps over comes at the first moment after; one that the clock
/// shows twice comes once, the first time. A line whose minute or hour starts with `*` means a
/// rhythm: it goes by the time that passes, so that both hours have their slots and a skipped
/// one has none.
#[derive(Debug, Clone)]
pub struct Schedule {
    text: String,
    pub(super) fields: Fields,
    /// One, or two whose slots are taken together.
    walks: Vec<cron::Schedule>,
}

/// The five fields, as they are written.
#[derive(Debug, Clone, Copy)]
pub(super) struct Fields {
    pub minute: Field,
    pub hour: Field,
    pub day: Field,
    pub month: Field,
    pub weekday: Field,
}

impl Schedule {
    /// Reads a line; the error says which field is wrong and what it takes.
    pub fn parse(text: &str) -> Result<Self, String> {
        let line = text.split('#').next().unwrap_or_default().trim();
        let fields = Fields::parse(plain(line)?)?;
        Ok(Self { text: text.trim().to_owned(), fields, walks: fields.walks()? })
    }

    /// The first slot after an instant, as the wall clock of `zone` shows it; `None` after 2100.
    pub fn next_after(&self, after: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
        let start = naive(wall::least_from(after, zone))?;
        let firsts = self.walks.iter().map(|walk| {
            // The walk leaves out its start, which may itself be shown again.
            let walls = walk.after(&(start - chrono::TimeDelta::seconds(1))).filter_map(|at| reading(&at));
            self.first(walls, zone, after)
        });
        firsts.flatten().min()
    }

    /// The last slot at or before an instant; `None` before 1970.
    pub fn previous(&self, until: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
        let end = naive(wall::greatest_until(until, zone))?;
        let lasts = self.walks.iter().map(|walk| {
            let after = end + chrono::TimeDelta::seconds(1);
            let walls = walk.after(&after).rev().filter_map(|at| reading(&at));
            self.last(walls, zone, until)
        });
        lasts.flatten().max()
    }

    /// Later readings never come earlier for the first time: the search ends where that time is
    /// no better than what was found.
    fn first(&self, walls: impl Iterator<Item = DateTime>, zone: &TimeZone, after: Timestamp) -> Option<Timestamp> {
        let mut best = None;
        for wall in walls {
            let slots = self.slots(wall, zone);
            let Some(earliest) = slots.first else { continue };
            if best.is_some_and(|best| earliest >= best) {
                break;
            }
            best = slots.both().filter(|slot| *slot > after).chain(best).min();
            if earliest > after {
                break;
            }
        }
        best
    }

    fn last(&self, walls: impl Iterator<Item = DateTime>, zone: &TimeZone, until: Timestamp) -> Option<Timestamp> {
        let mut best = None;
        for wall in walls {
            let slots = self.slots(wall, zone);
            let Some(latest) = slots.both().max() else { continue };
            if best.is_some_and(|best| latest <= best) {
                break;
            }
            best = slots.both().filter(|slot| *slot <= until).chain(best).max();
            if latest <= until {
                break;
            }
        }
        best
    }

    fn slots(&self, wall: DateTime, zone: &TimeZone) -> Slots {
        let is_rhythm = self.fields.minute.is_wild || self.fields.hour.is_wild;
        match wall::instants(wall, zone) {
            None => Slots::default(),
            Some(Instants::Skipped(_)) if is_rhythm => Slots::default(),
            Some(Instants::Skipped(at) | Instants::Once(at)) => Slots { first: Some(at), second: None },
            Some(Instants::Twice(first, second)) => Slots { first: Some(first), second: is_rhythm.then_some(second) },
        }
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

/// The slots of one reading of the clock.
#[derive(Default)]
struct Slots {
    first: Option<Timestamp>,
    second: Option<Timestamp>,
}

impl Slots {
    fn both(&self) -> impl Iterator<Item = Timestamp> + use<> {
        self.first.into_iter().chain(self.second)
    }
}

impl Fields {
    fn parse(line: &str) -> Result<Self, String> {
        let words: Vec<&str> = line.split_whitespace().collect();
        let [minute, hour, day, month, weekday] = words[..] else {
            let n = words.len();
            return Err(format!("{n} fields where five are needed: minute, hour, day of the month, month, weekday"));
        };
        Ok(Self {
            minute: Field::parse(minute, &MINUTE)?,
            hour: Field::parse(hour, &HOUR)?,
            day: Field::parse(day, &DAY)?,
            month: Field::parse(month, &MONTH)?,
            weekday: Field::parse(weekday, &WEEKDAY)?,
        })
    }

    /// What the crate is to walk.
    fn walks(&self) -> Result<Vec<cron::Schedule>, String> {
        let by_day = self.has_day().then(|| self.line(&self.days(), "*"));
        let is_either = !self.day.is_wild && !self.weekday.is_wild;
        let lines: Vec<String> = if is_either {
            by_day.into_iter().chain([self.line("*", &self.weekdays())]).collect()
        } else {
            by_day.iter().map(|_| self.line(&self.days(), &self.weekdays())).collect()
        };
        if lines.is_empty() {
            return Err(self.impossible());
        }
        lines.iter().map(|line| line.parse().map_err(|_| format!("`{line}` cannot be walked"))).collect()
    }

    fn line(&self, days: &str, weekdays: &str) -> String {
        let of = |field: &Field| listed(field.numbers());
        format!("0 {} {} {days} {} {weekdays}", of(&self.minute), of(&self.hour), of(&self.month))
    }

    fn days(&self) -> String {
        listed(self.day.numbers())
    }

    /// The crate counts from Sunday = 1.
    fn weekdays(&self) -> String {
        if self.weekday.is_all(&WEEKDAY) { "*".to_owned() } else { listed(self.weekday.numbers().map(|n| n + 1)) }
    }

    /// Whether any of its months has any of its days.
    fn has_day(&self) -> bool {
        let first = self.day.numbers().next().unwrap_or(1);
        self.month.numbers().any(|month| first <= longest(month))
    }

    fn impossible(&self) -> String {
        let (day, month) = (self.day.numbers().next().unwrap_or(0), self.month.numbers().next().unwrap_or(1));
        let name = ["January", "February", "March", "April", "May", "June", "July"]
            .into_iter()
            .chain(["August", "September", "October", "November", "December"])
            .nth(month as usize - 1);
        format!("day of the month: {day} {} never comes", name.unwrap_or_default())
    }
}

fn listed(numbers: impl Iterator<Item = u32>) -> String {
    numbers.map(|n| n.to_string()).collect::<Vec<_>>().join(",")
}

/// Days of a month, in the year when it has most.
fn longest(month: u32) -> u32 {
    match month {
        2 => 29,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// The five fields that a word stands for.
fn plain(line: &str) -> Result<&str, String> {
    if !line.starts_with('@') {
        return Ok(line);
    }
    match line.to_ascii_lowercase().as_str() {
        "@hourly" => Ok("0 * * * *"),
        "@daily" | "@midnight" => Ok("0 0 * * *"),
        "@weekly" => Ok("0 0 * * 0"),
        "@monthly" => Ok("0 0 1 * *"),
        "@yearly" | "@annually" => Ok("0 0 1 1 *"),
        "@reboot" => Err("@reboot names no time: runs that were missed are made up for by themselves".to_owned()),
        _ => Err(format!("`{line}` is none of @hourly, @daily, @midnight, @weekly, @monthly, @yearly and @annually")),
    }
}

fn naive(wall: DateTime) -> Option<chrono::DateTime<Utc>> {
    let (month, day) = (u32::try_from(wall.month()).ok()?, u32::try_from(wall.day()).ok()?);
    let (hour, minute) = (u32::try_from(wall.hour()).ok()?, u32::try_from(wall.minute()).ok()?);
    let second = u32::try_from(wall.second()).ok()?;
    let date = NaiveDate::from_ymd_opt(i32::from(wall.year()), month, day)?;
    Some(date.and_hms_opt(hour, minute, second)?.and_utc())
}

fn reading(at: &chrono::DateTime<Utc>) -> Option<DateTime> {
    Timestamp::from_second(at.timestamp()).ok().map(|at| TimeZone::UTC.to_datetime(at))
}
