//! A home whose clock the test sets: a planner, its log of runs, and runs that take their time.

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use moisson::model::run::{Class, Defined, Paused, Run, Said, Started, Told, Trigger, What};
use moisson::schedule::{Limits, Notice, Plan, Planner, Schedule};

/// A line of the log of runs.
#[derive(Debug, Clone, PartialEq)]
pub enum Line {
    Started(Started),
    Run(Box<Run>),
    Paused(Paused),
    Defined(Defined),
    Told(Told),
}

pub struct Home {
    pub planner: Planner,
    pub plans: Vec<Plan>,
    pub limits: Limits,
    pub log: Vec<(Timestamp, Line)>,
}

pub fn at(text: &str) -> Timestamp {
    text.parse().unwrap_or_else(|error| panic!("{text}: {error}"))
}

pub fn plan(source: &str, line: &str, zone: &str, host: &str) -> Plan {
    Plan {
        source: source.to_owned(),
        schedule: (!line.is_empty()).then(|| Schedule::parse(line).unwrap_or_else(|error| panic!("{line}: {error}"))),
        zone: TimeZone::get(zone).unwrap_or_else(|error| panic!("{zone}: {error}")),
        jitter: None,
        after: Vec::new(),
        hosts: vec![host.to_owned()],
        is_attended_only: false,
        setting: "1".to_owned(),
    }
}

pub fn run(started: &Started, ended_at: Timestamp, outcome: Class) -> Run {
    Run {
        source: started.source.clone(),
        trigger: started.trigger,
        slot: started.slot,
        started_at: started.started_at,
        ended_at,
        outcome,
        message: Said::new("This is what happened.", "Voilà ce qui s'est passé."),
        link: None,
        retry_at: None,
        consent_until: None,
        quota_left: None,
        n_documents: 0,
        rows_new: 0,
        rows_known: 0,
        rows_amended: 0,
        rows_rejected: 0,
        n_requests: 1,
        n_bytes: 0,
        failed: Vec::new(),
    }
}

impl Home {
    pub fn new(plans: Vec<Plan>, limits: Limits, now: Timestamp) -> Self {
        let planner = Planner::new(plans.clone(), limits).unwrap_or_else(|tangle| panic!("{tangle}"));
        let mut home = Self { planner, plans, limits, log: Vec::new() };
        home.define(now);
        home
    }

    /// The program is stopped and begins again: all it knows is the log.
    pub fn restart(&mut self, now: Timestamp) {
        self.planner = self.replayed();
        self.define(now);
    }

    /// A planner that is told the log.
    pub fn replayed(&self) -> Planner {
        let mut planner = Planner::new(self.plans.clone(), self.limits).expect("as before");
        for (at, line) in &self.log {
            tell(&mut planner, *at, line);
        }
        planner.restarted();
        planner
    }

    pub fn write(&mut self, now: Timestamp, line: Line) {
        tell(&mut self.planner, now, &line);
        self.log.push((now, line));
    }

    /// Begins everything that is due.
    pub fn begin(&mut self, now: Timestamp) -> Vec<Started> {
        let due = self.planner.due(now).into_iter();
        let started =
            due.map(|due| Started { source: due.source, trigger: due.trigger, slot: due.slot, started_at: now });
        let started: Vec<Started> = started.collect();
        for started in &started {
            self.write(now, Line::Started(started.clone()));
        }
        started
    }

    pub fn end(&mut self, run: Run) {
        self.write(run.ended_at, Line::Run(Box::new(run)));
    }

    pub fn pause(&mut self, source: &str, is_paused: bool, now: Timestamp) {
        self.write(now, Line::Paused(Paused { source: source.to_owned(), is_paused }));
    }

    /// Tells what there is to tell.
    pub fn notify(&mut self, now: Timestamp) -> Vec<Notice> {
        let notices = self.planner.notices(now);
        for notice in &notices {
            self.write(now, Line::Told(notice.told.clone()));
        }
        notices
    }

    pub fn ask(&mut self, source: &str) {
        assert!(self.planner.ask(source, Trigger::Asked), "{source} is a source");
    }

    pub fn told(&self) -> Vec<(Timestamp, String, What)> {
        let told = self.log.iter().filter_map(|(at, line)| match line {
            Line::Told(told) => Some((*at, told.source.clone(), told.what)),
            _ => None,
        });
        told.collect()
    }

    fn define(&mut self, now: Timestamp) {
        for defined in self.planner.undefined() {
            self.write(now, Line::Defined(defined));
        }
    }
}

fn tell(planner: &mut Planner, at: Timestamp, line: &Line) {
    match line {
        Line::Started(started) => planner.started(started),
        Line::Run(run) => planner.ended(run),
        Line::Paused(paused) => planner.paused(paused, at),
        Line::Defined(defined) => planner.defined(defined, at),
        Line::Told(told) => planner.told(told),
    }
}

pub fn mins(minutes: i64) -> SignedDuration {
    SignedDuration::from_mins(minutes)
}
