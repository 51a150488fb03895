//! What pulled documents make of the tables: what a server or a published calendar no longer has
//! is gone, whatever the order in which the documents come in.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use moisson::fetch::Harvest;
use moisson::import::{self, Input, Wish};

use crate::homes::{Silent, TestHome, now};
use crate::pulling::{pull, source};
use crate::seeds::{card, cards, event, event_without_moved, events};
use crate::servers::{Place, Product, Server};

/// A home with the sources of these tests.
fn home() -> TestHome {
    let home = TestHome::new();
    std::fs::write(home.path().join("moisson.toml"), SOURCES).expect("settings");
    home
}

const SOURCES: &str = "[[sources]]\nid = \"mine\"\nconnector = \"calendar/caldav\"\n\n\
    [[sources]]\nid = \"theirs\"\nconnector = \"contacts/carddav\"\n\n\
    [[sources]]\nid = \"town\"\nconnector = \"calendar/ics\"\n\n\
    [[sources]]\nid = \"club\"\nconnector = \"calendar/icalendar\"\nwhole = true\n\n\
    [[sources]]\nid = \"post\"\nconnector = \"generic/mailbox\"\n";

fn bring(home: &TestHome, source: Option<&str>, documents: &[Input]) {
    let mut world = home.open();
    let wish = Wish { source: source.map(str::to_owned), ..Wish::default() };
    for document in documents {
        import::import(&mut world, std::slice::from_ref(document), &wish, &mut Silent).expect("an import");
    }
}

fn inputs(harvest: &Harvest) -> Vec<Input> {
    let input = |document: &moisson::fetch::Fetched| Input {
        name: document.name.clone(),
        path: None,
        as_of: document.as_of,
        held: Some(document.bytes.clone()),
        connector: document.connectors.first().cloned(),
    };
    harvest.documents.iter().map(input).collect()
}

/// Everything that the documents left, but for what tells when it was learned.
fn tables(home: &TestHome) -> Vec<Vec<Vec<String>>> {
    let tables = ["events", "occurrences", "attendees", "contacts", "identifiers", "calendars", "stated_objects"];
    let rows = |table| format!("select * exclude (learned_at) from landing.{table} order by all");
    tables.iter().map(|table| home.ask(&rows(table))).collect()
}

/// The UIDs and the number of objects in the server's files.
fn held(server: &Server, place: Place, begin: &str) -> (BTreeSet<String>, usize) {
    let objects: Vec<String> = server.held(place).into_values().collect();
    let uids = objects.iter().flat_map(|text| text.lines()).filter_map(|line| line.strip_prefix("UID:"));
    let n = objects.iter().flat_map(|text| text.lines()).filter(|line| *line == begin).count();
    (uids.map(str::to_owned).collect(), n)
}

fn landed(home: &TestHome, table: &str) -> (BTreeSet<String>, usize) {
    let rows = home.ask(&format!("select uid from landing.{table}"));
    let n = rows.len();
    (rows.into_iter().flatten().collect(), n)
}

