//! What people said themselves: verdicts on links, names, categories, what to hide.
//!
//! The journal is their truth. They live apart from what documents say, and always win over it.

use std::fmt::Write;

use duckdb::params;
use jiff::civil::DateTime;

use super::{Warehouse, WarehouseError};
use crate::model::said::{Choice, Verdict};

/// Something that was said, as the journal tells it.
#[derive(Debug, Clone)]
pub struct Told<T> {
    /// Line of the journal.
    pub seq: u64,
    /// When it was said, UTC.
    pub at: DateTime,
    pub said: T,
}

/// Everything that was said, in the journal's order.
#[derive(Debug, Clone, Default)]
pub struct Facts {
    pub verdicts: Vec<Told<Verdict>>,
    pub choices: Vec<Told<Choice>>,
}

/// Name, type and meaning of a column.
type Described = (&'static str, &'static str, &'static str);

/// Table, its grain, and its columns.
const TABLES: &[(&str, &str, &[Described])] = &[
    (
        "verdicts",
        "One row per verdict of a person on a link, in the order in which they were given.",
        &[
            ("kind", "VARCHAR", "Kind of the link: bill, transfer, refund or person."),
            ("left_id", "BIGINT", "Id of the row on its left: a bill, the movement that goes out."),
            ("right_id", "BIGINT", "Id of the row on its right: a movement."),
            ("about", "VARCHAR", "The two rows in words, as they were then."),
            ("state", "VARCHAR", "confirmed, rejected, or open when a verdict was taken back."),
            ("seq", "BIGINT", "Line of the journal."),
            ("said_at", "TIMESTAMP", "When it was said, UTC."),
        ],
    ),
    (
        "choices",
        "One row per thing that a person set, in the order in which they were set.",
        &[
            ("subject", "VARCHAR", "What it is about: transaction, payee, person, number, bill or document."),
            ("subject_id", "VARCHAR", "Its id."),
            ("about", "VARCHAR", "The subject in words, as it was then."),
            ("field", "VARCHAR", "category, name, person, hidden or accepted."),
            ("value", "VARCHAR", "What was set; null when it was taken back."),
            ("seq", "BIGINT", "Line of the journal."),
            ("said_at", "TIMESTAMP", "When it was said, UTC."),
        ],
    ),
];

impl Warehouse {
    /// Writes everything that people said, in place of what stood there before, in one transaction.
    pub fn set_facts(&mut self, facts: &Facts) -> Result<(), WarehouseError> {
        let transaction = self.connection.transaction()?;
        transaction.execute_batch("delete from facts.verdicts; delete from facts.choices")?;
        let mut rows = transaction.appender_to_db("verdicts", "facts")?;
        for Told { seq, at, said } in &facts.verdicts {
            let (kind, state, at) = (said.kind.code(), said.state.code(), at.to_string());
            rows.append_row(params![kind, said.left_id, said.right_id, said.about, state, seq, at])?;
        }
        rows.flush()?;
        drop(rows);
        let mut rows = transaction.appender_to_db("choices", "facts")?;
        for Told { seq, at, said } in &facts.choices {
            let (subject, field, at) = (said.subject.code(), said.field.code(), at.to_string());
            rows.append_row(params![subject, said.subject_id, said.about, field, said.value, seq, at])?;
        }
        rows.flush()?;
        drop(rows);
        Ok(transaction.commit()?)
    }

    /// The documents (sha256) that a person vouches for, whatever looks odd about them.
    pub fn accepted_documents(&self) -> Result<Vec<String>, WarehouseError> {
        let mut question = self.connection.prepare(ACCEPTED)?;
        let documents = question.query_map([], |row| row.get(0))?;
        Ok(documents.collect::<Result<_, _>>()?)
    }
}

/// The documents that a person vouches for, by the last word on each.
pub(super) const ACCEPTED: &str = "select subject_id from facts.choices
     where subject = 'document' and field = 'accepted'
     qualify row_number() over (partition by subject_id order by seq desc) = 1 and value = 'true'";

/// The statements that make the schema and its tables.
pub(super) fn tables() -> String {
    let mut sql = "create schema facts;\n".to_owned();
    for (table, grain, columns) in TABLES {
        let typed: Vec<String> = columns.iter().map(|(name, kind, _)| format!("{name} {kind}")).collect();
        let _ = writeln!(sql, "create table facts.{table} ({});", typed.join(", "));
        let _ = writeln!(sql, "comment on table facts.{table} is '{grain}';");
        for (name, _, meaning) in *columns {
            let _ = writeln!(sql, "comment on column facts.{table}.{name} is '{meaning}';");
        }
    }
    sql
}
