//! The journal: lines that are only ever appended, in files `journal/000001.jsonl` and on.
//!
//! A line is acknowledged when it is on the disk. A last line that a crash cut short was never
//! acknowledged: it is noted on opening and set aside in `journal/torn-<n>` by the next writer.
//! Any other damage is an error that names file and line; nothing is repaired here.

use std::fs::{self, File, OpenOptions};
use std::io::Write as _;
use std::path::{Path, PathBuf};

use jiff::Timestamp;

use super::line::{self, Entry, Seq};
use super::{ArchiveError, disk};

use super::lines::Lines;
use super::tail::{Tail, read_tail};

/// A file of this size or more is followed by a new one.
pub(super) const ROLL_AT: u64 = 64 << 20;

/// The journal of one home.
#[derive(Debug)]
pub struct Journal {
    folder: PathBuf,
    roll_at: u64,
    tail: Tail,
    torn: Option<Torn>,
}

/// A last line that was cut in mid-write. It was never acknowledged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Torn {
    /// The journal file it ends.
    pub file: PathBuf,
    /// Number of bytes after the last whole line.
    pub n_bytes: u64,
    /// Where the bytes are now, once a writer has set them aside.
    pub set_aside: Option<PathBuf>,
}

impl Journal {
    pub(super) fn open(folder: PathBuf, roll_at: u64) -> Result<Self, ArchiveError> {
        let (tail, n_torn) = read_tail(&folder)?;
        let torn = (n_torn > 0).then(|| Torn { file: path_of(&folder, tail.number), n_bytes: n_torn, set_aside: None });
        Ok(Self { folder, roll_at, tail, torn })
    }

    /// The cut line found on opening, if there was one; to be reported.
    pub fn torn(&self) -> Option<&Torn> {
        self.torn.as_ref()
    }

    /// Rank of the last line; 0 when there is none.
    pub fn last(&self) -> Seq {
        self.tail.seq
    }

    /// Appends one line. On return it is on the disk.
    ///
    /// Only a process that holds the home's lock may write.
    pub fn append(&mut self, at: Timestamp, entry: &Entry) -> Result<Seq, ArchiveError> {
        self.append_all(at, std::slice::from_ref(entry))
    }

    /// Appends lines with one sync for all, and returns the rank of the last line.
    ///
    /// When writing fails, none of them is in the journal.
    pub fn append_all(&mut self, at: Timestamp, entries: &[Entry]) -> Result<Seq, ArchiveError> {
        if entries.is_empty() {
            return Ok(self.tail.seq);
        }
        self.set_torn_aside()?;
        self.refuse_if_broken()?;
        if self.tail.len >= self.roll_at {
            self.roll()?;
        }
        let (bytes, seq, hash) = self.lines_for(at, entries)?;
        self.write(&bytes)?;
        self.tail = Tail { len: self.tail.len + bytes.len() as u64, seq, hash, ..self.tail.clone() };
        Ok(seq)
    }

    /// All lines in order, each checked against the one before.
    ///
    /// Only lines that were whole when the journal was opened or written by it are read, so a
    /// reader is never disturbed by a writer.
    pub fn entries(&self) -> Result<Lines, ArchiveError> {
        Lines::open(&self.folder, self.tail.number, self.tail.len)
    }

    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    fn file(&self) -> PathBuf {
        path_of(&self.folder, self.tail.number)
    }

    fn lines_for(&self, at: Timestamp, entries: &[Entry]) -> Result<(Vec<u8>, Seq, String), ArchiveError> {
        let (mut seq, mut hash) = (self.tail.seq, self.tail.hash.clone());
        let mut bytes = Vec::new();
        for entry in entries {
            seq = Seq(seq.0 + 1);
            let written = line::write(seq, at, entry, &hash)
                .map_err(|error| ArchiveError::io("write", &self.file())(error.into()))?;
            hash = line::hash(&written);
            bytes.extend_from_slice(&written);
            bytes.push(b'\n');
        }
        Ok((bytes, seq, hash))
    }

    fn write(&mut self, bytes: &[u8]) -> Result<(), ArchiveError> {
        let path = self.file();
        let mut file = open_last(&path)?;
        let len = file.metadata().map_err(ArchiveError::io("look at", &path))?.len();
        if len != self.tail.len {
            return Err(ArchiveError::Changed { file: path });
        }
        file.write_all(bytes).and_then(|()| file.sync_all()).map_err(|error| {
            self.undo(&file, &path);
            ArchiveError::io("write", &path)(error)
        })
    }

    /// Takes back what a failed write left. If that fails too, the next write sets it aside.
    fn undo(&mut self, file: &File, path: &Path) {
        if file.set_len(self.tail.len).and_then(|()| file.sync_all()).is_err() {
            let len = file.metadata().map_or(self.tail.len, |meta| meta.len());
            let n_bytes = len.saturating_sub(self.tail.len);
            self.torn = (n_bytes > 0).then(|| Torn { file: path.to_path_buf(), n_bytes, set_aside: None });
        }
    }

    fn roll(&mut self) -> Result<(), ArchiveError> {
        let number = self.tail.number + 1;
        disk::create_durable_file(&path_of(&self.folder, number))?;
        self.tail = Tail { number, len: 0, ..self.tail.clone() };
        Ok(())
    }

    fn set_torn_aside(&mut self) -> Result<(), ArchiveError> {
        let Some(torn) = self.torn.as_mut().filter(|torn| torn.set_aside.is_none()) else {
            return Ok(());
        };
        let bytes = fs::read(&torn.file).map_err(ArchiveError::io("read", &torn.file))?;
        let start = usize::try_from(self.tail.len).unwrap_or(usize::MAX);
        if bytes.len() as u64 != self.tail.len + torn.n_bytes {
            return Err(ArchiveError::Changed { file: torn.file.clone() });
        }
        let aside = free_name(&self.folder);
        keep_aside(&aside, bytes.get(start..).unwrap_or_default())?;
        let file = open_last(&torn.file)?;
        file.set_len(self.tail.len).and_then(|()| file.sync_all()).map_err(ArchiveError::io("cut", &torn.file))?;
        torn.set_aside = Some(aside);
        Ok(())
    }

