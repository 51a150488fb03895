//! What is sent to servers of all kinds, on the loopback: under which conditions, and what is made
//! of their answers.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::{Arc, Mutex};

use jiff::Timestamp;
use moisson::dav::bundle;
use moisson::fetch::dav::{Edit, Sent};
use moisson::model::run::Class;
use secrecy::SecretString;

use crate::seeds::event;
use crate::simulator::{Answer, Seen, Simulator};
use crate::world::World;

/// What a server is like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Plain,
    /// Its tags are weak, and so match nothing.
    Weak,
    /// It gives no tags at all.
    Tagless,
    ReadOnly,
    /// The password has been changed.
    LockedOut,
    Full,
}

/// The calendar `/cal/`: objects by their paths.
type Store = Arc<Mutex<BTreeMap<String, String>>>;

struct There {
    world: World,
    store: Store,
    simulator: Simulator,
    kind: Arc<Mutex<Kind>>,
}

fn start(kind: Kind) -> There {
    let store: Store = Arc::default();
    for at in 1..=3 {
        store.lock().expect("a store").insert(format!("/cal/e%20{at}.ics"), event(at, "planned"));
    }
    let kind = Arc::new(Mutex::new(kind));
    let (held, its) = (Arc::clone(&store), Arc::clone(&kind));
    let simulator =
        Simulator::start(move |seen| answer(seen, &mut held.lock().expect("a store"), *its.lock().expect("a kind")));
    let settings = format!("url = \"{}/cal/\"\nuser = \"user\"", simulator.base());
    let now: Timestamp = "2026-03-01T08:00:00Z".parse().expect("an instant");
    let mut world = World::new("calendar/caldav", &settings, now);
    world.vault.keep("mine/password", SecretString::from("secret")).expect("kept");
    world.fetch().expect("a harvest");
    simulator.take_seen();
    There { world, store, simulator, kind }
}

fn tag(kind: Kind, text: &str) -> Option<String> {
    match kind {
        Kind::Tagless => None,
        Kind::Weak => Some(format!("W/\"{}\"", bundle::essence(text.as_bytes()))),
        _ => Some(format!("\"{}\"", bundle::essence(text.as_bytes()))),
    }
}

fn answer(seen: &Seen, store: &mut BTreeMap<String, String>, kind: Kind) -> Answer {
    let now = store.get(&seen.path).cloned();
    match seen.method.as_str() {
        "PROPFIND" => Answer::text(207, "application/xml", &list(store, kind, seen.header("depth") == "1")),
        "GET" => match now {
            Some(text) => {
                let answer = Answer::text(200, "text/calendar", &text);
                tag(kind, &text).into_iter().fold(answer, |answer, tag| answer.header("etag", &tag))
            }
            None => Answer::text(404, "text/plain", ""),
        },
        "PUT" | "DELETE" => {
            let status = match kind {
                Kind::ReadOnly => 403,
                Kind::LockedOut => 401,
                Kind::Full => 507,
                _ if !holds(seen, now.as_deref(), kind) => 412,
                _ => 204,
            };
            if status == 204 && seen.method == "PUT" {
                store.insert(seen.path.clone(), seen.body.clone());
            } else if status == 204 {
                store.remove(&seen.path);
            }
            Answer::text(status, "text/plain", "")
        }
        _ => Answer::text(405, "text/plain", ""),
    }
}

/// The conditions of a request, as RFC 9110 §13.1 compares.
fn holds(seen: &Seen, now: Option<&str>, kind: Kind) -> bool {
    let strong = now.and_then(|text| tag(kind, text)).filter(|tag| !tag.starts_with("W/"));
    let is_match = match seen.header("if-match") {
        "" => true,
        "*" => now.is_some(),
        tag => strong.as_deref() == Some(tag),
    };
    is_match && (seen.header("if-none-match") != "*" || now.is_none())
}

fn list(store: &BTreeMap<String, String>, kind: Kind, is_deep: bool) -> String {
    let mut text = "<d:multistatus xmlns:d=\"DAV:\" xmlns:c=\"urn:ietf:params:xml:ns:caldav\"><d:response>\
        <d:href>/cal/</d:href><d:propstat><d:prop><d:displayname>Home</d:displayname><d:resourcetype><d:collection/>\
        <c:calendar/></d:resourcetype></d:prop><d:status>HTTP/1.1 200 OK</d:status></d:propstat></d:response>"
        .to_owned();
    for (path, object) in store.iter().filter(|_| is_deep) {
        let tag = tag(kind, object).map(|tag| format!("<d:getetag>{}</d:getetag>", tag.replace('"', "&quot;")));
        let _ = write!(
            text,
            "<d:response><d:href>{path}</d:href><d:propstat><d:prop>{}</d:prop><d:status>HTTP/1.1 200 OK</d:status>\
             </d:propstat></d:response>",
            tag.unwrap_or_default()
        );
    }
    text + "</d:multistatus>"
}

