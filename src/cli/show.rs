//! Printing: the one place where standard output and error are written.
//!
//! A reader that has gone away (`| head`) is no error. Emphasis is for terminals only, and for
//! none that asked for none (`NO_COLOR`, see no-color.org).

use std::io::{IsTerminal, Write};

use super::table::{self, Column, Long};

/// How a word stands out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    Strong,
    Faint,
    Good,
    Bad,
    Odd,
}

/// A line on standard output.
pub fn line(text: &str) {
    let _ = writeln!(std::io::stdout().lock(), "{text}");
}

/// Standard output, for answers that are written piece by piece.
pub fn output() -> Box<dyn Write> {
    Box::new(std::io::BufWriter::new(std::io::stdout().lock()))
}

/// A line on standard error.
pub fn error(text: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{text}");
}

/// A heading on standard output, after an empty line.
pub fn heading(text: &str) {
    line(&format!("\n{}", paint(Tone::Strong, text)));
}

/// A table on standard output, as wide as the terminal lets it be.
pub fn table(columns: &[Column], rows: &[Vec<String>], long: Long) {
    line(&table::draw(columns, rows, width(), long));
}

/// The terminal's width in characters; `None` when standard output is none.
pub fn width() -> Option<usize> {
    comfy_table::Table::new().width().map(usize::from).filter(|width| *width > 0)
}

/// Whether standard output is a terminal.
pub fn is_terminal() -> bool {
    std::io::stdout().is_terminal()
}

/// Whether a progress bar would be seen.
pub fn is_error_terminal() -> bool {
    std::io::stderr().is_terminal()
}

/// A text in a tone, when standard output is a terminal.
pub fn paint(tone: Tone, text: &str) -> String {
    if is_plain() { text.to_owned() } else { format!("\u{1b}[{}m{text}\u{1b}[0m", code(tone)) }
}

fn is_plain() -> bool {
    let is_set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    is_set("NO_COLOR") || std::env::var_os("TERM").is_some_and(|term| term == "dumb") || !is_terminal()
}

/// Select Graphic Rendition (ECMA-48 §8.3.117).
fn code(tone: Tone) -> &'static str {
    match tone {
        Tone::Strong => "1",
        Tone::Faint => "2",
        Tone::Good => "32",
        Tone::Bad => "31",
        Tone::Odd => "33",
    }
}
