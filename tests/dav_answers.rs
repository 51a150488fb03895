//! What single requests are answered, without a socket: data, bounds, and what cannot be read.

use std::path::Path;
use std::sync::Arc;

use axum::http::{HeaderMap, Method};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use moisson::collections;
use moisson::web::dav::{Ask, Body, Dav, Rights, Sink, answer};

const SPACES: &str = "xmlns:D='DAV:' xmlns:C='urn:ietf:params:xml:ns:caldav' \
     xmlns:R='urn:ietf:params:xml:ns:carddav' xmlns:S='http://calendarserver.org/ns/'";

struct Served {
    home: tempfile::TempDir,
    dav: Arc<Dav>,
}

struct Told {
    status: u16,
    media: String,
    text: String,
}

impl Served {
    fn new() -> Self {
        let home = tempfile::tempdir().expect("it is there");
        let collections =
            Arc::new(collections::open(home.path(), || Timestamp::UNIX_EPOCH, &|_| Vec::new()).expect("it is there"));
        let dav = Arc::new(Dav {
            collections,
            user: "moisson".to_owned(),
            name: "Household".to_owned(),
            addresses: Vec::new(),
            zone: TimeZone::get("Europe/Paris").expect("it is there"),
            is_two_way: Box::new(|_| false),
            has_changed: Box::new(|_| ()),
            push: None,
        });
        Self { home, dav }
    }

    fn ask_with(&self, method: &str, path: &str, headers: &[(&'static str, &'static str)], body: &[u8]) -> Told {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.insert(*name, value.parse().expect("a value"));
        }
        let method = Method::from_bytes(method.as_bytes()).expect("it is there");
        let ask = Ask {
            method,
            path: path.to_owned(),
            headers: map,
            host: String::new(),
            body: Arc::from(body),
            rights: Rights::all(),
        };
        let reply = answer(&self.dav, ask);
        let mut told = Vec::new();
        match reply.body {
            Body::Whole(bytes) => told.extend_from_slice(&bytes),
            Body::Written(write) => {
                let mut send = |piece: String| {
                    told.extend_from_slice(piece.as_bytes());
                    true
                };
                write(&mut Sink::new(&mut send));
            }
        }
        let media = reply
            .headers
            .get("content-type")
            .map(|it| it.to_str().expect("it is there").to_owned())
            .unwrap_or_default();
        Told { status: reply.status.as_u16(), media, text: String::from_utf8_lossy(&told).into_owned() }
    }

    fn ask(&self, method: &str, path: &str, body: &str) -> Told {
        self.ask_with(method, path, &[("depth", "1")], body.replacen("SPACES", SPACES, 1).as_bytes())
    }

    fn put(&self, path: &str, bytes: &[u8]) {
        let told = self.ask_with("PUT", path, &[], bytes);
        assert!(matches!(told.status, 201 | 204), "{path}: {} {}", told.status, told.text);
    }

    fn query(&self, prop: &str, filter: &str) -> String {
        let body = format!(
            "<C:calendar-query SPACES><D:prop>{prop}</D:prop><C:filter><C:comp-filter name='VCALENDAR'>\
             <C:comp-filter name='VEVENT'>{filter}</C:comp-filter></C:comp-filter></C:filter></C:calendar-query>"
        );
        self.ask("REPORT", CALENDAR, &body).text
    }
}

const CALENDAR: &str = "/dav/calendars/personal/";
const BOOK: &str = "/dav/books/contacts/";
const MATCHES: &str = "<D:number-of-matches-within-limits/>";
const IN_MARCH: &str = "<C:time-range start='20260301T000000Z' end='20260401T000000Z'/>";

fn event(uid: &str, lines: &str) -> Vec<u8> {
    let lines = lines.replace('\n', "\r\n");
    format!(
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//example//EN\r\nBEGIN:VEVENT\r\nUID:{uid}\r\n\
         DTSTAMP:20260101T000000Z\r\n{lines}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    )
    .into_bytes()
}

/// `n` bytes of a description, in lines.
fn long(n: usize) -> String {
    let mut text = "DESCRIPTION:x".to_owned();
    text.push_str(&["\n ", &"x".repeat(71)].concat().repeat(n / 72));
    text
}

