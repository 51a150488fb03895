//! Time ranges: the tables of RFC 4791 §9.9, recurrence, and what must not cost much.

use std::time::{Duration, Instant};

use crate::stored::{Stored, time_range};

fn event(lines: &str) -> Stored {
    Stored::of(&format!("BEGIN:VEVENT\nUID:e\n{lines}\nEND:VEVENT"))
}

fn todo(lines: &str) -> Stored {
    Stored::of(&format!("BEGIN:VTODO\nUID:t\n{lines}\nEND:VTODO"))
}

/// Each range with the answer.
fn check(stored: &Stored, cases: &[(&str, bool)]) {
    for (range, is_found) in cases {
        assert_eq!(stored.is_in(range), *is_found, "{range} of {}", String::from_utf8_lossy(&stored.bytes));
    }
}

#[test]
fn events_take_their_time() {
    let hour = event("DTSTART:20260316T090000Z\nDTEND:20260316T100000Z");
    check(
        &hour,
        &[
            ("20260316T080000Z 20260316T090000Z", false),
            ("20260316T080000Z 20260316T090001Z", true),
            ("20260316T095959Z 20260316T110000Z", true),
            ("20260316T100000Z 20260316T110000Z", false),
            ("20260316T091500Z -", true),
            ("20260316T100000Z -", false),
            ("- 20260316T090000Z", false),
            ("- 20260316T090001Z", true),
        ],
    );
    let instants = ["DTSTART:20260316T090000Z", "DTSTART:20260316T090000Z\nDURATION:PT0S"];
    let wrong =
        ["DTSTART:20260316T090000Z\nDTEND:20260316T090000Z", "DTSTART:20260316T090000Z\nDTEND:20260315T090000Z"];
    for lines in instants.into_iter().chain(wrong) {
        check(&event(lines), &[("20260316T090000Z 20260316T090001Z", true), ("20260316T090001Z -", false)]);
    }
}

#[test]
fn days_stand_on_the_clock_of_the_calendar() {
    let day = event("DTSTART;VALUE=DATE:20260316");
    check(
        &day,
        &[
            ("20260315T220000Z 20260315T230000Z", false),
            ("20260315T220000Z 20260315T230001Z", true),
            ("20260316T225959Z 20260317T000000Z", true),
            ("20260316T230000Z 20260317T000000Z", false),
        ],
    );
    let mut asked_in_utc = event("DTSTART;VALUE=DATE:20260316");
    asked_in_utc.zone = jiff::tz::TimeZone::UTC;
    check(&asked_in_utc, &[("20260316T230000Z 20260317T000000Z", true), ("20260315T220000Z 20260315T233000Z", false)]);
}

#[test]
fn to_dos_have_eight_cases() {
    let duration = todo("DTSTART:20260316T090000Z\nDURATION:PT1H");
    let at_end = [("20260316T100000Z 20260316T110000Z", true), ("20260316T100001Z 20260316T110000Z", false)];
    check(&duration, &at_end);
    check(&duration, &[("20260316T080000Z 20260316T090000Z", false), ("20260316T080000Z 20260316T090001Z", true)]);
    let due = todo("DTSTART:20260316T090000Z\nDUE:20260316T100000Z");
    check(&due, &[("20260316T095959Z -", true), ("20260316T100000Z -", false), ("- 20260316T090001Z", true)]);
    check(&due, &[("- 20260316T090000Z", false)]);
    let start = todo("DTSTART:20260316T090000Z");
    check(&start, &[("20260316T090000Z -", true), ("20260316T090001Z -", false), ("- 20260316T090000Z", false)]);
    let only_due = todo("DUE:20260316T100000Z");
    check(&only_due, &[("20260316T095959Z 20260316T100000Z", true), ("20260316T100000Z -", false)]);
    check(&only_due, &[("- 20260316T095959Z", false)]);
    let both = todo("CREATED:20260301T000000Z\nCOMPLETED:20260310T000000Z");
    check(&both, &[("20260305T000000Z 20260306T000000Z", true), ("20260310T000001Z -", false)]);
    check(&both, &[("- 20260301T000000Z", true), ("- 20260228T235959Z", false)]);
    let completed = todo("COMPLETED:20260310T000000Z");
    check(&completed, &[("20260310T000000Z 20260311T000000Z", true), ("20260305T000000Z 20260306T000000Z", false)]);
    let created = todo("CREATED:20260301T000000Z");
    check(&created, &[("20300101T000000Z 20300102T000000Z", true), ("- 20260301T000000Z", false)]);
    check(&todo("SUMMARY:one day"), &[("19000101T000000Z 19000102T000000Z", true), ("20300101T000000Z -", true)]);
}

#[test]
fn journals_and_free_busy_times() {
    let journal = |lines: &str| Stored::of(&format!("BEGIN:VJOURNAL\nUID:j\n{lines}\nEND:VJOURNAL"));
    let day = journal("DTSTART;VALUE=DATE:20260316");
    check(&day, &[("20260316T120000Z 20260316T130000Z", true), ("20260317T000000Z -", false)]);
    check(&journal("DTSTART:20260316T090000Z"), &[("20260316T090000Z -", true), ("20260316T090001Z -", false)]);
    check(&journal("SUMMARY:when?"), &[("20260316T090000Z -", false)]);
    let busy =
        "BEGIN:VFREEBUSY\nUID:f\nFREEBUSY:20260316T090000Z/PT1H,20260320T090000Z/20260320T100000Z\nEND:VFREEBUSY";
    check(&Stored::of(busy), &[("20260317T000000Z 20260318T000000Z", false), ("20260320T093000Z -", true)]);
}

