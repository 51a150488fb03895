//! What the log of runs tells of a source, line by line: read again after a restart, it gives the
//! same.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};

use super::backoff;
use crate::model::run::{Class, Defined, Paused, Run, Started, Told};

/// So many runs in a row that never ended stop a source: what it brings may be what brings the
/// program down.
const MOST_CUT_SHORT: u32 = 3;
/// Slots that are remembered one by one, for clocks that are set back.
const REMEMBERED: usize = 512;
/// A clock that is set back by more than this was wrong before.
pub(super) const WRONG_CLOCK: SignedDuration = SignedDuration::from_hours(24);

/// What happened to a source so far.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct History {
    /// Slots count from here: when it was first seen.
    pub since: Option<Timestamp>,
    /// The slot that was run last.
    pub last_slot: Option<Timestamp>,
    /// No slot until then is missed: the last one that was run, or a good run since.
    pub served_until: Option<Timestamp>,
    /// The last run that ended.
    pub last: Option<Run>,
    /// When it last came in well.
    pub good_at: Option<Timestamp>,
    /// When something new last came in.
    pub new_at: Option<Timestamp>,
    /// Runs in a row that failed for a while, or were cut short.
    pub failures: u32,
    /// Runs in a row that were cut short.
    pub cut_short: u32,
    /// When it is tried again.
    pub next_try: Option<Timestamp>,
    /// When the service takes calls again.
    pub budget_back: Option<Timestamp>,
    /// Why it does not run by itself any more.
    pub stopped: Option<Stop>,
    pub is_paused: bool,
    /// The run that has begun and not ended.
    pub running: Option<Started>,
    /// Until when the service lets us in, as it last said.
    pub consent_until: Option<Timestamp>,
    /// The end of a consent that somebody says to have renewed.
    pub(super) renewed: Option<Timestamp>,
    /// When the failures in a row began.
    pub(super) failing_since: Option<Timestamp>,
    /// When failures began that are over.
    pub(super) recovered: Option<Timestamp>,
    /// Since when something expected does not come.
    pub(super) expecting_since: Option<Timestamp>,
    pub(super) told: BTreeSet<Told>,
    /// Somebody let it go on after the run that is on began: that it was cut short does not count.
    is_forgiven: bool,
    setting: Option<String>,
    slots: BTreeSet<Timestamp>,
}

/// That a source stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stop {
    pub class: Class,
    pub at: Timestamp,
}

impl History {
    /// A run has begun.
    pub fn started(&mut self, started: &Started) {
        self.interrupted();
        if let Some(slot) = started.slot {
            self.served(slot);
            self.last_slot = Some(slot);
            self.remember(slot);
        }
        self.next_try = None;
        self.running = Some(started.clone());
    }

    /// Whoever ran it is gone: the run that had begun will not end.
    pub fn interrupted(&mut self) {
        let Some(started) = self.running.take() else { return };
        if std::mem::take(&mut self.is_forgiven) {
            self.failing_since.get_or_insert(started.started_at);
            return;
        }
        self.cut_short += 1;
        self.failed(&started.source, started.started_at, None);
        if self.cut_short >= MOST_CUT_SHORT {
            self.stop(Class::Changed, started.started_at);
        }
    }

    /// A run has ended.
    pub fn ended(&mut self, run: &Run) {
        self.running = None;
        self.is_forgiven = false;
        self.cut_short = 0;
        self.consent_until = run.consent_until.or(self.consent_until);
        match run.outcome {
            Class::Ok | Class::OkEmpty | Class::Partial | Class::Expectation => {
                // It lets us in although the consent is said to be over: it is not.
                self.renewed = self.consent_until.filter(|until| *until <= run.ended_at).or(self.renewed);
                self.came_in(run);
            }
            Class::Retry => self.failed(&run.source, run.ended_at, run.retry_at),
            Class::Quota => self.budget_back = Some(backoff::budget_back(run.ended_at, run.retry_at)),
            Class::User | Class::Changed | Class::Config => self.stop(run.outcome, run.ended_at),
        }
        self.last = Some(run.clone());
    }

    /// Somebody paused it, or let it go on.
    pub fn paused(&mut self, paused: &Paused, at: Timestamp) {
        self.is_paused = paused.is_paused;
        if !paused.is_paused {
            self.cleared(at);
        }
    }

