//! The times of a master: its rules, added and excepted dates (RFC 5545 §3.8.5).
//!
//! Every comparison is of instants, or of days where only a day is written.

use std::collections::{BTreeMap, HashSet};

use jiff::civil::{Date, DateTime, Time};

use super::calendar_objects::{Length, Object, later, not_a_time};
use super::moments::{Moment, Span};
use super::recurrence::{self, Rule, RuleError, Times};
use super::zones::{When, Zones};
use crate::decode::Property;
use crate::model::{Fault, FaultKind, Place};

const DAY_S: i64 = 86_400;

/// What occurrences are wanted for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Manner {
    /// What is told of: nothing that is cancelled; DTSTART is the first of COUNT also when the rule
    /// does not give it (RFC 5545 §3.3.10).
    Records,
    /// What calendar programs show: the cancelled too; COUNT counts what the rule gives, as all of
    /// them count.
    Shown,
}

/// What may still be spent on a document.
pub struct Budget {
    pub occurrences: usize,
    /// Times of rules that are looked at.
    pub steps: usize,
    /// Rules that go beyond the limits before all others are refused.
    pub cut_rules: usize,
    /// Times of one rule that are kept.
    pub times_of_rule: usize,
    /// Times of one rule that are looked at.
    pub steps_of_rule: usize,
}

impl Default for Budget {
    /// What one series of a well-meant calendar never needs.
    fn default() -> Self {
        Self {
            occurrences: 100_000,
            steps: 1_000_000,
            cut_rules: 10,
            times_of_rule: recurrence::MOST_TIMES,
            steps_of_rule: recurrence::MOST_STEPS,
        }
    }
}

/// An occurrence of the master, before overrides; its key is the instant.
pub struct Slot {
    /// On the clock of the series.
    pub local: DateTime,
    /// Its own length, when a PERIOD states one.
    pub length: Option<Length>,
}

/// The occurrences of a master, by their instants, less its exceptions.
#[derive(Default)]
pub struct MasterTimes {
    pub slots: BTreeMap<DateTime, Slot>,
    /// In UTC: the last time that a rule gave before its limit cut it, of several rules the first.
    pub complete_until: Option<DateTime>,
    excepted_at: HashSet<DateTime>,
    excepted_on: HashSet<Date>,
}

impl MasterTimes {
    /// Works out rules and dates of the master that lie in `[from, to)` in UTC.
    pub fn read(
        master: &Object<'_>,
        (from, to): (DateTime, DateTime),
        manner: Manner,
        zones: &mut Zones<'_>,
        budget: &mut Budget,
        faults: &mut Vec<Fault>,
    ) -> Self {
        let clock = &master.start.clock;
        let window = (clock.to_local(from), clock.to_local(to));
        let mut times = Self::default();
        times.slots.insert(master.start.utc, Slot { local: master.start.local, length: None });
        let (given, complete_until) = rule_times(master, ("RRULE", manner), window, budget, faults);
        times.complete_until = complete_until.map(|local| clock.to_utc(local));
        for local in given {
            times.slots.insert(clock.to_utc(local), Slot { local, length: None });
        }
        for (when, length) in dates(master, "RDATE", zones, faults) {
            let (utc, local) = added(master, &when);
            times.slots.insert(utc, Slot { local, length });
        }
        for local in rule_times(master, ("EXRULE", manner), window, budget, faults).0 {
            times.slots.remove(&clock.to_utc(local));
        }
        for (when, _) in dates(master, "EXDATE", zones, faults) {
            times.take_out(&when, master);
            times.note_exception(&when, master);
        }
        times
    }

    /// Takes out the occurrence that `when` names: by its instant, or by its day where only a day
    /// is written or the series is of whole days.
    pub fn take_out(&mut self, when: &When, master: &Object<'_>) {
        let is_by_instant = self.slots.remove(&when.utc).is_some();
        if is_by_instant || !(when.is_date || master.start.is_date) {
            return;
        }
        let near = self.slots.range(later(when.utc, -2 * DAY_S)..=later(when.utc, 3 * DAY_S));
        let day = when.local.date();
        let named: Vec<DateTime> = near.filter(|(_, slot)| slot.local.date() == day).map(|(utc, _)| *utc).collect();
        for utc in named {
            self.slots.remove(&utc);
        }
    }

    /// Whether an EXDATE names the occurrence that `when` names: an override of it is deleted too.
    pub fn is_excepted(&self, when: &When, master: &Object<'_>) -> bool {
        let has_own_day = when.is_date || master.start.is_date;
        let local = if has_own_day { when.local } else { master.start.clock.to_local(when.utc) };
        self.excepted_at.contains(&when.utc) || self.excepted_on.contains(&local.date())
    }

