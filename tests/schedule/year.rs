//! A year of twenty sources on a clock that the test sets: everything that goes wrong in a year
//! goes wrong, and every slot is accounted for.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use jiff::civil::Date;
use moisson::model::run::{Class, Run, Started, Trigger, What};
use moisson::schedule::{Limits, Plan};

use super::home::{Home, Line, at, mins, plan, run};

const START: &str = "2026-01-01T00:00:00Z";
const END: &str = "2027-01-01T00:00:00Z";
/// The lid is closed.
const ASLEEP: [&str; 2] = ["2026-08-10T05:02:00Z", "2026-08-17T07:30:00Z"];
/// The line is down: an hour, and two days.
const DOWN: [[&str; 2]; 2] =
    [["2026-01-20T04:50:00Z", "2026-01-20T05:50:00Z"], ["2026-06-05T00:00:00Z", "2026-06-07T00:00:00Z"]];
/// One host is down.
const HOST_DOWN: [&str; 2] = ["2026-09-10T00:00:00Z", "2026-09-10T20:00:00Z"];
/// The page has changed, until a newer connector knows it.
const CHANGED: [&str; 2] = ["2026-05-01T00:00:00Z", "2026-05-12T16:00:00Z"];
const CONSENT_ENDS: &str = "2026-07-15T00:00:00Z";
const RENEWED: &str = "2026-07-20T08:00:00Z";
const RENEWED_UNTIL: &str = "2027-06-01T00:00:00Z";
const PAUSED: [&str; 2] = ["2026-02-01T12:00:00Z", "2026-02-15T12:00:00Z"];
/// The meter tells nothing new, although it should.
const SILENT: [&str; 2] = ["2026-11-03T00:00:00Z", "2026-11-08T00:00:00Z"];
const RESTARTED: &str = "2026-04-20T04:07:00Z";
/// Calls that the budget allows a day (UTC).
const BUDGET: usize = 5;
/// Days that one call may ask the meter for.
const WINDOW: usize = 10;

const METERS: [&str; 4] = ["power", "power_ny", "gas", "solar"];

fn plans() -> Vec<Plan> {
    let paris = "Europe/Paris";
    let after = |mut plan: Plan, after: &[&str]| {
        plan.after = after.iter().map(|source| (*source).to_owned()).collect();
        plan.hosts.clear();
        plan
    };
    let portal = Plan { is_attended_only: true, ..plan("portal", "0 7 1 * *", paris, "portal") };
    vec![
        plan("bank_a", "0 6 * * *", paris, "bank"),
        plan("bank_b", "30 2 * * *", paris, "aggregator"),
        plan("bank_c", "0 6,18 * * *", paris, "aggregator"),
        plan("budget", "0 */4 * * *", paris, "aggregator"),
        plan("power", "@daily", paris, "power"),
        plan("power_ny", "30 2 * * *", "America/New_York", "power-ny"),
        plan("gas", "0 7 * * *", paris, "gas"),
        plan("solar", "15 2 * * *", "Australia/Lord_Howe", "solar"),
        plan("phone", "0 8 2 * *", paris, "phone"),
        portal,
        plan("mobile", "0 9 * * mon # bills", paris, "mobile"),
        plan("calendar", "0 6-22/2 * * *", paris, "dav"),
        plan("contacts", "@hourly", paris, "dav"),
        plan("social", "@midnight", "Europe/London", "social"),
        plan("posts", "0 12 * * 1-5", "America/New_York", "social"),
        plan("mail", "15 */6 * * *", paris, "mail"),
        plan("weather", "@weekly", paris, "weather"),
        plan("tax", "0 9 15 4,10 *", paris, "tax"),
        after(plan("matches", "", paris, ""), &["bank_a", "bank_b"]),
        after(plan("report", "0 6 * * *", paris, ""), &["matches", "bank_a"]),
    ]
}

fn within(now: Timestamp, [from, to]: [&str; 2]) -> bool {
    (at(from)..at(to)).contains(&now)
}

/// What people and machines do by the calendar.
enum Act {
    Ask(String),
    Pause(bool),
    Restart,
    /// A newer version of the program brings a connector that knows the page.
    Mend,
}

struct Year {
    home: Home,
    now: Timestamp,
    running: Vec<(Started, Timestamp)>,
    acts: BTreeMap<Timestamp, Act>,
    /// Days that each meter has told.
    covered: BTreeMap<&'static str, BTreeSet<Date>>,
    calls: BTreeMap<Date, usize>,
    is_mended: bool,
    n_overlaps: usize,
}