#[test]
fn the_tables_hold_what_the_server_holds() {
    for product in [Product::Radicale, Product::Xandikos] {
        let Some(server) = Server::start(product) else { return };
        server.seed(Place::Calendar, &events(60));
        server.seed(Place::Book, &cards(25));
        let (mut calendars, mut books) = (source(&server, Place::Calendar, ""), source(&server, Place::Book, ""));
        let mut all = inputs(&pull(&mut calendars));
        all.extend(inputs(&pull(&mut books)));

        server.put(Place::Calendar, "e10.ics", &event_without_moved(10));
        server.put(Place::Calendar, "e3.ics", &event(3, "changed"));
        server.put(Place::Calendar, "new.ics", &event(900, "new"));
        server.delete(Place::Calendar, "e20.ics");
        server.delete(Place::Calendar, "e5.ics");
        server.put(Place::Book, "c1.vcf", &card(1, "Specimen"));
        server.delete(Place::Book, "c2.vcf");
        all.extend(inputs(&pull(&mut calendars)));
        all.extend(inputs(&pull(&mut books)));
        assert_eq!(all.len(), 4, "{product:?}");

        let first = home();
        bring(&first, Some("mine"), &all);
        assert_eq!(landed(&first, "events"), held(&server, Place::Calendar, "BEGIN:VEVENT"), "{product:?}");
        assert_eq!(landed(&first, "contacts"), held(&server, Place::Book, "BEGIN:VCARD"), "{product:?}");
        let orphans = "select count(*) from landing.occurrences anti join landing.events using (calendar, uid)";
        assert_eq!(first.ask_one(orphans), "0", "{product:?}");
        let moved = "select count(*) from landing.occurrences where uid = 'event-10@example.org'";
        assert_eq!(first.ask_one(moved), "5", "{product:?}");
        let history = "select count(*) from landing.history where reason = 'gone'";
        assert_eq!(first.ask_one(history), "5", "{product:?}: two series lost a row or two, an event and a card went");
        let calendar =
            format!("select count(*) from landing.events where calendar = '{}'", server.key(Place::Calendar));
        assert_eq!(first.ask_one(&calendar), landed(&first, "events").1.to_string(), "{product:?}");

        if product == Product::Xandikos {
            continue;
        }
        all.reverse();
        let other = home();
        bring(&other, Some("mine"), &all);
        bring(&other, Some("mine"), &all);
        assert_eq!(tables(&first), tables(&other), "the order does not matter");
        import::refresh(other.open()).expect("a refresh");
        let (_, changed) = import::rebuild(other.open(), &mut Silent).expect("a rebuild");
        assert_eq!(changed.into_iter().filter(|table| !table.ends_with("history")).collect::<Vec<_>>(), [""; 0]);
    }
}

/// A calendar file of these events, as it was so many hours ago.
fn calendar(at: &[usize], age_h: i64) -> Input {
    let objects: String = at.iter().map(|at| event(*at, "planned")).collect();
    let empty = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nEND:VCALENDAR\r\n".to_owned();
    let text = if at.is_empty() { empty } else { objects };
    let as_of: Timestamp = now() - SignedDuration::from_hours(age_h);
    Input { name: "town.ics".to_owned(), path: None, as_of, held: Some(text.into_bytes()), connector: None }
}

fn uids(at: &[usize]) -> BTreeSet<String> {
    at.iter().map(|at| format!("event-{at}@example.org")).collect()
}

#[test]
fn a_published_calendar_takes_away_what_it_no_longer_shows() {
    for source in ["town", "club"] {
        let documents = [calendar(&[1, 2, 10], 3), calendar(&[1, 3], 2), calendar(&[], 1)];
        let (home, other) = (home(), home());
        bring(&home, Some(source), &documents);
        assert_eq!(landed(&home, "events").0, uids(&[1, 3]), "{source}: an empty one takes nothing away");
        let reversed: Vec<Input> = documents.iter().rev().cloned().collect();
        bring(&other, Some(source), &reversed);
        assert_eq!(tables(&home), tables(&other), "{source}");
    }
}

#[test]
fn a_file_that_somebody_imports_takes_nothing_away() {
    let home = home();
    bring(&home, Some("mine"), &[calendar(&[1, 2], 2), calendar(&[1, 3], 1)]);
    assert_eq!(landed(&home, "events").0, uids(&[1, 2, 3]));
    bring(&home, Some("town"), &[calendar(&[7], 1)]);
    assert_eq!(landed(&home, "events").0, uids(&[1, 2, 3, 7]), "another calendar is not touched");
}

/// What stands in front of a collection's objects.
fn head(key: &str, more: &str) -> String {
    format!("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nX-MOISSON-COLLECTION:{key}\r\n{more}END:VCALENDAR\r\n")
}

/// The same for cards.
fn head_of_cards(key: &str, more: &str) -> String {
    format!("BEGIN:VCARD\r\nVERSION:4.0\r\nFN:Friends\r\nX-MOISSON-COLLECTION:{key}\r\n{more}END:VCARD\r\n")
}

fn document(name: &str, text: &str, age_h: i64) -> Input {
    Input { name: name.to_owned(), held: Some(text.as_bytes().to_vec()), ..calendar(&[1], age_h) }
}

const ALL_GONE: &str = "X-MOISSON-WHOLE:TRUE\r\nX-MOISSON-GONE:event-1@example.org\r\nX-MOISSON-GONE:card-1\r\n";

