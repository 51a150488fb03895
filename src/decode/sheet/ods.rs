//! `OpenDocument` spreadsheets: values as they are stored, repeated cells and rows only when they
//! hold something.

use quick_xml::events::BytesStart;

use super::grid::Grid;
use super::xml::{Elements, attribute, repeat, walk};
use super::{MAX_COLUMNS, cell};
use crate::decode::{DecodeError, GridRow, zip};
use crate::model::Place;

const WHAT: &str = "the OpenDocument spreadsheet";

pub fn rows(bytes: &[u8], sink: &mut dyn FnMut(GridRow)) -> Result<(), DecodeError> {
    zip::check(bytes, WHAT)?;
    let manifest = zip::named(bytes, "META-INF/manifest.xml", WHAT)?.unwrap_or_default();
    if String::from_utf8_lossy(&manifest).contains("encryption-data") {
        return Err(DecodeError::Locked { what: WHAT });
    }
    let missing = || DecodeError::Damaged {
        what: WHAT,
        place: Place::pointer("content.xml"),
        detail: "it is not there".to_owned(),
    };
    let content = zip::named(bytes, "content.xml", WHAT)?.ok_or_else(missing)?;
    let mut sheets = Sheets::new(Grid::new(sink));
    walk(WHAT, &String::from_utf8_lossy(&content), &mut sheets)
}

struct Sheets<'a> {
    grid: Grid<'a>,
    row: u32,
    column: u32,
    n_row_repeats: u32,
    /// The filled cells of the row in the making.
    cells: Vec<(u32, String)>,
    cell: Option<Cell>,
    /// Inside something whose text is no cell's: a comment, a drawing, a tracked change.
    n_asides: u32,
}

#[derive(Default)]
struct Cell {
    n_repeats: u32,
    /// The stored value; without one the shown text counts.
    value: Option<String>,
    shown: String,
    n_paragraphs: u32,
}

impl<'a> Sheets<'a> {
    fn new(grid: Grid<'a>) -> Self {
        Self { grid, row: 0, column: 0, n_row_repeats: 1, cells: Vec::new(), cell: None, n_asides: 0 }
    }
}

impl Elements for Sheets<'_> {
    fn start(&mut self, element: &BytesStart<'_>) {
        match element.local_name().as_ref() {
            name if is_aside(name) => self.n_asides += 1,
            _ if self.n_asides > 0 => {}
            "table" => {
                self.grid.start_sheet(&attribute(element, "name").unwrap_or_default());
                self.row = 0;
            }
            "table-row" => {
                self.n_row_repeats = repeat(element, "number-rows-repeated");
                self.column = 0;
                self.cells.clear();
            }
            "table-cell" | "covered-table-cell" => self.cell = Some(start_cell(element)),
            "p" => self.paragraph(),
            "s" => self.text(&" ".repeat(repeat(element, "c").min(1_000) as usize)),
            "tab" => self.text("\t"),
            "line-break" => self.text("\n"),
            _ => {}
        }
    }

    fn end(&mut self, name: &str) -> Result<(), DecodeError> {
        match name {
            _ if is_aside(name) => self.n_asides = self.n_asides.saturating_sub(1),
            _ if self.n_asides > 0 => {}
            "table-cell" | "covered-table-cell" => self.end_cell()?,
            "table-row" => self.end_row()?,
            _ => {}
        }
        Ok(())
    }

    fn text(&mut self, text: &str) {
        // Between elements stands indentation, which is nobody's text.
        if let Some(cell) = self.cell.as_mut().filter(|cell| cell.n_paragraphs > 0 && self.n_asides == 0) {
            cell.shown.push_str(text);
        }
    }

    fn finish(&mut self) {
        self.grid.end_row();
    }
}

impl Sheets<'_> {
    fn paragraph(&mut self) {
        if let Some(cell) = &mut self.cell {
            if cell.n_paragraphs > 0 {
                cell.shown.push('\n');
            }
            cell.n_paragraphs += 1;
        }
    }

    fn end_cell(&mut self) -> Result<(), DecodeError> {
        let Some(cell) = self.cell.take() else { return Ok(()) };
        let value = cell.value.unwrap_or(cell.shown);
        if !value.trim().is_empty() {
            // One beyond the cap is enough for the cap to be noticed.
            let n_columns = u32::try_from(MAX_COLUMNS).unwrap_or(u32::MAX) + 1;
            for column in self.column..self.column.saturating_add(cell.n_repeats.min(n_columns)) {
                self.cells.push((column, value.clone()));
            }
            self.grid.count(cell.n_repeats.min(n_columns) as usize)?;
        }
        self.column = self.column.saturating_add(cell.n_repeats);
        Ok(())
    }

    fn end_row(&mut self) -> Result<(), DecodeError> {
        let cells = std::mem::take(&mut self.cells);
        if !cells.is_empty() {
            for row in self.row..self.row.saturating_add(self.n_row_repeats) {
                for (column, value) in &cells {
                    self.grid.put(row, *column, value.clone())?;
                }
                self.grid.end_row();
            }
        }
        self.row = self.row.saturating_add(self.n_row_repeats);
        Ok(())
    }
}

fn is_aside(name: &str) -> bool {
    matches!(name, "annotation" | "shapes" | "frame" | "custom-shape" | "tracked-changes" | "dde-links")
}

fn start_cell(element: &BytesStart<'_>) -> Cell {
    let stored = |name: &str| attribute(element, name).filter(|value| !value.is_empty());
    let value = match attribute(element, "value-type").as_deref() {
        Some("float" | "percentage" | "currency") => stored("value").map(|value| number(&value)),
        Some("date") => stored("date-value").map(|value| cell::iso_instant(&value)),
        Some("time") => stored("time-value").map(|value| cell::iso_duration(&value)),
        Some("boolean") => stored("boolean-value"),
        Some("string") => stored("string-value"),
        _ => None,
    };
    Cell { n_repeats: repeat(element, "number-columns-repeated"), value, ..Cell::default() }
}

/// A stored number, without the binary noise that a sheet never shows.
fn number(value: &str) -> String {
    value.trim().parse().map_or_else(|_| value.to_owned(), cell::number)
}
