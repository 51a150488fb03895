//! Which sources are due, and when to look again.
//!
//! The planner starts nothing: it is told what the log of runs tells, and asked what is due. It
//! can be made again from the log at any time.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};

use super::history::{History, Stop};
use super::plan::{self, Beat, Limits, Plan, Tangle};
use crate::model::run::{Class, Defined, Paused, Run, Started, Told, Trigger};

/// Longest sleep: clocks jump, and nobody tells.
const LONGEST: SignedDuration = SignedDuration::from_hours(1);
/// A run that begins later than this was missed, unless it waited for its turn.
const GRACE: SignedDuration = SignedDuration::from_mins(15);

/// A run that is to begin now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Due {
    pub source: String,
    /// The slot that it stands for: the last one where several were missed.
    pub slot: Option<Timestamp>,
    pub trigger: Trigger,
}

/// Why a source does not run by itself now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hold {
    /// It has neither a schedule nor a source to run after.
    Unplanned,
    /// Somebody has to be there.
    Attended,
    /// Somebody paused it.
    Paused,
    /// It waits for somebody to mend it.
    Stopped(Stop),
    /// The service does not let us in since.
    ConsentOver(Timestamp),
    /// The service takes no calls until.
    Quota(Timestamp),
}

/// See the module.
#[derive(Debug)]
pub struct Planner {
    pub(super) plans: Vec<Plan>,
    pub(super) histories: BTreeMap<String, History>,
    limits: Limits,
    /// Runs that somebody, or a file that appeared, asked for.
    asked: BTreeMap<String, Trigger>,
    /// Slots that were seen when their time came, and wait for their turn.
    waiting: BTreeSet<(String, Timestamp)>,
    /// Slots that were worked out before, by source: calendars are slow.
    beats: BTreeMap<String, Beat>,
}

impl Planner {
    /// Sources that wait for each other in a circle, or for none, are refused.
    pub fn new(plans: Vec<Plan>, limits: Limits) -> Result<Self, Tangle> {
        plan::check(plans.iter().map(|plan| (plan.source.as_str(), plan.after.as_slice())))?;
        let (histories, asked, waiting) = (BTreeMap::new(), BTreeMap::new(), BTreeSet::new());
        Ok(Self { plans, histories, limits, asked, waiting, beats: BTreeMap::new() })
    }

    /// A line of the log: a run has begun. Told as soon as what is due is begun.
    pub fn started(&mut self, started: &Started) {
        self.asked.remove(&started.source);
        self.waiting.retain(|(source, _)| *source != started.source);
        self.history_mut(&started.source).started(started);
    }

    /// A line of the log: a run has ended.
    pub fn ended(&mut self, run: &Run) {
        self.history_mut(&run.source).ended(run);
    }

    /// A line of the log, written at an instant: a source was paused, or let go on.
    pub fn paused(&mut self, paused: &Paused, at: Timestamp) {
        self.history_mut(&paused.source).paused(paused, at);
    }

    /// A line of the log, written at an instant: a source was set.
    pub fn defined(&mut self, defined: &Defined, at: Timestamp) {
        self.history_mut(&defined.source).defined(defined, at);
    }

    /// A line of the log: somebody was told something.
    pub fn told(&mut self, told: &Told) {
        self.history_mut(&told.source).told(told);
    }

    /// The log is read to its end by a process that has just begun: no run goes on.
    pub fn restarted(&mut self) {
        self.histories.values_mut().for_each(History::interrupted);
    }

    /// Lines to write into the log (and to tell [`Planner::defined`]) before anything is due:
    /// sources that are new, or set otherwise than the log knows.
    pub fn undefined(&self) -> Vec<Defined> {
        let unknown = self.plans.iter().filter(|plan| !self.history(&plan.source).is_set(&plan.setting));
        unknown.map(|plan| Defined { source: plan.source.clone(), setting: plan.setting.clone() }).collect()
    }

    /// Somebody asks for a run ([`Trigger::Asked`]), or a file appeared ([`Trigger::Watched`]):
    /// it is due as soon as it has its turn. `false` if there is no such source.
    pub fn ask(&mut self, source: &str, trigger: Trigger) -> bool {
        let is_known = self.plan(source).is_some();
        if is_known && self.asked.get(source) != Some(&Trigger::Asked) {
            self.asked.insert(source.to_owned(), trigger);
        }
        is_known
    }

    /// What happened to a source so far.
    pub fn history(&self, source: &str) -> &History {
        static NOTHING: std::sync::LazyLock<History> = std::sync::LazyLock::new(History::default);
        self.histories.get(source).unwrap_or(&NOTHING)
    }

