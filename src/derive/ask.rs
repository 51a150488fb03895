//! Rows of the views, read into values.

use std::str::FromStr;

use super::{DeriveError, World};
use crate::warehouse::TextRow;

/// A row of a question.
pub(super) struct Row {
    what: &'static str,
    cells: TextRow,
}

impl Row {
    /// A cell that is always there.
    pub(super) fn read<T: FromStr>(&self, column: usize) -> Result<T, DeriveError> {
        self.maybe(column).ok_or(DeriveError::Unexpected { what: self.what, column })
    }

    /// A cell that may be empty, or something else.
    pub(super) fn maybe<T: FromStr>(&self, column: usize) -> Option<T> {
        self.text(column)?.parse().ok()
    }

    /// A cell as it stands.
    pub(super) fn text(&self, column: usize) -> Option<&str> {
        self.cells.get(column)?.as_deref()
    }
}

impl World<'_> {
    /// All rows of a question; `what` names it in errors.
    pub(super) fn rows(&self, what: &'static str, question: &str) -> Result<Vec<Row>, DeriveError> {
        let mut answer = self.reader.ask(question)?;
        let mut rows = Vec::new();
        while let Some(batch) = answer.next_rows()? {
            rows.extend(batch.into_iter().map(|cells| Row { what, cells }));
        }
        Ok(rows)
    }
}
