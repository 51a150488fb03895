//! Which documents are in, and under which connector and source.

use duckdb::params;

use super::{Warehouse, WarehouseError};

impl Warehouse {
    /// Connector id and source of each load of a document; none when it was never read.
    pub fn loaded_as(&self, document: &str) -> Result<Vec<(String, Option<String>)>, WarehouseError> {
        let sql = "select connector, source from landing.documents where document = ? and connector <> ''";
        let mut statement = self.connection.prepare(sql)?;
        let rows = statement.query_map(params![document], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Forgets that a document came in and could not be read: it is about to be tried again.
    pub fn forget_unread(&mut self, document: &str) -> Result<(), WarehouseError> {
        for table in ["faults", "documents"] {
            let is_unread =
                "document in (select document from landing.documents where document = ? and connector = '')";
            self.connection.execute(&format!("delete from landing.{table} where {is_unread}"), params![document])?;
        }
        Ok(())
    }
}
