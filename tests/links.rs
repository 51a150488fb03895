//! Links: which movement pays which bill, which two are one transfer, through the real import.
#![allow(clippy::print_stdout, reason = "precision and recall are said")]

#[path = "links/cases.rs"]
mod cases;
#[path = "links/solver.rs"]
mod solver;
mod support;
#[path = "links/table.rs"]
mod table;
#[path = "links/verdicts.rs"]
mod verdicts;
#[path = "links/year.rs"]
mod year;
