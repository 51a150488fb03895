//! Where the public samples are; without them a test says so and passes.

use std::path::{Path, PathBuf};

/// A folder of the samples, or nothing after a line that says so.
pub fn folder(name: &str) -> Option<PathBuf> {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus");
    let corpus = std::env::var_os("MOISSON_CORPUS").map_or_else(beside, PathBuf::from);
    let folder = corpus.join(name);
    if !folder.is_dir() {
        println!("skipped: no samples in {}", folder.display());
        return None;
    }
    Some(folder)
}

/// Every file below `folder` with one of these endings, in order, with its path inside the folder.
pub fn files(folder: &Path, endings: &[&str]) -> Vec<(String, Vec<u8>)> {
    let mut paths = Vec::new();
    walk(folder, &mut paths);
    paths.sort();
    let wanted = |path: &PathBuf| path.extension().is_some_and(|end| endings.iter().any(|wanted| end == *wanted));
    let name = |path: &Path| path.strip_prefix(folder).unwrap().to_string_lossy().into_owned();
    paths.into_iter().filter(wanted).map(|path| (name(&path), std::fs::read(&path).unwrap())).collect()
}

fn walk(folder: &Path, out: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { walk(&path, out) } else { out.push(path) }
    }
}
