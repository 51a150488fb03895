//! Private files, written so that a crash leaves either the earlier one or the new one, whole.

use std::fs::{self, DirBuilder, File, OpenOptions, Permissions};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use secrecy::zeroize::Zeroizing;

use super::VaultError;

/// Largest file that is taken for a secret or a key.
pub const MOST_BYTES: u64 = 1 << 20;

/// What tells one state of a file from another: device, inode, times of content and of the
/// inode in nanoseconds, size.
pub type Stamp = (u64, u64, i64, i64, u64);

/// The state of a file; `None` when it is not there.
pub fn stamp(path: &Path) -> Result<Option<Stamp>, VaultError> {
    let nanos = |seconds: i64, nanos: i64| seconds.wrapping_mul(1_000_000_000).wrapping_add(nanos);
    match fs::metadata(path) {
        Ok(it) => {
            let (changed, inode) = (nanos(it.mtime(), it.mtime_nsec()), nanos(it.ctime(), it.ctime_nsec()));
            Ok(Some((it.dev(), it.ino(), changed, inode, it.size())))
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(VaultError::Unreadable { path: path.to_owned(), source }),
    }
}

/// Makes a folder 0700 when it is missing, with its parents.
pub fn make_folder(path: &Path) -> Result<(), VaultError> {
    DirBuilder::new().recursive(true).mode(0o700).create(path).map_err(unwritable(path))
}

/// Replaces a file, 0600, in one step that survives a power cut.
pub fn replace(path: &Path, bytes: &[u8]) -> Result<(), VaultError> {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".part");
    let part = path.with_file_name(name);
    write_new(&part, bytes).map_err(unwritable(&part))?;
    rename(&part, path)
}

/// Renames a file, for good.
pub fn rename(from: &Path, to: &Path) -> Result<(), VaultError> {
    fs::rename(from, to).map_err(unwritable(to))?;
    sync_folder(to).map_err(unwritable(to))
}

/// Removes a file, for good; one that is not there is no error.
pub fn remove(path: &Path) -> Result<(), VaultError> {
    match fs::remove_file(path) {
        Ok(()) => sync_folder(path).map_err(unwritable(path)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(source) => Err(VaultError::Unwritable { path: path.to_owned(), source }),
    }
}

/// The bytes of a file; `None` when it is not there.
pub fn read(path: &Path) -> Result<Option<Zeroizing<Vec<u8>>>, VaultError> {
    match File::open(path) {
        Ok(file) => whole(path, file).map(Some),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(VaultError::Unreadable { path: path.to_owned(), source }),
    }
}

/// The same, of a file that nobody else may read.
pub fn read_private(path: &Path) -> Result<Option<Zeroizing<Vec<u8>>>, VaultError> {
    match fs::metadata(path) {
        Ok(meta) if meta.permissions().mode() & 0o077 != 0 => Err(VaultError::Exposed { path: path.to_owned() }),
        _ => read(path),
    }
}

/// Waits until no other process changes the vault, and keeps them away until it is dropped.
pub fn lock(path: &Path) -> Result<File, VaultError> {
    let file = OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(path);
    let file = file.map_err(unwritable(path))?;
    file.lock().map_err(unwritable(path))?;
    Ok(file)
}

fn whole(path: &Path, file: File) -> Result<Zeroizing<Vec<u8>>, VaultError> {
    let mut bytes = Zeroizing::new(Vec::new());
    let read = file.take(MOST_BYTES + 1).read_to_end(&mut bytes);
    read.map_err(|source| VaultError::Unreadable { path: path.to_owned(), source })?;
    if bytes.len() as u64 > MOST_BYTES {
        return Err(VaultError::NotText { path: path.to_owned() });
    }
    Ok(bytes)
}

fn write_new(path: &Path, bytes: &[u8]) -> io::Result<()> {
    // What a crash has left may be anything, another's file among it.
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.set_permissions(Permissions::from_mode(0o600))?;
    file.write_all(bytes)?;
    file.sync_all()
}

fn sync_folder(path: &Path) -> io::Result<()> {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => File::open(folder)?.sync_all(),
        _ => File::open(".")?.sync_all(),
    }
}

fn unwritable(path: &Path) -> impl FnOnce(io::Error) -> VaultError {
    let path: PathBuf = path.to_owned();
    |source| VaultError::Unwritable { path, source }
}
