//! Lines of a crontab, and a source or two on a clock that the test sets.

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use super::*;
use crate::model::run::{Class, Paused, Run, Said, Started, Trigger, What};

fn at(text: &str) -> Timestamp {
    text.parse().expect("an instant")
}

fn paris() -> TimeZone {
    TimeZone::get("Europe/Paris").expect("a zone")
}

fn slots(line: &str, zone: &str, from: &str, n: usize) -> Vec<String> {
    let (schedule, zone) = (Schedule::parse(line).expect(line), TimeZone::get(zone).expect("a zone"));
    let mut now = at(from);
    let next = std::iter::from_fn(|| {
        now = schedule.next_after(now, &zone)?;
        Some(zone.to_datetime(now).strftime("%m-%d %H:%M").to_string() + zone.to_offset_info(now).abbreviation())
    });
    next.take(n).collect()
}

#[test]
fn lines_of_a_crontab_mean_what_posix_says() {
    for (line, expected) in [
        ("30 6 * * 1", ["11-23 06:30CET", "11-30 06:30CET"]),
        ("0 0 * * 7", ["11-29 00:00CET", "12-06 00:00CET"]),
        ("0 0 * * sun # weekly", ["11-29 00:00CET", "12-06 00:00CET"]),
        ("0 22-2 * * *", ["11-22 22:00CET", "11-22 23:00CET"]),
        ("5/15 8 * * *", ["11-23 08:05CET", "11-23 08:20CET"]),
        ("0 0 1 * mon", ["11-23 00:00CET", "11-30 00:00CET"]),
        ("0 0 */2 * mon", ["11-23 00:00CET", "12-07 00:00CET"]),
        ("0 0 31 2,dec *", ["12-31 00:00CET", "12-31 00:00CET"]),
        ("@daily", ["11-23 00:00CET", "11-24 00:00CET"]),
        ("@hourly", ["11-22 14:00CET", "11-22 15:00CET"]),
        ("@monthly", ["12-01 00:00CET", "01-01 00:00CET"]),
        ("@annually", ["01-01 00:00CET", "01-01 00:00CET"]),
    ] {
        assert_eq!(slots(line, "Europe/Paris", "2026-11-22T12:00:00Z", 2), expected, "{line}");
    }
}

#[test]
fn a_wrong_line_is_told_by_its_field() {
    for (line, expected) in [
        ("0 25 * * *", "hour: `25` is not a number from 0 to 23"),
        ("61-70 * * * *", "minute: `61` in `61-70` is not a number from 0 to 59"),
        ("0 0 * foo *", "month: `foo` is not a number from 1 to 12, or a name from jan to dec"),
        ("0 0 * * 8", "weekday: `8` is not a number from 0 to 7, or a name from sun to sat"),
        ("*/0 * * * *", "minute: the step of `*/0` is not a number from 1 to 59"),
        ("*/90 * * * *", "minute: the step of `*/90` is not a number from 1 to 59"),
        ("0 0 0 * * *", "6 fields where five are needed: minute, hour, day of the month, month, weekday"),
        ("", "0 fields where five are needed: minute, hour, day of the month, month, weekday"),
        ("0 0 30 2 *", "day of the month: 30 February never comes"),
        ("0 0 31 4,6 *", "day of the month: 31 April never comes"),
        ("0 0 ,1 * *", "day of the month: `` in `,1`"),
        ("@reboot", "@reboot names no time: runs that were missed are made up for by themselves"),
        ("@often", "`@often` is none of @hourly, @daily, @midnight, @weekly, @monthly, @yearly and @annually"),
    ] {
        let said = Schedule::parse(line).expect_err(line);
        assert!(said == expected || line.contains(','), "{line}: {said}");
    }
}

#[test]
fn both_changes_of_the_clock_have_their_slots() {
    let spring = "2026-03-28T12:00:00Z";
    let autumn = "2026-10-24T12:00:00Z";
    let lines = |line, from, n| slots(line, "Europe/Paris", from, n);
    assert_eq!(lines("30 2 * * *", spring, 2), ["03-29 03:00CEST", "03-30 02:30CEST"]);
    assert_eq!(lines("30 2 * * *", autumn, 2), ["10-25 02:30CEST", "10-26 02:30CET"]);
    assert_eq!(
        lines("*/30 2 * * *", autumn, 4),
        ["10-25 02:00CEST", "10-25 02:30CEST", "10-25 02:00CET", "10-25 02:30CET"]
    );
    assert_eq!(lines("15 * * * *", "2026-03-29T00:00:00Z", 2), ["03-29 01:15CET", "03-29 03:15CEST"]);
    assert_eq!(lines("15 * * * *", "2026-10-25T00:00:00Z", 3), ["10-25 02:15CEST", "10-25 02:15CET", "10-25 03:15CET"]);
    let lord_howe = |from| slots("15 2 * * *", "Australia/Lord_Howe", from, 1);
    assert_eq!(lord_howe("2026-10-03T12:00:00Z"), ["10-04 02:30+11"]);
    assert_eq!(
        slots("45 1 * * *", "Australia/Lord_Howe", "2026-04-04T12:00:00Z", 2),
        ["04-05 01:45+11", "04-06 01:45+1030"]
    );
}

fn plan(source: &str, line: &str) -> Plan {
    Plan {
        source: source.to_owned(),
        schedule: (!line.is_empty()).then(|| Schedule::parse(line).expect(line)),
        zone: paris(),
        jitter: Some(jiff::Span::new()),
        after: Vec::new(),
        hosts: vec![format!("{source}.example.org")],
        is_attended_only: false,
        setting: "1".to_owned(),
    }
}