impl Year {
    fn new() -> Self {
        let home = Home::new(plans(), Limits::default(), at(START));
        let acts = [
            (at(PAUSED[0]), Act::Pause(true)),
            (at(PAUSED[1]), Act::Pause(false)),
            (at(RESTARTED), Act::Restart),
            (at(CHANGED[1]), Act::Mend),
            (at(RENEWED), Act::Ask("bank_a".to_owned())),
        ];
        Self {
            home,
            now: at(START),
            running: Vec::new(),
            acts: acts.into(),
            covered: BTreeMap::new(),
            calls: BTreeMap::new(),
            is_mended: false,
            n_overlaps: 0,
        }
    }

    fn live(&mut self) {
        while self.now < at(END) {
            self.act();
            let now = self.now;
            let (ended, running) = std::mem::take(&mut self.running).into_iter().partition(|(_, ends)| *ends <= now);
            self.running = running;
            let ended: Vec<(Started, Timestamp)> = ended;
            for (started, _) in ended {
                self.end(&started);
            }
            for started in self.home.begin(now) {
                self.n_overlaps += usize::from(self.running.iter().any(|(other, _)| other.source == started.source));
                self.running.push((started, now + mins(2)));
            }
            self.notify();
            self.now = self.next();
        }
    }

    fn next(&self) -> Timestamp {
        let wake = self.home.planner.next_wake(self.now).max(self.now + jiff::SignedDuration::from_secs(1));
        let ends = self.running.iter().map(|(_, ends)| *ends);
        let next = ends.chain(self.acts.keys().next().copied()).chain([wake]).min().expect("one at least");
        if within(next, ASLEEP) { at(ASLEEP[1]) } else { next }
    }

    fn act(&mut self) {
        while let Some(entry) = self.acts.first_entry().filter(|entry| *entry.key() <= self.now) {
            match entry.remove() {
                Act::Ask(source) => self.home.ask(&source),
                Act::Pause(is_paused) => self.home.pause("social", is_paused, self.now),
                Act::Restart => {
                    assert!(!self.running.is_empty(), "something is to be cut short");
                    self.running.clear();
                    self.home.restart(self.now);
                }
                Act::Mend => {
                    self.is_mended = true;
                    let mobile = self.home.plans.iter_mut().find(|plan| plan.source == "mobile").expect("it is there");
                    "2".clone_into(&mut mobile.setting);
                    self.home.restart(self.now);
                }
            }
        }
    }

    /// Three hours after they are told, somebody sits down with the portal.
    fn notify(&mut self) {
        let notices = self.home.notify(self.now);
        for notice in notices.into_iter().filter(|notice| notice.told.what == What::Wanted) {
            self.acts.insert(self.now + mins(180), Act::Ask(notice.told.source));
        }
    }

    fn end(&mut self, started: &Started) {
        let mut run = run(started, self.now, self.outcome(started));
        match (run.outcome, started.source.as_str()) {
            (Class::Quota, _) => run.retry_at = Some(midnight_after(self.now)),
            (_, "bank_a") => {
                let is_renewed = started.started_at >= at(RENEWED);
                run.consent_until = Some(at(if is_renewed { RENEWED_UNTIL } else { CONSENT_ENDS }));
            }
            _ => {}
        }
        if run.outcome == Class::Ok {
            self.harvest(started);
        }
        self.home.end(run);
    }

    fn outcome(&mut self, started: &Started) -> Class {
        let (begun, source) = (started.started_at, started.source.as_str());
        let plan = self.home.plans.iter().find(|plan| plan.source == source).expect("it is planned");
        let host = plan.hosts.first().map_or("", String::as_str);
        let is_down = DOWN.iter().any(|down| within(begun, *down)) && !host.is_empty();
        if is_down || (host == "aggregator" && within(begun, HOST_DOWN)) || within(begun + mins(2), ASLEEP) {
            return Class::Retry;
        }
        match source {
            "mobile" if within(begun, CHANGED) && !self.is_mended => Class::Changed,
            "gas" if within(begun, SILENT) => Class::Expectation,
            "budget" => {
                let calls = self.calls.entry(day(begun)).or_default();
                *calls += 1;
                if *calls > BUDGET { Class::Quota } else { Class::Ok }
            }
            _ => Class::Ok,
        }
    }

