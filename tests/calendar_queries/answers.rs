//! What of an object an answer holds: expanded, limited, in part; and when somebody is busy.

use std::borrow::Cow;

use jiff::Timestamp;
use moisson::dav::calendar::{DataWanted, Range, Unmet, check, data, free_busy};
use moisson::dav::xml;

use crate::stored::{Stored, calendar};

fn wanted(inner: &str) -> Result<DataWanted, Unmet> {
    let body = format!("<calendar-data xmlns='urn:ietf:params:xml:ns:caldav' {inner}</calendar-data>");
    DataWanted::read(&xml::read(body.as_bytes()).unwrap())
}

fn got(stored: &Stored, inner: &str) -> String {
    let bytes = data(&stored.object(), &wanted(inner).unwrap()).unwrap().into_owned();
    String::from_utf8(bytes).unwrap().replace("\r\n", "\n")
}

fn framed(components: &str) -> String {
    calendar(components).replace("\r\n", "\n")
}

fn range(start: &str, end: &str) -> Range {
    let body = format!("<time-range start='{start}' end='{end}'/>");
    Range::read(&xml::read(body.as_bytes()).unwrap()).unwrap()
}

const WEEKLY: &str = "BEGIN:VTIMEZONE\nTZID:Europe/Paris\nEND:VTIMEZONE\nBEGIN:VEVENT\nUID:w\nsummary;X-a=b:Un long\n  texte\nDTSTART;TZID=Europe/Paris;X-KEPT=1:20260316T090000\nDTEND;TZID=Europe/Paris:20260316T100000\nRRULE:FREQ=WEEKLY\nEXDATE;TZID=Europe/Paris:20260323T090000\nX-APPLE-x:y\nBEGIN:VALARM\nTRIGGER:-PT5M\nEND:VALARM\nEND:VEVENT\nBEGIN:VEVENT\nUID:w\nRECURRENCE-ID;TZID=Europe/Paris:20260406T090000\nDTSTART;TZID=Europe/Paris:20260407T110000\nDURATION:PT30M\nSUMMARY:Autrement\nEND:VEVENT";

#[test]
fn objects_come_as_they_are_unless_something_else_is_asked() {
    let stored = Stored::of(WEEKLY);
    for inner in [">", "content-type='text/calendar' version='2.0'>"] {
        let whole = data(&stored.object(), &wanted(inner).unwrap()).unwrap().into_owned();
        assert_eq!(whole, stored.bytes);
    }
    assert!(matches!(data(&stored.object(), &DataWanted::default()), Ok(Cow::Borrowed(_))));
    for wrong in ["content-type='application/json'>", "version='1.0'>"] {
        assert_eq!(wanted(wrong).unwrap_err().element().local, "supported-calendar-data");
    }
    assert_eq!(wanted("><expand start='20260301T000000Z'/>").unwrap_err().element().local, "valid-filter");
}

#[test]
fn series_are_expanded_in_utc() {
    let expanded = got(&Stored::of(WEEKLY), "><expand start='20260316T000000Z' end='20260408T000000Z'/>");
    let instance = |start: &str, end: &str| {
        format!(
            "BEGIN:VEVENT\nUID:w\nsummary;X-a=b:Un long\n  texte\nDTSTART;X-KEPT=1:{start}\nRECURRENCE-ID:{start}\nDTEND:{end}\nX-APPLE-x:y\nBEGIN:VALARM\nTRIGGER:-PT5M\nEND:VALARM\nEND:VEVENT\n"
        )
    };
    let first = instance("20260316T080000Z", "20260316T090000Z");
    let third = instance("20260330T070000Z", "20260330T080000Z");
    let moved = "BEGIN:VEVENT\nUID:w\nDTSTART:20260407T090000Z\nRECURRENCE-ID:20260406T070000Z\nDURATION:PT30M\nSUMMARY:Autrement\nEND:VEVENT";
    assert_eq!(expanded, framed(&format!("{first}{third}{moved}")));
    let none = got(&Stored::of(WEEKLY), "><expand start='20250316T000000Z' end='20250408T000000Z'/>");
    assert_eq!(none, framed("").replace("\n\n", "\n"));
}

