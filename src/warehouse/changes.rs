//! Changes of stored movements: noted first, then done together, the old state into history.
//!
//! A cell that the newer document leaves empty keeps what an older one said: a plain export does
//! not take away the mandate that a richer one gave. A running balance follows silently, for a
//! late row shifts all balances after it and amends none of their rows.

use duckdb::{Connection, params};

use super::document::DocumentInfo;
use super::merge::count;
use super::schema::{BOOKKEEPING, literal};
use super::{WarehouseError, freshness};
use crate::model::hash;
use crate::model::record::Record;
use crate::model::records::Transaction;

/// One change: of a stored row, into an incoming one or into nothing.
pub(super) struct Change {
    pub(super) stored: i64,
    pub(super) incoming: Option<i64>,
    /// What `landing.history.reason` says.
    pub(super) reason: &'static str,
}

impl Change {
    /// The row is not shown any more; the reason is its new status.
    pub(super) fn to_nothing(stored: i64, status: &'static str) -> Self {
        Self { stored, incoming: None, reason: status }
    }
}

/// Follows silently: see above.
const SILENT: &str = "balance_after";

/// An empty list of changes.
pub(super) fn prepare(connection: &Connection) -> Result<(), WarehouseError> {
    Ok(connection
        .execute_batch("create or replace temp table changes (stored bigint, incoming bigint, reason varchar)")?)
}

/// Adds to the list.
pub(super) fn note(connection: &Connection, list: &[Change]) -> Result<(), WarehouseError> {
    let mut appender = connection.appender_to_catalog_and_db("changes", "temp", "main")?;
    for change in list {
        appender.append_row(params![change.stored, change.incoming, change.reason])?;
    }
    Ok(appender.flush()?)
}

/// Takes rows off the list that are what they were, place among equals included: they met.
pub(super) fn keep_what_stayed(connection: &Connection) -> Result<(), WarehouseError> {
    Ok(connection.execute_batch(
        "insert into temp.main.met
         select changes.incoming, changes.stored, stored.content = incoming.content
         from temp.main.changes as changes
         join temp.main.stage_transactions as incoming on incoming.rowid = changes.incoming
         join landing.transactions as stored on stored.rowid = changes.stored
         where changes.reason = 'same_row' and stored.key = incoming.key and stored.rank = incoming.rank;
         delete from temp.main.changes where stored in (select stored from temp.main.met)",
    )?)
}

/// Adds the rows that stand on both sides and of which the document says something else; gives
/// how many running balances followed.
pub(super) fn note_differing(connection: &Connection) -> Result<usize, WarehouseError> {
    let differing: Vec<String> = substance().map(differs).collect();
    let pairs = "from (from temp.main.met where not is_same) as met
         join temp.main.stage_transactions as incoming on incoming.rowid = met.incoming
         join landing.transactions as stored on stored.rowid = met.stored";
    connection.execute_batch(&format!(
        "insert into temp.main.changes
         select met.stored, met.incoming,
             case when stored.status = 'pending' and incoming.status = 'booked' then 'settled' else 'later_document' end
         {pairs}
         where {}",
        differing.join(" or ")
    ))?;
    Ok(connection.execute(
        &format!(
            "update landing.transactions as stored set {SILENT} = new.{SILENT}
         from (
             select met.stored, incoming.{SILENT} {pairs}
             where incoming.{SILENT} is not null and incoming.{SILENT} is distinct from stored.{SILENT}
         ) as new
         where stored.rowid = new.stored"
        ),
        [],
    )?)
}

/// Does what was noted; gives how many rows now say something else.
///
/// A row that is not shown any more says something else than before: its content is marked, so
/// that a document which shows it again differs from it.
pub(super) fn apply(connection: &Connection, document: &DocumentInfo) -> Result<u64, WarehouseError> {
    if count(connection, "from temp.main.changes")? == 0 {
        return Ok(0);
    }
    let by = literal(&document.document);
    let learned_at = literal(&document.learned_at.to_string());
    connection.execute_batch(&format!(
        "insert into landing.history
         select 'transactions', old.id, old.rank, old.document, {by}, json_merge_patch(to_json(old), '{{\"learned_at\": null}}')::varchar,
             {learned_at}, changes.reason, old.learned_at
         from landing.transactions as old
         join temp.main.changes as changes on changes.stored = old.rowid;
         insert into landing.aliases
         select 'transactions', incoming.id, old.id
         from temp.main.changes as changes
         join temp.main.stage_transactions as incoming on incoming.rowid = changes.incoming
         join landing.transactions as old on old.rowid = changes.stored
         where incoming.id <> old.id and {};
         create or replace temp table renewed as
         select {}
         from temp.main.changes as changes
         join landing.transactions as stored on stored.rowid = changes.stored
         left join temp.main.stage_transactions as new on new.rowid = changes.incoming;
         delete from landing.transactions where rowid in (select stored from temp.main.changes);
         insert into landing.transactions from temp.main.renewed;
         drop table temp.main.renewed",
        is_free("incoming.id"),
        renewed(&learned_at)
    ))?;
    freshness::note_written(connection, "history")?;
    freshness::note_written(connection, "aliases")?;
    count(connection, "from temp.main.changes where incoming is not null")
}

