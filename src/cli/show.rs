//! Printing: the one place where standard output and error are written, and tables are drawn.
#![expect(clippy::print_stderr, reason = "printing is what this module is for")]

use comfy_table::presets::UTF8_HORIZONTAL_ONLY;
use comfy_table::{Attribute, Cell, CellAlignment, ContentArrangement, Table};

/// A line on standard output; a reader that has gone away is no error.
pub fn line(text: &str) {
    use std::io::Write;
    let _ = writeln!(std::io::stdout().lock(), "{text}");
}

/// Standard output, for answers that are written piece by piece.
pub fn output() -> Box<dyn std::io::Write> {
    Box::new(std::io::BufWriter::new(std::io::stdout().lock()))
}

/// A line on standard error.
pub fn error(text: &str) {
    eprintln!("{text}");
}

/// A heading on standard output.
pub fn heading(text: &str) {
    line(&format!("\n{text}"));
}

/// A table: names of the columns, whether each is a figure, and the rows.
pub fn table(columns: &[(String, bool)], rows: &[Vec<String>]) {
    let mut table = Table::new();
    table.load_style(UTF8_HORIZONTAL_ONLY).set_content_arrangement(ContentArrangement::Dynamic);
    if !table.is_tty() {
        table.set_width(118);
    }
    table.set_header(columns.iter().map(|(name, _)| Cell::new(name).add_attribute(Attribute::Bold)));
    for row in rows {
        table.add_row(row.iter().map(Cell::new));
    }
    for (at, (_, is_figure)) in columns.iter().enumerate() {
        if let Some(column) = table.column_mut(at).filter(|_| *is_figure) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    line(&table.to_string());
}
