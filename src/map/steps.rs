//! How long intervals are when only the distance of their stamps tells.
//!
//! A load curve may change its step on the way and may have holes. A shorter distance proves a
//! shorter step; a longer one may be a hole, and counts only when two rows in a row agree on it.

use jiff::civil::DateTime;

use crate::connector::fields::StandsFor;

/// Steps that meters count in, in seconds.
const PLAUSIBLE: [i64; 5] = [300, 600, 900, 1800, 3600];

/// The steps of one table: from which instant (UTC) on, and how many seconds.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Steps(Vec<(DateTime, i64)>);

impl Steps {
    /// The length of the interval with that stamp; `None` when no distance was ever plausible.
    pub fn at(&self, stamp: DateTime, stands_for: StandsFor) -> Option<i64> {
        let holds = |from: DateTime| match stands_for {
            StandsFor::Start => from <= stamp,
            StandsFor::End => from < stamp,
        };
        let last = self.0.iter().rev().find(|(from, _)| holds(*from));
        last.or(self.0.first()).map(|(_, step)| *step)
    }
}

/// Looks at the stamps of one table, in the order of its rows.
#[derive(Debug, Default)]
pub struct StepObserver {
    steps: Vec<(DateTime, i64)>,
    last: Option<DateTime>,
    /// How many distances the step in force has explained.
    n_seen: u32,
    /// A longer distance that waits for a second one.
    longer: Option<(DateTime, i64)>,
}

impl StepObserver {
    /// The next stamp.
    pub fn see(&mut self, stamp: DateTime) {
        let Some(before) = self.last.replace(stamp) else { return };
        let distance = before.duration_until(stamp).as_secs().abs();
        let waiting = self.longer.take();
        if PLAUSIBLE.contains(&distance) {
            self.weigh(before.min(stamp), distance, waiting);
        }
    }

    pub fn finish(mut self) -> Steps {
        self.steps.sort_unstable();
        Steps(self.steps)
    }

    fn weigh(&mut self, from: DateTime, distance: i64, waiting: Option<(DateTime, i64)>) {
        let current = self.steps.last().map(|(_, step)| *step);
        match current {
            Some(step) if distance == step => self.n_seen += 1,
            Some(step) if distance > step => match waiting.filter(|(_, longer)| *longer == distance) {
                Some(change) => self.change(change),
                None => self.longer = Some((from, distance)),
            },
            // The first distance was a hole: the step was this one from the start.
            Some(_) if self.n_seen == 1 && self.steps.len() == 1 => {
                self.steps[0].1 = distance;
            }
            Some(_) | None => self.change((from, distance)),
        }
    }

    fn change(&mut self, step: (DateTime, i64)) {
        self.steps.push(step);
        self.n_seen = 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::ToSpan;
    use jiff::civil::datetime;

    /// Minutes after midnight of each stamp → length in minutes of the interval that ends there.
    fn ending(minutes: &[i64]) -> Vec<Option<i64>> {
        let at = |minute: &i64| datetime(2026, 3, 1, 0, 0, 0, 0).checked_add(minute.minutes()).expect("a time");
        let mut observer = StepObserver::default();
        for minute in minutes {
            observer.see(at(minute));
        }
        let steps = observer.finish();
        minutes.iter().map(|minute| steps.at(at(minute), StandsFor::End).map(|s| s / 60)).collect()
    }

    #[test]
    fn the_first_interval_has_the_step_of_the_next() {
        assert_eq!(ending(&[30, 60, 90]), [Some(30); 3]);
        assert_eq!(ending(&[10, 20, 30]), [Some(10); 3]);
    }

    #[test]
    fn holes_do_not_lengthen_the_interval_after_them() {
        assert_eq!(ending(&[30, 60, 120, 150, 180]), [Some(30); 5]);
        assert_eq!(ending(&[30, 90, 120]), [Some(30); 3]);
        assert_eq!(ending(&[30, 60, 600, 630]), [Some(30); 4]);
    }

    #[test]
    fn a_step_changes_within_a_table() {
        assert_eq!(ending(&[60, 120, 180, 210, 240]), [60, 60, 60, 30, 30].map(Some));
        assert_eq!(ending(&[30, 60, 120, 180, 240]), [30, 30, 60, 60, 60].map(Some));
    }

    #[test]
    fn one_stamp_alone_tells_nothing() {
        assert_eq!(ending(&[30]), [None]);
    }
}
