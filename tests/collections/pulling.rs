//! What is asked of a server, and what comes.

use std::collections::BTreeSet;

use jiff::Timestamp;
use moisson::fetch::Harvest;
use moisson::model::run::Class;
use moisson::model::run::Said;
use secrecy::SecretString;

use crate::seeds::{cards, event, events};
use crate::servers::{Place, Product, Server};
use crate::world::World;

const N: usize = 300;

/// A source that pulls `place` of the server.
pub fn source(server: &Server, place: Place, more: &str) -> World {
    let service = if place == Place::Calendar { "calendar/caldav" } else { "contacts/carddav" };
    let settings = format!("url = \"{}\"\nuser = \"user\"\n{more}", server.url());
    let now: Timestamp = "2026-03-01T08:00:00Z".parse().expect("an instant");
    let world = World::new(service, &settings, now);
    world.vault.keep("mine/password", SecretString::from("secret")).expect("kept");
    world
}

/// A run an hour after the one before.
pub fn pull(world: &mut World) -> Harvest {
    world.now += jiff::SignedDuration::from_hours(1);
    world.fetch().expect("a harvest")
}

/// The UIDs of the objects of the only document.
fn uids(harvest: &Harvest) -> BTreeSet<String> {
    lines(harvest, "UID:")
}

/// The UIDs that it says have gone.
fn gone(harvest: &Harvest) -> BTreeSet<String> {
    lines(harvest, "X-MOISSON-GONE:")
}

fn lines(harvest: &Harvest, start: &str) -> BTreeSet<String> {
    let texts = harvest.documents.iter().map(|document| std::str::from_utf8(&document.bytes).expect("text"));
    texts.flat_map(str::lines).filter_map(|line| line.strip_prefix(start)).map(str::to_owned).collect()
}

fn set(uids: &[&str]) -> BTreeSet<String> {
    uids.iter().map(|uid| (*uid).to_owned()).collect()
}

fn each(check: impl Fn(Product, Server)) {
    for product in [Product::Radicale, Product::Xandikos] {
        let Some(server) = Server::start(product) else { return };
        check(product, server);
    }
}

#[test]
fn everything_comes_once_then_only_what_changed() {
    each(|product, server| {
        server.seed(Place::Calendar, &events(N));
        let mut world = source(&server, Place::Calendar, "");
        let first = pull(&mut world);
        assert_eq!((first.documents.len(), first.failed.len()), (1, 0), "{product:?}: {:?}", first.failed);
        assert_eq!(uids(&first).len(), N);
        assert!(first.n_requests <= 6, "{product:?}: {} requests for everything", first.n_requests);

        let unchanged = pull(&mut world);
        assert_eq!((unchanged.documents.len(), unchanged.n_requests), (0, 1), "{product:?}");

        server.put(Place::Calendar, "e3.ics", &event(3, "changed"));
        server.put(Place::Calendar, "new.ics", &event(9000, "new"));
        server.delete(Place::Calendar, "e5.ics");
        let changed = pull(&mut world);
        assert_eq!(uids(&changed), set(&["event-3@example.org", "event-9000@example.org"]), "{product:?}");
        assert_eq!(gone(&changed), set(&["event-5@example.org"]), "{product:?}");
        assert!(changed.n_requests <= 3, "{product:?}: {} requests for a change", changed.n_requests);
        assert_eq!(pull(&mut world).n_requests, 1, "{product:?}");
    });
}

#[test]
fn cards_come_too() {
    each(|product, server| {
        server.seed(Place::Book, &cards(60));
        let mut world = source(&server, Place::Book, "");
        let first = pull(&mut world);
        assert_eq!(uids(&first).len(), 60, "{product:?}");
        server.delete(Place::Book, "c7.vcf");
        let changed = pull(&mut world);
        assert_eq!((uids(&changed).len(), gone(&changed)), (0, set(&["card-7"])), "{product:?}");
    });
}

#[test]
fn objects_are_kept_as_the_server_sends_them() {
    let Some(server) = Server::start(Product::Xandikos) else { return };
    let objects = events(20);
    server.seed(Place::Calendar, &objects);
    let mut world = source(&server, Place::Calendar, "");
    let harvest = pull(&mut world);
    let text = std::str::from_utf8(&harvest.documents[0].bytes).expect("text");
    for (name, object) in &objects {
        assert!(text.contains(object.as_str()), "{name} stands as it was put");
    }
}

