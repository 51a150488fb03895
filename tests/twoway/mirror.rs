//! What sources bring is served: everything the first time, then what changed.

use std::collections::BTreeMap;

use jiff::SignedDuration;
use moisson::collections::Token;
use moisson::dav::bundle::{self, Found, Kind};
use moisson::import::{self, Input, Wish};
use moisson::model::collection::Origin;
use moisson::sync::mirror;

use crate::homes::{Silent, TestHome, now};
use crate::house::House;

const SOURCES: &str = "[[sources]]\nid = \"cloud\"\nconnector = \"calendar/caldav\"\n\n\
    [[sources]]\nid = \"friends\"\nconnector = \"contacts/carddav\"\n\n\
    [[sources]]\nid = \"town\"\nconnector = \"calendar/ics\"\n";
const CLOUD: &str = "calendars/cloud-agenda";

fn event(uid: &str, summary: &str, stamp: u32) -> String {
    format!(
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\nUID:{uid}\r\nDTSTAMP:202603{stamp:02}T080000Z\r\n\
         DTSTART:20260310T170000Z\r\nSUMMARY:{summary}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    )
}

/// A document of the calendar `agenda` of the source `cloud`, as it was so many hours ago.
fn pulled(age_h: i64, is_whole: bool, objects: &[String], gone: &[&str]) -> (&'static str, Input) {
    let as_of = now() - SignedDuration::from_hours(age_h);
    let found = Found {
        key: "cloud/agenda",
        name: "Family, friends",
        colour: Some("#112233"),
        taken_at: as_of,
        stands: None,
        is_whole,
        gone: gone.iter().map(|uid| (*uid).to_owned()).collect(),
        objects: objects.iter().map(String::as_bytes).collect(),
    };
    let held = Some(bundle::write(Kind::Calendars, &found));
    let connector = Some("calendar/icalendar".to_owned());
    ("cloud", Input { name: "Family.ics".to_owned(), path: None, as_of, held, connector })
}

/// What is published at an address, so many hours ago.
fn published(age_h: i64, events: &[String]) -> (&'static str, Input) {
    let parts: String = events
        .iter()
        .filter_map(|text| text.split_once("VERSION:2.0\r\n"))
        .map(|(_, it)| it.replace("END:VCALENDAR\r\n", ""))
        .collect();
    let text =
        format!("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nX-WR-CALNAME:Town\r\nMETHOD:PUBLISH\r\n{parts}END:VCALENDAR\r\n");
    let as_of = now() - SignedDuration::from_hours(age_h);
    ("town", Input { name: "town.ics".to_owned(), path: None, as_of, held: Some(text.into_bytes()), connector: None })
}

fn bring(home: &TestHome, (source, input): (&str, Input)) {
    let wish = Wish { source: Some(source.to_owned()), ..Wish::default() };
    import::import(&mut home.open(), &[input], &wish, &mut Silent).expect("an import");
}

fn renew(house: &House) {
    mirror::renew(&house.outfit, &house.collections).expect("renewed");
}

/// The members of a collection: names and bytes.
pub fn members(house: &House, path: &str) -> BTreeMap<String, String> {
    let state = house.collections.state();
    let Some(collection) = state.collection(path) else { return BTreeMap::new() };
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("text");
    let members = collection.members();
    members.map(|it| (it.name.to_string(), text(&house.collections.bytes(it).expect("bytes")))).collect()
}

fn token(house: &House, path: &str) -> Token {
    house.collections.state().collection(path).expect("a collection").token()
}

#[test]
fn what_a_server_has_is_served_and_only_what_changed_is_written() {
    let house = House::new(SOURCES);
    bring(&house.home, pulled(5, true, &[event("a", "A", 1), event("b", "B", 1), event("c/ç", "C", 1)], &[]));
    renew(&house);
    let served = members(&house, CLOUD);
    assert_eq!(served.len(), 3);
    assert_eq!(served["a.ics"], event("a", "A", 1), "byte for byte");
    {
        let state = house.collections.state();
        let collection = state.collection(CLOUD).expect("a collection");
        let wanted = Origin::Source { source: "cloud".to_owned(), collection: "agenda".to_owned() };
        assert_eq!(collection.origin, wanted);
        let name = collection.property("DAV:", "displayname").expect("a name");
        assert!(name.xml.contains(">Family, friends<"), "{}", name.xml);
        let colour = collection.property("http://apple.com/ns/ical/", "calendar-color").expect("a colour");
        assert!(colour.xml.contains("#112233"));
        assert_eq!(mirror::source_of(&state, CLOUD).as_deref(), Some("cloud"));
        assert_eq!(mirror::source_of(&state, "calendars/personal"), None);
    }
    let before = token(&house, CLOUD);
    renew(&house);
    assert_eq!(token(&house, CLOUD), before, "nothing new");

    bring(&house.home, pulled(4, false, &[event("a", "A, moved", 2)], &["b"]));
    renew(&house);
    assert_eq!(token(&house, CLOUD).seq, before.seq + 2);
    let served = members(&house, CLOUD);
    assert_eq!((served.len(), served["a.ics"].contains("moved"), served.contains_key("b.ics")), (2, true, false));

    // Nothing is known any more of what was written: all that there is comes from the journal again.
    let before = token(&house, CLOUD);
    std::fs::remove_file(house.home.path().join("state/cloud.mirror.json")).expect("what is known");
    renew(&house);
    assert_eq!((token(&house, CLOUD), members(&house, CLOUD)), (before, served.clone()));

    // The log is lost: everything comes.
    let House { home, collections, outfit } = house;
    drop((collections, outfit));
    while std::fs::remove_dir_all(home.path().join("collections")).is_err() {
        std::thread::yield_now();
    }
    let house = House::at(home, SOURCES, moisson::vault::Vault::in_memory());
    renew(&house);
    assert_eq!(members(&house, CLOUD), served);

    // A source that is not in the settings any more takes its collections along.
    std::fs::write(house.home.path().join("moisson.toml"), "").expect("settings");
    renew(&house);
    assert!(house.collections.state().collection(CLOUD).is_none());
    assert!(house.collections.state().collection("calendars/personal").is_some());
}

#[test]
fn a_published_calendar_is_served_event_by_event() {
    let house = House::new(SOURCES);
    bring(&house.home, published(5, &[event("a", "A", 1), event("b", "B", 1)]));
    renew(&house);
    let first = members(&house, "calendars/town");
    assert_eq!(first.keys().collect::<Vec<_>>(), ["a.ics", "b.ics"]);
    assert!(!first["a.ics"].contains("METHOD"));
    let before = token(&house, "calendars/town");
    // Many servers write the time of the answer into every event.
    bring(&house.home, published(4, &[event("a", "A", 9), event("c", "C", 9)]));
    renew(&house);
    let second = members(&house, "calendars/town");
    assert_eq!(second.keys().collect::<Vec<_>>(), ["a.ics", "c.ics"]);
    assert_eq!((&second["a.ics"], token(&house, "calendars/town").seq), (&first["a.ics"], before.seq + 2));
    bring(&house.home, published(3, &[]));
    renew(&house);
    assert_eq!(members(&house, "calendars/town"), second, "an empty one takes nothing away");
}
