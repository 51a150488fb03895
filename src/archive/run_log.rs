//! The log of runs, held by the one process that runs sources.
//!
//! It has a lock of its own: the daemon keeps it for as long as it lives, and takes that of the
//! home only while documents come in.

use std::path::Path;

use jiff::Timestamp;

use super::journal::{self, Journal};
use super::lock::{self, HomeLock};
use super::{ArchiveError, Entry, Lines, Seq, disk};

/// The log of runs, opened for writing.
#[derive(Debug)]
pub struct RunLog {
    journal: Journal,
    _lock: HomeLock,
}

/// Opens the log of the runs of a home for writing, or says at once who runs its sources.
pub fn run_log(home: &Path) -> Result<RunLog, ArchiveError> {
    let folder = disk::make_private_folder(&home.join(FOLDER))?;
    let lock = lock::lock(&folder)?;
    Ok(RunLog { journal: Journal::open(folder, journal::ROLL_AT)?, _lock: lock })
}

/// The runs of a home up to now; needs no lock. None where no source ever ran.
pub fn runs(home: &Path) -> Result<Option<Lines>, ArchiveError> {
    reader(home)?.map(|journal| journal.entries()).transpose()
}

/// The log for reading, when there is one.
pub(super) fn reader(home: &Path) -> Result<Option<Journal>, ArchiveError> {
    let folder = home.join(FOLDER);
    folder.is_dir().then(|| Journal::open(folder, journal::ROLL_AT)).transpose()
}

const FOLDER: &str = "runs";

impl RunLog {
    /// Appends a line. On return it is on the disk.
    pub fn append(&mut self, at: Timestamp, entry: &Entry) -> Result<Seq, ArchiveError> {
        self.journal.append(at, entry)
    }

    /// All lines in order.
    pub fn entries(&self) -> Result<Lines, ArchiveError> {
        self.journal.entries()
    }
}
