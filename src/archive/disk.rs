//! Private folders and files, written so that a crash leaves either nothing or the whole.

use std::fs::{self, DirBuilder, File, OpenOptions, Permissions};
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use super::ArchiveError;

const FOLDER_MODE: u32 = 0o700;
const FILE_MODE: u32 = 0o600;

/// Makes a folder 0700 when it is missing, with its parents; an existing one is left as it is,
/// because it may be the user's own.
pub fn make_folder(path: &Path) -> Result<(), ArchiveError> {
    if path.is_dir() {
        return Ok(());
    }
    if let Some(parent) = path.parent().filter(|parent| !parent.as_os_str().is_empty()) {
        make_folder(parent)?;
    }
    make_private_folder(path).map(drop)
}

/// Makes a folder 0700 when it is missing, and closes it to others when it is not.
pub fn make_private_folder(path: &Path) -> Result<PathBuf, ArchiveError> {
    match DirBuilder::new().mode(FOLDER_MODE).create(path) {
        Ok(()) => sync_parent(path).inspect_err(|_| {
            // The next try must find it missing, or it would take its name for durable.
            let _ = fs::remove_dir(path);
        })?,
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists && path.is_dir() => {}
        Err(error) => return Err(ArchiveError::io("make the folder", path)(error)),
    }
    close_to_others(path)?;
    Ok(path.to_path_buf())
}

/// Creates a file 0600 that must not exist yet.
pub fn create_private_file(path: &Path) -> Result<File, ArchiveError> {
    let file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(FILE_MODE)
        .open(path)
        .map_err(ArchiveError::io("create", path))?;
    // A umask that takes the owner's own bits would leave a file we cannot open again.
    file.set_permissions(Permissions::from_mode(FILE_MODE)).map_err(ArchiveError::io("protect", path))?;
    Ok(file)
}

/// Creates a file 0600 that must not exist yet, and makes its name durable; or leaves nothing.
pub fn create_durable_file(path: &Path) -> Result<File, ArchiveError> {
    let file = create_private_file(path)?;
    sync_parent(path).inspect_err(|_| {
        let _ = fs::remove_file(path);
    })?;
    Ok(file)
}

/// Makes the names in a folder durable.
pub fn sync_folder(path: &Path) -> Result<(), ArchiveError> {
    File::open(path).and_then(|folder| folder.sync_all()).map_err(ArchiveError::io("sync", path))
}

/// Makes the name of `path` durable.
pub fn sync_parent(path: &Path) -> Result<(), ArchiveError> {
    match path.parent() {
        Some(parent) if parent.as_os_str().is_empty() => sync_folder(Path::new(".")),
        Some(parent) => sync_folder(parent),
        None => Ok(()),
    }
}

/// What stands in a folder, in order of name; nothing when there is no such folder.
pub fn list(path: &Path) -> Result<Vec<PathBuf>, ArchiveError> {
    let entries = match fs::read_dir(path) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(ArchiveError::io("list", path)(error)),
    };
    let mut paths: Vec<PathBuf> =
        entries.map(|entry| Ok(entry?.path())).collect::<io::Result<_>>().map_err(ArchiveError::io("list", path))?;
    paths.sort();
    Ok(paths)
}

/// The name of a file, for comparing; empty when it is not UTF-8.
pub fn name(path: &Path) -> &str {
    path.file_name().and_then(|name| name.to_str()).unwrap_or("")
}

fn close_to_others(path: &Path) -> Result<(), ArchiveError> {
    let meta = fs::metadata(path).map_err(ArchiveError::io("look at", path))?;
    if meta.permissions().mode() & 0o777 == FOLDER_MODE {
        return Ok(());
    }
    fs::set_permissions(path, Permissions::from_mode(FOLDER_MODE)).map_err(ArchiveError::io("protect", path))
}
