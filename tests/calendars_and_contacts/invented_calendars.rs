//! Invented calendars with the occurrences that they must give, in Paris.

use jiff::civil::date;
use jiff::tz::TimeZone;
use moisson::decode::components;
use moisson::map::events::{Agenda, events};
use moisson::model::records::{AnyRecord, Calendar, Event, Occurrence};

use crate::samples;

const PARIS: &str = "Europe/Paris";

fn agenda(text: &str) -> Agenda {
    let zone = TimeZone::get(PARIS).unwrap();
    events(&components(text.as_bytes()).unwrap(), Some("famille"), None, &zone, (date(2026, 1, 1), date(2028, 1, 1)))
}

fn occurrences(agenda: &Agenda) -> Vec<&Occurrence> {
    let found = agenda.records.iter().filter_map(|record| match record {
        AnyRecord::Occurrence(occurrence) => Some(occurrence),
        _ => None,
    });
    let mut found: Vec<_> = found.collect();
    found.sort_by_key(|one| (one.starts_at, one.ends_at));
    found
}

fn event_records(agenda: &Agenda) -> Vec<&Event> {
    let events = agenda.records.iter().filter_map(|record| match record {
        AnyRecord::Event(event) => Some(event),
        _ => None,
    });
    events.collect()
}

/// `lines` are those of VEVENTs; expected are starts and ends in UTC and the kinds of the faults.
fn check(lines: &str, expected: &[&str], faults: &[&str]) {
    let agenda = agenda(&format!("BEGIN:VCALENDAR\n{lines}\nEND:VCALENDAR\n"));
    let spelled = |one: &&Occurrence| {
        let times = format!("{} {}", one.starts_at.strftime("%Y%m%dT%H%M"), one.ends_at.strftime("%Y%m%dT%H%M"));
        if one.is_all_day { format!("{times} all day") } else { times }
    };
    let found: Vec<String> = occurrences(&agenda).iter().map(spelled).collect();
    assert_eq!(found, expected, "{lines}");
    let kinds: Vec<&str> = agenda.faults.iter().map(|fault| fault.kind.code()).collect();
    assert_eq!(kinds, faults, "{:?}", agenda.faults);
}

fn event(lines: &str) -> String {
    format!("BEGIN:VEVENT\nUID:chorale@example.org\n{lines}\nEND:VEVENT")
}

#[test]
fn a_weekly_event_keeps_its_hour_across_the_clock_change() {
    let lines = "DTSTART;TZID=Europe/Paris:20260323T190000\nDTEND;TZID=Europe/Paris:20260323T203000\nRRULE:FREQ=WEEKLY;COUNT=3\nEXDATE;TZID=Europe/Paris:20260406T190000";
    check(&event(lines), &["20260323T1800 20260323T1930", "20260330T1700 20260330T1830"], &[]);
}

#[test]
fn a_moved_occurrence_replaces_its_own() {
    let master = event("DTSTART;TZID=Europe/Paris:20260401T090000\nDURATION:PT1H\nRRULE:FREQ=DAILY;COUNT=3");
    let moved =
        event("RECURRENCE-ID:20260402T070000Z\nDTSTART;TZID=Europe/Paris:20260410T140000\nDURATION:PT2H\nSEQUENCE:1");
    let expected = ["20260401T0700 20260401T0800", "20260403T0700 20260403T0800", "20260410T1200 20260410T1400"];
    check(&format!("{master}\n{moved}"), &expected, &[]);
    check(&format!("{moved}\n{master}"), &expected, &[]);
    let deleted = master.replace("DURATION", "EXDATE;TZID=Europe/Paris:20260402T090000\nDURATION");
    check(&format!("{deleted}\n{moved}"), &[expected[0], expected[1]], &[]);
    let cancelled = moved.replace("SEQUENCE:1", "SEQUENCE:2\nSTATUS:CANCELLED");
    check(&format!("{master}\n{cancelled}"), &[expected[0], expected[1]], &[]);
    check(&moved, &[expected[2]], &[]);
}

