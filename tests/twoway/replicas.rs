//! Two replicas that vdirsyncer keeps, one of this server and one of another that a source goes
//! both ways with, edited while nobody is connected.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use crate::peers;
use crate::seeds::{cards, events};
use crate::server::{self, USER};
use crate::servers::{Place, Product, Server};

/// The same as those of other tests, so that they are made once.
const PROGRAMS: [&str; 4] = ["vdirsyncer==0.21.0", "khal==0.14.1", "todoman==4.7.0", "khard==0.22.0"];

/// A folder that vdirsyncer keeps beside one collection.
struct Replica {
    folder: tempfile::TempDir,
    programs: PathBuf,
}

impl Replica {
    fn new(programs: &Path, place: Place, url: &str, (user, password): (&str, &str)) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let (kind, extension) = if place == Place::Calendar { ("caldav", "ics") } else { ("carddav", "vcf") };
        let at = folder.path().display();
        let text = format!(
            "[general]\nstatus_path = \"{at}/status/\"\n[pair both]\na = \"here\"\nb = \"there\"\ncollections = null\n\
             [storage here]\ntype = \"filesystem\"\npath = \"{at}/objects\"\nfileext = \".{extension}\"\n\
             [storage there]\ntype = \"{kind}\"\nurl = \"{url}\"\nusername = \"{user}\"\npassword = \"{password}\"\n"
        );
        fs::create_dir(folder.path().join("objects")).expect("a folder");
        fs::write(folder.path().join("settings"), text).expect("settings");
        let replica = Self { folder, programs: programs.to_owned() };
        replica.run(&["discover"]);
        replica
    }

    fn run(&self, arguments: &[&str]) {
        let mut command = Command::new(self.programs.join("vdirsyncer"));
        command.arg("-c").arg(self.folder.path().join("settings")).args(arguments).env("LC_ALL", "C.UTF-8");
        let output = command.env("HOME", self.folder.path()).output().expect("it runs");
        let said = [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).concat();
        assert!(output.status.success(), "{arguments:?}: {said}");
    }

    fn sync(&self) -> BTreeMap<PathBuf, String> {
        self.run(&["sync"]);
        self.objects()
    }

    fn objects(&self) -> BTreeMap<PathBuf, String> {
        let files = fs::read_dir(self.folder.path().join("objects")).expect("a folder").flatten();
        files.map(|file| (file.path(), fs::read_to_string(file.path()).expect("text"))).collect()
    }

    /// Edits an object as a person would.
    fn edit(&self, from: &str, to: &str) {
        let (path, text) = self.objects().into_iter().find(|(_, text)| text.contains(from)).expect("an object");
        fs::write(path, text.replace(from, to)).expect("written");
    }

    fn has(&self, text: &str) -> bool {
        self.objects().values().any(|object| object.contains(text))
    }
}

fn program(home: &Path, arguments: &[&str]) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_moisson"));
    command.arg("--home").arg(home).args(arguments).env("LC_ALL", "C");
    let output = command.output().expect("it runs");
    [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).concat()
}

fn until(what: &str, is_so: impl Fn() -> bool) {
    let since = Instant::now();
    while !is_so() {
        assert!(since.elapsed() < Duration::from_secs(120), "{what}");
        std::thread::park_timeout(Duration::from_millis(200));
    }
}

fn settings(url: &str, secret: &Path) -> String {
    fs::write(secret, "secret").expect("a secret");
    fs::set_permissions(secret, fs::Permissions::from_mode(0o600)).expect("ours alone");
    let secret = secret.display();
    let source = |id: &str, connector: &str| {
        format!(
            "[[sources]]\nid = \"{id}\"\nconnector = \"{connector}\"\ntwo_way = true\nschedule = \"@yearly\"\n\
             fetch = {{ url = \"{url}\", user = \"user\" }}\nsecrets = {{ password = {{ file = \"{secret}\" }} }}\n\n"
        )
    };
    let (calendar, book) = (source("agenda", "calendar/caldav"), source("friends", "contacts/carddav"));
    format!("[network]\nhome_hosts = [\"127.0.0.1\"]\n\n{calendar}{book}")
}

