//! The landing tables, made from the declarations of the model.
//!
//! No primary key, no UNIQUE and no index anywhere: they cost ten times the rest of an import,
//! and the merge makes sure of identity.

use std::fmt::Write;
use std::path::Path;

use duckdb::Connection;
use xxhash_rust::xxh3::xxh3_64;

use super::{WarehouseError, facts, freshness, household, runs};
use crate::model::records::TABLES;
use crate::model::rules;
use crate::model::{Column, ColumnType, Table};

/// Bookkeeping columns, first in every landing table that documents fill.
pub(super) const BOOKKEEPING: &[Column] = &[
    column("id", ColumnType::Integer, "What makes the row itself, as a stable number."),
    column("key", ColumnType::Integer, "What makes the row equal to others, as a number."),
    column("rank", ColumnType::Integer, "Rank among equal rows of its document, from 0."),
    column("content", ColumnType::Integer, "Hash of the whole row: differs when any cell differs."),
    column("document", ColumnType::Text, "Document that the row was read from: joins landing.documents.document."),
    column("row_pointer", ColumnType::Text, "Line, sheet cell or JSON pointer in that document."),
    column("connector", ColumnType::Text, "Connector and version that read it."),
    column("source", ColumnType::Text, "Source of moisson.toml that it came through."),
    column("learned_at", ColumnType::Timestamp, "When this state of the row was learned, UTC."),
];

/// Every document that was met, whatever became of it.
pub(super) const DOCUMENTS: &[Column] = &[
    column("document", ColumnType::Text, "sha256 of the document's bytes."),
    column("name", ColumnType::Text, "Name under which it came."),
    column("size", ColumnType::Integer, "Size in bytes."),
    column("kind", ColumnType::Text, "Format it was read as."),
    column("connector", ColumnType::Text, "Connector that recognised it; empty when none did."),
    column("connector_version", ColumnType::Integer, "Version of that connector."),
    column("reason", ColumnType::Text, "Why that connector was chosen."),
    column("encoding", ColumnType::Text, "Encoding that its text was read in."),
    column("decimal_mark", ColumnType::Text, "Decimal mark that was chosen."),
    column("date_order", ColumnType::Text, "Order of date parts that was chosen."),
    column("as_of", ColumnType::Timestamp, "Instant whose state the document shows, UTC."),
    column("learned_at", ColumnType::Timestamp, "When it was imported, UTC."),
    column("source", ColumnType::Text, "Source of moisson.toml that it belongs to."),
    column("parent", ColumnType::Text, "Document that holds it."),
    column("covered_from", ColumnType::Date, "First day that it covers."),
    column("covered_to", ColumnType::Date, "Last day that it covers, inclusive."),
    column("rows_read", ColumnType::Integer, "Rows met in it."),
    column("rows_new", ColumnType::Integer, "Records that were new when it came."),
    column("rows_known", ColumnType::Integer, "Records that were known when it came."),
    column("rows_amended", ColumnType::Integer, "Records that changed a known row when it came."),
    column("rows_rejected", ColumnType::Integer, "Rows that were refused."),
    column("rows_skipped", ColumnType::Integer, "Rows left out on purpose."),
    column("outcome", ColumnType::Text, "ok, partial, empty, unrecognised or refused."),
];

/// Rows that could not be taken, or not whole.
pub(super) const FAULTS: &[Column] = &[
    column("document", ColumnType::Text, "Document it stands in."),
    column("kind", ColumnType::Text, "What is wrong: a code of the catalogue."),
    column("line", ColumnType::Integer, "1-based line; 0 when the document has no lines."),
    column("column_number", ColumnType::Integer, "1-based column in characters; 0 when unknown."),
    column("pointer", ColumnType::Text, "Sheet cell or JSON pointer."),
    column("value", ColumnType::Text, "The offending value."),
    column("excerpt", ColumnType::Text, "The row it stands in, cut to 200 characters."),
    column("message", ColumnType::Text, "What was expected."),
    column("hint", ColumnType::Text, "What can be done about it."),
    column("is_row_lost", ColumnType::Boolean, "Whether the row is lost, or was taken without the value."),
];

/// Rows that another document replaced.
const HISTORY: &[Column] = &[
    column("table_name", ColumnType::Text, "Landing table of the row."),
    column("id", ColumnType::Integer, "Its id."),
    column("rank", ColumnType::Integer, "Its rank."),
    column("replaced_document", ColumnType::Text, "Document that the old row was read from."),
    column("by_document", ColumnType::Text, "Document that replaced it."),
    column("replaced", ColumnType::Text, "The old row as JSON."),
    column("learned_at", ColumnType::Timestamp, "When it was replaced, UTC."),
    column(
        "reason",
        ColumnType::Text,
        "Why: later_document, same_row, same_id, day_moved, label_rewritten, settled, cancelled, vanished or corrected.",
    ),
    column("known_since", ColumnType::Timestamp, "When the old row was learned, UTC."),
];

/// What each document shows of each account, and whether it was believed.
const SNAPSHOTS: &[Column] = &[
    column("document", ColumnType::Text, "Document: joins landing.documents.document."),
    column("account", ColumnType::Text, "Account that it shows."),
    column("covered_from", ColumnType::Date, "First day of its window."),
    column("covered_to", ColumnType::Date, "Last day of its window, inclusive."),
    column("rows", ColumnType::Integer, "Movements that it shows."),
    column(
        "verdict",
        ColumnType::Text,
        "applied; quarantined: none of its movements were taken; waiting: they will be.",
    ),
    column("reason", ColumnType::Text, "Why it was quarantined: collapsed, stranger or unbalanced."),
    column("missing", ColumnType::Integer, "Known movements of its window that it does not show."),
];

