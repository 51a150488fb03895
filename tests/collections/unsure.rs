//! A server that answers for some members that it cannot tell, on the loopback: nothing of that is
//! taken for gone.

use std::fmt::Write as _;
use std::sync::{Arc, Mutex};

use jiff::{SignedDuration, Timestamp};
use moisson::fetch::Harvest;
use moisson::fetch::case::Case;
use moisson::model::run::Class;
use secrecy::SecretString;

use crate::simulator::{Answer, Seen, Simulator};
use crate::world::World;

/// What the server does from now on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mood {
    Well,
    /// One member has a status of its own.
    Member(u16),
    /// One object is not handed over.
    Object(u16),
    Page,
}

/// A calendar of three events without sync token: `/cal/`.
fn answer(seen: &Seen, mood: Mood) -> Answer {
    let xml = |inner: &str| {
        let text = format!(
            "<d:multistatus xmlns:d=\"DAV:\" xmlns:c=\"urn:ietf:params:xml:ns:caldav\">{inner}</d:multistatus>"
        );
        Answer::text(207, "application/xml", &text)
    };
    let own = "<d:response><d:href>/cal/</d:href><d:propstat><d:prop><d:displayname>Home</d:displayname>\
               <d:resourcetype><d:collection/><c:calendar/></d:resourcetype></d:prop>\
               <d:status>HTTP/1.1 200 OK</d:status></d:propstat></d:response>";
    match (seen.method.as_str(), seen.path.as_str(), mood) {
        ("PROPFIND", _, Mood::Page) => Answer::text(200, "text/html", "<!doctype html><h1>Back soon</h1>"),
        ("PROPFIND", "/cal/", _) if seen.header("depth") == "1" => {
            let mut list = own.to_owned();
            for n in 1..=3 {
                let _ = match mood {
                    Mood::Member(status) if n == 2 => write!(
                        list,
                        "<d:response><d:href>/cal/2.ics</d:href><d:status>HTTP/1.1 {status} No</d:status></d:response>"
                    ),
                    _ => write!(
                        list,
                        "<d:response><d:href>/cal/{n}.ics</d:href><d:propstat><d:prop><d:getetag>\"{n}\"</d:getetag>\
                         </d:prop><d:status>HTTP/1.1 200 OK</d:status></d:propstat></d:response>"
                    ),
                };
            }
            xml(&list)
        }
        ("PROPFIND", _, _) => xml(own),
        ("GET", "/cal/2.ics", Mood::Object(status)) => Answer::text(status, "text/plain", "no"),
        ("GET", path, _) => {
            let uid = path.trim_start_matches("/cal/").trim_end_matches(".ics");
            let event = format!(
                "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\nUID:{uid}\r\nDTSTART:20260301T080000Z\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
            );
            Answer::text(200, "text/calendar", &event)
        }
        _ => Answer::text(405, "text/plain", ""),
    }
}

fn world(mood: &Arc<Mutex<Mood>>) -> World {
    let mood = Arc::clone(mood);
    let simulator = Simulator::start(move |seen| answer(seen, *mood.lock().expect("the mood")));
    let settings = format!("url = \"{}/cal/\"\nuser = \"user\"", simulator.base());
    let now: Timestamp = "2026-03-01T08:00:00Z".parse().expect("an instant");
    let world = World::new("calendar/caldav", &settings, now);
    world.vault.keep("mine/password", SecretString::from("secret")).expect("kept");
    world
}

fn pull(world: &mut World) -> Harvest {
    world.now += SignedDuration::from_hours(1);
    world.fetch().expect("a harvest")
}

fn holds(harvest: &Harvest, text: &str) -> bool {
    harvest.documents.iter().any(|document| String::from_utf8_lossy(&document.bytes).contains(text))
}

#[test]
fn a_member_that_cannot_be_told_has_not_gone_and_one_that_is_gone_has() {
    let mood = Arc::new(Mutex::new(Mood::Well));
    let mut world = world(&mood);
    assert!(holds(&pull(&mut world), "UID:2"));
    for status in [500, 403, 507] {
        *mood.lock().expect("the mood") = Mood::Member(status);
        assert!(!holds(&pull(&mut world), "X-MOISSON-GONE"), "{status}");
    }
    *mood.lock().expect("the mood") = Mood::Member(404);
    assert!(holds(&pull(&mut world), "X-MOISSON-GONE:2"));
}

#[test]
fn an_object_that_is_not_handed_over_leaves_the_others_and_comes_later() {
    let mood = Arc::new(Mutex::new(Mood::Object(500)));
    let mut world = world(&mood);
    let first = pull(&mut world);
    assert!(holds(&first, "UID:1") && holds(&first, "UID:3") && !holds(&first, "UID:2"));
    assert_eq!(first.failed[0].outcome, Class::Retry);
    *mood.lock().expect("the mood") = Mood::Well;
    let second = pull(&mut world);
    assert!(holds(&second, "UID:2") && !holds(&second, "UID:1") && second.failed.is_empty());
}

#[test]
fn a_page_for_people_is_tried_again() {
    let mood = Arc::new(Mutex::new(Mood::Page));
    assert_eq!(world(&mood).fetch().expect_err("a page").class, Class::Retry);
}

#[test]
fn a_calendar_is_recorded_and_played_without_its_server() {
    let mood = Arc::new(Mutex::new(Mood::Well));
    let world = world(&mood);
    world.vault.keep("mine/password", SecretString::from("canary-dav")).expect("kept");
    let recorded = world.recorded().expect("a recording");
    assert_eq!((recorded.case.outcome, recorded.case.documents.len()), (Class::Ok, 1));
    let folder = tempfile::tempdir().expect("a folder");
    recorded.case.write(folder.path()).expect("written");
    let lines = std::fs::read_to_string(folder.path().join("exchange.jsonl")).expect("text");
    assert!(lines.contains("PROPFIND") && !lines.contains("canary-dav") && !lines.contains("Y2FuYXJ5"), "{lines}");
    *mood.lock().expect("the mood") = Mood::Page;
    let read = Case::read(folder.path()).expect("a recording");
    assert_eq!(read.play(&world.service).expect("played"), []);
}