#[test]
fn two_replicas_edited_offline_keep_both_versions() {
    let Some(programs) = peers::pip(&PROGRAMS) else { return };
    let Some(upstream) = Server::start(Product::Radicale) else { return };
    upstream.seed(Place::Calendar, &events(4));
    upstream.seed(Place::Book, &cards(4));
    let home = server::home();
    fs::write(home.path().join("moisson.toml"), settings(&upstream.url(), &home.path().join("secret")))
        .expect("settings");
    let password = server::password(home.path());
    let served = server::Server::start(home.path());
    let synced = program(home.path(), &["sync"]);
    assert_eq!(synced.matches("new rows").count(), 2, "{synced}");

    let account = (USER, password.as_str());
    let ours = |path: &str| format!("http://127.0.0.1:{}/dav/{path}/", served.port);
    let theirs = |slug: &str| format!("{}user/{slug}/", upstream.url());
    let here = Replica::new(&programs, Place::Calendar, &ours("calendars/agenda-agenda"), account);
    let beyond = Replica::new(&programs, Place::Calendar, &theirs("agenda"), ("user", "secret"));
    let friends = Replica::new(&programs, Place::Book, &ours("books/friends-amis"), account);
    let amis = Replica::new(&programs, Place::Book, &theirs("amis"), ("user", "secret"));
    let all = [&here, &beyond, &friends, &amis];
    assert!(all.iter().all(|replica| replica.sync().len() == 4));

    here.edit("Réunion 1 as planned", "Réunion 1 from here");
    beyond.edit("Réunion 1 as planned", "Réunion 1 from there");
    here.edit("Réunion 2 as planned", "Réunion 2 from here");
    friends.edit("Exemple 3", "Ici 3");
    amis.edit("Exemple 3", "Ailleurs 3");
    beyond.sync();
    amis.sync();
    here.sync();
    friends.sync();
    // What was edited goes to its server by itself, soon after.
    until("both sources meet their conflict", || {
        program(home.path(), &["conflict", "list"]).matches("phone").count() == 2
    });
    until("what only one side changed has reached the other", || {
        upstream.held(Place::Calendar).values().any(|text| text.contains("Réunion 2 from here"))
    });
    let status = program(home.path(), &["status"]);
    assert!(status.contains("Réunion 1 from here") && status.contains("Ici 3"), "{status}");
    assert!(status.contains("moisson conflict"), "{status}");
    here.sync();
    friends.sync();
    assert!(here.has("Réunion 1 from there") && friends.has("Ailleurs 3"), "theirs stands");
    let held = [upstream.held(Place::Calendar), upstream.held(Place::Book)];
    assert!(held.iter().all(|held| held.len() == 4));

    // One of the versions that lost is put back, and reaches the other side; the other one goes.
    let list = program(home.path(), &["conflict", "list"]);
    let id = |of: &str| {
        let line = list.lines().find(|line| line.contains(of)).expect("a line");
        line.split_whitespace()
            .find(|word| word.len() == 8 && word.bytes().all(|b| b.is_ascii_hexdigit()))
            .expect("an id")
    };
    let shown = program(home.path(), &["conflict", "show", id("Réunion 1")]);
    assert!(shown.contains("Réunion 1 from here") && shown.contains("Réunion 1 from there"), "{shown}");
    program(home.path(), &["conflict", "take", id("Réunion 1")]);
    program(home.path(), &["conflict", "drop", id("Ici 3")]);
    assert!(program(home.path(), &["conflict", "list"]).contains("no conflict waits"));
    program(home.path(), &["sync"]);
    beyond.sync();
    assert!(beyond.has("Réunion 1 from here"));
    amis.sync();
    assert!(amis.has("Ailleurs 3"));
}