/// Inserts the rows that stand nowhere yet, each under an id of its own.
pub(super) fn insert_new(connection: &Connection) -> Result<u64, WarehouseError> {
    connection.execute_batch(
        "delete from temp.main.stage_transactions where rowid in (
             select incoming from temp.main.met
             union all
             select incoming from temp.main.changes where incoming is not null
         )",
    )?;
    part_ids(connection)?;
    let rows_new = count(connection, "from temp.main.stage_transactions")?;
    connection.execute_batch("insert into landing.transactions from temp.main.stage_transactions")?;
    Ok(rows_new)
}

/// An id may be that of a row which said the same once and says something else now: the new row
/// takes the next number of its key.
fn part_ids(connection: &Connection) -> Result<(), WarehouseError> {
    let taken = format!(
        "select rowid, key, rank from temp.main.stage_transactions as incoming where not ({})",
        is_free("incoming.id")
    );
    let mut question = connection.prepare(&taken)?;
    let rows =
        question.query_map([], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?, row.get::<_, u32>(2)?)))?;
    for row in rows.collect::<Result<Vec<_>, _>>()? {
        let (rowid, key, rank) = row;
        let free = (rank + 1..).map(|rank| hash::ranked(key, rank));
        for id in free {
            let is_stored = format!(
                "select not ({}) or {id} in (select id from temp.main.stage_transactions)",
                is_free(&id.to_string())
            );
            if !connection.query_row(&is_stored, [], |row| row.get::<_, bool>(0))? {
                connection
                    .execute("update temp.main.stage_transactions set id = ? where rowid = ?", params![id, rowid])?;
                break;
            }
        }
    }
    Ok(())
}

/// Whether no row has that id, nor had it.
fn is_free(id: &str) -> String {
    format!(
        "{id} not in (select id from landing.transactions)
         and {id} not in (select alias from landing.aliases where table_name = 'transactions')"
    )
}

/// The columns that make a movement another one when they say something else.
fn substance() -> impl Iterator<Item = &'static str> {
    let table = &Transaction::TABLE;
    let names = table.columns.iter().map(|column| column.name);
    names.filter(|name| !table.key.contains(name) && *name != SILENT)
}

fn differs(column: &str) -> String {
    match column {
        // What is booked does not become pending again.
        "status" => "(incoming.status <> stored.status and (stored.status, incoming.status) <> ('booked', 'pending'))"
            .to_owned(),
        _ => format!(
            "(incoming.\"{column}\" is not null and incoming.\"{column}\" is distinct from stored.\"{column}\")"
        ),
    }
}

/// The row as it stands from now on: its id stays, and so does what the newer document leaves
/// empty. Rows are taken out and put in again, for an update of texts in place is the rarest path
/// through the store.
fn renewed(learned_at: &str) -> String {
    let table = &Transaction::TABLE;
    let columns = BOOKKEEPING.iter().chain(table.all_columns()).map(|column| column.name);
    let kept = |column: &str| table.columns.iter().any(|one| one.name == column) && !table.key.contains(&column);
    let value = |column: &str| match column {
        "id" => "stored.id".to_owned(),
        "status" => {
            // What is booked does not become pending again, and may be taken back.
            "case when changes.incoming is null then changes.reason \
             when stored.status = 'booked' and new.status <> 'cancelled' then 'booked' else new.status end as status"
                .to_owned()
        }
        "learned_at" => format!("coalesce(new.learned_at, {learned_at}::timestamp) as learned_at"),
        // A row that comes back as it was is another content than one that is gone.
        "content" => "coalesce(new.content, xor(stored.content, 1)) as content".to_owned(),
        _ if kept(column) => format!("coalesce(new.\"{column}\", stored.\"{column}\") as \"{column}\""),
        // What was read off the old label is not true of the new one.
        _ => format!(
            "case when changes.incoming is null then stored.\"{column}\" else new.\"{column}\" end as \"{column}\""
        ),
    };
    columns.map(value).collect::<Vec<_>>().join(", ")
}
