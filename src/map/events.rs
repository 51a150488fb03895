//! Calendars to records: events as they are written, their occurrences in a window, their people.
//!
//! To-dos, journals and free-busy times make no records; they are counted, so that nobody thinks
//! they were read.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::{Date, DateTime, Time};
use jiff::tz::TimeZone;

use super::attendees::{address, attendees};
use super::calendar_objects::{self, Object};
use super::card_names::first_text;
use super::occurrences::{Series, occurrences};
use super::series_times::{Budget, Manner};
use super::stated;
use super::zones::Zones;
use crate::decode::value_text::{split, unescape};
use crate::decode::{Component, Components};
use crate::model::records::{AnyRecord, Calendar, Event, Occurrence};
use crate::model::time::{in_zone, read_local};
use crate::model::{Fault, FaultKind, Place};

/// Occurrences of one document.
const MOST_OCCURRENCES: usize = 1_000_000;
/// Times of rules that are looked at for one document.
const MOST_STEPS: usize = 5_000_000;
/// Rules beyond the limits that a document may hold.
const MOST_CUT_RULES: usize = 50;
/// What a calendar is called when nobody says.
const NAMELESS: &str = "calendar";

/// What a calendar document gives.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Agenda {
    /// Calendars, then events, each followed by its people, then occurrences.
    pub records: Vec<AnyRecord>,
    pub faults: Vec<Fault>,
    pub skipped: Skipped,
}

/// Components that make no record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Skipped {
    pub todos: u64,
    pub journals: u64,
    pub free_busy: u64,
    pub others: u64,
}

/// The calendars of a document as records; faults of reading it are in [`Components::faults`].
///
/// `calendar` is the id of the source, when there is one; `collections` that of a server's account
/// whose collections the document may tell of. All-day and floating events are read in
/// `household_zone`; occurrences are those that meet `[window.0, window.1)` there.
pub fn events(
    components: &Components,
    calendar: Option<&str>,
    collections: Option<&str>,
    household_zone: &TimeZone,
    window: (Date, Date),
) -> Agenda {
    let mut agenda = Agenda::default();
    let mut zones = Zones::new(components, household_zone);
    let mut families = Families::default();
    let collection = stated::collection(components, collections, |uid| uid.value.trim().to_owned());
    let within = collection.as_ref().map(|collection| collection.key.as_str());
    for source in sources(components, calendar, within, &mut agenda) {
        for event in source.events {
            let Some(object) = calendar_objects::read(event, &mut zones, &mut agenda.faults) else { continue };
            families.add(&source.key, object, components, &mut agenda.faults);
        }
    }
    let is_lossless = !components.faults.iter().chain(&agenda.faults).any(|fault| fault.is_row_lost);
    if let Some(collection) = &collection {
        let uids = families.uids(&collection.key);
        let stated = stated::of_collection(collection, ("event", "calendar"), &uids, is_lossless);
        agenda.records.extend(stated);
    }
    let instant = |day: Date| read_local(day.to_datetime(Time::midnight()), household_zone).first().utc;
    let budget =
        Budget { occurrences: MOST_OCCURRENCES, steps: MOST_STEPS, cut_rules: MOST_CUT_RULES, ..Budget::default() };
    let mut writer = Writer {
        agenda: &mut agenda,
        components,
        household_zone,
        window: (instant(window.0), instant(window.1)),
        budget,
    };
    families.0.into_iter().for_each(|(id, objects)| writer.series(id, objects, &mut zones));
    agenda.faults.append(&mut zones.faults);
    agenda.faults.sort_by_key(|fault| fault.place.line);
    agenda
}

/// The events of one VCALENDAR, and the key of the calendar that they belong to.
struct Source<'a> {
    key: String,
    events: Vec<&'a Component>,
}

/// The VCALENDARs, all of them of the collection `within` when the document tells of one.
fn sources<'a>(
    components: &'a Components,
    calendar: Option<&str>,
    within: Option<&str>,
    agenda: &mut Agenda,
) -> Vec<Source<'a>> {
    let names: BTreeSet<String> = components.roots.iter().filter_map(own_name).collect();
    let mut known = BTreeSet::new();
    let mut all = Vec::new();
    for root in &components.roots {
        let name = own_name(root);
        let key = || key(calendar, name.as_deref(), names.len() > 1);
        let key = within.map_or_else(key, str::to_owned);
        let mut events = Vec::new();
        collect_events(root, &mut events, &mut agenda.skipped);
        let is_calendar = root.name == "VCALENDAR" || !events.is_empty();
        if is_calendar && known.insert(key.clone()) {
            let name = name.or_else(|| calendar.map(str::to_owned));
            let time_zone = first_text(root, "X-WR-TIMEZONE").or_else(|| first_text(root, "TIMEZONE-ID"));
            agenda.records.push(Calendar { calendar: key.clone(), name, time_zone }.into());
        }
        all.push(Source { key, events });
    }
    all
}

fn own_name(root: &Component) -> Option<String> {
    first_text(root, "X-WR-CALNAME").or_else(|| first_text(root, "NAME"))
}

