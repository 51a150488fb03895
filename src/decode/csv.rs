//! Separated values: text to physical rows, streamed.
//!
//! Quoted cells may hold line ends; a line `sep=;` is an instruction to spreadsheets and no row;
//! `="0123"` is a spreadsheet's way to write the text 0123. Which row is the header and what the
//! cells mean is not known here.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader, Read};

use super::row::{DecodeError, GridRow};
use super::text::{Decoded, Encoding};
use crate::model::Place;

/// Separators that are tried on a document whose connector names none.
pub const DELIMITERS: [char; 4] = [';', ',', '\t', '|'];

/// A quoted cell that runs over more lines than this was opened by a stray quote.
const MOST_LINES_IN_A_CELL: u64 = 200;
/// A line of more bytes than this is no row of a table.
const LONGEST_LINE: usize = 256 * 1024;

/// Reads every physical row. The row handed over is reused: copy what must be kept.
pub fn rows(
    bytes: &[u8],
    encoding: &Encoding,
    delimiter: char,
    is_quoted: bool,
    sink: &mut dyn FnMut(&GridRow),
) -> Result<(), DecodeError> {
    // Every row has its line end, also the last one.
    let feeds = LineFeeds::new(Decoded::new(bytes, encoding)).chain(&b"\n"[..]);
    let mut text = BufReader::with_capacity(256 * 1024, feeds);
    let skipped = skip_instruction(&mut text)?;
    let mut reader = reader(text, delimiter, is_quoted);
    let mut record = csv::StringRecord::new();
    let mut row = GridRow::default();
    loop {
        let line = reader.position().line() + skipped;
        if !reader.read_record(&mut record).map_err(|error| damaged(&error, line))? {
            return Ok(());
        }
        let line = first_line(&record, &reader).map_or(line, |first| first + skipped);
        if reader.position().line() + skipped > line + MOST_LINES_IN_A_CELL {
            return Err(stray_quote(line));
        }
        if record.iter().any(|cell| holds_a_row(cell, delimiter, record.len())) {
            return Err(stray_quote(line));
        }
        fill(&mut row, &record, line);
        sink(&row);
    }
}

/// The first rows under one separator, for recognition: each at the place of its line, so that
/// people can be told where it stands.
pub fn first_rows(text: &str, delimiter: char, most: usize) -> Vec<Vec<String>> {
    let (text, skipped) =
        text.strip_prefix("sep=").and_then(|rest| rest.split_once('\n')).map_or((text, 0), |(_, rest)| (rest, 1));
    let mut reader = reader(text.as_bytes(), delimiter, true);
    let mut record = csv::StringRecord::new();
    let mut rows = Vec::new();
    for _ in 0..most {
        if !matches!(reader.read_record(&mut record), Ok(true)) {
            break;
        }
        let line = first_line(&record, &reader).and_then(|line| usize::try_from(line).ok()).unwrap_or_default();
        rows.resize(rows.len().max((line + skipped).saturating_sub(1)), Vec::new());
        rows.push(record.iter().map(|cell| plain(cell).to_owned()).collect());
    }
    rows
}

/// The lines of these numbers as they stand in the text, for showing; 1 is the first.
pub fn lines(bytes: &[u8], encoding: &Encoding, wanted: &BTreeSet<u64>) -> BTreeMap<u64, String> {
    let last = wanted.last().copied().unwrap_or(0);
    let text = BufReader::new(LineFeeds::new(Decoded::new(bytes, encoding)));
    // A line that cannot be read ends what can be shown.
    let all = (1..=last).zip(text.lines().map_while(Result::ok));
    all.filter(|(number, _)| wanted.contains(number)).collect()
}

fn reader<R: Read>(text: R, delimiter: char, is_quoted: bool) -> csv::Reader<R> {
    csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .quoting(is_quoted)
        .delimiter(u8::try_from(delimiter).unwrap_or(b';'))
        .buffer_capacity(256 * 1024)
        .from_reader(text)
}

/// Takes the line `sep=;` away; gives how many lines that was.
fn skip_instruction<R: BufRead>(text: &mut R) -> Result<u64, DecodeError> {
    let head = text.fill_buf().map_err(|error| unreadable(&error))?;
    if !head.starts_with(b"sep=") {
        return Ok(0);
    }
    let mut line = Vec::new();
    text.read_until(b'\n', &mut line).map_err(|error| unreadable(&error))?;
    Ok(1)
}

