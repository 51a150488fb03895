//! Flows that recur: all of the household's and no other, and a table of hard cases.

use std::collections::BTreeSet;
use std::fmt::Write;

use jiff::ToSpan;
use jiff::civil::{Date, Weekday, date};

use crate::home::ask;
use crate::same;
use crate::support::homes::TestHome;

/// Account, payee, period, day, months off, payments: what the generator of the household pays.
const HOUSEHOLD: &[&str] = &[
    "00040000001 Atelier Graslin monthly 27 [] 24",
    "00040000001 COMPTE COMMUN MOREAU LEFEVRE monthly 28 [] 24",
    "00040000001 Free Mobile monthly 9 [] 24",
    "00040000001 Spotify monthly 15 [] 24",
    "00040000001 Livret A monthly 29 [] 24",
    "00040000002 BoursoBank monthly 30 [] 24",
    "commun Anaïs Le Goff monthly 9 [7, 8] 20",
    "commun CAF DE LOIRE-ATLANTIQUE monthly 5 [] 24",
    "commun Claire Moreau monthly 30 [] 24",
    "commun EDF bimonthly 20 [] 11",
    "commun Eau de Nantes Métropole bimonthly 5 [1, 11] 8",
    "commun Engie bimonthly 18 [] 12",
    "commun FACT FRAIS TENUE DE COMPTE quarterly 3 [] 8",
    "commun Gérard Guérin monthly 3 [] 24",
    "commun Inês Ferreira monthly 3 [8] 22",
    "commun Judo Club de l'Erdre yearly 9 [] 2",
    "commun MAIF monthly 10 [] 24",
    "commun NETFLIX INTERNATIONAL B.V. monthly 18 [] 24",
    "commun REGIE CANTINES VILLE DE NANTES monthly 15 [8, 9] 20",
    "commun Thomas Lefèvre monthly 29 [] 24",
    "thomas COMPTE COMMUN monthly 29 [] 24",
    "thomas ECH PRET CAP+IN monthly 7 [] 24",
    "thomas F COTIS EUROCOMPTE CONFORT monthly 2 [] 24",
    "thomas Ligéris Numérique monthly 28 [] 24",
    "thomas Orange monthly 12 [] 23",
    "thomas Thomas Lefèvre monthly 12 [] 24",
];

#[test]
fn every_flow_of_the_household_is_found_and_nothing_else_is_called_one() {
    let found =
        ask("select concat_ws(' ', account, payee, period, day, months_off::varchar, payment_count) from recurring");
    same("flows", found.concat(), HOUSEHOLD.iter().map(ToString::to_string));
    println!("recurring: {} flows, precision and recall 1000 per mille", HOUSEHOLD.len());
    let next = ask("select payee, next_expected_on::varchar, state from recurring
                    where payee in ('Gérard Guérin', 'Spotify', 'EDF', 'MAIF', 'Eau de Nantes Métropole') order by payee");
    let wanted = [
        ["EDF", "2026-10-20", "active"],
        ["Eau de Nantes Métropole", "2027-03-05", "active"],
        ["Gérard Guérin", "2026-10-05", "active"],
        ["MAIF", "2026-10-12", "active"],
        ["Spotify", "2026-10-15", "active"],
    ];
    assert_eq!(next, wanted);
}

#[test]
fn prices_of_the_household_change_when_they_do() {
    let found =
        ask("select concat_ws(' ', payee, kind, happened_on, amount_from::decimal(9, 2), amount_to::decimal(9, 2))
                     from recurring_events where amount_to < 0 order by all");
    let wanted = [
        "COMPTE COMMUN MOREAU LEFEVRE changed 2026-01-28 -1210.00 -1230.00",
        "COMPTE COMMUN changed 2026-01-29 -1130.00 -1150.00",
        "Eau de Nantes Métropole changed 2026-03-05 -103.09 -106.97",
        "Gérard Guérin changed 2025-07-02 -1085.00 -1098.00",
        "MAIF changed 2026-01-12 -61.37 -64.02",
        "NETFLIX INTERNATIONAL B.V. changed 2025-04-18 -13.49 -14.99",
    ];
    assert_eq!(found.concat(), wanted);
}

/// One case: an account of its own, its movements, the flows and the events expected of it.
struct Case {
    name: &'static str,
    rows: Vec<(Date, i64, String)>,
    flows: &'static [&'static str],
    events: &'static [&'static str],
}

