//! A calendar at an address, as a web server gives it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use jiff::{SignedDuration, Timestamp};
use moisson::fetch::Harvest;
use moisson::model::run::Class;

use super::peers::{self, Peer};
use super::world::World;

/// nginx with one folder, and the lines of its log.
pub struct Nginx {
    folder: tempfile::TempDir,
    pub port: u16,
    _peer: Peer,
}

impl Nginx {
    pub fn start() -> Option<Self> {
        let program = peers::program("nginx")?;
        let folder = tempfile::tempdir().expect("a folder");
        let port = peers::free_port();
        fs::create_dir(folder.path().join("www")).expect("a folder");
        let settings = fs::write(folder.path().join("nginx.conf"), settings(folder.path(), port));
        settings.expect("its settings");
        let mut command = Command::new(program);
        command.arg("-p").arg(folder.path()).args(["-e", "error.log", "-c", "nginx.conf"]);
        let peer = Peer::start(&mut command, port);
        Some(Self { folder, port, _peer: peer })
    }

    /// Puts a file there; its time is `at`, which the server makes its ETag of.
    pub fn put(&self, name: &str, text: &str, at: Timestamp) {
        let path = self.path(name);
        fs::write(&path, text).expect("a file");
        fs::File::options().write(true).open(path).expect("a file").set_modified(at.into()).expect("its time");
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join("www").join(name)
    }

    /// Status and body bytes of each answer, once there are `n`.
    pub fn answers(&self, n: usize) -> Vec<(u16, u64)> {
        let deadline = std::time::Instant::now() + std::time::Duration::from_secs(10);
        loop {
            let log = fs::read_to_string(self.folder.path().join("access.log")).unwrap_or_default();
            let answers: Vec<(u16, u64)> = log.lines().filter_map(answer).collect();
            if answers.len() >= n {
                return answers;
            }
            assert!(std::time::Instant::now() < deadline, "{n} answers in the log: {log}");
            std::thread::yield_now();
        }
    }

    fn world(&self, name: &str) -> World {
        World::new("calendar/ics", &format!("url = \"http://127.0.0.1:{}/{name}\"", self.port), now())
    }
}

fn answer(line: &str) -> Option<(u16, u64)> {
    let (status, bytes) = line.split_once(' ')?;
    Some((status.parse().ok()?, bytes.parse().ok()?))
}

fn settings(folder: &Path, port: u16) -> String {
    // As root it would hand the files to a user who may not look into a temporary folder.
    let root = if fs::metadata("/proc/self").is_ok_and(|data| std::os::unix::fs::MetadataExt::uid(&data) == 0) {
        "user root;"
    } else {
        ""
    };
    let folder = folder.display();
    format!(
        "{root} daemon off; master_process off; worker_processes 1; pid {folder}/nginx.pid;
        events {{ worker_connections 32; }}
        http {{
            log_format short '$status $body_bytes_sent'; access_log {folder}/access.log short;
            client_body_temp_path {folder}/a; proxy_temp_path {folder}/b; fastcgi_temp_path {folder}/c;
            uwsgi_temp_path {folder}/d; scgi_temp_path {folder}/e;
            types {{ text/calendar ics; text/html html; }}
            gzip on; gzip_types text/calendar; gzip_min_length 100; etag on;
            server {{
                listen 127.0.0.1:{port}; root {folder}/www;
                location /busy {{ add_header Retry-After 120 always; return 503; }}
                location /shut {{ return 403; }}
            }}
        }}"
    )
}

fn now() -> Timestamp {
    "2026-03-14T10:00:00Z".parse().expect("an instant")
}

/// A calendar of `n` appointments; `more` are lines at its head.
pub fn calendar(n: u32, more: &str) -> String {
    let event = |n: u32| {
        format!(
            "BEGIN:VEVENT\r\nUID:{n}@example.org\r\nDTSTAMP:20260301T000000Z\r\nDTSTART:20260{}01T080000Z\r\nSUMMARY:Swimming {n}\r\nEND:VEVENT\r\n",
            1 + n % 9
        )
    };
    let events: String = (0..n).map(event).collect();
    format!("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//example.org//EN\r\n{more}{events}END:VCALENDAR\r\n")
}

fn taken(harvest: &Harvest) -> usize {
    harvest.documents.len()
}

#[test]
fn an_unchanged_calendar_is_not_sent_again() {
    let Some(nginx) = Nginx::start() else { return };
    nginx.put("home.ics", &calendar(2_000, ""), now());
    let mut world = nginx.world("home.ics");
    let first = world.fetch().expect("a harvest");
    assert_eq!(first.documents[0].bytes, calendar(2_000, "").as_bytes());
    assert_eq!(first.documents[0].name, "mine.ics");
    assert_eq!(first.documents[0].connectors, ["calendar/icalendar"]);
    assert_eq!(taken(&world.fetch().expect("a harvest")), 0);
    nginx.put("home.ics", &calendar(2_001, ""), now() + SignedDuration::from_secs(60));
    let changed = world.fetch().expect("a harvest");
    assert_eq!(changed.documents[0].bytes, calendar(2_001, "").as_bytes());
    let answers = nginx.answers(3);
    assert_eq!(answers.iter().map(|(status, _)| *status).collect::<Vec<_>>(), [200, 304, 200]);
    assert_eq!(answers[1].1, 0, "nothing is sent of what did not change");
    assert!(answers[0].1 * 5 < calendar(2_000, "").len() as u64, "it comes compressed: {answers:?}");
}

