//! The project's own files, and their size and first lines.

use std::path::{Path, PathBuf};

use super::nobody;

const MOST_LINES: usize = 400;
const MOST_LINES_OF_ARCHITECTURE: usize = 120;

pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every file below a folder of the project, sorted; hidden and built ones apart.
pub fn below(folder: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    gather(&root().join(folder), &mut found);
    found.sort();
    found
}

fn gather(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("a folder of the project") {
        let path = entry.expect("an entry").path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if name.starts_with('.') || name == "__pycache__" || path == root().join("target") {
            continue;
        }
        if path.is_dir() {
            gather(&path, found);
        } else {
            found.push(path);
        }
    }
}

/// Files below a folder that end so, with their text.
pub fn texts(folder: &str, extension: &str) -> Vec<(String, String)> {
    let files = below(folder).into_iter().filter(|path| path.extension().is_some_and(|found| found == extension));
    files.map(|path| (shown(&path), std::fs::read_to_string(&path).expect("a text in UTF-8"))).collect()
}

/// A path as the project names it.
pub fn shown(path: &Path) -> String {
    path.strip_prefix(root()).unwrap_or(path).display().to_string()
}

#[test]
fn every_module_says_what_it_is_for() {
    let silent = texts("src", "rs").into_iter().filter(|(_, text)| !text.starts_with("//! "));
    nobody(&silent.map(|(file, _)| format!("{file} does not start with //!")).collect::<Vec<_>>());
}

#[test]
fn files_stay_small() {
    let long = texts("src", "rs").into_iter().map(|(file, text)| (file, text.lines().count()));
    let long = long.filter(|(_, n)| *n > MOST_LINES);
    nobody(&long.map(|(file, n)| format!("{file} has {n} lines")).collect::<Vec<_>>());
    let architecture = std::fs::read_to_string(root().join("ARCHITECTURE.md")).expect("the house is drawn");
    assert!(architecture.lines().count() <= MOST_LINES_OF_ARCHITECTURE);
}
