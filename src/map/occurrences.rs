//! A series to its occurrences: rules, added and excepted dates, overrides (RFC 5545 §3.8.5).
//!
//! Every comparison is of instants, or of dates where only a date is written.

use std::collections::BTreeMap;

use jiff::civil::DateTime;

use super::calendar_objects::{Length, Object, later, not_a_time};
use super::moments::{Moment, Span};
use super::recurrence::{Rule, RuleError, Times};
use super::zones::{When, Zones};
use crate::decode::Property;
use crate::model::{Fault, FaultKind, Place};

/// Moved and long events are looked for at most this far outside the window.
const WIDEST_S: i64 = 400 * 86_400;
const DAY_S: i64 = 86_400;

/// All objects of one UID: the master, when it is there, and those that replace occurrences.
pub struct Series<'a> {
    pub master: Option<Object<'a>>,
    pub overrides: Vec<Object<'a>>,
}

/// What may still be spent on a document.
pub struct Budget {
    pub occurrences: usize,
    /// Times of rules that are looked at.
    pub steps: usize,
    /// Rules that go beyond the limits before all others are refused.
    pub cut_rules: usize,
}

/// One occurrence.
#[derive(Debug, Clone)]
pub struct Found {
    /// RECURRENCE-ID as written of the object that gives it; none for the master.
    pub recurrence_id: Option<String>,
    pub starts_at: DateTime,
    pub ends_at: DateTime,
    pub is_all_day: bool,
}

/// An occurrence of the master, before overrides; its key is the instant.
struct Slot {
    local: DateTime,
    length: Option<Length>,
}

type Slots = BTreeMap<DateTime, Slot>;

/// The occurrences that meet `[from, to)` in UTC, in no order; cancelled ones are left out.
pub fn occurrences(
    series: &Series<'_>,
    window: (DateTime, DateTime),
    zones: &mut Zones<'_>,
    budget: &mut Budget,
    faults: &mut Vec<Fault>,
) -> Vec<Found> {
    let mut found = Vec::new();
    let mut slots = Slots::new();
    if let Some(master) = &series.master {
        slots = self::slots(master, widened(series, window), zones, budget, faults);
    }
    let stands_alone = |object: &Object<'_>| !rules_following(series, object, &slots);
    let alone: Vec<&Object<'_>> = series.overrides.iter().filter(|object| stands_alone(object)).collect();
    if let Some(master) = &series.master {
        alone.iter().filter_map(|object| object.replaces.as_ref()).for_each(|it| except(&mut slots, &it.when, master));
        let following = following(series);
        found.extend(slots.into_iter().filter_map(|(utc, slot)| moved(&following, master, utc, &slot)));
    }
    found.extend(alone.into_iter().filter(|object| object.status != "cancelled").map(as_written));
    found.retain(|one| meets(one, window));
    found.truncate(budget.occurrences);
    budget.occurrences -= found.len();
    found
}

