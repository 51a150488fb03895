//! Workbooks of Excel 2007 and later, cell by cell: no rectangle of cells is ever allocated.

use std::io::Cursor;

use calamine::{Reader, Xlsx, XlsxError};

use super::grid::Grid;
use super::{MAX_CELLS, cell};
use crate::decode::{DecodeError, GridRow, zip};
use crate::model::Place;

const WHAT: &str = "the Excel workbook";

/// Most elements of the styles: bloated workbooks hold tens of thousands.
const MAX_STYLES: u64 = 500_000;

pub fn rows(bytes: &[u8], sink: &mut dyn FnMut(GridRow)) -> Result<(), DecodeError> {
    zip::check(bytes, WHAT)?;
    if zip::open(bytes, WHAT)?.index_for_name("xl/workbook.bin").is_some() {
        let detail = "save it as .xlsx first".to_owned();
        return Err(DecodeError::Unsupported { what: "a binary Excel workbook (.xlsb)".to_owned(), detail });
    }
    weigh_parts(bytes)?;
    let mut workbook = Xlsx::new(Cursor::new(bytes)).map_err(|error| refused(&error, "xl/workbook.xml"))?;
    let mut grid = Grid::new(sink);
    for name in workbook.sheet_names() {
        sheet(&mut workbook, &name, &mut grid)?;
    }
    grid.end_row();
    Ok(())
}

fn sheet(workbook: &mut Xlsx<Cursor<&[u8]>>, name: &str, grid: &mut Grid<'_>) -> Result<(), DecodeError> {
    let mut cells = match workbook.worksheet_cells_reader(name) {
        Ok(cells) => cells,
        // A chart has a tab of its own but no cells.
        Err(XlsxError::NotAWorksheet(_)) => return Ok(()),
        Err(error) => return Err(refused(&error, name)),
    };
    grid.start_sheet(name);
    while let Some(cell) = cells.next_cell().map_err(|error| refused(&error, name))? {
        let (row, column) = cell.get_position();
        grid.put(row, column, cell::text(cell.get_value().clone()))?;
    }
    Ok(())
}

/// Looks at the parts that are kept in memory whole: they claim how many strings they hold, and
/// that many are reserved.
fn weigh_parts(bytes: &[u8]) -> Result<(), DecodeError> {
    let archive = zip::open(bytes, WHAT)?;
    for name in archive.file_names() {
        let lower = name.to_ascii_lowercase();
        let (tag, limit, unit) = match () {
            () if lower.ends_with("sharedstrings.xml") => ("si", MAX_CELLS, "strings"),
            () if lower.ends_with("styles.xml") => ("", MAX_STYLES, "styles"),
            () => continue,
        };
        let part = zip::named(bytes, name, WHAT)?.unwrap_or_default();
        if claimed(&part) > limit || n_tags(&part, tag) > limit {
            return Err(DecodeError::TooLarge { what: WHAT, limit, unit });
        }
    }
    Ok(())
}

/// The largest `uniqueCount` in a part.
fn claimed(part: &[u8]) -> u64 {
    let text = String::from_utf8_lossy(part);
    let claims = text.match_indices("uniqueCount").filter_map(|(at, name)| {
        let value = text[at + name.len()..].trim_start().strip_prefix('=')?;
        let value = value.trim_start().trim_start_matches(['"', '\'', '+', '0']);
        let end = value.find(|c: char| !c.is_ascii_digit()).unwrap_or(value.len());
        Some(if end > 18 { u64::MAX } else { value[..end].parse().unwrap_or(0) })
    });
    claims.max().unwrap_or(0)
}

/// How many start tags whose local name starts with that text.
fn n_tags(part: &[u8], name: &str) -> u64 {
    let starts = part.iter().enumerate().filter(|(_, b)| matches!(b, b'<' | b':')).map(|(at, _)| &part[at + 1..]);
    starts.filter(|rest| rest.starts_with(name.as_bytes()) && !rest.starts_with(b"/")).count() as u64
}

fn refused(error: &XlsxError, sheet: &str) -> DecodeError {
    match error {
        XlsxError::Password => DecodeError::Locked { what: WHAT },
        _ => DecodeError::Damaged { what: WHAT, place: Place::pointer(sheet), detail: error.to_string() },
    }
}
