//! What a landing table is: its columns, and how two of its rows are known to be one.

/// The type of a landing column, closed to what every consumer of the lake can read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ColumnType {
    Text,
    Date,
    /// A timestamp without zone: UTC or local as the column's name says.
    Timestamp,
    /// DECIMAL(18,5): bank files hold up to five decimals.
    Decimal,
    Integer,
    Boolean,
    Double,
}

/// One column of a landing table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Column {
    pub name: &'static str,
    pub kind: ColumnType,
    /// The comment shown in the database.
    pub comment: &'static str,
}

/// How rows of a table meet across documents.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Identity {
    /// Equal rows of one document are counted, never merged: the key is the key columns plus a
    /// rank among equals. Overlapping documents meet on it.
    Multiset,
    /// As `Multiset`, and whole snapshots are aligned: a row that a later document does not show
    /// any more may be one that it shows otherwise. A row keeps its id through all of that.
    Aligned,
    /// One row a key; a later document's row replaces an earlier one's and the change is history.
    Keyed,
    /// Rows belong to a row of the named table and follow the document that it came from.
    ChildOf(&'static str),
}

/// A landing table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Table {
    pub name: &'static str,
    /// The grain, one sentence.
    pub comment: &'static str,
    pub identity: Identity,
    /// Names of the columns that make a row itself.
    pub key: &'static [&'static str],
    /// Names of the columns that name a whole which is stated at once (a bill): of two documents
    /// that state it, the later one says which rows it has. Empty when there is no such whole.
    pub whole: &'static [&'static str],
    /// What a document states.
    pub columns: &'static [Column],
    /// What is read out of those cells: shown after them, and no part of the row's content.
    pub derived: &'static [Column],
}

impl Table {
    /// The columns of a record's cells: stated ones, then derived ones.
    pub fn all_columns(&self) -> impl Iterator<Item = &'static Column> {
        self.columns.iter().chain(self.derived)
    }
}