fn case(name: &'static str, flows: &'static [&'static str], events: &'static [&'static str]) -> Case {
    Case { name, rows: Vec::new(), flows, events }
}

impl Case {
    fn pay(mut self, label: &str, days: &[Date], cents: impl Fn(usize) -> i64) -> Self {
        self.rows.extend(days.iter().enumerate().map(|(n, day)| (*day, cents(n), label.to_owned())));
        self
    }
}

/// Every `step` months from a day on: the 31st becomes the last day of shorter months, and comes back.
fn months(first: Date, step: i32, n: i32) -> Vec<Date> {
    (0..n).map(|k| first + (k * step).months()).collect()
}

fn every(first: Date, days: i32, n: i32) -> Vec<Date> {
    (0..n).map(|k| first + (k * days).days()).collect()
}

/// The working day after a week-end.
fn working(days: Vec<Date>) -> Vec<Date> {
    let moved = |day: Date| match day.weekday() {
        Weekday::Saturday => day + 2.days(),
        Weekday::Sunday => day + 1.day(),
        _ => day,
    };
    days.into_iter().map(moved).collect()
}

fn without(days: Vec<Date>, left_out: &[usize]) -> Vec<Date> {
    days.into_iter().enumerate().filter(|(n, _)| !left_out.contains(n)).map(|(_, day)| day).collect()
}

/// Numbers that look random and are the same on every run.
fn dice(n: usize) -> i64 {
    i64::try_from((n as u64 + 1).wrapping_mul(6_364_136_223_846_793_005).rotate_left(29) % 10_000).expect("small")
}

fn regular() -> Vec<Case> {
    let fixed = |cents: i64| move |_: usize| cents;
    vec![
        case("month_end", &["monthly 31 9 active 2026-10-31 -42.00"], &[]).pay(
            "PRLV SALLE DE SPORT",
            &months(date(2026, 1, 31), 1, 9),
            fixed(-4200),
        ),
        case("moved_by_weekends", &["monthly 5 22 active 2026-11-05 -61.00"], &[]).pay(
            "PRLV MUTUELLE",
            &working(months(date(2025, 1, 5), 1, 22)),
            fixed(-6100),
        ),
        case("variable", &["bimonthly 20 9 active 2026-10-20 -132.00"], &[]).pay(
            "PRLV FOURNISSEUR",
            &months(date(2025, 4, 20), 2, 9),
            |n| [-9000, -10_400, -11_800, -13_200, -14_600, -16_000][n % 6],
        ),
        case("weekly", &["weekly 5 20 active 2026-10-16 -25.00"], &[]).pay(
            "VIR MENAGE",
            &every(date(2026, 5, 29), 7, 20),
            fixed(-2500),
        ),
        case("fortnightly", &["fortnightly 1 14 active 2026-10-19 900.00"], &[]).pay(
            "VIR PAIE",
            &every(date(2026, 4, 6), 14, 14),
            fixed(90_000),
        ),
        case("quarterly", &["quarterly 12 6 active 2026-12-12 -88.50"], &[]).pay(
            "PRLV SYNDIC",
            &months(date(2025, 6, 12), 3, 6),
            fixed(-8850),
        ),
        case("half_yearly", &["half-yearly 1 4 active 2027-01-01 -140.00"], &[]).pay(
            "PRLV SCOLARITE",
            &months(date(2025, 1, 1), 6, 4),
            fixed(-14_000),
        ),
        case("yearly_twice", &["yearly 16 2 active 2027-03-16 -322.80"], &[]).pay(
            "PRLV SEPA ASSURANCE HABITATION",
            &[date(2025, 3, 16), date(2026, 3, 16)],
            |n| [-31_020, -32_280][n],
        ),
        case("ten_months_a_year", &["monthly 10 29 active 2026-11-10 -95.00"], &[]).pay(
            "PRLV IMPOTS",
            &without(months(date(2024, 2, 10), 1, 33), &[10, 11, 22, 23]),
            fixed(-9500),
        ),
        case(
            "two_of_one_payee",
            &["monthly 20 17 active 2026-10-20 -19.99", "monthly 3 18 active 2026-11-03 -9.99"],
            &[],
        )
        .pay("PRLV OPERATEUR", &months(date(2025, 5, 3), 1, 18), fixed(-999))
        .pay("PRLV OPERATEUR", &months(date(2025, 5, 20), 1, 17), fixed(-1999)),
        case("among_purchases", &["monthly 8 20 active 2026-11-08 -6.99"], &["started 2025-03-08 -6.99"])
            .pay("CARTE GRAND MAGASIN", &months(date(2025, 3, 8), 1, 20), fixed(-699))
            .pay("CARTE GRAND MAGASIN", &every(date(2025, 1, 2), 11, 55), |n| -1000 - 3 * dice(n)),
    ]
}

fn eventful() -> Vec<Case> {
    let fixed = |cents: i64| move |_: usize| cents;
    vec![
        case("price_rise", &["monthly 15 18 active 2026-10-15 -12.99"], &["changed 2026-05-15 -10.99 -12.99"]).pay(
            "CARTE MUSIQUE",
            &months(date(2025, 4, 15), 1, 18),
            |n| if n < 13 { -1099 } else { -1299 },
        ),
        case("one_missed", &["monthly 7 17 active 2026-11-07 -30.00"], &["missed 2026-05-07"]).pay(
            "PRLV JOURNAL",
            &without(months(date(2025, 5, 7), 1, 18), &[12]),
            fixed(-3000),
        ),
        case("paused", &["monthly 7 15 active 2026-11-07 -30.00"], &["paused 2026-03-07"]).pay(
            "PRLV PISCINE",
            &without(months(date(2025, 5, 7), 1, 18), &[10, 11, 12]),
            fixed(-3000),
        ),
        case("late", &["monthly 5 12 late 2026-10-05 -18.00"], &["missed 2026-10-05"]).pay(
            "PRLV TELEPHONE",
            &months(date(2025, 10, 5), 1, 12),
            fixed(-1800),
        ),
        case("ended", &["monthly 5 12 ended -18.00"], &["ended 2026-04-05 -18.00"]).pay(
            "PRLV TELEPHONE",
            &months(date(2025, 5, 5), 1, 12),
            fixed(-1800),
        ),
        case("started", &["monthly 5 10 active 2026-11-05 -18.00"], &["started 2026-01-05 -18.00"])
            .pay("CARTE CAFE", &[date(2025, 1, 3)], fixed(-250))
            .pay("PRLV TELEPHONE", &months(date(2026, 1, 5), 1, 10), fixed(-1800)),
        case("doubled", &["monthly 6 19 active 2026-11-06 -45.00"], &["double 2026-02-08 -45.00 -45.00"])
            .pay("PRLV CRECHE", &months(date(2025, 5, 6), 1, 18), fixed(-4500))
            .pay("PRLV CRECHE", &[date(2026, 2, 8)], fixed(-4500)),
        case("presented_again", &["monthly 6 18 active 2026-11-06 -45.00"], &[])
            .pay("PRLV CRECHE", &months(date(2025, 5, 6), 1, 18), fixed(-4500))
            .pay("REJET PRLV CRECHE", &[date(2026, 2, 9)], fixed(4500))
            .pay("PRLV CRECHE", &[date(2026, 2, 16)], fixed(-4500)),
        case("thirteenth_month", &["monthly 28 21 active 2026-10-28 2000.00"], &[]).pay(
            "VIR SALAIRE",
            &months(date(2025, 1, 28), 1, 21),
            |n| if n == 11 { 320_000 } else { 200_000 },
        ),
    ]
}

fn random() -> Vec<Case> {
    let days = |step: i64, n: usize| -> Vec<Date> {
        let mut day = date(2025, 1, 3);
        (0..n)
            .map(|k| {
                day += (1 + dice(k) % step).days();
                day
            })
            .collect()
    };
    vec![
        case("bakery", &[], &[]).pay("CARTE BOULANGERIE", &days(4, 200), |n| [-110, -120, -245, -330][n % 4]),
        case("supermarket", &[], &[]).pay("CARTE SUPERMARCHE", &days(16, 75), |n| -2000 - dice(n)),
        case("doctor", &[], &[]).pay("CARTE MEDECIN", &days(110, 11), |_| -3000),
        case("friend", &[], &[]).pay("VIR AMI", &days(58, 22), |n| [-2000, -3000, -5000][n % 3]),
        case("cash", &[], &[]).pay("RETRAIT DAB", &months(date(2025, 2, 3), 1, 20), |_| -6000),
    ]
}

#[test]
fn flows_keep_their_calendar() {
    check(&regular());
}

#[test]
fn what_happens_to_a_flow_is_an_event() {
    check(&eventful());
}

#[test]
fn what_merely_repeats_is_no_flow() {
    check(&random());
}

/// Imports all cases as one table, and compares what each account shows.
fn check(cases: &[Case]) {
    let home = TestHome::new();
    let mut table = "account;booked_on;raw_label;amount\n".to_owned();
    for case in cases {
        // Movements are known until the day before the clock of the tests.
        let rows = case.rows.iter().cloned().chain([(date(2026, 10, 14), -1, "CARTE PAIN".to_owned())]);
        for (day, cents, label) in rows {
            let sign = if cents < 0 { "-" } else { "" };
            let _ = writeln!(table, "{};{day};{label};{sign}{}.{:02}", case.name, cents.abs() / 100, cents.abs() % 100);
        }
    }
    home.import(&[home.file("movements.csv", table.as_bytes(), 0)]);
    let mut wrong = BTreeSet::new();
    for case in cases {
        let flows = home.ask(&format!(
            "select concat_ws(' ', period, day, payment_count, state, next_expected_on, usual_amount::decimal(9, 2))
             from recurring where account = '{}' order by 1",
            case.name
        ));
        let events = home.ask(&format!(
            "select concat_ws(' ', kind, happened_on, amount_from::decimal(9, 2), amount_to::decimal(9, 2))
             from recurring_events where account = '{}' order by all",
            case.name
        ));
        if flows.concat() != case.flows || events.concat() != case.events {
            wrong.insert(format!("{}: {:?} {:?}", case.name, flows.concat(), events.concat()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.into_iter().collect::<Vec<_>>().join("\n"));
}
