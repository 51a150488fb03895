//! Checks: each is a view that holds its offenders; an empty one holds.

use super::{Warehouse, WarehouseError};

/// What a check came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    /// Name of the view in schema `checks`.
    pub name: String,
    /// What should hold, one sentence.
    pub sentence: String,
    /// Rows that offend; 0 when it holds.
    pub offenders: u64,
}

impl Warehouse {
    /// Runs every check, by name.
    pub fn checks(&self) -> Result<Vec<Check>, WarehouseError> {
        let mut question = self.connection.prepare(
            "select view_name, coalesce(comment, '') from duckdb_views() where schema_name = 'checks' order by 1",
        )?;
        let found = question.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
        let named: Vec<(String, String)> = found.collect::<Result<_, _>>()?;
        named.into_iter().map(|(name, sentence)| self.check(name, sentence)).collect()
    }

    fn check(&self, name: String, sentence: String) -> Result<Check, WarehouseError> {
        let question = format!("select count(*) from checks.\"{name}\"");
        let offenders: i64 = self.connection.query_row(&question, [], |row| row.get(0))?;
        Ok(Check { name, sentence, offenders: offenders.unsigned_abs() })
    }
}
