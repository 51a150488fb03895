//! A series to its occurrences: what the master gives, as overrides change it (RFC 5545 §3.8.4.4).

use std::collections::BTreeMap;

use jiff::civil::DateTime;

use super::calendar_objects::{Object, later};
use super::series_times::{Budget, MasterTimes, Slot};
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

/// The occurrences that meet `[from, to)` in UTC, in no order; cancelled ones are left out.
pub fn occurrences(
    series: &Series<'_>,
    window: (DateTime, DateTime),
    zones: &mut Zones<'_>,
    budget: &mut Budget,
    faults: &mut Vec<Fault>,
) -> Vec<Found> {
    let mut found = match &series.master {
        Some(master) => {
            let wide = widened(series, window);
            let times = MasterTimes::read(master, wide, zones, budget, faults);
            with_overrides(series, master, times, wide.0)
        }
        None => series.overrides.iter().filter_map(as_written).collect(),
    };
    found.retain(|one| meets(one, window));
    found.truncate(budget.occurrences);
    budget.occurrences -= found.len();
    found
}

/// What the master gives where no override says otherwise, and what the overrides give.
fn with_overrides(series: &Series<'_>, master: &Object<'_>, mut times: MasterTimes, from: DateTime) -> Vec<Found> {
    let mut found = Vec::new();
    for object in &series.overrides {
        let Some(replaces) = &object.replaces else { continue };
        let is_ruling = replaces.is_with_following;
        let is_met = times.slots.contains_key(&replaces.when.utc) || replaces.when.utc < from;
        if !(times.is_excepted(&replaces.when, master) || is_ruling && is_met) {
            found.extend(as_written(object));
        }
        if !is_ruling {
            times.take_out(&replaces.when, master);
        }
    }
    let following = following(series);
    found.extend(times.slots.into_iter().filter_map(|(utc, slot)| moved(&following, master, utc, &slot)));
    found
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

/// The occurrence that an object itself writes, unless it is cancelled.
fn as_written(object: &Object<'_>) -> Option<Found> {
    let start = &object.start;
    let found = || Found {
        recurrence_id: object.replaces.as_ref().map(|it| it.written.clone()),
        starts_at: start.utc,
        ends_at: object.length.end(start.local, start.utc, &start.clock),
        is_all_day: start.is_date,
    };
    (object.status != "cancelled").then(found)
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
    let margin_s = shifts_s.max().unwrap_or(0).clamp(0, WIDEST_S) + EDGE_S;
    (later(from, -longest_s - margin_s), later(to, margin_s))
}
