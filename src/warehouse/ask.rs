//! Asking: SQL in, rows out, from a connection that can reach nothing but the snapshot.
//!
//! Rows stream: an answer of any size takes the memory of one batch. The lock-down keeps a
//! question away from files, the network and the settings; it does not bound what a hostile
//! question may take of memory and time, which a separate process has to.

use std::path::Path;

use duckdb::arrow::array::{Array, ArrayRef, StructArray};
use duckdb::arrow::datatypes::{DataType, SchemaRef};
use duckdb::arrow::util::display::{ArrayFormatter, FormatOptions};
use duckdb::{Connection, Statement};

use super::open::{beside, connect, keep_private, remove};
use super::schema::literal;
use super::{Limits, Mode, Warehouse, WarehouseError};

/// A reader of a published snapshot: never waits for the writer, and can change nothing.
pub struct Reader {
    connection: Connection,
}

/// The rows of an answer, as they come.
pub struct Answer<'r> {
    statement: Statement<'r>,
}

/// A column of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AnswerColumn {
    pub name: String,
    /// Whether people expect it on the right.
    pub is_number: bool,
}

/// A row as text, null cells absent: decimals exact, `2026-03-05`, `2026-03-05 10:00:00`.
pub type TextRow = Vec<Option<String>>;

impl Reader {
    /// Opens a snapshot, locked down.
    pub fn open(snapshot: &Path, limits: Limits) -> Result<Self, WarehouseError> {
        let connection = connect(snapshot, Mode::Read, limits)?;
        lock_down(&connection, None)?;
        Ok(Self { connection })
    }

    /// Asks one question.
    pub fn ask(&self, sql: &str) -> Result<Answer<'_>, WarehouseError> {
        Answer::to(&self.connection, sql)
    }
}

impl Warehouse {
    /// Asks one question of the warehouse itself, without lock-down: for moisson's own questions.
    pub fn ask(&self, sql: &str) -> Result<Answer<'_>, WarehouseError> {
        Answer::to(&self.connection, sql)
    }
}

/// Writes the answer to a question as a Parquet file; returns the number of rows.
///
/// `target` is the only file that the question can reach.
pub fn write_parquet(snapshot: &Path, sql: &str, target: &Path, limits: Limits) -> Result<u64, WarehouseError> {
    let fresh = std::path::absolute(beside(target, "new")).map_err(|error| WarehouseError::file(target, error))?;
    remove(&fresh)?;
    let connection = connect(snapshot, Mode::Read, limits)?;
    lock_down(&connection, Some(&fresh))?;
    let question = sql.trim_end().trim_end_matches(';');
    let file = literal(&fresh.to_string_lossy());
    let copy = format!("copy (\n{question}\n) to {file} (format parquet, compression zstd, use_tmp_file false)");
    let copied = connection.execute(&copy, []).map_err(|error| refused(&error));
    if copied.is_err() {
        remove(&fresh)?;
    }
    let rows = copied?;
    keep_private(&fresh)?;
    std::fs::rename(&fresh, target).map_err(|error| WarehouseError::file(target, error))?;
    Ok(rows as u64)
}

impl<'r> Answer<'r> {
    fn to(connection: &'r Connection, sql: &str) -> Result<Self, WarehouseError> {
        let mut statement = connection.prepare(sql).map_err(|error| refused(&error))?;
        // The stream is only a view of the statement, which goes on giving its batches.
        statement.stream_arrow([]).map(drop).map_err(|error| refused(&error))?;
        Ok(Self { statement })
    }

    /// Its columns, from left to right.
    pub fn columns(&self) -> Vec<AnswerColumn> {
        let schema = self.schema();
        let column = |field: &std::sync::Arc<duckdb::arrow::datatypes::Field>| AnswerColumn {
            name: field.name().clone(),
            is_number: field.data_type().is_numeric(),
        };
        schema.fields().iter().map(column).collect()
    }

    /// The next rows, or `None` at the end. A batch holds at most a few thousand.
    pub fn next_rows(&mut self) -> Result<Option<Vec<TextRow>>, WarehouseError> {
        let Some(batch) = self.next_batch()? else { return Ok(None) };
        let options = format_options();
        let formatters = formatters(&batch, &options)?;
        let cell = |column: usize, row: usize| -> Result<Option<String>, WarehouseError> {
            Ok(if is_null(batch.column(column), row) {
                None
            } else {
                Some(formatters[column].value(row).try_to_string()?)
            })
        };
        let row = |row| (0..batch.num_columns()).map(|column| cell(column, row)).collect();
        (0..batch.len()).map(row).collect::<Result<_, _>>().map(Some)
    }

    pub(super) fn next_batch(&mut self) -> Result<Option<StructArray>, WarehouseError> {
        self.statement.step().map_err(|error| refused(&error))
    }

    pub(super) fn schema(&self) -> SchemaRef {
        self.statement.schema()
    }
}

/// Whether a cell is null; a column of the null type holds nothing else.
pub(super) fn is_null(array: &ArrayRef, row: usize) -> bool {
    *array.data_type() == DataType::Null || array.is_null(row)
}

/// Nulls empty, instants as the database writes them.
pub(super) fn format_options() -> FormatOptions<'static> {
    FormatOptions::new()
        .with_timestamp_format(Some("%Y-%m-%d %H:%M:%S%.f"))
        .with_timestamp_tz_format(Some("%Y-%m-%d %H:%M:%S%.f%:z"))
        .with_datetime_format(Some("%Y-%m-%d %H:%M:%S%.f"))
}

/// One formatter a column.
pub(super) fn formatters<'a>(
    batch: &'a StructArray,
    options: &'a FormatOptions<'a>,
) -> Result<Vec<ArrayFormatter<'a>>, WarehouseError> {
    let columns = batch.columns().iter();
    Ok(columns.map(|column| ArrayFormatter::try_new(column.as_ref(), options)).collect::<Result<_, _>>()?)
}

/// Shuts files, network and settings off; `open_file` is the one file left.
fn lock_down(connection: &Connection, open_file: Option<&Path>) -> Result<(), WarehouseError> {
    if let Some(file) = open_file {
        connection.execute_batch(&format!("set allowed_paths = [{}]", literal(&file.to_string_lossy())))?;
    }
    Ok(connection
        .execute_batch("set temp_directory = ''; set enable_external_access = false; set lock_configuration = true")?)
}

fn refused(error: &duckdb::Error) -> WarehouseError {
    WarehouseError::Refused { message: error.to_string() }
}