/// Other ids under which a row was, or would have been, known: facts that name one find the row.
const ALIASES: &[Column] = &[
    column("table_name", ColumnType::Text, "Landing table of the row."),
    column("alias", ColumnType::Integer, "The other id."),
    column("id", ColumnType::Integer, "The row's id."),
];

/// How far the views are: the last line of the journal that they show.
const SHOWN: &str = "create schema journal;
create table journal.shown as select 0::bigint as seq;
comment on table journal.shown is 'The last line of the journal that the views show.';
";

/// Makes every schema and table of an empty warehouse.
pub(super) fn create(connection: &Connection) -> Result<(), WarehouseError> {
    connection.execute_batch(&format!("begin; {} commit;", everything()))?;
    Ok(())
}

/// Makes sure that the file has the landing tables of this version.
pub(super) fn verify(connection: &Connection, path: &Path) -> Result<(), WarehouseError> {
    let found = connection.query_row("select mark from landing.format", [], |row| row.get::<_, String>(0));
    match found {
        Ok(mark) if mark == self::mark() => Ok(()),
        _ => Err(WarehouseError::OutOfDate { path: path.to_owned() }),
    }
}

/// A text as an SQL literal.
pub fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

fn everything() -> String {
    let mut sql = landing();
    sql.push_str(&household::tables());
    sql.push_str(&facts::tables());
    sql.push_str(SHOWN);
    sql.push_str(&rules());
    sql.push_str(freshness::TABLES);
    for schema in ["staging", "intermediate", "checks"] {
        let _ = writeln!(sql, "create schema {schema};");
    }
    let _ = writeln!(sql, "create table landing.format as select {} as mark;", literal(&mark()));
    sql
}

/// The tree of categories, as it is in this version: other rules make the warehouse anew.
fn rules() -> String {
    let mut sql = "create schema rules;
create table rules.categories (category VARCHAR, parent VARCHAR, coicop VARCHAR, name_en VARCHAR, name_fr VARCHAR);
comment on table rules.categories is 'One row per category that movements are sorted into.';
"
    .to_owned();
    for category in rules::categories() {
        let cells = [Some(category.code.as_str()), category.parent(), category.coicop.as_deref()];
        let cells = cells.into_iter().chain([Some(category.en.as_str()), Some(category.fr.as_str())]);
        let cells: Vec<String> = cells.map(|cell| cell.map_or("null".to_owned(), literal)).collect();
        let _ = writeln!(sql, "insert into rules.categories values ({});", cells.join(", "));
    }
    sql
}

fn landing() -> String {
    let mut sql = "create schema landing;\n".to_owned();
    for table in TABLES {
        sql.push_str(&record_table(table));
    }
    sql.push_str(&plain_table("documents", "One row per document that was met.", DOCUMENTS));
    sql.push_str(&plain_table("faults", "One row per fault of a document.", FAULTS));
    sql.push_str(&plain_table("aliases", "One row per further id of a row.", ALIASES));
    sql.push_str(&plain_table("snapshots", "One row per account that a document shows.", SNAPSHOTS));
    sql.push_str(&plain_table("runs", "One row per time that a source was fetched.", runs::RUNS));
    sql.push_str(&plain_table("history", "One row per row that another document replaced.", HISTORY));
    sql
}

/// What tells two versions of the tables, and of what is read into them, apart.
fn mark() -> String {
    let apart =
        format!("{}{}{SHOWN}{}{:016x}", household::tables(), facts::tables(), freshness::TABLES, rules::fingerprint());
    format!("{:016x}", xxh3_64(format!("{}{apart}", landing()).as_bytes()))
}

fn record_table(table: &Table) -> String {
    let columns: Vec<Column> = BOOKKEEPING.iter().chain(table.all_columns()).copied().collect();
    plain_table(table.name, table.comment, &columns)
}

fn plain_table(name: &str, comment: &str, columns: &[Column]) -> String {
    let typed: Vec<String> = columns.iter().map(|c| format!("\"{}\" {}", c.name, sql_type(c.kind))).collect();
    let mut sql = format!("create table landing.\"{name}\" ({});\n", typed.join(", "));
    let _ = writeln!(sql, "comment on table landing.\"{name}\" is {};", literal(comment.trim()));
    for column in columns {
        let comment = literal(column.comment.trim());
        let _ = writeln!(sql, "comment on column landing.\"{name}\".\"{}\" is {comment};", column.name);
    }
    sql
}

fn sql_type(kind: ColumnType) -> &'static str {
    match kind {
        ColumnType::Text => "VARCHAR",
        ColumnType::Date => "DATE",
        ColumnType::Timestamp => "TIMESTAMP",
        ColumnType::Decimal => "DECIMAL(18,5)",
        ColumnType::Integer => "BIGINT",
        ColumnType::Boolean => "BOOLEAN",
        ColumnType::Double => "DOUBLE",
    }
}

const fn column(name: &'static str, kind: ColumnType, comment: &'static str) -> Column {
    Column { name, kind, comment }
}
