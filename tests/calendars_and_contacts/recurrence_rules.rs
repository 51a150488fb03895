//! Recurrence rules beside libical's own expectations.

use jiff::civil::DateTime;
use moisson::map::moments::Moment;
use moisson::map::recurrence::Rule;

use crate::samples;

/// Rules of libical's list that come out otherwise here, by their comment there, and why.
const DIFFERING: &[(&str, &str)] = &[
    (
        "yearly, by Feb 29th day of month",
        "BYMONTHDAY without BYMONTH: the 29th of every month here, of DTSTART's there",
    ),
    (
        "The first date belongs to 2009, so after 6 years it will be 2015, which has a week 53.",
        "INTERVAL is counted in calendar years here, in the years of week numbers there",
    ),
    (
        "DTSTART is in 2024 but the week belongs to 2025, so after 3 years it will be 2028.",
        "INTERVAL is counted in calendar years here, in the years of week numbers there",
    ),
];

struct Case {
    name: String,
    rule: String,
    start: String,
    instances: String,
}

#[test]
fn libicals_rules_come_out_as_listed() {
    let Some(folder) = samples::folder("calendar/libical_rrule") else { return };
    let text = std::fs::read_to_string(folder.join("icalrecur_test.txt")).unwrap();
    let cases = cases(&text);
    let usable: Vec<&Case> = cases.iter().filter(|case| !case.instances.trim().starts_with("***")).collect();
    let mut differing = Vec::new();
    for case in &usable {
        let ours = ours(case);
        if ours != case.instances.trim().replace('Z', "") {
            println!("{}\n  {} {}\n  expected {}\n  got      {ours}", case.name, case.rule, case.start, case.instances);
            differing.push(case.name.as_str());
        }
    }
    println!(
        "libical: {} of {} rules agree ({} unusable)",
        usable.len() - differing.len(),
        usable.len(),
        cases.len() - usable.len()
    );
    let explained: Vec<&str> = DIFFERING.iter().map(|(name, _)| *name).collect();
    assert_eq!(differing, explained);
}

fn cases(text: &str) -> Vec<Case> {
    let blocks = text.split("\n\n").filter(|block| block.contains("RRULE:"));
    blocks.map(case).collect()
}

fn case(block: &str) -> Case {
    let field = |name: &str| block.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default().to_owned();
    let comment: Vec<&str> = block.lines().filter_map(|line| line.strip_prefix('#')).map(str::trim).collect();
    Case { name: comment.join(" "), rule: field("RRULE:"), start: field("DTSTART:"), instances: field("INSTANCES:") }
}

/// The times in libical's own spelling, as many as it lists.
fn ours(case: &Case) -> String {
    let start = Moment::parse(&case.start).unwrap();
    let is_date = matches!(start, Moment::Date(_));
    let end = Moment::parse("22000101").unwrap().written();
    let rule = Rule::parse(&case.rule, is_date, &Moment::written);
    match rule.and_then(|rule| rule.times(start.written(), (start.written(), end))) {
        Err(error) => format!("*** {error}"),
        Ok(times) => times.at.iter().map(|at| spelled(*at, is_date)).collect::<Vec<_>>().join(","),
    }
}

fn spelled(at: DateTime, is_date: bool) -> String {
    at.strftime(if is_date { "%Y%m%d" } else { "%Y%m%dT%H%M%S" }).to_string()
}
