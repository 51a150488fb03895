//! How a row changed: when, by which document, which cells, and why.

use serde_json::{Map, Value};

use super::super::error::CliError;
use super::super::{near, table};
use super::Asked;

/// Columns that say how a row is kept, not what it says.
const BOOKKEEPING: [&str; 9] =
    ["id", "key", "rank", "content", "document", "row_pointer", "connector", "source", "learned_at"];

/// Starts the name of a column that follows from others.
const DERIVED: &str = "label_";

/// A row that was replaced.
struct Replaced {
    at: String,
    by: String,
    reason: String,
    cells: Map<String, Value>,
}

pub fn tell(asked: &Asked<'_>) -> Result<Vec<String>, CliError> {
    let Some((table, column)) = asked.mart.and_then(|mart| mart.landing) else { return Ok(Vec::new()) };
    let history = history(asked, table, column)?;
    let now = asked.ask_cell(&format!(
        "select to_json(landed)::varchar from this inner join landing.{table} as landed on landed.id = this.{column}"
    ))?;
    let now = cells(&now.unwrap_or_default());
    let states = history.iter().skip(1).map(|replaced| &replaced.cells).chain([&now]);
    let mut lines: Vec<String> =
        history.iter().zip(states).map(|(replaced, next)| line(asked, replaced, next)).collect();
    lines.extend(other_ids(asked, table, column)?);
    Ok(lines)
}

/// What the row was before, oldest first.
fn history(asked: &Asked<'_>, table: &str, column: &str) -> Result<Vec<Replaced>, CliError> {
    let has_reason = near::columns(asked.reader, "landing.history")?.iter().any(|name| name == "reason");
    let reason = if has_reason { "history.reason" } else { "''" };
    let rows = asked.ask(&format!(
        ", ids as (
             select this.{column} as id from this
             union
             select aliases.alias from this
             inner join landing.aliases as aliases on aliases.table_name = '{table}' and aliases.id = this.{column}
         )
         select history.learned_at, coalesce(documents.name, history.by_document), {reason}, history.replaced
         from landing.history as history
         left join (select document, min(name) as name from landing.documents group by document) as documents
             on documents.document = history.by_document
         where history.table_name = '{table}' and history.id in (from ids)
         order by history.learned_at, history.rowid"
    ))?;
    let replaced = |row: Vec<String>| {
        let [at, by, reason, cells] = <[String; 4]>::try_from(row).ok()?;
        Some(Replaced { at, by, reason, cells: self::cells(&cells) })
    };
    Ok(rows.into_iter().filter_map(replaced).collect())
}

fn cells(json: &str) -> Map<String, Value> {
    serde_json::from_str(json).unwrap_or_default()
}

/// `2026-03-06, by march.csv, settled: status pending → booked, amount -2.15 → -3.15`
fn line(asked: &Asked<'_>, replaced: &Replaced, next: &Map<String, Value>) -> String {
    let changed = changed(&replaced.cells, next);
    let changed = if changed.is_empty() {
        asked.pick("no cell that is shown", "aucune cellule visible").to_owned()
    } else {
        changed
    };
    let (at, by) = (asked.day(&replaced.at), &replaced.by);
    let why = reason(asked, &replaced.reason);
    asked.pick(format!("{at}, by {by}{why}: {changed}"), format!("{at}, par {by}{why} : {changed}"))
}

/// Cells that say something else, in the order of the columns.
fn changed(old: &Map<String, Value>, new: &Map<String, Value>) -> String {
    let kept = |name: &&String| !BOOKKEEPING.contains(&name.as_str()) && !name.starts_with(DERIVED);
    let differing = old.keys().chain(new.keys().filter(|name| !old.contains_key(*name))).filter(kept);
    let differing =
        differing.filter(|name| old.get(*name).unwrap_or(&Value::Null) != new.get(*name).unwrap_or(&Value::Null));
    let shown = |name: &String| format!("{name} {} → {}", value(old.get(name)), value(new.get(name)));
    differing.map(shown).collect::<Vec<_>>().join(", ")
}

fn value(value: Option<&Value>) -> String {
    match value {
        None | Some(Value::Null) => "∅".to_owned(),
        Some(Value::String(text)) => format!("`{}`", table::cut(&table::one_line(text), 80)),
        Some(other) => other.to_string(),
    }
}

/// Why a row changed, after a comma; codes of a newer version as they stand.
fn reason(asked: &Asked<'_>, code: &str) -> String {
    let (en, fr) = match code {
        "" => return String::new(),
        "later_document" => ("which is later", "qui est plus récent"),
        "same_row" => ("which shows the same row", "qui montre la même ligne"),
        "same_id" => ("by the bank's own id", "d'après l'identifiant de la banque"),
        "day_moved" => ("another day", "un autre jour"),
        "label_rewritten" => ("the label was rewritten", "le libellé a été réécrit"),
        "settled" => ("what was pending is booked", "ce qui était en attente est comptabilisé"),
        "corrected" => ("a corrected bill does not hold it", "une facture rectifiée ne la contient plus"),
        "cancelled" => ("it was cancelled", "annulé"),
        "vanished" => ("the bank does not show it any more", "la banque ne le montre plus"),
        other => return format!(", {}", other.replace('_', " ")),
    };
    format!(", {}", asked.pick(en, fr))
}

fn other_ids(asked: &Asked<'_>, table: &str, column: &str) -> Result<Vec<String>, CliError> {
    let ids = asked.ask_cell(&format!(
        "select string_agg(distinct aliases.alias::varchar, ', ' order by aliases.alias::varchar)
         from this inner join landing.aliases as aliases
             on aliases.table_name = '{table}' and aliases.id = this.{column} and aliases.alias <> aliases.id"
    ))?;
    let told = |ids| asked.pick(format!("also known as {ids}"), format!("aussi connu comme {ids}"));
    Ok(ids.map(told).into_iter().collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_cells_that_say_something_else_are_told() {
        let old = cells(r#"{"id":1,"content":7,"status":"pending","amount":-2.15,"memo":null}"#);
        let new = cells(r#"{"id":1,"content":8,"status":"booked","amount":-2.15,"memo":"x"}"#);
        assert_eq!(changed(&old, &new), "status `pending` → `booked`, memo ∅ → `x`");
        assert_eq!(changed(&old, &old), "");
    }
}
