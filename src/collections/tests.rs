//! Writes, tokens and what a reopened home shows.

use super::*;

fn now() -> Timestamp {
    "2026-03-01T08:00:00Z".parse().expect("an instant")
}

fn opened(home: &Path) -> Collections {
    open(home, now, &|_| Vec::new()).expect("it opens")
}

fn card(collections: &Collections, name: &str, text: &str, conditions: Conditions) -> Result<Done, Refusal> {
    let uid = text.split_whitespace().next().map(str::to_owned);
    let new = New { bytes: text.as_bytes().into(), uid, component: Some("VCARD".to_owned()), media: None };
    let (object, _) = collections.object(new).expect("kept");
    let what = What::Put { path: "books/contacts".to_owned(), name: name.to_owned(), object };
    collections.write(Write { what, conditions, by: None })
}

fn delete(collections: &Collections, name: &str) -> Result<Done, Refusal> {
    let what = What::Delete { path: "books/contacts".to_owned(), name: name.to_owned() };
    collections.write(Write { what, conditions: Conditions::default(), by: None })
}

fn any() -> Conditions {
    Conditions::default()
}

/// Names that changed since a token; those that went have a minus before them.
fn since(collections: &Collections, token: Option<&Token>) -> Vec<String> {
    let state = collections.state();
    let changes = state.collection("books/contacts").expect("a book").changes(token, None).expect("our token");
    let name = |changed: &Changed| match changed {
        Changed::Live(member) => member.name.to_string(),
        Changed::Gone { name, .. } => format!("-{name}"),
    };
    changes.changed.iter().map(name).collect()
}

fn token(collections: &Collections) -> Token {
    collections.state().collection("books/contacts").expect("a book").token()
}

#[test]
fn changes_are_told_since_any_token_and_after_reopening() {
    let home = tempfile::tempdir().expect("a folder");
    let collections = opened(home.path());
    card(&collections, "a", "u1 x", any()).expect("written");
    let first = token(&collections);
    card(&collections, "b", "u2 x", any()).expect("written");
    card(&collections, "c", "u3 x", any()).expect("written");
    card(&collections, "a", "u1 y", any()).expect("written");
    delete(&collections, "b").expect("deleted");
    assert_eq!(since(&collections, None), ["c", "a"]);
    // b was made and went after the token: somebody may have read it meanwhile.
    assert_eq!(since(&collections, Some(&first)), ["c", "a", "-b"]);
    let second = token(&collections);
    delete(&collections, "a").expect("deleted");
    assert_eq!(since(&collections, Some(&first)), ["c", "-b", "-a"]);
    let last = token(&collections);
    drop(collections);
    let collections = reopened(home.path());
    assert_eq!(token(&collections), last);
    assert_eq!(since(&collections, Some(&second)), ["-a"]);
    assert!(since(&collections, Some(&last)).is_empty());
    card(&collections, "a", "u1 y", any()).expect("its UID and name are free again");
    assert_eq!(since(&collections, Some(&first)), ["c", "-b", "a"]);
}

/// The writer's thread lets go of the lock a moment after the last handle is dropped.
fn reopened(home: &Path) -> Collections {
    loop {
        match open(home, now, &|_| Vec::new()) {
            Err(CollectionsError::Archive(ArchiveError::Busy { .. })) => std::thread::yield_now(),
            other => return other.expect("it opens"),
        }
    }
}

#[test]
fn limits_cut_and_go_on_from_there() {
    let home = tempfile::tempdir().expect("a folder");
    let collections = opened(home.path());
    for n in 0..10 {
        card(&collections, &format!("{n}"), &format!("u{n} x"), any()).expect("written");
    }
    let state = collections.state();
    let book = state.collection("books/contacts").expect("a book");
    let mut token = None;
    let mut sizes = Vec::new();
    loop {
        let changes = book.changes(token.as_ref(), Some(4)).expect("our token");
        sizes.push(changes.changed.len());
        token = Some(changes.token);
        if !changes.is_cut {
            break;
        }
    }
    assert_eq!((sizes, token), (vec![4, 4, 2], Some(book.token())));
}

