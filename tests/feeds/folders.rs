//! Files that appear in a folder.

use std::fs::{self, File};
use std::path::Path;
use std::sync::mpsc::channel;
use std::time::{Duration, SystemTime};

use jiff::{SignedDuration, Timestamp};
use moisson::fetch::folder::{self, Folder};
use moisson::model::run::Class;

use super::world::{World, names};

const NOW: &str = "2026-03-14T10:00:00Z";

fn now() -> Timestamp {
    NOW.parse().expect("an instant")
}

fn world(folder: &Path, more: &str) -> World {
    World::new("generic/folder", &format!("folder = {:?}\n{more}", folder.display().to_string()), now())
}

/// Writes a file that nobody has touched for `age_s` seconds.
fn write(folder: &Path, name: &str, text: &str, age_s: i64) {
    let path = folder.join(name);
    fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
    fs::write(&path, text).expect("a file");
    let changed = SystemTime::from(now() - SignedDuration::from_secs(age_s));
    File::options().write(true).open(&path).expect("a file").set_modified(changed).expect("its time");
}

#[test]
fn a_settled_file_comes_once_and_again_when_it_changes() {
    let folder = tempfile::tempdir().expect("a folder");
    write(folder.path(), "march.csv", "a;1\n", 60);
    write(folder.path(), "notes.md", "no", 60);
    let mut world = world(folder.path(), "pattern = \"*.csv\"");
    let first = world.fetch().expect("a harvest");
    assert_eq!(names(&first), ["march.csv"]);
    assert_eq!(first.documents[0].bytes, b"a;1\n");
    assert_eq!(first.documents[0].as_of, now() - SignedDuration::from_secs(60));
    assert!(world.fetch().expect("a harvest").documents.is_empty());
    write(folder.path(), "march.csv", "a;2\n", 30);
    assert_eq!(world.fetch().expect("a harvest").documents[0].bytes, b"a;2\n");
}

#[test]
fn what_did_not_come_in_is_read_again() {
    let folder = tempfile::tempdir().expect("a folder");
    write(folder.path(), "march.csv", "a;1\n", 60);
    let mut world = world(folder.path(), "");
    let mut lost = world.state.clone();
    assert_eq!(names(&world.fetch_into(&mut lost).expect("a harvest")), ["march.csv"]);
    assert_eq!(names(&world.fetch().expect("a harvest")), ["march.csv"]);
}

#[test]
fn a_file_being_written_waits_for_a_later_run() {
    let folder = tempfile::tempdir().expect("a folder");
    write(folder.path(), "young.csv", "a", 2);
    write(folder.path(), "ahead.csv", "a", -3);
    write(folder.path(), "old.csv.part", "a", 60);
    write(folder.path(), ".hidden.csv", "a", 60);
    let mut world = world(folder.path(), "");
    let early = world.fetch().expect("a harvest");
    assert!(early.documents.is_empty() && early.failed.is_empty());
    assert_eq!(early.later, ["ahead.csv", "young.csv"]);
    world.now += SignedDuration::from_secs(60);
    let settled = world.fetch().expect("a harvest");
    assert_eq!(names(&settled), ["ahead.csv", "young.csv"]);
    assert!(settled.later.is_empty());
}

#[test]
fn links_pipes_and_folders_below_are_left_alone() {
    let elsewhere = tempfile::tempdir().expect("a folder");
    write(elsewhere.path(), "secret.csv", "a", 60);
    let folder = tempfile::tempdir().expect("a folder");
    std::os::unix::fs::symlink(elsewhere.path().join("secret.csv"), folder.path().join("link.csv")).expect("a link");
    std::os::unix::fs::symlink(elsewhere.path(), folder.path().join("linked")).expect("a link");
    let _socket = std::os::unix::net::UnixListener::bind(folder.path().join("socket.csv")).expect("a socket");
    write(folder.path(), "below/deep.csv", "a", 60);
    assert!(world(folder.path(), "").fetch().expect("a harvest").documents.is_empty());
    let mut deep = world(folder.path(), "subfolders = true");
    assert_eq!(names(&deep.fetch().expect("a harvest")), ["below/deep.csv"]);
}

#[test]
fn one_file_that_fails_does_not_keep_the_others() {
    let folder = tempfile::tempdir().expect("a folder");
    write(folder.path(), "good.csv", "a", 60);
    let huge = File::create(folder.path().join("huge.csv")).expect("a file");
    huge.set_len((64 << 20) + 1).expect("a hole");
    huge.set_modified(SystemTime::from(now() - SignedDuration::from_secs(60))).expect("its time");
    let mut world = world(folder.path(), "");
    let harvest = world.fetch().expect("a harvest");
    assert_eq!(names(&harvest), ["good.csv"]);
    assert_eq!(harvest.failed.len(), 1);
    assert_eq!((harvest.failed[0].name.as_str(), harvest.failed[0].outcome), ("huge.csv", Class::Expectation));
    assert!(world.fetch().expect("a harvest").failed.is_empty(), "told once");
}

