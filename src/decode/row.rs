//! The shapes in which decoded documents travel.

use crate::model::Place;

/// A physical row of a grid: cells in order, nothing interpreted.
///
/// Typed sheet cells are written as text: dates `2026-03-05`, instants `2026-03-05 10:00:00`,
/// durations `01:02:03`, numbers with a decimal point and no grouping.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct GridRow {
    pub place: Place,
    pub cells: Vec<String>,
}

/// A row whose values are named by the document itself.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct NamedRow {
    /// What the document calls the row: `STMTTRN`, `call`, `sms`, a QIF type, a JSON pointer.
    pub kind: String,
    pub place: Place,
    /// Names and values in document order; a name may repeat.
    pub fields: Vec<(String, String)>,
}

impl NamedRow {
    /// The first value of that name.
    pub fn field(&self, name: &str) -> Option<&str> {
        self.repeated(name).next()
    }

    /// All values of that name, in document order.
    pub fn repeated<'a>(&'a self, name: &str) -> impl Iterator<Item = &'a str> {
        self.fields.iter().filter(move |(field, _)| field == name).map(|(_, value)| value.as_str())
    }
}

/// Why a document could not be decoded at all.
#[derive(Debug, thiserror::Error)]
pub enum DecodeError {
    #[error("the document is empty")]
    Empty,
    #[error("{what} is cut short or damaged at {place}: {detail}")]
    Damaged { what: &'static str, place: Place, detail: String },
    #[error("{what} holds more than {limit} {unit}")]
    TooLarge { what: &'static str, limit: u64, unit: &'static str },
    #[error("{what} is protected by a password")]
    Locked { what: &'static str },
    #[error("{what} is not read by moisson: {detail}")]
    Unsupported { what: String, detail: String },
}
