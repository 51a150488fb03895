//! Why a document was taken for one of a connector: what was seen in it.

use std::fmt;

use super::Format;

/// What was seen. `Display` says it in English.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reason {
    /// A header row, on this 1-based line; its cells, cut to 100 characters.
    Header { line: usize, cells: String },
    /// A line that the connector knows, and rows of so many cells.
    Lines { line: usize, fields: usize },
    /// Names that the document uses.
    Names(Vec<String>),
    /// The format is enough.
    Format(Format),
}

impl Reason {
    pub(super) fn header(row: usize, cells: &[String]) -> Self {
        let text = cells.join(" | ");
        let is_long = text.chars().count() > 100;
        let cells = if is_long { text.chars().take(99).chain(['…']).collect() } else { text };
        Self::Header { line: row + 1, cells }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Header { line, cells } => write!(f, "the header on line {line}: {cells}"),
            Self::Lines { line, fields } => write!(f, "its line {line} and rows of {fields} cells"),
            Self::Names(names) => write!(f, "the names {}", names.join(", ")),
            Self::Format(format) => write!(f, "its format, {}", format!("{format:?}").to_lowercase()),
        }
    }
}
