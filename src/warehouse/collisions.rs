//! Two rows with one id that are not one row.
//!
//! Ids are hashes, so that this happens once in many million households; when it does, the row
//! that comes takes the next number instead of being swallowed. Only rows that meet with another
//! content are looked at, for rows with the same id and the same content are the same row.

use duckdb::{Connection, Row};

use super::WarehouseError;
use super::rows::Target;
use crate::model::text::fold_label;
use crate::model::{ColumnType, Identity, Table};

/// Parts incoming rows from the stored rows that they meet in `met` without being them; says
/// whether there were any, and what meets what is to be found anew.
pub(super) fn part_from_stored(connection: &Connection, table: &Table) -> Result<bool, WarehouseError> {
    let name = table.name;
    let place = Target::Stage(name);
    let pairs = format!(
        "from temp.main.met as met
         join {place} as incoming on incoming.rowid = met.incoming
         join landing.{name} as other on other.rowid = met.stored
         where not met.is_same"
    );
    part(connection, table, &place.to_string(), &pairs)
}

/// The same among the rows of one document.
pub(super) fn part_within(connection: &Connection, table: &Table, place: Target) -> Result<bool, WarehouseError> {
    let pairs = format!(
        "from {place} as incoming join {place} as other
         on other.id = incoming.id and other.rowid > incoming.rowid and other.content <> incoming.content"
    );
    part(connection, table, &place.to_string(), &pairs)
}

fn part(connection: &Connection, table: &Table, place: &str, pairs: &str) -> Result<bool, WarehouseError> {
    let strangers = strangers(connection, table, pairs)?;
    for row in &strangers {
        connection.execute(&format!("update {place} set id = id + 1, key = key + 1 where rowid = ?"), [row])?;
    }
    Ok(!strangers.is_empty())
}

/// The incoming rows of pairs whose keys differ.
fn strangers(connection: &Connection, table: &Table, pairs: &str) -> Result<Vec<i64>, WarehouseError> {
    let keys: Vec<String> =
        table.key.iter().map(|key| format!("incoming.\"{key}\"::varchar, other.\"{key}\"::varchar")).collect();
    let question = format!("select incoming.rowid, incoming.rank = other.rank, {} {pairs}", keys.join(", "));
    let mut question = connection.prepare(&question)?;
    let mut rows = question.query([])?;
    let mut strangers = Vec::new();
    while let Some(row) = rows.next()? {
        let is_same_rank: bool = row.get(1)?;
        if !(has_same_key(table, row)? && (is_same_rank || !is_counted(table))) {
            strangers.push(row.get(0)?);
        }
    }
    Ok(strangers)
}

/// Keys are held against one another as they were hashed: texts folded, all else exactly.
fn has_same_key(table: &Table, row: &Row<'_>) -> Result<bool, WarehouseError> {
    for (position, key) in table.key.iter().enumerate() {
        let one: Option<String> = row.get(2 + 2 * position)?;
        let other: Option<String> = row.get(3 + 2 * position)?;
        let is_text = table.columns.iter().any(|column| column.name == *key && column.kind == ColumnType::Text);
        let is_same = match (&one, &other) {
            (Some(one), Some(other)) if is_text => fold_label(one) == fold_label(other),
            _ => one == other,
        };
        if !is_same {
            return Ok(false);
        }
    }
    Ok(true)
}

fn is_counted(table: &Table) -> bool {
    matches!(table.identity, Identity::Multiset | Identity::Aligned)
}