#[test]
fn files_move_when_they_are_in_and_never_over_another() {
    let folder = tempfile::tempdir().expect("a folder");
    write(folder.path(), "march.csv", "new", 60);
    write(folder.path(), "imported/march.csv", "old", 60);
    let mut world = world(folder.path(), "after = \"move\"\nsubfolders = true");
    let harvest = world.fetch().expect("a harvest");
    assert_eq!(names(&harvest), ["march.csv"], "what is in already does not come again");
    assert!(folder.path().join("march.csv").exists(), "nothing moves before the documents are in");
    assert!(folder::finish(&harvest).is_empty());
    let text = |name: &str| fs::read_to_string(folder.path().join(name)).expect("a file");
    assert_eq!((text("imported/march.csv").as_str(), text("imported/march-2.csv").as_str()), ("old", "new"));
    assert!(!folder.path().join("march.csv").exists());
    assert!(world.fetch().expect("a harvest").documents.is_empty());
}

#[test]
fn a_file_that_changed_meanwhile_stays() {
    let folder = tempfile::tempdir().expect("a folder");
    write(folder.path(), "march.csv", "first", 60);
    let mut world = world(folder.path(), "after = \"move\"");
    let harvest = world.fetch().expect("a harvest");
    write(folder.path(), "march.csv", "second", 50);
    assert!(folder::finish(&harvest).is_empty());
    assert_eq!(world.fetch().expect("a harvest").documents[0].bytes, b"second");
}

#[test]
fn a_move_that_failed_is_told_and_tried_again() {
    let folder = tempfile::tempdir().expect("a folder");
    write(folder.path(), "march.csv", "a", 60);
    write(folder.path(), "imported", "a file where the folder should be", 60);
    let mut world = world(folder.path(), "after = \"move\"\npattern = \"*.csv\"");
    let harvest = world.fetch().expect("a harvest");
    assert_eq!(folder::finish(&harvest).len(), 1);
    fs::remove_file(folder.path().join("imported")).expect("it goes");
    let again = world.fetch().expect("a harvest");
    assert!(again.documents.is_empty(), "it is not read again");
    assert!(folder::finish(&again).is_empty());
    assert!(folder.path().join("imported/march.csv").exists());
}

#[test]
fn a_folder_that_is_set_wrongly_says_so() {
    let class = |settings: &str| World::new("generic/folder", settings, now()).fetch().expect_err("refused").class;
    assert_eq!(class(""), Class::Config);
    assert_eq!(class("folder = \"here\""), Class::Config);
    assert_eq!(class("folder = \"/tmp\"\nafter = \"delete\""), Class::Config);
    assert_eq!(class("folder = \"/tmp\"\nafter = \"move\"\ninto = \"../up\""), Class::Config);
    assert_eq!(class("folder = \"/nowhere/at/all\""), Class::Retry);
}

#[test]
fn a_watched_folder_tells_once_when_it_is_quiet() {
    let path = tempfile::tempdir().expect("a folder");
    let (sender, told) = channel();
    let world = world(path.path(), "pattern = \"*.csv\"");
    let folder = Folder::of(&world.source, &world.service).expect("a folder");
    let tell = move |source: &str| drop(sender.send(source.to_owned()));
    let watch = folder::watch(vec![folder], Duration::from_millis(200), tell).expect("folders are watched here");
    assert!(watch.unwatched.is_empty());
    write(path.path(), "march.csv.part", "a", 0);
    for n in 0..5 {
        write(path.path(), "march.csv", &"a".repeat(n), 0);
    }
    assert_eq!(told.recv_timeout(Duration::from_secs(20)).as_deref(), Ok("mine"));
    assert!(told.recv_timeout(Duration::from_millis(600)).is_err(), "once for all that was written");
    drop(watch);
    assert!(told.recv_timeout(Duration::from_secs(20)).is_err_and(|error| error.to_string().contains("closed")));
}

#[test]
fn a_folder_asks_nothing_that_could_be_recorded() {
    let folder = tempfile::tempdir().expect("a folder");
    write(folder.path(), "march.csv", "a;1\n", 60);
    let failure = world(folder.path(), "").recorded().expect_err("no recording");
    assert_eq!(failure.class, Class::Config);
    assert!(failure.message.en.contains("asks nothing over HTTP"), "{failure:?}");
}
