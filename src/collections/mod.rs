//! Calendars, address books and folders that clients write in.
//!
//! The truth is a log, `collections/*.jsonl`: a line for each thing that happened, with the bytes
//! of what was written (large ones are in the archive under their hash). A write is acknowledged
//! when its line is on the disk; writes that arrive together share one sync. How collections stand
//! is told from the log when it is opened and kept in memory, so that nobody who only asks touches
//! the disk. The room decides what may be written where; it knows nothing of HTTP or XML, and does
//! not read what objects say.

mod apply;
mod changes;
mod decide;
mod path;
mod state;
mod structure;
mod token;
mod writer;

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError, RwLock, RwLockReadGuard};

use jiff::Timestamp;

use crate::archive::{self, Archive, ArchiveError, Entry, Lines, LogOf};
use crate::model::collection::{Change, CollectionKind, Object, Origin, Property};

pub use changes::{Changed, Changes};
pub use decide::{Conditions, Done, Match, Refusal, What, Write};
pub use path::{is_name, parent_of};
pub use state::{Body, Collection, Conflict, Member, Properties, Reading, State};
pub use token::Token;
use writer::Writer;

/// Objects of more bytes than this are kept in the archive, and in memory only while they are
/// asked for: a household's photos need not stay there for years.
const LARGEST_HELD: usize = 32 << 10;

/// The collections of a home; one process holds them at a time.
pub struct Collections {
    state: Arc<RwLock<State>>,
    writer: Writer,
    archive: Archive,
    /// The archive writes a document under a name of this process.
    keeping: Mutex<()>,
    clock: fn() -> Timestamp,
}

/// Why collections cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum CollectionsError {
    #[error(transparent)]
    Archive(#[from] ArchiveError),
    /// A newer version wrote what this one cannot follow.
    #[error("line {line} of the log of collections was written by a newer version")]
    Newer { line: u64 },
}

/// What a member is to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct New {
    pub bytes: Arc<[u8]>,
    pub uid: Option<String>,
    /// `VEVENT`, `VCARD` …; none for files.
    pub component: Option<String>,
    pub media: Option<String>,
}

/// What a home has from the beginning: path, kind.
const FIRST: [(&str, CollectionKind); 6] = [
    ("", CollectionKind::Plain),
    ("calendars", CollectionKind::Plain),
    ("books", CollectionKind::Plain),
    ("calendars/personal", CollectionKind::Calendar),
    ("books/contacts", CollectionKind::AddressBook),
    ("files", CollectionKind::Plain),
];

/// Opens the collections of a home, or says at once who holds them. A home that never had any gets
/// a calendar, an address book and a folder, with the names that `named` gives for their paths.
pub fn open(
    home: &Path,
    clock: fn() -> Timestamp,
    named: &dyn Fn(&str) -> Vec<Property>,
) -> Result<Collections, CollectionsError> {
    let mut log = archive::log(home, LogOf::Collections)?;
    let mut state = told(log.entries()?)?;
    if state.is_new() {
        let changes = FIRST.map(|(path, kind)| made(path, kind, Origin::Own, named(path)));
        let at = clock();
        let entries: Vec<Entry> = changes.iter().map(|change| Entry::Collection(Box::new(change.clone()))).collect();
        log.append_all(at, &entries)?;
        for change in &changes {
            apply_or_tell(&mut state, change, at);
        }
    }
    let state = Arc::new(RwLock::new(state));
    let writer = Writer::start(log, Arc::clone(&state), clock);
    Ok(Collections { state, writer, archive: archive::open(home)?, keeping: Mutex::new(()), clock })
}

/// How collections stand, told from the log; for whoever only looks. None where there are none.
pub fn look(home: &Path) -> Result<Option<State>, CollectionsError> {
    archive::logged(home, LogOf::Collections)?.map(told).transpose()
}

/// How collections stand after these lines.
fn told(lines: Lines) -> Result<State, CollectionsError> {
    let mut state = State::default();
    for line in lines {
        let line = line?;
        match line.entry {
            Entry::Collection(change) => apply_or_tell(&mut state, &change, line.at),
            Entry::Unknown { kind, .. } if kind == "collection" => {
                return Err(CollectionsError::Newer { line: line.seq.0 });
            }
            _ => {}
        }
    }
    Ok(state)
}

/// Applies a change. One that does not fit those before it is a fault of ours, and is left out: it
/// must not keep a household from all the others.
fn apply_or_tell(state: &mut State, change: &Change, at: Timestamp) {
    if let Err(what) = apply::apply(state, change, at) {
        tracing::error!(what, "a change does not fit how collections stand");
    }
}

/// The line that makes a collection.
pub fn made(path: &str, kind: CollectionKind, origin: Origin, properties: Vec<Property>) -> Change {
    Change::Made { path: path.to_owned(), id: token::new_id(), kind, origin, properties }
}

impl Collections {
    /// How things stand. Held as shortly as can be: writers wait.
    pub fn state(&self) -> RwLockReadGuard<'_, State> {
        self.state.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes, and says what became of it once it is on the disk; from a thread that may wait.
    pub fn write(&self, write: Write) -> Result<Done, Refusal> {
        self.writer.send(write).blocking_recv().unwrap_or(Err(Refusal::Closed))
    }

    /// Writes, for whoever must not wait.
    pub async fn written(&self, write: Write) -> Result<Done, Refusal> {
        self.writer.send(write).await.unwrap_or(Err(Refusal::Closed))
    }

    /// What the log says of new bytes; large ones go to the archive, and are on the disk on return.
    pub fn object(&self, new: New) -> Result<(Object, Body), ArchiveError> {
        let text = std::str::from_utf8(&new.bytes).ok().filter(|_| new.bytes.len() <= LARGEST_HELD);
        let (sha256, body) = if text.is_some() {
            (archive::name_of(&new.bytes), Body::Held(Arc::clone(&new.bytes)))
        } else {
            let _turn = self.keeping.lock().unwrap_or_else(PoisonError::into_inner);
            (self.archive.keep(&new.bytes)?.sha256, Body::Archived)
        };
        let object = Object {
            text: text.map(str::to_owned),
            sha256,
            size: new.bytes.len() as u64,
            uid: new.uid,
            component: new.component,
            media: new.media,
        };
        Ok((object, body))
    }

    /// The bytes of a member.
    pub fn bytes(&self, member: &Member) -> Result<Arc<[u8]>, ArchiveError> {
        match &member.body {
            Body::Held(bytes) => Ok(Arc::clone(bytes)),
            Body::Archived => Ok(self.archive.read(&member.sha256)?.into()),
        }
    }

    /// The clock that lines are dated by.
    pub fn now(&self) -> Timestamp {
        (self.clock)()
    }
}

#[cfg(test)]
mod tests;
