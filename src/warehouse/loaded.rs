//! Which documents are in, under which connector and source, and how far the views are.

use duckdb::params;

use super::{Warehouse, WarehouseError};

impl Warehouse {
    /// Connector id, source and name of each load of a document; none when it was never read.
    pub fn loaded_as(&self, document: &str) -> Result<Vec<(String, Option<String>, String)>, WarehouseError> {
        let sql = "select connector, source, name from landing.documents where document = ? and connector <> ''";
        let mut statement = self.connection.prepare(sql)?;
        let rows = statement.query_map(params![document], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Rank of the last line of the journal that the views show; 0 for none.
    pub fn shown(&self) -> Result<u64, WarehouseError> {
        let seq: i64 = self.connection.query_row("select max(seq) from journal.shown", [], |row| row.get(0))?;
        Ok(seq.unsigned_abs())
    }

    /// Notes that the published views show the journal up to that line.
    pub fn set_shown(&mut self, seq: u64) -> Result<(), WarehouseError> {
        let seq = i64::try_from(seq).unwrap_or(i64::MAX);
        self.connection.execute("update journal.shown set seq = ?", params![seq])?;
        Ok(())
    }
}
