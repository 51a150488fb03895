//! Logs beside the journal, each held by the one process that fills it: the runs of sources, and
//! what clients write into collections.
//!
//! Each has a lock of its own: the daemon keeps them for as long as it lives, and takes that of the
//! home only while documents come in.

use std::path::Path;

use jiff::Timestamp;

use super::journal::{self, Journal};
use super::lock::{self, HomeLock};
use super::{ArchiveError, Entry, Lines, Seq, disk};

/// Which log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogOf {
    /// What became of runs.
    Runs,
    /// Calendars, address books and files.
    Collections,
}

/// A log, opened for writing.
#[derive(Debug)]
pub struct Log {
    journal: Journal,
    _lock: HomeLock,
}

impl LogOf {
    pub(super) const ALL: [Self; 2] = [Self::Runs, Self::Collections];

    pub(super) fn folder(self) -> &'static str {
        match self {
            Self::Runs => "runs",
            Self::Collections => "collections",
        }
    }
}

/// Opens a log of a home for writing, or says at once who holds it.
pub fn log(home: &Path, of: LogOf) -> Result<Log, ArchiveError> {
    let folder = disk::make_private_folder(&home.join(of.folder()))?;
    let lock = lock::lock(&folder)?;
    Ok(Log { journal: Journal::open(folder, journal::ROLL_AT)?, _lock: lock })
}

/// The lines of a log up to now; needs no lock. None where nothing ever happened.
pub fn logged(home: &Path, of: LogOf) -> Result<Option<Lines>, ArchiveError> {
    reader(home, of)?.map(|journal| journal.entries()).transpose()
}

/// The log for reading, when there is one.
pub(super) fn reader(home: &Path, of: LogOf) -> Result<Option<Journal>, ArchiveError> {
    let folder = home.join(of.folder());
    folder.is_dir().then(|| Journal::open(folder, journal::ROLL_AT)).transpose()
}

impl Log {
    /// Appends a line. On return it is on the disk.
    pub fn append(&mut self, at: Timestamp, entry: &Entry) -> Result<Seq, ArchiveError> {
        self.journal.append(at, entry)
    }

    /// Appends lines with one sync for all; when writing fails, none of them is there.
    pub fn append_all(&mut self, at: Timestamp, entries: &[Entry]) -> Result<Seq, ArchiveError> {
        self.journal.append_all(at, entries)
    }

    /// All lines in order.
    pub fn entries(&self) -> Result<Lines, ArchiveError> {
        self.journal.entries()
    }
}
