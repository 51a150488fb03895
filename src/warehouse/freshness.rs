//! What of the layers is still true: a table is made anew only when something that it reads has
//! changed.
//!
//! Each relation has a state, a number that differs when its content does. Of small relations it
//! is the hash of their rows; of large landing tables, how often they were written to; of a view
//! over large tables, the states of what it reads; of a table of the intermediate layer, the hash
//! of its rows, so that a change which changes nothing stops there. What was made under which
//! states is kept in `journal.made`, in the transaction that makes it.

use std::collections::{BTreeMap, BTreeSet};

use duckdb::{Connection, params};
use xxhash_rust::xxh3::xxh3_64;

use super::layer_files::{self, Layer};
use super::link_step::LinkStep;
use super::{QueryFile, WarehouseError};
use crate::model::records::TABLES as TABLES_OF_DOCUMENTS;

/// A relation with more rows than this is not hashed to learn whether it changed.
const SMALL_ROWS: i64 = 20_000;
/// Stands for all files together in `journal.made`.
const EVERYTHING: &str = "*";

/// What was made under which states, and the states as they are now.
pub(super) struct Freshness {
    /// Relation → states of what it was made from, its own state.
    made: BTreeMap<String, (i64, i64)>,
    states: BTreeMap<String, i64>,
    /// Relations that are too large to be hashed, or read one that is.
    large: BTreeSet<String>,
    recipe: i64,
    /// Whether the layers were made by other files, or never.
    is_first: bool,
}

impl Freshness {
    /// Reads what was made before and how the tables below the layers stand; with other query
    /// files than those of the last time nothing is taken for made.
    pub(super) fn read(connection: &Connection, files: &[QueryFile]) -> Result<Self, WarehouseError> {
        let recipe = recipe(files);
        let made = made(connection)?;
        let is_same = made.get(EVERYTHING).is_some_and(|(known, _)| *known == recipe);
        let made = if is_same { made } else { BTreeMap::new() };
        let mut freshness = Self { made, states: BTreeMap::new(), large: BTreeSet::new(), recipe, is_first: !is_same };
        freshness.look_below(connection)?;
        Ok(freshness)
    }

    /// Whether the layers were made by other files, or never: everything is to be made.
    pub(super) fn is_first(&self) -> bool {
        self.is_first
    }

    /// Whether the file's relation is as it would be made now.
    pub(super) fn is_made(&self, file: &QueryFile) -> bool {
        match file.layer {
            Layer::Intermediate => {
                self.made.get(&name_of(file)).is_some_and(|(inputs, _)| *inputs == self.inputs(file))
            }
            Layer::Staging | Layer::Marts | Layer::Checks => !self.is_first,
        }
    }

    /// Takes the state of a relation that stands, just made or still true.
    pub(super) fn take(
        &mut self,
        connection: &Connection,
        file: &QueryFile,
        is_new: bool,
    ) -> Result<(), WarehouseError> {
        let name = name_of(file);
        let reads_large = layer_files::reads(&file.sql).iter().any(|read| self.large.contains(read));
        let state = match file.layer {
            Layer::Marts | Layer::Checks => return Ok(()),
            Layer::Intermediate if is_new => hash(connection, &name)?,
            Layer::Intermediate => self.made.get(&name).map_or(0, |(_, state)| *state),
            Layer::Staging if reads_large => {
                self.large.insert(name.clone());
                self.inputs(file)
            }
            Layer::Staging => hash(connection, &name)?,
        };
        if file.layer == Layer::Intermediate {
            let inputs = self.inputs(file);
            self.made.insert(name.clone(), (inputs, state));
        }
        self.states.insert(name, state);
        Ok(())
    }

    /// Whether the links of a step were chosen among the candidates as they are now.
    pub(super) fn is_chosen(&self, step: &LinkStep) -> bool {
        self.made.get(&step.table_name()).is_some_and(|(candidates, _)| *candidates == self.candidates(step))
    }

    /// Takes the state of the links of a step.
    pub(super) fn take_links(&mut self, connection: &Connection, step: &LinkStep) -> Result<(), WarehouseError> {
        let name = step.table_name();
        let state = hash(connection, &name)?;
        self.made.insert(name.clone(), (self.candidates(step), state));
        self.states.insert(name, state);
        Ok(())
    }

