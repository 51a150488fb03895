//! What can stop an operation of the archive.

use std::io;
use std::path::{Path, PathBuf};

/// An operation on the archive or the journal that did not happen.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    /// The disk, the quota or a limit of the process leaves no room. Nothing was half-written.
    #[error("no room left to {doing} {}", path.display())]
    NoRoom { doing: &'static str, path: PathBuf, source: io::Error },
    /// Any other refusal of the operating system.
    #[error("cannot {doing} {}: {source}", path.display())]
    Io { doing: &'static str, path: PathBuf, source: io::Error },
    /// Another process writes in this home.
    #[error("{} is in use by {}", home.display(), holder.as_deref().unwrap_or("another process"))]
    Busy { home: PathBuf, holder: Option<String> },
    /// No document of that hash.
    #[error("the archive has no document {sha256}")]
    Missing { sha256: String },
    /// The bytes on disk are not the bytes that were kept.
    #[error("{} is damaged: {reason}", path.display())]
    Damaged { path: PathBuf, reason: String },
    /// A journal line is not as it was written, or not where it was.
    #[error("{}:{line} is damaged: {reason}", file.display())]
    BrokenLine { file: PathBuf, line: u64, reason: String },
    /// The journal grew under a writer that did not hold the lock.
    #[error("{} was written by another process since it was opened", file.display())]
    Changed { file: PathBuf },
}

impl ArchiveError {
    /// Names what was being done to `path` when the operating system refused.
    pub(super) fn io(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_path_buf();
        move |source| match source.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge => {
                Self::NoRoom { doing, path, source }
            }
            _ => Self::Io { doing, path, source },
        }
    }
}
