//! One writer a home: an advisory lock that the operating system drops with the process.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read as _, Seek as _, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use super::{ArchiveError, disk};

/// Held while a process writes in a home; released when dropped, also by a crash.
#[derive(Debug)]
pub struct HomeLock {
    _file: File,
}

/// Takes the lock of `home` (`home/lock`), or says at once who holds it.
pub fn lock(home: &Path) -> Result<HomeLock, ArchiveError> {
    disk::make_folder(home)?;
    let path = home.join("lock");
    let mut file = OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(&path)
        .map_err(ArchiveError::io("open", &path))?;
    match file.try_lock() {
        Ok(()) => sign(&mut file),
        Err(TryLockError::WouldBlock) => {
            return Err(ArchiveError::Busy { home: home.to_path_buf(), holder: holder(&mut file) });
        }
        Err(TryLockError::Error(error)) => return Err(ArchiveError::io("lock", &path)(error)),
    }
    Ok(HomeLock { _file: file })
}

/// Leaves our process id for whoever finds the home busy. Only a courtesy: failing is no error.
fn sign(file: &mut File) {
    let _ = file.set_len(0);
    let _ = file.rewind();
    let _ = writeln!(file, "process {}", std::process::id());
}

fn holder(file: &mut File) -> Option<String> {
    let mut text = String::new();
    file.take(64).read_to_string(&mut text).ok()?;
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}
