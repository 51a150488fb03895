//! Nothing panics, whatever the bytes; what is written is what was read.

use jiff::civil::date;
use jiff::tz::TimeZone;
use moisson::decode::{components, vcard_lint};
use moisson::map::contacts::contacts;
use moisson::map::events::events;
use moisson::map::zones::windows_to_iana;
use proptest::prelude::*;

use crate::samples;

fn read_all(bytes: &[u8]) {
    let Ok(tree) = components(bytes) else { return };
    contacts(&tree, "carnet", None, "FR");
    events(&tree, None, None, &TimeZone::UTC, (date(2020, 1, 1), date(2022, 1, 1)));
}

#[test]
fn every_sample_is_mapped_without_panic() {
    for family in ["calendar", "contacts"] {
        let Some(folder) = samples::folder(family) else { return };
        for (_, bytes) in samples::files(&folder, &["ics", "vcf", "vcs", "ifb", "json", "txt", "xml"]) {
            read_all(&bytes);
        }
    }
}

/// Pieces from which documents are put together, so that more than noise is tried.
const PIECES: &[&str] = &[
    "BEGIN:VCALENDAR\r\n",
    "END:VCALENDAR\n",
    "BEGIN:VEVENT\n",
    "END:VEVENT\n",
    "BEGIN:VCARD\n",
    "END:VCARD",
    "END:VCARD\n",
    "BEGIN:VTIMEZONE\nTZID:Z\n",
    "BEGIN:STANDARD\n",
    "END:STANDARD\nEND:VTIMEZONE\n",
    "TZOFFSETFROM:+9959\nTZOFFSETTO:-1200\n",
    "UID:u\n",
    "DTSTART:20200101T000000Z\n",
    "DTSTART;TZID=Z:00000101T000000\n",
    "DTSTART;VALUE=DATE:99991231\n",
    "DTEND:99991231T235959Z\n",
    "DURATION:P99999999D\n",
    "DURATION:-PT1H\n",
    "RRULE:FREQ=DAILY\n",
    "RRULE:FREQ=SECONDLY;COUNT=3;BYSETPOS=-1;BYSECOND=0\n",
    "RRULE:FREQ=YEARLY;BYWEEKNO=53,-53;BYDAY=-5MO\n",
    "RRULE:FREQ=WEEKLY;INTERVAL=65535;BYDAY=MO,SU;BYSETPOS=1,-1;WKST=SU\n",
    "RECURRENCE-ID;RANGE=THISANDFUTURE:20200103T000000Z\n",
    "RDATE;VALUE=PERIOD:20200105T000000Z/PT1H,20200106/P1D\n",
    "EXDATE:20200102,20200104T000000\n",
    "STATUS:CANCELLED\n",
    "N;ENCODING=QUOTED-PRINTABLE:=E9=\r\n=Z;;\n",
    "TEL;HOME:+33639981234\n",
    "PHOTO;BASE64:AAAA\n BB\n\n",
    "item1.X-ABLabel:a\n",
    " fold\n",
    "\tfold\n",
    "A;B=\"c:d\n",
    ":\n",
    ";\n",
    "=\n",
    "\u{e9}\u{301}:\u{1f600}\n",
    "\r",
    "\0",
    "BDAY:--0\n",
    "REV:x\n",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_are_read(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
        read_all(&bytes);
    }

    #[test]
    fn any_mixture_of_pieces_is_read(pieces in proptest::collection::vec(proptest::sample::select(PIECES), 0..40)) {
        let text = pieces.concat();
        read_all(text.as_bytes());
        let _ = vcard_lint::lint(&text);
    }

    #[test]
    fn any_value_survives_folding(value in "[ -~\u{e9}\u{1f600}]{0,300}") {
        let line = format!("NOTE:{value}");
        let folded: Vec<u8> = line.as_bytes().chunks(20).collect::<Vec<_>>().join(&b"\r\n "[..]);
        let text = [b"BEGIN:VCARD\r\n".to_vec(), folded, b"\r\nEND:VCARD\r\n".to_vec()].concat();
        let tree = components(&text).unwrap();
        prop_assert_eq!(&tree.roots[0].properties[0].value, &value);
        prop_assert!(tree.faults.is_empty());
    }
}

/// Windows zones that another program knows by a place which has since left the zone's hour:
/// Almaty in 2024, Chihuahua in 2022.
const OTHER_ZONES: &[&str] = &["Central Asia Standard Time", "Mountain Standard Time (Mexico)"];

#[test]
fn windows_zones_are_those_of_another_table() {
    let mut differing = Vec::new();
    for name in include_str!("../../src/map/windows_zones.tsv").lines().filter_map(|line| line.split('\t').next()) {
        let Ok(theirs) = name.parse::<calcard::common::timezone::Tz>() else { continue };
        let theirs = theirs.name().unwrap_or_default().into_owned();
        if offsets(&theirs) != offsets(windows_to_iana(name).unwrap()) {
            println!("{name}: {theirs}");
            differing.push(name);
        }
    }
    assert_eq!(differing, OTHER_ZONES);
}

fn offsets(zone: &str) -> Vec<i32> {
    let zone = TimeZone::get(zone).unwrap_or_else(|_| panic!("{zone} is unknown"));
    let days = [date(2026, 1, 15), date(2026, 7, 15)];
    days.into_iter()
        .map(|day| zone.to_ambiguous_timestamp(day.at(12, 0, 0, 0)).compatible().unwrap())
        .map(|at| zone.to_offset(at).seconds())
        .collect()
}