#[test]
fn days_stay_days_and_single_events_have_no_recurrence_id() {
    let days = Stored::of("BEGIN:VEVENT\nUID:d\nDTSTART;VALUE=DATE:20260327\nRRULE:FREQ=DAILY;COUNT=5\nEND:VEVENT");
    let day = |day: &str| {
        format!("BEGIN:VEVENT\nUID:d\nDTSTART;VALUE=DATE:{day}\nRECURRENCE-ID;VALUE=DATE:{day}\nEND:VEVENT")
    };
    let expanded = got(&days, "><expand start='20260328T230000Z' end='20260329T220000Z'/>");
    assert_eq!(expanded, framed(&day("20260329")));
    let single = Stored::of("BEGIN:VEVENT\nUID:s\nDTSTART;TZID=Europe/Paris:20260327T090000\nDURATION:P2D\nEND:VEVENT");
    let expanded = got(&single, "><expand start='20260328T000000Z' end='20260401T000000Z'/>");
    // Two days on the wall clock, one of which has 23 hours.
    assert_eq!(expanded, framed("BEGIN:VEVENT\nUID:s\nDTSTART:20260327T080000Z\nDURATION:PT169200S\nEND:VEVENT"));
    let floating = Stored::of("BEGIN:VEVENT\nUID:f\nDTSTART:20260327T090000\nRRULE:FREQ=DAILY\nEND:VEVENT");
    let expanded = got(&floating, "><expand start='20260401T070000Z' end='20260401T070001Z'/>");
    assert_eq!(
        expanded,
        framed("BEGIN:VEVENT\nUID:f\nDTSTART:20260401T090000\nRECURRENCE-ID:20260401T090000\nEND:VEVENT")
    );
}

#[test]
fn to_dos_and_periods_are_expanded() {
    let todo =
        Stored::of("BEGIN:VTODO\nUID:t\nDTSTART:20260301T080000Z\nDUE:20260301T100000Z\nRRULE:FREQ=MONTHLY\nEND:VTODO");
    let expanded = got(&todo, "><expand start='20260501T000000Z' end='20260502T000000Z'/>");
    assert_eq!(
        expanded,
        framed(
            "BEGIN:VTODO\nUID:t\nDTSTART:20260501T080000Z\nRECURRENCE-ID:20260501T080000Z\nDUE:20260501T100000Z\nEND:VTODO"
        )
    );
    let period = Stored::of(
        "BEGIN:VEVENT\nUID:p\nDTSTART:20260301T080000Z\nDURATION:PT1H\nRDATE;VALUE=PERIOD:20260305T080000Z/PT3H\nEND:VEVENT",
    );
    let expanded = got(&period, "><expand start='20260305T000000Z' end='20260306T000000Z'/>");
    assert!(expanded.contains("DURATION:PT10800S\n"), "{expanded}");
}

#[test]
fn overrides_that_change_nothing_are_left_out() {
    let stored = Stored::of(WEEKLY);
    let limited = |start: &str, end: &str| {
        let text = got(&stored, &format!("><limit-recurrence-set start='{start}' end='{end}'/>"));
        check(text.as_bytes()).unwrap();
        text.contains("Autrement")
    };
    assert!(limited("20260407T000000Z", "20260408T000000Z"), "it is there");
    assert!(limited("20260406T000000Z", "20260407T000000Z"), "it has gone from there");
    assert!(!limited("20260316T000000Z", "20260317T000000Z"));
}

#[test]
fn free_busy_periods_are_limited() {
    let stored = Stored::of(
        "BEGIN:VFREEBUSY\nUID:f\nFREEBUSY;FBTYPE=FREE:20260316T090000Z/PT1H,20260320T090000Z/PT1H\nFREEBUSY:20260316T110000Z/PT1H\nEND:VFREEBUSY",
    );
    let limited = got(&stored, "><limit-freebusy-set start='20260320T000000Z' end='20260321T000000Z'/>");
    assert_eq!(limited, framed("BEGIN:VFREEBUSY\nUID:f\nFREEBUSY;FBTYPE=FREE:20260320T090000Z/PT1H\nEND:VFREEBUSY"));
}