#[test]
fn a_token_that_the_server_has_forgotten_costs_a_list_and_no_object() {
    each(|product, server| {
        server.seed(Place::Calendar, &events(N));
        let mut world = source(&server, Place::Calendar, "");
        pull(&mut world);
        server.delete(Place::Calendar, "e5.ics");
        let tokens: Vec<String> =
            world.state.cursors.keys().filter(|name| name.starts_with("dav/token:")).cloned().collect();
        for name in &tokens {
            world.state.cursors.insert(name.clone(), "http://radicale.org/ns/sync/forgotten".to_owned());
        }
        let again = pull(&mut world);
        assert_eq!(tokens.len(), 1, "{product:?}");
        assert_eq!((uids(&again).len(), gone(&again)), (0, set(&["event-5@example.org"])), "{product:?}");
    });
}

#[test]
fn a_collection_that_comes_back_empty_takes_nothing_away_until_somebody_says_so() {
    each(|product, mut server| {
        server.seed(Place::Calendar, &events(30));
        let mut world = source(&server, Place::Calendar, "");
        pull(&mut world);
        server.stop();
        server.empty(Place::Calendar);
        server.run();
        for _ in 0..2 {
            let empty = pull(&mut world);
            assert_eq!(empty.documents.len(), 0, "{product:?}");
            let parts: Vec<Class> = empty.failed.iter().map(|part| part.outcome).collect();
            assert_eq!(parts, [Class::Expectation], "{product:?}");
        }
        let name = server.key(Place::Calendar).trim_start_matches("mine/");
        let vouched = source(&server, Place::Calendar, &format!("emptied = [\"{name}\"]"));
        world.source = vouched.source;
        let accepted = pull(&mut world);
        assert_eq!((gone(&accepted).len(), accepted.failed.len()), (30, 0), "{product:?}");
    });
}

#[test]
fn everything_comes_again_once_a_year() {
    let Some(server) = Server::start(Product::Xandikos) else { return };
    server.seed(Place::Calendar, &events(30));
    let mut world = source(&server, Place::Calendar, "");
    pull(&mut world);
    world.now += jiff::SignedDuration::from_hours(24 * 366);
    let anew = pull(&mut world);
    assert_eq!((uids(&anew).len(), lines(&anew, "X-MOISSON-WHOLE:").len()), (30, 1));
    assert_eq!(pull(&mut world).n_requests, 1);
}

#[test]
fn a_collection_that_is_gone_is_told_and_stays() {
    let Some(server) = Server::start(Product::Radicale) else { return };
    server.make("work", "VCALENDAR", "Work");
    server.seed(Place::Calendar, &events(10));
    let mut world = source(&server, Place::Calendar, "");
    pull(&mut world);
    std::fs::remove_dir_all(server.folder(Place::Calendar)).expect("removed");
    let after = pull(&mut world);
    let parts: Vec<&str> = after.failed.iter().map(|part| part.name.as_str()).collect();
    assert_eq!((after.documents.len(), parts), (0, vec!["Family, friends"]));
}

#[test]
fn collections_are_picked_by_name() {
    let Some(server) = Server::start(Product::Radicale) else { return };
    server.make("work", "VCALENDAR", "Work");
    server.seed(Place::Calendar, &events(10));
    let mut world = source(&server, Place::Calendar, "collections = [\"work\", \"Holidays\"]");
    let harvest = pull(&mut world);
    let parts: Vec<(&str, Class)> = harvest.failed.iter().map(|part| (part.name.as_str(), part.outcome)).collect();
    assert_eq!((harvest.documents.len(), parts), (0, vec![("Holidays", Class::Config)]));
}

#[test]
fn the_address_of_one_calendar_is_enough() {
    let Some(server) = Server::start(Product::Radicale) else { return };
    server.seed(Place::Calendar, &events(10));
    let mut world = source(&server, Place::Calendar, "");
    let url = format!("{}user/agenda/", server.url());
    world.source.fetch.insert("url".to_owned(), moisson::config::Setting::Text(url));
    assert_eq!(uids(&pull(&mut world)).len(), 10);
    assert_eq!(pull(&mut world).n_requests, 1);
}

#[test]
fn what_is_missing_and_what_is_no_server_are_told() {
    let Some(server) = Server::start(Product::Radicale) else { return };
    let world = source(&server, Place::Calendar, "base = \"http://127.0.0.1:9/\"");
    let failure = world.fetch_into(&mut world.state.clone()).expect_err("nobody is there");
    assert_eq!(failure.class, Class::Retry);
    let mut world = source(&server, Place::Calendar, "");
    world.vault = moisson::vault::Vault::in_memory();
    let failure = world.fetch_into(&mut world.state.clone()).expect_err("no password");
    assert_eq!(failure.class, Class::Config);
    assert_ne!(failure.message, Said::default());
}