    /// It was seen for the first time, or set otherwise.
    pub fn defined(&mut self, defined: &Defined, at: Timestamp) {
        self.since.get_or_insert(at);
        if self.setting.replace(defined.setting.clone()).is_some_and(|before| before != defined.setting) {
            self.cleared(at);
        }
    }

    /// Somebody was told of it.
    pub fn told(&mut self, told: &Told) {
        self.told.insert(told.clone());
    }

    /// Whether it is known to be set like this.
    pub fn is_set(&self, setting: &str) -> bool {
        self.setting.as_deref() == Some(setting)
    }

    /// When the consent ended, if it did and nobody says to have renewed it.
    pub fn consent_over(&self, now: Timestamp) -> Option<Timestamp> {
        self.consent_until.filter(|until| *until <= now && self.renewed != Some(*until))
    }

    /// Until when the service takes no calls. An instant that no budget can name was read off a
    /// clock that was wrong.
    pub(super) fn refused_until(&self, now: Timestamp) -> Option<Timestamp> {
        self.budget_back.filter(|back| *back > now && back.duration_since(now) <= backoff::FAR)
    }

    /// When there is something to tell about the consent: 14 and 3 days before its end, and then.
    pub(super) fn consent_stages(&self) -> impl Iterator<Item = Timestamp> + use<> {
        let until = self.consent_until;
        [14, 3, 0].into_iter().filter_map(move |days| until?.checked_sub(SignedDuration::from_hours(24 * days)).ok())
    }

    /// Whether a slot had its run, or does not count. A clock that says much less than it did was
    /// wrong before, and only what was run by name counts as run.
    pub(super) fn has_served(&self, slot: Timestamp, now: Timestamp) -> bool {
        let floor = self.served_until.max(self.since);
        let is_believed = floor.is_none_or(|floor| floor.duration_since(now) <= WRONG_CLOCK);
        self.slots.contains(&slot) || (is_believed && floor.is_none_or(|floor| slot <= floor))
    }

    fn came_in(&mut self, run: &Run) {
        self.failures = 0;
        self.next_try = None;
        self.budget_back = None;
        self.stopped = None;
        self.recovered = self.failing_since.take().or(self.recovered);
        self.good_at = Some(run.ended_at);
        self.served(run.started_at);
        if run.outcome == Class::Ok || run.rows_new > 0 {
            self.new_at = Some(run.ended_at);
        }
        match run.outcome {
            Class::Expectation => self.expecting_since = self.expecting_since.or(Some(run.ended_at)),
            Class::Ok | Class::OkEmpty => self.expecting_since = None,
            _ => {}
        }
    }

    fn failed(&mut self, source: &str, at: Timestamp, retry_at: Option<Timestamp>) {
        self.failures += 1;
        self.failing_since.get_or_insert(at);
        self.next_try = Some(backoff::next_try(source, self.failures, at, retry_at));
    }

    /// The same reason again, after a person had it tried, is not another stop.
    fn stop(&mut self, class: Class, at: Timestamp) {
        self.next_try = None;
        if self.stopped.is_none_or(|stopped| stopped.class != class) {
            self.stopped = Some(Stop { class, at });
        }
    }

    /// A person did something about it: it is tried at once where it did not come in.
    fn cleared(&mut self, at: Timestamp) {
        let is_due = self.last.as_ref().is_some_and(|run| !run.outcome.is_good()) || self.cut_short > 0;
        let is_due = is_due || self.running.is_some() || self.next_try.is_some();
        self.is_forgiven = self.running.is_some();
        self.next_try = is_due.then_some(at);
        self.stopped = None;
        self.budget_back = None;
        self.failures = 0;
        self.cut_short = 0;
        self.renewed = self.consent_until.filter(|until| *until <= at).or(self.renewed);
    }

    fn served(&mut self, until: Timestamp) {
        let is_wrong = self.served_until.is_some_and(|before| before.duration_since(until) > WRONG_CLOCK);
        self.served_until = if is_wrong { Some(until) } else { self.served_until.max(Some(until)) };
    }

    fn remember(&mut self, slot: Timestamp) {
        self.slots.insert(slot);
        if self.slots.len() > REMEMBERED {
            self.slots.pop_first();
        }
    }
}
