//! Which document a row was read from, where in it, what stands there, and which connector read it.

use crate::import;

use super::super::error::CliError;
use super::super::{french, near, table};
use super::Asked;

/// What is known of the place: document, pointer, connector, when it was learned.
struct Place {
    document: String,
    pointer: String,
    connector: String,
    learned_at: String,
}

/// Longest line that is shown whole.
const LONGEST: usize = 240;

pub fn tell(asked: &Asked<'_>) -> Result<Vec<String>, CliError> {
    let Some(place) = place(asked)? else { return Ok(Vec::new()) };
    let mut lines = vec![document(asked, &place)?];
    let shown = import::at_place(asked.archive, asked.catalogue, &place.document, &place.connector, &place.pointer);
    match shown {
        Ok(shown) => {
            lines.extend(shown.iter().map(|line| format!("  | {}", table::cut(&table::one_line(line), LONGEST))));
        }
        Err(error) => lines.push(asked.pick(error.to_string(), french::import(&error))),
    }
    lines.push(connector(asked, &place)?);
    Ok(lines)
}

fn place(asked: &Asked<'_>) -> Result<Option<Place>, CliError> {
    let Some(question) = question(asked)? else { return Ok(None) };
    let found = asked.ask_row::<4>(&question)?;
    Ok(found.map(|[document, pointer, connector, learned_at]| Place { document, pointer, connector, learned_at }))
}

/// What finds the place: the landing row, or what the view itself says of its document.
fn question(asked: &Asked<'_>) -> Result<Option<String>, CliError> {
    if let Some((table, column)) = asked.mart.and_then(|mart| mart.landing) {
        return Ok(Some(format!(
            "select landed.document, landed.row_pointer, landed.connector, landed.learned_at
             from this inner join landing.{table} as landed on landed.id = this.{column}"
        )));
    }
    let columns = near::columns(asked.reader, &format!("main.{}", asked.view))?;
    let has = |name: &str| columns.iter().any(|column| column == name);
    let pointer = if has("row_pointer") { "this.row_pointer" } else { "''" };
    Ok(has("document").then(|| {
        format!(
            "select this.document, {pointer}, documents.connector, documents.learned_at
             from this inner join landing.documents as documents on documents.document = this.document"
        )
    }))
}

/// `line 33 of export.csv (2a5e6337c7a0): as of 2026-03-05, imported on 2026-03-06`
fn document(asked: &Asked<'_>, place: &Place) -> Result<String, CliError> {
    let question = format!(
        "select name, max(as_of), min(learned_at) from landing.documents where document = '{}' group by name",
        place.document
    );
    let found = asked.ask_row::<3>(&question)?;
    let [name, as_of, imported] = found.unwrap_or_else(|| [place.document.clone(), String::new(), String::new()]);
    let sha = place.document.get(..12).unwrap_or_default();
    let (as_of, imported, learned) = (asked.day(&as_of), asked.day(&imported), asked.day(&place.learned_at));
    let where_in = pointer(asked, &place.pointer);
    let later = if learned == imported {
        String::new()
    } else {
        asked.pick(
            format!("; known in this state since {learned}"),
            format!(" ; connu dans cet état depuis le {learned}"),
        )
    };
    Ok(asked.pick(
        format!("{where_in}{name} ({sha}), as of {as_of}, imported on {imported}{later}"),
        format!("{where_in}{name} ({sha}), état du {as_of}, importé le {imported}{later}"),
    ))
}

fn pointer(asked: &Asked<'_>, pointer: &str) -> String {
    match pointer.parse::<u64>() {
        Ok(line) => asked.pick(format!("line {line} of "), format!("ligne {line} de ")),
        Err(_) if pointer.is_empty() => String::new(),
        Err(_) => asked.pick(format!("{pointer} of "), format!("{pointer} de ")),
    }
}

/// `by bank/example 1, because of the header on line 1: …`
fn connector(asked: &Asked<'_>, place: &Place) -> Result<String, CliError> {
    let (id, version) = place.connector.split_once('@').unwrap_or((&place.connector, ""));
    let question = format!(
        "select min(reason) from landing.documents where document = '{}' and connector = '{id}'",
        place.document
    );
    let reason = asked.ask_cell(&question)?.unwrap_or_default();
    let version = if version.is_empty() { String::new() } else { format!(" {version}") };
    if reason.is_empty() {
        return Ok(asked.pick(format!("by the connector {id}{version}"), format!("par le connecteur {id}{version}")));
    }
    let in_french = french::stored_reason(&reason);
    Ok(asked.pick(
        format!("by the connector {id}{version}, recognised by {reason}"),
        format!("par le connecteur {id}{version}, reconnu à {in_french}"),
    ))
}
