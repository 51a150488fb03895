//! What people said themselves: verdicts on links, names, categories, what to hide.
//!
//! The journal is their truth. They live apart from what documents say, and always win over it.

use std::fmt::Write;

/// Table, its grain, and its columns with their types and meaning.
const TABLES: &[(&str, &str, &[(&str, &str, &str)])] = &[
    (
        "verdicts",
        "One row per verdict of a person on a link, in the order in which they were given.",
        &[
            ("kind", "VARCHAR", "Kind of the link: bill, transfer, refund or person."),
            ("left_id", "BIGINT", "Id of the row on its left: a bill, the movement that goes out."),
            ("right_id", "BIGINT", "Id of the row on its right: a movement."),
            ("state", "VARCHAR", "confirmed, rejected, or open when a verdict was taken back."),
            ("seq", "BIGINT", "Line of the journal."),
            ("said_at", "TIMESTAMP", "When it was said, UTC."),
        ],
    ),
    (
        "choices",
        "One row per thing that a person set, in the order in which they were set.",
        &[
            ("subject", "VARCHAR", "What it is about: transaction, payee, person, number or bill."),
            ("subject_id", "VARCHAR", "Its id."),
            ("field", "VARCHAR", "category, name, person or hidden."),
            ("value", "VARCHAR", "What was set; null when it was taken back."),
            ("seq", "BIGINT", "Line of the journal."),
            ("said_at", "TIMESTAMP", "When it was said, UTC."),
        ],
    ),
];

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
