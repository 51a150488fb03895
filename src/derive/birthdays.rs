//! Birthdays and anniversaries of the address books.
//!
//! A day whose year is known is one event a year, from last year to two years ahead, because each
//! says another age; no client has to be trusted with exceptions of a rule. A day without year is
//! one event that recurs for ever and says no age. Who was born on 29 February is remembered on
//! the 28th in other years. What several books say of one person is said once. An event is known
//! by the card it comes from, and gone when the card is.

use std::collections::BTreeSet;

use jiff::civil::{Date, DateTime, date};
use sha2::{Digest, Sha256};

use super::ask::Row;
use super::ics::Object;
use super::words::Speech;
use super::{DeriveError, Objects, World};
use crate::dav::card;

const DAYS: &str = include_str!("../../queries/reports/derived_days.sql");
/// Years shown before and after this one.
const YEARS: std::ops::RangeInclusive<i16> = -1..=2;
/// Some programs write this year, or an earlier one, for none.
const NO_YEAR: i16 = 1604;

pub(super) fn objects(world: &World<'_>) -> Result<Objects, DeriveError> {
    let mut found = Vec::new();
    for row in world.rows("birthdays", DAYS)? {
        found.extend(remembered(&row)?);
    }
    // Of several that say the same of one person, the one that knows the year comes first.
    found.sort_by(|one, other| one.rank().cmp(&other.rank()));
    let mut said = BTreeSet::new();
    found.retain(|one| said.insert((one.person.clone(), one.occasion, one.day.month, one.day.day)));
    Ok(found.iter().flat_map(|one| one.objects(world)).collect())
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Occasion {
    Birthday,
    Anniversary,
}

/// A day of a year that may be unknown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct CalendarDay {
    year: Option<i16>,
    month: i8,
    day: i8,
}

struct Remembered {
    person: String,
    name: String,
    uid: String,
    occasion: Occasion,
    day: CalendarDay,
    revised_at: Option<DateTime>,
}

/// What one card remembers.
fn remembered(row: &Row) -> Result<Vec<Remembered>, DeriveError> {
    let birthday = row.text(3).and_then(CalendarDay::read).map(|day| (Occasion::Birthday, day));
    let anniversary = row.text(4).and_then(anniversary).map(|day| (Occasion::Anniversary, day));
    let (person, name, uid): (String, String, String) = (row.read(0)?, row.read(1)?, row.read(2)?);
    let one = |(occasion, day)| Remembered {
        person: person.clone(),
        name: name.clone(),
        uid: uid.clone(),
        occasion,
        day,
        revised_at: row.maybe(5),
    };
    Ok([birthday, anniversary].into_iter().flatten().map(one).collect())
}

/// The anniversary that a card states, in any of the ways in which cards do.
fn anniversary(raw: &str) -> Option<CalendarDay> {
    let mut found = None;
    card::properties_in_four(raw.as_bytes(), |property| {
        if property.is("ANNIVERSARY") {
            found = found.or_else(|| CalendarDay::read(&property.value));
        }
        false
    });
    found
}

impl CalendarDay {
    /// `1985-04-13`, `19850413`, `--04-13`, `--0413`; a time behind it does not matter.
    fn read(text: &str) -> Option<Self> {
        let day = text.trim().split(['T', ' ']).next().unwrap_or_default();
        let (year, rest) = match day.strip_prefix("--") {
            Some(rest) => (None, rest.replace('-', "")),
            None => (Some(day.get(..4)?.parse::<i16>().ok()?), day.get(4..)?.replace('-', "")),
        };
        let (month, day) = (rest.get(..2)?.parse().ok()?, rest.get(2..)?.parse().ok()?);
        // A leap year has every day that there is.
        Date::new(2000, month, day).ok()?;
        Some(Self { year: year.filter(|year| *year > NO_YEAR), month, day })
    }

    /// The day in a year; 29 February is the last of its month.
    fn in_year(self, year: i16) -> Option<Date> {
        Date::new(year, self.month, self.day).or_else(|_| Date::new(year, 2, 28)).ok()
    }
}

impl Remembered {
    fn rank(&self) -> (&str, Occasion, bool, &str) {
        (&self.person, self.occasion, self.day.year.is_none(), &self.uid)
    }

    /// Stable as long as the card keeps its UID.
    fn key(&self) -> String {
        let kind = match self.occasion {
            Occasion::Birthday => "birthday",
            Occasion::Anniversary => "anniversary",
        };
        let hash = Sha256::digest(format!("{kind}\0{}", self.uid));
        hash.iter().take(10).fold(format!("{kind}-"), |key, byte| format!("{key}{byte:02x}"))
    }

