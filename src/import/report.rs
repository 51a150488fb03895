//! What an import did, document by document, for whoever asked for it.

use std::path::PathBuf;
use std::time::Duration;

use crate::archive::ArchiveError;
use crate::connector::{Reason, Unrecognised};
use crate::decode::DecodeError;
use crate::decode::sniff::Kind;
use crate::model::Fault;
use crate::warehouse::Counts;

use super::Summary;

/// How many faults of a document are carried in its report; all of them are in the warehouse.
pub const FAULTS_SHOWN: usize = 20;

/// What became of one document.
#[derive(Debug)]
pub struct DocumentReport {
    pub name: String,
    /// Where it lies, as the person named it; `None` for standard input and members of archives.
    pub path: Option<PathBuf>,
    pub size: u64,
    /// SHA-256 of its bytes: its name in the archive.
    pub sha256: String,
    /// What the bytes are; `None` when they were not looked at.
    pub kind: Option<Kind>,
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
    /// It cannot be read: why.
    Refused(Refusal),
}

/// Why a document cannot be read. Unless it could not even be opened, it is archived.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// Its bytes are damaged, too large or locked.
    #[error(transparent)]
    Undecodable(#[from] DecodeError),
    /// Nothing here reads documents of its kind.
    #[error("moisson does not read {}", .0.description())]
    NoReader(Kind),
    /// The connector that was asked for does not fit it.
    #[error("the connector {0} does not fit it")]
    Unfit(String),
    /// The file could not be opened.
    #[error("it cannot be opened: {0}")]
    Closed(std::io::Error),
    /// An import that was cut short had begun with it, and the archive does not have it whole.
    #[error("{0}")]
    Lost(ArchiveError),
}

/// A document that was read.
#[derive(Debug)]
pub struct Read {
    pub connector: String,
    pub connector_name: String,
    /// What it was recognised by.
    pub reason: Reason,
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
