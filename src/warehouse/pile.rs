//! The records of one document for one table, gathered before they are merged.

use duckdb::Connection;

use super::WarehouseError;
use super::document::DocumentInfo;
use super::rows::{Batch, Target};
use super::schema::BOOKKEEPING;
use super::stated;
use crate::identity::Ranks;
use crate::model::hash::{self, KeyHash};
use crate::model::records::AnyRecord;
use crate::model::{CellRef, Identity, Table};

/// The records of one document for one table.
pub(super) struct Pile {
    pub(super) table: &'static Table,
    /// Records gathered, handed over or not.
    pub(super) rows: u64,
    /// Whether the rows wait in a temporary table; else they stand in the landing table already,
    /// which was empty, and nothing is to be merged.
    pub(super) is_staged: bool,
    batch: Batch,
    ranks: Ranks,
}

/// What every row of a document carries.
#[derive(Clone, Copy)]
pub(super) struct Stamp<'a> {
    pub(super) document: &'a DocumentInfo,
    pub(super) connector: &'a str,
    pub(super) row_pointer: &'a str,
}

impl Pile {
    /// Prepares the place where the rows of one table will wait.
    pub(super) fn start(connection: &Connection, table: &'static Table) -> Result<Self, WarehouseError> {
        let name = table.name;
        let is_staged = is_child(table) || has_rows(connection, name)? || stated::may_refuse(connection, table)?;
        if is_staged {
            connection.execute_batch(&format!("create temp table stage_{name} as from landing.{name} limit 0"))?;
        }
        let batch = Batch::new(BOOKKEEPING.iter().chain(table.all_columns()))?;
        Ok(Self { table, rows: 0, is_staged, batch, ranks: Ranks::default() })
    }

    /// Adds a record; `cells` holds room for the bookkeeping columns, then the record's own.
    pub(super) fn push<'a>(&mut self, record: &AnyRecord, cells: &mut [CellRef<'a>], stamp: Stamp<'a>) {
        let mut key = KeyHash::of_table(self.table.name);
        record.key(&mut key);
        let key = key.finish();
        let equals_before = self.ranks.next(key);
        let rank = if self.is_counted() { equals_before } else { 0 };
        let content = hash::content(&cells[BOOKKEEPING.len()..][..self.table.columns.len()]);
        cells[..BOOKKEEPING.len()].copy_from_slice(&[
            CellRef::Integer(hash::ranked(key, rank)),
            CellRef::Integer(key),
            CellRef::Integer(i64::from(rank)),
            CellRef::Integer(content),
            CellRef::Text(&stamp.document.document),
            CellRef::Text(stamp.row_pointer),
            CellRef::Text(stamp.connector),
            stamp.document.source.as_deref().map_or(CellRef::Null, CellRef::Text),
            CellRef::Timestamp(stamp.document.learned_at),
        ]);
        self.batch.push(cells);
        self.rows += 1;
    }

    /// Records gathered but not handed over yet.
    pub(super) fn waiting(&self) -> usize {
        self.batch.len()
    }

    /// Hands the gathered records to the database.
    pub(super) fn hand_over(&mut self, connection: &Connection) -> Result<(), WarehouseError> {
        let place = self.place();
        self.batch.append_to(connection, place)
    }

    /// The table in which the rows wait.
    pub(super) fn place(&self) -> Target {
        if self.is_staged { Target::Stage(self.table.name) } else { Target::Landing(self.table.name) }
    }

    /// Whether equal rows are counted rather than merged.
    fn is_counted(&self) -> bool {
        matches!(self.table.identity, Identity::Multiset | Identity::Aligned)
    }

    /// Whether one id may stand twice in the pile.
    pub(super) fn has_equals(&self) -> bool {
        !self.is_counted() && self.ranks.has_equals()
    }
}

/// Whether the rows of a table follow those of another.
pub(super) fn is_child(table: &Table) -> bool {
    matches!(table.identity, Identity::ChildOf(_))
}

pub(super) fn has_rows(connection: &Connection, table: &str) -> Result<bool, WarehouseError> {
    let question = format!("select exists (from landing.{table} limit 1)");
    Ok(connection.query_row(&question, [], |row| row.get(0))?)
}
