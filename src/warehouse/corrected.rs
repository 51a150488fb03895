//! A bill that is stated again, corrected: rows that the later statement does not hold any more
//! go, into history.
//!
//! Calls and lines of a bill are counted, never aligned: nothing tells what became of one that is
//! gone. Only a statement that overlaps with the earlier one is taken for its correction; of a
//! detail of calls, one that holds at least half of what was known, for the days that it shows.

use duckdb::Connection;

use super::document::DocumentInfo;
use super::merge::count;
use super::schema::literal;
use super::{WarehouseError, freshness};
use crate::model::Table;

/// Rows of a table that has instants are only corrected within the days that both sides show.
const INSTANT: &str = "started_local";

/// Takes stored rows away that a stronger statement of their bill lacks, and incoming rows that
/// a stronger stored statement lacks. `met` and `stronger` say what meets, and who is believed.
pub(super) fn settle(connection: &Connection, table: &Table, document: &DocumentInfo) -> Result<(), WarehouseError> {
    if table.whole.is_empty() {
        return Ok(());
    }
    connection.execute_batch(&wholes(table))?;
    connection.execute_batch(&superseded(table))?;
    if count(connection, "from temp.main.superseded")? > 0 {
        connection.execute_batch(&removal(table, document))?;
        freshness::note_written(connection, "history")?;
    }
    connection.execute_batch(&refusal(table))?;
    Ok(connection.execute_batch("drop table temp.main.wholes; drop table temp.main.superseded")?)
}

/// Each bill that both sides state: its rows on either side, how many meet, whether the stored
/// side is the stronger one, and the days of each side.
fn wholes(table: &Table) -> String {
    let name = table.name;
    let columns = table.whole.join(", ");
    let days = if has_instants(table) {
        format!("min({INSTANT}) as first_at, max({INSTANT}) as last_at")
    } else {
        "null::timestamp as first_at, null::timestamp as last_at".to_owned()
    };
    format!(
        "create or replace temp table wholes as
         with incoming as (
             select {columns}, count(*) as n, count(met.stored) as n_met, {days}
             from temp.main.stage_{name} as one
             left join temp.main.met as met on met.incoming = one.rowid
             where {}
             group by {columns}
         ),
         stored as (
             select {columns}, count(*) as n, {days}, bool_or(document in (from temp.main.stronger)) as is_stronger
             from landing.{name}
             where ({columns}) in (select ({columns}) from incoming)
             group by {columns}
         )
         select {}, incoming.n_met, stored.n as n_stored, incoming.n as n_incoming, stored.is_stronger,
             incoming.first_at as incoming_from, incoming.last_at as incoming_to,
             stored.first_at as stored_from, stored.last_at as stored_to
         from incoming
         join stored on {}",
        table.whole.iter().map(|column| format!("{column} is not null")).collect::<Vec<_>>().join(" and "),
        table.whole.iter().map(|column| format!("incoming.{column}")).collect::<Vec<_>>().join(", "),
        same(table, "incoming", "stored"),
    )
}

/// Stored rows that the incoming statement, the stronger one, does not hold.
fn superseded(table: &Table) -> String {
    let name = table.name;
    let (is_half, is_shown) = if has_instants(table) {
        (
            "wholes.n_met * 2 >= wholes.n_stored",
            "stored.started_local between wholes.incoming_from and wholes.incoming_to",
        )
    } else {
        ("true", "true")
    };
    format!(
        "create or replace temp table superseded as
         select stored.rowid as stored
         from landing.{name} as stored
         join temp.main.wholes as wholes on {}
         where not wholes.is_stronger and {is_half} and {is_shown}
             and stored.rowid not in (select stored from temp.main.met)",
        same(table, "stored", "wholes"),
    )
}

fn removal(table: &Table, document: &DocumentInfo) -> String {
    let name = table.name;
    let (by, learned_at) = (literal(&document.document), literal(&document.learned_at.to_string()));
    format!(
        "insert into landing.history
         select '{name}', old.id, old.rank, old.document, {by},
             json_merge_patch(to_json(old), '{{\"learned_at\": null}}')::varchar, {learned_at}, 'corrected', old.learned_at
         from landing.{name} as old
         where old.rowid in (from temp.main.superseded);
         delete from landing.{name} where rowid in (from temp.main.superseded)"
    )
}

/// Incoming rows that the stored statement, the stronger one, does not hold.
fn refusal(table: &Table) -> String {
    let name = table.name;
    let (is_half, is_shown) = if has_instants(table) {
        (
            "wholes.n_met * 2 >= wholes.n_incoming",
            "incoming.started_local between wholes.stored_from and wholes.stored_to",
        )
    } else {
        ("true", "true")
    };
    format!(
        "delete from temp.main.stage_{name} where rowid in (
             select incoming.rowid
             from temp.main.stage_{name} as incoming
             join temp.main.wholes as wholes on {}
             where wholes.is_stronger and {is_half} and {is_shown}
                 and incoming.rowid not in (select incoming from temp.main.met)
         )",
        same(table, "incoming", "wholes"),
    )
}

fn same(table: &Table, one: &str, other: &str) -> String {
    let pairs: Vec<String> = table.whole.iter().map(|column| format!("{one}.{column} = {other}.{column}")).collect();
    pairs.join(" and ")
}

fn has_instants(table: &Table) -> bool {
    table.columns.iter().any(|column| column.name == INSTANT)
}
