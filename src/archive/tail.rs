//! The end of the journal: where the next line goes, and what it must follow.

use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};

use super::journal::path_of;
use super::line::{self, NO_LINE, Seq};
use super::{ArchiveError, disk};

/// How much of the end of a file is looked at first.
const FIRST_LOOK: u64 = 64 << 10;

/// Where the journal ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Tail {
    /// Number of the last file; 1 also when there is none yet.
    pub number: u32,
    /// Bytes of whole lines in the last file.
    pub len: u64,
    pub seq: Seq,
    /// Hash of the last whole line.
    pub hash: String,
    /// Set when the last whole line is damaged (file, line, why): nothing may be appended.
    pub broken: Option<(PathBuf, u64, String)>,
}

/// Finds the end of the journal, and the number of torn bytes after it.
pub(super) fn read_tail(folder: &Path) -> Result<(Tail, u64), ArchiveError> {
    let numbers = numbers(folder)?;
    let number = numbers.last().copied().unwrap_or(1);
    let mut tail = Tail { number, len: 0, seq: Seq(0), hash: NO_LINE.to_owned(), broken: None };
    let mut n_torn = 0;
    for &number in numbers.iter().rev() {
        let path = path_of(folder, number);
        let end = End::of(&path)?;
        if number == tail.number {
            (tail.len, n_torn) = (end.whole, end.torn);
        }
        if let Some(last) = end.last {
            tail.hash = line::hash(&last);
            match line::read(&last) {
                Ok((line, _)) => tail.seq = line.seq,
                Err(reason) => {
                    let n_lines = count_lines(&path, end.whole)?;
                    tail.broken = Some((path, n_lines, reason));
                }
            }
            break;
        }
    }
    Ok((tail, n_torn))
}

/// Numbers of the journal's files, in order.
pub(super) fn numbers(folder: &Path) -> Result<Vec<u32>, ArchiveError> {
    Ok(disk::list(folder)?.iter().filter_map(|path| number_of(path)).collect())
}

pub(super) fn number_of(path: &Path) -> Option<u32> {
    let stem = disk::name(path).strip_suffix(".jsonl")?;
    (stem.len() >= 6 && stem.bytes().all(|byte| byte.is_ascii_digit())).then(|| stem.parse().ok())?
}

/// The last whole line of one file, and what follows it.
struct End {
    whole: u64,
    torn: u64,
    last: Option<Vec<u8>>,
}

impl End {
    fn of(path: &Path) -> Result<Self, ArchiveError> {
        let mut file = File::open(path).map_err(ArchiveError::io("open", path))?;
        let len = file.metadata().map_err(ArchiveError::io("look at", path))?.len();
        let mut look = FIRST_LOOK;
        loop {
            let bytes = read_end(&mut file, len, look).map_err(ArchiveError::io("read", path))?;
            let is_whole_file = bytes.len() as u64 == len;
            if let Some(end) = Self::in_bytes(&bytes, len, is_whole_file) {
                return Ok(end);
            }
            look = look.saturating_mul(8);
        }
    }

    /// `None` when more of the file must be seen.
    fn in_bytes(bytes: &[u8], len: u64, is_whole_file: bool) -> Option<Self> {
        let mut starts: Vec<usize> =
            bytes.iter().enumerate().filter(|(_, byte)| **byte == b'\n').map(|(at, _)| at + 1).collect();
        if is_whole_file {
            starts.insert(0, 0);
        }
        let end_of = |at: usize| starts.get(at).copied();
        let n = starts.len();
        let mut stop = end_of(n.checked_sub(1)?)?;
        // A crash can also leave a last line that has its end and lacks its middle.
        if stop == bytes.len() && n >= 2 && !line::is_json(&bytes[starts[n - 2]..stop - 1]) {
            starts.pop();
            stop = starts[n - 2];
        }
        let last = match starts.len().checked_sub(2) {
            Some(before) => Some(bytes[starts[before]..stop - 1].to_vec()),
            None if is_whole_file => None,
            None => return None,
        };
        let torn = (bytes.len() - stop) as u64;
        Some(Self { whole: len - torn, torn, last })
    }
}

fn read_end(file: &mut File, len: u64, look: u64) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    file.seek(SeekFrom::Start(len.saturating_sub(look)))?;
    file.take(look.min(len)).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn count_lines(path: &Path, whole: u64) -> Result<u64, ArchiveError> {
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(ArchiveError::io("open", path))?;
    file.take(whole).read_to_end(&mut bytes).map_err(ArchiveError::io("read", path))?;
    Ok(bytes.split(|byte| *byte == b'\n').count() as u64 - 1)
}
