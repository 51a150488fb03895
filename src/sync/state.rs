//! What runs leave to the next one, on the disk: `state/<source>.json`, replaced at once.

use std::fs::{self, File};
use std::io::Write as _;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::fetch::State;

/// The state that earlier runs of a source left. One that is missing or cannot be read is empty:
/// everything is then asked for again, which loses nothing.
pub fn read(data: &Path, source: &str) -> State {
    read_file(&file_of(data, source))
}

/// Replaces it.
pub(super) fn write(data: &Path, source: &str, state: &State) -> std::io::Result<()> {
    write_file(&file_of(data, source), state)
}

/// How many offenders each check had after the last run.
pub(super) fn read_checks(data: &Path) -> std::collections::BTreeMap<String, u64> {
    read_file(&data.join(FOLDER).join("checks"))
}

pub(super) fn write_checks(data: &Path, checks: &std::collections::BTreeMap<String, u64>) -> std::io::Result<()> {
    write_file(&data.join(FOLDER).join("checks"), checks)
}

/// What was taken in of the household's own collections.
pub(super) fn read_own<T: DeserializeOwned + Default>(data: &Path) -> T {
    read_file(&data.join(FOLDER).join(OWN))
}

pub(super) fn write_own(data: &Path, known: &impl Serialize) -> std::io::Result<()> {
    write_file(&data.join(FOLDER).join(OWN), known)
}

/// What is known of the collections that a source fills.
pub(super) fn read_mirror<T: DeserializeOwned + Default>(data: &Path, source: &str) -> T {
    read_file(&mirror_of(data, source))
}

pub(super) fn write_mirror(data: &Path, source: &str, known: &impl Serialize) -> std::io::Result<()> {
    write_file(&mirror_of(data, source), known)
}

pub(super) fn forget_mirror(data: &Path, source: &str) {
    let _ = fs::remove_file(mirror_of(data, source));
}

/// A point in the id of a source is written otherwise, so this is the state of none.
fn mirror_of(data: &Path, source: &str) -> PathBuf {
    file_of(data, source).with_extension("mirror.json")
}

/// Notes that documents are coming in which the views do not show yet.
pub(super) fn unpublished(data: &Path) {
    if let Err(error) = write_file(&mark_of(data), &true) {
        tracing::warn!(%error, "that something waits to be published cannot be written");
    }
}

/// Whether a run was cut between its documents and their views.
pub(super) fn is_unpublished(data: &Path) -> bool {
    mark_of(data).exists()
}

pub(super) fn published(data: &Path) {
    let _ = fs::remove_file(mark_of(data));
}

fn mark_of(data: &Path) -> PathBuf {
    data.join(FOLDER).join("unpublished")
}

const FOLDER: &str = "state";
/// No source's state: that of a source called so would have another name, as would `checks`.
const OWN: &str = "collections";

fn read_file<T: DeserializeOwned + Default>(path: &Path) -> T {
    let Ok(text) = fs::read(path) else { return T::default() };
    serde_json::from_slice(&text).unwrap_or_else(|error| {
        tracing::warn!(file = %path.display(), %error, "what earlier runs left cannot be read");
        T::default()
    })
}

fn write_file(path: &Path, content: &impl Serialize) -> std::io::Result<()> {
    let text = serde_json::to_vec(content)?;
    if fs::read(path).is_ok_and(|known| known == text) {
        return Ok(());
    }
    let folder = path.parent().unwrap_or(Path::new("."));
    fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    let fresh = path.with_extension("new");
    let mut file = File::options().write(true).create(true).truncate(true).mode(0o600).open(&fresh)?;
    file.write_all(&text)?;
    file.sync_all()?;
    fs::rename(&fresh, path)?;
    File::open(folder)?.sync_all()
}

/// Any id makes a name of a file: what might mislead is written as `%2f`.
fn file_of(data: &Path, source: &str) -> PathBuf {
    use std::fmt::Write as _;
    let mut name = String::new();
    for byte in source.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' => name.push(char::from(byte)),
            other => {
                let _ = write!(name, "%{other:02x}");
            }
        }
    }
    data.join(FOLDER).join(name + ".json")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn state_comes_back_whatever_the_source_is_called() {
        let home = tempfile::tempdir().unwrap();
        let mut state = State::default();
        state.cursors.insert("a".to_owned(), "b".to_owned());
        for source in ["bank", "../../etc/passwd", "é", ""] {
            write(home.path(), source, &state).unwrap();
            assert_eq!(read(home.path(), source), state);
        }
        assert_eq!(fs::read_dir(home.path()).unwrap().count(), 1);
        assert_eq!(read(home.path(), "other"), State::default());
    }

    #[test]
    fn a_damaged_state_is_an_empty_one() {
        let home = tempfile::tempdir().unwrap();
        write(home.path(), "bank", &State::default()).unwrap();
        fs::write(file_of(home.path(), "bank"), "{\"cursors\":").unwrap();
        assert_eq!(read(home.path(), "bank"), State::default());
    }
}
