//! What lies in a folder: plain files, without following a link.

use std::fs::{DirEntry, Metadata};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use jiff::Timestamp;

use super::Folder;

/// Endings that browsers and copying programs give to what is not whole yet.
const PASSING: &[&str] =
    &[".part", ".crdownload", ".tmp", ".temp", ".download", ".partial", ".swp", ".opdownload", "~"];
/// Folders in folders are followed this far.
const MAX_DEPTH: usize = 16;
/// A listing has no more files than this.
const MAX_FILES: usize = 100_000;

/// A plain file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    pub path: PathBuf,
    /// Its path from the folder on.
    pub name: String,
    pub size: u64,
    pub changed_at: Timestamp,
    /// Size and time, to the nanosecond: another one means another content.
    pub stamp: String,
}

/// The files of a folder that it takes, in the order of their names.
pub fn of(folder: &Folder) -> std::io::Result<Vec<Found>> {
    let mut found = Vec::new();
    walk(folder, &folder.path, 0, &mut found)?;
    found.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(found)
}

/// Whether a name is that of a file on its way, or is hidden.
pub fn is_passing(path: &Path) -> bool {
    let is_hidden = |part: &std::ffi::OsStr| part.as_encoded_bytes().starts_with(b".");
    let name = path.file_name().unwrap_or_default().to_string_lossy().to_lowercase();
    path.iter().any(is_hidden) || PASSING.iter().any(|ending| name.ends_with(ending))
}

/// What a file is known by, as long as nobody writes to it.
pub fn stamp(data: &Metadata) -> String {
    let changed = data.modified().ok().and_then(|time| time.duration_since(SystemTime::UNIX_EPOCH).ok());
    let changed = changed.unwrap_or_default();
    format!("{}-{}.{:09}", data.len(), changed.as_secs(), changed.subsec_nanos())
}

fn walk(folder: &Folder, at: &Path, depth: usize, found: &mut Vec<Found>) -> std::io::Result<()> {
    for entry in std::fs::read_dir(at)? {
        let entry = entry?;
        // Of the entry itself: a link is neither a folder nor a file here.
        let Ok(kind) = entry.file_type() else { continue };
        let deeper = folder.has_subfolders && depth < MAX_DEPTH && kind.is_dir();
        if deeper && !is_passing(Path::new(&entry.file_name())) {
            // A folder below that cannot be listed does not keep the others from coming.
            let _ = walk(folder, &entry.path(), depth + 1, found);
        } else if kind.is_file() && found.len() < MAX_FILES {
            found.extend(file(folder, &entry));
        }
    }
    Ok(())
}

fn file(folder: &Folder, entry: &DirEntry) -> Option<Found> {
    let path = entry.path();
    let below = path.strip_prefix(&folder.path).ok()?;
    if !folder.takes(below) {
        return None;
    }
    let data = entry.metadata().ok()?;
    let changed_at = Timestamp::try_from(data.modified().ok()?).ok()?;
    let name = below.to_string_lossy().into_owned();
    Some(Found { name, size: data.len(), changed_at, stamp: stamp(&data), path })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_on_their_way_are_told() {
        for name in ["a.csv.part", "a.crdownload", "a.tmp", "a.csv~", ".a.csv", ".git/a.csv", "A.PART"] {
            assert!(is_passing(Path::new(name)), "{name}");
        }
        for name in ["a.csv", "part.csv", "tmp/a.csv", "a.b.csv"] {
            assert!(!is_passing(Path::new(name)), "{name}");
        }
    }
}
