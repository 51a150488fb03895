//! What the warehouse is told about a document, and what it answers once the document is in.

use jiff::civil::{Date, DateTime};

use super::aligned::Aligned;
use crate::identity::Suspicion;

/// A document on its way in: one row of `landing.documents`.
#[derive(Debug, Clone, Default)]
pub struct DocumentInfo {
    /// Lower-case hexadecimal sha256 of its bytes.
    pub document: String,
    /// The name under which it came, for people.
    pub name: String,
    /// Size in bytes.
    pub size: u64,
    /// The format it was read as: `csv`, `xlsx`, `ofx`, …
    pub kind: String,
    /// The connector that recognised it (`bank/example`); empty when none did.
    pub connector: String,
    /// The version of that connector.
    pub connector_version: u32,
    /// Why that connector was chosen, one sentence.
    pub reason: String,
    /// Encoding that its text was read in.
    pub encoding: Option<String>,
    /// Decimal mark that was chosen.
    pub decimal_mark: Option<String>,
    /// Order of date parts that was chosen (`dmy`).
    pub date_order: Option<String>,
    /// The instant, UTC, whose state the document shows: decides between two documents.
    pub as_of: DateTime,
    /// When it was imported first, UTC.
    pub learned_at: DateTime,
    /// The source of moisson.toml it belongs to.
    pub source: Option<String>,
    /// The document (an archive) that holds it.
    pub parent: Option<String>,
    /// First day that it covers.
    pub covered_from: Option<Date>,
    /// Last day that it covers, inclusive.
    pub covered_to: Option<Date>,
}

impl DocumentInfo {
    /// What rows store of the connector: `bank/example@3`, or nothing.
    pub fn connector_label(&self) -> String {
        match self.connector.as_str() {
            "" => String::new(),
            connector => format!("{connector}@{}", self.connector_version),
        }
    }
}

/// What a document says of its own completeness, for one account.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Coverage {
    pub account: String,
    /// ISO 4217.
    pub currency: String,
    /// The window that the document states, inclusive; without it, that of its rows.
    pub stated: Option<(Date, Date)>,
    /// Whether opening balance, movements and closing balance agree; none when it does not say.
    pub balances_agree: Option<bool>,
}

/// An account of a document that was not believed: none of its movements were taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quarantine {
    pub account: String,
    pub suspicion: Suspicion,
}

/// What the reading of the document came to, told at its commit.
#[derive(Debug, Clone, Default)]
pub struct Tally {
    /// Rows met in the document.
    pub rows_read: u64,
    /// Rows left out on purpose (totals, blank lines).
    pub rows_skipped: u64,
    /// `ok`, `partial`, `empty`, `unrecognised` or `refused`.
    pub outcome: String,
}

/// What became of the records of one document.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counts {
    /// Records that the warehouse did not have.
    pub rows_new: u64,
    /// Records that it had.
    pub rows_known: u64,
    /// Records that changed a row it had; the old row is in `landing.history`.
    pub rows_amended: u64,
    /// Rows that were refused, each with its fault.
    pub rows_rejected: u64,
    /// Known pending rows that the document does not show any more.
    pub rows_cancelled: u64,
    /// Known booked rows that the document does not show any more.
    pub rows_vanished: u64,
    /// Accounts of the document that were not believed.
    pub quarantined: Vec<Quarantine>,
    /// Accounts of which a later document is in already: they are to be aligned anew.
    pub waiting: Vec<String>,
    /// The same by landing table, in the order of declaration: new, known, amended.
    pub tables: Vec<(&'static str, TableCounts)>,
}

/// What became of the records of one landing table.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct TableCounts {
    pub rows_new: u64,
    pub rows_known: u64,
    pub rows_amended: u64,
}

impl TableCounts {
    fn add(&mut self, other: Self) {
        self.rows_new += other.rows_new;
        self.rows_known += other.rows_known;
        self.rows_amended += other.rows_amended;
    }
}

impl Counts {
    /// Adds what became of the movements.
    pub(super) fn add_aligned(&mut self, table: &'static str, aligned: Aligned) {
        self.add(table, aligned.counts);
        self.rows_cancelled += aligned.rows_cancelled;
        self.rows_vanished += aligned.rows_vanished;
        self.quarantined.extend(aligned.quarantined);
        self.waiting.extend(aligned.waiting);
    }

    /// Takes in what became of an account that waited.
    pub fn add_realigned(&mut self, other: &Self) {
        self.waiting.clear();
        for (table, counts) in &other.tables {
            match self.tables.iter_mut().find(|(name, _)| name == table) {
                Some((_, sum)) => sum.add(*counts),
                None => self.tables.push((table, *counts)),
            }
        }
        self.rows_new += other.rows_new;
        self.rows_known += other.rows_known;
        self.rows_amended += other.rows_amended;
        self.rows_cancelled += other.rows_cancelled;
        self.rows_vanished += other.rows_vanished;
        self.quarantined.extend(other.quarantined.iter().cloned());
    }

    /// Adds what became of one table.
    pub(super) fn add(&mut self, table: &'static str, counts: TableCounts) {
        self.rows_new += counts.rows_new;
        self.rows_known += counts.rows_known;
        self.rows_amended += counts.rows_amended;
        match self.tables.iter_mut().find(|(name, _)| *name == table) {
            Some((_, sum)) => sum.add(counts),
            None => self.tables.push((table, counts)),
        }
    }
}