#[test]
fn the_newest_version_of_an_object_counts() {
    let old = event("DTSTART:20260401T070000Z\nSEQUENCE:1\nDTSTAMP:20260301T000000Z");
    let new = event("DTSTART:20260501T070000Z\nSEQUENCE:1\nDTSTAMP:20260302T000000Z");
    check(&format!("{new}\n{old}"), &["20260501T0700 20260501T0700"], &["malformed"]);
    check(&format!("{old}\n{old}"), &["20260401T0700 20260401T0700"], &[]);
}

#[test]
fn this_and_future_moves_what_follows() {
    let master = event("DTSTART;TZID=Europe/Paris:20260316T090000\nDURATION:PT1H\nRRULE:FREQ=WEEKLY;COUNT=4");
    let later = event(
        "RECURRENCE-ID;RANGE=THISANDFUTURE;TZID=Europe/Paris:20260323T090000\nDTSTART;TZID=Europe/Paris:20260324T100000\nDURATION:PT30M",
    );
    let expected = [
        "20260316T0800 20260316T0900",
        "20260324T0900 20260324T0930",
        "20260331T0800 20260331T0830",
        "20260407T0800 20260407T0830",
    ];
    check(&format!("{master}\n{later}"), &expected, &[]);
    let long_ago = [
        event("DTSTART:20200106T090000Z\nRRULE:FREQ=YEARLY"),
        event("RECURRENCE-ID;RANGE=THISANDFUTURE:20220106T090000Z\nDTSTART:20220107T100000Z"),
    ];
    check(&long_ago.join("\n"), &["20260107T1000 20260107T1000", "20270107T1000 20270107T1000"], &[]);
    let stopped = later.replace("DURATION:PT30M", "STATUS:CANCELLED");
    check(&format!("{master}\n{stopped}"), &expected[..1], &[]);
}

#[test]
fn zones_of_windows_aliases_and_own_rules() {
    let at = |zone: &str| event(&format!("DTSTART;TZID={zone}:20260701T120000"));
    let noon = ["20260701T1000 20260701T1000"];
    check(&at("Romance Standard Time"), &noon, &[]);
    check(&at("\"/mozilla.org/20050126_1/Europe/Paris\""), &noon, &[]);
    check(&at("Customized Time Zone"), &noon, &["unknown_value"]);
    let rules = "BEGIN:VTIMEZONE\nTZID:Customized Time Zone\nBEGIN:STANDARD\nDTSTART:16010101T000000\nTZOFFSETFROM:+0300\nTZOFFSETTO:+0300\nEND:STANDARD\nEND:VTIMEZONE\n";
    check(&format!("{rules}{}", at("Customized Time Zone")), &["20260701T0900 20260701T0900"], &[]);
    let named = "BEGIN:VTIMEZONE\nTZID:Chez nous\nX-LIC-LOCATION:Indian/Reunion\nEND:VTIMEZONE\n";
    check(&format!("{named}{}", at("Chez nous")), &["20260701T0800 20260701T0800"], &[]);
}

#[test]
fn whole_days_are_the_households() {
    check(&event("DTSTART;VALUE=DATE:20260501"), &["20260430T2200 20260501T2200 all day"], &[]);
    check(&event("DTSTART:20260328\nDTEND:20260330"), &["20260327T2300 20260329T2200 all day"], &[]);
    let lines = "DTSTART;VALUE=DATE:20240229\nRRULE:FREQ=YEARLY\nEXDATE;VALUE=DATE:20240229";
    check(&event(lines), &[], &[]);
    let lines = "DTSTART;VALUE=DATE:20260101\nRRULE:FREQ=DAILY;COUNT=3;BYHOUR=9\nEXDATE:20260102T000000";
    check(&event(lines), &["20251231T2300 20260101T2300 all day", "20260102T2300 20260103T2300 all day"], &[]);
}

