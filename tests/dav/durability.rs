//! Devices write while the server is killed, again and again: whatever was acknowledged is there
//! afterwards, byte for byte, and no device starts from zero.
//!
//! `MOISSON_KILLS` and `MOISSON_PUTS` make it longer, `MOISSON_PROGRAM` names an optimised program:
//! 50 kills of 10,000 objects each is what a night is for.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use crate::device::Device;
use crate::server::{self, Server};

const CALENDAR: &str = "/dav/calendars/personal/";

/// What devices know to be written.
type Acknowledged = Arc<Mutex<BTreeMap<String, String>>>;

#[test]
fn what_is_acknowledged_survives_every_kill() {
    let (n_kills, n_puts) = (number("MOISSON_KILLS", 4), number("MOISSON_PUTS", 400));
    let home = server::home();
    let password = server::password(home.path());
    let acknowledged: Acknowledged = Arc::default();
    let mut token = String::new();
    let mut server = Server::start(home.path());
    let mut n_checked = 0;
    for round in 0..n_kills {
        let before = acknowledged.lock().expect("no writer broke off").clone();
        // Kills fall early and late, and between.
        let until = n_puts * (round % 5 + 1) / 6;
        write_until_killed(&mut server, &password, &acknowledged, (round, n_puts, until));
        server = Server::start(home.path());
        let mut device = server.device(&password);
        let all = acknowledged.lock().expect("no writer broke off").clone();
        // What earlier rounds wrote is looked at once more at the end.
        let is_last = round + 1 == n_kills;
        for (name, body) in all.iter().filter(|(name, _)| is_last || !before.contains_key(*name)) {
            let got = device.ask("GET", &format!("{CALENDAR}{name}"), &[], &[]).expect("an answer");
            assert_eq!((got.status, got.text().as_str()), (200, body.as_str()), "round {round}: {name}");
            n_checked += 1;
        }
        let (changed, next) = sync(&mut device, &token);
        let fresh = all.keys().filter(|name| !before.contains_key(*name));
        let told: Vec<&String> = changed.iter().filter(|name| !before.contains_key(*name)).collect();
        assert!(fresh.clone().all(|name| told.contains(&name)), "round {round}: the token misses changes");
        // At most one request of each writer was on its way.
        assert!(told.len() <= fresh.count() + 4, "round {round}: {} told", told.len());
        token = next;
    }
    let n = acknowledged.lock().expect("no writer broke off").len();
    println!("{n_kills} kills, {n} objects acknowledged, {n_checked} read back");
    assert!(n > 0);
}

/// Four devices write until the server is killed, which happens after `until` acknowledgements.
fn write_until_killed(
    server: &mut Server,
    password: &str,
    acknowledged: &Acknowledged,
    (round, n_puts, until): (usize, usize, usize),
) {
    let Server { child, port } = server;
    let (next, done) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let is_over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                let mut device = Device::new(*port, server::USER, password);
                loop {
                    let n = next.fetch_add(1, Ordering::SeqCst);
                    if n >= n_puts {
                        break;
                    }
                    let (name, body) = (format!("{round}-{n}.ics"), event(round, n));
                    let headers = [("Content-Type", "text/calendar"), ("If-None-Match", "*")];
                    let put = device.ask("PUT", &format!("{CALENDAR}{name}"), &headers, body.as_bytes());
                    let Ok(answer) = put else { break };
                    assert_eq!(answer.status, 201, "{}", answer.text());
                    acknowledged.lock().expect("no writer broke off").insert(name, body);
                    done.fetch_add(1, Ordering::SeqCst);
                }
                is_over.store(true, Ordering::SeqCst);
            });
        }
        while done.load(Ordering::SeqCst) < until && !is_over.load(Ordering::SeqCst) {
            std::thread::yield_now();
        }
        child.kill().expect("it is ours");
        child.wait().expect("it ends");
    });
}

/// Names that changed since a token, and the next token.
fn sync(device: &mut Device, token: &str) -> (Vec<String>, String) {
    let body = format!(
        "<D:sync-collection xmlns:D=\"DAV:\"><D:sync-token>{token}</D:sync-token><D:sync-level>1</D:sync-level>\
         <D:prop><D:getetag/></D:prop></D:sync-collection>"
    );
    let answer = device.ask("REPORT", CALENDAR, &[("Depth", "1")], body.as_bytes()).expect("an answer");
    let text = answer.text();
    assert_eq!(answer.status, 207, "{text}");
    let between = |from: &str, to: &str| -> Vec<String> {
        let parts = text.split(from).skip(1).filter_map(|rest| rest.split_once(to));
        parts.map(|(inner, _)| inner.to_owned()).collect()
    };
    let names = between("<D:href>", "</D:href>").iter().map(|href| href.replace(CALENDAR, "")).collect();
    let token = between("<D:sync-token>", "</D:sync-token>").pop().expect("a token");
    (names, token)
}

fn event(round: usize, n: usize) -> String {
    format!(
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//moisson//tests//EN\r\nBEGIN:VEVENT\r\nUID:{round}-{n}@example.org\r\n\
         DTSTAMP:20260101T000000Z\r\nDTSTART:20260301T{:02}0000Z\r\nSUMMARY:Réunion {n}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n",
        n % 24
    )
}

fn number(name: &str, default: usize) -> usize {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}
