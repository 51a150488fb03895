//! What is to be imported: files, folders walked in order of name, standard input.

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use jiff::Timestamp;

use super::ImportError;

/// A document before anything is known of it.
#[derive(Debug, Clone)]
pub struct Input {
    /// Its name without folders, for people and for connectors that read it.
    pub name: String,
    /// Where it lies; `None` for standard input.
    pub path: Option<PathBuf>,
    /// When what it says was true: the file's own time, or now.
    pub as_of: Timestamp,
}

impl Input {
    /// A file.
    pub fn file(path: &Path, now: Timestamp) -> Result<Self, ImportError> {
        let unreadable = |source| ImportError::Unreadable { path: path.to_owned(), source };
        let modified = fs::metadata(path).and_then(|data| data.modified()).map_err(unreadable)?;
        let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
        let as_of = Timestamp::try_from(modified).unwrap_or(now);
        Ok(Self { name, path: Some(path.to_owned()), as_of })
    }

    /// Standard input.
    pub fn standard_input(now: Timestamp) -> Self {
        Self { name: "stdin".to_owned(), path: None, as_of: now }
    }

    /// The document's bytes.
    pub fn bytes(&self) -> Result<Vec<u8>, ImportError> {
        match &self.path {
            Some(path) => fs::read(path).map_err(|source| ImportError::Unreadable { path: path.clone(), source }),
            None => {
                let mut bytes = Vec::new();
                let read = std::io::stdin().lock().read_to_end(&mut bytes);
                read.map(|_| bytes).map_err(|source| ImportError::Unreadable { path: "-".into(), source })
            }
        }
    }
}

/// Finds the documents that the arguments name; hidden files in folders are passed over.
pub fn find(arguments: &[PathBuf], now: Timestamp) -> Result<Vec<Input>, ImportError> {
    let mut inputs = Vec::new();
    for argument in arguments {
        if argument.as_os_str() == "-" {
            inputs.push(Input::standard_input(now));
        } else if argument.is_dir() {
            for path in files_below(argument)? {
                inputs.push(Input::file(&path, now)?);
            }
        } else {
            inputs.push(Input::file(argument, now)?);
        }
    }
    Ok(inputs)
}

fn files_below(folder: &Path) -> Result<Vec<PathBuf>, ImportError> {
    let unreadable = |source| ImportError::Unreadable { path: folder.to_owned(), source };
    let mut paths = Vec::new();
    for entry in fs::read_dir(folder).map_err(unreadable)? {
        paths.push(entry.map_err(unreadable)?.path());
    }
    paths.sort();
    let mut files = Vec::new();
    for path in paths.into_iter().filter(|path| !is_hidden(path)) {
        if path.is_dir() {
            files.extend(files_below(&path)?);
        } else {
            files.push(path);
        }
    }
    Ok(files)
}

fn is_hidden(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'))
}
