//! Which device is told when: pure, on a clock that is handed in.
//!
//! What happens within a second is told at once, and a device is told at most every ten seconds:
//! what comes meanwhile goes with the next message. A message that does not get through is tried
//! three times.

use std::collections::HashMap;

use jiff::{SignedDuration, Timestamp};

use super::Kinds;

/// So long what happens is gathered.
const GATHER: SignedDuration = SignedDuration::from_secs(1);
/// At most one message a registration in that time.
const PAUSE: SignedDuration = SignedDuration::from_secs(10);
/// What is waited before the second and the third try, when the service names no time.
const BACK_OFF: [SignedDuration; 2] = [SignedDuration::from_secs(30), SignedDuration::from_secs(180)];
/// The longest that a service may ask to wait.
const LONGEST: SignedDuration = SignedDuration::from_hours(1);

/// What is to be told, by registration.
#[derive(Debug, Default)]
pub struct Outbox {
    entries: HashMap<String, Entry>,
}

#[derive(Debug, Default)]
struct Entry {
    wanted: Kinds,
    /// When it is told, if anything is.
    at: Option<Timestamp>,
    told_at: Option<Timestamp>,
    n_failed: usize,
}

impl Outbox {
    /// There is something to tell.
    pub fn want(&mut self, registration: &str, kinds: Kinds, now: Timestamp) {
        if kinds.is_none() {
            return;
        }
        let entry = self.entries.entry(registration.to_owned()).or_default();
        entry.wanted = entry.wanted.or(kinds);
        let earliest = entry.told_at.map_or(now, |told| later(told, PAUSE));
        entry.at.get_or_insert(later(now, GATHER).max(earliest));
    }

    /// Takes what is to be told now.
    pub fn due(&mut self, now: Timestamp) -> Vec<(String, Kinds)> {
        let due = self.entries.iter_mut().filter(|(_, entry)| entry.at.is_some_and(|at| at <= now));
        let taken = due.map(|(registration, entry)| {
            (entry.at, entry.told_at) = (None, Some(now));
            (registration.clone(), std::mem::take(&mut entry.wanted))
        });
        taken.collect()
    }

    /// When something is to be told next.
    pub fn next(&self) -> Option<Timestamp> {
        self.entries.values().filter_map(|entry| entry.at).min()
    }

    /// It got through, or never will.
    pub fn done(&mut self, registration: &str) {
        if let Some(entry) = self.entries.get_mut(registration) {
            entry.n_failed = 0;
        }
    }

    /// It did not get through; whether it will be tried again. `asked` is when the service wants
    /// to be asked again.
    pub fn failed(&mut self, registration: &str, kinds: Kinds, asked: Option<Timestamp>, now: Timestamp) -> bool {
        let Some(entry) = self.entries.get_mut(registration) else { return false };
        let Some(wait) = BACK_OFF.get(entry.n_failed) else {
            entry.n_failed = 0;
            return false;
        };
        entry.n_failed += 1;
        entry.wanted = entry.wanted.or(kinds);
        let asked = asked.unwrap_or(now).min(later(now, LONGEST));
        entry.at = Some(later(now, *wait).max(asked));
        true
    }

    /// Forgets all registrations but these, and those that were told long ago.
    pub fn keep(&mut self, is_kept: impl Fn(&str) -> bool, now: Timestamp) {
        let is_recent = |told: Timestamp| later(told, PAUSE) > now;
        self.entries.retain(|registration, entry| {
            let is_busy = entry.at.is_some() || entry.n_failed > 0 || entry.told_at.is_some_and(is_recent);
            is_busy && is_kept(registration)
        });
    }
}

fn later(at: Timestamp, by: SignedDuration) -> Timestamp {
    at.checked_add(by).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const CONTENT: Kinds = Kinds { content: true, properties: false };
    const PROPERTIES: Kinds = Kinds { content: false, properties: true };

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + seconds).expect("an instant")
    }

    #[test]
    fn what_happens_together_is_one_message_in_ten_seconds() {
        let mut outbox = Outbox::default();
        for seconds in [0, 0, 0] {
            outbox.want("a", CONTENT, at(seconds));
        }
        assert_eq!((outbox.due(at(0)), outbox.next()), (vec![], Some(at(1))));
        assert_eq!(outbox.due(at(1)), [("a".to_owned(), CONTENT)]);
        outbox.want("a", CONTENT, at(2));
        outbox.want("a", PROPERTIES, at(3));
        assert_eq!((outbox.due(at(10)), outbox.next()), (vec![], Some(at(11))));
        assert_eq!(outbox.due(at(11)), [("a".to_owned(), CONTENT.or(PROPERTIES))]);
        assert_eq!(outbox.next(), None);
        outbox.want("a", CONTENT, at(60));
        assert_eq!(outbox.next(), Some(at(61)));
    }

    #[test]
    fn a_message_is_tried_three_times() {
        let mut outbox = Outbox::default();
        outbox.want("a", CONTENT, at(0));
        assert_eq!(outbox.due(at(1)).len(), 1);
        assert!(outbox.failed("a", CONTENT, None, at(1)));
        // What comes meanwhile waits with it.
        outbox.want("a", PROPERTIES, at(20));
        assert_eq!(outbox.next(), Some(at(31)));
        assert_eq!(outbox.due(at(31)), [("a".to_owned(), CONTENT.or(PROPERTIES))]);
        assert!(outbox.failed("a", CONTENT, Some(at(1000)), at(31)));
        assert_eq!(outbox.next(), Some(at(1000)));
        assert_eq!(outbox.due(at(1000)).len(), 1);
        assert!(!outbox.failed("a", CONTENT, None, at(1000)));
        assert_eq!(outbox.next(), None);
        outbox.want("a", CONTENT, at(2000));
        assert_eq!(outbox.due(at(2001)).len(), 1);
        assert!(outbox.failed("a", CONTENT, Some(at(99_999)), at(2001)));
        assert_eq!(outbox.next(), Some(at(2001 + 3600)));
    }

    #[test]
    fn whoever_is_gone_is_told_nothing() {
        let mut outbox = Outbox::default();
        outbox.want("a", CONTENT, at(0));
        outbox.want("b", CONTENT, at(0));
        outbox.keep(|registration| registration == "b", at(0));
        assert_eq!(outbox.due(at(1)), [("b".to_owned(), CONTENT)]);
        outbox.keep(|_| true, at(60));
        assert!(outbox.entries.is_empty());
        assert!(!outbox.failed("b", CONTENT, None, at(60)));
    }
}
