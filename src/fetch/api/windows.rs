//! Which days to ask for: those that are missing, and the last few again. Pure.
//!
//! What came is kept as days, never as "the latest row": a hole in the middle of the past is asked
//! for at the next run, and so is what a run that was cut short left out. The newest days come
//! first, so that a budget that runs out leaves the old ones to the next run, not today's.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Span, ToSpan};

use super::super::Days;
use crate::connector::fetch::Fetch;

/// Days without a row are asked for again for so long: an account or a meter that is late is later
/// than the service says.
const VOID_DAYS: i64 = 35;

/// What is wanted of a service in general.
#[derive(Debug, Clone, Copy)]
pub struct Wish {
    pub history: Span,
    pub lag: Span,
    pub delay: Span,
}

impl Wish {
    /// As the connector says; one year of history when it does not.
    pub fn of(fetch: &Fetch) -> Self {
        let none = Span::new();
        Self {
            history: fetch.history.unwrap_or_else(|| 1.year()),
            lag: fetch.lag.unwrap_or(none),
            delay: fetch.delay.unwrap_or(none),
        }
    }

    /// The last day that is asked for.
    fn last(&self, today: Date) -> Date {
        today.checked_sub(self.delay).unwrap_or(today)
    }

    /// The first of the days that are asked for again at every run.
    pub fn lag_from(&self, today: Date) -> Date {
        let last = self.last(today);
        let from = last.checked_sub(self.lag).unwrap_or(last);
        from.tomorrow().unwrap_or(from)
    }

    /// The last of the days that have come for good. A day of which a row may still come late
    /// counts when it is asked for the last time: were the service out of reach on the days after,
    /// it would not be asked again. Days without any row count later still.
    pub fn settled(&self, today: Date, is_void: bool) -> Date {
        let before = |day: Date| day.yesterday().unwrap_or(day);
        let from = self.lag_from(today);
        if is_void {
            before(from.min(today.checked_sub(VOID_DAYS.days()).unwrap_or(today)))
        } else {
            from.min(before(today))
        }
    }
}

/// The days to ask for, the newest first, in calls of at most `most` days.
pub fn due(wish: &Wish, covered: &[Days], today: Date, most: Option<u32>) -> Vec<Days> {
    let last = wish.last(today);
    let first = today.checked_sub(wish.history).unwrap_or(last);
    if first > last {
        return Vec::new();
    }
    let mut missing = without(Days { from: first, to: last }, covered);
    let again = Days { from: wish.lag_from(today).max(first), to: last };
    if again.from <= again.to {
        add(&mut missing, again);
    }
    missing.iter().rev().flat_map(|days| cut(*days, most)).collect()
}

/// Marks days as come, but none after the last one that is over.
pub fn mark(covered: &mut Vec<Days>, days: Days, until: Date) {
    let days = Days { from: days.from, to: days.to.min(until) };
    if days.from <= days.to {
        add(covered, days);
    }
}

/// Adds days to days that are in order and apart from each other, and leaves them so.
fn add(all: &mut Vec<Days>, days: Days) {
    let touches = |other: &Days| {
        let before = |a: Date, b: Date| a.tomorrow().is_ok_and(|next| next < b);
        !before(other.to, days.from) && !before(days.to, other.from)
    };
    let (near, mut rest): (Vec<Days>, Vec<Days>) = all.iter().partition(|other| touches(other));
    let from = near.iter().map(|near| near.from).fold(days.from, Date::min);
    let to = near.iter().map(|near| near.to).fold(days.to, Date::max);
    rest.push(Days { from, to });
    rest.sort_by_key(|days| days.from);
    *all = rest;
}

/// What of `days` is not in `covered`, which is in order.
fn without(days: Days, covered: &[Days]) -> Vec<Days> {
    let mut left = Vec::new();
    let mut from = Some(days.from);
    for known in covered.iter().filter(|known| known.to >= days.from && known.from <= days.to) {
        if let (Some(start), Ok(to)) = (from, known.from.yesterday()) {
            left.extend((start <= to).then_some(Days { from: start, to }));
        }
        from = known.to.tomorrow().ok();
    }
    left.extend(from.filter(|from| *from <= days.to).map(|from| Days { from, to: days.to }));
    left
}

/// Pieces of at most `most` days, the newest first; whole when there is no most.
fn cut(days: Days, most: Option<u32>) -> Vec<Days> {
    let Some(most) = most.filter(|most| *most > 0) else { return vec![days] };
    let mut pieces = Vec::new();
    let mut to = days.to;
    loop {
        let from = to.checked_sub((i64::from(most) - 1).days()).unwrap_or(days.from).max(days.from);
        pieces.push(Days { from, to });
        match from.yesterday() {
            Ok(before) if before >= days.from => to = before,
            _ => return pieces,
        }
    }
}

