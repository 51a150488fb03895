//! Occurrences of the public samples beside those of another program, listed in `EXPECTED.json`.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use moisson::decode::components;
use moisson::map::events::events;
use moisson::model::records::{AnyRecord, Occurrence};
use serde_json::Value;

use crate::samples;

/// Files whose occurrences differ from the listed ones, and why.
const DIFFERING: &[(&str, &str)] = &[
    ("calcard_ical/007.ics", "one RRULE begins with junk: here a fault and the first occurrence alone"),
    ("calcard_ical/019.ics", "the other moves a series in UTC to the zone of X-WR-TIMEZONE"),
    ("calcard_ical/026.ics", "one event is cancelled: here it has no occurrence"),
    ("calcard_ical/031.ics", "the other reads floating times in X-WR-TIMEZONE, here they are the household's"),
    ("calcard_ical/041.ics", "the TZID is ` 1`: here its VTIMEZONE is found, there the time is left floating"),
    ("calcard_ical/162.ics", "a date with a TZID: here a whole day, there midnight"),
    (
        "calcard_ical/181.ics",
        "DTSTART is not of the rule and excepted: here it is one of COUNT=1 (RFC 5545), there not",
    ),
    ("calcard_ical/219.ics", "dates with a TZID: here whole days, there midnights"),
    ("calcard_ical/223.ics", "UNTIL is before DTSTART: here DTSTART counts once, there nothing is left"),
    ("calcard_ical/298.ics", "two local times of a gap are one instant: here one occurrence, there two"),
    (
        "icalendar_collective/tests/calendars/issue_1633_rdate_with_dates.ics",
        "a period of days on a timed series: here at the time of DTSTART, there at midnight",
    ),
    ("vobject_ics/radicale-0827.ics", "two overrides are cancelled: here they have no occurrence"),
];

#[test]
fn occurrences_agree_with_the_other_program() {
    let Some(folder) = samples::folder("calendar") else { return };
    let listed: Value = serde_json::from_slice(&std::fs::read(folder.join("EXPECTED.json")).unwrap()).unwrap();
    let mut differing = Vec::new();
    let mut count = 0;
    for (name, expected) in listed.as_object().unwrap() {
        let Some(wanted) = expected["occurrences"].as_u64() else { continue };
        count += 1;
        let ours = occurrences(&std::fs::read(folder.join(name)).unwrap(), expected);
        let first: Vec<String> = ours.iter().take(expected["first"].as_array().unwrap().len()).cloned().collect();
        let last: Vec<String> = ours.last().into_iter().cloned().collect();
        if ours.len() as u64 != wanted || !agree(&first, &expected["first"]) || !agree(&last, &expected["last"]) {
            println!(
                "{name}: {} occurrences, expected {wanted}\n  {first:?} .. {last:?}\n  {} .. {}",
                ours.len(),
                expected["first"],
                expected["last"]
            );
            differing.push(name.as_str());
        }
    }
    assert_eq!(count, 163);
    println!("occurrences: {} of {count} files agree", count - differing.len());
    let explained: Vec<&str> = DIFFERING.iter().map(|(name, _)| *name).collect();
    assert_eq!(differing, explained);
}

/// Starts in the spelling of the list: instants with Z, days alone; floating times are read in UTC.
fn occurrences(bytes: &[u8], expected: &Value) -> Vec<String> {
    let day = |at: usize| expected["window"][at].as_str().unwrap().parse::<Date>().unwrap();
    let agenda = events(&components(bytes).unwrap(), None, None, &TimeZone::UTC, (day(0), day(1)));
    let found = agenda.records.into_iter().filter_map(|record| match record {
        AnyRecord::Occurrence(occurrence) => Some(spelled(&occurrence)),
        _ => None,
    });
    let mut all: Vec<String> = found.collect();
    all.sort();
    all
}

fn spelled(occurrence: &Occurrence) -> String {
    let format = if occurrence.is_all_day { "%Y-%m-%d" } else { "%Y-%m-%dT%H:%M:%SZ" };
    occurrence.starts_at.strftime(format).to_string()
}

/// Floating times have no Z in the list.
fn agree(ours: &[String], listed: &Value) -> bool {
    let listed: Vec<&str> = listed.as_array().unwrap().iter().map(|one| one.as_str().unwrap()).collect();
    ours.len() == listed.len()
        && ours.iter().zip(listed).all(|(ours, listed)| ours.trim_end_matches('Z') == listed.trim_end_matches('Z'))
}
