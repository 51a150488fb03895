//! Bodies of DAV requests that are too large, too slow, or full of properties.

use std::io::Write as _;
use std::time::Duration;

use moisson::web::LARGEST_BODY;
use moisson::web::accounts::Scope;
use moisson::web::listen::Limits;

use super::shelf::{self, event};
use super::world::{World, answer};

const SIZE: &str =
    "<propfind xmlns='DAV:' xmlns:C='urn:ietf:params:xml:ns:caldav'><prop><C:max-resource-size/></prop></propfind>";

/// An event of so many bytes.
fn event_of(n: usize) -> String {
    let rest = event("a").len() + "X-PADDING:\r\n".len();
    event("a").replace("END:VEVENT", &format!("X-PADDING:{}\r\nEND:VEVENT", "x".repeat(n - rest)))
}

fn patch(world: &World, device: &str, path: &str, properties: &str) -> super::world::Answer {
    let body =
        format!("<propertyupdate xmlns='DAV:' xmlns:x='urn:x'><set><prop>{properties}</prop></set></propertyupdate>");
    world.ask("PROPPATCH", path, &[("Authorization", device)], &body)
}

#[test]
fn objects_are_taken_up_to_the_size_that_is_promised() {
    let world = shelf::world(Limits::default());
    let device = world.device("phone", Scope::all());
    let told = world.ask("PROPFIND", "/dav/calendars/personal/", &[("Authorization", &device)], SIZE).body;
    assert!(told.contains(&format!(">{LARGEST_BODY}</")), "{told}");
    let put = |path: &str, n: usize| world.ask("PUT", path, &[("Authorization", &device)], &event_of(n));
    assert_eq!(put("/dav/calendars/personal/a.ics", LARGEST_BODY).status, 204);
    for (path, condition) in [
        ("/dav/calendars/personal/b.ics", "C:max-resource-size"),
        ("/dav/books/contacts/b.vcf", "R:max-resource-size"),
        ("/dav/files/b", "too large"),
    ] {
        // It is refused before it is sent: nobody need send it.
        let mut stream = world.connect();
        let head = format!("PUT {path} HTTP/1.1\r\nHost: {}\r\nAuthorization: {device}\r\n", world.address);
        stream.write_all(format!("{head}Content-Length: {}\r\n\r\n", LARGEST_BODY + 1).as_bytes()).expect("a request");
        let refused = answer(&mut stream);
        assert_eq!(refused.status, 413, "{path}");
        assert!(refused.body.contains(condition), "{path}: {}", refused.body);
    }
}

#[test]
fn a_body_that_does_not_come_is_late_and_not_large() {
    let limits = Limits { piece: Duration::from_millis(200), ..Limits::default() };
    let world = shelf::world(limits);
    let device = world.device("phone", Scope::all());
    let head = format!("PUT /dav/calendars/personal/b.ics HTTP/1.1\r\nHost: {}\r\n", world.address);
    let head = format!("{head}Authorization: {device}\r\n");
    let mut stalled = world.connect();
    stalled.write_all(format!("{head}Content-Length: 100\r\n\r\nBEGIN").as_bytes()).expect("a request");
    let late = answer(&mut stalled);
    assert_eq!((late.status, late.header("connection")), (408, Some("close")));
    let mut broken = world.connect();
    broken.write_all(format!("{head}Transfer-Encoding: chunked\r\n\r\nno number\r\n").as_bytes()).expect("a request");
    assert_eq!(answer(&mut broken).status, 400);
}

#[test]
fn properties_that_clients_set_are_bounded() {
    let world = shelf::world(Limits::default());
    let device = world.device("phone", Scope::all());
    let many = |from: usize, n: usize| {
        let one = |n: usize| ["<x:p", &n.to_string(), ">1</x:p", &n.to_string(), ">"].concat();
        (from..from + n).map(one).collect::<String>()
    };
    for path in ["/dav/calendars/personal/", "/dav/calendars/work/a.ics"] {
        let long = format!("<x:long>{}</x:long>", "x".repeat(64 << 10));
        let refused = patch(&world, &device, path, &long);
        assert_eq!(refused.status, 507, "{path}");
        assert!(refused.body.contains("65536 bytes"), "{}", refused.body);
        assert_eq!(patch(&world, &device, path, &many(0, 200)).status, 207, "{path}");
        let refused = patch(&world, &device, path, &many(200, 100));
        assert_eq!(refused.status, 507, "{path}");
        assert!(refused.body.contains("256 properties"), "{}", refused.body);
        assert_eq!(patch(&world, &device, path, &many(100, 150)).status, 207, "those that are there anyway");
    }
    let body = format!(
        "<C:mkcalendar xmlns='DAV:' xmlns:C='urn:ietf:params:xml:ns:caldav' xmlns:x='urn:x'><set><prop>{}</prop></set></C:mkcalendar>",
        many(0, 257)
    );
    assert_eq!(world.ask("MKCALENDAR", "/dav/calendars/new/", &[("Authorization", &device)], &body).status, 507);
}