    /// A meter is asked for days that are missing, the oldest first, as many as one call may.
    fn harvest(&mut self, started: &Started) {
        let Some(meter) = METERS.into_iter().find(|meter| *meter == started.source) else { return };
        let zone = &self.home.plans.iter().find(|plan| plan.source == meter).expect("it is planned").zone;
        let today = started.started_at.to_zoned(zone.clone()).date();
        let days = Date::constant(2026, 1, 1).series(jiff::Span::new().days(1)).take_while(|day| *day < today);
        let covered = self.covered.entry(meter).or_default();
        let missing: Vec<Date> = days.filter(|day| !covered.contains(day)).take(WINDOW).collect();
        covered.extend(missing);
    }
}

fn day(now: Timestamp) -> Date {
    now.to_zoned(jiff::tz::TimeZone::UTC).date()
}

fn midnight_after(now: Timestamp) -> Timestamp {
    let next = day(now).tomorrow().expect("a day").to_zoned(jiff::tz::TimeZone::UTC);
    next.expect("an instant").timestamp()
}

/// What became of a slot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Fate {
    Run,
    CaughtUp,
    /// A good run began between it and its own beginning, or when somebody was there.
    Covered,
    Asleep,
    Paused,
    Stopped,
    NoConsent,
    Quota,
    /// Its source was still busy with the slot before, or waited for its turn.
    Busy,
}

/// Runs of one source, and the times in which it could not run.
struct Ledger<'a> {
    plan: &'a Plan,
    begun: Vec<&'a Started>,
    ended: Vec<&'a Run>,
}

impl Ledger<'_> {
    fn fate(&self, slot: Timestamp) -> Option<Fate> {
        let own = self.begun.iter().find(|run| run.slot == Some(slot) && run.trigger != Trigger::Retry);
        if let Some(run) = own {
            return Some(if run.trigger == Trigger::CatchUp { Fate::CaughtUp } else { Fate::Run });
        }
        let begins_at = self.plan.begins_at(slot);
        // Nothing is left out for good: a later run came in.
        let made_up = self.ended.iter().find(|run| run.started_at >= slot && run.outcome.is_good())?;
        let is_in = |window: [&str; 2]| within(begins_at, window);
        let held = |class: Class| {
            let last = self.ended.iter().rev().find(|run| run.ended_at <= begins_at);
            last.is_some_and(|run| run.outcome == class)
        };
        let fates = [
            (made_up.started_at <= begins_at || self.plan.is_attended_only, Fate::Covered),
            (is_in(ASLEEP), Fate::Asleep),
            (self.plan.source == "social" && is_in(PAUSED), Fate::Paused),
            (self.plan.source == "bank_a" && is_in([CONSENT_ENDS, RENEWED]), Fate::NoConsent),
            (held(Class::Changed) || held(Class::User) || held(Class::Config), Fate::Stopped),
            (held(Class::Quota), Fate::Quota),
            (self.begun.iter().any(|run| run.slot > Some(slot) && run.trigger == Trigger::CatchUp), Fate::Busy),
        ];
        fates.into_iter().find(|(is_so, _)| *is_so).map(|(_, fate)| fate)
    }

    /// Slots whose run had time to begin before the year's end.
    fn slots(&self) -> Vec<Timestamp> {
        let Some(schedule) = &self.plan.schedule else { return Vec::new() };
        let next = |slot: Timestamp| schedule.next_after(slot, &self.plan.zone);
        let all = std::iter::successors(next(at(START)), |slot| next(*slot));
        all.take_while(|slot| *slot < at(END) - mins(120)).collect()
    }
}

fn ledger<'a>(home: &'a Home, plan: &'a Plan) -> Ledger<'a> {
    let (mut begun, mut ended) = (Vec::new(), Vec::new());
    for (_, line) in &home.log {
        match line {
            Line::Started(started) if started.source == plan.source => begun.push(started),
            Line::Run(run) if run.source == plan.source => ended.push(&**run),
            _ => {}
        }
    }
    Ledger { plan, begun, ended }
}

