//! Calendars and contacts as real clients use them: each is started at a pinned version against
//! the program and says itself what it could do. What some clients send that cannot be had here
//! is sent as they do.

#[path = "support/device.rs"]
#[allow(dead_code, reason = "the clients bring their own")]
mod device;
#[path = "support/peers.rs"]
mod peers;
#[path = "dav/server.rs"]
#[allow(dead_code, reason = "each test binary uses its own part")]
mod server;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, PoisonError};

use server::Server;

/// One client at a time: each starts several programs and measures patience in seconds.
static MACHINE: Mutex<()> = Mutex::new(());

const REPLICAS: [&str; 4] = ["vdirsyncer==0.21.0", "khal==0.14.1", "todoman==4.7.0", "khard==0.22.0"];
const TESTER: [&str; 7] = [
    "caldav==3.6.0",
    "caldav-server-tester==1.7.0",
    "pytest==9.2.0",
    "pytest-asyncio==1.5.0",
    "proxy.py==2.4.10",
    "vobject==0.9.9",
    "tzlocal==5.4.5",
];
/// Modules of Python that only Debian's packages bring.
const DESKTOP: &str = "import gi
for name, version in [('EDataServer', '1.2'), ('ECal', '2.0'), ('EBook', '1.2'), ('EBookContacts', '1.2')]:
    gi.require_version(name, version)";

#[test]
fn thunderbird_finds_writes_and_follows() {
    if peers::program("thunderbird").is_some() {
        passes(python("thunderbird.py", None), &[]);
    }
}

#[test]
fn the_gnome_desktop_finds_writes_and_follows() {
    let system = PathBuf::from("/usr/bin/python3");
    if peers::program("dbus-run-session").is_none() {
        return;
    }
    if !Command::new(&system).args(["-c", DESKTOP]).status().is_ok_and(|status| status.success()) {
        peers::missing::<()>("no evolution-data-server");
        return;
    }
    passes(python("evolution.py", Some(system)), &[]);
}

#[test]
fn two_replicas_of_vdirsyncer_stay_alike() {
    if let Some(programs) = peers::pip(&REPLICAS) {
        passes(python("vdirsyncer.py", Some(programs.join("python"))), &[]);
    }
}

#[test]
fn tsdav_lists_writes_and_syncs() {
    let Some(programs) = peers::npm(&["tsdav@2.3.4"]) else { return };
    let Some(node) = peers::program("node") else { return };
    let mut command = Command::new(node);
    command.arg(driver("tsdav.mjs")).env("NODE_PATH", programs.parent().expect("the folder of packages"));
    passes(command, &[]);
}

#[test]
fn litmus_finds_webdav_in_plain_files() {
    if peers::program("litmus").is_some() {
        passes(python("litmus.py", None), &[]);
    }
}

#[test]
fn the_tester_of_caldav_servers_finds_full_support() {
    if let Some(programs) = peers::pip(&TESTER) {
        passes(python("server_tester.py", Some(programs.join("python"))), &[]);
    }
}

#[test]
fn the_tests_of_python_caldav_pass() {
    let Some(programs) = peers::pip(&TESTER) else { return };
    let python_of_tests = programs.join("python");
    let Some(sources) = peers::sources(&python_of_tests, "caldav", "3.6.0") else { return };
    passes(python("python_caldav.py", Some(python_of_tests)), &[sources]);
}

#[test]
fn what_is_due_is_seen_in_khal_and_thunderbird() {
    let Some(programs) = peers::pip(&REPLICAS) else { return };
    if peers::program("thunderbird").is_none() {
        return;
    }
    let home = tempfile::tempdir().expect("a folder");
    let mut demo = Command::new(env!("CARGO_BIN_EXE_moisson"));
    demo.arg("demo").arg(home.path()).stdout(std::process::Stdio::null());
    assert!(demo.status().is_ok_and(|status| status.success()), "the invented household is imported");
    passes_at(home.path(), python("due.py", Some(programs.join("python"))), &[]);
}

/// A driver of a client, by an interpreter that has what it needs.
fn python(name: &str, interpreter: Option<PathBuf>) -> Command {
    let mut command = Command::new(interpreter.unwrap_or_else(|| "python3".into()));
    command.env("PYTHONDONTWRITEBYTECODE", "1").arg(driver(name));
    command
}

fn driver(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/clients").join(name)
}

/// Whether all checks of a driver pass against a server of its own; `more` comes after the login.
fn passes(command: Command, more: &[PathBuf]) {
    let home = server::home();
    passes_at(home.path(), command, more);
}

fn passes_at(home: &Path, mut command: Command, more: &[PathBuf]) {
    let _machine = MACHINE.lock().unwrap_or_else(PoisonError::into_inner);
    let password = server::password(home);
    let server = Server::start(home);
    command.args([format!("http://127.0.0.1:{}/dav/", server.port), server::USER.to_owned(), password]).args(more);
    let output = command.output().expect("the driver starts");
    let [said, complained] = [&output.stdout, &output.stderr].map(|bytes| String::from_utf8_lossy(bytes).into_owned());
    assert!(output.status.success(), "{said}\n{}", last(&complained));
}

/// The end of a text that may be long.
fn last(text: &str) -> &str {
    let from = text.char_indices().rev().nth(3000).map_or(0, |(at, _)| at);
    &text[from..]
}
