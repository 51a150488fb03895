//! What meets what: the rows of one document beside the rows that the warehouse has.
//!
//! A row is known by its id. Of two documents that state one row, the one of greater precedence
//! gives the stored row, so that the order of import never matters; what it replaces goes to
//! `landing.history` when the content differs. Children follow the document that the row of
//! their parent came from. Tables are joined on the id without any index.

use duckdb::Connection;

use super::aligned::Shown;
use super::document::{Counts, DocumentInfo, TableCounts};
use super::pile::{Pile, is_child};
use super::schema::literal;
use super::{WarehouseError, aligned, children, collisions, corrected, freshness, stated};
use crate::identity::Precedence;
use crate::model::record::Record;
use crate::model::records::{Removal, TABLES};
use crate::model::{Identity, Table};

/// Forgets what an earlier, perhaps failed, reading of the document left beside its rows.
pub(super) fn forget_document(connection: &Connection, document: &str) -> Result<(), WarehouseError> {
    for table in ["documents", "faults"] {
        connection.execute(&format!("delete from landing.{table} where document = ?"), [document])?;
    }
    Ok(())
}

/// Merges the piles of a document, parents before children.
pub(super) fn settle(connection: &Connection, shown: &Shown<'_>, piles: &[Pile]) -> Result<Counts, WarehouseError> {
    list_stronger(connection, shown.document)?;
    for pile in piles {
        drop_equals(connection, pile)?;
    }
    for pile in piles.iter().filter(|pile| is_child(pile.table)) {
        children::note_known(connection, pile.table)?;
    }
    let mut counts = Counts::default();
    for pile in piles {
        if pile.table.identity == Identity::Aligned {
            let aligned = aligned::merge(connection, pile, shown)?;
            if aligned.has_changed {
                freshness::note_written(connection, pile.table.name)?;
            }
            counts.add_aligned(pile.table.name, aligned);
        } else {
            note_written(connection, pile.table)?;
            let merged = merge_pile(connection, shown.document, pile, piles)?;
            // What a document says of its objects is no news of its own.
            if pile.table.name == Removal::TABLE.name {
                counts.add(pile.table.name, taken_back(connection, shown.document)?);
            } else if pile.table.name != stated::NAME {
                counts.add(pile.table.name, merged);
            }
        }
    }
    if piles.iter().any(|pile| pile.table.name == stated::NAME) {
        stated::remove(connection, shown.document, &mut counts)?;
    }
    clear(connection, piles)?;
    Ok(counts)
}

/// The table, and those whose rows follow its own.
pub(super) fn note_written(connection: &Connection, table: &Table) -> Result<(), WarehouseError> {
    freshness::note_written(connection, table.name)?;
    for child in TABLES.iter().filter(|child| child.identity == Identity::ChildOf(table.name)) {
        freshness::note_written(connection, child.name)?;
    }
    Ok(())
}

/// Children look at the stage of their parents, so that stages go last and together.
fn clear(connection: &Connection, piles: &[Pile]) -> Result<(), WarehouseError> {
    for pile in piles.iter().filter(|pile| pile.is_staged) {
        connection.execute_batch(&format!("drop table {}", pile.place()))?;
    }
    Ok(connection.execute_batch("drop table temp.main.stronger")?)
}

fn merge_pile(
    connection: &Connection,
    document: &DocumentInfo,
    pile: &Pile,
    piles: &[Pile],
) -> Result<TableCounts, WarehouseError> {
    if !pile.is_staged {
        return unmerged(connection, pile);
    }
    if is_child(pile.table) {
        return children::insert(connection, document, pile, piles);
    }
    merge_rows(connection, document, pile, piles)
}

/// The movements that the document takes back; that it shows others is told by those.
fn taken_back(connection: &Connection, document: &DocumentInfo) -> Result<TableCounts, WarehouseError> {
    let own = literal(&document.document);
    let rows = format!("from landing.{} where is_taken_back and document = {own}", Removal::TABLE.name);
    Ok(TableCounts { rows_new: count(connection, &rows)?, ..TableCounts::default() })
}

/// The rows went straight into an empty table: all of them are new.
fn unmerged(connection: &Connection, pile: &Pile) -> Result<TableCounts, WarehouseError> {
    let rows_new = count(connection, &format!("from {}", pile.place()))?;
    Ok(TableCounts { rows_new, rows_known: pile.rows - rows_new, rows_amended: 0 })
}