#[test]
fn series_are_met_at_each_instance() {
    let weekly = Stored::of(
        "BEGIN:VEVENT\nUID:w\nDTSTART;TZID=Europe/Paris:20260302T090000\nDURATION:PT1H\nRRULE:FREQ=WEEKLY\nEXDATE;TZID=Europe/Paris:20260309T090000\nEND:VEVENT\nBEGIN:VEVENT\nUID:w\nRECURRENCE-ID;TZID=Europe/Paris:20260316T090000\nDTSTART;TZID=Europe/Paris:20260317T150000\nDURATION:PT1H\nSTATUS:CANCELLED\nEND:VEVENT",
    );
    check(
        &weekly,
        &[
            ("20260302T080000Z 20260302T090000Z", true),
            ("20260309T000000Z 20260310T000000Z", false),
            ("20260316T000000Z 20260317T000000Z", false),
            ("20260317T140000Z 20260317T150000Z", true),
            ("20260330T070000Z 20260330T080000Z", true),
            ("20260330T080000Z 20260331T000000Z", false),
            ("20710302T000000Z 20710303T000000Z", true),
            ("20710303T000000Z 20710304T000000Z", false),
            ("20260401T000000Z -", true),
            ("- 20260302T080000Z", false),
        ],
    );
    let counted = event("DTSTART:20260302T090000Z\nRRULE:FREQ=DAILY;COUNT=3");
    check(&counted, &[("20260304T090000Z -", true), ("20260304T090001Z -", false)]);
    let until = event("DTSTART:20200101T090000Z\nRRULE:FREQ=DAILY;UNTIL=20300101T090000Z");
    check(&until, &[("20300101T090000Z -", true), ("20300101T090001Z -", false)]);
    check(&until, &[("20251224T080000Z 20251224T090001Z", true), ("20251224T080000Z 20251224T090000Z", false)]);
}

#[test]
fn to_dos_recur_from_their_due() {
    let monthly = todo("DUE;VALUE=DATE:20260131\nRRULE:FREQ=MONTHLY;BYMONTHDAY=-1");
    check(&monthly, &[("20260227T000000Z 20260228T000000Z", true), ("20260301T000000Z 20260302T000000Z", false)]);
}

#[test]
fn alarms_are_met_when_they_go_off() {
    let alarm = |trigger: &str| {
        event(&format!(
            "DTSTART:20260110T080000Z\nDTEND:20260110T090000Z\nRRULE:FREQ=WEEKLY\nBEGIN:VALARM\nACTION:DISPLAY\n{trigger}\nEND:VALARM"
        ))
    };
    let is_met = |stored: &Stored, range: &str| {
        let range = time_range(range);
        let inner = format!("<comp-filter name='VALARM'>{range}</comp-filter>");
        stored.is_found(&format!("<comp-filter name='VEVENT'>{inner}</comp-filter>"))
    };
    let before = alarm("TRIGGER:-PT15M");
    assert!(is_met(&before, "20260117T074000Z 20260117T075500Z"));
    assert!(!is_met(&before, "20260117T080000Z 20260117T081500Z"));
    let at_end = alarm("TRIGGER;RELATED=END:PT10M\nREPEAT:2\nDURATION:PT1H");
    assert!(is_met(&at_end, "20260110T111000Z 20260110T111001Z"));
    assert!(!is_met(&at_end, "20260110T111001Z 20260110T120000Z"));
    let absolute = alarm("TRIGGER;VALUE=DATE-TIME:20260101T000000Z");
    assert!(is_met(&absolute, "20260101T000000Z 20260101T000001Z"));
    assert!(!is_met(&event("DTSTART:20260110T080000Z"), "20260110T000000Z 20260111T000000Z"));
}

#[test]
fn a_thousand_overrides_with_alarms_cost_bounded_time() {
    let alarm = "BEGIN:VALARM\nACTION:DISPLAY\nTRIGGER:-PT15M\nEND:VALARM";
    let master = format!("BEGIN:VEVENT\nUID:m\nDTSTART:20200101T080000Z\nRRULE:FREQ=DAILY\n{alarm}\nEND:VEVENT");
    let overridden = (0..1_000).map(|nth: i64| {
        let day = jiff::civil::date(2020, 1, 1).saturating_add(jiff::Span::new().days(nth)).strftime("%Y%m%d");
        format!("\nBEGIN:VEVENT\nUID:m\nRECURRENCE-ID:{day}T080000Z\nDTSTART:{day}T090000Z\n{alarm}\nEND:VEVENT")
    });
    let many = Stored::of(&std::iter::once(master).chain(overridden).collect::<String>());
    let started = Instant::now();
    let is_met = |range: &str| {
        let alarm = format!("<comp-filter name='VALARM'>{}</comp-filter>", time_range(range));
        many.is_found(&format!("<comp-filter name='VEVENT'>{alarm}</comp-filter>"))
    };
    assert!(is_met("20200601T084500Z 20200601T084501Z"), "of an override");
    assert!(!is_met("20200601T074500Z 20200601T074501Z"), "of what it replaces");
    assert!(is_met("20260601T074500Z 20260601T074501Z"), "of the master");
    assert!(started.elapsed() < Duration::from_secs(20));
}

#[test]
fn bombs_cost_bounded_time() {
    for rule in ["FREQ=SECONDLY", "FREQ=SECONDLY;COUNT=2000000000", "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30"] {
        let started = Instant::now();
        let bomb = event(&format!("DTSTART:19900101T000000Z\nRRULE:{rule}"));
        bomb.is_in("20260101T000000Z 20260102T000000Z");
        bomb.is_in("20260101T000000Z -");
        assert!(started.elapsed() < Duration::from_secs(20), "{rule}");
    }
}