    /// Writes down what stands.
    pub(super) fn write(mut self, connection: &Connection) -> Result<(), WarehouseError> {
        self.made.insert(EVERYTHING.to_owned(), (self.recipe, 0));
        connection.execute_batch("delete from journal.made")?;
        let mut appender = connection.appender_to_db("made", "journal")?;
        for (name, (inputs, state)) in &self.made {
            appender.append_row(params![name, inputs, state])?;
        }
        Ok(appender.flush()?)
    }

    fn candidates(&self, step: &LinkStep) -> i64 {
        self.states.get(&format!("intermediate.{}_candidates", step.name)).copied().unwrap_or_default()
    }

    /// The states of all that a file reads, in one number.
    fn inputs(&self, file: &QueryFile) -> i64 {
        let reads = layer_files::reads(&file.sql);
        let states: Vec<String> = reads.iter().map(|read| format!("{read}={:?}", self.states.get(read))).collect();
        number(states.join("\n").as_bytes())
    }

    /// The states of the tables below the layers.
    fn look_below(&mut self, connection: &Connection) -> Result<(), WarehouseError> {
        let mut question = connection.prepare(
            "select schema_name || '.' || table_name, estimated_size
             from duckdb_tables()
             where schema_name in ('landing', 'household', 'facts') and database_name = current_database()",
        )?;
        let tables = question.query_map([], |row| Ok((row.get::<_, String>(0)?, row.get::<_, i64>(1)?)))?;
        for table in tables.collect::<Result<Vec<_>, _>>()? {
            let (name, rows) = table;
            let state = if rows > SMALL_ROWS && is_noted(&name) {
                self.large.insert(name.clone());
                written(connection, &name)?
            } else {
                hash(connection, &name)?
            };
            self.states.insert(name, state);
        }
        Ok(())
    }
}

/// Notes that a landing table was written to.
pub(super) fn note_written(connection: &Connection, table: &str) -> Result<(), WarehouseError> {
    let name = format!("landing.{table}");
    if connection.execute("update journal.written set times = times + 1 where relation = ?", [&name])? == 0 {
        connection.execute("insert into journal.written values (?, 1)", [&name])?;
    }
    Ok(())
}

/// The statements that make the tables of this file.
pub(super) const TABLES: &str = "create table journal.made (relation varchar, inputs bigint, state bigint);
comment on table journal.made is 'What the layers were made from: states of what each relation read.';
create table journal.written (relation varchar, times bigint);
comment on table journal.written is 'How often each landing table was written to.';
";

/// Whether each write to the table is noted.
fn is_noted(name: &str) -> bool {
    let table = name.strip_prefix("landing.").unwrap_or_default();
    TABLES_OF_DOCUMENTS.iter().any(|one| one.name == table) || ["history", "aliases"].contains(&table)
}

fn written(connection: &Connection, name: &str) -> Result<i64, WarehouseError> {
    let question = "select coalesce(max(times), 0) from journal.written where relation = ?";
    Ok(connection.query_row(question, [name], |row| row.get(0))?)
}

fn made(connection: &Connection) -> Result<BTreeMap<String, (i64, i64)>, WarehouseError> {
    let mut question = connection.prepare("select relation, inputs, state from journal.made")?;
    let rows = question.query_map([], |row| Ok((row.get(0)?, (row.get(1)?, row.get(2)?))))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// The rows of a relation in one number; when they were learned does not matter to what they say.
fn hash(connection: &Connection, relation: &str) -> Result<i64, WarehouseError> {
    let question = format!(
        "select (coalesce(sum(hash(row)), 0) % 9223372036854775807)::bigint
         from (select columns(lambda name: name <> 'learned_at') from {relation}) as row"
    );
    Ok(connection.query_row(&question, [], |row| row.get(0))?)
}

fn name_of(file: &QueryFile) -> String {
    format!("{}.{}", file.layer.schema(), file.name)
}

/// All files, and the version of the program that chooses links, in one number.
fn recipe(files: &[QueryFile]) -> i64 {
    let mut text = env!("CARGO_PKG_VERSION").to_owned();
    for file in files {
        text.push_str(&file.path());
        text.push_str(&file.sql);
    }
    number(text.as_bytes())
}

fn number(bytes: &[u8]) -> i64 {
    (xxh3_64(bytes) >> 1).cast_signed()
}
