//! The public samples as a server would hold them: found by a query at their occurrences.

use std::collections::BTreeMap;

use jiff::tz::TimeZone;
use moisson::dav::calendar::{DataWanted, check, data};
use moisson::dav::xml;
use moisson::decode::{Components, components};
use serde_json::Value;

use crate::samples;
use crate::stored::{Stored, calendar};

/// Files in which a listed occurrence is not found, and why.
const DIFFERING: &[(&str, &str)] = &[
    ("calcard_ical/007.ics", "one RRULE begins with junk: here the first occurrence alone"),
    ("calcard_ical/041.ics", "the TZID is ` 1`: here its VTIMEZONE is found, there the time is left floating"),
    (
        "icalendar_collective/tests/calendars/issue_1633_rdate_with_dates.ics",
        "a period of days on a timed series: here at the time of DTSTART, there at midnight",
    ),
];

/// Files whose number of instances differs from the listed one, and why.
const OTHERWISE_COUNTED: &[(&str, &str)] = &[
    ("calcard_ical/007.ics", "one RRULE begins with junk: here the first occurrence alone"),
    ("calcard_ical/223.ics", "UNTIL is before DTSTART: here DTSTART counts once, there nothing is left"),
    (
        "icalendar_collective/tests/calendars/issue_1633_rdate_with_dates.ics",
        "a period of days on a timed series: here at the time of DTSTART, there at midnight",
    ),
];

#[test]
fn samples_are_found_at_their_occurrences() {
    let Some(folder) = samples::folder("calendar") else { return };
    let listed: Value = serde_json::from_slice(&std::fs::read(folder.join("EXPECTED.json")).unwrap()).unwrap();
    let (mut n_files, mut n_objects, mut n_whole) = (0, 0, 0);
    let (mut differing, mut otherwise_counted) = (Vec::new(), Vec::new());
    for (name, expected) in listed.as_object().unwrap() {
        if expected["occurrences"].as_u64().is_none() {
            continue;
        }
        let bytes = std::fs::read(folder.join(name)).unwrap();
        n_whole += usize::from(check(&bytes).is_ok());
        // Not all of them may stand on a server: without UID, or two masters with one.
        let Some(stored) = objects(&bytes) else { continue };
        n_objects += stored.len();
        n_files += 1;
        let n_instances: usize = stored.iter().map(|object| n_instances(object, &expected["window"])).sum();
        if n_instances as u64 != expected["occurrences"].as_u64().unwrap() {
            println!("{name}: {n_instances} instances, expected {}", expected["occurrences"]);
            otherwise_counted.push(name.as_str());
        }
        let starts = expected["first"].as_array().unwrap().iter().chain(expected["last"].as_array().unwrap());
        for start in starts.map(|start| start.as_str().unwrap()) {
            let range = range(start);
            if !stored.iter().any(|object| object.is_in(&range)) {
                println!("{name}: nothing found in {range}");
                differing.push(name.as_str());
                break;
            }
        }
    }
    println!("samples: {n_objects} objects of {n_files} files, {n_whole} of them objects as they are");
    assert!(n_whole > 30 && n_objects > 300, "{n_whole} {n_objects}");
    let explained: Vec<&str> = DIFFERING.iter().map(|(name, _)| *name).collect();
    assert_eq!(differing, explained);
    let explained: Vec<&str> = OTHERWISE_COUNTED.iter().map(|(name, _)| *name).collect();
    assert_eq!(otherwise_counted, explained);
}

/// Instances of an object that is expanded in the window of the list.
fn n_instances(stored: &Stored, window: &Value) -> usize {
    let day = |at: usize| window[at].as_str().unwrap().replace('-', "") + "T000000Z";
    let expand = format!("<expand xmlns='urn:ietf:params:xml:ns:caldav' start='{}' end='{}'/>", day(0), day(1));
    let body = format!("<calendar-data>{expand}</calendar-data>");
    let wanted = DataWanted::read(&xml::read(body.as_bytes()).unwrap()).unwrap();
    let expanded = data(&stored.object(), &wanted).unwrap();
    components(&expanded).unwrap().roots[0].children.iter().filter(|child| child.name == "VEVENT").count()
}

/// The objects of a file: its events by UID, each with the zones; none when one is not valid.
fn objects(bytes: &[u8]) -> Option<Vec<Stored>> {
    let document = components(bytes).unwrap();
    let mut by_uid: BTreeMap<String, String> = BTreeMap::new();
    let zones = sources(&document, "VTIMEZONE").map(|(_, source)| source).collect::<Vec<_>>().join("\n");
    for (uid, source) in sources(&document, "VEVENT") {
        by_uid.entry(uid).or_default().extend(["\n", &source]);
    }
    let texts = by_uid.into_values().map(|events| calendar(&format!("{zones}{events}")));
    let stored = |text: String| check(text.as_bytes()).is_ok().then(|| Stored::new(text.as_bytes(), &TimeZone::UTC));
    texts.map(stored).collect()
}

fn sources<'a>(document: &'a Components, name: &'a str) -> impl Iterator<Item = (String, String)> + 'a {
    let all = document.roots.iter().flat_map(|root| std::iter::once(root).chain(&root.children));
    let all = all.filter(move |component| component.name == name);
    all.map(|child| {
        let uid = child.property("UID").map(|uid| uid.value.trim().to_owned()).unwrap_or_default();
        (uid, document.source(child).replace("\r\n", "\n"))
    })
}

/// The second at which an occurrence begins.
fn range(start: &str) -> String {
    let compact: String = start.chars().filter(|c| !matches!(c, '-' | ':')).collect();
    let at: jiff::civil::DateTime = match compact.trim_end_matches('Z') {
        day if day.len() == 8 => day.parse::<jiff::civil::Date>().unwrap().at(0, 0, 0, 0),
        time => time.parse().unwrap(),
    };
    let behind = at.saturating_add(jiff::SignedDuration::from_secs(1));
    format!("{} {}", at.strftime("%Y%m%dT%H%M%SZ"), behind.strftime("%Y%m%dT%H%M%SZ"))
}
