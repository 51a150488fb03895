//! Runs on a bad network: nothing comes in by halves, and the next run makes it right.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use crate::chaos::{Mode, Server, reply};
use crate::home::Home;

/// A calendar of many invented events, long enough to be cut; a later one has some more.
fn calendar(n_events: usize) -> Vec<u8> {
    let mut text = String::from("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//example.org//invented//EN\r\n");
    for n in 0..n_events {
        let day = n % 28 + 1;
        let event = format!(
            "BEGIN:VEVENT\r\nUID:{n}@example.org\r\nDTSTAMP:20260101T000000Z\r\nDTSTART:202605{day:02}T080000Z\r\nSUMMARY:Event {n}\r\nEND:VEVENT\r\n"
        );
        text.push_str(&event);
    }
    text.push_str("END:VCALENDAR\r\n");
    text.into_bytes()
}

/// A home whose one source is a calendar at an address.
fn home(base: &str) -> Home {
    let home = Home::with_folder();
    home.set_settings(&format!(
        "[[sources]]\nid = \"family\"\nconnector = \"calendar/ics\"\nfetch = {{ url = \"{base}/family.ics\" }}\n\
         [network]\nhome_hosts = [\"127.0.0.1\"]\n"
    ));
    home
}

/// Serves a calendar of that many events.
fn served(n_events: usize) -> Server {
    Server::by(move |_| reply("200 OK", &[("content-type", "text/calendar")], &calendar(n_events)))
}

/// The first half of a gzip stream.
fn half_gzip(body: &[u8]) -> Vec<u8> {
    use std::io::Write as _;
    let mut child = std::process::Command::new("gzip")
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .spawn()
        .expect("gzip");
    child.stdin.take().expect("its input").write_all(body).expect("bytes");
    let bytes = child.wait_with_output().expect("an end").stdout;
    bytes[..bytes.len() / 2].to_vec()
}

#[test]
fn whatever_the_network_does_nothing_is_half_in_and_the_next_run_is_right() {
    let (before, after) = (served(200), served(240));
    let control = home(&after.url(""));
    assert_eq!(control.run(&["sync"]).0, 0);
    let expected = contents(&control);
    assert!(expected.contains("240|"), "{expected}");
    let cut = half_gzip(&calendar(240));
    let cut_head = [("content-type", "text/calendar"), ("content-encoding", "gzip")];
    let cut = Server::by(move |_| reply("200 OK", &cut_head, &cut));
    let spoilt = [
        Mode::Reset(300),
        Mode::Reset(9_000),
        Mode::Truncate(9_000),
        Mode::Latency(Duration::from_secs(11)),
        Mode::Trickle(Duration::from_secs(11)),
    ]
    .map(|mode| (Server::proxy(after.address, mode), format!("{mode:?}")));
    let mut bad: Vec<(String, String)> = spoilt.iter().map(|(proxy, mode)| (proxy.url(""), mode.clone())).collect();
    bad.push((cut.url(""), "truncated gzip".to_owned()));
    bad.push(("http://127.0.0.1:9".to_owned(), "nobody there".to_owned()));
    bad.push(("https://name.invalid".to_owned(), "no such name".to_owned()));
    // Most of it is waiting, so all of it waits at the same time.
    std::thread::scope(|threads| {
        let (before, after, expected) = (&before, &after, &expected);
        for (base, what) in &bad {
            threads.spawn(move || suffers(base, what, [before, after], expected));
        }
    });
}

/// What was there before a run on a bad network is there after it, and the next run has it all.
fn suffers(base: &str, what: &str, [before, after]: [&Server; 2], expected: &str) {
    let home = home(&before.url(""));
    assert_eq!(home.run(&["sync"]).0, 0, "{what}");
    let (documents, known) = (home.documents(), contents(&home));
    home.set_settings(&home.settings().replace(&before.url("/"), &format!("{base}/")));
    let (code, out) = home.run(&["sync"]);
    assert_eq!(code, 75, "{what}: {out}");
    assert_eq!(home.documents(), documents, "{what}: something was kept");
    assert_eq!(contents(&home), known, "{what}: {out}");
    home.set_settings(&home.settings().replace(&format!("{base}/"), &after.url("/")));
    let (code, out) = home.run(&["sync"]);
    assert_eq!(code, 0, "{what}: {out}");
    assert_eq!(contents(&home), expected, "{what}");
    assert_eq!(home.sql("select outcome from runs order by run_id"), "ok\nretry\nok\n", "{what}");
}

fn contents(home: &Home) -> String {
    home.sql("select count(*) || '|' || string_agg(uid || starts_at, ',' order by uid) from staging.occurrences")
}

/// In a hotel the same address answers with a page to log in, until somebody does.
#[test]
fn a_page_to_log_in_in_between_is_nothing_to_stop_for() {
    static PHASE: AtomicUsize = AtomicUsize::new(0);
    let page = b"<!DOCTYPE html><html><title>Welcome to the hotel</title><form><input type=password></form></html>";
    let server = Server::by(|_| match PHASE.fetch_add(1, Ordering::SeqCst) {
        0 => reply("200 OK", &[("content-type", "text/calendar")], &calendar(200)),
        1 => reply("200 OK", &[("content-type", "text/html")], page),
        _ => reply("200 OK", &[("content-type", "text/calendar")], &calendar(240)),
    });
    let home = home(&server.url(""));
    let codes: Vec<i32> = (0..3).map(|_| home.run(&["sync"]).0).collect();
    assert_eq!(codes, [0, 75, 0]);
    assert_eq!(home.documents().len(), 2);
    assert!(contents(&home).contains("240|"));
}
