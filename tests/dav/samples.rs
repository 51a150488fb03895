//! Every public sample that is a valid object: written, given back byte for byte, told by
//! sync-collection, and found by a query where it takes place.

use std::path::Path;

use moisson::dav::{calendar, card};
use serde_json::Value;

use crate::device::Device;
use crate::server::{self, Server};
use crate::support;

/// Samples of which an occurrence that another program lists is not found, and why.
const DIFFERING: &[(&str, &str)] = &[(
    "icalendar_collective/tests/calendars/issue_1633_rdate_with_dates.ics",
    "a period of days on a timed series: here at the time of DTSTART, there at midnight",
)];

#[test]
fn calendars_come_back_as_they_were_put() {
    let Some(folder) = support::corpus().map(|corpus| corpus.join("calendar")) else {
        return println!("skipped: no public samples");
    };
    let listed: Value = serde_json::from_slice(&std::fs::read(folder.join("EXPECTED.json")).unwrap()).unwrap();
    let home = server::home();
    let password = server::password(home.path());
    let server = Server::start(home.path());
    let mut device = server.device(&password);
    let (mut n, mut n_found, mut differing) = (0, 0, Vec::new());
    for (at, path) in support::files_below(&folder).into_iter().enumerate() {
        let bytes = std::fs::read(&path).unwrap();
        if calendar::check(&bytes).is_err() {
            continue;
        }
        // One calendar each: many samples have the same UID.
        let collection = format!("/dav/calendars/s{at}/");
        assert_eq!(device.ask("MKCALENDAR", &collection, &[], &[]).unwrap().status, 201);
        let href = format!("{collection}a.ics");
        comes_back(&mut device, (&collection, &href), "text/calendar", &bytes, &path);
        n += 1;
        let name = path.strip_prefix(&folder).unwrap().to_str().unwrap().to_owned();
        let starts =
            ["first", "last"].iter().flat_map(|end| listed[&name][*end].as_array().cloned().unwrap_or_default());
        for start in starts {
            if is_found(&mut device, &collection, start.as_str().unwrap()) {
                n_found += 1;
            } else {
                differing.push(name.clone());
            }
        }
    }
    differing.dedup();
    println!("{n} calendar objects came back, {n_found} occurrences found, without: {differing:?}");
    assert!(n > 30, "{n}");
    assert_eq!(differing, DIFFERING.iter().map(|(name, _)| *name).collect::<Vec<_>>());
}

#[test]
fn cards_come_back_as_they_were_put() {
    let Some(folder) = support::corpus().map(|corpus| corpus.join("contacts")) else {
        return println!("skipped: no public samples");
    };
    let home = server::home();
    let password = server::password(home.path());
    let server = Server::start(home.path());
    let mut device = server.device(&password);
    let mut n = 0;
    for (at, path) in support::files_below(&folder).into_iter().enumerate() {
        let bytes = std::fs::read(&path).unwrap();
        if card::check(&bytes).is_err() {
            continue;
        }
        let collection = format!("/dav/books/s{at}/");
        let book = "<D:mkcol xmlns:D=\"DAV:\" xmlns:R=\"urn:ietf:params:xml:ns:carddav\"><D:set><D:prop>\
             <D:resourcetype><D:collection/><R:addressbook/></D:resourcetype></D:prop></D:set></D:mkcol>";
        assert_eq!(device.ask("MKCOL", &collection, &[], book.as_bytes()).unwrap().status, 201);
        let href = format!("{collection}a.vcf");
        comes_back(&mut device, (&collection, &href), "text/vcard", &bytes, &path);
        n += 1;
    }
    println!("{n} cards came back");
    assert!(n > 30, "{n}");
}

fn comes_back(device: &mut Device, (collection, href): (&str, &str), kind: &str, bytes: &[u8], path: &Path) {
    let put = device.ask("PUT", href, &[("Content-Type", kind)], bytes).expect("it is there");
    assert_eq!(put.status, 201, "{}: {}", path.display(), put.text());
    let got = device.ask("GET", href, &[], &[]).expect("it is there");
    assert!(got.status == 200 && got.body == bytes, "{}", path.display());
    assert_eq!(got.header("etag"), put.header("etag"), "{}", path.display());
    let sync = "<D:sync-collection xmlns:D=\"DAV:\"><D:sync-token/><D:sync-level>1</D:sync-level>\
         <D:prop><D:getetag/></D:prop></D:sync-collection>";
    let told = device.ask("REPORT", collection, &[], sync.as_bytes()).expect("it is there").text();
    assert!(told.contains(&format!("<D:href>{href}</D:href>")), "{}: {told}", path.display());
}

/// Whether a query for the second at which an occurrence begins finds anything.
fn is_found(device: &mut Device, collection: &str, start: &str) -> bool {
    let compact: String = start.chars().filter(|c| !matches!(c, '-' | ':')).collect();
    let at: jiff::civil::DateTime = match compact.trim_end_matches('Z') {
        day if day.len() == 8 => day.parse::<jiff::civil::Date>().expect("it is there").at(0, 0, 0, 0),
        time => time.parse().expect("it is there"),
    };
    let until = at.saturating_add(jiff::SignedDuration::from_secs(1));
    let (from, until) = (at.strftime("%Y%m%dT%H%M%SZ"), until.strftime("%Y%m%dT%H%M%SZ"));
    let body = format!(
        "<C:calendar-query xmlns:C=\"urn:ietf:params:xml:ns:caldav\" xmlns:D=\"DAV:\"><D:prop><D:getetag/></D:prop>\
         <C:filter><C:comp-filter name=\"VCALENDAR\"><C:comp-filter name=\"VEVENT\">\
         <C:time-range start=\"{from}\" end=\"{until}\"/></C:comp-filter></C:comp-filter></C:filter>\
         <C:timezone>BEGIN:VCALENDAR\r\nBEGIN:VTIMEZONE\r\nTZID:UTC\r\nEND:VTIMEZONE\r\nEND:VCALENDAR</C:timezone>\
         </C:calendar-query>"
    );
    device
        .ask("REPORT", collection, &[("Depth", "1")], body.as_bytes())
        .expect("it is there")
        .text()
        .contains("<D:response>")
}