/// `{from}` and `{to}` as a service wants them: `%Y-%m-%d` and the like, `epoch` seconds or
/// `rfc3339`. The last two are instants of `zone`: the first one of the day, and the last second
/// of it, or the first of the next where `{to}` is left out.
pub fn written(days: Days, format: Option<&str>, is_exclusive: bool, zone: &TimeZone) -> (String, String) {
    let next = days.to.tomorrow().unwrap_or(days.to);
    let start = |day: Date| day.to_zoned(zone.clone()).map(|at| at.timestamp()).unwrap_or_default();
    let end = start(next).as_second() - i64::from(!is_exclusive);
    match format.unwrap_or("%Y-%m-%d") {
        "epoch" => (start(days.from).as_second().to_string(), end.to_string()),
        "rfc3339" => {
            let at = |second| jiff::Timestamp::from_second(second).unwrap_or_default();
            let local = |at: jiff::Timestamp| at.to_zoned(zone.clone()).strftime("%Y-%m-%dT%H:%M:%S%:z").to_string();
            (local(start(days.from)), local(at(end)))
        }
        format => {
            let to = if is_exclusive { next } else { days.to };
            (days.from.strftime(format).to_string(), to.strftime(format).to_string())
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn days(from: Date, to: Date) -> Days {
        Days { from, to }
    }

    fn wish(history: i64, lag: i64, delay: i64) -> Wish {
        Wish { history: history.days(), lag: lag.days(), delay: delay.days() }
    }

    const TODAY: Date = date(2026, 3, 31);

    #[test]
    fn the_first_run_asks_for_the_history_newest_first() {
        let due = due(&wish(9, 0, 0), &[], TODAY, Some(4));
        let expected = [(28, 31), (24, 27), (22, 23)].map(|(a, b)| days(date(2026, 3, a), date(2026, 3, b)));
        assert_eq!(due, expected);
    }

    #[test]
    fn a_hole_in_the_past_is_asked_for_and_the_last_days_are_asked_again() {
        let covered = [days(date(2026, 3, 1), date(2026, 3, 9)), days(date(2026, 3, 12), date(2026, 3, 29))];
        let found = due(&wish(30, 3, 1), &covered, TODAY, None);
        assert_eq!(found, [days(date(2026, 3, 28), date(2026, 3, 30)), days(date(2026, 3, 10), date(2026, 3, 11))]);
        assert_eq!(due(&wish(30, 0, 2), &covered, TODAY, None), [days(date(2026, 3, 10), date(2026, 3, 11))]);
    }

    #[test]
    fn marks_join_and_never_reach_a_day_that_is_not_over() {
        let mut covered = vec![days(date(2026, 3, 1), date(2026, 3, 9))];
        mark(&mut covered, days(date(2026, 3, 12), date(2026, 3, 31)), date(2026, 3, 30));
        assert_eq!(covered.len(), 2);
        mark(&mut covered, days(date(2026, 3, 10), date(2026, 3, 11)), date(2026, 3, 30));
        assert_eq!(covered, [days(date(2026, 3, 1), date(2026, 3, 30))]);
        mark(&mut covered, days(TODAY, TODAY), date(2026, 3, 30));
        assert_eq!(covered, [days(date(2026, 3, 1), date(2026, 3, 30))]);
    }

    #[test]
    fn whatever_order_windows_come_in_all_days_are_covered_once() {
        let mut covered = Vec::new();
        for piece in [3, 0, 2, 1] {
            let all = due(&wish(39, 0, 0), &[], TODAY, Some(10));
            mark(&mut covered, all[piece], TODAY);
        }
        assert_eq!(covered, [days(date(2026, 2, 20), TODAY)]);
        assert_eq!(due(&wish(39, 0, 0), &covered, TODAY, Some(10)), []);
    }

    #[test]
    fn days_are_written_as_the_service_wants_them() {
        let paris = TimeZone::get("Europe/Paris").expect("a zone");
        // The day when the clock goes forward has 23 hours.
        let spring = days(date(2026, 3, 29), date(2026, 3, 29));
        let put = |format, is_exclusive| written(spring, format, is_exclusive, &paris);
        assert_eq!(put(None, false), ("2026-03-29".to_owned(), "2026-03-29".to_owned()));
        assert_eq!(put(Some("%d/%m/%Y"), true), ("29/03/2026".to_owned(), "30/03/2026".to_owned()));
        assert_eq!(put(Some("epoch"), true), ("1774738800".to_owned(), "1774821600".to_owned()));
        let (from, to) = put(Some("rfc3339"), false);
        assert_eq!((from.as_str(), to.as_str()), ("2026-03-29T00:00:00+01:00", "2026-03-29T23:59:59+02:00"));
    }
}