#[test]
fn until_is_inclusive_in_every_spelling() {
    let until =
        |until: &str| event(&format!("DTSTART;TZID=Europe/Paris:20260327T230000\nRRULE:FREQ=DAILY;UNTIL={until}"));
    let three = ["20260327T2200 20260327T2200", "20260328T2200 20260328T2200", "20260329T2100 20260329T2100"];
    check(&until("20260329T210000Z"), &three, &[]);
    check(&until("20260329T205959Z"), &three[..2], &[]);
    check(&until("20260329T230000"), &three, &[]);
    check(&until("20260329"), &three, &[]);
    let days = event("DTSTART;VALUE=DATE:20260501\nRRULE:FREQ=DAILY;UNTIL=20260502");
    check(&days, &["20260430T2200 20260501T2200 all day", "20260501T2200 20260502T2200 all day"], &[]);
}

#[test]
fn dates_are_added_and_excepted_by_instant_or_day() {
    let lines = "DTSTART;TZID=Europe/Paris:20260401T090000\nDURATION:PT1H\nRRULE:FREQ=DAILY;COUNT=2\nRDATE:20260401T070000Z,20260405T070000Z\nRDATE;VALUE=PERIOD:20260406T070000Z/PT15M\nRDATE;VALUE=DATE:20260407\nEXDATE;VALUE=DATE:20260402";
    let expected = [
        "20260401T0700 20260401T0800",
        "20260405T0700 20260405T0800",
        "20260406T0700 20260406T0715",
        "20260407T0700 20260407T0800",
    ];
    check(&event(lines), &expected, &[]);
    let two_rules =
        "DTSTART:20260401T090000Z\nRRULE:FREQ=DAILY;COUNT=2\nRRULE:FREQ=MONTHLY;COUNT=2\nEXRULE:FREQ=DAILY;COUNT=1";
    check(&event(two_rules), &["20260402T0900 20260402T0900", "20260501T0900 20260501T0900"], &[]);
    let start_counts = "DTSTART:20260401T090000Z\nRRULE:FREQ=WEEKLY;BYDAY=FR;COUNT=2";
    check(&event(start_counts), &["20260401T0900 20260401T0900", "20260403T0900 20260403T0900"], &[]);
}

#[test]
fn lengths_are_exact_or_nominal() {
    let over_the_change = |length: &str| event(&format!("DTSTART;TZID=Europe/Paris:20260328T120000\n{length}"));
    check(&over_the_change("DURATION:P1D"), &["20260328T1100 20260329T1000"], &[]);
    check(&over_the_change("DURATION:PT24H"), &["20260328T1100 20260329T1100"], &[]);
    check(&over_the_change("DTEND;TZID=Europe/London:20260329T110000"), &["20260328T1100 20260329T1000"], &[]);
    check(
        &over_the_change("DTEND;TZID=Europe/Paris:20260327T120000"),
        &["20260328T1100 20260328T1100"],
        &["not_a_time"],
    );
    check(&over_the_change("DURATION:soon"), &["20260328T1100 20260328T1100"], &["not_a_duration"]);
}

#[test]
fn what_cannot_be_read_is_a_fault() {
    check("BEGIN:VEVENT\nSUMMARY:x\nEND:VEVENT", &[], &["missing_value"]);
    check(&event("DTSTART:demain"), &[], &["not_a_time"]);
    check(
        &event("DTSTART:20260401T090000Z\nRRULE:FREQ=SOMETIMES"),
        &["20260401T0900 20260401T0900"],
        &["unknown_value"],
    );
    let bomb = agenda(&format!(
        "BEGIN:VCALENDAR\n{}\nEND:VCALENDAR",
        event("DTSTART:20200101T000000Z\nRRULE:FREQ=SECONDLY;UNTIL=99991231T235959Z")
    ));
    assert!((10_000..=20_000).contains(&occurrences(&bomb).len()));
    assert_eq!(bomb.faults.iter().map(|fault| fault.kind.code()).collect::<Vec<_>>(), ["too_large"]);
}

