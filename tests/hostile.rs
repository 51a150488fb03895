//! Bad input, a full disk, and a process that is killed: what came in before stays as it was,
//! what cannot be read is told, and nothing is half-applied. The real program is run.
#![allow(clippy::print_stdout, reason = "memory, time and what was skipped are said")]

#[path = "hostile/bestiary.rs"]
mod bestiary;
#[path = "hostile/disk.rs"]
mod disk;
#[path = "hostile/documents.rs"]
mod documents;
#[path = "hostile/kill.rs"]
mod kill;
#[path = "hostile/program.rs"]
mod program;
mod support;
