//! Drawing tables: text in, text out.
//!
//! What fits stands in columns. What does not is cut or wrapped, and when the columns would
//! become too narrow to read, each row becomes a record of its own.

use comfy_table::{Attribute, Cell, CellAlignment, ContentArrangement, LineStyle, Row, Table, TableStyle};

/// A column: its title, and whether people expect its values on the right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    pub name: String,
    pub is_figure: bool,
}

/// What happens to a cell that is longer than its column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Long {
    Cut,
    Wrap,
}

/// Blanks between two columns.
const GAP: u16 = 2;
/// Columns narrower than this on average are not readable.
const NARROWEST: usize = 12;

impl Column {
    pub fn text(name: impl Into<String>) -> Self {
        Self { name: name.into(), is_figure: false }
    }

    pub fn figure(name: impl Into<String>) -> Self {
        Self { name: name.into(), is_figure: true }
    }
}

/// Draws a table that is at most `width` characters wide; without one it takes what it needs.
pub fn draw(columns: &[Column], rows: &[Vec<String>], width: Option<usize>, long: Long) -> String {
    let mut table = table_of(columns, rows, long);
    let gaps = usize::from(GAP) * columns.len().saturating_sub(1);
    let needed: usize = table.column_max_content_widths().iter().map(|w| usize::from(*w)).sum::<usize>() + gaps;
    match width {
        Some(width) if long == Long::Cut && needed > width && width < columns.len() * NARROWEST + gaps => {
            return records(columns, rows, width);
        }
        Some(width) if needed > width => {
            table.set_content_arrangement(ContentArrangement::Dynamic);
            // The gap after the last column is trimmed below.
            table.set_width(u16::try_from(width).unwrap_or(u16::MAX).saturating_add(GAP));
        }
        _ => {}
    }
    let lines: Vec<String> = table.lines().map(|line| without_last_gap(&line)).collect();
    lines.join("\n")
}

/// Nothing follows the last column: its gap goes, in the rule below the titles too.
fn without_last_gap(line: &str) -> String {
    let gap = "─".repeat(usize::from(GAP));
    line.strip_suffix(&gap).unwrap_or(line).trim_end().to_owned()
}

/// A cell on one line; what could command the terminal is shown as `·`.
pub fn one_line(text: &str) -> String {
    let shown = |c: char| match c {
        '\n' | '\r' | '\t' => ' ',
        c if c.is_control() => '·',
        c => c,
    };
    text.chars().map(shown).collect()
}

/// At most `most` characters, the last one an ellipsis when something was cut.
pub fn cut(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    text.chars().take(most.saturating_sub(1)).chain(['…']).collect()
}

fn table_of(columns: &[Column], rows: &[Vec<String>], long: Long) -> Table {
    let mut table = Table::new();
    table.load_style(TableStyle::new().header_separator(LineStyle::none().fill('─')));
    table.set_content_arrangement(ContentArrangement::Disabled);
    table.set_header(columns.iter().map(|column| Cell::new(&column.name).add_attribute(Attribute::Bold)));
    for row in rows {
        let mut row = Row::from(row.iter().map(|cell| Cell::new(one_line(cell))));
        if long == Long::Cut {
            row.max_height(1);
        }
        table.add_row(row);
    }
    for (at, column) in columns.iter().enumerate() {
        let Some(drawn) = table.column_mut(at) else { continue };
        drawn.set_padding((0, GAP));
        if column.is_figure {
            drawn.set_cell_alignment(CellAlignment::Right);
        }
    }
    table
}

/// Each row as lines `name  value`.
fn records(columns: &[Column], rows: &[Vec<String>], width: usize) -> String {
    let widest = columns.iter().map(|column| column.name.chars().count()).max().unwrap_or(0);
    let mut lines = Vec::new();
    for (n, row) in rows.iter().enumerate() {
        let title = format!("── {} ", n + 1);
        let rule = width.min(60).saturating_sub(title.chars().count());
        lines.push(format!("{title}{}", "─".repeat(rule)));
        for (column, value) in columns.iter().zip(row) {
            lines.push(format!("{:<widest$}  {}", column.name, one_line(value)).trim_end().to_owned());
        }
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(width: Option<usize>, long: Long) -> String {
        let columns = [Column::text("who"), Column::figure("eur")];
        let rows = [["Zoé Martin, who has a long name".to_owned(), "1.50".to_owned()], ["Luc".into(), "-12.00".into()]];
        draw(&columns, &rows.map(Vec::from), width, long)
    }

    #[test]
    fn a_table_takes_what_it_needs() {
        let expected = "who                                 eur\n\
                        ───────────────────────────────────────\n\
                        Zoé Martin, who has a long name    1.50\n\
                        Luc                              -12.00";
        assert_eq!(drawn(None, Long::Cut), expected);
    }

    #[test]
    fn long_cells_are_cut_or_wrapped() {
        let cut = drawn(Some(30), Long::Cut);
        assert!(cut.lines().count() == 4 && cut.contains('…'), "{cut}");
        assert!(drawn(Some(30), Long::Wrap).lines().count() > 4);
        assert!(cut.lines().all(|line| line.chars().count() <= 32), "{cut}");
    }

    #[test]
    fn too_many_columns_become_records() {
        let records = drawn(Some(20), Long::Cut);
        assert!(records.contains("── 1 ─") && records.contains("eur  1.50"), "{records}");
    }

    #[test]
    fn a_cell_cannot_command_the_terminal() {
        assert_eq!(one_line("a\u{1b}[2Jb\nc"), "a·[2Jb c");
    }
}
