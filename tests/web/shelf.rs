//! Calendars and address books behind the door: the household's own, and a derived calendar.

use std::path::Path;
use std::sync::Arc;

use axum::Router;
use jiff::tz::TimeZone;
use moisson::collections::{self, Collections, Conditions, New, What, Write, made};
use moisson::config::Serve;
use moisson::model::collection::{Change, CollectionKind, Origin};
use moisson::web::dav::{self, Dav};
use moisson::web::door::Door;
use moisson::web::listen::Limits;

use super::world::{World, now};

/// An event of that UID.
pub fn event(uid: &str) -> String {
    let event = format!("UID:{uid}\r\nDTSTAMP:20260504T080000Z\r\nDTSTART:20260504T080000Z\r\n");
    format!(
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//y//EN\r\nBEGIN:VEVENT\r\n{event}END:VEVENT\r\nEND:VCALENDAR\r\n"
    )
}

/// `calendars/{personal,work,due}` with `a.ics` each, of which `due` is derived; `books/contacts`
/// with `a.vcf`; the folder `files/papers`.
pub fn world(limits: Limits) -> World {
    World::serving(&Serve::default(), limits, routes)
}

fn routes(folder: &Path, door: Door) -> Router {
    let collections = collections::open(folder, now, &|_| Vec::new()).expect("collections");
    fill(&collections);
    let dav = Dav {
        collections: Arc::new(collections),
        user: "moisson".to_owned(),
        name: "Household".to_owned(),
        addresses: Vec::new(),
        zone: TimeZone::UTC,
        is_two_way: Box::new(|_| false),
        has_changed: Box::new(|_| {}),
        push: None,
    };
    dav::http::routes(Arc::new(dav), door)
}

fn fill(collections: &Collections) {
    let derived = Origin::Derived { what: "due".to_owned() };
    let mut changes = vec![
        made("calendars/due", CollectionKind::Calendar, derived, Vec::new()),
        made("calendars/work", CollectionKind::Calendar, Origin::Own, Vec::new()),
        made("files/papers", CollectionKind::Plain, Origin::Own, Vec::new()),
    ];
    for path in ["calendars/personal", "calendars/work", "calendars/due"] {
        changes.push(put(collections, (path, "a.ics"), "a", "VEVENT", &event("a")));
    }
    let card = "BEGIN:VCARD\r\nVERSION:3.0\r\nUID:c\r\nFN:Anna\r\nN:;Anna;;;\r\nEND:VCARD\r\n";
    changes.push(put(collections, ("books/contacts", "a.vcf"), "c", "VCARD", card));
    let write = Write { what: What::Own(changes), conditions: Conditions::default(), by: None };
    collections.write(write).expect("a change");
}

fn put(collections: &Collections, (path, name): (&str, &str), uid: &str, component: &str, text: &str) -> Change {
    let new = New {
        bytes: text.as_bytes().into(),
        uid: Some(uid.to_owned()),
        component: Some(component.to_owned()),
        media: None,
    };
    let (object, _) = collections.object(new).expect("an object");
    Change::Put { path: path.to_owned(), name: name.to_owned(), object, by: None, properties: Vec::new() }
}
