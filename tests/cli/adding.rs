//! `moisson add`: a source set up, tried and written down.

use std::fs;

use super::Home;
use super::home::{Ran, text};
use super::loopback::{Answer, Loopback};

const CALENDAR: &str = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//example.org//EN\r\nBEGIN:VEVENT\r\nUID:1@example.org\r\n\
                        DTSTAMP:20260301T080000Z\r\nDTSTART:20260302T090000Z\r\nDTEND:20260302T100000Z\r\n\
                        SUMMARY:Piano\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";

fn calendars() -> Loopback {
    Loopback::start(|request| match request.split_whitespace().nth(1) {
        Some("/private-canary.ics") => Answer::new(200, &[("content-type", "text/calendar")], CALENDAR),
        _ => Answer::new(404, &[], "nothing is here"),
    })
}

/// Adds a calendar whose address is a secret in a file.
fn add(home: &Home, address: &str, more: &[&str]) -> Ran {
    let file = home.document("address", format!("{address}\n"));
    fs::set_permissions(&file, std::os::unix::fs::PermissionsExt::from_mode(0o600)).expect("ours");
    let secret = format!("url=@{}", text(&file));
    let given = ["add", "calendar/ics", "--id", "family", "--secret", &secret];
    home.run(&given.iter().chain(more).copied().collect::<Vec<_>>())
}

fn settings(home: &Home) -> String {
    fs::read_to_string(home.path().join("moisson.toml")).unwrap_or_default()
}

#[test]
fn a_source_is_tried_and_shown_and_only_then_written_down() {
    let (home, server) = (Home::new(), calendars());
    let before = "# Ours.\n[household]\nname = \"Us\" # as it is\n";
    home.settings(before);
    let ran = add(&home, &server.url("/private-canary.ics"), &["--home-host", "--schedule", "@daily"]);
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    assert!(ran.out.contains("It works: 1 document came.") && ran.out.contains("1 new"), "{}", ran.out);
    assert!(!home.path().join("journal").exists(), "nothing of it was kept");
    let address = server.address;
    let expected = format!(
        "{before}\n[network]\nhome_hosts = [\"{address}\"]\n\n[[sources]]\nid = \"family\"\n\
         connector = \"calendar/ics\"\nschedule = \"@daily\"\n"
    );
    assert_eq!(settings(&home), expected);
    let ran = home.run(&["sync", "family"]);
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    assert!(!format!("{}{}", ran.out, ran.err).contains("canary"));
    assert_eq!(add(&home, "https://example.org/x.ics", &["--no-test"]).code, 64, "the name is taken");
}

#[test]
fn what_does_not_work_is_only_kept_when_it_is_wanted() {
    let (home, server) = (Home::new(), calendars());
    let ran = add(&home, &server.url("/wrong-canary.ics"), &["--home-host"]);
    assert_ne!(ran.code, 0);
    assert!(ran.err.contains("It does not work yet") && !ran.err.contains("canary"), "{}", ran.err);
    assert_eq!(settings(&home), "");
    assert_eq!(home.run(&["secret", "list"]).out, "There is no secret.");
    let ran = add(&home, &server.url("/wrong-canary.ics"), &["--home-host", "--keep-anyway"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(settings(&home).starts_with("# moisson.toml: who the household is"), "made from the template");
    assert!(home.run(&["secret", "list"]).out.contains("family/url"));
}

#[test]
fn an_address_of_the_home_has_to_be_allowed() {
    let (home, server) = (Home::french(), calendars());
    let ran = add(&home, &server.url("/private-canary.ics"), &[]);
    assert_eq!(ran.code, 78, "{}{}", ran.out, ran.err);
    assert!(ran.err.contains("--home-host"), "{}", ran.err);
    assert!(server.asked().is_empty());
}

#[test]
fn what_is_missing_or_wrong_is_said_when_nobody_can_be_asked() {
    let home = Home::new();
    let ran = home.run(&["add", "calendar/caldav"]);
    assert_eq!(ran.code, 64);
    for told in ["--set url=…   Address", "--set user=…", "--secret password=@FILE"] {
        assert!(ran.err.contains(told), "{told}\n{}", ran.err);
    }
    for (wrong, told) in [
        (["--set", "url=nas"], "`nas` is not an address"),
        (["--set", "door=blue"], "knows no field door"),
        (["--set", "password=canary"], "--secret password=@FILE"),
        (["--secret", "password=canary"], "others can read a command line"),
        (["--schedule", "each tuesday"], ""),
    ] {
        let ran = home.run(
            &[&["add", "calendar/caldav", "--set", "url=https://example.org", "--set", "user=z"][..], &wrong].concat(),
        );
        assert_eq!(ran.code, 64, "{wrong:?}");
        assert!(ran.err.contains(told) && !ran.err.contains("canary"), "{told}\n{}", ran.err);
    }
    assert!(!home.path().exists());
}

#[test]
fn services_are_listed_with_what_they_ask_for() {
    let ran = Home::new().run(&["add"]);
    assert_eq!(ran.code, 0);
    let line = ran.out.lines().find(|line| line.contains("calendar/caldav")).expect("it is there");
    assert!(line.contains("password"), "{line}");
}
