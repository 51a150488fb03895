//! Whether a bank moved all its dates, as when it shows the day of booking in place of the day of
//! the purchase.
//!
//! A row that is bought every day hides such a move: each day has its coffee before and after, and
//! only the two ends of the chain differ. Rows that come once show it.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{ToSpan, civil::Date};

use super::align::{Movement, Standing};
use super::likeness::Words;

/// No convention moves dates further.
const FURTHEST_DAYS: i32 = 3;
/// So many rows tell a move, when they are that share of the rows that are gone, in percent.
const TELLING_ROWS: usize = 3;
const TELLING_PERCENT: usize = 67;

/// By how many days all rows moved, when nearly every gone row stands that far away among the new.
pub fn shift_of(gone: &[Movement], new: &[Movement]) -> Option<i32> {
    let mut days: BTreeMap<(i64, &Words), BTreeSet<Date>> = BTreeMap::new();
    for row in new {
        days.entry((row.amount, &row.words)).or_default().insert(row.booked_on);
    }
    let booked: Vec<&Movement> = gone.iter().filter(|row| row.standing == Standing::Booked).collect();
    let found = |shift: i32| {
        let has_moved = |row: &&&Movement| {
            let day = row.booked_on.saturating_add(shift.days());
            days.get(&(row.amount, &row.words)).is_some_and(|days| days.contains(&day))
        };
        booked.iter().filter(has_moved).count()
    };
    let shifts = (-FURTHEST_DAYS..=FURTHEST_DAYS).filter(|shift| *shift != 0);
    let (rows, shift) = shifts.map(|shift| (found(shift), shift)).max_by_key(|(rows, shift)| (*rows, -shift.abs()))?;
    (rows >= TELLING_ROWS && rows * 100 >= booked.len() * TELLING_PERCENT).then_some(shift)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(day: i8, amount: i64, label: &str) -> Movement {
        Movement {
            key: 0,
            booked_on: jiff::civil::date(2026, 3, day),
            amount,
            words: Words::of(label),
            standing: Standing::Booked,
            stable_id: None,
            pending_id: None,
        }
    }

    #[test]
    fn rows_that_come_once_show_by_how_much_all_days_moved() {
        let gone = [row(2, -31, "EAU"), row(5, 2100, "SALAIRE"), row(9, -18, "LIBRAIRIE")];
        let new = [row(1, -31, "EAU"), row(4, 2100, "SALAIRE"), row(8, -18, "LIBRAIRIE"), row(9, -7, "PHARMACIE")];
        assert_eq!(shift_of(&gone, &new), Some(-1));
        assert_eq!(shift_of(&gone[..2], &new), None, "two rows may have moved by themselves");
        let elsewhere = [row(1, -31, "EAU"), row(7, 2100, "SALAIRE"), row(12, -18, "LIBRAIRIE")];
        assert_eq!(shift_of(&gone, &elsewhere), None, "each moved its own way");
    }
}
