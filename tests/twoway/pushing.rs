//! What is changed in the collections of a source goes to its server, and never over what others
//! changed there. The servers are real.

use std::path::Path;

use moisson::collections::Conflict;
use moisson::model::collection::ConflictKind;
use moisson::model::run::{Class, Run, Trigger};
use moisson::sync::{self, Wanted};
use moisson::vault::Vault;
use secrecy::SecretString;

use crate::homes::TestHome;
use crate::house::House;
use crate::mirror::members;
use crate::seeds::{card, cards, event, events};
use crate::servers::{Place, Product, Server};

fn house(server: &Server, place: Place, two_way: bool) -> House {
    at(TestHome::new(), server, place, two_way)
}

/// The same household's address book in another process.
fn again(server: &Server, home: TestHome) -> House {
    at(home, server, Place::Book, true)
}

fn at(home: TestHome, server: &Server, place: Place, two_way: bool) -> House {
    let connector = if place == Place::Calendar { "calendar/caldav" } else { "contacts/carddav" };
    let settings = format!(
        "[network]\nhome_hosts = [\"127.0.0.1\"]\n\n[[sources]]\nid = \"mine\"\nconnector = \"{connector}\"\n\
         two_way = {two_way}\nfetch = {{ url = \"{}\", user = \"user\" }}\n",
        server.url()
    );
    let vault = Vault::in_memory();
    vault.keep("mine/password", SecretString::from("secret")).expect("kept");
    House::at(home, &settings, vault).ticking()
}

fn path(server: &Server, place: Place) -> String {
    let folder = if place == Place::Calendar { "calendars" } else { "books" };
    format!("{folder}/{}", server.key(place).replace('/', "-"))
}

fn run(house: &House) -> Run {
    let wanted = Wanted { source: "mine".to_owned(), trigger: Trigger::Asked, slot: None };
    let run = sync::run(&house.outfit, &wanted, None).expect("the log is written");
    assert!(run.outcome.is_good(), "{:?}: {:?} {:?}", run.outcome, run.message, run.failed);
    run
}

fn conflicts(house: &House) -> Vec<Conflict> {
    house.collections.state().conflicts().to_vec()
}

fn has(texts: impl IntoIterator<Item = String>, word: &str) -> usize {
    texts.into_iter().filter(|text| text.contains(word)).count()
}

fn each(check: impl Fn(Product, &Server)) {
    for product in [Product::Radicale, Product::Xandikos] {
        let Some(server) = Server::start(product) else { return };
        check(product, &server);
    }
}

#[test]
fn local_edits_reach_the_server_and_the_views() {
    each(|product, server| {
        server.seed(Place::Book, &cards(6));
        let (house, book) = (house(server, Place::Book, true), path(server, Place::Book));
        run(&house);
        assert_eq!(members(&house, &book).len(), 6, "{product:?}");

        let name =
            house.collections.state().collection(&book).and_then(|it| it.name_of_uid("card-1").map(str::to_owned));
        house.put(&book, &name.expect("a card"), &card(1, "Changed")).expect("written");
        house.put(&book, "new one.vcf", &card(70, "Fresh")).expect("written");
        house.delete(&book, "card-2.vcf").expect("deleted");
        run(&house);
        let held = server.held(Place::Book);
        assert_eq!(held.len(), 6, "{product:?}: {:?}", held.keys());
        assert_eq!(has(held.values().cloned(), "Camille Changed 1"), 1, "{product:?}");
        assert_eq!(has(held.values().cloned(), "UID:card-70"), 1, "{product:?}");
        assert_eq!(has(held.values().cloned(), "UID:card-2\r"), 0, "{product:?}");
        assert!(held.contains_key("c1.vcf"), "{product:?}: it has the name that it had: {:?}", held.keys());
        let names =
            "select count(*) from landing.contacts where full_name in ('Camille Changed 1', 'Camille Fresh 70')";
        assert_eq!(house.home.ask_one(names), "2", "{product:?}");
        assert_eq!(house.home.ask_one("select count(*) from landing.contacts"), "6", "{product:?}");
        assert_eq!((conflicts(&house), members(&house, &book).len()), (Vec::new(), 6), "{product:?}");
        let quiet = run(&house);
        assert_eq!((quiet.n_requests, quiet.rows_new), (1, 0), "{product:?}: nothing is left to say");
    });
}

