//! `moisson connector record` and `test`: a source as a recording that holds no secret, and played.

use std::fs;
use std::path::{Path, PathBuf};

use super::Home;
use super::home::{Ran, text};
use super::loopback::{Answer, Loopback};

const CALENDAR: &str = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//example.org//EN\r\nBEGIN:VEVENT\r\nUID:1@example.org\r\n\
                        DTSTAMP:20260301T080000Z\r\nDTSTART:20260302T090000Z\r\nDTEND:20260302T100000Z\r\n\
                        SUMMARY:Piano\r\nURL:http://HOST/private-canary.ics\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";

/// A calendar that names its own secret address.
fn calendars() -> Loopback {
    Loopback::start(|request| {
        let host = request.lines().find_map(|line| line.strip_prefix("host: ")).unwrap_or_default();
        match request.split_whitespace().nth(1) {
            Some("/private-canary.ics") => {
                Answer::new(200, &[("content-type", "text/calendar")], &CALENDAR.replace("HOST", host))
            }
            _ => Answer::new(404, &[], "nothing is here"),
        }
    })
}

fn set_up(home: &Home, server: &Loopback) {
    home.settings(&format!(
        "[network]\nhome_hosts = [\"{}\"]\n[[sources]]\nid = \"school\"\nconnector = \"calendar/ics\"\n",
        server.address
    ));
    let address = server.url("/private-canary.ics");
    let ran = home.ran(home.command().args(["secret", "set", "school/url"]).write_stdin(address));
    assert_eq!(ran.code, 0, "{}", ran.err);
}

fn record(home: &Home, folder: &Path) -> Ran {
    home.run(&["connector", "record", "school", "-o", &text(folder)])
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries =
        |folder: &Path| fs::read_dir(folder).into_iter().flatten().map(|entry| entry.expect("an entry").path());
    let mut found: Vec<PathBuf> = entries(folder).chain(entries(&folder.join("documents"))).collect();
    found.retain(|path| path.is_file());
    found.sort();
    found
}

#[test]
fn a_source_is_recorded_without_its_secret_and_nothing_of_it_is_kept() {
    let (home, server) = (Home::new(), calendars());
    set_up(&home, &server);
    let folder = home.path().join("../out");
    let ran = record(&home, &folder);
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    assert!(ran.out.contains("1 exchange and 1 document are recorded in"), "{}", ran.out);
    assert!(ran.out.contains("your secrets (url)"), "{}", ran.out);
    assert!(ran.out.contains("Everything else is still there: names, amounts"), "{}", ran.out);
    let found = files(&folder);
    assert_eq!(found.len(), 3, "{found:?}");
    for file in &found {
        let text = fs::read_to_string(file).expect("text");
        assert!(!text.contains("canary"), "{}: {text}", file.display());
    }
    assert!(!format!("{}{}", ran.out, ran.err).contains("canary"));
    for kept in ["archive", "journal", "runs", "state"] {
        assert!(!home.path().join(kept).exists(), "{kept}");
    }
    assert_eq!(record(&home, &folder).code, 64, "an earlier recording is not written over");

    let n_asked = server.asked().len();
    let ran = home.run(&["connector", "test", &text(&folder)]);
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    assert!(ran.out.contains("calendar/ics, 1 exchange, 1 document"), "{}", ran.out);
    assert!(ran.out.contains("calendar/icalendar, ") && ran.out.contains("0 faults"), "{}", ran.out);
    assert_eq!(server.asked().len(), n_asked, "nothing is asked of the network");
}

#[test]
fn a_recording_that_does_not_fit_any_more_says_what_differs_in_french_too() {
    let (home, server) = (Home::french(), calendars());
    set_up(&home, &server);
    let folder = home.path().join("../out");
    let ran = record(&home, &folder);
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    assert!(ran.out.contains("vos secrets (url)") && ran.out.contains("Lisez chaque fichier"), "{}", ran.out);
    let document = files(&folder.join("documents")).remove(0);
    fs::write(&document, CALENDAR).expect("a file");
    let ran = home.run(&["connector", "test", &text(&folder)]);
    assert_eq!(ran.code, 1, "{}{}", ran.out, ran.err);
    assert!(ran.out.contains("diffère à partir de l'octet"), "{}", ran.out);

    // Answers that somebody made up give documents of their own.
    let lines = folder.join("exchange.jsonl");
    let changed = fs::read_to_string(&lines).expect("text").replace("Piano", "Violon");
    fs::write(&lines, changed).expect("a file");
    let ran = home.run(&["connector", "test", "--renew", &text(&folder)]);
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    assert!(fs::read_to_string(&document).expect("text").contains("Violon"));
    let ran = home.run(&["connector", "record", "church"]);
    assert_eq!(ran.code, 64, "{}", ran.err);
    assert_eq!(home.run(&["connector", "test", "nowhere"]).code, 69);
}