#[test]
fn foreign_tokens_and_those_of_a_time_that_never_was_are_refused() {
    let home = tempfile::tempdir().expect("a folder");
    let collections = opened(home.path());
    card(&collections, "a", "u1 x", any()).expect("written");
    let good = token(&collections);
    let state = collections.state();
    let book = state.collection("books/contacts").expect("a book");
    for wrong in [
        Token { id: "else".to_owned(), ..good.clone() },
        Token { seq: good.seq + 1, ..good.clone() },
        Token { mark: good.mark ^ 1, ..good.clone() },
    ] {
        assert!(book.changes(Some(&wrong), None).is_none(), "{wrong}");
    }
    assert!(book.changes(Some(&good), None).is_some());
}

#[test]
fn conditions_hold_and_a_stale_version_is_kept() {
    let home = tempfile::tempdir().expect("a folder");
    let collections = opened(home.path());
    let new = Conditions { if_none_match: Some(Match::Any), ..any() };
    let first = card(&collections, "a", "u1 x", new.clone()).expect("written");
    assert_eq!(card(&collections, "a", "u1 z", new), Err(Refusal::Precondition));
    let seen = Conditions { if_match: first.etag.map(|etag| Match::Tags(vec![etag])), ..any() };
    card(&collections, "a", "u1 y", seen.clone()).expect("written");
    for _ in 0..3 {
        assert_eq!(card(&collections, "a", "u1 w", seen.clone()), Err(Refusal::Precondition));
    }
    let state = collections.state();
    let lost: Vec<_> = state.conflicts().iter().map(|it| it.lost.as_ref().and_then(|it| it.text.as_deref())).collect();
    assert_eq!(lost, [Some("u1 w")]);
}

#[test]
fn a_uid_is_there_once_in_a_collection() {
    let home = tempfile::tempdir().expect("a folder");
    let collections = opened(home.path());
    card(&collections, "a", "u1 x", any()).expect("written");
    assert_eq!(card(&collections, "b", "u1 x", any()), Err(Refusal::UidTaken { name: "a".to_owned() }));
    card(&collections, "a", "u2 x", any()).expect("it may change its own");
    card(&collections, "b", "u1 x", any()).expect("so the first is free");
}

#[test]
fn many_writers_lose_nothing() {
    let home = tempfile::tempdir().expect("a folder");
    let collections = opened(home.path());
    std::thread::scope(|scope| {
        for writer in 0..4 {
            let collections = &collections;
            scope.spawn(move || {
                for n in 0..100 {
                    card(collections, &format!("{writer}-{n}"), &format!("u{writer}-{n} x"), any()).expect("written");
                }
            });
        }
    });
    let before = token(&collections);
    drop(collections);
    let collections = reopened(home.path());
    assert_eq!(token(&collections), before);
    assert_eq!(collections.state().collection("books/contacts").expect("a book").n_members(), 400);
}

#[test]
fn large_objects_are_in_the_archive() {
    let home = tempfile::tempdir().expect("a folder");
    let collections = opened(home.path());
    let text = format!("u1 {}", "x".repeat(LARGEST_HELD));
    card(&collections, "a", &text, any()).expect("written");
    drop(collections);
    let collections = reopened(home.path());
    let member = collections.state().collection("books/contacts").and_then(|it| it.member("a").cloned());
    let member = member.expect("it is there");
    assert_eq!(member.body, Body::Archived);
    assert_eq!(&*collections.bytes(&member).expect("bytes"), text.as_bytes());
}

#[test]
fn folders_are_copied_and_moved_with_what_is_below() {
    let home = tempfile::tempdir().expect("a folder");
    let collections = opened(home.path());
    let write = |what| collections.write(Write { what, conditions: any(), by: None });
    let folder = |path: &str| What::MakeCollection {
        path: path.to_owned(),
        kind: CollectionKind::Plain,
        properties: Vec::new(),
    };
    for path in ["files/a", "files/a/b"] {
        write(folder(path)).expect("made");
    }
    assert_eq!(write(folder("files/a")), Err(Refusal::Taken));
    assert_eq!(write(folder("files/x/y")), Err(Refusal::NoParent));
    assert_eq!(write(folder("calendars/x")), Err(Refusal::Unfit));
    let carry = |from: &str, to: &str, is_copy| What::CarryCollection {
        from: from.to_owned(),
        to: to.to_owned(),
        is_copy,
        overwrites: false,
        is_shallow: false,
    };
    write(carry("files/a", "files/c", true)).expect("copied");
    write(carry("files/a", "files/d", false)).expect("moved");
    assert_eq!(write(carry("files/c", "files/d", true)), Err(Refusal::Precondition));
    let state = collections.state();
    let paths: Vec<&str> = state.below("files").map(|(path, _)| path).collect();
    assert_eq!(paths, ["files", "files/c", "files/c/b", "files/d", "files/d/b"]);
}