    /// What is to begin now, in order; the same until it is told to have started. A slot is due
    /// once; slots that were missed are made up for by one run, of the last of them.
    pub fn due(&mut self, now: Timestamp) -> Vec<Due> {
        self.keep_time(now);
        let wishes = self.wishes(now);
        let seen = wishes.iter().filter(|wish| now.duration_since(wish.since) <= GRACE);
        let seen: Vec<_> = seen.filter_map(|wish| Some((wish.due.source.clone(), wish.due.slot?))).collect();
        let turns = self.turns(wishes, now);
        self.waiting.extend(seen);
        turns
    }

    /// When to ask again what is due, if nothing ends and nobody asks for anything before.
    pub fn next_wake(&self, now: Timestamp) -> Timestamp {
        if !self.turns(self.wishes(now), now).is_empty() {
            return now;
        }
        let latest = now.checked_add(LONGEST).unwrap_or(now);
        let wakes = self.plans.iter().flat_map(|plan| self.wakes(plan, now));
        wakes.filter(|at| *at > now).chain([latest]).min().unwrap_or(latest)
    }

    /// When a source runs next by itself, as far as that is known; not before `now`.
    pub fn next_run(&self, source: &str, now: Timestamp) -> Option<Timestamp> {
        let plan = self.plan(source)?;
        let held = match self.hold(plan, now) {
            None => now,
            Some(Hold::Quota(until)) => until,
            Some(_) => return None,
        };
        let history = self.history(source);
        let slot = match self.open_slot(plan, now) {
            Some((_, begins_at)) => Some(begins_at),
            None => self.next_begin(plan, now),
        };
        slot.into_iter().chain(history.next_try).chain(history.budget_back).min().map(|at| at.max(held))
    }

    /// Why a source does not run by itself.
    pub fn held(&self, source: &str, now: Timestamp) -> Option<Hold> {
        self.hold(self.plan(source)?, now)
    }

    fn hold(&self, plan: &Plan, now: Timestamp) -> Option<Hold> {
        let history = self.history(&plan.source);
        if history.is_paused {
            Some(Hold::Paused)
        } else if let Some(stop) = history.stopped {
            Some(Hold::Stopped(stop))
        } else if plan.is_attended_only {
            Some(Hold::Attended)
        } else if plan.schedule.is_none() && plan.after.is_empty() {
            Some(Hold::Unplanned)
        } else if let Some(over) = history.consent_over(now) {
            Some(Hold::ConsentOver(over))
        } else {
            history.refused_until(now).map(Hold::Quota)
        }
    }

    /// The last slot that has come and has had no run, and when that begins.
    pub(super) fn open_slot(&self, plan: &Plan, now: Timestamp) -> Option<(Timestamp, Timestamp)> {
        let slot = if plan.schedule.is_some() {
            self.beat(plan, now).and_then(|beat| beat.last)
        } else {
            let slot = plan.after.iter().filter_map(|source| self.history(source).last_slot).max();
            slot.map(|slot| (slot, plan.begins_at(slot)))
        };
        slot.filter(|(slot, _)| !self.history(&plan.source).has_served(*slot, now))
    }

    fn next_begin(&self, plan: &Plan, now: Timestamp) -> Option<Timestamp> {
        self.beat(plan, now)?.next.map(|(_, begins_at)| begins_at)
    }

    fn beat(&self, plan: &Plan, now: Timestamp) -> Option<Beat> {
        let known = self.beats.get(&plan.source).filter(|beat| beat.is_of(now));
        known.copied().or_else(|| plan.beat(now))
    }

    fn keep_time(&mut self, now: Timestamp) {
        for plan in &self.plans {
            if !self.beats.get(&plan.source).is_some_and(|beat| beat.is_of(now)) {
                self.beats.extend(plan.beat(now).map(|beat| (plan.source.clone(), beat)));
            }
        }
    }