/// A change of the event `at`, of which `base` was seen last; deleted when `now` is none.
fn edit(at: usize, base: Option<&str>, now: Option<&str>) -> Edit {
    Edit {
        collection: "cal".to_owned(),
        name: format!("our {at}.ics"),
        uid: format!("event-{at}@example.org"),
        bytes: now.map(|summary| event(at, summary).into_bytes().into()),
        base: base.map(|summary| bundle::essence(event(at, summary).as_bytes())),
    }
}

impl There {
    fn push(&self, edits: &[Edit]) -> Vec<Sent> {
        self.world.push(edits).expect("it is sent").sent
    }

    fn held(&self, path: &str) -> Option<String> {
        self.store.lock().expect("a store").get(path).cloned()
    }

    fn set(&self, path: &str, text: &str) {
        self.store.lock().expect("a store").insert(path.to_owned(), text.to_owned());
    }
}

#[test]
fn what_was_seen_is_changed_under_that_condition() {
    for kind in [Kind::Plain, Kind::Weak, Kind::Tagless] {
        let there = start(kind);
        let edits =
            [edit(1, Some("planned"), Some("ours")), edit(2, Some("planned"), None), edit(9, None, Some("new"))];
        let sent = there.push(&edits);
        assert!(matches!(sent[..], [Sent::Done, Sent::Done, Sent::Done]), "{kind:?}: {sent:?}");
        assert_eq!(there.held("/cal/e%201.ics"), Some(event(1, "ours")), "{kind:?}: where it was");
        assert_eq!(there.held("/cal/e%202.ics"), None, "{kind:?}");
        assert_eq!(there.held("/cal/our%209.ics"), Some(event(9, "new")), "{kind:?}");
        let seen = there.simulator.take_seen();
        let bare = seen
            .iter()
            .filter(|it| it.method == "PUT" || it.method == "DELETE")
            .filter(|it| it.header("if-match").is_empty() && it.header("if-none-match").is_empty());
        assert_eq!(bare.count(), 0, "{kind:?}: nothing is sent without a condition");
        // The answers were lost: all is sent again, and is there already.
        let again = there.push(&edits);
        assert!(matches!(again[..], [Sent::Done, Sent::Done, Sent::Done]), "{kind:?}: {again:?}");
        assert_eq!(there.store.lock().expect("a store").len(), 3, "{kind:?}");
    }
}

#[test]
fn what_others_changed_is_never_written_over() {
    for kind in [Kind::Plain, Kind::Weak, Kind::Tagless] {
        let there = start(kind);
        there.set("/cal/e%201.ics", &event(1, "theirs"));
        there.set("/cal/e%202.ics", &event(2, "theirs"));
        there.store.lock().expect("a store").remove("/cal/e%203.ics");
        there.set("/cal/our%209.ics", &event(9, "theirs"));
        let before = there.store.lock().expect("a store").clone();
        let sent = there.push(&[
            edit(1, Some("planned"), Some("ours")),
            edit(2, Some("planned"), None),
            edit(3, Some("planned"), Some("ours")),
            edit(9, None, Some("ours")),
            edit(7, Some("planned"), Some("of an object that nobody knows")),
        ]);
        assert!(sent.iter().all(|sent| matches!(sent, Sent::Stale)), "{kind:?}: {sent:?}");
        assert_eq!(*there.store.lock().expect("a store"), before, "{kind:?}");
    }
}

#[test]
fn a_name_that_another_object_has_is_left_to_it() {
    let there = start(Kind::Plain);
    there.set("/cal/our%209.ics", &event(4, "theirs"));
    assert!(matches!(there.push(&[edit(9, None, Some("ours"))])[..], [Sent::Done]));
    assert_eq!(there.held("/cal/our%209.ics"), Some(event(4, "theirs")));
    assert_eq!(there.store.lock().expect("a store").values().filter(|text| text.contains("ours")).count(), 1);
}

#[test]
fn a_refusal_is_told_and_stops_only_what_it_concerns() {
    let there = start(Kind::Plain);
    let edits = [edit(1, Some("planned"), Some("ours")), edit(2, Some("planned"), None)];
    for (kind, class) in [(Kind::ReadOnly, Class::User), (Kind::Full, Class::Retry)] {
        *there.kind.lock().expect("a kind") = kind;
        for sent in there.push(&edits) {
            assert!(matches!(&sent, Sent::Refused(failure) if failure.class == class), "{kind:?}: {sent:?}");
        }
    }
    *there.kind.lock().expect("a kind") = Kind::LockedOut;
    assert_eq!(there.world.push(&edits).expect_err("nobody is let in").class, Class::User);
}
