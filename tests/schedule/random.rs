//! Whatever the clock, the services and people do: no slot twice, no two runs of a source at
//! once, stopped means stopped, and what is not stopped runs.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use moisson::model::run::{Class, Started, Trigger};
use moisson::schedule::{Limits, Plan};
use proptest::prelude::*;

use super::home::{Home, at, mins, plan, run};

const LINES: [&str; 8] =
    ["0 6 * * *", "30 2 * * *", "*/40 9-17 * * *", "@hourly", "15 22-2 * * *", "0 6 1,15 * 1", "@weekly", ""];
const ZONES: [&str; 3] = ["Europe/Paris", "America/New_York", "Australia/Lord_Howe"];
const HOSTS: [&str; 3] = ["a.example.org", "b.example.org", "c.example.org"];

/// What happens next.
#[derive(Debug, Clone)]
enum Act {
    /// Nothing but what the planner says.
    Wait,
    /// The lid is closed for so many minutes.
    Sleep(i64),
    /// The clock is set back by so many minutes.
    Back(i64),
    /// The program is ended, whatever runs, and begun again.
    Restart,
    Ask(usize),
    Pause(usize),
    Resume(usize),
}

fn plans() -> impl Strategy<Value = Vec<Plan>> {
    let one = (0..LINES.len(), 0..ZONES.len(), 0..HOSTS.len(), proptest::option::of(0..6_usize));
    proptest::collection::vec(one, 1..6).prop_map(|all| {
        let all = all.into_iter().enumerate();
        let plans = all.map(|(n, (line, zone, host, after))| {
            let mut plan = plan(&format!("source{n}"), LINES[line], ZONES[zone], HOSTS[host]);
            // Only earlier ones, so that there is no circle.
            plan.after = after.filter(|after| *after < n).map(|after| format!("source{after}")).into_iter().collect();
            plan
        });
        plans.collect()
    })
}

fn acts() -> impl Strategy<Value = Vec<Act>> {
    let act = prop_oneof![
        12 => Just(Act::Wait),
        2 => (1..20_000_i64).prop_map(Act::Sleep),
        1 => (1..4_000_i64).prop_map(Act::Back),
        1 => Just(Act::Restart),
        1 => (0..6_usize).prop_map(Act::Ask),
        1 => (0..6_usize).prop_map(Act::Pause),
        2 => (0..6_usize).prop_map(Act::Resume),
    ];
    proptest::collection::vec(act, 1..80)
}

fn outcomes() -> impl Strategy<Value = Vec<Class>> {
    let outcome = prop_oneof![
        8 => Just(Class::Ok),
        2 => Just(Class::OkEmpty),
        4 => Just(Class::Retry),
        1 => Just(Class::Quota),
        1 => Just(Class::User),
        1 => Just(Class::Changed),
        1 => Just(Class::Expectation),
    ];
    proptest::collection::vec(outcome, 1..40)
}

/// A home, what runs in it, and what must not happen.
struct Life {
    home: Home,
    now: Timestamp,
    running: Vec<(Started, Timestamp)>,
    outcomes: Vec<Class>,
    n_runs: usize,
    slots: BTreeSet<(String, Timestamp)>,
    stopped: BTreeSet<String>,
    good: BTreeMap<String, usize>,
}

impl Life {
    fn new(plans: Vec<Plan>, outcomes: Vec<Class>) -> Self {
        let now = at("2026-03-27T20:00:00Z");
        let home = Home::new(plans, Limits { at_once: 2, per_host: 1 }, now);
        let (slots, stopped, good) = (BTreeSet::new(), BTreeSet::new(), BTreeMap::new());
        Self { home, now, running: Vec::new(), outcomes, n_runs: 0, slots, stopped, good }
    }

    fn act(&mut self, act: &Act) {
        let name = |n: &usize| format!("source{}", n % self.home.plans.len());
        match act {
            Act::Wait => self.now = self.next(),
            Act::Sleep(minutes) => self.now += mins(*minutes),
            Act::Back(minutes) => self.now -= mins(*minutes),
            Act::Restart => {
                self.running.clear();
                self.home.restart(self.now);
                // Runs that are cut short again and again stop a source too.
                let planner = &self.home.planner;
                let stopped = self.home.plans.iter().filter(|plan| planner.history(&plan.source).stopped.is_some());
                self.stopped.extend(stopped.map(|plan| plan.source.clone()));
            }
            Act::Ask(n) => {
                let name = name(n);
                self.home.ask(&name);
            }
            Act::Pause(n) => {
                let name = name(n);
                self.home.pause(&name, true, self.now);
                self.stopped.insert(name);
            }
            Act::Resume(n) => {
                let name = name(n);
                self.home.pause(&name, false, self.now);
                self.stopped.remove(&name);
            }
        }
        self.step();
    }

