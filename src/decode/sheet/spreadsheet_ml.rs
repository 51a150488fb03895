//! XML spreadsheets of Excel 2003, which some banks still serve as `.xls`.

use quick_xml::events::BytesStart;

use super::cell;
use super::grid::Grid;
use super::xml::{Elements, attribute, walk};
use crate::decode::{DecodeError, GridRow, charset, text};

const WHAT: &str = "the XML spreadsheet";

pub fn rows(bytes: &[u8], sink: &mut dyn FnMut(GridRow)) -> Result<(), DecodeError> {
    let encoding = text::encoding(bytes, charset::declared(bytes).as_deref());
    walk(WHAT, &text::text(bytes, &encoding), &mut Sheets::new(Grid::new(sink)))
}

struct Sheets<'a> {
    grid: Grid<'a>,
    /// Of the next row and cell, 0-based.
    row: u32,
    column: u32,
    n_merged: u32,
    kind: String,
    /// The value being read, inside `Data` only.
    value: Option<String>,
    /// A comment holds `Data` of its own.
    is_comment: bool,
}

impl<'a> Sheets<'a> {
    fn new(grid: Grid<'a>) -> Self {
        Self { grid, row: 0, column: 0, n_merged: 0, kind: String::new(), value: None, is_comment: false }
    }
}

impl Elements for Sheets<'_> {
    fn start(&mut self, element: &BytesStart<'_>) {
        match element.local_name().as_ref() {
            "Worksheet" => {
                self.grid.start_sheet(&attribute(element, "Name").unwrap_or_default());
                self.row = 0;
            }
            "Row" => {
                self.row = index(element).unwrap_or(self.row);
                self.column = 0;
            }
            "Cell" => {
                self.column = index(element).unwrap_or(self.column);
                self.n_merged = attribute(element, "MergeAcross").and_then(|n| n.parse().ok()).unwrap_or(0);
            }
            "Comment" => self.is_comment = true,
            "Data" if !self.is_comment => {
                self.kind = attribute(element, "Type").unwrap_or_default();
                self.value = Some(String::new());
            }
            _ => {}
        }
    }

    fn end(&mut self, name: &str) -> Result<(), DecodeError> {
        match name {
            "Comment" => self.is_comment = false,
            "Data" => {
                let Some(value) = self.value.take() else { return Ok(()) };
                self.grid.put(self.row, self.column, typed(&self.kind, value))?;
            }
            "Cell" => self.column = self.column.saturating_add(self.n_merged).saturating_add(1),
            "Row" => {
                self.grid.end_row();
                self.row = self.row.saturating_add(1);
            }
            _ => {}
        }
        Ok(())
    }

    fn text(&mut self, text: &str) {
        if let Some(value) = &mut self.value {
            value.push_str(text);
        }
    }

    fn finish(&mut self) {
        self.grid.end_row();
    }
}

/// The 0-based position that `ss:Index` gives, when it gives one.
fn index(element: &BytesStart<'_>) -> Option<u32> {
    attribute(element, "Index")?.trim().parse::<u32>().ok()?.checked_sub(1)
}

fn typed(kind: &str, value: String) -> String {
    match kind {
        "Number" => value.trim().parse().map_or(value, cell::number),
        "DateTime" => cell::iso_instant(&value),
        "Boolean" => (value.trim() == "1").to_string(),
        _ => value,
    }
}
