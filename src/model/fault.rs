//! Faults: rows that could not be taken, with their place and what to do about it.
//!
//! A fault is in the data. It is collected, stored and shown, and never stops a document.
//! Errors, which stop an operation, belong to the room that meets them.

use std::fmt;

/// Where in a document something stands, as a person would look it up.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Place {
    /// 1-based line of a text document; 0 when the document has no lines.
    pub line: u64,
    /// 1-based column, in characters, of the offending value; 0 when unknown.
    pub column: u64,
    /// For documents without lines: a sheet cell (`Feuil1!C4`) or a JSON pointer (`/results/3`).
    pub pointer: Option<String>,
}

impl Place {
    /// A whole line of a text document.
    pub fn line(line: u64) -> Self {
        Self { line, ..Self::default() }
    }

    /// A place named by a sheet cell or a JSON pointer.
    pub fn pointer(pointer: impl Into<String>) -> Self {
        Self { pointer: Some(pointer.into()), ..Self::default() }
    }

    /// The same line, with the column of the offending value.
    pub fn at_column(mut self, column: u64) -> Self {
        self.column = column;
        self
    }

    /// What the landing tables store in `row_pointer`.
    pub fn row_pointer(&self) -> String {
        match &self.pointer {
            Some(pointer) => pointer.clone(),
            None => self.line.to_string(),
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.pointer {
            Some(pointer) => write!(f, "{pointer}"),
            None if self.column > 0 => write!(f, "{}:{}", self.line, self.column),
            None => write!(f, "{}", self.line),
        }
    }
}

/// What is wrong with a row: a closed catalogue, so that every kind can be explained and tested.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum FaultKind {
    /// A value that should be a date is not one.
    NotADate,
    /// A value that should be an instant or a time of day is not one.
    NotATime,
    /// A value that should be a number is not one.
    NotANumber,
    /// A number can be read in two ways and nothing in its column decides.
    AmbiguousNumber,
    /// A value that should be a duration or a volume is not one.
    NotADuration,
    /// A required value is empty.
    MissingValue,
    /// A value is not among those the connector lists.
    UnknownValue,
    /// The bytes do not decode in the document's encoding.
    NotText,
    /// The line is not of the format at all.
    Malformed,
    /// A total stated by the document differs from what its rows add up to.
    TotalDiffers,
    /// A snapshot of an account is not believed, and none of its movements were taken.
    Quarantined,
    /// A recurrence or a nested structure goes beyond the limits.
    TooLarge,
}

impl FaultKind {
    /// Stable code, stored in `faults.kind`.
    pub fn code(self) -> &'static str {
        match self {
            Self::NotADate => "not_a_date",
            Self::NotATime => "not_a_time",
            Self::NotANumber => "not_a_number",
            Self::AmbiguousNumber => "ambiguous_number",
            Self::NotADuration => "not_a_duration",
            Self::MissingValue => "missing_value",
            Self::UnknownValue => "unknown_value",
            Self::NotText => "not_text",
            Self::Malformed => "malformed",
            Self::TotalDiffers => "total_differs",
            Self::Quarantined => "quarantined",
            Self::TooLarge => "too_large",
        }
    }
}

/// A row (or a line) that could not be taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    pub kind: FaultKind,
    pub place: Place,
    /// The offending value alone, as it stands in the document.
    pub value: String,
    /// What the document calls the column that the value stands in, when it has columns.
    pub column: Option<String>,
    /// The whole row or line, cut to 200 characters.
    pub excerpt: String,
    /// One sentence: what was expected or why it was refused.
    pub message: String,
    /// One sentence: what the reader can do about it.
    pub hint: Option<String>,
    /// Whether the row is lost (`true`) or was taken without this value (`false`).
    pub is_row_lost: bool,
}

impl Fault {
    /// A fault that costs the whole row.
    pub fn new(kind: FaultKind, place: Place, value: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            kind,
            place,
            value: value.into(),
            column: None,
            excerpt: String::new(),
            message: message.into(),
            hint: None,
            is_row_lost: true,
        }
    }

    /// Names the column that the value stands in.
    pub fn in_column(mut self, name: impl Into<String>) -> Self {
        self.column = Some(name.into());
        self
    }

    /// Adds the remedy.
    pub fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Adds the row it stands in, cut to 200 characters.
    pub fn with_excerpt(mut self, excerpt: &str) -> Self {
        self.excerpt = excerpt.chars().take(200).collect();
        self
    }

    /// Says that the row was taken all the same.
    pub fn keeping_row(mut self) -> Self {
        self.is_row_lost = false;
        self
    }
}
