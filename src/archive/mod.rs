//! The records of what happened: documents as they came in, a journal of events, and two logs.
//!
//! Everything else a household has is derived from this room. Documents are written once under
//! the hash of their bytes; journal lines are appended, chained by hash, and acknowledged only
//! when they are on the disk. The room does not know what a document means.

mod disk;
mod documents;
mod error;
mod journal;
mod line;
mod lines;
mod lock;
mod logs;
mod tail;
mod verify;

use std::path::{Path, PathBuf};

pub use documents::{Kept, name_of};
pub use error::ArchiveError;
pub use journal::{Journal, Torn};
pub use line::{Document, Entry, Line, Note, Seq, Shows};
pub use lines::Lines;
pub use lock::{HomeLock, lock};
pub use logs::{Log, LogOf, log, logged};
pub use verify::{Problem, Verdict, verify};

/// The archive and the journal of one household.
#[derive(Debug)]
pub struct Archive {
    documents: PathBuf,
    /// What happened, in order.
    pub journal: Journal,
    home: PathBuf,
}

impl Archive {
    /// A log as it stands, where there is one.
    fn log(&self, of: LogOf) -> Result<Option<Journal>, ArchiveError> {
        logs::reader(&self.home, of)
    }
}

/// Opens both records under `home`, making the folders when they are missing.
///
/// The folders `archive/` and `journal/` are 0700 and their files 0600, whatever the umask. A
/// process that is going to write takes [`lock`] first and holds it; reading needs no lock.
/// A last journal line that was cut in mid-write is noted in [`Journal::torn`].
pub fn open(home: &Path) -> Result<Archive, ArchiveError> {
    disk::make_folder(home)?;
    let documents = disk::make_private_folder(&home.join("archive"))?;
    let journal = Journal::open(disk::make_private_folder(&home.join("journal"))?, journal::ROLL_AT)?;
    Ok(Archive { documents, journal, home: home.to_owned() })
}
