//! `[layout]` and `[[sections]]`: where in a document the rows are.

use serde::Deserialize;

use super::columns::OneOrMany;
use super::fields::Columns;
use super::template::Template;

/// What the bytes are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// Separated values, and spreadsheets or HTML tables that hold the same rows.
    Csv,
    /// A workbook (xlsx, xls, ods) only.
    Sheet,
    /// An HTML table only.
    Html,
    Json,
    Xml,
    Ofx,
    Qif,
    Vcard,
    Icalendar,
}

impl Format {
    /// Whether the rows are physical rows of cells, in which a header has to be found.
    pub fn is_grid(self) -> bool {
        matches!(self, Self::Csv | Self::Sheet | Self::Html)
    }
}

/// `[layout]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(clippy::struct_excessive_bools, reason = "keys of a file, each of them a switch of its own")]
pub struct Layout {
    pub format: Format,
    /// Character set to read when the bytes do not tell (`windows-1252`, `iso-8859-15`).
    pub encoding: Option<String>,
    /// Separator; found on the header row when absent.
    pub delimiter: Option<char>,
    /// Whether `"` quotes cells.
    #[serde(default = "yes")]
    pub quoted: bool,
    /// Whether references such as `&eacute;` leak into the cells and stand for characters.
    #[serde(default)]
    pub entities: bool,
    /// Header signatures, one for each language or generation of the file: a row that holds all
    /// the names of one of them is the header.
    #[serde(default)]
    pub header: Vec<Vec<Template>>,
    /// For tables without a header: a row is one that has this many cells.
    pub fields: Option<usize>,
    /// Rows around the table that say something: each a list of cell templates.
    #[serde(default)]
    pub lines: Vec<OneOrMany<Template>>,
    /// Whether the header alone is too common to tell the document: one of `lines` must be there.
    #[serde(default)]
    pub needs_line: bool,
    /// First cells of rows that end the table.
    #[serde(default)]
    pub footer: Vec<Template>,
    /// Template of the file's name, for what only the name tells.
    pub file_name: Option<Template>,
    /// JSON pointers of the arrays of rows, or the XML elements that are rows. A document that is a
    /// list of answers, each with what `signature` asks for, is read answer by answer.
    #[serde(default)]
    pub rows: OneOrMany<String>,
    /// What must exist for the document to be this one: JSON pointers (`*` is any one step), XML
    /// elements, or cells in the first rows of a table. `calls|smses` asks for either.
    #[serde(default)]
    pub signature: Vec<String>,
    /// The document tells what changed and not all that is there: movements it does not show are as
    /// they were. Their identifiers must be stable.
    #[serde(default)]
    pub is_partial: bool,
    /// Rank among connectors that match equally well; the built-in ones have 0.
    #[serde(default)]
    pub priority: i32,
}

/// One table of a document: how to know its rows and what they become.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Section {
    /// See [`Layout::header`].
    #[serde(default)]
    pub header: Vec<Vec<Template>>,
    /// See [`Layout::fields`].
    pub fields: Option<usize>,
    /// See [`Layout::rows`].
    #[serde(default)]
    pub rows: OneOrMany<String>,
    /// A section counts only where a line around it has said this: `{ kind = "Index" }`.
    #[serde(default)]
    pub when: std::collections::BTreeMap<String, String>,
    #[serde(default)]
    pub columns: Columns,
    /// Every text under `columns`, among them all references to cells: found once, when read.
    #[serde(skip)]
    pub references: Vec<String>,
}

fn yes() -> bool {
    true
}
