//! The query layers: SQL files become views and tables, each layer over the lower ones.
//!
//! `staging` files become views, `intermediate` files tables made at each refresh, `marts` views
//! in schema `main`, `checks` views that hold the offenders. The SQL is run as it stands: there
//! are no templates, and every file can be pasted into any DuckDB.

use std::time::{Duration, Instant};

use duckdb::Connection;
use include_dir::{Dir, include_dir};

use super::freshness::Freshness;
use super::layer_files::{self, Layer};
use super::link_step::LinkStep;
use super::schema::literal;
use super::{Warehouse, WarehouseError};

static SHIPPED: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/queries");

/// A file of a layer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueryFile {
    pub layer: Layer,
    /// The name of the view or table: the file's name without `.sql`.
    pub name: String,
    pub sql: String,
}

/// How long a file took at a refresh.
#[derive(Debug, Clone)]
pub struct Timing {
    /// `intermediate/calls_matched_to_contacts.sql`, `links/transfers`
    pub file: String,
    pub took: Duration,
}

/// The layers that come with the program.
pub fn shipped_queries() -> Vec<QueryFile> {
    let mut files = Vec::new();
    for layer in Layer::ALL {
        let Some(folder) = SHIPPED.get_dir(layer.folder()) else { continue };
        for file in folder.files() {
            let name =
                file.path().file_name().and_then(|name| name.to_str()).and_then(|name| name.strip_suffix(".sql"));
            if let (Some(name), Some(sql)) = (name, file.contents_utf8()) {
                files.push(QueryFile { layer, name: name.to_owned(), sql: sql.to_owned() });
            }
        }
    }
    files
}

impl Warehouse {
    /// Runs the layers, in one transaction: when a file fails, everything stays as it was. What
    /// nothing has changed of is left as it is.
    ///
    /// Each link step runs as soon as the table of its candidates is made.
    pub fn refresh(&mut self, files: &[QueryFile], steps: &[LinkStep]) -> Result<Vec<Timing>, WarehouseError> {
        self.connection.execute_batch(&self.limits.of_refresh(landing_rows(&self.connection)?))?;
        let timings = self.build_all(files, steps);
        self.connection.execute_batch(&self.limits.again())?;
        timings
    }

    fn build_all(&mut self, files: &[QueryFile], steps: &[LinkStep]) -> Result<Vec<Timing>, WarehouseError> {
        let ordered = layer_files::in_order(files)?;
        let transaction = self.connection.transaction()?;
        let mut freshness = Freshness::read(&transaction, files)?;
        if freshness.is_first() {
            clear(&transaction)?;
        }
        let mut timings = Vec::with_capacity(ordered.len());
        for file in &ordered {
            let start = Instant::now();
            let is_new = !freshness.is_made(file);
            if is_new {
                build(&transaction, file)?;
            }
            freshness.take(&transaction, file, is_new)?;
            timings.push(Timing { file: file.path(), took: start.elapsed() });
            for step in steps.iter().filter(|step| layer_files::links_of(file) == Some(step.name)) {
                let start = Instant::now();
                if !freshness.is_chosen(step) {
                    step.run(&transaction)?;
                }
                freshness.take_links(&transaction, step)?;
                timings.push(Timing { file: format!("{}/{}", layer_files::LINKS, step.name), took: start.elapsed() });
            }
        }
        freshness.write(&transaction)?;
        transaction.commit()?;
        Ok(timings)
    }
}

impl Warehouse {
    /// Has the next refresh make everything anew.
    pub fn forget_made(&mut self) -> Result<(), WarehouseError> {
        Ok(self.connection.execute_batch("delete from journal.made")?)
    }
}

impl QueryFile {
    /// `marts/calls.sql`
    pub fn path(&self) -> String {
        format!("{}/{}.sql", self.layer.folder(), self.name)
    }

    /// What its second line says in French (`-- fr: …`), when it does.
    pub fn in_french(&self) -> Option<&str> {
        self.sql.lines().nth(1)?.strip_prefix("-- fr:").map(str::trim)
    }

    /// `main."calls"`
    fn relation(&self) -> String {
        format!("{}.\"{}\"", self.layer.schema(), self.name)
    }

    fn object(&self) -> &'static str {
        match self.layer {
            Layer::Intermediate => "table",
            Layer::Staging | Layer::Marts | Layer::Checks => "view",
        }
    }
}

/// About how many rows documents have given.
fn landing_rows(connection: &Connection) -> Result<u64, WarehouseError> {
    let question = "select coalesce(sum(estimated_size), 0)::bigint from duckdb_tables() where schema_name = 'landing'";
    let rows: i64 = connection.query_row(question, [], |row| row.get(0))?;
    Ok(rows.unsigned_abs())
}

/// Removes what earlier refreshes made, also of files that are no more.
fn clear(connection: &Connection) -> Result<(), WarehouseError> {
    connection.execute_batch("create schema if not exists links")?;
    let mut question = connection.prepare(
        "select 'view', schema_name, view_name from duckdb_views()
         where not internal and schema_name in ('staging', 'main', 'checks')
         union all
         select 'table', schema_name, table_name from duckdb_tables()
         where schema_name in ('intermediate', 'links')",
    )?;
    let found = question.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    for relation in found {
        let (object, schema, name): (String, String, String) = relation?;
        connection.execute_batch(&format!("drop {object} {schema}.\"{name}\""))?;
    }
    Ok(())
}

fn build(connection: &Connection, file: &QueryFile) -> Result<(), WarehouseError> {
    let (object, relation) = (file.object(), file.relation());
    let sql = file.sql.trim_end().trim_end_matches(';');
    connection
        .execute_batch(&format!("create or replace {object} {relation} as\n{sql}\n"))
        .map_err(|e| refusal(file, &e))?;
    if let Some(grain) = layer_files::grain(&file.sql) {
        connection.execute_batch(&format!("comment on {object} {relation} is {}", literal(grain)))?;
    }
    comment_columns(connection, file)
}

fn comment_columns(connection: &Connection, file: &QueryFile) -> Result<(), WarehouseError> {
    let comments = layer_files::column_comments(&file.sql);
    let mut bare = Vec::new();
    for column in columns(connection, file)? {
        match comments.iter().find(|(name, _)| *name == column) {
            Some((_, comment)) => connection.execute_batch(&format!(
                "comment on column {}.\"{column}\" is {}",
                file.relation(),
                literal(comment)
            ))?,
            None => bare.push(format!("{}: {column}", file.path())),
        }
    }
    if file.layer == Layer::Marts && !bare.is_empty() {
        return Err(WarehouseError::NoComment { columns: bare });
    }
    Ok(())
}

fn columns(connection: &Connection, file: &QueryFile) -> Result<Vec<String>, WarehouseError> {
    let mut question = connection.prepare(
        "select column_name from duckdb_columns() where schema_name = ? and table_name = ? order by column_index",
    )?;
    let names = question.query_map([file.layer.schema(), &file.name], |row| row.get(0))?;
    Ok(names.collect::<Result<_, _>>()?)
}

/// The database's own words, with the line of the file they are about.
fn refusal(file: &QueryFile, error: &duckdb::Error) -> WarehouseError {
    let words = error.to_string();
    let line =
        words.split("LINE ").nth(1).and_then(|rest| rest.split(':').next()).and_then(|n| n.parse::<usize>().ok());
    // The statement starts one line above the file.
    let line = line.map_or(1, |line| line.saturating_sub(1).max(1));
    let message = words.split("\n\nLINE ").next().unwrap_or(&words).to_owned();
    WarehouseError::Query { file: format!("queries/{}", file.path()), line, message }
}
