//! The tables of a web page to rows of text, as a browser would lay them out.
//!
//! Cells that span columns or rows leave gaps, so that columns stay aligned. A table within a cell
//! is a table of its own, and its text is not the cell's. Lists and forms are not read.

mod outline;

use scraper::{Html, Node};

use crate::decode::sheet::{MAX_CELLS, MAX_COLUMNS};
use crate::decode::{DecodeError, GridRow};
use crate::model::Place;
use crate::model::text::is_blank;

const WHAT: &str = "the web page";
/// A page takes twelve times its size in memory.
pub const MAX_BYTES: u64 = 20 << 20;

/// Gives every row that holds anything, placed as `table 2, row 5` (tables as they start).
pub fn rows(page: &str, sink: &mut dyn FnMut(GridRow)) -> Result<(), DecodeError> {
    if page.len() as u64 > MAX_BYTES {
        return Err(DecodeError::TooLarge { what: WHAT, limit: MAX_BYTES >> 20, unit: "MiB" });
    }
    if page.trim_matches(is_blank).is_empty() {
        return Err(DecodeError::Empty);
    }
    let mut tables = Tables { sink, open: Vec::new(), n_started: 0, n_cells: 0 };
    walk(&Html::parse_document(&outline::of(page)?), &mut tables)
}

/// Goes through the tree without recursion: a page may be nested deeply.
fn walk(page: &Html, tables: &mut Tables<'_>) -> Result<(), DecodeError> {
    let mut node = page.tree.root();
    loop {
        tables.enter(node.value());
        if let Some(child) = node.first_child() {
            node = child;
            continue;
        }
        loop {
            tables.leave(node.value())?;
            if let Some(next) = node.next_sibling() {
                node = next;
                break;
            }
            let Some(parent) = node.parent() else { return Ok(()) };
            node = parent;
        }
    }
}

struct Tables<'a> {
    sink: &'a mut dyn FnMut(GridRow),
    /// The tables that are open, the innermost last.
    open: Vec<Table>,
    n_started: u64,
    n_cells: u64,
}

#[derive(Default)]
struct Table {
    number: u64,
    row: u64,
    cells: Vec<String>,
    cell: Option<Cell>,
    /// For each column, the rows below that a cell above still covers.
    covered: Vec<u64>,
}

#[derive(Default)]
struct Cell {
    text: String,
    n_columns: usize,
    n_rows: u64,
}

impl Tables<'_> {
    fn enter(&mut self, node: &Node) {
        let element = match node {
            Node::Text(text) => return self.text(text),
            Node::Element(element) => element,
            _ => return,
        };
        let span =
            |name: &str| element.attr(name).and_then(|n| n.trim().parse::<u64>().ok()).unwrap_or(1).clamp(1, 65_534);
        match element.name() {
            "table" => {
                self.n_started += 1;
                self.open.push(Table { number: self.n_started, ..Table::default() });
            }
            "tr" => self.start_row(),
            "td" | "th" => {
                let n_columns = usize::try_from(span("colspan")).unwrap_or(1);
                self.start_cell(Cell { text: String::new(), n_columns, n_rows: span("rowspan") });
            }
            _ => {}
        }
    }

    fn leave(&mut self, node: &Node) -> Result<(), DecodeError> {
        let Node::Element(element) = node else { return Ok(()) };
        match element.name() {
            "table" => {
                self.open.pop();
            }
            "tr" => self.end_row(),
            "td" | "th" => self.end_cell()?,
            _ => {}
        }
        Ok(())
    }

    fn text(&mut self, text: &str) {
        if let Some(cell) = self.open.last_mut().and_then(|table| table.cell.as_mut()) {
            cell.text.push_str(text);
        }
    }

    fn start_row(&mut self) {
        if let Some(table) = self.open.last_mut() {
            table.row += 1;
            table.cells.clear();
        }
    }

    fn start_cell(&mut self, cell: Cell) {
        if let Some(table) = self.open.last_mut() {
            table.cell = Some(cell);
        }
    }

    fn end_cell(&mut self) -> Result<(), DecodeError> {
        let Some(table) = self.open.last_mut() else { return Ok(()) };
        let Some(cell) = table.cell.take() else { return Ok(()) };
        let before = table.cells.len();
        table.skip_covered();
        let width = table.cells.len().saturating_add(cell.n_columns);
        if width as u64 > MAX_COLUMNS {
            return Err(DecodeError::TooLarge { what: WHAT, limit: MAX_COLUMNS, unit: "columns" });
        }
        self.n_cells += (width - before) as u64;
        if self.n_cells > MAX_CELLS {
            return Err(DecodeError::TooLarge { what: WHAT, limit: MAX_CELLS, unit: "cells" });
        }
        table.put(&cell, width);
        Ok(())
    }

    fn end_row(&mut self) {
        let Some(table) = self.open.last_mut() else { return };
        table.covered.iter_mut().skip(table.cells.len()).for_each(|n_rows| *n_rows = n_rows.saturating_sub(1));
        let cells = std::mem::take(&mut table.cells);
        if cells.iter().any(|cell| !cell.is_empty()) {
            let place = Place::pointer(format!("table {}, row {}", table.number, table.row));
            (self.sink)(GridRow { place, cells });
        }
    }
}

