//! What is to be imported: files, folders walked in order of name, standard input.

use std::borrow::Cow;
use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use jiff::Timestamp;

use super::ImportError;
use crate::fetch::Fetched;

/// A document before anything is known of it.
#[derive(Debug, Clone)]
pub struct Input {
    /// Its name without folders, for people and for connectors that read it.
    pub name: String,
    /// Where it lies, or where it came from; `None` for standard input.
    pub path: Option<PathBuf>,
    /// When what it says was true: the file's own time, or now.
    pub as_of: Timestamp,
    /// Its bytes, when they are at hand and not in a file.
    pub held: Option<Vec<u8>>,
    /// The connector to read it with; the one that is recognised when absent.
    pub connector: Option<String>,
}

impl Input {
    /// A file.
    pub fn file(path: &Path, now: Timestamp) -> Result<Self, ImportError> {
        let unreadable = |source| ImportError::Unreadable { path: path.to_owned(), source };
        let modified = fs::metadata(path).and_then(|data| data.modified()).map_err(unreadable)?;
        let as_of = Timestamp::try_from(modified).unwrap_or(now);
        Ok(Self::at(path, as_of))
    }

    /// A file of a folder: what cannot be known of it does not stop the others.
    fn found(path: &Path, now: Timestamp) -> Self {
        Self::file(path, now).unwrap_or_else(|_| Self::at(path, now))
    }

    fn at(path: &Path, as_of: Timestamp) -> Self {
        Self { name: name_of(path), path: Some(path.to_owned()), as_of, held: None, connector: None }
    }

    /// A document that was fetched.
    pub fn fetched(document: &Fetched) -> Self {
        Self {
            name: document.name.clone(),
            path: Some(PathBuf::from(&document.origin)),
            as_of: document.as_of,
            held: Some(document.bytes.clone()),
            connector: match &document.connectors[..] {
                [only] => Some(only.clone()),
                _ => None,
            },
        }
    }

    /// Standard input.
    pub fn standard_input(now: Timestamp) -> Self {
        Self { name: "stdin".to_owned(), path: None, as_of: now, held: None, connector: None }
    }

    /// The document's bytes.
    pub fn bytes(&self) -> io::Result<Cow<'_, [u8]>> {
        if let Some(bytes) = &self.held {
            return Ok(Cow::Borrowed(bytes));
        }
        if let Some(path) = &self.path {
            return fs::read(path).map(Cow::Owned);
        }
        let mut bytes = Vec::new();
        io::stdin().lock().read_to_end(&mut bytes)?;
        Ok(Cow::Owned(bytes))
    }
}

/// Finds the documents that the arguments name. Hidden files in folders are passed over, and so
/// are links to folders, which may lead in a circle.
pub fn find(arguments: &[PathBuf], now: Timestamp) -> Result<Vec<Input>, ImportError> {
    let mut inputs = Vec::new();
    for argument in arguments {
        if argument.as_os_str() == "-" {
            inputs.push(Input::standard_input(now));
        } else if argument.is_dir() {
            for path in files_below(argument)? {
                inputs.push(Input::found(&path, now));
            }
        } else {
            inputs.push(Input::file(argument, now)?);
        }
    }
    Ok(inputs)
}

fn files_below(folder: &Path) -> Result<Vec<PathBuf>, ImportError> {
    let unreadable = |source| ImportError::Unreadable { path: folder.to_owned(), source };
    let mut entries = Vec::new();
    for entry in fs::read_dir(folder).map_err(unreadable)? {
        let entry = entry.map_err(unreadable)?;
        entries.push((entry.path(), entry.file_type().map_err(unreadable)?));
    }
    entries.sort_by(|(a, _), (b, _)| a.cmp(b));
    let mut files = Vec::new();
    for (path, kind) in entries.into_iter().filter(|(path, _)| !is_hidden(path)) {
        if kind.is_dir() {
            files.extend(files_below(&path)?);
        } else if may_be_read(&path) {
            files.push(path);
        }
    }
    Ok(files)
}

/// A file, or a link that leads nowhere, which is told; not a pipe, which nobody may ever write to.
fn may_be_read(path: &Path) -> bool {
    fs::metadata(path).map_or(true, |data| data.is_file())
}

fn name_of(path: &Path) -> String {
    path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned()
}

fn is_hidden(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'))
}