/// The instants of the master's rules and added dates, less its exceptions.
fn slots(
    master: &Object<'_>,
    (from, to): (DateTime, DateTime),
    zones: &mut Zones<'_>,
    budget: &mut Budget,
    faults: &mut Vec<Fault>,
) -> Slots {
    let clock = &master.start.clock;
    let window = (clock.to_local(from), clock.to_local(to));
    let mut slots = Slots::new();
    slots.insert(master.start.utc, Slot { local: master.start.local, length: None });
    for local in rule_times(master, "RRULE", window, budget, faults) {
        slots.insert(clock.to_utc(local), Slot { local, length: None });
    }
    for (when, length) in dates(master, "RDATE", zones, faults) {
        let (utc, local) = added(master, &when);
        slots.insert(utc, Slot { local, length });
    }
    for local in rule_times(master, "EXRULE", window, budget, faults) {
        slots.remove(&clock.to_utc(local));
    }
    for (when, _) in dates(master, "EXDATE", zones, faults) {
        except(&mut slots, &when, master);
    }
    slots
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

/// Takes out the occurrence that `when` names: by its instant, or by its day where only a day is
/// written or the series is of whole days.
fn except(slots: &mut Slots, when: &When, master: &Object<'_>) {
    let is_by_instant = slots.remove(&when.utc).is_some();
    if is_by_instant || !(when.is_date || master.start.is_date) {
        return;
    }
    let near = slots.range(later(when.utc, -2 * DAY_S)..=later(when.utc, 3 * DAY_S));
    let day = when.local.date();
    let named: Vec<DateTime> = near.filter(|(_, slot)| slot.local.date() == day).map(|(utc, _)| *utc).collect();
    for utc in named {
        slots.remove(&utc);
    }
}

fn rule_times(
    master: &Object<'_>,
    name: &str,
    window: (DateTime, DateTime),
    budget: &mut Budget,
    faults: &mut Vec<Fault>,
) -> Vec<DateTime> {
    let mut all = Vec::new();
    for property in master.component.properties_named(name).filter(|property| !property.value.trim().is_empty()) {
        if budget.cut_rules == 0 || budget.steps == 0 {
            faults.push(too_large(property, "too many rules of this document go beyond the limits"));
            continue;
        }
        match expand(master, property, window) {
            Ok(times) => {
                budget.steps = budget.steps.saturating_sub(times.steps);
                if times.is_cut {
                    budget.cut_rules -= 1;
                    faults.push(too_large(property, "the rule goes beyond the limits; it was expanded in part"));
                }
                all.extend(times.at);
            }
            Err(error) => faults.push(unread(property, &error)),
        }
    }
    all
}

fn expand(master: &Object<'_>, property: &Property, window: (DateTime, DateTime)) -> Result<Times, RuleError> {
    let start = &master.start;
    let rule = Rule::parse(&property.value, start.is_date, &|until| last_time(start, until))?;
    rule.with_start_counted(start.local)?.times(start.local, window)
}

/// UNTIL on the clock of the series: an instant is read there, a date means its whole day.
fn last_time(start: &When, until: Moment) -> DateTime {
    let end_of = |day: DateTime| later(day.date().to_datetime(jiff::civil::Time::midnight()), DAY_S - 1);
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

/// THISANDFUTURE overrides by the instant from which they rule.
fn following<'a>(series: &'a Series<'_>) -> BTreeMap<DateTime, &'a Object<'a>> {
    let instants = series.overrides.iter().filter_map(|object| Some((object.replaces.as_ref()?, object)));
    instants.filter(|(it, _)| it.is_with_following).map(|(it, object)| (it.when.utc, object)).collect()
}

/// An occurrence of the master where the last THISANDFUTURE override before it puts it.
fn moved(
    following: &BTreeMap<DateTime, &Object<'_>>,
    master: &Object<'_>,
    utc: DateTime,
    slot: &Slot,
) -> Option<Found> {
    let ruling = following.range(..=utc).next_back().map(|(_, object)| *object);
    let object = ruling.unwrap_or(master);
    if object.status == "cancelled" {
        return None;
    }
    let clock = &object.start.clock;
    let shifted = ruling.map(|object| later(slot.local, shift_s(master, object)));
    let (local, starts_at) = shifted.map_or((slot.local, utc), |local| (local, clock.to_utc(local)));
    let length = slot.length.filter(|_| ruling.is_none()).unwrap_or(object.length);
    let ends_at = length.end(local, starts_at, clock);
    let recurrence_id = object.replaces.as_ref().map(|it| it.written.clone());
    Some(Found { recurrence_id, starts_at, ends_at, is_all_day: object.start.is_date })
}

/// How far a THISANDFUTURE override moves the wall clock.
fn shift_s(master: &Object<'_>, object: &Object<'_>) -> i64 {
    let Some(replaces) = &object.replaces else { return 0 };
    let original =
        if replaces.when.is_date { replaces.when.local } else { master.start.clock.to_local(replaces.when.utc) };
    object.start.local.duration_since(original).as_secs()
}

/// Whether an override moves what follows: THISANDFUTURE, from an occurrence that is there.
fn rules_following(series: &Series<'_>, object: &Object<'_>, slots: &Slots) -> bool {
    let from = object.replaces.as_ref().filter(|it| it.is_with_following);
    from.is_some_and(|it| series.master.is_some() && slots.contains_key(&it.when.utc))
}

fn as_written(object: &Object<'_>) -> Found {
    let start = &object.start;
    Found {
        recurrence_id: object.replaces.as_ref().map(|it| it.written.clone()),
        starts_at: start.utc,
        ends_at: object.length.end(start.local, start.utc, &start.clock),
        is_all_day: start.is_date,
    }
}

fn is_with_following(object: &Object<'_>) -> bool {
    object.replaces.as_ref().is_some_and(|it| it.is_with_following)
}

fn meets(one: &Found, (from, to): (DateTime, DateTime)) -> bool {
    one.starts_at < to && (one.ends_at > from || one.starts_at >= from)
}

/// The window, wide enough for long occurrences and for those that an override moves into it.
fn widened(series: &Series<'_>, (from, to): (DateTime, DateTime)) -> (DateTime, DateTime) {
    let Some(master) = &series.master else { return (from, to) };
    let objects = || std::iter::once(master).chain(&series.overrides);
    let longest_s = objects().map(|object| object.length.at_most_s()).max().unwrap_or(0).clamp(0, WIDEST_S);
    let shifts_s = series.overrides.iter().filter(|object| is_with_following(object)).map(|o| shift_s(master, o).abs());
    let margin_s = shifts_s.max().unwrap_or(0).clamp(0, WIDEST_S) + 2 * DAY_S;
    (later(from, -longest_s - margin_s), later(to, margin_s))
}

fn too_large(property: &Property, message: &str) -> Fault {
    Fault::new(FaultKind::TooLarge, Place::line(property.line), property.value.clone(), message).keeping_row()
}

fn unread(property: &Property, error: &RuleError) -> Fault {
    Fault::new(FaultKind::UnknownValue, Place::line(property.line), property.value.clone(), error.to_string())
        .with_hint("only the first occurrence is shown")
        .keeping_row()
}
