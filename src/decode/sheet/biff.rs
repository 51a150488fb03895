//! How far the cells of an old workbook reach, told from its records before anything is allocated.
//!
//! The workbook's reader allocates the rectangle around the cells of each sheet, and the one that a
//! sheet claims for itself; both are measured here, as it would read them. Layout: MS-XLS §2.4.

use super::MAX_CELLS;
use crate::decode::DecodeError;
use crate::model::Place;

const WHAT: &str = "the Excel workbook";
/// Most records gone through, sheets that share them counted each.
const MAX_RECORDS: u64 = 20_000_000;
/// A rectangle of up to so many cells may be as empty as it likes.
const MAX_EMPTY_CELLS: u64 = 1_000_000;
/// Beyond that, one cell in so many must hold something: room is taken for every one.
const LEAST_FILLED: u64 = 8;
/// The largest sheet that the format knows.
const LARGEST_SHEET: u64 = 65_536 * 256;

const BOUND_SHEET: u16 = 0x0085;
const FILE_PASS: u16 = 0x002f;
const BEGIN: u16 = 0x0809;
const END: u16 = 0x000a;
const DIMENSIONS: u16 = 0x0200;
const MANY_NUMBERS: u16 = 0x00bd;
/// Records that start with the row and column of a cell.
const CELLS: [u16; 7] = [0x0203, 0x0204, 0x00d6, 0x0205, 0x027e, 0x00fd, 0x0006];

/// Refuses a workbook that is locked, or whose sheets reach further than the caps.
pub fn check(stream: &[u8]) -> Result<(), DecodeError> {
    let mut sheets = Vec::new();
    for record in Records(stream) {
        match record.kind {
            FILE_PASS if record.u16_at(0) != Some(0) => return Err(DecodeError::Locked { what: WHAT }),
            BOUND_SHEET => sheets.push(record.u32_at(0).unwrap_or(u32::MAX) as usize),
            END => break,
            _ => {}
        }
    }
    let (mut n_cells, mut n_records) = (0, 0);
    let mut n_filled = 0;
    for position in sheets {
        let sheet = stream.get(position..).ok_or_else(|| damaged("a sheet lies beyond its end"))?;
        let reach = reach(sheet, &mut n_records)?;
        n_cells += reach.area();
        n_filled += reach.n_filled;
        if n_cells > MAX_CELLS {
            return Err(DecodeError::TooLarge { what: WHAT, limit: MAX_CELLS, unit: "cells" });
        }
        if n_cells > MAX_EMPTY_CELLS && n_cells > n_filled * LEAST_FILLED {
            return Err(DecodeError::TooLarge { what: WHAT, limit: MAX_EMPTY_CELLS, unit: "empty cells" });
        }
        if n_records > MAX_RECORDS {
            return Err(DecodeError::TooLarge { what: WHAT, limit: MAX_RECORDS, unit: "records" });
        }
    }
    Ok(())
}

/// The rectangle around everything in a sheet.
fn reach(sheet: &[u8], n_records: &mut u64) -> Result<Reach, DecodeError> {
    let mut reach = Reach::default();
    let mut depth = 0_u32;
    let mut is_begun = false;
    for record in Records(sheet) {
        *n_records += 1;
        match record.kind {
            BEGIN if is_begun => depth += 1,
            BEGIN => is_begun = true,
            END if depth == 0 => break,
            END => depth -= 1,
            // Charts in the sheet hold cells of their own, which are not read.
            _ if depth > 0 => {}
            DIMENSIONS => check_dimensions(&record)?,
            kind if kind == MANY_NUMBERS || CELLS.contains(&kind) => reach.add(&record),
            _ => {}
        }
    }
    Ok(reach)
}

#[derive(Default)]
struct Reach {
    /// Cells that hold something.
    n_filled: u64,
    rows: Option<(u16, u16)>,
    columns: Option<(u16, u16)>,
}

impl Reach {
    fn add(&mut self, record: &Record<'_>) {
        let (Some(row), Some(column)) = (record.u16_at(0), record.u16_at(2)) else { return };
        let last = match record.kind {
            MANY_NUMBERS => record.u16_at(record.data.len().saturating_sub(2)).unwrap_or(column),
            _ => column,
        };
        // A number of many takes six bytes at least, after row and column and before the last one.
        self.n_filled += if record.kind == MANY_NUMBERS { record.data.len() as u64 / 6 } else { 1 };
        self.rows = Some(wider(self.rows, row, row));
        self.columns = Some(wider(self.columns, column, last));
    }

    fn area(&self) -> u64 {
        let len = |range: Option<(u16, u16)>| range.map_or(0, |(from, to)| u64::from(to.saturating_sub(from)) + 1);
        len(self.rows) * len(self.columns)
    }
}

fn wider(range: Option<(u16, u16)>, from: u16, to: u16) -> (u16, u16) {
    range.map_or((from, to), |(low, high)| (low.min(from), high.max(to)))
}