    /// The next thing that happens by itself.
    fn next(&self) -> Timestamp {
        let wake = self.home.planner.next_wake(self.now).max(self.now + SignedDuration::from_secs(1));
        self.running.iter().map(|(_, ends)| *ends).chain([wake]).min().expect("one at least").max(self.now)
    }

    fn step(&mut self) {
        let now = self.now;
        let (ended, running) = std::mem::take(&mut self.running).into_iter().partition(|(_, ends)| *ends <= now);
        self.running = running;
        let ended: Vec<(Started, Timestamp)> = ended;
        for (started, _) in ended {
            self.end(&started);
        }
        for started in self.home.begin(now) {
            self.check(&started);
            let takes = mins(1 + i64::try_from(self.n_runs % 47).unwrap_or(0));
            self.running.push((started, now + takes));
        }
        self.home.notify(now);
        let hosts: Vec<&String> =
            self.running.iter().flat_map(|(run, _)| &self.home.plans[number(&run.source)].hosts).collect();
        assert_eq!(hosts.iter().collect::<BTreeSet<_>>().len(), hosts.len(), "one at a time calls a host");
        assert!(self.running.len() <= 2);
    }

    fn check(&mut self, started: &Started) {
        let source = &started.source;
        assert!(self.running.iter().all(|(other, _)| other.source != *source), "{source} runs twice at once");
        assert!(started.trigger == Trigger::Asked || !self.stopped.contains(source), "{source} is stopped");
        if let (Some(slot), false) = (started.slot, started.trigger == Trigger::Retry) {
            assert!(self.slots.insert((source.clone(), slot)), "{source} has {slot} twice");
        }
    }

    fn end(&mut self, started: &Started) {
        let outcome = self.outcomes[self.n_runs % self.outcomes.len()];
        self.n_runs += 1;
        if outcome.is_good() {
            *self.good.entry(started.source.clone()).or_default() += 1;
            if !self.home.planner.history(&started.source).is_paused {
                self.stopped.remove(&started.source);
            }
        } else if !outcome.goes_on() {
            self.stopped.insert(started.source.clone());
        }
        self.home.end(run(started, self.now, outcome));
    }

    /// Two quiet weeks in which everything works.
    fn rest(&mut self) {
        self.outcomes = vec![Class::Ok];
        self.good.clear();
        let end = self.now + SignedDuration::from_hours(24 * 16);
        while self.now < end {
            self.now = self.next();
            self.step();
        }
    }
}

fn number(source: &str) -> usize {
    source.trim_start_matches("source").parse().expect("its number")
}

/// Whether a source runs by itself, after another that does or by its own slots.
fn runs(life: &Life, source: &str) -> bool {
    let plan = &life.home.plans[number(source)];
    let is_led = plan.after.iter().any(|before| runs(life, before));
    !life.stopped.contains(source) && (plan.schedule.is_some() || is_led)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn slots_are_kept(plans in plans(), acts in acts(), outcomes in outcomes()) {
        let mut life = Life::new(plans, outcomes);
        for act in &acts {
            life.act(act);
        }
        life.rest();
        for plan in &life.home.plans {
            let n = life.good.get(&plan.source).copied().unwrap_or_default();
            prop_assert!(n > 0 || !runs(&life, &plan.source), "{} never ran: {:?}", plan.source, life.home.planner.history(&plan.source));
        }
        // The log alone gives the same, were nothing running.
        if life.running.is_empty() {
            let mut replayed = life.home.replayed();
            prop_assert_eq!(replayed.notices(life.now), life.home.planner.notices(life.now));
            prop_assert_eq!(replayed.due(life.now), life.home.planner.due(life.now));
            for plan in &life.home.plans {
                prop_assert_eq!(replayed.history(&plan.source), life.home.planner.history(&plan.source));
            }
        }
    }
}