impl Table {
    /// Leaves the columns free that cells of rows above reach down to.
    fn skip_covered(&mut self) {
        while let Some(n_rows) = self.covered.get_mut(self.cells.len()).filter(|n_rows| **n_rows > 0) {
            *n_rows -= 1;
            self.cells.push(String::new());
        }
    }

    fn put(&mut self, cell: &Cell, width: usize) {
        let from = self.cells.len();
        self.cells.push(tidy(&cell.text));
        self.cells.resize(width, String::new());
        if cell.n_rows > 1 || self.covered.len() > from {
            let known = self.covered.len().max(width);
            self.covered.resize(known, 0);
            self.covered[from..width].fill(cell.n_rows - 1);
        }
    }
}

/// Single blanks between words; a no-break space is a blank.
fn tidy(text: &str) -> String {
    text.split(is_blank).filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check(page: &str, expected: &[&str]) {
        let mut seen = Vec::new();
        rows(page, &mut |row| seen.push(format!("{}: {}", row.place, row.cells.join("|")))).unwrap();
        assert_eq!(seen, expected);
    }

    #[test]
    fn rows_are_trimmed_and_unclosed_cells_are_cells() {
        check(
            "<table><tr><th> Date <th>Durée<tr><td>29/03/2026&nbsp;à\n 09h48<td>1&#160;234,56<br>€<td></table>",
            &["table 1, row 1: Date|Durée", "table 1, row 2: 29/03/2026 à 09h48|1 234,56 €|"],
        );
    }

    #[test]
    fn spans_keep_columns_aligned() {
        check(
            "<table><tr><td rowspan=2>a<td colspan=2>b<td>c<tr><td>d<td>e<td>f<tr><td>g</table>",
            &["table 1, row 1: a|b||c", "table 1, row 2: |d|e|f", "table 1, row 3: g"],
        );
        check(
            "<table><tr><td>a<td rowspan=3>b<tr><td>c<tr><td>d<td>e</table>",
            &["table 1, row 1: a|b", "table 1, row 2: c", "table 1, row 3: d||e"],
        );
    }

    #[test]
    fn a_table_within_a_cell_is_its_own() {
        check(
            "<table><tr><td>out<table><tr><td>in</td></tr></table>er</td></tr><tr><td> </td></tr></table><table><tr><td>x</table>",
            &["table 2, row 1: in", "table 1, row 1: outer", "table 3, row 1: x"],
        );
    }

    #[test]
    fn what_is_not_shown_is_not_read() {
        check("<p>no table</p><script>'<table><tr><td>x'</script>", &[]);
        check("<table><tr><td>a<style>td{}</style><script>1</script><!-- c --></table>", &["table 1, row 1: a"]);
    }

    #[test]
    fn caps_hold() {
        let refusal = |page: &str| rows(page, &mut |_| {}).unwrap_err();
        let nested = "<table><tr><td>".repeat(100);
        assert!(matches!(refusal(&nested), DecodeError::TooLarge { unit: "nested tables", .. }));
        assert!(matches!(refusal("<table><tr><td colspan=60000>x"), DecodeError::TooLarge { limit: MAX_COLUMNS, .. }));
        let wide = format!("<table>{}", "<tr><td colspan=1000>x".repeat(6_000));
        assert!(matches!(refusal(&wide), DecodeError::TooLarge { limit: MAX_CELLS, .. }));
        assert!(matches!(refusal(" "), DecodeError::Empty));
    }

    #[test]
    fn pages_that_stop_browsers_are_read_in_time() {
        let blocks = format!("{}<table><tr><td>x</table>", "<div>".repeat(100_000));
        check(&blocks, &["table 1, row 1: x"]);
        let formats: Vec<String> = (0..20_000).map(|n| format!("<p><b id={n}>")).collect();
        check(&format!("{}<table><tr><td>x</table>", formats.concat()), &["table 1, row 1: x"]);
    }

    proptest! {
        #[test]
        fn any_page_is_walked(parts in proptest::collection::vec(0_usize..16, 0..80)) {
            let words = ["<table>", "</table>", "<tr>", "</tr>", "<td>", "</td>", "<td rowspan=3>", "<td colspan=2 rowspan=2>",
                "x", "&nbsp;", "<script>", "</script>", "<b>", "<div>", "</div>", "<!--"];
            let page: String = parts.iter().map(|part| words[*part]).collect();
            let _ = rows(&page, &mut |_| {});
        }
    }
}