#[test]
fn cards_in_old_encodings_are_told_as_text() {
    let served = Served::new();
    let card =
        b"BEGIN:VCARD\r\nVERSION:3.0\r\nUID:u1\r\nN:Lef\xe8vre;Ir\xe8ne;;;\r\nFN:Ir\xe8ne Lef\xe8vre\r\nEND:VCARD\r\n";
    served.put(&format!("{BOOK}a.vcf"), card);
    let multiget = format!(
        "<R:addressbook-multiget SPACES><D:prop><R:address-data/></D:prop><D:href>{BOOK}a.vcf</D:href>\
         </R:addressbook-multiget>"
    );
    let query = "<R:addressbook-query SPACES><D:prop><R:address-data/></D:prop><R:filter/></R:addressbook-query>";
    for body in [multiget.as_str(), query] {
        let told = served.ask("REPORT", BOOK, body).text;
        assert!(told.contains("FN:Irène Lefèvre&#13;\n") && !told.contains('\u{fffd}'), "{told}");
    }
}

#[test]
fn instances_have_bounds_for_each_object_and_for_the_answer() {
    let served = Served::new();
    let rule = "DTSTART:20200101T100000Z\nRRULE:FREQ=DAILY;COUNT=20000\n";
    let hrefs: String = (0..6).map(|n| ["<D:href>", CALENDAR, &n.to_string(), ".ics</D:href>"].concat()).collect();
    for n in 0..6 {
        served.put(&format!("{CALENDAR}{n}.ics"), &event(&format!("u{n}"), &format!("{rule}{}", long(100_000))));
    }
    served.put(&format!("{CALENDAR}small.ics"), &event("small", &format!("{rule}SUMMARY:x")));
    let data = "<C:calendar-data><C:expand start='20200101T000000Z' end='20800101T000000Z'/></C:calendar-data>";
    let told = |hrefs: &str| {
        let body = format!("<C:calendar-multiget SPACES><D:prop>{data}</D:prop>{hrefs}</C:calendar-multiget>");
        served.ask("REPORT", CALENDAR, &body).text
    };
    let one = told(&format!("<D:href>{CALENDAR}0.ics</D:href><D:href>{CALENDAR}small.ics</D:href>"));
    let over = format!("<D:href>{CALENDAR}0.ics</D:href><D:status>HTTP/1.1 507 Insufficient Storage</D:status>");
    assert!(one.contains(&format!("{over}<D:error>{MATCHES}</D:error>")));
    assert_eq!(one.matches("BEGIN:VEVENT").count(), 20_000);
    let all = told(&hrefs);
    let cut = format!("<D:href>{CALENDAR}</D:href><D:status>HTTP/1.1 507 Insufficient Storage</D:status>");
    assert!(all.contains(&cut) && !all.contains("5.ics"), "{all}");
}

#[test]
fn what_points_at_itself_is_expanded_within_bounds() {
    let served = Served::new();
    let hrefs = format!("<D:href>{BOOK}</D:href>").repeat(300);
    let set =
        format!("<D:propertyupdate SPACES><D:set><D:prop><S:me>{hrefs}</S:me></D:prop></D:set></D:propertyupdate>");
    assert_eq!(served.ask("PROPPATCH", BOOK, &set).status, 207);
    let property =
        |inner: &str| format!("<D:property name='me' namespace='http://calendarserver.org/ns/'>{inner}</D:property>");
    let expand =
        |inner: &str| served.ask("REPORT", BOOK, &format!("<D:expand-property SPACES>{inner}</D:expand-property>"));
    let told = expand(&property("<D:property name='displayname'/>"));
    assert_eq!((told.status, told.text.matches("<D:displayname>").count()), (207, 300));
    let told = expand(&property(&property(&property(&property("")))));
    assert!(told.status == 507 && told.text.contains(MATCHES), "{}: {} bytes", told.status, told.text.len());
}

