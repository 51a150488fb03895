//! The day of a purchase, from a date in a label that may lack its year.

use jiff::ToSpan;
use jiff::civil::Date;

use super::holes::Parts;

/// Banks book a purchase of tomorrow when their day ends early; no later one.
const MOST_DAYS_AHEAD: i32 = 5;
/// A purchase that is booked later than this was read wrong.
const MOST_DAYS_LATE: i32 = 370;

/// The day that is meant: without a year, the last such day before the booking, or a few days
/// after it. Nothing when it cannot be that of a purchase booked then.
pub(super) fn purchased_on(parts: Parts, booked_on: Option<Date>) -> Option<Date> {
    let (day, month, year) = parts;
    let Some(booked_on) = booked_on else { return Date::new(year?, month, day).ok() };
    let latest = booked_on.checked_add(MOST_DAYS_AHEAD.days()).ok()?;
    let earliest = booked_on.checked_sub(MOST_DAYS_LATE.days()).ok()?;
    let years = match year {
        Some(year) => year..=year,
        None => booked_on.year() - 1..=booked_on.year() + 1,
    };
    years.rev().filter_map(|year| Date::new(year, month, day).ok()).find(|date| (earliest..=latest).contains(date))
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn a_day_without_year_is_the_last_one_before_the_booking() {
        let on = |day, month, booked_on| purchased_on((day, month, None), Some(booked_on));
        assert_eq!(on(31, 12, date(2026, 1, 2)), Some(date(2025, 12, 31)));
        assert_eq!(on(4, 3, date(2026, 3, 5)), Some(date(2026, 3, 4)));
        assert_eq!(on(2, 1, date(2025, 12, 31)), Some(date(2026, 1, 2)));
        assert_eq!(on(12, 3, date(2026, 3, 5)), Some(date(2025, 3, 12)));
    }

    #[test]
    fn the_29th_of_february_is_in_a_leap_year() {
        let on = |booked_on| purchased_on((29, 2, None), Some(booked_on));
        assert_eq!(on(date(2028, 3, 2)), Some(date(2028, 2, 29)));
        assert_eq!(on(date(2025, 1, 20)), Some(date(2024, 2, 29)));
        assert_eq!(on(date(2026, 3, 2)), None);
    }

    #[test]
    fn a_stated_year_is_believed_when_it_can_be() {
        let on = |year| purchased_on((4, 3, Some(year)), Some(date(2026, 3, 5)));
        assert_eq!(on(2026), Some(date(2026, 3, 4)));
        assert_eq!(on(2031), None);
        assert_eq!(on(2019), None);
        assert_eq!(purchased_on((31, 2, Some(2026)), None), None);
    }
}