/// The line on which a row starts, empty lines before it left aside.
fn first_line<R: Read>(record: &csv::StringRecord, reader: &csv::Reader<R>) -> Option<u64> {
    let (from, next) = (record.position()?.line(), reader.position().line());
    if next <= from + 1 {
        return Some(from);
    }
    let n_inner = record.iter().map(|cell| cell.bytes().filter(|byte| *byte == b'\n').count() as u64).sum::<u64>();
    Some(next.saturating_sub(n_inner + 1).max(from))
}

fn fill(row: &mut GridRow, record: &csv::StringRecord, line: u64) {
    row.place = Place::line(line);
    row.cells.resize_with(record.len(), String::new);
    for (cell, text) in row.cells.iter_mut().zip(record) {
        cell.clear();
        cell.push_str(plain(text));
    }
}

/// Whether one of the lines inside a quoted cell is a row itself: then a stray quote opened the cell.
fn holds_a_row(cell: &str, delimiter: char, width: usize) -> bool {
    let wanted = width.saturating_sub(1).max(2);
    cell.contains('\n') && cell.split('\n').skip(1).any(|line| line.matches(delimiter).count() >= wanted)
}

/// `="0123"` → `0123`.
fn plain(cell: &str) -> &str {
    cell.strip_prefix("=\"").and_then(|rest| rest.strip_suffix('"')).unwrap_or(cell)
}

/// Makes every line end a line feed, so that lines can be counted: CR LF and a lone CR alike.
/// A line that does not end is an error before it fills the memory.
struct LineFeeds<R> {
    source: R,
    /// The last byte read was a CR: an LF that follows belongs to it.
    is_after_cr: bool,
    /// Bytes since the last line end.
    len_of_line: usize,
}

impl<R: Read> LineFeeds<R> {
    fn new(source: R) -> Self {
        Self { source, is_after_cr: false, len_of_line: 0 }
    }
}

impl<R: Read> Read for LineFeeds<R> {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        loop {
            let n = self.source.read(into)?;
            if n == 0 {
                return Ok(0);
            }
            let has_cr = self.is_after_cr || into[..n].contains(&b'\r');
            let kept = if has_cr { self.compact(&mut into[..n]) } else { n };
            if kept > 0 {
                self.measure(&into[..kept])?;
                return Ok(kept);
            }
        }
    }
}

impl<R> LineFeeds<R> {
    fn measure(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        match bytes.iter().rposition(|byte| *byte == b'\n') {
            Some(last) => self.len_of_line = bytes.len() - last - 1,
            None => self.len_of_line += bytes.len(),
        }
        if self.len_of_line > LONGEST_LINE {
            return Err(std::io::ErrorKind::FileTooLarge.into());
        }
        Ok(())
    }

    fn compact(&mut self, bytes: &mut [u8]) -> usize {
        let mut kept = 0;
        for at in 0..bytes.len() {
            let byte = bytes[at];
            if !(byte == b'\n' && self.is_after_cr) {
                bytes[kept] = if byte == b'\r' { b'\n' } else { byte };
                kept += 1;
            }
            self.is_after_cr = byte == b'\r';
        }
        kept
    }
}

fn damaged(error: &csv::Error, line: u64) -> DecodeError {
    if let csv::ErrorKind::Io(error) = error.kind()
        && error.kind() == std::io::ErrorKind::FileTooLarge
    {
        return too_long();
    }
    DecodeError::Damaged { what: "the table", place: Place::line(line), detail: error.to_string() }
}

fn unreadable(error: &std::io::Error) -> DecodeError {
    if error.kind() == std::io::ErrorKind::FileTooLarge {
        return too_long();
    }
    DecodeError::Damaged { what: "the table", place: Place::line(1), detail: error.to_string() }
}

fn too_long() -> DecodeError {
    DecodeError::TooLarge { what: "a line of the table", limit: LONGEST_LINE as u64 >> 10, unit: "KiB" }
}

fn stray_quote(line: u64) -> DecodeError {
    DecodeError::Damaged {
        what: "the table",
        place: Place::line(line),
        detail: "a quotation mark opens a cell here that swallows the rows below it; correct the file, or set `quoted = false` in the connector if quotation marks are plain text".to_owned(),
    }
}