#[test]
fn objects_that_cannot_be_read_keep_no_others_from_being_told() {
    let served = Served::new();
    let in_march = "DTSTART:20260310T100000Z\nDTEND:20260310T110000Z\n";
    served.put(&format!("{CALENDAR}lost.ics"), &event("lost", &format!("{in_march}SUMMARY:lost\n{}", long(60_000))));
    served.put(&format!("{CALENDAR}held.ics"), &event("held", &format!("{in_march}SUMMARY:held")));
    let card = |uid: &str, note: &str| {
        format!("BEGIN:VCARD\r\nVERSION:3.0\r\nUID:{uid}\r\nFN:A\r\nN:A;;;;\r\nNOTE:{note}\r\nEND:VCARD\r\n")
    };
    served.put(&format!("{BOOK}lost.vcf"), card("lost", &"x".repeat(60_000)).as_bytes());
    served.put(&format!("{BOOK}held.vcf"), card("held", "x").as_bytes());
    assert_eq!(lose(&served.home.path().join("archive")), 2);

    let named = |text: &str| ["lost.", "held."].map(|name| text.contains(name));
    let summary = "<C:prop-filter name='SUMMARY'><C:text-match>e</C:text-match></C:prop-filter>";
    assert_eq!(named(&served.query("<D:getetag/>", summary)), [false, true]);
    // What is known of it still tells when it takes place.
    assert_eq!(named(&served.query("<D:getetag/>", IN_MARCH)), [true, true]);
    let later = "<C:time-range start='20270301T000000Z'/>";
    assert_eq!(named(&served.query("<D:getetag/>", later)), [false, false]);
    let told = served.query("<C:calendar-data/>", IN_MARCH);
    assert!(told.contains("SUMMARY:held") && named(&told) == [true, true], "{told}");
    let busy = format!("<C:free-busy-query SPACES>{IN_MARCH}</C:free-busy-query>");
    let busy = served.ask("REPORT", CALENDAR, &busy);
    assert!(busy.status == 200 && busy.text.contains("20260310T100000Z/20260310T110000Z"), "{}", busy.text);
    let cards = |filter: &str| {
        let body = format!("<R:addressbook-query SPACES><D:prop><D:getetag/></D:prop>{filter}</R:addressbook-query>");
        named(&served.ask("REPORT", BOOK, &body).text)
    };
    assert_eq!(cards("<R:filter><R:prop-filter name='FN'/></R:filter>"), [false, true]);
    assert_eq!(cards("<R:filter/>"), [true, true]);
}

/// Takes all documents of the archive away; how many there were.
fn lose(folder: &Path) -> usize {
    let mut n = 0;
    for entry in std::fs::read_dir(folder).expect("it is there") {
        let path = entry.expect("it is there").path();
        if path.is_dir() {
            n += lose(&path);
        } else {
            std::fs::remove_file(&path).expect("it is there");
            n += 1;
        }
    }
    n
}

#[test]
fn reports_tell_what_may_be_written() {
    let served = Served::new();
    served.put(&format!("{CALENDAR}a.ics"), &event("a", "DTSTART:20260310T100000Z"));
    let prop = "<D:current-user-privilege-set/>";
    let multiget = format!(
        "<C:calendar-multiget SPACES><D:prop>{prop}</D:prop><D:href>{CALENDAR}a.ics</D:href></C:calendar-multiget>"
    );
    let sync = format!(
        "<D:sync-collection SPACES><D:sync-token/><D:sync-level>1</D:sync-level><D:prop>{prop}</D:prop></D:sync-collection>"
    );
    let answers = [
        served.query(prop, ""),
        served.ask("REPORT", CALENDAR, &multiget).text,
        served.ask("REPORT", CALENDAR, &sync).text,
    ];
    for told in answers {
        assert!(told.contains("<D:privilege><D:write-content/></D:privilege>"), "{told}");
    }
}