    /// What every source would begin now, were it alone.
    fn wishes(&self, now: Timestamp) -> Vec<Wish<'_>> {
        let mut wishes: Vec<Wish> = self.plans.iter().filter_map(|plan| self.wish(plan, now)).collect();
        wishes.sort_by_key(|wish| (wish.due.trigger != Trigger::Asked, wish.since));
        wishes
    }

    fn wish<'a>(&'a self, plan: &'a Plan, now: Timestamp) -> Option<Wish<'a>> {
        let history = self.history(&plan.source);
        if history.running.is_some() {
            return None;
        }
        let hold = self.hold(plan, now);
        let asked = self.asked.get(&plan.source);
        let is_let = |trigger: Trigger| trigger == Trigger::Asked || matches!(hold, None | Some(Hold::Unplanned));
        let wish =
            |slot, trigger, since| Some(Wish { plan, since, due: Due { source: plan.source.clone(), slot, trigger } });
        if let Some(trigger) = asked.filter(|trigger| is_let(**trigger)) {
            return wish(None, *trigger, now);
        }
        if hold.is_some() {
            return None;
        }
        if let Some((slot, begins_at)) = self.open_slot(plan, now).filter(|(_, begins_at)| *begins_at <= now) {
            return wish(Some(slot), self.trigger(plan, slot, begins_at, now), begins_at);
        }
        let is_refused = history.last.as_ref().is_some_and(|run| run.outcome == Class::Quota);
        let again = history.next_try.or(history.budget_back.filter(|_| is_refused));
        again.filter(|again| *again <= now).and_then(|again| wish(history.last_slot, Trigger::Retry, again))
    }

    fn trigger(&self, plan: &Plan, slot: Timestamp, begins_at: Timestamp, now: Timestamp) -> Trigger {
        if plan.schedule.is_none() {
            return Trigger::After;
        }
        let history = self.history(&plan.source);
        let before = slot.checked_sub(SignedDuration::from_secs(1)).ok();
        let before = before.and_then(|before| plan.schedule.as_ref()?.previous(before, &plan.zone));
        let is_one_of_several = before.is_some_and(|before| !history.has_served(before, now));
        let is_seen = self.waiting.contains(&(plan.source.clone(), slot));
        let is_late = now.duration_since(begins_at) > GRACE && !is_seen;
        if is_late || is_one_of_several { Trigger::CatchUp } else { Trigger::Scheduled }
    }

    /// Those of the wishes that have their turn.
    fn turns(&self, wishes: Vec<Wish<'_>>, now: Timestamp) -> Vec<Due> {
        let running: Vec<&Plan> = self.plans.iter().filter(|plan| self.is_running(plan)).collect();
        let mut free = self.limits.at_once.saturating_sub(running.len());
        let mut busy: BTreeMap<&str, usize> = BTreeMap::new();
        running.iter().flat_map(|plan| &plan.hosts).for_each(|host| *busy.entry(host).or_default() += 1);
        let mut turns = Vec::new();
        for wish in wishes {
            let is_full = wish.plan.hosts.iter().any(|host| busy.get(host.as_str()) >= Some(&self.limits.per_host));
            if free == 0 || is_full || self.waits(&wish, now) {
                continue;
            }
            free -= 1;
            wish.plan.hosts.iter().for_each(|host| *busy.entry(host).or_default() += 1);
            turns.push(wish.due);
        }
        turns
    }

    fn is_running(&self, plan: &Plan) -> bool {
        self.history(&plan.source).running.is_some()
    }

    /// Whether a source that it runs after has not yet had the same slot, or an earlier one, and
    /// can have it. How that run ends does not matter.
    fn waits(&self, wish: &Wish<'_>, now: Timestamp) -> bool {
        let Some(slot) = wish.due.slot.filter(|_| wish.due.trigger != Trigger::Retry) else { return false };
        wish.plan.after.iter().filter_map(|source| self.plan(source)).any(|before| {
            let running = self.history(&before.source).running.as_ref();
            let is_on_it = running.is_some_and(|run| run.slot.is_none_or(|run| run <= slot));
            let is_open = self.open_slot(before, now).is_some_and(|(open, _)| open <= slot);
            is_on_it || (running.is_none() && is_open && self.hold(before, now).is_none())
        })
    }

    fn wakes(&self, plan: &Plan, now: Timestamp) -> Vec<Timestamp> {
        let history = self.history(&plan.source);
        let open = self.open_slot(plan, now).map(|(_, begins_at)| begins_at);
        let own = [open, self.next_begin(plan, now), history.next_try, history.budget_back];
        own.into_iter().flatten().chain(history.consent_stages()).collect()
    }

    pub(super) fn plan(&self, source: &str) -> Option<&Plan> {
        self.plans.iter().find(|plan| plan.source == source)
    }

    fn history_mut(&mut self, source: &str) -> &mut History {
        self.histories.entry(source.to_owned()).or_default()
    }
}

/// A run that a source would begin.
struct Wish<'a> {
    plan: &'a Plan,
    /// Since when.
    since: Timestamp,
    due: Due,
}