    fn note_exception(&mut self, when: &When, master: &Object<'_>) {
        self.excepted_at.insert(when.utc);
        if when.is_date || master.start.is_date {
            self.excepted_on.insert(when.local.date());
        }
    }
}

/// An added date: a day on a timed series has the time of its start.
fn added(master: &Object<'_>, when: &When) -> (DateTime, DateTime) {
    let clock = &master.start.clock;
    if when.is_date || master.start.is_date {
        let local = when.local.date().to_datetime(master.start.local.time());
        return (clock.to_utc(local), local);
    }
    (when.utc, clock.to_local(when.utc))
}

fn rule_times(
    master: &Object<'_>,
    (name, manner): (&str, Manner),
    window: (DateTime, DateTime),
    budget: &mut Budget,
    faults: &mut Vec<Fault>,
) -> (Vec<DateTime>, Option<DateTime>) {
    let mut all = Vec::new();
    let mut complete_until: Option<DateTime> = None;
    for property in master.component.properties_named(name).filter(|property| !property.value.trim().is_empty()) {
        if budget.cut_rules == 0 || budget.steps == 0 {
            faults.push(too_large(property, "too many rules of this document go beyond the limits"));
            continue;
        }
        match expand(master, (property, manner), window, budget) {
            Ok(times) => {
                budget.steps = budget.steps.saturating_sub(times.steps);
                if times.is_cut {
                    budget.cut_rules -= 1;
                    faults.push(too_large(property, "the rule goes beyond the limits; it was expanded in part"));
                    // A rule that gave nothing although it was cut has nothing to give.
                    complete_until = times.at.last().copied().into_iter().chain(complete_until).min();
                }
                all.extend(times.at);
            }
            Err(error) => faults.push(unread(property, &error)),
        }
    }
    (all, complete_until)
}

fn expand(
    master: &Object<'_>,
    (property, manner): (&Property, Manner),
    window: (DateTime, DateTime),
    budget: &Budget,
) -> Result<Times, RuleError> {
    let start = &master.start;
    let rule = Rule::parse(&property.value, start.is_date, &|until| last_time(start, until))?;
    let rule = if manner == Manner::Records { rule.counting_start() } else { rule };
    rule.at_most(budget.times_of_rule).within_steps(budget.steps_of_rule).times(start.local, window)
}

/// UNTIL on the clock of the series: an instant is read there, a date means its whole day.
fn last_time(start: &When, until: Moment) -> DateTime {
    let end_of = |day: DateTime| later(day.date().to_datetime(Time::midnight()), DAY_S - 1);
    match until {
        Moment::Date(_) => end_of(until.written()),
        _ if start.is_date => end_of(until.written()),
        Moment::Utc(utc) => start.clock.to_local(utc),
        Moment::Local(local) => local,
    }
}

/// The values of RDATE or EXDATE; a PERIOD brings its own length.
fn dates(
    master: &Object<'_>,
    name: &str,
    zones: &mut Zones<'_>,
    faults: &mut Vec<Fault>,
) -> Vec<(When, Option<Length>)> {
    let mut all = Vec::new();
    for property in master.component.properties_named(name) {
        for value in property.value.split([',', ';']).filter(|value| !value.trim().is_empty()) {
            let (start, end) = value.split_once('/').map_or((value, None), |(start, end)| (start, Some(end)));
            let Some(when) = zones.read(property, start, Some(&master.start.clock)) else {
                faults.push(not_a_time(property, "one of its dates cannot be read").keeping_row());
                continue;
            };
            let length = end.and_then(|end| period_length(property, &when, end, zones));
            all.push((when, length));
        }
    }
    all
}

fn period_length(property: &Property, start: &When, end: &str, zones: &mut Zones<'_>) -> Option<Length> {
    if let Some(span) = Span::parse(end) {
        return Some(Length::Nominal(span));
    }
    let end = zones.read(property, end, Some(&start.clock))?;
    Some(Length::Exact(end.utc.duration_since(start.utc).as_secs().max(0)))
}

fn too_large(property: &Property, message: &str) -> Fault {
    Fault::new(FaultKind::TooLarge, Place::line(property.line), property.value.clone(), message).keeping_row()
}

fn unread(property: &Property, error: &RuleError) -> Fault {
    Fault::new(FaultKind::UnknownValue, Place::line(property.line), property.value.clone(), error.to_string())
        .with_hint("only the first occurrence is shown")
        .keeping_row()
}
