//! The rows that a row was made of, or that stand beside it: how many, from when to when, and in
//! which documents.

use super::super::error::CliError;
use super::super::near;
use super::Asked;
use super::marts::Part;

/// Documents that are named.
const MOST_NAMES: usize = 3;

pub fn tell(asked: &Asked<'_>) -> Result<Vec<String>, CliError> {
    let mut lines = Vec::new();
    for part in asked.mart.map_or(&[][..], |mart| mart.parts) {
        if near::has(asked.reader, part.relation)? {
            lines.extend(line(asked, part)?);
        }
    }
    Ok(lines)
}

/// `bank movements: 24, from 2024-10-01 to 2026-09-30, in 8 documents: a.csv, b.csv, c.csv, …`
fn line(asked: &Asked<'_>, part: &Part) -> Result<Option<String>, CliError> {
    let found = asked.ask_row::<5>(&format!(
        ", rows as ({}),
         names as (
             select distinct documents.document, documents.name from landing.documents as documents
             where documents.document in (select document from rows)
         )
         select count(*), min(day), max(day),
             (select count(distinct document) from names),
             (select string_agg(name, ', ' order by name) from (select distinct name from names order by name limit {MOST_NAMES}))
         from rows",
        part.rows
    ))?;
    let Some([n, first, last, documents, names]) = found else { return Ok(None) };
    let count = |text: &str| text.parse::<u64>().unwrap_or_default();
    if count(&n) == 0 {
        return Ok(None);
    }
    let n = asked.language.count(count(&n));
    let more = if count(&documents) > MOST_NAMES as u64 { ", …" } else { "" };
    let (documents, when) = (asked.language.documents(count(&documents)), between(asked, &first, &last));
    Ok(Some(asked.pick(
        format!("{}: {n}{when}, in {documents}: {names}{more}", part.en),
        format!("{} : {n}{when}, dans {documents} : {names}{more}", part.fr),
    )))
}

fn between(asked: &Asked<'_>, first: &str, last: &str) -> String {
    let (from, to) = (asked.day(first), asked.day(last));
    match (first.is_empty(), first == last) {
        (true, _) => String::new(),
        (false, true) => asked.pick(format!(", on {from}"), format!(", le {from}")),
        (false, false) => asked.pick(format!(", from {from} to {to}"), format!(", du {from} au {to}")),
    }
}