#[test]
fn the_same_words_are_no_news_whatever_the_server_says() {
    let Some(nginx) = Nginx::start() else { return };
    nginx.put("home.ics", &calendar(3, ""), now());
    let mut world = nginx.world("home.ics");
    assert_eq!(taken(&world.fetch().expect("a harvest")), 1);
    let stamped = calendar(3, "").replace("DTSTAMP:20260301", "DTSTAMP:20260314");
    nginx.put("home.ics", &stamped, now() + SignedDuration::from_secs(60));
    assert_eq!(taken(&world.fetch().expect("a harvest")), 0);
    assert_eq!(nginx.answers(2).last(), Some(&(200, nginx.answers(2)[1].1)));
}

#[test]
fn a_calendar_says_how_long_it_stays_as_it_is() {
    let Some(nginx) = Nginx::start() else { return };
    nginx.put("home.ics", &calendar(1, "REFRESH-INTERVAL;VALUE=DURATION:PT8H\r\n"), now());
    let mut world = nginx.world("home.ics");
    assert_eq!(world.fetch().expect("a harvest").n_requests, 1);
    for (hours, n_requests) in [(1, 0), (5, 0), (6, 1), (7, 0), (12, 1)] {
        world.now = now() + SignedDuration::from_hours(hours);
        assert_eq!(world.fetch().expect("a harvest").n_requests, n_requests, "after {hours} h");
    }
    assert_eq!(nginx.answers(3).len(), 3);
}

#[test]
fn what_is_no_calendar_is_never_a_document() {
    let Some(nginx) = Nginx::start() else { return };
    let whole = calendar(20, "");
    nginx.put("home.ics", "<!doctype html><title>Log in</title>", now());
    let mut world = nginx.world("home.ics");
    assert_eq!(world.fetch().expect_err("a page").class, Class::Config, "a wrong address");
    nginx.put("home.ics", &whole, now() + SignedDuration::from_secs(1));
    assert_eq!(taken(&world.fetch().expect("a harvest")), 1);
    nginx.put("home.ics", &whole[..whole.len() / 2], now() + SignedDuration::from_secs(2));
    assert_eq!(world.fetch().expect_err("cut").class, Class::Retry);
    nginx.put("home.ics", "<!doctype html><title>Airport</title>", now() + SignedDuration::from_secs(3));
    assert_eq!(world.fetch().expect_err("a page").class, Class::Retry, "without TLS it may be anybody");
    nginx.put("home.ics", &whole.replace("Swimming", "Dancing"), now() + SignedDuration::from_secs(4));
    assert_eq!(taken(&world.fetch().expect("a harvest")), 1, "the next good one counts");
}

#[test]
fn a_calendar_that_is_suddenly_empty_takes_nothing_away() {
    let Some(nginx) = Nginx::start() else { return };
    nginx.put("home.ics", &calendar(20, ""), now());
    let mut world = nginx.world("home.ics");
    assert_eq!(taken(&world.fetch().expect("a harvest")), 1);
    nginx.put("home.ics", &calendar(0, ""), now() + SignedDuration::from_secs(60));
    for day in 1..=7 {
        world.now = now() + SignedDuration::from_hours(24 * day);
        let harvest = world.fetch().expect("a harvest");
        assert_eq!((taken(&harvest), harvest.failed[0].outcome), (0, Class::Expectation), "day {day}");
    }
    world.now = now() + SignedDuration::from_hours(24 * 8);
    let harvest = world.fetch().expect("a harvest");
    assert_eq!((taken(&harvest), harvest.failed.len()), (1, 0), "after a week it is a document like any other");
}

#[test]
fn a_calendar_that_suddenly_lost_most_of_its_entries_takes_nothing_away() {
    let Some(nginx) = Nginx::start() else { return };
    nginx.put("home.ics", &calendar(20, ""), now());
    let mut world = nginx.world("home.ics");
    assert_eq!(taken(&world.fetch().expect("a harvest")), 1);
    nginx.put("home.ics", &calendar(9, ""), now() + SignedDuration::from_secs(60));
    for (day, n) in [(1, 0), (7, 0), (8, 1)] {
        world.now = now() + SignedDuration::from_hours(24 * day);
        let harvest = world.fetch().expect("a harvest");
        assert_eq!((taken(&harvest), harvest.failed.len()), (n, 1 - n), "day {day}");
    }
}

#[test]
fn refusals_say_whose_turn_it_is() {
    let Some(nginx) = Nginx::start() else { return };
    let failure = |name: &str| nginx.world(name).fetch().expect_err("refused");
    assert_eq!(failure("gone.ics").class, Class::User);
    assert_eq!(failure("shut").class, Class::User);
    let busy = failure("busy");
    assert_eq!((busy.class, busy.retry_at), (Class::Retry, Some(now() + SignedDuration::from_secs(120))));
}

#[test]
fn a_secret_address_shows_its_host_only() {
    let Some(nginx) = Nginx::start() else { return };
    nginx.put("private-3f9a.ics", &calendar(1, ""), now());
    let mut world = nginx.world("x");
    world.source.fetch.clear();
    assert_eq!(world.fetch().expect_err("no address").class, Class::Config);
    let secret = format!("http://127.0.0.1:{}/private-3f9a.ics", nginx.port);
    world.vault.keep("mine/url", secret.into()).expect("kept");
    let harvest = world.fetch().expect("a harvest");
    assert_eq!(harvest.documents[0].origin, "http://127.0.0.1/…");
    assert!(!format!("{harvest:?}{:?}", world.state).contains("3f9a"));
    fs::remove_file(nginx.path("private-3f9a.ics")).expect("gone");
    assert!(!format!("{:?}", world.fetch()).contains("3f9a"));
    let mut elsewhere = world;
    elsewhere.vault.keep("mine/url", "http://192.0.2.7/private-3f9a".to_owned().into()).expect("kept");
    elsewhere.network.home_hosts.clear();
    assert!(!format!("{:?}", elsewhere.fetch()).contains("3f9a"));
}
