//! The typed things of the product: records, money, telephone numbers, instants, faults.
//!
//! A leaf: it imports no other room, does no I/O, and knows nothing of files or databases.

pub mod collection;
pub mod excerpt;
pub mod fault;
pub mod hash;
pub mod misread;
pub mod money;
pub mod phone;
pub mod reading;
pub mod record;
pub mod records;
pub mod rules;
pub mod run;
pub mod said;
pub mod span;
pub mod table;
pub mod text;
pub mod time;
pub mod toml_places;

pub use fault::{Fault, FaultKind, Place};
pub use record::{CellRef, Record};
pub use table::{Column, ColumnType, Identity, Table};
