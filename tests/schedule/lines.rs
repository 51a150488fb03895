//! Lines of a crontab beside `croner`, on the days when clocks change.

use std::str::FromStr as _;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use moisson::schedule::Schedule;
use proptest::prelude::*;

/// The evening before each change of the clock, and one without any.
const EVENINGS: [(&str, &str); 7] = [
    ("Europe/Paris", "2026-03-28T17:00:00Z"),
    ("Europe/Paris", "2026-10-24T17:00:00Z"),
    ("America/New_York", "2026-03-07T22:00:00Z"),
    ("America/New_York", "2026-10-31T22:00:00Z"),
    ("Australia/Lord_Howe", "2026-04-04T06:00:00Z"),
    ("Australia/Lord_Howe", "2026-10-03T06:00:00Z"),
    ("UTC", "2026-02-27T17:00:00Z"),
];
const LINES: usize = 2_100;
const RUNS: usize = 50;

/// Numbers that are the same each time.
struct Dice(u64);

impl Dice {
    fn throw(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }

    /// A field: `*`, `*/n`, a number, a range, a range with steps, a list.
    fn field(&mut self, least: u64, most: u64, stars: u64) -> String {
        let size = most - least + 1;
        let (a, b) = (least + self.throw(size), least + self.throw(size));
        let (low, high) = (a.min(b), a.max(b));
        match self.throw(stars + 5) {
            0 => low.to_string(),
            1 => format!("{low}-{high}"),
            2 => format!("{low}-{high}/{}", 1 + self.throw(size / 2)),
            3 => format!("{low},{high}"),
            4 => format!("*/{}", 2 + self.throw(size / 2)),
            _ => "*".to_owned(),
        }
    }

    fn line(&mut self) -> String {
        let (minute, hour) = (self.field(0, 59, 1), self.field(0, 23, 3));
        let (day, month, weekday) = (self.field(1, 31, 8), self.field(1, 12, 12), self.field(0, 6, 8));
        format!("{minute} {hour} {day} {month} {weekday}")
    }
}

/// Why the two may differ, if they may.
fn difference(line: &str) -> Option<&'static str> {
    let fields: Vec<&str> = line.split(' ').collect();
    let is_star = |at: usize| fields[at].starts_with('*');
    let is_number = |at: usize| fields[at].bytes().all(|byte| byte.is_ascii_digit());
    let has_stepped_star = |at: usize| fields[at].starts_with("*/");
    if (has_stepped_star(2) && fields[4] != "*") || (has_stepped_star(4) && fields[2] != "*") {
        Some("a field of days that starts with a star restricts the other one (Vixie); there it is a day of its own")
    } else if !is_star(0) && !is_star(1) && (!is_number(0) || !is_number(1)) {
        Some("several fixed times a day come once each; there they are a rhythm, and come twice or not at all")
    } else {
        None
    }
}

fn ours(line: &str, zone: &TimeZone, from: Timestamp) -> Vec<Timestamp> {
    let schedule = Schedule::parse(line).unwrap_or_else(|error| panic!("{line}: {error}"));
    std::iter::successors(schedule.next_after(from, zone), |slot| schedule.next_after(*slot, zone)).take(RUNS).collect()
}

fn theirs(line: &str, zone: &TimeZone, from: Timestamp) -> Vec<Timestamp> {
    let cron = croner::Cron::from_str(line).unwrap_or_else(|error| panic!("{line}: {error}"));
    cron.iter_after(from.to_zoned(zone.clone())).take(RUNS).map(|run| run.timestamp()).collect()
}

#[test]
fn lines_come_when_another_implementation_says() {
    let mut dice = Dice(4);
    let mut compared = [0_usize; 7];
    let mut explained = std::collections::BTreeMap::<&str, (usize, String)>::new();
    for n in 0..LINES {
        let line = dice.line();
        if Schedule::parse(&line).is_err_and(|error| error.contains("never comes")) {
            continue;
        }
        let (name, from) = EVENINGS[n % EVENINGS.len()];
        let (zone, from) = (TimeZone::get(name).expect(name), from.parse().expect("an instant"));
        let (ours, theirs) = (ours(&line, &zone, from), theirs(&line, &zone, from));
        match difference(&line) {
            _ if ours == theirs => compared[n % EVENINGS.len()] += 1,
            Some(why) => {
                let entry = explained.entry(why).or_insert((0, format!("{line} in {name}")));
                entry.0 += 1;
            }
            None => {
                let first = ours.iter().zip(&theirs).position(|(a, b)| a != b);
                let at = first.unwrap_or(0);
                panic!("{line} in {name}, run {at}: {:?}, there {:?}", ours.get(at), theirs.get(at));
            }
        }
    }
    println!(
        "{} lines give the same next {RUNS} runs, by change of the clock: {compared:?}",
        compared.iter().sum::<usize>()
    );
    for (why, (n, example)) in &explained {
        println!("{n} differ, as in `{example}`: {why}");
    }
    assert!(compared.iter().all(|n| *n > LINES / 10), "{compared:?}");
    assert_eq!(explained.len(), 2);
}

#[test]
fn what_the_other_does_not_read_stands_for_what_it_does() {
    let zone = TimeZone::get("Europe/Paris").expect("a zone");
    let from: Timestamp = "2026-10-24T17:00:00Z".parse().expect("an instant");
    for (line, plain) in [
        ("5/15 * * * *", "5,20,35,50 * * * *"),
        ("0 22-2 * * *", "0 22,23,0,1,2 * * *"),
        ("0 6 * * fri-mon", "0 6 * * 5,6,0,1"),
        ("0 6 * * 7", "0 6 * * 0"),
        ("0 6 * nov-feb/2 *", "0 6 * 11,1 *"),
        ("0 6 28-3 * *", "0 6 28,29,30,31,1,2,3 * *"),
        ("@midnight", "0 0 * * *"),
        ("0 6 * * 1-5 # on working days", "0 6 * * 1-5"),
    ] {
        assert_eq!(ours(line, &zone, from), ours(plain, &zone, from), "{line}");
    }
}

#[test]
fn the_way_back_is_the_way_there() {
    let mut dice = Dice(7);
    for n in 0..700 {
        let line = dice.line();
        let Ok(schedule) = Schedule::parse(&line) else { continue };
        let (name, from) = EVENINGS[n % EVENINGS.len()];
        let (zone, from): (TimeZone, Timestamp) = (TimeZone::get(name).expect(name), from.parse().expect("an instant"));
        let there = ours(&line, &zone, from);
        let Some(last) = there.last() else { continue };
        let back = std::iter::successors(schedule.previous(*last, &zone), |slot| {
            schedule.previous(*slot - jiff::SignedDuration::from_nanos(1), &zone)
        });
        let mut back: Vec<Timestamp> = back.take(there.len()).collect();
        back.reverse();
        assert_eq!(back, there, "{line} in {name}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_line_is_too_odd(line in prop_oneof![
        any::<String>(),
        "[-0-9*/,@#a-z ]{0,40}",
        "[0-9*/,-]{1,6} [0-9*/,-]{1,6} [0-9*/,-]{1,6} [0-9a-z*/,-]{1,6} [0-9a-z*/,-]{1,6}",
    ]) {
        if let Ok(schedule) = Schedule::parse(&line) {
            let from: Timestamp = "2026-03-28T17:00:00Z".parse().expect("an instant");
            let next = schedule.next_after(from, &TimeZone::UTC);
            prop_assert!(next.is_some_and(|next| next > from), "{line}");
        }
    }
}