#[test]
fn what_lies_in_a_folder_cannot_take_its_place() {
    let home = tempfile::tempdir().expect("a folder");
    let collections = opened(home.path());
    let write = |what| collections.write(Write { what, conditions: any(), by: None });
    let path = "files/a".to_owned();
    write(What::MakeCollection { path: path.clone(), kind: CollectionKind::Plain, properties: Vec::new() })
        .expect("made");
    let new = New { bytes: b"x"[..].into(), uid: None, component: None, media: None };
    let (object, _) = collections.object(new).expect("kept");
    write(What::Put { path, name: "b".to_owned(), object }).expect("written");
    let carry = |is_copy| What::Carry {
        from: ("files/a".to_owned(), "b".to_owned()),
        to: ("files".to_owned(), "a".to_owned()),
        is_copy,
        overwrites: true,
    };
    for is_copy in [true, false] {
        assert_eq!(write(carry(is_copy)), Err(Refusal::Fixed));
    }
    let state = collections.state();
    assert!(state.collection("files/a").is_some_and(|it| it.member("b").is_some()));
}

#[test]
fn a_move_is_one_line_of_the_log() {
    let home = tempfile::tempdir().expect("a folder");
    let collections = opened(home.path());
    card(&collections, "a", "u1 x", any()).expect("written");
    card(&collections, "b", "u2 x", any()).expect("written");
    let lines =
        || std::fs::read_to_string(home.path().join("collections/000001.jsonl")).expect("a log").lines().count();
    let before = lines();
    let book = || "books/contacts".to_owned();
    let what =
        What::Carry { from: (book(), "a".to_owned()), to: (book(), "b".to_owned()), is_copy: false, overwrites: true };
    assert_eq!(collections.write(Write { what, conditions: any(), by: None }), Ok(Done { is_new: false, etag: None }));
    assert_eq!(lines(), before + 1);
    let first = token(&collections);
    drop(collections);
    let collections = reopened(home.path());
    assert_eq!(token(&collections), first);
    assert_eq!(since(&collections, None), ["b"]);
}

#[test]
fn a_member_remembers_the_uids_that_it_had() {
    let home = tempfile::tempdir().expect("a folder");
    let collections = opened(home.path());
    for text in ["u1 x", "u2 x", "u3 x", "u1 y"] {
        card(&collections, "a", text, any()).expect("written");
    }
    let state = collections.state();
    let member = state.collection("books/contacts").and_then(|book| book.member("a")).expect("it is there");
    assert_eq!(member.former_uids, ["u2", "u3"]);
}

#[test]
fn a_calendar_is_for_the_components_that_it_names() {
    let home = tempfile::tempdir().expect("a folder");
    let collections = opened(home.path());
    let set = Property {
        name: crate::model::collection::PropertyName {
            ns: "urn:ietf:params:xml:ns:caldav".to_owned(),
            local: "supported-calendar-component-set".to_owned(),
        },
        xml: "<x:supported-calendar-component-set xmlns:x=\"urn:ietf:params:xml:ns:caldav\"><x:comp name=\"VEVENT\"/></x:supported-calendar-component-set>".to_owned(),
    };
    let write = |what| collections.write(Write { what, conditions: any(), by: None });
    let path = "calendars/events".to_owned();
    write(What::MakeCollection { path, kind: CollectionKind::Calendar, properties: vec![set] }).expect("made");
    let task = |path: &str| {
        let component = Some("VTODO".to_owned());
        let new = New { bytes: b"task"[..].into(), uid: Some("t".to_owned()), component, media: None };
        let (object, _) = collections.object(new).expect("kept");
        What::Put { path: path.to_owned(), name: "t.ics".to_owned(), object }
    };
    assert_eq!(write(task("calendars/events")), Err(Refusal::Component));
    write(task("calendars/personal")).expect("written");
    let carry = What::Carry {
        from: ("calendars/personal".to_owned(), "t.ics".to_owned()),
        to: ("calendars/events".to_owned(), "t.ics".to_owned()),
        is_copy: true,
        overwrites: false,
    };
    assert_eq!(write(carry), Err(Refusal::Component));
}