fn merge_rows(
    connection: &Connection,
    document: &DocumentInfo,
    pile: &Pile,
    piles: &[Pile],
) -> Result<TableCounts, WarehouseError> {
    let table = pile.table;
    connection.execute_batch(&meetings(table))?;
    while collisions::part_from_stored(connection, table)? {
        connection.execute_batch(&meetings(table))?;
    }
    corrected::settle(connection, table, document)?;
    stated::refuse(connection, table, piles)?;
    let rows_amended = count(connection, "from temp.main.met where not is_same and not is_kept")?;
    if rows_amended > 0 {
        connection.execute_batch(&history(table, document))?;
        freshness::note_written(connection, "history")?;
    }
    if count(connection, "from temp.main.met where not is_kept")? > 0 {
        children::remove_replaced(connection, table)?;
        connection.execute_batch(&removal(table))?;
    }
    connection.execute_batch(&insertion(table))?;
    let rows_met = count(connection, "from temp.main.met")?;
    let rows_new = count(connection, &format!("from {}", pile.place()))? - rows_met;
    connection.execute_batch("drop table temp.main.met")?;
    Ok(TableCounts { rows_new, rows_known: pile.rows - rows_new - rows_amended, rows_amended })
}

/// Which stored row each incoming row meets, and whether the stored one stays.
fn meetings(table: &Table) -> String {
    let name = table.name;
    format!(
        "create or replace temp table met as
         select
             incoming.rowid as incoming,
             stored.rowid as stored,
             stored.content = incoming.content as is_same,
             stored.learned_at as learned_at,
             {} as is_kept
         from temp.main.stage_{name} as incoming
         join landing.{name} as stored on stored.id = incoming.id",
        stays(table)
    )
}

/// Whether the stored row stays: of two measures the better one does, else that of the stronger
/// document. A later estimate, or a hole, takes no measure away.
fn stays(table: &Table) -> String {
    let is_stronger = "stored.document in (from temp.main.stronger)";
    if !table.columns.iter().any(|column| column.name == "quality") {
        return is_stronger.to_owned();
    }
    let worth = |side: &str| {
        format!(
            "case when {side}.value is null or {side}.quality = 'missing' then 0 when {side}.quality = 'estimated' then 1 else 2 end"
        )
    };
    let (stored, incoming) = (worth("stored"), worth("incoming"));
    format!("case when {stored} = {incoming} then {is_stronger} else {stored} > {incoming} end")
}

fn history(table: &Table, document: &DocumentInfo) -> String {
    let name = table.name;
    let by = literal(&document.document);
    let learned_at = literal(&document.learned_at.to_string());
    format!(
        "insert into landing.history
         select '{name}', old.id, old.rank, old.document, {by}, json_merge_patch(to_json(old), '{{\"learned_at\": null}}')::varchar,
             {learned_at}, 'later_document', old.learned_at
         from landing.{name} as old
         join temp.main.met as met on met.stored = old.rowid
         where not met.is_same and not met.is_kept"
    )
}

fn removal(table: &Table) -> String {
    format!("delete from landing.{} where rowid in (select stored from temp.main.met where not is_kept)", table.name)
}

/// Inserts the rows that met nothing, and those that win over what they met; a row whose content
/// was known keeps the instant at which it was learned.
fn insertion(table: &Table) -> String {
    let name = table.name;
    format!(
        "insert into landing.{name}
         select incoming.* replace (
             case when met.is_same then met.learned_at else incoming.learned_at end as learned_at
         )
         from temp.main.stage_{name} as incoming
         left join temp.main.met as met on met.incoming = incoming.rowid
         where met.is_kept is distinct from true"
    )
}

/// Of rows with one id, the last of the document stays.
fn drop_equals(connection: &Connection, pile: &Pile) -> Result<(), WarehouseError> {
    if pile.has_equals() {
        let place = pile.place();
        while collisions::part_within(connection, pile.table, place)? {}
        connection.execute_batch(&format!(
            "delete from {place} where rowid not in (select max(rowid) from {place} group by id)"
        ))?;
    }
    Ok(())
}

/// Lists the documents whose rows do not give way to those of `document`.
fn list_stronger(connection: &Connection, document: &DocumentInfo) -> Result<(), WarehouseError> {
    connection.execute_batch("create temp table stronger (document varchar)")?;
    let incoming = Precedence { as_of: document.as_of, document: document.document.clone() };
    let mut appender = connection.appender_to_catalog_and_db("stronger", "temp", "main")?;
    for stored in precedences(connection)? {
        if !stored.gives_way_to(&incoming) {
            appender.append_row([stored.document])?;
        }
    }
    Ok(appender.flush()?)
}

fn precedences(connection: &Connection) -> Result<Vec<Precedence>, WarehouseError> {
    let mut question =
        connection.prepare("select document, strftime(as_of, '%Y-%m-%dT%H:%M:%S.%f') from landing.documents")?;
    let rows = question.query_map([], |row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?)))?;
    let mut precedences = Vec::new();
    for row in rows {
        let (document, as_of) = row?;
        // What was written by us reads back; a stranger's edit is taken for the oldest state.
        let as_of = as_of.parse().unwrap_or_default();
        precedences.push(Precedence { as_of, document });
    }
    Ok(precedences)
}

/// The number of rows of `from …`.
pub(super) fn count(connection: &Connection, rows: &str) -> Result<u64, WarehouseError> {
    let counted: i64 = connection.query_row(&format!("select count(*) {rows}"), [], |row| row.get(0))?;
    Ok(counted.unsigned_abs())
}
