//! What one run may take, whoever answers and whatever transport asks. Limits are shortened; no
//! server here ever ends by itself.

use std::time::Duration;

use jiff::tz::TimeZone;
use moisson::config::{Network, Setting, Source};
use moisson::connector::{Catalogue, Service};
use moisson::fetch::http::{Client, Limits};
use moisson::fetch::{self, Failure, Harvest, Order, State};
use moisson::model::run::Class;
use moisson::vault::Vault;

use crate::chaos::{Server, reply};

/// The pages of a service that has always one more.
const ENDLESS: &str = r#"
transport = "http"
needs.base = { kind = "url", label.en = "address" }
[[fetch.steps]]
name = "rows"
path = "/rows"
query = { page = "{page}" }
pages = { kind = "page", first = 1, rows = "/rows" }
document = "rows.json"
"#;

/// Days, each by a call of its own.
const DAILY: &str = r#"
transport = "http"
needs.base = { kind = "url", label.en = "address" }
history = "P400D"
[[fetch.steps]]
name = "days"
path = "/days"
query = { from = "{from}" }
windows = { days = 1 }
document = "{from}.json"
"#;

/// A portal with a thousand files.
const PORTAL: &str = r#"
transport = "web"
needs.base = { kind = "url", label.en = "address" }
[[fetch.steps]]
name = "bills"
path = "/bills"
follow = "a"
document = "{file}"
"#;

fn service(fetch: &str) -> Service {
    let mut catalogue = Catalogue::default();
    let text = format!("name = \"Made up\"\nversion = 1\n[fetch]\n{fetch}");
    catalogue.add("generic/made_up", &text, "made_up.toml").expect("a connector");
    catalogue.service("generic/made_up").expect("a service").clone()
}

fn run(service: &Service, base: &str, limits: Limits, state: &mut State) -> Result<Harvest, Failure> {
    let network = Network { home_hosts: vec!["127.0.0.1".to_owned()], ..Network::default() };
    let mut source = Source { id: "mine".to_owned(), ..Source::default() };
    source.fetch.insert("base".to_owned(), Setting::Text(base.to_owned()));
    source.fetch.insert("user".to_owned(), Setting::Text("claire".to_owned()));
    let vault = Vault::in_memory();
    vault.keep("mine/password", "secret".to_owned().into()).expect("kept");
    let client = Client::with_limits(&network, limits).expect("a client");
    let order = Order {
        source: &source,
        service,
        zone: &TimeZone::UTC,
        now: "2026-03-14T10:00:00Z".parse().expect("an instant"),
        network: &network,
        vault: &vault,
        client: &client,
        person: None,
    };
    fetch::fetch(&order, state)
}

fn hurried() -> Limits {
    Limits { run: Duration::from_millis(400), ..Limits::default() }
}

fn narrow() -> Limits {
    Limits { run_bytes: 100_000, ..Limits::default() }
}

fn json(n_bytes: usize) -> Vec<u8> {
    let row = "x".repeat(n_bytes);
    reply("200 OK", &[("content-type", "application/json")], format!("{{\"rows\":[\"{row}\"]}}").as_bytes())
}

fn is_told_in_both_languages(en: &str, fr: &str, bound: &str) {
    assert!(en.contains("was ended after") && en.contains("ask for less"), "{en}");
    assert!(fr.contains("ont été arrêtées après") && fr.contains("demande moins"), "{fr}");
    assert!(en.contains(bound), "{en}");
}

#[test]
fn pages_without_an_end_end_with_the_time_or_the_memory_of_a_run() {
    let server = Server::by(|_| json(2_000));
    for (limits, bound) in [(hurried(), "0 s"), (narrow(), "0 MiB")] {
        let failure = run(&service(ENDLESS), &server.url(""), limits, &mut State::default()).expect_err("no end");
        assert_eq!(failure.class, Class::Retry, "{failure:?}");
        is_told_in_both_languages(&failure.message.en, &failure.message.fr, bound);
    }
    assert!(server.n_connections() < 5_000);
}