/// A home with an event and a card of a server in it.
fn home_of_a_server() -> TestHome {
    let home = home();
    bring(&home, Some("mine"), &[document("a.ics", &(head("mine/family", "") + &event(1, "planned")), 9)]);
    let cards = head_of_cards("theirs/friends", "") + &card(1, "Exemple");
    bring(&home, Some("theirs"), &[document("a.vcf", &cards, 9)]);
    assert_eq!((landed(&home, "events").1, landed(&home, "contacts").1), (1, 1));
    home
}

/// Whether the event and the card of [`home_of_a_server`] are there.
fn are_there(home: &TestHome) -> bool {
    landed(home, "events").0.contains("event-1@example.org") && landed(home, "contacts").0.contains("card-1")
}

#[test]
fn what_strangers_write_takes_nothing_away() {
    let hostile = head("mine/family", ALL_GONE);
    let hostile_cards = head_of_cards("theirs/friends", ALL_GONE);
    let stranger = event(7, "planned");
    let own = head("mine/family", "");
    let inside = event(7, "planned")
        .replace("BEGIN:VEVENT", &format!("{ALL_GONE}X-MOISSON-COLLECTION:mine/family\r\nBEGIN:VEVENT"));
    let cases = [
        (Some("town"), "feed.ics", hostile.clone() + &stranger),
        (Some("town"), "feed.ics", stranger.clone() + &hostile),
        (Some("club"), "feed.ics", hostile.clone() + &stranger),
        (Some("post"), "attached.ics", hostile.clone() + &stranger),
        (None, "by-hand.ics", hostile.clone() + &stranger),
        (Some("mine"), "object.ics", own.clone() + &inside),
        (Some("mine"), "object.ics", own + &stranger + &hostile),
        (Some("theirs"), "other-source.ics", hostile + &stranger),
        (Some("mine"), "other-source.vcf", hostile_cards.clone()),
        (Some("theirs"), "object.vcf", head_of_cards("theirs/friends", "") + &hostile_cards + &card(7, "Exemple")),
        (None, "by-hand.vcf", hostile_cards),
    ];
    for (source, name, text) in cases {
        let home = home_of_a_server();
        bring(&home, source, &[document(name, &text, 1)]);
        assert!(are_there(&home), "{source:?} {name}: {text}");
    }
}

#[test]
fn a_collection_that_the_server_emptied_is_gone() {
    let home = home_of_a_server();
    bring(&home, Some("mine"), &[document("b.ics", &head("mine/family", ALL_GONE), 1)]);
    bring(&home, Some("theirs"), &[document("b.vcf", &head_of_cards("theirs/friends", ALL_GONE), 1)]);
    assert_eq!((landed(&home, "events").1, landed(&home, "contacts").1), (0, 0));
}

#[test]
fn settings_that_change_later_take_nothing_away_and_give_nothing_back() {
    let home = home();
    bring(&home, Some("town"), &[calendar(&[1, 2], 3), calendar(&[1], 2)]);
    bring(&home, Some("mine"), &[document("a.ics", &(head("mine/family", "") + &event(9, "planned")), 3)]);
    bring(&home, Some("mine"), &[document("b.ics", &head("mine/family", "X-MOISSON-WHOLE:TRUE\r\n"), 2)]);
    let before = tables(&home);
    let other =
        "[[sources]]\nid = \"mine\"\n\n[[sources]]\nid = \"town\"\nconnector = \"calendar/ics\"\nwhole = false\n";
    std::fs::write(home.path().join("moisson.toml"), other).expect("settings");
    import::rebuild(home.open(), &mut Silent).expect("a rebuild");
    assert_eq!(tables(&home), before);
}

#[test]
fn an_event_that_could_not_be_read_is_not_gone() {
    let broken = event(2, "planned").replace("DTSTART:", "X-START:");
    let text = format!("{}{broken}", event(1, "planned")).into_bytes();
    let later = Input { held: Some(text), ..calendar(&[1], 1) };
    let home = home();
    bring(&home, Some("town"), &[calendar(&[1, 2], 2), later]);
    assert_eq!(landed(&home, "events").0, uids(&[1, 2]));
}
