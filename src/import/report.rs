//! What an import did, document by document, for whoever asked for it.

use std::time::Duration;

use crate::connector::Unrecognised;
use crate::model::Fault;
use crate::warehouse::Counts;

use super::Summary;

/// How many faults of a document are carried in its report; all of them are in the warehouse.
pub const FAULTS_SHOWN: usize = 20;

/// What became of one document.
#[derive(Debug)]
pub struct DocumentReport {
    pub name: String,
    pub size: u64,
    /// SHA-256 of its bytes: its name in the archive.
    pub sha256: String,
    /// What the bytes are, in words: `an Excel workbook`.
    pub kind: &'static str,
    pub outcome: Outcome,
    pub took: Duration,
}

/// The ways in which the walk of a document ends.
#[derive(Debug)]
pub enum Outcome {
    /// Read and loaded, or rehearsed.
    Read(Box<Read>),
    /// The same bytes were imported before, for the same source.
    Known { connector: String },
    /// An archive file whose members were imported, each with its own report.
    Opened { members: usize },
    /// Archived, but no connector knows it.
    Unrecognised(Box<Unrecognised>),
    /// Archived, but it cannot be read: the reason.
    Refused(String),
}

/// A document that was read.
#[derive(Debug)]
pub struct Read {
    pub connector: String,
    pub connector_name: String,
    pub reason: String,
    pub source: Option<String>,
    pub summary: Summary,
    pub counts: Counts,
    /// The first faults.
    pub faults: Vec<Fault>,
    /// All of them.
    pub n_faults: u64,
}

impl DocumentReport {
    /// Whether something of the document was lost or could not be read.
    pub fn is_complete(&self) -> bool {
        match &self.outcome {
            Outcome::Read(read) => read.summary.rows_rejected == 0,
            Outcome::Known { .. } | Outcome::Opened { .. } => true,
            Outcome::Unrecognised(_) | Outcome::Refused(_) => false,
        }
    }
}