#[test]
fn the_days_that_came_before_the_end_stay_and_the_next_run_goes_on() {
    let server = Server::by(|_| json(10_000));
    let (service, mut state) = (service(DAILY), State::default());
    let mut names = Vec::new();
    for _ in 0..3 {
        let harvest = run(&service, &server.url(""), narrow(), &mut state).expect("a harvest");
        assert_eq!((harvest.documents.len(), harvest.failed.len()), (9, 1), "{:?}", harvest.failed);
        assert_eq!(harvest.failed[0].outcome, Class::Retry);
        names.extend(harvest.documents.into_iter().map(|document| document.name));
    }
    names.sort();
    names.dedup();
    assert_eq!(names.len(), 25, "no day came twice but today, which is not over");
}

#[test]
fn a_portal_is_left_with_what_was_taken() {
    let server = Server::by(|heard| {
        let links = (0..1_000).fold(String::new(), |html, n| format!("{html}<a href='/bill-{n}.csv'>bill</a>"));
        if heard.starts_with("GET /bills ") {
            return reply("200 OK", &[("content-type", "text/html")], links.as_bytes());
        }
        reply("200 OK", &[("content-type", "text/csv")], &[b'x'; 10_000])
    });
    let (service, mut state) = (service(PORTAL), State::default());
    for n_before in [0, 6] {
        let harvest = run(&service, &server.url(""), narrow(), &mut state).expect("a harvest");
        assert_eq!(harvest.documents[0].name, format!("bill-{n_before}.csv"));
        assert_eq!((harvest.documents.len(), harvest.failed[0].outcome), (6, Class::Retry), "{:?}", harvest.failed);
    }
    // Each file goes by in a moment, all of them together do not.
    let harvest = run(&service, &server.url(""), hurried(), &mut State::default()).expect("a harvest");
    assert!(harvest.documents.len() < 1_000 && harvest.failed[0].outcome == Class::Retry);
    is_told_in_both_languages(&harvest.failed[0].message.en, &harvest.failed[0].message.fr, "0 s");
}

/// A calendar server of this address: a list of a thousand objects, and each object by itself.
fn calendar(heard: &str) -> Vec<u8> {
    let (line, body) = heard.split_once("\r\n").unwrap_or_default();
    let one = |href: &str, props: &str| {
        format!(
            "<d:response><d:href>{href}</d:href><d:propstat><d:prop>{props}</d:prop><d:status>HTTP/1.1 200 OK</d:status></d:propstat></d:response>"
        )
    };
    let all = |inner: String| {
        let xml =
            format!("<d:multistatus xmlns:d='DAV:' xmlns:c='urn:ietf:params:xml:ns:caldav'>{inner}</d:multistatus>");
        reply("207 Multi-Status", &[("content-type", "application/xml")], xml.as_bytes())
    };
    let collection = "<d:resourcetype><d:collection/><c:calendar/></d:resourcetype><d:displayname>home</d:displayname>";
    if line.starts_with("REPORT") {
        return reply("501 Not Implemented", &[], b"");
    }
    if line.starts_with("GET") {
        let n: String = line.chars().filter(char::is_ascii_digit).take(3).collect();
        let event = format!(
            "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:{n}\r\nSUMMARY:{}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n",
            "x".repeat(9_000)
        );
        return reply("200 OK", &[("content-type", "text/calendar")], event.as_bytes());
    }
    if body.to_lowercase().contains("depth: 1") {
        let members =
            (100..400).map(|n| one(&format!("/home/{n}.ics"), "<d:getetag>\"1\"</d:getetag><d:resourcetype/>"));
        return all(one("/home/", collection) + &members.collect::<String>());
    }
    all(one("/home/", collection))
}

#[test]
fn the_objects_that_came_of_a_large_calendar_stay_and_the_others_come_later() {
    let server = Server::by(calendar);
    let (service, mut state) = (
        Catalogue::shipped().expect("connectors").service("calendar/caldav").expect("a service").clone(),
        State::default(),
    );
    let mut n_known = 0;
    for _ in 0..2 {
        let limits = Limits { run_bytes: 200_000, ..Limits::default() };
        let harvest = run(&service, &server.url("/home/"), limits, &mut state).expect("a harvest");
        assert_eq!((harvest.documents.len(), harvest.failed.len()), (1, 1), "{:?}", harvest.failed);
        assert_eq!(harvest.failed[0].outcome, Class::Retry);
        let n_now = state.objects.values().map(std::collections::BTreeMap::len).sum::<usize>();
        assert!(n_now >= n_known + 5, "{n_now}");
        n_known = n_now;
    }
}