#[test]
fn parts_are_given_as_they_stand() {
    let stored = Stored::of(WEEKLY);
    let part = got(
        &stored,
        "><comp name='VCALENDAR'><prop name='VERSION'/><comp name='VEVENT'><prop name='SUMMARY'/><prop name='UID' novalue='yes'/></comp><comp name='VTIMEZONE'/></comp>",
    );
    assert_eq!(
        part,
        "BEGIN:VCALENDAR\nVERSION:2.0\nBEGIN:VTIMEZONE\nTZID:Europe/Paris\nEND:VTIMEZONE\nBEGIN:VEVENT\nUID:\nsummary;X-a=b:Un long\n  texte\nEND:VEVENT\nBEGIN:VEVENT\nUID:\nSUMMARY:Autrement\nEND:VEVENT\nEND:VCALENDAR\n"
    );
    let all = got(&stored, "><comp name='VCALENDAR'><allprop/><allcomp/></comp>");
    assert_eq!(all.replace('\n', "\r\n").as_bytes(), stored.bytes);
    let none = got(&stored, "><comp name='VCALENDAR'><prop name='VERSION'/></comp>");
    assert_eq!(none, "BEGIN:VCALENDAR\nVERSION:2.0\nEND:VCALENDAR\n");
}

#[test]
fn busy_times_are_merged_and_cut() {
    let event = |uid: &str, lines: &str| Stored::of(&format!("BEGIN:VEVENT\nUID:{uid}\n{lines}\nEND:VEVENT"));
    let stored = [
        event("a", "DTSTART:20260316T090000Z\nDURATION:PT1H\nRRULE:FREQ=DAILY"),
        event("b", "DTSTART:20260316T093000Z\nDTEND:20260316T120000Z"),
        event("c", "DTSTART:20260316T100000Z\nDURATION:PT1H\nSTATUS:TENTATIVE"),
        event("d", "DTSTART:20260316T150000Z\nDURATION:PT1H\nTRANSP:TRANSPARENT"),
        event("e", "DTSTART:20260316T160000Z\nDURATION:PT1H\nSTATUS:CANCELLED"),
        event("f", "DTSTART;VALUE=DATE:20260318"),
        event("g", "DTSTART:20260316T170000Z"),
        Stored::of("BEGIN:VTODO\nUID:t\nDTSTART:20260316T090000Z\nDURATION:PT9H\nEND:VTODO"),
        Stored::of(
            "BEGIN:VFREEBUSY\nUID:h\nFREEBUSY;FBTYPE=BUSY-UNAVAILABLE:20260316T200000Z/PT1H\nFREEBUSY;FBTYPE=FREE:20260316T210000Z/PT1H\nEND:VFREEBUSY",
        ),
    ];
    let objects = stored.iter().map(Stored::object);
    let range = range("20260316T091500Z", "20260318T000000Z");
    let made_at: Timestamp = "2026-03-01T00:00:00Z".parse().unwrap();
    let text = String::from_utf8(free_busy(objects, range, made_at)).unwrap();
    let lines: Vec<&str> = text.lines().filter(|line| !line.contains("VCALENDAR")).collect();
    assert_eq!(
        lines,
        [
            "VERSION:2.0",
            "PRODID:-//moisson//free-busy//EN",
            "BEGIN:VFREEBUSY",
            "DTSTAMP:20260301T000000Z",
            "DTSTART:20260316T091500Z",
            "DTEND:20260318T000000Z",
            "FREEBUSY;FBTYPE=BUSY:20260316T091500Z/20260316T120000Z",
            "FREEBUSY;FBTYPE=BUSY-TENTATIVE:20260316T100000Z/20260316T110000Z",
            "FREEBUSY;FBTYPE=BUSY-UNAVAILABLE:20260316T200000Z/20260316T210000Z",
            "FREEBUSY;FBTYPE=BUSY:20260317T090000Z/20260317T100000Z",
            "FREEBUSY;FBTYPE=BUSY:20260317T230000Z/20260318T000000Z",
            "END:VFREEBUSY",
        ]
    );
}
