//! What differs between two warehouses: which rows would go, come or change.
//!
//! Rows of landing tables are held against one another by id; of those that are left, an old and
//! a new one that were read from the same place of the same document are one row that changed.
//! Marts have no ids: a changed row of theirs is one gone and one new. Bookkeeping is not compared.

use std::path::Path;

use duckdb::{Connection, Row};

use super::open::{beside, settings};
use super::schema::literal;
use super::{Limits, WarehouseError};
use crate::model::Table;
use crate::model::records::TABLES;

/// How one table differs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TableDiff {
    /// `landing.transactions`, `main.calls`
    pub table: String,
    pub rows_gone: u64,
    pub rows_new: u64,
    pub rows_changed: u64,
    /// The first rows that only the old warehouse has.
    pub gone: Vec<RowSketch>,
    /// The first rows that only the new one has.
    pub new: Vec<RowSketch>,
    /// The cells of the first rows that changed.
    pub changed: Vec<CellDiff>,
}

/// A row, as far as people need to tell which one it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowSketch {
    /// Document and line; empty for a mart.
    pub document: String,
    pub row_pointer: String,
    /// Its key columns (of a mart: all columns) that are not null, with their values.
    pub cells: Vec<(String, String)>,
}

/// A cell that differs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CellDiff {
    pub id: i64,
    pub document: String,
    pub row_pointer: String,
    pub column: String,
    pub old: Option<String>,
    pub new: Option<String>,
}

/// Compares two files that nobody writes to; at most `shown` rows of each kind are listed a
/// table, all are counted. Tables that do not differ are left out.
pub fn diff(old: &Path, new: &Path, shown: usize) -> Result<Vec<TableDiff>, WarehouseError> {
    let connection = side_by_side(old, new)?;
    let mut diffs = Vec::new();
    for table in TABLES {
        diffs.push(landing(&connection, table, shown)?);
    }
    for mart in marts(&connection)? {
        diffs.push(compare_mart(&connection, &mart, shown)?);
    }
    diffs.retain(|diff| diff.rows_gone + diff.rows_new + diff.rows_changed > 0);
    Ok(diffs)
}

fn side_by_side(old: &Path, new: &Path) -> Result<Connection, WarehouseError> {
    let spill = beside(new, "diff");
    let config = settings(Limits::default())?.with("temp_directory", spill.to_string_lossy())?;
    let connection = Connection::open_in_memory_with_flags(config)?;
    for (path, name) in [(old, "old"), (new, "new")] {
        let attach = format!("attach {} as \"{name}\" (read_only)", literal(&path.to_string_lossy()));
        connection
            .execute_batch(&attach)
            .map_err(|error| WarehouseError::Unreadable { path: path.to_owned(), detail: error.to_string() })?;
    }
    Ok(connection)
}

fn landing(connection: &Connection, table: &'static Table, shown: usize) -> Result<TableDiff, WarehouseError> {
    connection.execute_batch(&pairs(table.name))?;
    let mut diff = TableDiff { table: format!("landing.{}", table.name), ..TableDiff::default() };
    let mut question = connection.prepare(&pair_cells(table))?;
    let mut rows = question.query([])?;
    while let Some(row) = rows.next()? {
        note(&mut diff, table, row, shown)?;
    }
    Ok(diff)
}

/// Sorts one pair into its kind.
fn note(diff: &mut TableDiff, table: &Table, row: &Row<'_>, shown: usize) -> Result<(), WarehouseError> {
    match (row.get(0)?, row.get(1)?) {
        (true, true) => {
            let cells = changed_cells(table, row)?;
            diff.rows_changed += u64::from(!cells.is_empty());
            if diff.rows_changed <= shown as u64 {
                diff.changed.extend(cells);
            }
        }
        (true, false) => {
            diff.rows_gone += 1;
            keep_first(&mut diff.gone, shown, || sketch(table, row, 0))?;
        }
        (false, _) => {
            diff.rows_new += 1;
            keep_first(&mut diff.new, shown, || sketch(table, row, 1))?;
        }
    }
    Ok(())
}

fn keep_first<T>(
    kept: &mut Vec<T>,
    shown: usize,
    next: impl FnOnce() -> Result<T, WarehouseError>,
) -> Result<(), WarehouseError> {
    if kept.len() < shown {
        kept.push(next()?);
    }
    Ok(())
}

/// Old and new rows that are to be held against one another; a lone one has no partner.
fn pairs(table: &str) -> String {
    let lone = |this: &str, other: &str| {
        format!(
            "select this.rowid as place, this.document, this.row_pointer, row_number() over (
                 partition by this.document, this.row_pointer order by this.id
             ) as position
             from \"{this}\".landing.{table} as this
             anti join \"{other}\".landing.{table} as other on other.id = this.id"
        )
    };
    format!(
        "create or replace temp table pairs as
         select older.rowid as old_row, newer.rowid as new_row
         from \"old\".landing.{table} as older join \"new\".landing.{table} as newer on newer.id = older.id
         where newer.content <> older.content
         union all
         select gone.place, fresh.place
         from ({}) as gone full join ({}) as fresh
         on fresh.document = gone.document and fresh.row_pointer = gone.row_pointer and fresh.position = gone.position",
        lone("old", "new"),
        lone("new", "old"),
    )
}