    fn refuse_if_broken(&self) -> Result<(), ArchiveError> {
        match &self.tail.broken {
            Some((file, line, reason)) => {
                Err(ArchiveError::BrokenLine { file: file.clone(), line: *line, reason: reason.clone() })
            }
            None => Ok(()),
        }
    }
}

pub(super) fn path_of(folder: &Path, number: u32) -> PathBuf {
    folder.join(format!("{number:06}.jsonl"))
}

/// Opens the last file for appending; the very first is made here.
fn open_last(path: &Path) -> Result<File, ArchiveError> {
    if !path.exists() {
        disk::create_durable_file(path)?;
    }
    OpenOptions::new().append(true).open(path).map_err(ArchiveError::io("open", path))
}

fn free_name(folder: &Path) -> PathBuf {
    let names = (1..u32::MAX).map(|n| folder.join(format!("torn-{n}")));
    names.into_iter().find(|path| !path.exists()).unwrap_or_else(|| folder.join("torn-0"))
}

fn keep_aside(path: &Path, bytes: &[u8]) -> Result<(), ArchiveError> {
    let mut file = disk::create_durable_file(path)?;
    file.write_all(bytes).and_then(|()| file.sync_all()).map_err(|error| {
        // The bytes are still at the end of the journal; half a copy would only mislead.
        let _ = fs::remove_file(path);
        ArchiveError::io("write", path)(error)
    })
}

#[cfg(test)]
mod tests {
    use super::super::line::Note;
    use super::*;

    fn journal(folder: &Path) -> Journal {
        Journal::open(folder.to_path_buf(), 1000).unwrap()
    }

    fn note(n: u64) -> Entry {
        Entry::Note(Note { text: format!("note {n}") })
    }

    fn texts(journal: &Journal) -> Vec<Entry> {
        journal.entries().unwrap().map(|line| line.unwrap().entry).collect()
    }

    #[test]
    fn the_chain_goes_on_from_file_to_file() {
        let folder = tempfile::tempdir().unwrap();
        for n in 1..=12 {
            assert_eq!(journal(folder.path()).append(Timestamp::UNIX_EPOCH, &note(n)).unwrap(), Seq(n));
        }
        assert!(folder.path().join("000003.jsonl").exists());
        assert_eq!(texts(&journal(folder.path())), (1..=12).map(note).collect::<Vec<_>>());
    }

    #[test]
    fn a_lost_file_is_seen() {
        let folder = tempfile::tempdir().unwrap();
        let mut writer = journal(folder.path());
        for n in 1..=12 {
            writer.append(Timestamp::UNIX_EPOCH, &note(n)).unwrap();
        }
        fs::remove_file(folder.path().join("000002.jsonl")).unwrap();
        let n_errors = journal(folder.path()).entries().unwrap().filter(Result::is_err).count();
        assert_eq!(n_errors, 1);
    }

    #[test]
    fn an_empty_last_file_is_where_the_next_line_goes() {
        let folder = tempfile::tempdir().unwrap();
        journal(folder.path()).append_all(Timestamp::UNIX_EPOCH, &[note(1), note(2)]).unwrap();
        fs::write(folder.path().join("000002.jsonl"), b"").unwrap();
        assert_eq!(journal(folder.path()).append(Timestamp::UNIX_EPOCH, &note(3)).unwrap(), Seq(3));
        assert_eq!(texts(&journal(folder.path())).len(), 3);
    }

    #[test]
    fn a_writer_that_was_overtaken_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let mut late = journal(folder.path());
        journal(folder.path()).append(Timestamp::UNIX_EPOCH, &note(1)).unwrap();
        let refused = late.append(Timestamp::UNIX_EPOCH, &note(2));
        assert!(matches!(refused, Err(ArchiveError::Changed { .. })), "{refused:?}");
    }

    #[test]
    fn nothing_is_appended_after_damage() {
        let folder = tempfile::tempdir().unwrap();
        journal(folder.path()).append_all(Timestamp::UNIX_EPOCH, &[note(1), note(2)]).unwrap();
        let path = folder.path().join("000001.jsonl");
        let changed = fs::read_to_string(&path).unwrap().replace("note 2", "note 3");
        fs::write(&path, changed).unwrap();
        let refused = journal(folder.path()).append(Timestamp::UNIX_EPOCH, &note(3));
        assert!(matches!(refused, Err(ArchiveError::BrokenLine { line: 2, .. })), "{refused:?}");
    }

    #[test]
    fn a_last_line_without_its_middle_is_set_aside() {
        let folder = tempfile::tempdir().unwrap();
        journal(folder.path()).append(Timestamp::UNIX_EPOCH, &note(1)).unwrap();
        let path = folder.path().join("000001.jsonl");
        let mut bytes = fs::read(&path).unwrap();
        bytes.extend_from_slice(b"{\"seq\":2\0\0\0\0\"}\n");
        fs::write(&path, bytes).unwrap();
        let mut writer = journal(folder.path());
        assert_eq!(writer.torn().unwrap().n_bytes, 15);
        writer.append(Timestamp::UNIX_EPOCH, &note(2)).unwrap();
        assert_eq!(fs::read(folder.path().join("torn-1")).unwrap().len(), 15);
        assert_eq!(texts(&journal(folder.path())), vec![note(1), note(2)]);
    }
}
