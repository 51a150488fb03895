//! `devices.json`: read, and replaced whole under a lock of its own.

use std::fs::{self, DirBuilder, File, OpenOptions, Permissions, TryLockError};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use super::device::Device;
use super::error::AccountError;

const BETWEEN_TRIES: Duration = Duration::from_millis(20);

/// What tells one state of a file from another: device, inode, time in nanoseconds, size.
pub type Stamp = (u64, u64, i64, i64, u64);

/// The whole file.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Book {
    pub devices: Vec<Device>,
}

/// The state of a file; `None` when it is not there.
pub fn stamp(path: &Path) -> Result<Option<Stamp>, AccountError> {
    match fs::metadata(path) {
        Ok(it) => Ok(Some((it.dev(), it.ino(), it.mtime(), it.mtime_nsec(), it.size()))),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(AccountError::unreadable(path)(error)),
    }
}

/// What the file holds; nothing when it is not there.
pub fn read(path: &Path) -> Result<Book, AccountError> {
    let bytes = match fs::read(path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Book::default()),
        Err(error) => return Err(AccountError::unreadable(path)(error)),
    };
    // What serde says of a wrong value may show it.
    let damaged = |error: serde_json::Error| AccountError::Damaged {
        path: path.to_owned(),
        message: format!("line {}, column {}", error.line(), error.column()),
    };
    serde_json::from_slice(&bytes).map_err(damaged)
}

/// Waits until no other process changes the file, for so long at most, and keeps them away until it
/// is dropped.
pub fn lock(path: &Path, longest: Duration) -> Result<File, AccountError> {
    let path = path.with_extension("lock");
    make_folder_of(&path)?;
    let file = OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(&path);
    let file = file.map_err(AccountError::unwritable(&path))?;
    let until = Instant::now() + longest;
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            Err(TryLockError::WouldBlock) if Instant::now() < until => std::thread::sleep(BETWEEN_TRIES),
            Err(TryLockError::WouldBlock) => return Err(AccountError::Busy),
            Err(TryLockError::Error(error)) => return Err(AccountError::unwritable(&path)(error)),
        }
    }
}

/// Replaces the file, 0600, in one step that survives a power cut.
pub fn replace(path: &Path, book: &Book) -> Result<(), AccountError> {
    let text = serde_json::to_vec_pretty(book).expect("names, instants and hashes can be written as JSON");
    put(path, &text, true).map_err(AccountError::unwritable(path))
}

/// Writes under another name and renames; `is_durable`: it stands when this returns.
pub fn put(path: &Path, bytes: &[u8], is_durable: bool) -> io::Result<()> {
    let part = part_of(path);
    // What a crash has left may be anything, another's file among it.
    match fs::remove_file(&part) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&part)?;
    file.set_permissions(Permissions::from_mode(0o600))?;
    file.write_all(bytes)?;
    if is_durable {
        file.sync_all()?;
    }
    fs::rename(&part, path)?;
    match path.parent().filter(|_| is_durable) {
        Some(folder) => File::open(folder)?.sync_all(),
        None => Ok(()),
    }
}

/// Makes the folder that a file is to stand in, 0700.
pub fn make_folder_of(path: &Path) -> Result<(), AccountError> {
    let Some(folder) = path.parent() else { return Ok(()) };
    DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(AccountError::unwritable(folder))
}

fn part_of(path: &Path) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".part");
    path.with_file_name(name)
}
