//! The warehouse: DuckDB, and the only room that knows it.
//!
//! It keeps the landing tables, loads documents into them (each in one transaction, never half),
//! runs the query layers over them, publishes a snapshot that any DuckDB from 1.4 on opens, and
//! answers questions. Everything in it can be made again from the archive. It does not decode,
//! does not read the configuration, and takes the clock as a parameter.

mod aligned;
mod ask;
mod changes;
mod checks;
mod children;
mod collisions;
mod corrected;
mod diff;
mod document;
mod error;
mod facts;
mod fingerprint;
mod freshness;
mod household;
mod layer_files;
mod layers;
mod link_step;
mod load;
mod loaded;
mod merge;
mod open;
mod pile;
mod publish;
mod realign;
mod rows;
mod runs;
mod schema;
mod snapshots;
mod stated;
mod write;

pub use ask::{Answer, AnswerColumn, Reader, TextRow, write_parquet};
pub use checks::Check;
pub use diff::{CellDiff, RowSketch, TableDiff, diff};
pub use document::{Counts, Coverage, DocumentInfo, Quarantine, TableCounts, Tally};
pub use error::WarehouseError;
pub use facts::{Facts, Told};
pub use fingerprint::TableHash;
pub use household::{
    AccountAlias, AccountOwner, AccountSettings, Household, Line, Member, MemberIdentifier, Meter, Tariff,
};
pub use layer_files::Layer;
pub use layers::{QueryFile, Timing, shipped_queries};
pub use link_step::LinkStep;
pub use load::Load;
pub use open::{Limits, Mode, Warehouse};
pub use realign::Realign;
pub use schema::literal;
pub use write::CsvFor;