#[test]
fn calendars_events_and_people_are_records() {
    let text = "BEGIN:VCALENDAR\nX-WR-CALNAME:Chorale\nX-WR-TIMEZONE:Europe/Paris\nBEGIN:VTODO\nUID:t\nEND:VTODO\nBEGIN:VEVENT\nUID:1\nDTSTART:20260401T090000\nSUMMARY:R\u{e9}p\u{e9}tition\\, salle B\nCATEGORIES:loisir,chant\nCATEGORIES:a\\,b\nORGANIZER;CN=Claire:mailto:Claire@Example.org\nATTENDEE;PARTSTAT=ACCEPTED:MAILTO:claire@example.org\nATTENDEE;ROLE=OPT-PARTICIPANT;CN=\"Aubry, Paul\":mailto:paul@example.org\nRRULE:FREQ=DAILY;COUNT=1\nEND:VEVENT\nEND:VCALENDAR\n";
    let agenda = agenda(text);
    let calendar = Calendar { calendar: "famille".into(), name: Some("Chorale".into()), time_zone: Some(PARIS.into()) };
    assert_eq!(agenda.records[0], AnyRecord::Calendar(calendar));
    let event = event_records(&agenda)[0];
    assert_eq!(event.summary.as_deref(), Some("Répétition, salle B"));
    assert_eq!(event.categories.as_deref(), Some("loisir,chant,a,b"));
    assert_eq!((event.organizer.as_deref(), event.time_zone.as_deref()), (Some("claire@example.org"), None));
    assert!(event.raw.starts_with("BEGIN:VEVENT\nUID:1") && event.raw.ends_with("END:VEVENT"));
    let people = agenda.records.iter().filter_map(|record| match record {
        AnyRecord::Attendee(person) => Some((person.address.as_str(), person.role.as_str(), person.answer.as_deref())),
        _ => None,
    });
    let people: Vec<_> = people.collect();
    assert_eq!(people, [("claire@example.org", "organizer", Some("accepted")), ("paul@example.org", "optional", None)]);
    assert_eq!((agenda.skipped.todos, agenda.skipped.others), (1, 0));
}

#[test]
fn two_calendars_in_one_file_stay_apart() {
    let calendar = |name: &str| {
        format!("BEGIN:VCALENDAR\nX-WR-CALNAME:{name}\n{}\nEND:VCALENDAR\n", event("DTSTART:20260401T090000Z"))
    };
    let agenda = agenda(&[calendar("Claire"), calendar("Paul")].concat());
    let keys: Vec<_> = event_records(&agenda).iter().map(|event| event.calendar.as_str()).collect();
    assert_eq!(keys, ["famille/Claire", "famille/Paul"]);
    assert_eq!(occurrences(&agenda).len(), 2);
}

#[test]
fn the_made_up_sample_comes_out_exactly() {
    let Some(folder) = samples::folder("calendar/synthetic") else { return };
    let text = std::fs::read_to_string(folder.join("paris_dst.ics")).unwrap();
    let listed = std::fs::read(folder.join("../../synthetic_EXPECTED.json")).unwrap();
    let listed: serde_json::Value = serde_json::from_slice(&listed).unwrap();
    let listed = &listed["calendar"]["paris_dst.ics"];
    let agenda = agenda(&text);
    let starts = |uid: &str, format: &str| -> Vec<String> {
        let of_uid = occurrences(&agenda).into_iter().filter(|one| one.uid.starts_with(uid));
        of_uid
            .map(|one| if one.is_all_day { one.starts_local } else { one.starts_at }.strftime(format).to_string())
            .collect()
    };
    let list = |name: &str| -> Vec<String> { serde_json::from_value(listed[name].clone()).unwrap() };
    let utc = "%Y-%m-%dT%H:%MZ";
    assert_eq!(starts("weekly-paris", utc), list("weekly_utc"));
    assert_eq!(starts("until", utc), list("until_utc"));
    assert_eq!(starts("allday", "%Y-%m-%d"), list("allday_local_days"));
    assert!(listed["gap_event_utc"].as_str().unwrap().starts_with(&starts("night", utc)[0]));
    assert_eq!(starts("floating", utc), ["2026-04-01T06:00Z"]);
    assert_eq!(agenda.faults, []);
}
