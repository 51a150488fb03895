//! A year of one meter by the real engine, with the state that each run leaves: every morning a
//! run, and everything that goes wrong in a year. Each day comes, and comes once when it is over.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use jiff::civil::{Date, date};
use jiff::tz::TimeZone;
use jiff::{Span, ToSpan as _};
use moisson::config::Setting;
use moisson::connector::fetch::Per;
use moisson::fetch::Harvest;
use moisson::model::run::Class;
use serde_json::{Value, json};

use crate::bench::Bench;
use crate::simulator::{Answer, Seen, Simulator};

const PRM: &str = "01234567890123";
/// Calls a day: the past does not fit into the first one.
const BUDGET: usize = 20;
/// See the connector: days that are asked for again each time.
const LAG_DAYS: i32 = 7;

/// What happens on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Weather {
    Fair,
    /// Every answer is a 503.
    Down,
    /// Nobody listens.
    Refused,
    /// One of the two steps fails.
    Half,
    /// The machine sleeps, and nothing runs.
    Asleep,
}

fn weather(day: Date) -> Weather {
    let is_in = |from: Date, to: Date| from <= day && day <= to;
    match day {
        _ if is_in(date(2026, 2, 10), date(2026, 2, 19)) => Weather::Down,
        _ if is_in(date(2026, 5, 3), date(2026, 5, 13)) => Weather::Refused,
        _ if is_in(date(2026, 8, 10), date(2026, 8, 18)) => Weather::Asleep,
        _ if is_in(date(2026, 10, 20), date(2026, 10, 28)) => Weather::Half,
        _ => Weather::Fair,
    }
}

/// When the service shows a day: the morning after, five days late at times, and a fortnight of
/// autumn all at once. Some of the late ones fall into an outage.
fn shown_from(day: Date) -> Date {
    let is_late = day.day_of_year() % 13 == 1;
    let late = day + if is_late { 6.days() } else { 1.day() };
    if (date(2026, 11, 5)..=date(2026, 11, 18)).contains(&day) { late.max(date(2026, 11, 20)) } else { late }
}

#[derive(Clone)]
struct Service(Arc<Mutex<Date>>);

impl Service {
    fn answer(&self, seen: &Seen) -> Answer {
        let today = *self.0.lock().expect("the clock");
        let is_curve = seen.path.ends_with("load_curve");
        match weather(today) {
            Weather::Down => return Answer::json(503, &json!({})),
            Weather::Half if is_curve => return Answer::json(500, &json!({})),
            _ => {}
        }
        let (from, to): (Date, Date) =
            (seen.query("start").parse().expect("a day"), seen.query("end").parse().expect("a day"));
        let row = |day: Date| json!({"value": "260", "date": if is_curve { format!("{day} 00:30:00") } else { day.to_string() }});
        let days = from.series(1.day()).take_while(|day| *day < to).filter(|day| shown_from(*day) <= today);
        let rows: Vec<Value> = days.map(row).collect();
        if rows.is_empty() {
            return Answer::json(404, &json!({"error": "no_data_found"}));
        }
        Answer::json(200, &json!({"meter_reading": {"usage_point_id": PRM, "interval_reading": rows}}))
    }
}

/// The days of which rows came, by step.
fn days(harvest: &Harvest) -> BTreeSet<(&'static str, Date)> {
    let mut days = BTreeSet::new();
    for document in &harvest.documents {
        let step = if document.name.contains("-curve-") { "curve" } else { "daily" };
        let json: Value = serde_json::from_slice(&document.bytes).expect("JSON");
        let rows = json.pointer("/meter_reading/interval_reading").and_then(Value::as_array).expect("rows");
        days.extend(rows.iter().map(|row| (step, row["date"].as_str().expect("a day")[..10].parse().expect("a day"))));
    }
    days
}

/// What a year of runs came to.
#[derive(Default)]
struct Tally {
    /// On which days each day came.
    came: BTreeMap<(&'static str, Date), Vec<Date>>,
    outcomes: BTreeMap<&'static str, usize>,
    n_calls: usize,
    most_calls: usize,
}

fn year() -> Tally {
    let service = Service(Arc::new(Mutex::new(date(2026, 1, 1))));
    let clock = Arc::clone(&service.0);
    let simulator = Simulator::start(move |seen| service.answer(seen));
    let base = format!("{}/api", simulator.base());
    let mut bench = Bench::new("energy/conso_api", &base).field("prms", PRM).secret("token", "canary-jwt");
    let quota = bench.service.fetch.quota.as_mut().expect("a budget");
    (quota.calls, quota.per) = (20, Per::Day);
    let mut tally = Tally::default();
    for today in date(2026, 1, 1).series(1.day()).take(365) {
        let weather = weather(today);
        if weather == Weather::Asleep {
            continue;
        }
        *clock.lock().expect("the clock") = today;
        bench.now = today.at(8, 0, 0, 0).to_zoned(TimeZone::UTC).expect("an instant").timestamp();
        // Nobody listens on the port of discarding.
        let place = if weather == Weather::Refused { "http://127.0.0.1:9/api" } else { &base };
        bench.source.fetch.insert("base".to_owned(), Setting::Text(place.to_owned()));
        let outcome = match bench.run() {
            Ok(harvest) => {
                for key in days(&harvest) {
                    tally.came.entry(key).or_default().push(today);
                }
                harvest.failed.first().map_or("ok", |part| part.outcome.code())
            }
            Err(failure) => failure.class.code(),
        };
        *tally.outcomes.entry(outcome).or_default() += 1;
        let n_calls = simulator.take_seen().len();
        tally.n_calls += n_calls;
        tally.most_calls = tally.most_calls.max(n_calls);
    }
    tally
}

#[test]
fn every_day_of_a_year_comes_whatever_happens_in_it_and_once_when_it_is_over() {
    let tally = year();
    // The history is a year long: its first days go by while the budget is spent on the others.
    let shown = date(2025, 1, 6).series(1.day()).take_while(|day| *day < date(2026, 12, 31));
    for day in shown.filter(|day| shown_from(*day) <= date(2026, 12, 31)) {
        for step in ["daily", "curve"] {
            let came = tally.came.get(&(step, day)).unwrap_or_else(|| panic!("{step}: {day} never came"));
            let lag = Span::new().days(LAG_DAYS);
            let afterwards = came.iter().filter(|today| day + lag < **today).count();
            assert!(afterwards <= 1, "{step}: {day} came again and again: {came:?}");
            assert!(came.len() <= 8, "{step}: {day}: {came:?}");
        }
    }
    assert!(tally.most_calls <= BUDGET, "{} calls in a day", tally.most_calls);
    assert!(tally.n_calls < 1_000, "{} calls in the year", tally.n_calls);
    // Ten days down, eleven without anybody, nine with half of it; a budget that is spent early.
    let n = |class: Class| tally.outcomes.get(class.code()).copied().unwrap_or_default();
    assert_eq!((n(Class::Retry), n(Class::Quota)), (10 + 11 + 9, 2), "{:?}", tally.outcomes);
    assert_eq!(n(Class::Ok), 365 - 9 - 30 - 2, "{:?}", tally.outcomes);
}
