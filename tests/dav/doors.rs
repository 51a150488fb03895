//! What stands beside CalDAV and CardDAV at the same port: pages for browsers, `/` for both.

use base64::Engine as _;
use jiff::Timestamp;
use moisson::web::accounts::{Accounts, Scope};
use secrecy::ExposeSecret as _;

use crate::server::{self, Server, USER};

const WHO: &[u8] = b"<propfind xmlns='DAV:'><prop><current-user-principal/></prop></propfind>";

#[test]
fn browsers_see_the_pages_and_programs_find_their_principal_at_the_same_address() {
    let home = server::home();
    let added = Accounts::open(home.path(), USER).add("owner", Scope { page: true, ..Scope::all() }, Timestamp::now());
    let password = added.expect("a device").password.expose_secret().to_owned();
    let server = Server::start(home.path());
    let mut owner = server.device(&password);
    let page = owner.ask("GET", "/", &[], &[]).expect("an answer");
    assert_eq!(page.status, 200);
    assert!(page.text().contains("<h1>moisson</h1>") && page.text().contains("(this one)"));
    let found = owner.ask("PROPFIND", "/", &[("Depth", "0")], WHO).expect("an answer");
    assert_eq!(found.status, 207);
    assert!(found.text().contains("/dav/principals/moisson/"), "{}", found.text());
    assert_eq!(owner.ask("DELETE", "/", &[], &[]).expect("an answer").status, 405);
    assert_eq!(owner.ask("PROPFIND", "/setup/devices", &[], WHO).expect("an answer").status, 405);
    let options = owner.ask("OPTIONS", "/", &[], &[]).expect("an answer");
    assert!(options.header("allow").is_some_and(|allow| allow.contains("PROPFIND")), "{options:?}");
    assert!(options.header("dav").is_some_and(|dav| dav.contains("calendar-access")), "{options:?}");
    let profile = owner.ask("GET", "/setup/moisson.mobileconfig", &[], &[]).expect("an answer");
    assert_eq!(profile.status, 200);
    assert!(!profile.text().contains(&password));
}

#[test]
fn nothing_lets_in_what_the_command_line_has_revoked() {
    let home = server::home();
    let password = server::password(home.path());
    let server = Server::start(home.path());
    let mut device = server.device(&password);
    assert_eq!(device.ask("GET", "/dav/calendars/personal/", &[], &[]).expect("an answer").status, 200);
    let revoked = std::process::Command::new(env!("CARGO_BIN_EXE_moisson"))
        .arg("--home")
        .arg(home.path())
        .args(["device", "revoke", "phone"])
        .output();
    assert!(revoked.expect("it runs").status.success());
    for (method, path) in
        [("GET", "/dav/calendars/personal/"), ("PUT", "/dav/calendars/personal/a.ics"), ("PROPFIND", "/dav/")]
    {
        assert_eq!(device.ask(method, path, &[], &[]).expect("an answer").status, 401, "{method}");
    }
    let text = base64::engine::general_purpose::STANDARD.encode(format!("{USER}:{password}"));
    assert!(!std::fs::read_to_string(home.path().join("devices.json")).expect("a file").contains(&text));
}

#[test]
fn when_a_device_came_last_is_known_after_a_stop() {
    let home = server::home();
    let password = server::password(home.path());
    let server = Server::start(home.path());
    let mut device = server.device(&password);
    assert_eq!(device.ask("GET", "/dav/", &[], &[]).expect("an answer").status, 200);
    // What follows the first within a minute is not written down at once.
    let before = Timestamp::now();
    assert_eq!(device.ask("GET", "/dav/", &[], &[]).expect("an answer").status, 200);
    server.terminate();
    let accounts = Accounts::open(home.path(), USER);
    let used = accounts.used(&accounts.devices().expect("devices")[0]).expect("it came");
    assert!(used.at >= before, "{} and not {before}", used.at);
}
