//! Workbooks of Excel 97-2003, after their container and their reach are found sound.

use std::io::Cursor;
use std::panic::{AssertUnwindSafe, catch_unwind};

use calamine::{Reader, Xls, XlsError};

use super::compound::Compound;
use super::grid::Grid;
use super::{biff, cell};
use crate::decode::{DecodeError, GridRow};
use crate::model::Place;

const WHAT: &str = "the Excel workbook";

pub fn rows(bytes: &[u8], sink: &mut dyn FnMut(GridRow)) -> Result<(), DecodeError> {
    check(bytes)?;
    let mut workbook = open(bytes)?;
    let mut grid = Grid::new(sink);
    for name in workbook.sheet_names() {
        sheet(&mut workbook, &name, &mut grid)?;
    }
    grid.end_row();
    Ok(())
}

fn check(bytes: &[u8]) -> Result<(), DecodeError> {
    let file = Compound::open(bytes).map_err(damaged)?;
    if file.has("EncryptedPackage") {
        return Err(DecodeError::Locked { what: WHAT });
    }
    for name in ["Workbook", "Book"] {
        if let Some(stream) = file.stream(name).map_err(damaged)? {
            biff::check(&stream)?;
        }
    }
    Ok(())
}

/// Opens the workbook. Its reader indexes records without looking at their length, so that a
/// damaged one can stop it with a panic, which ends here.
fn open(bytes: &[u8]) -> Result<Xls<Cursor<&[u8]>>, DecodeError> {
    match catch_unwind(AssertUnwindSafe(|| Xls::new(Cursor::new(bytes)))) {
        Ok(Ok(workbook)) => Ok(workbook),
        Ok(Err(XlsError::Password)) => Err(DecodeError::Locked { what: WHAT }),
        Ok(Err(error)) => Err(damaged(&error.to_string())),
        Err(_) => Err(damaged("a record is not of its length")),
    }
}

fn sheet(workbook: &mut Xls<Cursor<&[u8]>>, name: &str, grid: &mut Grid<'_>) -> Result<(), DecodeError> {
    let range = workbook.worksheet_range(name).map_err(|error| damaged(&error.to_string()))?;
    let (first_row, first_column) = range.start().unwrap_or_default();
    grid.start_sheet(name);
    for (row, column, value) in range.used_cells() {
        // A sheet of this format has at most 65,536 rows and 256 columns.
        let at = |first: u32, offset: usize| first.saturating_add(u32::try_from(offset).unwrap_or(u32::MAX));
        grid.put(at(first_row, row), at(first_column, column), cell::owned_text(value))?;
    }
    Ok(())
}

fn damaged(detail: &str) -> DecodeError {
    DecodeError::Damaged { what: WHAT, place: Place::pointer("Workbook"), detail: detail.to_owned() }
}
