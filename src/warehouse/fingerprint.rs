//! One number a table: whether two warehouses hold the same rows.
//!
//! Independent of the order of rows and of the instant at which they were learned, so that a
//! rebuilt warehouse can be held against the one it replaces. Two versions of the database may
//! hash differently: the numbers are for comparing, not for keeping.

use duckdb::Connection;

use super::{Warehouse, WarehouseError};

/// What a table holds, in one number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableHash {
    /// `landing.transactions`, `main.calls`
    pub table: String,
    pub rows: u64,
    /// Hexadecimal; equal when the tables hold the same rows, however ordered.
    pub hash: String,
}

impl Warehouse {
    /// The landing tables and the marts, by name.
    pub fn table_hashes(&self) -> Result<Vec<TableHash>, WarehouseError> {
        let tables = offered(&self.connection)?;
        tables.iter().map(|(schema, table)| hash(&self.connection, schema, table)).collect()
    }
}

/// Landing tables and marts: schema and name.
pub(super) fn offered(connection: &Connection) -> Result<Vec<(String, String)>, WarehouseError> {
    let mut question = connection.prepare(
        "select schema_name, table_name from duckdb_tables()
         where schema_name = 'landing' and database_name = current_database()
         union all
         select schema_name, view_name from duckdb_views()
         where schema_name = 'main' and not internal and database_name = current_database()
         order by all",
    )?;
    let tables = question.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(tables.collect::<Result<_, _>>()?)
}

fn hash(connection: &Connection, schema: &str, table: &str) -> Result<TableHash, WarehouseError> {
    let question = format!(
        "select count(*), printf('%016x', coalesce(sum(hash(row)), 0) % 18446744073709551616)
         from (select columns(lambda name: name not in ('learned_at', 'known_since')) from {schema}.\"{table}\") as row"
    );
    let (rows, hash) = connection.query_row(&question, [], |row| Ok((row.get::<_, i64>(0)?, row.get(1)?)))?;
    Ok(TableHash { table: format!("{schema}.{table}"), rows: rows.unsigned_abs(), hash })
}