/// The rectangle that a sheet claims: first row, row after the last, and the same for columns.
fn check_dimensions(record: &Record<'_>) -> Result<(), DecodeError> {
    let (first, last, first_column, last_column) = if record.data.len() < 14 {
        (record.u16_at(0).map(u32::from), record.u16_at(2).map(u32::from), record.u16_at(4), record.u16_at(6))
    } else {
        (record.u32_at(0), record.u32_at(4), record.u16_at(8), record.u16_at(10))
    };
    let (Some(first), Some(last), Some(first_column), Some(last_column)) = (first, last, first_column, last_column)
    else {
        return Err(damaged("a sheet does not say how large it is"));
    };
    if last == 0 || last_column == 0 {
        return Ok(());
    }
    if first >= last {
        return Err(damaged("a sheet ends before it starts"));
    }
    let n_columns = last_column.saturating_sub(if first_column > 0xff { 0 } else { first_column });
    let n_columns = if n_columns == 0 { last_column } else { n_columns };
    if u64::from(last - first) * u64::from(n_columns) > LARGEST_SHEET {
        return Err(DecodeError::TooLarge { what: WHAT, limit: LARGEST_SHEET, unit: "cells in a sheet" });
    }
    Ok(())
}

fn damaged(detail: &str) -> DecodeError {
    DecodeError::Damaged { what: WHAT, place: Place::pointer("Workbook"), detail: detail.to_owned() }
}

struct Record<'a> {
    kind: u16,
    data: &'a [u8],
}

impl Record<'_> {
    fn u16_at(&self, at: usize) -> Option<u16> {
        Some(u16::from_le_bytes(self.data.get(at..at + 2)?.try_into().ok()?))
    }

    fn u32_at(&self, at: usize) -> Option<u32> {
        Some(u32::from_le_bytes(self.data.get(at..at + 4)?.try_into().ok()?))
    }
}

/// Records one after the other, until the bytes end.
struct Records<'a>(&'a [u8]);

impl<'a> Iterator for Records<'a> {
    type Item = Record<'a>;

    fn next(&mut self) -> Option<Record<'a>> {
        let (head, rest) = self.0.split_at_checked(4)?;
        let len = usize::from(u16::from_le_bytes([head[2], head[3]]));
        let (data, rest) = rest.split_at_checked(len)?;
        self.0 = rest;
        Some(Record { kind: u16::from_le_bytes([head[0], head[1]]), data })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn record(kind: u16, data: &[u16]) -> Vec<u8> {
        let len = u16::try_from(data.len() * 2).unwrap();
        [kind, len].iter().chain(data).flat_map(|word| word.to_le_bytes()).collect()
    }

    /// A workbook with one sheet of those records.
    fn workbook(records: &[Vec<u8>]) -> Vec<u8> {
        let globals = [record(BEGIN, &[]), record(BOUND_SHEET, &[16, 0]), record(END, &[])].concat();
        assert_eq!(globals.len(), 16);
        [globals, record(BEGIN, &[]), records.concat(), record(END, &[])].concat()
    }

    #[test]
    fn a_small_sheet_passes() {
        check(&workbook(&[
            record(DIMENSIONS, &[0, 0, 2, 0, 0, 2, 0]),
            record(0x0203, &[0, 0]),
            record(0x0203, &[1, 1]),
        ]))
        .unwrap();
    }

    #[test]
    fn far_cells_are_refused() {
        let far = check(&workbook(&[record(0x0203, &[0, 0]), record(0x0203, &[65_535, 255])]));
        assert!(matches!(far, Err(DecodeError::TooLarge { limit: MAX_CELLS, .. })));
        let many = check(&workbook(&[record(0x0203, &[0, 0]), record(MANY_NUMBERS, &[9_999, 0, 0, 60_000])]));
        assert!(matches!(many, Err(DecodeError::TooLarge { limit: MAX_CELLS, .. })));
    }

    #[test]
    fn wide_gaps_are_refused_and_full_sheets_are_not() {
        let sparse = check(&workbook(&[record(0x0203, &[0, 0]), record(0x0203, &[9_999, 199])]));
        assert!(matches!(sparse, Err(DecodeError::TooLarge { limit: MAX_EMPTY_CELLS, .. })));
        let row = |row: u16| record(MANY_NUMBERS, &[vec![row, 0], vec![0; 600], vec![199]].concat());
        check(&workbook(&(0..10_000).map(row).collect::<Vec<_>>())).unwrap();
    }

    #[test]
    fn false_dimensions_are_refused() {
        let claimed = check(&workbook(&[record(DIMENSIONS, &[0, 0, 0xffff, 0xffff, 0, 0xffff, 0])]));
        assert!(matches!(claimed, Err(DecodeError::TooLarge { limit: LARGEST_SHEET, .. })));
        let reversed = check(&workbook(&[record(DIMENSIONS, &[9, 0, 2, 0, 0, 2, 0])]));
        assert!(matches!(reversed, Err(DecodeError::Damaged { .. })));
    }

    #[test]
    fn a_locked_workbook_says_so() {
        let stream = [record(BEGIN, &[]), record(FILE_PASS, &[1])].concat();
        assert!(matches!(check(&stream), Err(DecodeError::Locked { .. })));
    }

    proptest! {
        #[test]
        fn any_records_are_gone_through(words in proptest::collection::vec(prop::sample::select(
            vec![BEGIN, END, DIMENSIONS, BOUND_SHEET, MANY_NUMBERS, 0x0203, 0, 1, 2, 4, 14, 16, 0xffff]), 0..60)) {
            let bytes: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
            let _ = check(&bytes);
        }
    }
}
