//! Electricity and gas: every watt-hour on its day, what is missing, and what it costs.

use serde_json::Value;

use crate::home::{TRUTH, ask, text};
use crate::same;

/// A number of the truth as a whole number of tenths.
fn tenths(value: &Value) -> String {
    format!("{:.0}", value.as_f64().expect("a number") * 10.0)
}

fn by_day(days: &Value, scale: f64) -> impl Iterator<Item = Vec<String>> {
    let days = days.as_object().expect("days").iter();
    days.map(move |(day, value)| vec![day.clone(), format!("{:.0}", value.as_f64().expect("a number") * scale)])
}

#[test]
fn electricity_of_every_day_is_exact() {
    let found = ask("select day::varchar, cast(kwh * 10000 as bigint)::varchar from energy_days
                     where energy = 'electricity' and kwh is not null");
    same("electricity by day", found, by_day(&TRUTH["electricity"]["wh_by_day"], 10.0));
    let sum =
        ask("select cast(sum(kwh) * 10000 as bigint)::varchar from energy_intervals where energy = 'electricity'");
    assert_eq!(sum[0][0], tenths(&TRUTH["electricity"]["wh"]));
}

#[test]
fn days_of_the_change_have_their_half_hours() {
    let found = ask("select local_day::varchar, count(*)::varchar from energy_intervals where energy = 'electricity'
                     group by local_day having count(*) <> 48");
    let points = TRUTH["electricity"]["points"].as_object().expect("days").iter();
    let wanted = points.filter(|(_, n)| **n != 0).map(|(day, n)| vec![day.clone(), text(n)]);
    same("days with other than 48 half-hours", found, wanted);
    let lengths = ask("select day::varchar, expected_s::varchar from energy_days
                       where energy = 'electricity' and expected_s <> 86400 order by day");
    assert_eq!(
        lengths.concat(),
        ["2024-10-27", "90000", "2025-03-30", "82800", "2025-10-26", "90000", "2026-03-29", "82800"]
    );
}

#[test]
fn what_is_missing_is_counted() {
    let empty = ask("select strftime(started_at, '%Y-%m-%dT%H:%M:%SZ') from energy_intervals
                     where energy = 'electricity' and kwh is null");
    let wanted = TRUTH["electricity"]["empty"].as_array().expect("instants");
    same("half-hours without a value", empty.concat(), wanted.iter().map(text));
    let missing = ask("select sum(missing_count)::varchar from energy_days where energy = 'electricity'");
    assert_eq!(missing[0][0], (wanted.len() + 48).to_string(), "one whole day is missing too");
    let day =
        ask("select kwh, missing_count::varchar from energy_days where energy = 'electricity' and day = '2025-06-17'");
    assert_eq!(day, [["", "48"]]);
}

#[test]
fn gas_of_every_day_is_exact() {
    let found = ask("select day::varchar, cast(kwh as bigint)::varchar from energy_days
                     where energy = 'gas' and series = 'consumption' and kwh is not null");
    same("gas by day", found, by_day(&TRUTH["gas"]["kwh_by_day"], 1.0));
    let absent = ask("select day::varchar from energy_days
                      where energy = 'gas' and series = 'consumption' and kwh is null");
    same("gas days without data", absent.concat(), TRUTH["gas"]["absent"].as_array().expect("days").iter().map(text));
}

#[test]
fn energy_bills_cost_what_the_meter_says() {
    let bills = TRUTH["energy_bills"].as_object().expect("bills");
    assert!(bills.len() > 15);
    for (number, bill) in bills {
        let energy = if bill["issuer"] == "EDF" { "electricity" } else { "gas" };
        let (from, to) = (text(&bill["from"]), text(&bill["to"]));
        let found = ask(&format!(
            "select cast(round(sum(energy_cost) * 100) as bigint)::varchar,
                    cast(round(sum(standing_cost) * 100) as bigint)::varchar
             from energy_days where energy = '{energy}' and series = 'consumption' and day between '{from}' and '{to}'"
        ));
        assert_eq!(found[0], [text(&bill["energy_cents"]), text(&bill["standing_cents"])], "{number}: {from} to {to}");
    }
}