    fn objects(&self, world: &World<'_>) -> Objects {
        match self.day.year {
            None => self.every_year(world.speech).into_iter().collect(),
            Some(born) => {
                let years = YEARS.map(|offset| world.today.year() + offset).filter(|year| *year > born);
                years.filter_map(|year| self.of_year(world.speech, year, year - born)).collect()
            }
        }
    }

    fn of_year(&self, speech: Speech, year: i16, age: i16) -> Option<(String, Vec<u8>)> {
        let day = self.day.in_year(year)?;
        let summary = match self.occasion {
            Occasion::Birthday => speech.pick(
                format!("{} turns {age}", self.name),
                format!("{} : {age} {}", self.name, if age > 1 { "ans" } else { "an" }),
            ),
            Occasion::Anniversary => {
                let title = self.title(speech);
                let years = if age > 1 { speech.pick("years", "ans") } else { speech.pick("year", "an") };
                format!("{title} ({age} {years})")
            }
        };
        let key = format!("{}-{year}", self.key());
        let mut event = self.event(speech, &key, &summary, day);
        event.line("STATUS", "CONFIRMED");
        Some((format!("{key}.ics"), event.finish()))
    }

    fn every_year(&self, speech: Speech) -> Option<(String, Vec<u8>)> {
        let key = self.key();
        let first = self.day.in_year(2000)?;
        let mut event = self.event(speech, &key, &self.title(speech), first);
        let is_leap = (self.day.month, self.day.day) == (2, 29);
        event.line("RRULE", if is_leap { "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=-1" } else { "FREQ=YEARLY" });
        event.line("STATUS", "CONFIRMED");
        Some((format!("{key}.ics"), event.finish()))
    }

    fn title(&self, speech: Speech) -> String {
        match self.occasion {
            Occasion::Birthday => {
                speech.pick(format!("Birthday: {}", self.name), format!("Anniversaire : {}", self.name))
            }
            Occasion::Anniversary => {
                speech.pick(format!("Anniversary: {}", self.name), format!("Anniversaire de mariage : {}", self.name))
            }
        }
    }

    fn event(&self, speech: Speech, key: &str, summary: &str, day: Date) -> Object {
        let stamp = self.revised_at.unwrap_or_else(|| date(1970, 1, 1).into());
        let mut event = Object::new("VEVENT", &format!("moisson-{key}"), stamp);
        event.all_day(day);
        event.text("SUMMARY", summary);
        if let Some(year) = self.day.year.and_then(|year| Date::new(year, self.day.month, self.day.day).ok()) {
            let said = speech.date(year);
            event.text(
                "DESCRIPTION",
                &match self.occasion {
                    Occasion::Birthday => speech.pick(format!("Born on {said}."), format!("Né(e) le {said}.")),
                    Occasion::Anniversary => speech.pick(format!("Since {said}."), format!("Depuis le {said}.")),
                },
            );
        }
        event.text("CATEGORIES", speech.pick("Birthday", "Anniversaire"));
        event
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Option<(Option<i16>, i8, i8)>) {
        assert_eq!(CalendarDay::read(text).map(|day| (day.year, day.month, day.day)), expected, "{text}");
    }

    #[test]
    fn days_are_read_as_cards_write_them() {
        check("1985-04-13", Some((Some(1985), 4, 13)));
        check("19850413T102200Z", Some((Some(1985), 4, 13)));
        check("--02-29", Some((None, 2, 29)));
        check("--0229", Some((None, 2, 29)));
        check("1604-02-29", Some((None, 2, 29)));
        for wrong in ["", "circa 1800", "1985", "1985-04", "--0230", "1985-13-01", "é123-04"] {
            check(wrong, None);
        }
    }

    #[test]
    fn leap_days_are_kept_in_other_years() {
        let day = CalendarDay::read("2000-02-29").expect("a day");
        assert_eq!(day.in_year(2027), Some(date(2027, 2, 28)));
        assert_eq!(day.in_year(2028), Some(date(2028, 2, 29)));
    }

    #[test]
    fn anniversaries_are_found_however_they_are_written() {
        let card = |inner: &str| format!("BEGIN:VCARD\nVERSION:3.0\nFN:x\n{inner}\nEND:VCARD\n");
        let apple = "item1.X-ABDATE:2009-09-05\nitem1.X-ABLabel:_$!<Anniversary>!$_";
        for inner in ["X-ANNIVERSARY:2009-09-05", "ANNIVERSARY:20090905", apple] {
            assert_eq!(anniversary(&card(inner)).and_then(|day| day.year), Some(2009), "{inner}");
        }
        assert_eq!(anniversary(&card("X-ABDATE:2009-09-05")), None);
    }
}