/// The source's id, or the calendar's own name; both when a document holds several calendars.
fn key(calendar: Option<&str>, name: Option<&str>, has_several: bool) -> String {
    match (calendar, name) {
        (Some(calendar), Some(name)) if has_several => format!("{calendar}/{name}"),
        (Some(only), _) | (None, Some(only)) => only.to_owned(),
        (None, None) => NAMELESS.to_owned(),
    }
}

fn collect_events<'a>(component: &'a Component, out: &mut Vec<&'a Component>, skipped: &mut Skipped) {
    match component.name.as_str() {
        "VEVENT" => out.push(component),
        "VTODO" => skipped.todos += 1,
        "VJOURNAL" => skipped.journals += 1,
        "VFREEBUSY" => skipped.free_busy += 1,
        "VTIMEZONE" => {}
        name => {
            skipped.others += u64::from(name != "VCALENDAR");
            component.children.iter().for_each(|child| collect_events(child, out, skipped));
        }
    }
}

/// The objects of one UID, by the instant that they replace; none for the master.
type Family<'a> = BTreeMap<Option<DateTime>, Object<'a>>;

/// Objects by calendar and UID; of two versions of one object the newer stays.
#[derive(Default)]
struct Families<'a>(BTreeMap<(String, String), Family<'a>>);

impl<'a> Families<'a> {
    fn add(&mut self, key: &str, object: Object<'a>, components: &Components, faults: &mut Vec<Fault>) {
        let family = self.0.entry((key.to_owned(), object.uid.clone())).or_default();
        let instant = object.replaces.as_ref().map(|it| it.when.utc);
        let Some(other) = family.remove(&instant) else {
            family.insert(instant, object);
            return;
        };
        let (kept, lost) = if object.is_newer_than(&other) { (object, other) } else { (other, object) };
        if components.source(kept.component).trim() != components.source(lost.component).trim() {
            faults.push(superseded(&kept, &lost));
        }
        family.insert(instant, kept);
    }
}

impl Families<'_> {
    fn uids(&self, key: &str) -> BTreeSet<&str> {
        self.0.keys().filter(|(calendar, _)| calendar == key).map(|(_, uid)| uid.as_str()).collect()
    }
}

fn superseded(kept: &Object<'_>, lost: &Object<'_>) -> Fault {
    let message = format!("another version of this event, on line {}, is newer", kept.component.line);
    Fault::new(FaultKind::Malformed, Place::line(lost.component.line), lost.uid.clone(), message)
}

/// Turns series into records.
struct Writer<'w> {
    agenda: &'w mut Agenda,
    components: &'w Components,
    household_zone: &'w TimeZone,
    window: (DateTime, DateTime),
    budget: Budget,
}

impl Writer<'_> {
    fn series(&mut self, (key, uid): (String, String), mut objects: Family<'_>, zones: &mut Zones<'_>) {
        for object in objects.values() {
            self.event(&key, object);
        }
        let master = objects.remove(&None);
        let series = Series { master, overrides: objects.into_values().collect(), manner: Manner::Records };
        let found = occurrences(&series, self.window, zones, &mut self.budget, &mut self.agenda.faults).found;
        let local = |utc: DateTime| in_zone(utc, self.household_zone).local;
        self.agenda.records.extend(found.into_iter().map(|one| {
            let (starts_local, ends_local) = (local(one.starts_at), local(one.ends_at));
            Occurrence {
                calendar: key.clone(),
                uid: uid.clone(),
                recurrence_id: one.recurrence_id,
                starts_at: one.starts_at,
                ends_at: one.ends_at,
                starts_local,
                ends_local,
                is_all_day: one.is_all_day,
            }
            .into()
        }));
    }

    fn event(&mut self, key: &str, object: &Object<'_>) {
        let event = object.component;
        let recurrence_id = object.replaces.as_ref().map(|it| it.written.clone());
        let people = attendees(event, key, &object.uid, recurrence_id.as_deref());
        let record = Event {
            calendar: key.to_owned(),
            uid: object.uid.clone(),
            recurrence_id,
            summary: first_text(event, "SUMMARY"),
            description: first_text(event, "DESCRIPTION"),
            location: first_text(event, "LOCATION"),
            status: object.status.to_owned(),
            starts_local: object.start.local,
            starts_at: object.start.utc,
            is_all_day: object.start.is_date,
            time_zone: object.start.clock.name().map(str::to_owned),
            recurrence: recurrence(event),
            organizer: event.property("ORGANIZER").and_then(address),
            categories: categories(event),
            sequence: object.sequence,
            raw: self.components.source(event),
        };
        self.agenda.records.push(record.into());
        self.agenda.records.extend(people.into_iter().map(AnyRecord::from));
    }
}

fn recurrence(event: &Component) -> Option<String> {
    let rules: Vec<&str> = event.properties_named("RRULE").map(|rule| rule.value.trim()).collect();
    (!rules.is_empty()).then(|| rules.join("\n"))
}

fn categories(event: &Component) -> Option<String> {
    let mut all: Vec<String> = Vec::new();
    for property in event.properties_named("CATEGORIES") {
        let text = property.text();
        all.extend(split(&text, ',').map(|one| unescape(one).trim().to_owned()).filter(|one| !one.is_empty()));
    }
    (!all.is_empty()).then(|| all.join(","))
}
