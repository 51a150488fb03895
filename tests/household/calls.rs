//! The two telephone lines: every communication, with names where they are certain.

use serde_json::Value;

use crate::home::{TRUTH, ask, joined, text};
use crate::same;

fn lines() -> impl Iterator<Item = (&'static String, &'static Value)> {
    TRUTH["lines"].as_object().expect("lines").iter()
}

/// Each communication of the truth with its line.
fn communications() -> impl Iterator<Item = (&'static String, &'static Value)> {
    lines().flat_map(|(line, facts)| {
        facts["communications"].as_array().expect("a list").iter().map(move |row| (line, row))
    })
}

/// What the view calls the kind of the number, in the truth's words.
fn label(number_kind: &str, kind: &str) -> &'static str {
    match number_kind {
        _ if kind == "data" => "data",
        "person" | "unknown" => "",
        "service" | "sms_short" | "short" => "short",
        "voicemail" => "voicemail",
        "emergency" => "emergency",
        "directory" => "directory",
        "premium" => "premium",
        "free" => "free",
        "withheld" => "withheld",
        "masked" => "masked",
        other => panic!("a kind of number that the truth does not know: {other}"),
    }
}

#[test]
fn every_communication_has_its_number_names_seconds_and_cents() {
    let rows = ask("select calls.line, strftime(called_local, '%Y-%m-%dT%H:%M:%S'), calls.kind, landing.other_raw,
                    calls.other_e164, array_to_string(list_sort(calls.people), '|'), calls.number_kind,
                    coalesce(calls.duration_s, 0)::varchar, cast(coalesce(calls.cost, 0) * 100 as bigint)::varchar
                    from calls join landing.communications as landing
                    on landing.document = calls.document and landing.row_pointer = calls.row_pointer");
    let found = rows.into_iter().map(|mut row| {
        row[6] = label(&row[6], &row[2]).to_owned();
        if row[2] == "data" {
            row[3] = String::new();
        }
        row
    });
    let wanted = communications().map(|(line, row)| {
        let is_data = row[1] == "data";
        let raw = if is_data { String::new() } else { text(&row[2]) };
        vec![
            line.clone(),
            text(&row[0]),
            text(&row[1]),
            raw,
            text(&row[3]),
            joined(&row[4]),
            text(&row[5]),
            text(&row[6]),
            text(&row[7]),
        ]
    });
    same("communications", found, wanted);
}

#[test]
fn totals_of_each_line_and_month_are_those_of_the_bills() {
    let found = ask("select line, strftime(called_local, '%Y-%m'), count(*)::varchar,
                     sum(coalesce(duration_s, 0)) filter (kind = 'call')::varchar,
                     count(*) filter (kind in ('sms', 'mms'))::varchar,
                     cast(sum(coalesce(cost, 0)) * 100 as bigint)::varchar
                     from calls group by 1, 2");
    let wanted = lines().flat_map(|(line, facts)| {
        facts["months"].as_object().expect("months").iter().map(move |(month, facts)| {
            let mut row = vec![line.clone(), month.clone()];
            row.extend(facts.as_array().expect("figures").iter().map(text));
            row
        })
    });
    same("months", found, wanted);
    // A Mo of the operators is 1,048,576 bytes.
    let found =
        ask("select line, cast(round(sum(volume_bytes) * 10 / 1048576) as bigint)::varchar from calls group by line");
    let wanted = lines().map(|(line, facts)| vec![line.clone(), text(&facts["totals"]["data_tenths_of_mo"])]);
    same("volumes of data", found, wanted);
}

#[test]
fn nights_of_the_change_have_their_instants() {
    let found =
        ask("select line, strftime(called_local, '%Y-%m-%dT%H:%M:%S'), strftime(called_at, '%Y-%m-%dT%H:%M:%SZ')
                     from calls where hour(called_local) < 5
                     and local_day in ('2024-10-27', '2025-03-30', '2025-10-26', '2026-03-29')");
    let wanted = TRUTH["change_nights"].as_array().expect("a list");
    same("change nights", found, wanted.iter().map(|row| [0, 1, 2].map(|at| text(&row[at])).to_vec()));
}

#[test]
fn masked_numbers_have_candidates_and_never_a_name() {
    let found = ask("select landing.other_raw, array_to_string(list_sort(calls.candidates), '|'),
                     calls.candidate_count::varchar, any_value(len(calls.people))::varchar
                     from calls join landing.communications as landing
                     on landing.document = calls.document and landing.row_pointer = calls.row_pointer
                     where calls.number_kind = 'masked' group by 1, 2, 3");
    let masked = TRUTH["masked"].as_object().expect("masked numbers");
    let wanted = masked.iter().map(|(raw, facts)| {
        let n = facts["candidates"].as_array().expect("candidates").len();
        vec![raw.clone(), joined(&facts["candidates"]), n.to_string(), "0".to_owned()]
    });
    same("masked numbers", found, wanted);
}