/// Presence of both sides, id, place, then old and new value of each column as text.
fn pair_cells(table: &Table) -> String {
    let name = table.name;
    let cells: Vec<String> = table
        .columns
        .iter()
        .map(|column| format!("older.\"{0}\"::varchar, newer.\"{0}\"::varchar", column.name))
        .collect();
    format!(
        "select pairs.old_row is not null, pairs.new_row is not null, coalesce(newer.id, older.id),
             coalesce(newer.document, older.document), coalesce(newer.row_pointer, older.row_pointer), {}
         from temp.main.pairs
         left join \"old\".landing.{name} as older on older.rowid = pairs.old_row
         left join \"new\".landing.{name} as newer on newer.rowid = pairs.new_row
         order by 4, try_cast(coalesce(newer.row_pointer, older.row_pointer) as bigint), 5, 3",
        cells.join(", ")
    )
}

/// Columns of [`pair_cells`] before the first cell.
const BEFORE_CELLS: usize = 5;

fn changed_cells(table: &Table, row: &Row<'_>) -> Result<Vec<CellDiff>, WarehouseError> {
    let mut changed = Vec::new();
    for (position, column) in table.columns.iter().enumerate() {
        let old: Option<String> = row.get(BEFORE_CELLS + 2 * position)?;
        let new: Option<String> = row.get(BEFORE_CELLS + 2 * position + 1)?;
        if old != new {
            let (id, document, row_pointer) = (row.get(2)?, row.get(3)?, row.get(4)?);
            changed.push(CellDiff { id, document, row_pointer, column: column.name.to_owned(), old, new });
        }
    }
    Ok(changed)
}

/// The key cells of one side of a pair: 0 for the old one, 1 for the new one.
fn sketch(table: &Table, row: &Row<'_>, side: usize) -> Result<RowSketch, WarehouseError> {
    let mut cells = Vec::new();
    for (position, column) in table.columns.iter().enumerate().filter(|(_, c)| table.key.contains(&c.name)) {
        if let Some(value) = row.get(BEFORE_CELLS + 2 * position + side)? {
            cells.push((column.name.to_owned(), value));
        }
    }
    Ok(RowSketch { document: row.get(3)?, row_pointer: row.get(4)?, cells })
}

/// Marts that both sides have.
fn marts(connection: &Connection) -> Result<Vec<String>, WarehouseError> {
    let mut question = connection.prepare(
        "select view_name from duckdb_views()
         where database_name in ('old', 'new') and schema_name = 'main' and not internal
         group by view_name having count(*) = 2 order by view_name",
    )?;
    let names = question.query_map([], |row| row.get(0))?;
    Ok(names.collect::<Result<_, _>>()?)
}

fn compare_mart(connection: &Connection, mart: &str, shown: usize) -> Result<TableDiff, WarehouseError> {
    let columns = common_columns(connection, mart)?;
    let list = columns.iter().map(|column| format!("\"{column}\"::varchar")).collect::<Vec<_>>().join(", ");
    for side in ["old", "new"] {
        // A view reads its own file only while that file is the one in use.
        connection.execute_batch(&format!(
            "use \"{side}\"; create or replace temp table {side}_mart as select {list} from main.\"{mart}\""
        ))?;
    }
    let (rows_gone, gone) = only_in(connection, ["old", "new"], &columns, shown)?;
    let (rows_new, new) = only_in(connection, ["new", "old"], &columns, shown)?;
    Ok(TableDiff { table: format!("main.{mart}"), rows_gone, rows_new, gone, new, ..TableDiff::default() })
}

fn common_columns(connection: &Connection, mart: &str) -> Result<Vec<String>, WarehouseError> {
    let mut question = connection.prepare(
        "select column_name from duckdb_columns()
         where database_name in ('old', 'new') and schema_name = 'main' and table_name = ?
         group by column_name having count(*) = 2 order by min(column_index)",
    )?;
    let names = question.query_map([mart], |row| row.get(0))?;
    Ok(names.collect::<Result<_, _>>()?)
}

/// Rows of one side that the other has not, or has fewer times.
fn only_in(
    connection: &Connection,
    [this, other]: [&str; 2],
    columns: &[String],
    shown: usize,
) -> Result<(u64, Vec<RowSketch>), WarehouseError> {
    let question = format!("from temp.main.{this}_mart except all from temp.main.{other}_mart order by all");
    let mut question = connection.prepare(&question)?;
    let mut rows = question.query([])?;
    let (mut count, mut first) = (0, Vec::new());
    while let Some(row) = rows.next()? {
        count += 1;
        keep_first(&mut first, shown, || mart_sketch(columns, row))?;
    }
    Ok((count, first))
}

fn mart_sketch(columns: &[String], row: &Row<'_>) -> Result<RowSketch, WarehouseError> {
    let mut cells = Vec::new();
    for (position, column) in columns.iter().enumerate() {
        if let Some(value) = row.get(position)? {
            cells.push((column.clone(), value));
        }
    }
    Ok(RowSketch { document: String::new(), row_pointer: String::new(), cells })
}