#[test]
fn a_year_is_accounted_for() {
    let clock = std::time::Instant::now();
    let mut year = Year::new();
    year.live();
    println!("{:<9} {:>5} {:>5} {:>6} {:>5} {:>5}  the rest", "source", "slots", "runs", "caught", "again", "told");
    let mut totals = BTreeMap::<Fate, usize>::new();
    let mut unaccounted = Vec::new();
    for plan in &year.home.plans {
        let ledger = ledger(&year.home, plan);
        let mut fates = BTreeMap::<Fate, usize>::new();
        let slots = ledger.slots();
        for slot in &slots {
            match ledger.fate(*slot) {
                Some(fate) => *fates.entry(fate).or_default() += 1,
                None => unaccounted.push(format!("{} {slot}", plan.source)),
            }
        }
        let n_again = ledger.begun.iter().filter(|run| run.trigger == Trigger::Retry).count();
        let n_told = year.home.told().into_iter().filter(|(_, source, _)| *source == plan.source).count();
        let of = |fate| fates.get(&fate).copied().unwrap_or_default();
        let rest = fates.iter().filter(|(fate, _)| **fate > Fate::CaughtUp).map(|(fate, n)| format!("{fate:?} {n}"));
        let rest = rest.collect::<Vec<_>>().join(", ");
        let (n_slots, n_runs, caught) = (slots.len(), ledger.begun.len(), of(Fate::CaughtUp));
        println!("{:<9} {n_slots:>5} {n_runs:>5} {caught:>6} {n_again:>5} {n_told:>5}  {rest}", plan.source);
        for (fate, n) in fates {
            *totals.entry(fate).or_default() += n;
        }
        let own = ledger.begun.iter().filter(|run| run.trigger != Trigger::Retry).filter_map(|run| run.slot);
        let own: Vec<Timestamp> = own.collect();
        assert_eq!(own.iter().collect::<BTreeSet<_>>().len(), own.len(), "{} has a slot twice", plan.source);
    }
    println!("{totals:?} in {:?}", clock.elapsed());
    assert_eq!(unaccounted, Vec::<String>::new());
    assert_eq!(year.n_overlaps, 0);
    holes(&year);
    notices(&year);
    chain(&year);
}

/// Every hour of the year until the last days, in the zone of the meter.
fn holes(year: &Year) {
    for meter in METERS {
        let plan = year.home.plans.iter().find(|plan| plan.source == meter).expect("it is planned");
        let hours = year.covered[meter].iter().map(|day| {
            let starts = |day: Date| day.to_zoned(plan.zone.clone()).expect("a day").timestamp();
            starts(day.tomorrow().expect("a day")).duration_since(starts(*day)).as_mins()
        });
        let hours = hours.sum::<i64>() / 60;
        println!("{meter}: {hours} hours");
        assert!((364 * 24..=365 * 24).contains(&hours), "{meter}");
        assert!(year.covered[meter].len() >= 364);
    }
}

fn notices(year: &Year) {
    let mut n_told = BTreeMap::<What, usize>::new();
    for (_, _, what) in year.home.told() {
        *n_told.entry(what).or_default() += 1;
    }
    // The short outage meets 5 sources, the long one 14, that of one host 3.
    let expected = [
        (What::Stopped, 1),
        (What::Failing, 5 + 14 + 3),
        (What::Works, 5 + 14 + 3),
        (What::ConsentSoon, 1),
        (What::ConsentNow, 1),
        (What::ConsentOver, 1),
        (What::Expectation, 1),
        (What::Wanted, 12),
    ];
    assert_eq!(n_told, expected.into());
}

/// What runs after others has run after both, on every day that they ran.
fn chain(year: &Year) {
    let runs = |source: &str| {
        let plan = year.home.plans.iter().find(|plan| plan.source == source).expect("it is planned");
        ledger(&year.home, plan)
    };
    let (before, matches, report) = (runs("bank_a"), runs("matches"), runs("report"));
    for run in before.begun.iter().filter(|run| run.trigger == Trigger::Scheduled) {
        let ends = before.ended.iter().find(|ended| ended.started_at == run.started_at);
        let Some(ends) = ends else { continue };
        let follows = matches.begun.iter().find(|after| after.slot == run.slot).expect("it follows");
        assert!(follows.started_at >= ends.ended_at, "{:?}", run.slot);
        let last = report.begun.iter().find(|after| after.slot == run.slot).expect("the last of the chain");
        assert!(last.started_at > follows.started_at, "{:?}", run.slot);
    }
    assert!(matches.begun.iter().filter(|run| run.trigger == Trigger::After).count() > 700);
}