/// A planner whose sources are known since a moment.
fn planner(plans: Vec<Plan>, since: &str) -> Planner {
    let mut planner = Planner::new(plans, Limits::default()).expect("no circle");
    for defined in planner.undefined() {
        planner.defined(&defined, at(since));
    }
    planner
}

fn begin(planner: &mut Planner, due: &Due, now: &str) {
    planner.started(&Started { source: due.source.clone(), trigger: due.trigger, slot: due.slot, started_at: at(now) });
}

fn run(source: &str, started_at: &str, outcome: Class) -> Run {
    let started_at = at(started_at);
    Run {
        source: source.to_owned(),
        trigger: Trigger::Scheduled,
        slot: None,
        started_at,
        ended_at: started_at + SignedDuration::from_secs(30),
        outcome,
        message: Said::new("It happened.", "C'est arrivé."),
        link: None,
        retry_at: None,
        consent_until: None,
        quota_left: None,
        n_documents: 1,
        rows_new: 1,
        rows_known: 0,
        rows_amended: 0,
        rows_rejected: 0,
        n_requests: 1,
        n_bytes: 1,
        failed: Vec::new(),
    }
}

/// What is due, begun at once and ended so.
fn lived(planner: &mut Planner, now: &str, outcome: Class) -> Vec<(String, Trigger, Option<Timestamp>)> {
    let due = planner.due(at(now));
    for due in &due {
        begin(planner, due, now);
    }
    for due in &due {
        planner.ended(&run(&due.source, now, outcome));
    }
    due.into_iter().map(|due| (due.source, due.trigger, due.slot)).collect()
}

#[test]
fn a_slot_is_run_once_and_missed_ones_are_made_up_for_once() {
    let mut planner = planner(vec![plan("bank", "0 6 * * *")], "2026-11-20T12:00:00Z");
    assert_eq!(planner.due(at("2026-11-20T13:00:00Z")), []);
    assert_eq!(planner.next_wake(at("2026-11-21T04:30:00Z")), at("2026-11-21T05:00:00Z"));
    let slot = at("2026-11-21T05:00:00Z");
    assert_eq!(
        lived(&mut planner, "2026-11-21T05:00:01Z", Class::Ok),
        [("bank".to_owned(), Trigger::Scheduled, Some(slot))]
    );
    assert_eq!(planner.due(at("2026-11-21T05:01:00Z")), []);
    assert_eq!(planner.due(at("2026-11-21T04:30:00Z")), [], "the clock was set back");
    let slot = at("2026-11-24T05:00:00Z");
    assert_eq!(
        lived(&mut planner, "2026-11-24T09:00:00Z", Class::Ok),
        [("bank".to_owned(), Trigger::CatchUp, Some(slot))]
    );
    assert_eq!(planner.due(at("2026-11-24T09:01:00Z")), []);
}

#[test]
fn what_a_person_must_mend_stops_is_told_once_and_goes_on_when_they_say_so() {
    let mut planner = planner(vec![plan("bank", "0 6 * * *")], "2026-11-20T12:00:00Z");
    lived(&mut planner, "2026-11-21T05:00:00Z", Class::User);
    let notices = planner.notices(at("2026-11-21T05:01:00Z"));
    assert_eq!(
        notices.iter().map(|notice| (notice.told.what, notice.is_urgent)).collect::<Vec<_>>(),
        [(What::Stopped, true)]
    );
    planner.told(&notices[0].told);
    assert_eq!(planner.notices(at("2026-11-22T05:01:00Z")), []);
    assert_eq!(planner.due(at("2026-11-22T05:01:00Z")), []);
    planner.paused(&Paused { source: "bank".to_owned(), is_paused: false }, at("2026-11-22T10:00:00Z"));
    let slot = at("2026-11-22T05:00:00Z");
    assert_eq!(
        lived(&mut planner, "2026-11-22T10:00:00Z", Class::Ok),
        [("bank".to_owned(), Trigger::CatchUp, Some(slot))]
    );
}

#[test]
fn failures_are_tried_again_and_never_block_the_next_slot() {
    let mut planner = planner(vec![plan("bank", "0 * * * *")], "2026-11-21T04:59:00Z");
    let mut told = Vec::new();
    for minute in 0..=60 {
        let now = at("2026-11-21T05:00:00Z") + SignedDuration::from_mins(minute);
        told.extend(lived(&mut planner, &now.to_string(), Class::Retry).into_iter().map(|(_, trigger, _)| trigger));
    }
    assert_eq!(told.first(), Some(&Trigger::Scheduled));
    assert_eq!(told.last(), Some(&Trigger::Scheduled));
    assert!((5..9).contains(&told.len()), "{told:?}");
    let whats =
        |planner: &Planner, now| planner.notices(at(now)).into_iter().map(|notice| notice.told).collect::<Vec<_>>();
    let failing = whats(&planner, "2026-11-21T06:00:30Z");
    assert_eq!(failing.iter().map(|told| told.what).collect::<Vec<_>>(), [What::Failing]);
    planner.told(&failing[0]);
    lived(&mut planner, "2026-11-21T07:00:00Z", Class::Ok);
    let works = whats(&planner, "2026-11-21T07:01:00Z");
    assert_eq!(works.iter().map(|told| told.what).collect::<Vec<_>>(), [What::Works]);
    planner.told(&works[0]);
    assert_eq!(whats(&planner, "2026-11-21T07:02:00Z"), []);
}
