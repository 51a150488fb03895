//! Reads everything back and says what is not as it was written.
//!
//! Every line's chain and check, every document against its name, and both records against each
//! other. It changes nothing and does not stop at the first finding.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use jiff::Timestamp;

use super::documents::{TEMPORARY, is_name};
use super::tail::number_of;
use super::{Archive, ArchiveError, Document, Entry, Journal, LogOf, disk};
use crate::model::collection::Change;

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Verdict {
    /// Number of different documents the journal names.
    pub n_documents: u64,
    /// Bytes of documents that were read and are as they came.
    pub n_bytes: u64,
    /// Number of journal lines that are as they were written.
    pub n_journal_lines: u64,
    /// Whatever is not as it should be, the journal's problems first.
    pub problems: Vec<Problem>,
}

impl Verdict {
    /// Whether nothing is lost or damaged; notices do not count.
    pub fn is_sound(&self) -> bool {
        !self.problems.iter().any(Problem::is_error)
    }
}

/// One thing that is not as it should be. `Display` says what, [`Problem::remedy`] what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Problem {
    /// A journal line is damaged, missing or out of place.
    BrokenLine { file: PathBuf, line: u64, reason: String },
    /// The journal ends with bytes that are no whole line.
    TornLine { file: PathBuf, n_bytes: u64 },
    /// A document that the journal names is not in the archive.
    MissingDocument { sha256: String, name: String },
    /// A document is not what was kept.
    DamagedDocument { path: PathBuf, name: String, reason: String },
    /// The operating system refused to give a file.
    Unreadable { path: PathBuf, reason: String },
    /// A kept document that no journal line names. Nothing is lost; nothing is derived from it.
    Orphan { path: PathBuf },
    /// What an interrupted write left behind.
    Leftover { path: PathBuf },
    /// A cut line that was set aside earlier.
    SetAside { path: PathBuf },
    /// A file that moisson did not put there.
    Stranger { path: PathBuf },
}

impl Problem {
    /// Whether something is lost or damaged; otherwise it is only worth knowing.
    pub fn is_error(&self) -> bool {
        match self {
            Self::BrokenLine { .. }
            | Self::TornLine { .. }
            | Self::MissingDocument { .. }
            | Self::DamagedDocument { .. }
            | Self::Unreadable { .. } => true,
            Self::Orphan { .. } | Self::Leftover { .. } | Self::SetAside { .. } | Self::Stranger { .. } => false,
        }
    }

    /// What the reader can do about it: one sentence.
    pub fn remedy(&self) -> &'static str {
        match self {
            Self::BrokenLine { file, .. } if is_of_log(file) => {
                "put this folder back from a backup; nothing else has what it tells"
            }
            Self::BrokenLine { .. } => {
                "put this file back from a backup; without one, move the journal aside and import the documents again"
            }
            Self::TornLine { .. } => {
                "import again what was being imported when the machine stopped; the cut line is then set aside"
            }
            Self::MissingDocument { .. } => "import this document again, or put its file back from a backup",
            Self::DamagedDocument { .. } => {
                "delete this file and import the document again, or restore it from a backup"
            }
            Self::Unreadable { .. } => "check the permissions of this file and the health of the disk",
            Self::Orphan { .. } => "import the document again to have it counted, or delete this file",
            Self::Leftover { .. } => "delete this file; the write it belonged to never finished",
            Self::SetAside { .. } => "look whether its document came in again, then delete this file",
            Self::Stranger { .. } => "move this file elsewhere",
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BrokenLine { file, line, reason } => write!(f, "{}:{line}: damaged line: {reason}", file.display()),
            Self::TornLine { file, n_bytes } => {
                write!(f, "{}: the last {n_bytes} bytes are a cut line", file.display())
            }
            Self::MissingDocument { sha256, name } => write!(f, "{name} is not in the archive any more ({sha256})"),
            Self::DamagedDocument { path, name, reason } => write!(f, "{}: {name}: {reason}", path.display()),
            Self::Unreadable { path, reason } => write!(f, "{}: {reason}", path.display()),
            Self::Orphan { path } => write!(f, "{}: no journal line names this document", path.display()),
            Self::Leftover { path } => write!(f, "{}: left by an interrupted write", path.display()),
            Self::SetAside { path } => write!(f, "{}: a cut line, set aside earlier", path.display()),
            Self::Stranger { path } => write!(f, "{}: not a file of the archive", path.display()),
        }
    }
}

/// Whether a file is of one of the logs, which nothing can be imported into again.
fn is_of_log(file: &Path) -> bool {
    let folder = file.parent().and_then(Path::file_name).and_then(|name| name.to_str());
    folder.is_some_and(|folder| LogOf::ALL.iter().any(|of| of.folder() == folder))
}

/// Reads back both records. `progress` is told the bytes of documents done and to do.
pub fn verify(archive: &Archive, progress: &mut dyn FnMut(u64, u64)) -> Verdict {
    let mut verdict = Verdict::default();
    let mut documents = verify_journal(archive, &mut verdict);
    for of in LogOf::ALL {
        verify_log(archive, of, &mut verdict, &mut documents);
    }
    verify_documents(archive, &documents, &mut verdict, progress);
    for path in files_under(archive.folder(), 2, &mut verdict) {
        verdict.problems.extend(judge_file(archive, &path, &documents));
    }
    verdict
}

/// Checks every line, and gathers the documents they name.
fn verify_journal(archive: &Archive, verdict: &mut Verdict) -> BTreeMap<String, Document> {
    let mut documents = BTreeMap::new();
    verdict.n_journal_lines += verify_lines(&archive.journal, verdict, &mut |entry| {
        if let Entry::Document(document) = entry {
            documents.entry(document.sha256.clone()).or_insert(document);
        }
    });
    documents
}

