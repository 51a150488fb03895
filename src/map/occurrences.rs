//! A series to its occurrences: what the master gives, as overrides change it (RFC 5545 §3.8.4.4).

use std::collections::BTreeMap;

use jiff::civil::DateTime;

use super::calendar_objects::{Object, later};
use super::series_times::{Budget, Manner, MasterTimes, Slot};
use super::zones::Zones;
use crate::model::Fault;

/// Moved and long events are looked for at most this far outside the window.
const WIDEST_S: i64 = 400 * 86_400;
/// Clocks that are put back make a window's local edges uncertain by this much.
const EDGE_S: i64 = 3_600;

/// All objects of one UID: the master, when it is there, and those that replace occurrences.
pub struct Series<'a> {
    pub master: Option<Object<'a>>,
    pub overrides: Vec<Object<'a>>,
    pub manner: Manner,
}

/// One occurrence.
#[derive(Debug, Clone)]
pub struct Found {
    /// RECURRENCE-ID as written of the object that gives it; none for the master.
    pub recurrence_id: Option<String>,
    /// Which override gives it; none for the master.
    pub of_override: Option<usize>,
    /// When the series itself has it, in UTC: what a RECURRENCE-ID names.
    pub slot: DateTime,
    pub starts_at: DateTime,
    pub ends_at: DateTime,
    pub is_all_day: bool,
}

/// What was found.
#[derive(Debug, Clone, Default)]
pub struct Occurrences {
    pub found: Vec<Found>,
    /// In UTC: occurrences that start behind it may be missing, because a rule met its limit.
    pub complete_until: Option<DateTime>,
}

/// The occurrences that meet `[from, to)` in UTC, in no order; cancelled ones are left out,
/// unless the series says otherwise.
pub fn occurrences(
    series: &Series<'_>,
    window: (DateTime, DateTime),
    zones: &mut Zones<'_>,
    budget: &mut Budget,
    faults: &mut Vec<Fault>,
) -> Occurrences {
    let mut complete_until = None;
    let mut found = match &series.master {
        Some(master) => {
            let wide = widened(series, window);
            let times = MasterTimes::read(master, wide, series.manner, zones, budget, faults);
            complete_until = times.complete_until.map(|until| later(until, -furthest_shift_s(series, master) - EDGE_S));
            with_overrides(series, master, times, wide.0)
        }
        None => (0..series.overrides.len()).filter_map(|index| as_written(series, index)).collect(),
    };
    found.retain(|one| meets(one, window));
    found.truncate(budget.occurrences);
    budget.occurrences -= found.len();
    Occurrences { found, complete_until }
}

/// What the master gives where no override says otherwise, and what the overrides give.
fn with_overrides(series: &Series<'_>, master: &Object<'_>, mut times: MasterTimes, from: DateTime) -> Vec<Found> {
    let mut found = Vec::new();
    for (index, object) in series.overrides.iter().enumerate() {
        let Some(replaces) = &object.replaces else { continue };
        let is_ruling = replaces.is_with_following;
        let is_met = times.slots.contains_key(&replaces.when.utc) || replaces.when.utc < from;
        if !(times.is_excepted(&replaces.when, master) || is_ruling && is_met) {
            found.extend(as_written(series, index));
        }
        if !is_ruling {
            times.take_out(&replaces.when, master);
        }
    }
    let following = following(series);
    found.extend(times.slots.into_iter().filter_map(|(utc, slot)| moved(series, &following, master, (utc, &slot))));
    found
}

/// THISANDFUTURE overrides by the instant from which they rule.
fn following(series: &Series<'_>) -> BTreeMap<DateTime, usize> {
    let objects = series.overrides.iter().enumerate();
    let instants = objects.filter_map(|(index, object)| Some((object.replaces.as_ref()?, index)));
    instants.filter(|(it, _)| it.is_with_following).map(|(it, index)| (it.when.utc, index)).collect()
}

/// An occurrence of the master where the last THISANDFUTURE override before it puts it.
fn moved(
    series: &Series<'_>,
    following: &BTreeMap<DateTime, usize>,
    master: &Object<'_>,
    (utc, slot): (DateTime, &Slot),
) -> Option<Found> {
    let of_override = following.range(..=utc).next_back().map(|(_, index)| *index);
    let ruling = of_override.and_then(|index| series.overrides.get(index));
    let object = ruling.unwrap_or(master);
    if object.status == "cancelled" && series.manner == Manner::Records {
        return None;
    }
    let clock = &object.start.clock;
    let shifted = ruling.map(|object| later(slot.local, shift_s(master, object)));
    let (local, starts_at) = shifted.map_or((slot.local, utc), |local| (local, clock.to_utc(local)));
    let length = slot.length.filter(|_| ruling.is_none()).unwrap_or(object.length);
    let ends_at = length.end(local, starts_at, clock);
    let recurrence_id = object.replaces.as_ref().map(|it| it.written.clone());
    Some(Found { recurrence_id, of_override, slot: utc, starts_at, ends_at, is_all_day: object.start.is_date })
}

/// How far a THISANDFUTURE override moves the wall clock.
fn shift_s(master: &Object<'_>, object: &Object<'_>) -> i64 {
    let Some(replaces) = &object.replaces else { return 0 };
    let original =
        if replaces.when.is_date { replaces.when.local } else { master.start.clock.to_local(replaces.when.utc) };
    object.start.local.duration_since(original).as_secs()
}

/// The occurrence that an override itself writes, unless it is cancelled.
fn as_written(series: &Series<'_>, index: usize) -> Option<Found> {
    let object = series.overrides.get(index)?;
    let start = &object.start;
    let found = || Found {
        recurrence_id: object.replaces.as_ref().map(|it| it.written.clone()),
        of_override: Some(index),
        slot: object.replaces.as_ref().map_or(start.utc, |it| it.when.utc),
        starts_at: start.utc,
        ends_at: object.length.end(start.local, start.utc, &start.clock),
        is_all_day: start.is_date,
    };
    (object.status != "cancelled" || series.manner == Manner::Shown).then(found)
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
    let margin_s = furthest_shift_s(series, master) + EDGE_S;
    (later(from, -longest_s - margin_s), later(to, margin_s))
}

fn furthest_shift_s(series: &Series<'_>, master: &Object<'_>) -> i64 {
    let ruling = series.overrides.iter().filter(|object| is_with_following(object));
    ruling.map(|object| shift_s(master, object).abs()).max().unwrap_or(0).clamp(0, WIDEST_S)
}
