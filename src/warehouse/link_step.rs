//! A step between two intermediate files: candidates that SQL proposed go out as columns of
//! whole numbers, the links that were chosen among them come back as a table of schema `links`.
//!
//! How links are chosen is another room's; the warehouse only carries the numbers.

use std::fmt::Write;
use std::sync::Arc;

use duckdb::Connection;
use duckdb::arrow::array::{Array, ArrayRef, AsArray, Int64Array};
use duckdb::arrow::datatypes::{DataType, Field, Int64Type, Schema};
use duckdb::arrow::record_batch::RecordBatch;

use super::WarehouseError;
use super::layer_files::LINKS;
use super::schema::literal;

/// What chooses links among candidates.
#[derive(Debug, Clone, Copy)]
pub struct LinkStep {
    /// `transfers`: reads `intermediate.transfers_candidates`, makes `links.transfers`.
    pub name: &'static str,
    /// What one row of the table is.
    pub grain: &'static str,
    /// Columns of the candidates that are handed over, each a BIGINT without nulls; rows come in
    /// the order of these columns.
    pub reads: &'static [&'static str],
    /// Columns of the table, each a BIGINT, with their meaning.
    pub makes: &'static [(&'static str, &'static str)],
    /// Columns in, columns out, all of one length.
    pub choose: fn(&[Vec<i64>]) -> Vec<Vec<i64>>,
}

impl LinkStep {
    /// Makes the table anew.
    pub(super) fn run(&self, connection: &Connection) -> Result<(), WarehouseError> {
        let candidates = self.candidates(connection)?;
        let links = (self.choose)(&candidates);
        connection.execute_batch(&self.table())?;
        self.write(connection, links)
    }

    /// `links.transfers`
    pub(super) fn table_name(&self) -> String {
        format!("{LINKS}.{}", self.name)
    }

    fn candidates(&self, connection: &Connection) -> Result<Vec<Vec<i64>>, WarehouseError> {
        let list = self.reads.iter().map(|name| format!("{name}::bigint as {name}")).collect::<Vec<_>>().join(", ");
        let mut question =
            connection.prepare(&format!("select {list} from intermediate.{}_candidates order by all", self.name))?;
        let mut columns = vec![Vec::new(); self.reads.len()];
        for batch in question.query_arrow([])? {
            for (column, array) in columns.iter_mut().zip(batch.columns()) {
                let array = array.as_primitive::<Int64Type>();
                column.extend((0..array.len()).map(|row| if array.is_null(row) { 0 } else { array.value(row) }));
            }
        }
        Ok(columns)
    }

    fn table(&self) -> String {
        let table = self.table_name();
        let columns = self.makes.iter().map(|(name, _)| format!("{name} bigint")).collect::<Vec<_>>().join(", ");
        let mut sql = format!("create or replace table {table} ({columns});\n");
        let _ = writeln!(sql, "comment on table {table} is {};", literal(self.grain));
        for (name, meaning) in self.makes {
            let _ = writeln!(sql, "comment on column {table}.{name} is {};", literal(meaning));
        }
        sql
    }

    fn write(&self, connection: &Connection, links: Vec<Vec<i64>>) -> Result<(), WarehouseError> {
        if links.first().is_none_or(Vec::is_empty) {
            return Ok(());
        }
        let fields: Vec<Field> = self.makes.iter().map(|(name, _)| Field::new(*name, DataType::Int64, true)).collect();
        let arrays: Vec<ArrayRef> =
            links.into_iter().map(|column| Arc::new(Int64Array::from(column)) as ArrayRef).collect();
        let batch = RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays)?;
        let mut appender = connection.appender_to_db(self.name, LINKS)?;
        appender.append_record_batch(batch)?;
        Ok(appender.flush()?)
    }
}
