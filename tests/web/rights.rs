//! What each device may do, as a table: rows are requests, columns are devices.

use std::collections::BTreeSet;

use moisson::web::accounts::{Access, Scope, Service};
use moisson::web::listen::Limits;

use super::shelf::{self, event};
use super::world::Answer;

/// Nobody, one that reads, one with `personal` and `due` alone, calendars only, contacts only, all.
const N: usize = 6;
const NOBODY: usize = 0;
const ONLY: usize = 2;
const ALL: usize = 5;

const PROPPATCH: &str =
    "<propertyupdate xmlns='DAV:'><set><prop><displayname>Other</displayname></prop></set></propertyupdate>";
const PROPFIND: &str = "<propfind xmlns='DAV:'><prop><current-user-privilege-set/></prop></propfind>";
const MULTIGET: &str = "<C:calendar-multiget xmlns='DAV:' xmlns:C='urn:ietf:params:xml:ns:caldav'>\
    <prop><getetag/></prop><href>/dav/books/contacts/a.vcf</href></C:calendar-multiget>";

/// Method, path, destination, statuses.
type Row = (&'static str, &'static str, &'static str, [u16; N]);

const OWN: [Row; 22] = [
    ("GET", "/dav/calendars/personal/a.ics", "", [401, 200, 200, 200, 403, 200]),
    ("PROPFIND", "/dav/calendars/personal/", "", [401, 207, 207, 207, 403, 207]),
    ("REPORT", "/dav/calendars/personal/", "", [401, 207, 207, 207, 403, 207]),
    ("PUT", "/dav/calendars/personal/a.ics", "", [401, 403, 204, 204, 403, 204]),
    ("PUT", "/dav/calendars/personal/b.ics", "", [401, 403, 201, 201, 403, 201]),
    ("DELETE", "/dav/calendars/personal/a.ics", "", [401, 403, 204, 204, 403, 204]),
    ("PROPPATCH", "/dav/calendars/personal/", "", [401, 403, 207, 207, 403, 207]),
    ("PROPPATCH", "/dav/calendars/personal/a.ics", "", [401, 403, 207, 207, 403, 207]),
    ("DELETE", "/dav/calendars/personal/", "", [401, 403, 403, 204, 403, 204]),
    ("MKCALENDAR", "/dav/calendars/new/", "", [401, 403, 403, 201, 403, 201]),
    ("COPY", "/dav/calendars/personal/", "/dav/calendars/new/", [401, 403, 403, 201, 403, 201]),
    ("MOVE", "/dav/calendars/personal/", "/dav/calendars/new/", [401, 403, 403, 201, 403, 201]),
    ("COPY", "/dav/calendars/work/", "/dav/calendars/personal/", [401, 403, 403, 204, 403, 204]),
    ("MOVE", "/dav/calendars/personal/a.ics", "/dav/calendars/personal/b.ics", [401, 403, 201, 201, 403, 201]),
    ("COPY", "/dav/calendars/personal/a.ics", "/dav/calendars/work/a.ics", [401, 403, 403, 204, 403, 204]),
    ("MOVE", "/dav/calendars/work/a.ics", "/dav/calendars/personal/a.ics", [401, 403, 403, 204, 403, 204]),
    ("GET", "/dav/calendars/work/a.ics", "", [401, 200, 403, 200, 403, 200]),
    ("GET", "/dav/books/contacts/a.vcf", "", [401, 200, 403, 403, 200, 200]),
    ("DELETE", "/dav/books/contacts/", "", [401, 403, 403, 403, 204, 204]),
    ("GET", "/dav/files/papers/", "", [401, 200, 403, 403, 403, 200]),
    ("PUT", "/dav/files/papers/a", "", [401, 403, 403, 403, 403, 201]),
    ("DELETE", "/dav/files/papers/", "", [401, 403, 403, 403, 403, 204]),
];

/// Above the collections.
const ABOVE: [Row; 8] = [
    ("PROPFIND", "/dav/", "", [401, 207, 207, 207, 207, 207]),
    ("PROPFIND", "/dav/calendars/", "", [401, 207, 207, 207, 403, 207]),
    ("PROPPATCH", "/dav/", "", [401, 403, 403, 207, 207, 207]),
    ("PROPPATCH", "/dav/principals/moisson/", "", [401, 403, 403, 207, 207, 207]),
    ("PROPPATCH", "/dav/calendars/", "", [401, 403, 403, 207, 403, 207]),
    ("PROPPATCH", "/dav/books/", "", [401, 403, 403, 403, 207, 207]),
    ("DELETE", "/dav/calendars/", "", [401, 403, 403, 403, 403, 403]),
    ("PUT", "/dav/a.ics", "", [401, 403, 403, 403, 403, 403]),
];

/// Of what is made from the views, everybody who sees it reads and copies; nobody writes.
const DERIVED: [Row; 11] = [
    ("GET", "/dav/calendars/due/a.ics", "", [401, 200, 200, 200, 403, 200]),
    ("PROPFIND", "/dav/calendars/due/", "", [401, 207, 207, 207, 403, 207]),
    ("REPORT", "/dav/calendars/due/", "", [401, 207, 207, 207, 403, 207]),
    ("PUT", "/dav/calendars/due/a.ics", "", [401, 403, 403, 403, 403, 403]),
    ("DELETE", "/dav/calendars/due/a.ics", "", [401, 403, 403, 403, 403, 403]),
    ("DELETE", "/dav/calendars/due/", "", [401, 403, 403, 403, 403, 403]),
    ("PROPPATCH", "/dav/calendars/due/", "", [401, 403, 403, 403, 403, 403]),
    ("MOVE", "/dav/calendars/due/a.ics", "/dav/calendars/personal/a.ics", [401, 403, 403, 403, 403, 403]),
    ("COPY", "/dav/calendars/due/a.ics", "/dav/calendars/personal/a.ics", [401, 403, 204, 204, 403, 204]),
    ("MOVE", "/dav/calendars/due/", "/dav/calendars/new/", [401, 403, 403, 403, 403, 403]),
    ("COPY", "/dav/calendars/personal/", "/dav/calendars/due/", [401, 403, 403, 403, 403, 403]),
];

fn scopes() -> [Scope; N] {
    let names: BTreeSet<String> = ["personal", "due", "new"].map(str::to_owned).into();
    let only = Some(names);
    [
        Scope::all(),
        Scope { access: Access::Read, ..Scope::all() },
        Scope { collections: only, ..Scope::all() },
        Scope { service: Service::Calendars, ..Scope::all() },
        Scope { service: Service::Contacts, ..Scope::all() },
        Scope::all(),
    ]
}

/// A request of one of the devices, in a home of its own.
fn ask(column: usize, (method, path, destination, _): Row) -> Answer {
    let world = shelf::world(Limits::default());
    let device = world.device("phone", scopes()[column].clone());
    let destination = format!("http://{}{destination}", world.address);
    let mut headers = vec![("Authorization", device.as_str())];
    if matches!(method, "COPY" | "MOVE") {
        headers.push(("Destination", &destination));
    }
    let event = event("a");
    let body = match method {
        "PUT" if path.ends_with("/a.ics") => event.as_str(),
        "PUT" => &event.replace("UID:a", "UID:b"),
        "PROPPATCH" => PROPPATCH,
        "PROPFIND" => PROPFIND,
        "REPORT" => MULTIGET,
        _ => "",
    };
    world.ask(method, path, &headers[usize::from(column == NOBODY)..], body)
}

fn check(rows: &[Row]) {
    let mut wrong = Vec::new();
    for row in rows {
        let got = std::array::from_fn::<u16, N, _>(|column| ask(column, *row).status);
        if got != row.3 {
            wrong.push(format!("{} {} {}: {got:?} instead of {:?}", row.0, row.1, row.2, row.3));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn of_the_households_own_collections_everybody_gets_what_the_table_says() {
    check(&OWN);
}

#[test]
fn above_the_collections_everybody_gets_what_the_table_says() {
    check(&ABOVE);
}

#[test]
fn nobody_writes_what_is_made_from_the_views() {
    check(&DERIVED);
}

#[test]
fn a_multiget_gives_nothing_of_another_collection() {
    for column in [ONLY, ALL] {
        let answer = ask(column, OWN[2]).body;
        assert!(answer.contains("404 Not Found") && !answer.contains("200 OK"), "{answer}");
    }
}

#[test]
fn what_is_promised_is_what_may_be_done() {
    for (column, path, may_bind) in [
        (ONLY, "/dav/", false),
        (ONLY, "/dav/calendars/", false),
        (ONLY, "/dav/calendars/personal/", true),
        (ONLY, "/dav/calendars/due/", false),
        (ALL, "/dav/calendars/", true),
        (ALL, "/dav/calendars/due/", false),
        (1, "/dav/calendars/personal/", false),
    ] {
        let answer = ask(column, ("PROPFIND", path, "", [0; N])).body;
        assert!(answer.contains("<D:read/>"), "{answer}");
        assert_eq!(answer.contains("<D:bind/>"), may_bind, "{column} {path}");
    }
}

/// No other device's collections are told of.
#[test]
fn a_home_shows_what_the_device_sees() {
    let world = shelf::world(Limits::default());
    let device = world.device("phone", scopes()[ONLY].clone());
    let headers = [("Authorization", device.as_str()), ("Depth", "1")];
    let home = world.ask("PROPFIND", "/dav/calendars/", &headers, PROPFIND).body;
    assert!(home.contains("/personal/") && home.contains("/due/") && !home.contains("/work/"), "{home}");
}