#[test]
fn what_is_known_of_objects_stands_on_the_clock_of_their_calendar() {
    let served = Served::new();
    served.put(&format!("{CALENDAR}a.ics"), &event("a", "DTSTART;VALUE=DATE:20260310"));
    let is_read = || {
        let state = served.dav.collections.state();
        state.collection("calendars/personal").unwrap().member("a.ics").unwrap().reading.get().is_some()
    };
    let set = |property: &str| {
        let body = format!("<D:propertyupdate SPACES><D:set><D:prop>{property}</D:prop></D:set></D:propertyupdate>");
        assert_eq!(served.ask("PROPPATCH", CALENDAR, &body).status, 207);
    };
    set("<D:displayname>Days</D:displayname>");
    assert!(is_read(), "a name says nothing of times");
    set("<C:calendar-timezone-id>America/New_York</C:calendar-timezone-id>");
    assert!(!is_read());
    let sync = "<D:sync-collection SPACES><D:sync-token/><D:sync-level>1</D:sync-level>\
         <D:prop><C:calendar-data/></D:prop></D:sync-collection>";
    assert!(served.ask("REPORT", CALENDAR, sync).text.contains("DTSTART;VALUE=DATE:20260310"));
    // The day ends there at four in the morning of the next one in UTC, by summer time.
    let night = "<C:time-range start='20260311T030000Z' end='20260311T033000Z'/>";
    assert!(served.query("<D:getetag/>", night).contains("a.ics"));
}

#[test]
fn collections_are_made_as_asked_or_not_at_all() {
    let served = Served::new();
    let make = |path: &str, inner: &str| {
        let body = format!("<D:mkcol SPACES><D:set><D:prop>{inner}</D:prop></D:set></D:mkcol>");
        served.ask("MKCOL", path, &body)
    };
    let subscribed = "<D:resourcetype><D:collection/><S:subscribed/></D:resourcetype>\
         <S:source><D:href>https://example.org/a.ics</D:href></S:source>";
    assert_eq!(make("/dav/calendars/holidays/", subscribed).status, 201);
    let asked = "<D:propfind SPACES><D:prop><D:resourcetype/><S:source/></D:prop></D:propfind>";
    let told = served.ask("PROPFIND", "/dav/calendars/holidays/", asked).text;
    assert!(told.contains("<S:subscribed/>") && told.contains("https://example.org/a.ics"), "{told}");

    let kind = "<D:resourcetype><D:collection/><C:calendar/></D:resourcetype>";
    let told =
        make("/dav/calendars/other/", &format!("{kind}<D:displayname>A</D:displayname><D:getetag>x</D:getetag>"));
    assert!(told.status == 403 && told.text.contains("<D:mkcol-response "), "{}", told.text);
    assert!(told.text.contains("<D:prop><D:getetag/></D:prop><D:status>HTTP/1.1 403 Forbidden"), "{}", told.text);
    assert!(told.text.contains("<D:displayname/></D:prop><D:status>HTTP/1.1 424"), "{}", told.text);
    assert!(moisson::dav::xml::read(told.text.as_bytes()).is_ok(), "{}", told.text);
    assert_eq!(served.ask("PROPFIND", "/dav/calendars/other/", "").status, 404);
}

#[test]
fn the_principal_keeps_what_clients_set_on_it() {
    let served = Served::new();
    let principal = "/dav/principals/moisson/";
    let card = format!("<S:me-card><D:href>{BOOK}me.vcf</D:href></S:me-card>");
    let set = format!("<D:propertyupdate SPACES><D:set><D:prop>{card}</D:prop></D:set></D:propertyupdate>");
    assert_eq!(served.ask("PROPPATCH", principal, &set).status, 207);
    let asked = "<D:propfind SPACES><D:prop><S:me-card/></D:prop></D:propfind>";
    assert!(served.ask("PROPFIND", principal, asked).text.contains("me.vcf"));
}

#[test]
fn only_what_is_synced_offers_to_be() {
    let served = Served::new();
    let asked = "<D:propfind SPACES><D:prop><D:supported-report-set/></D:prop></D:propfind>";
    let offers = |path: &str| {
        let told = served.ask_with("PROPFIND", path, &[("depth", "0")], asked.replacen("SPACES", SPACES, 1).as_bytes());
        told.text.contains("<D:sync-collection/>")
    };
    assert_eq!(["/dav/calendars/", "/dav/books/", CALENDAR, "/dav/files/"].map(offers), [false, false, true, true]);
}

#[test]
fn files_are_told_as_what_they_are() {
    let served = Served::new();
    let headers = [("prefer", "return=representation"), ("content-type", "text/plain")];
    let told = served.ask_with("PUT", "/dav/files/a.txt", &headers, b"a");
    assert_eq!((told.status, told.media.as_str(), told.text.as_str()), (201, "text/plain", "a"));
}
