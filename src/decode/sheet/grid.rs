//! Cells into rows: gaps filled, empty rows passed over, caps kept.

use super::{MAX_CELLS, MAX_COLUMNS};
use crate::decode::{DecodeError, GridRow};
use crate::model::Place;

/// The rows of a workbook in the making.
pub struct Grid<'a> {
    sink: &'a mut dyn FnMut(GridRow),
    sheet: String,
    /// 0-based.
    row: u32,
    cells: Vec<String>,
    n_cells: u64,
}

impl<'a> Grid<'a> {
    pub fn new(sink: &'a mut dyn FnMut(GridRow)) -> Self {
        Self { sink, sheet: String::new(), row: 0, cells: Vec::new(), n_cells: 0 }
    }

    /// Goes to another sheet.
    pub fn start_sheet(&mut self, name: &str) {
        self.end_row();
        name.clone_into(&mut self.sheet);
        self.row = 0;
    }

    /// Puts a text at a 0-based row and column. Blanks are gaps.
    pub fn put(&mut self, row: u32, column: u32, text: String) -> Result<(), DecodeError> {
        if text.trim().is_empty() {
            return Ok(());
        }
        if u64::from(column) >= MAX_COLUMNS {
            return Err(DecodeError::TooLarge { what: "the sheet", limit: MAX_COLUMNS, unit: "columns" });
        }
        if row != self.row {
            self.end_row();
            self.row = row;
        }
        let at = column as usize;
        if self.cells.len() <= at {
            self.count(at + 1 - self.cells.len())?;
            self.cells.resize(at + 1, String::new());
        }
        self.cells[at] = text;
        Ok(())
    }

    /// Gives the row in the making, if it holds anything.
    pub fn end_row(&mut self) {
        if self.cells.is_empty() {
            return;
        }
        let place = Place::pointer(format!("{}!A{}", self.sheet, u64::from(self.row) + 1));
        (self.sink)(GridRow { place, cells: std::mem::take(&mut self.cells) });
    }

    /// Counts cells that are read without being put, too.
    pub fn count(&mut self, n: usize) -> Result<(), DecodeError> {
        self.n_cells += n as u64;
        if self.n_cells > MAX_CELLS {
            return Err(DecodeError::TooLarge { what: "the workbook", limit: MAX_CELLS, unit: "cells" });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gaps_are_filled_and_empty_rows_passed_over() {
        let mut seen = Vec::new();
        let mut sink = |row: GridRow| seen.push((row.place.row_pointer(), row.cells.join("|")));
        let mut grid = Grid::new(&mut sink);
        grid.start_sheet("Feuil1");
        grid.put(0, 0, " ".to_owned()).unwrap();
        grid.put(8, 1, "Date".to_owned()).unwrap();
        grid.put(8, 3, "kWh".to_owned()).unwrap();
        grid.start_sheet("Feuil2");
        grid.put(0, 0, "x".to_owned()).unwrap();
        grid.end_row();
        assert_eq!(seen, [("Feuil1!A9".to_owned(), "|Date||kWh".to_owned()), ("Feuil2!A1".to_owned(), "x".to_owned())]);
    }

    #[test]
    fn caps_hold() {
        let mut grid_sink = |_: GridRow| {};
        let mut grid = Grid::new(&mut grid_sink);
        let wide = grid.put(0, 1_024, "x".to_owned());
        assert!(matches!(wide, Err(DecodeError::TooLarge { limit: MAX_COLUMNS, .. })));
        let many = (0..10_000).try_for_each(|row| grid.put(row, 1_023, "x".to_owned()));
        assert!(matches!(many, Err(DecodeError::TooLarge { limit: MAX_CELLS, .. })));
    }
}