/// A log is chained as the journal is; a home where nothing of its kind happened has none. Large
/// objects of collections are documents too.
fn verify_log(archive: &Archive, of: LogOf, verdict: &mut Verdict, documents: &mut BTreeMap<String, Document>) {
    match archive.log(of) {
        Ok(Some(log)) => {
            verify_lines(&log, verdict, &mut |entry| {
                if let Entry::Collection(change) = entry {
                    documents.extend(kept(*change).into_iter().map(|document| (document.sha256.clone(), document)));
                }
            });
        }
        Ok(None) => {}
        Err(error) => verdict.problems.push(problem_of(error, "")),
    }
}

/// The documents that have the bytes of objects, where the log has them not.
fn kept(change: Change) -> Vec<Document> {
    let (name, object) = match change {
        Change::Put { name, object, .. } | Change::Conflict { name, lost: Some(object), .. } => (name, object),
        Change::Together { changes } => return changes.into_iter().flat_map(kept).collect(),
        Change::Made { .. }
        | Change::Set { .. }
        | Change::Gone { .. }
        | Change::Removed { .. }
        | Change::Moved { .. }
        | Change::Conflict { lost: None, .. }
        | Change::Settled { .. } => return Vec::new(),
    };
    let document = object.text.is_none().then_some(Document {
        sha256: object.sha256,
        size: object.size,
        name,
        as_of: Timestamp::UNIX_EPOCH,
        source: None,
        connector: None,
        parent: None,
        origin: None,
        shows: None,
    });
    document.into_iter().collect()
}

/// Checks every line, hands over what it says, and gives how many are as they were written.
fn verify_lines(journal: &Journal, verdict: &mut Verdict, take: &mut dyn FnMut(Entry)) -> u64 {
    let lines = match journal.entries() {
        Ok(lines) => lines,
        Err(error) => {
            verdict.problems.push(problem_of(error, ""));
            return 0;
        }
    };
    let mut n_sound = 0;
    for line in lines {
        match line {
            Ok(line) => {
                n_sound += 1;
                take(line.entry);
            }
            Err(error) => verdict.problems.push(problem_of(error, "")),
        }
    }
    verify_files(journal, verdict);
    n_sound
}

fn verify_files(journal: &Journal, verdict: &mut Verdict) {
    if let Some(torn) = journal.torn().filter(|torn| torn.set_aside.is_none()) {
        verdict.problems.push(Problem::TornLine { file: torn.file.clone(), n_bytes: torn.n_bytes });
    }
    for path in files_under(journal.folder(), 0, verdict) {
        if disk::name(&path).starts_with("torn-") {
            verdict.problems.push(Problem::SetAside { path });
        } else if number_of(&path).is_none() && disk::name(&path) != "lock" {
            verdict.problems.push(Problem::Stranger { path });
        }
    }
}

fn verify_documents(
    archive: &Archive,
    documents: &BTreeMap<String, Document>,
    verdict: &mut Verdict,
    progress: &mut dyn FnMut(u64, u64),
) {
    let total = documents.values().map(|document| document.size).sum();
    let mut done = 0;
    progress(done, total);
    for document in documents.values() {
        verdict.n_documents += 1;
        match archive.read(&document.sha256) {
            Ok(bytes) => verdict.n_bytes += bytes.len() as u64,
            Err(error) => verdict.problems.push(problem_of(error, &document.name)),
        }
        done += document.size;
        progress(done, total);
    }
}

/// Judges one file of the archive folder; the documents' own bytes are checked elsewhere.
fn judge_file(archive: &Archive, path: &Path, documents: &BTreeMap<String, Document>) -> Option<Problem> {
    let name = disk::name(path);
    let path = path.to_path_buf();
    if name.starts_with(TEMPORARY) {
        return Some(Problem::Leftover { path });
    }
    match name.strip_suffix(".zst").filter(|stem| is_name(stem) && archive.path_of(stem) == path) {
        Some(sha256) if documents.contains_key(sha256) => None,
        Some(_) => Some(Problem::Orphan { path }),
        None => Some(Problem::Stranger { path }),
    }
}

/// All files at most `depth` folders down; a folder deeper than that counts as a file.
fn files_under(folder: &Path, depth: usize, verdict: &mut Verdict) -> Vec<PathBuf> {
    let entries = disk::list(folder).unwrap_or_else(|error| {
        verdict.problems.push(problem_of(error, ""));
        Vec::new()
    });
    let (folders, mut files): (Vec<_>, Vec<_>) = entries.into_iter().partition(|path| depth > 0 && path.is_dir());
    for folder in folders {
        files.extend(files_under(&folder, depth - 1, verdict));
    }
    files
}

fn problem_of(error: ArchiveError, name: &str) -> Problem {
    let name = name.to_owned();
    match error {
        ArchiveError::BrokenLine { file, line, reason } => Problem::BrokenLine { file, line, reason },
        ArchiveError::Missing { sha256 } => Problem::MissingDocument { sha256, name },
        ArchiveError::Damaged { path, reason } => Problem::DamagedDocument { path, name, reason },
        ArchiveError::NoRoom { path, source, .. } | ArchiveError::Io { path, source, .. } => {
            Problem::Unreadable { path, reason: source.to_string() }
        }
        ArchiveError::Changed { file: path } | ArchiveError::Busy { home: path, .. } => {
            Problem::Unreadable { path, reason: "another process is writing".to_owned() }
        }
    }
}
