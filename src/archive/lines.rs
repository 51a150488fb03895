//! Reading the journal from its beginning, line by line.

use std::fs::File;
use std::io::{self, BufRead as _, BufReader, Read as _, Take};
use std::path::{Path, PathBuf};
use std::vec;

use super::ArchiveError;
use super::journal::path_of;
use super::line::{self, Line, NO_LINE};
use super::tail::numbers;

/// Iterates over the lines of a journal in order.
///
/// A damaged line is an error in its place, and reading can go on after it: most callers stop
/// at the first one, [`super::verify`] wants them all.
#[derive(Debug)]
pub struct Lines {
    files: vec::IntoIter<(PathBuf, u64)>,
    open: Option<Open>,
    /// What the next line must continue; `None` right after a damaged one.
    due: Option<(u64, String)>,
}

#[derive(Debug)]
struct Open {
    path: PathBuf,
    number: u64,
    reader: BufReader<Take<File>>,
}

impl Lines {
    pub(super) fn open(folder: &Path, last: u32, len_of_last: u64) -> Result<Self, ArchiveError> {
        let limit = |number| if number == last { len_of_last } else { u64::MAX };
        let up_to_last = numbers(folder)?.into_iter().filter(|number| *number <= last);
        let files: Vec<_> = up_to_last.map(|number| (path_of(folder, number), limit(number))).collect();
        Ok(Self { files: files.into_iter(), open: None, due: Some((1, NO_LINE.to_owned())) })
    }

    fn next_bytes(&mut self) -> Result<Option<Vec<u8>>, ArchiveError> {
        loop {
            if self.open.is_none() {
                let Some((path, limit)) = self.files.next() else { return Ok(None) };
                self.open = Some(Open::new(path, limit)?);
            }
            let Some(open) = &mut self.open else { return Ok(None) };
            let bytes = open.next_bytes().map_err(ArchiveError::io("read", &open.path))?;
            if bytes.is_some() {
                return Ok(bytes);
            }
            self.open = None;
        }
    }

    fn check(&mut self, bytes: &[u8]) -> Result<Line, String> {
        let due = self.due.take();
        let (body, end) = bytes.split_at(bytes.len().saturating_sub(1));
        if end != b"\n" {
            return Err("it is cut short".to_owned());
        }
        let (line, previous) = line::read(body)?;
        self.due = Some((line.seq.0 + 1, line::hash(body)));
        match due {
            Some((seq, _)) if seq != line.seq.0 => Err(format!("it has number {} where {seq} is due", line.seq)),
            Some((_, hash)) if hash != previous => Err("it does not continue the line before it".to_owned()),
            _ => Ok(line),
        }
    }
}

impl Iterator for Lines {
    type Item = Result<Line, ArchiveError>;

    fn next(&mut self) -> Option<Self::Item> {
        let bytes = match self.next_bytes() {
            Ok(bytes) => bytes?,
            Err(error) => {
                // The disk does not give this file: go on with the next one.
                self.open = None;
                self.due = None;
                return Some(Err(error));
            }
        };
        let line = self.check(&bytes);
        let (file, number) = self.open.as_ref().map(|open| (open.path.clone(), open.number)).unwrap_or_default();
        Some(line.map_err(|reason| ArchiveError::BrokenLine { file, line: number, reason }))
    }
}

impl Open {
    fn new(path: PathBuf, limit: u64) -> Result<Self, ArchiveError> {
        let file = File::open(&path).map_err(ArchiveError::io("open", &path))?;
        Ok(Self { path, number: 0, reader: BufReader::new(file.take(limit)) })
    }

    /// The next line with its newline; `None` at the end.
    fn next_bytes(&mut self) -> io::Result<Option<Vec<u8>>> {
        let mut bytes = Vec::new();
        self.number += 1;
        let n_read = self.reader.read_until(b'\n', &mut bytes)?;
        Ok((n_read > 0).then_some(bytes))
    }
}