#[test]
fn what_both_sides_changed_is_kept_twice() {
    each(|product, server| {
        server.seed(Place::Calendar, &events(8));
        let (house, calendar) = (house(server, Place::Calendar, true), path(server, Place::Calendar));
        run(&house);
        let name = |at: usize| format!("event-{at}@example.org.ics");
        house.put(&calendar, &name(1), &event(1, "ours")).expect("written");
        server.put(Place::Calendar, "e1.ics", &event(1, "theirs"));
        // Changed here, deleted there; deleted here, changed there; the same change on both sides.
        house.put(&calendar, &name(2), &event(2, "ours")).expect("written");
        server.delete(Place::Calendar, "e2.ics");
        house.delete(&calendar, &name(3)).expect("deleted");
        server.put(Place::Calendar, "e3.ics", &event(3, "theirs"));
        let told = run(&house);
        let found = conflicts(&house);
        let lost = |at: usize| found.iter().find(|conflict| conflict.name == name(at)).map(|it| it.lost.clone());
        assert_eq!(found.len(), 3, "{product:?}: {found:?}");
        assert!(found.iter().all(|it| it.why == ConflictKind::Elsewhere && it.by.as_deref() == Some("phone")));
        assert!(lost(1).flatten().and_then(|it| it.text).is_some_and(|text| text == event(1, "ours")), "{product:?}");
        assert!(lost(2).flatten().and_then(|it| it.text).is_some_and(|text| text == event(2, "ours")), "{product:?}");
        assert_eq!(lost(3), Some(None), "{product:?}: a deletion lost");
        let now = members(&house, &calendar);
        assert!(now[&name(1)].contains("theirs") && now[&name(3)].contains("theirs"), "{product:?}");
        assert!(!now.contains_key(&name(2)), "{product:?}");
        let held = server.held(Place::Calendar);
        assert_eq!(has(held.values().cloned(), "ours"), 0, "{product:?}: nothing of theirs was written over");
        assert!(told.failed.iter().any(|part| part.outcome == Class::Expectation), "{product:?}: {:?}", told.failed);
        run(&house);
        assert_eq!((conflicts(&house).len(), server.held(Place::Calendar)), (3, held), "{product:?}: told once");
    });
}

#[test]
fn a_change_that_went_through_before_a_crash_is_no_conflict() {
    each(|product, server| {
        server.seed(Place::Book, &cards(3));
        let (house, book) = (house(server, Place::Book, true), path(server, Place::Book));
        run(&house);
        let notes = ["state/mine.json", "state/mine.mirror.json"].map(|name| house.home.path().join(name));
        let before = notes.clone().map(|path| std::fs::read(path).expect("notes"));
        house.put(&book, "card-1.vcf", &card(1, "Changed")).expect("written");
        house.delete(&book, "card-2.vcf").expect("deleted");
        run(&house);
        for (path, bytes) in notes.iter().zip(before) {
            std::fs::write(path, bytes).expect("notes of before");
        }
        run(&house);
        assert_eq!(conflicts(&house), Vec::new(), "{product:?}");
        assert_eq!((server.held(Place::Book).len(), members(&house, &book).len()), (2, 2), "{product:?}");
        assert_eq!(has(server.held(Place::Book).into_values(), "Camille Changed 1"), 1, "{product:?}");
    });
}

/// A folder with all that is in it.
fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("a folder");
    for file in std::fs::read_dir(from).expect("a folder").flatten() {
        std::fs::copy(file.path(), to.join(file.file_name())).expect("a copy");
    }
}

#[test]
fn collections_put_back_from_an_older_copy_undo_nothing_at_the_server() {
    let Some(server) = Server::start(Product::Radicale) else { return };
    server.seed(Place::Book, &cards(4));
    let (first, book) = (house(&server, Place::Book, true), path(&server, Place::Book));
    run(&first);
    let folder = first.home.path().join("collections");
    let backup = tempfile::tempdir().expect("a folder");
    copy(&folder, backup.path());
    first.put(&book, "card-1.vcf", &card(1, "Ours")).expect("written");
    first.delete(&book, "card-2.vcf").expect("deleted");
    server.put(Place::Book, "c3.vcf", &card(3, "Theirs"));
    run(&first);
    let held = server.held(Place::Book);
    let after = members(&first, &book);
    assert_eq!((held.len(), after.len()), (3, 3));

    let House { home, collections, outfit } = first;
    drop((collections, outfit));
    std::fs::remove_dir_all(&folder).expect("the log");
    copy(backup.path(), &folder);
    let second = again(&server, home);
    run(&second);
    assert_eq!(server.held(Place::Book), held, "nothing is undone there");
    let now = members(&second, &book);
    assert!(after.iter().all(|(name, text)| now.get(name) == Some(text)), "{now:?}");
}

#[test]
fn a_source_that_does_not_say_so_is_only_read_and_a_mass_deletion_waits() {
    let Some(server) = Server::start(Product::Radicale) else { return };
    server.seed(Place::Book, &cards(12));
    let (one_way, book) = (house(&server, Place::Book, false), path(&server, Place::Book));
    run(&one_way);
    one_way.delete(&book, "card-1.vcf").expect("deleted");
    run(&one_way);
    assert_eq!(server.held(Place::Book).len(), 12);
    drop(one_way);
    let house = house(&server, Place::Book, true);
    run(&house);
    for at in 0..11 {
        house.delete(&book, &format!("card-{at}.vcf")).expect("deleted");
    }
    let told = run(&house);
    assert_eq!(server.held(Place::Book).len(), 12);
    assert_eq!(told.failed.first().map(|part| part.outcome), Some(Class::Expectation));
}
