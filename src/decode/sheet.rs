//! Spreadsheets to rows of text: Excel workbooks new and old, `OpenDocument`, Excel 2003 XML.
//!
//! Caps hold before anything large is allocated: a workbook of a kilobyte may claim seventeen
//! billion cells. Rows that are wholly empty are passed over, columns never are. Formulas give the
//! value they were saved with; formats, merged regions and charts are not read.

mod biff;
mod cell;
mod compound;
mod grid;
mod ods;
mod spreadsheet_ml;
mod xls;
mod xlsx;
mod xml;

use crate::decode::sniff::{self, Kind};
use crate::decode::{DecodeError, GridRow};

/// Most cells of a document, counting the gaps that rows are filled with.
pub const MAX_CELLS: u64 = 5_000_000;
/// Most columns of a row.
pub const MAX_COLUMNS: u64 = 1_024;

/// Gives every row of every sheet that holds anything, sheet by sheet, placed as `Feuil1!A12`.
pub fn rows(bytes: &[u8], sink: &mut dyn FnMut(GridRow)) -> Result<(), DecodeError> {
    match sniff::kind(bytes) {
        Kind::Xlsx => xlsx::rows(bytes, sink),
        Kind::Xls => xls::rows(bytes, sink),
        Kind::Ods => ods::rows(bytes, sink),
        Kind::SpreadsheetMl => spreadsheet_ml::rows(bytes, sink),
        Kind::Empty => Err(DecodeError::Empty),
        other => {
            let detail = "it is no spreadsheet that can be read".to_owned();
            Err(DecodeError::Unsupported { what: other.description().to_owned(), detail })
        }
    }
}

#[cfg(test)]
mod tests;
