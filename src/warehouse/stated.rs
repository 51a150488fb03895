//! What documents state as a whole: an event with its moved occurrences, a card, a calendar, an
//! address book. Of two documents that state it, the stronger one says which rows it has.
//!
//! A row stays exactly as long as no document that is stronger than its own states a whole that it
//! is of. Every such statement is kept, that of an object that is gone too, so that the order in
//! which documents come in does not matter. What goes is kept in `landing.history` as `gone`.

use duckdb::Connection;

use super::document::{Counts, DocumentInfo, TableCounts};
use super::merge::{count, note_written};
use super::pile::{Pile, has_rows, is_child};
use super::schema::literal;
use super::{WarehouseError, children, freshness};
use crate::model::record::Record;
use crate::model::records::{Contact, Event, StatedObject, TABLES};
use crate::model::{Identity, Table};

/// The table of the statements.
pub(super) const NAME: &str = StatedObject::TABLE.name;

/// A table whose rows are of wholes.
struct Kept {
    table: &'static Table,
    /// What statements call its objects, and what holds them.
    object: &'static str,
    place: &'static str,
    /// The column that names what holds them.
    column: &'static str,
}

const KEPT: [Kept; 2] = [
    Kept { table: &Event::TABLE, object: "event", place: "calendar", column: "calendar" },
    Kept { table: &Contact::TABLE, object: "contact", place: "book", column: "book" },
];

/// Whether rows of the table may have been taken away before they come.
pub(super) fn may_refuse(connection: &Connection, table: &Table) -> Result<bool, WarehouseError> {
    Ok(kept(table).is_some() && has_rows(connection, NAME)?)
}

/// Takes incoming rows out, and their children with them, that a stronger document states to be
/// gone: `met` says which rows it has itself.
pub(super) fn refuse(connection: &Connection, table: &Table, piles: &[Pile]) -> Result<(), WarehouseError> {
    let Some(kept) = kept(table) else { return Ok(()) };
    if !has_rows(connection, NAME)? {
        return Ok(());
    }
    let name = table.name;
    connection.execute_batch(&format!(
        "create or replace temp table refused as
         select incoming.*, incoming.rowid as refused_row
         from temp.main.stage_{name} as incoming
         where {} and incoming.rowid not in (select incoming from temp.main.met)",
        kept.is_stated("incoming", "document in (from temp.main.stronger)"),
    ))?;
    if count(connection, "from temp.main.refused")? > 0 {
        for child in piles.iter().filter(|pile| pile.table.identity == Identity::ChildOf(name)) {
            remove_children(connection, table, &child.place().to_string(), "temp.main.refused", "true")?;
        }
        let refused = "select refused_row from temp.main.refused";
        connection.execute_batch(&format!("delete from temp.main.stage_{name} where rowid in ({refused})"))?;
    }
    Ok(connection.execute_batch("drop table temp.main.refused")?)
}

/// Takes stored rows away that this document states to be gone, or does not hold of what it states.
pub(super) fn remove(
    connection: &Connection,
    document: &DocumentInfo,
    counts: &mut Counts,
) -> Result<(), WarehouseError> {
    let own = literal(&document.document);
    for kept in &KEPT {
        let name = kept.table.name;
        connection.execute_batch(&format!(
            "create or replace temp table gone as
             select stored.*, stored.rowid as gone_row
             from landing.{name} as stored
             where stored.document <> {own} and stored.document not in (from temp.main.stronger) and {}",
            kept.is_stated("stored", &format!("document = {own}")),
        ))?;
        let rows_amended = count(connection, "from temp.main.gone")?;
        if rows_amended > 0 {
            take_away(connection, kept.table, document)?;
            counts.add(name, TableCounts { rows_amended, ..TableCounts::default() });
        }
        connection.execute_batch("drop table temp.main.gone")?;
    }
    Ok(())
}

/// The rows of `gone`, with their children, into history.
fn take_away(connection: &Connection, table: &Table, document: &DocumentInfo) -> Result<(), WarehouseError> {
    let name = table.name;
    let (by, learned_at) = (literal(&document.document), literal(&document.learned_at.to_string()));
    connection.execute_batch(&format!(
        "insert into landing.history
         select '{name}', old.id, old.rank, old.document, {by},
             json_merge_patch(to_json(old), '{{\"learned_at\": null}}')::varchar, {learned_at}, 'gone', old.learned_at
         from landing.{name} as old
         where old.rowid in (select gone_row from temp.main.gone)"
    ))?;
    for child in TABLES.iter().filter(|child| child.identity == Identity::ChildOf(name)) {
        let place = format!("landing.{}", child.name);
        remove_children(connection, table, &place, "temp.main.gone", "child.document = parent.document")?;
    }
    connection
        .execute_batch(&format!("delete from landing.{name} where rowid in (select gone_row from temp.main.gone)"))?;
    note_written(connection, table)?;
    freshness::note_written(connection, "history")
}

fn remove_children(
    connection: &Connection,
    table: &Table,
    place: &str,
    parents: &str,
    and: &str,
) -> Result<(), WarehouseError> {
    let same_parent = children::same_parent(table);
    Ok(connection.execute_batch(&format!(
        "delete from {place} as child using {parents} as parent where {and} and {same_parent}"
    ))?)
}

fn kept(table: &Table) -> Option<&'static Kept> {
    KEPT.iter().find(|kept| kept.table.name == table.name && !is_child(table))
}

impl Kept {
    /// Whether a statement for which `of` holds covers a row.
    fn is_stated(&self, row: &str, of: &str) -> String {
        let Self { object, place, column, .. } = self;
        format!(
            "(({row}.{column}, {row}.uid) in (
                 select (place, uid) from landing.{NAME} where kind = '{object}' and {of}
             ) or {row}.{column} in (select place from landing.{NAME} where kind = '{place}' and {of}))"
        )
    }
}
