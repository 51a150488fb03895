//! Loading one document: its records, its faults and its own row, in one transaction.
//!
//! Records are handed over in batches, never row by row. What meets what is settled at the
//! commit, by `merge`. Until then nothing can be seen by anybody, and dropping the load forgets it.

use duckdb::Connection;

use super::aligned::Shown;
use super::document::{Counts, Coverage, DocumentInfo, Quarantine, Tally};
use super::merge;
use super::pile::{Pile, Stamp};
use super::rows::{self, Batch, Target};
use super::schema::{self, BOOKKEEPING};
use super::{Limits, Warehouse, WarehouseError, snapshots};
use crate::identity::Suspicion;
use crate::model::records::{AnyRecord, TABLES};
use crate::model::{CellRef, Fault, FaultKind, Place};

/// Rows gathered before they are handed to the database.
const BATCH_ROWS: usize = 16_384;

/// A document on its way in. Dropped without [`Load::commit`], it leaves nothing.
#[expect(clippy::struct_excessive_bools, reason = "what holds of a document, each a fact of its own")]
pub struct Load<'w> {
    warehouse: &'w Warehouse,
    connection: &'w Connection,
    /// May be completed until the commit: encoding, period covered and the like.
    pub document: DocumentInfo,
    /// What the document says of its own completeness; may be completed until the commit.
    pub coverage: Vec<Coverage>,
    /// Whether the bank's identifiers of movements never change and are never used again.
    pub ids_are_stable: bool,
    /// Whether the document tells changes only: what it does not show is as it was.
    pub is_partial: bool,
    connector: String,
    /// Whether the document is taken for the latest of all, as in a rehearsal.
    pub is_latest: bool,
    /// The one account that is aligned anew, inside a transaction that is not this load's.
    only_account: Option<String>,
    piles: Vec<Pile>,
    faults: Batch,
    rows_rejected: u64,
    is_open: bool,
}

impl Warehouse {
    /// Starts to load a document.
    pub fn begin(&mut self, document: &DocumentInfo) -> Result<Load<'_>, WarehouseError> {
        // Rows come one batch after another: a second thread would only wait, and burn as much
        // time in waiting as the first one in working.
        self.connection.execute_batch(&format!("{}; begin transaction", Limits::of_load(0)))?;
        let load = Load::of(self, document, None)?;
        merge::forget_document(load.connection, &document.document)?;
        Ok(load)
    }
}

impl<'w> Load<'w> {
    /// Takes only the movements of one account, inside a transaction that is open.
    pub(super) fn of_account(
        warehouse: &'w Warehouse,
        document: &DocumentInfo,
        account: &str,
    ) -> Result<Self, WarehouseError> {
        Load::of(warehouse, document, Some(account.to_owned()))
    }

    fn of(
        warehouse: &'w Warehouse,
        document: &DocumentInfo,
        only_account: Option<String>,
    ) -> Result<Self, WarehouseError> {
        Ok(Load {
            warehouse,
            connection: &warehouse.connection,
            document: document.clone(),
            coverage: Vec::new(),
            ids_are_stable: false,
            is_partial: false,
            is_latest: false,
            connector: document.connector_label(),
            is_open: only_account.is_none(),
            only_account,
            piles: Vec::new(),
            faults: Batch::new(schema::FAULTS)?,
            rows_rejected: 0,
        })
    }

    /// Adds a record that stands at `place`.
    ///
    /// An amount too large for the store becomes a fault, and the record is left out.
    pub fn push(&mut self, record: &AnyRecord, place: &Place) -> Result<(), WarehouseError> {
        if !self.takes(record) {
            return Ok(());
        }
        let mut cells = vec![CellRef::Null; BOOKKEEPING.len()];
        record.cells(&mut cells);
        if let Some(unfit) = cells.iter().find(|cell| !rows::fits(**cell)) {
            return self.fault(&too_large(*unfit, place));
        }
        let position = self.pile_of(record)?;
        let pointer = place.row_pointer();
        let pile = &mut self.piles[position];
        let stamp = Stamp { document: &self.document, connector: &self.connector, row_pointer: &pointer };
        pile.push(record, &mut cells, stamp);
        match pile.waiting() {
            BATCH_ROWS.. => pile.hand_over(self.connection),
            _ => Ok(()),
        }
    }

    /// Adds a fault.
    pub fn fault(&mut self, fault: &Fault) -> Result<(), WarehouseError> {
        self.rows_rejected += u64::from(fault.is_row_lost);
        if self.only_account.is_some() {
            return Ok(());
        }
        self.faults.push(&fault_cells(fault, &self.document.document));
        match self.faults.len() {
            BATCH_ROWS.. => self.hand_over_faults(),
            _ => Ok(()),
        }
    }

    /// Settles what meets what, and makes it all visible at once.
    pub fn commit(mut self, tally: &Tally) -> Result<Counts, WarehouseError> {
        let counts = self.settle(tally)?;
        if self.is_open {
            self.connection.execute_batch("commit")?;
            self.is_open = false;
        }
        Ok(counts)
    }

    /// Forgets everything, as dropping the load does.
    pub fn abandon(self) {
        drop(self);
    }

    fn settle(&mut self, tally: &Tally) -> Result<Counts, WarehouseError> {
        let rows = self.piles.iter().map(|pile| pile.rows).sum();
        self.connection.execute_batch(&Limits::of_load(rows))?;
        snapshots::forget(self.connection, &self.document.document, self.only_account.as_deref())?;
        for pile in &mut self.piles {
            pile.hand_over(self.connection)?;
        }
        self.hand_over_faults()?;
        self.piles.sort_by_key(|pile| TABLES.iter().position(|table| table.name == pile.table.name));
        let shown = Shown {
            document: &self.document,
            coverage: &self.coverage,
            rows_rejected: self.rows_rejected,
            ids_are_stable: self.ids_are_stable,
            is_partial: self.is_partial,
            is_in_order: self.is_latest || self.only_account.is_some(),
        };
        let mut counts = merge::settle(self.connection, &shown, &self.piles)?;
        counts.rows_rejected = self.rows_rejected;
        for quarantine in &counts.quarantined {
            self.faults.push(&fault_cells(&quarantine.fault(), &self.document.document));
        }
        self.hand_over_faults()?;
        if self.only_account.is_none() {
            self.write_document(tally, &counts)?;
        }
        Ok(counts)
    }

    /// Everything, or the movements of one account.
    fn takes(&self, record: &AnyRecord) -> bool {
        match (&self.only_account, record) {
            (None, _) => true,
            (Some(account), AnyRecord::Transaction(row)) => row.account == *account,
            (Some(_), _) => false,
        }
    }

    fn pile_of(&mut self, record: &AnyRecord) -> Result<usize, WarehouseError> {
        let table = record.table();
        if let Some(position) = self.piles.iter().position(|pile| pile.table.name == table.name) {
            return Ok(position);
        }
        self.piles.push(Pile::start(self.connection, table)?);
        Ok(self.piles.len() - 1)
    }

    fn hand_over_faults(&mut self) -> Result<(), WarehouseError> {
        self.faults.append_to(self.connection, Target::Landing("faults"))
    }

    fn write_document(&self, tally: &Tally, counts: &Counts) -> Result<(), WarehouseError> {
        let mut row = Batch::new(schema::DOCUMENTS)?;
        row.push(&document_cells(&self.document, tally, counts));
        row.append_to(self.connection, Target::Landing("documents"))
    }
}

impl Drop for Load<'_> {
    fn drop(&mut self) {
        if self.only_account.is_some() {
            return;
        }
        if self.is_open && self.connection.execute_batch("rollback").is_err() {
            // A transaction that failed to commit is gone already.
            tracing::debug!("nothing to roll back");
        }
        if let Err(error) = self.connection.execute_batch(&self.warehouse.limits.again()) {
            tracing::debug!(%error, "the next questions run within the limits of a load");
        }
    }
}

impl Quarantine {
    /// What is told of it.
    pub fn fault(&self) -> Fault {
        let (message, hint) = match self.suspicion {
            Suspicion::Collapsed { missing, known } => (
                format!(
                    "{missing} of the {known} movements known in its window are missing from it and nothing stands in their place"
                ),
                "it looks cut: export it again; if the bank did remove them, `moisson accept` this document",
            ),
            Suspicion::Stranger { known } => (
                format!("none of the {known} movements known in its window are in it"),
                "it looks like another account of the same name: bind it to a source with an account of its own in moisson.toml; if it is the same account, `moisson accept` this document",
            ),
            Suspicion::Unbalanced { missing } => (
                format!(
                    "its balances do not follow from its movements, and it lacks or changes rows that are known ({missing} missing)"
                ),
                "export it again; if it is right all the same, `moisson accept` this document",
            ),
        };
        Fault::new(FaultKind::Quarantined, Place::default(), &self.account, message).with_hint(hint).keeping_row()
    }
}

fn too_large(cell: CellRef<'_>, place: &Place) -> Fault {
    let value = match cell {
        CellRef::Decimal(amount) => amount.to_string(),
        _ => String::new(),
    };
    Fault::new(FaultKind::TooLarge, place.clone(), value, "the amount has more than 13 digits before the decimal mark")
}

fn fault_cells<'a>(fault: &'a Fault, document: &'a str) -> [CellRef<'a>; 10] {
    [
        CellRef::Text(document),
        CellRef::Text(fault.kind.code()),
        integer(fault.place.line),
        integer(fault.place.column),
        optional(fault.place.pointer.as_deref()),
        CellRef::Text(&fault.value),
        CellRef::Text(&fault.excerpt),
        CellRef::Text(&fault.message),
        optional(fault.hint.as_deref()),
        CellRef::Boolean(fault.is_row_lost),
    ]
}

fn document_cells<'a>(document: &'a DocumentInfo, tally: &'a Tally, counts: &Counts) -> Vec<CellRef<'a>> {
    vec![
        CellRef::Text(&document.document),
        CellRef::Text(&document.name),
        integer(document.size),
        CellRef::Text(&document.kind),
        CellRef::Text(&document.connector),
        CellRef::Integer(i64::from(document.connector_version)),
        CellRef::Text(&document.reason),
        optional(document.encoding.as_deref()),
        optional(document.decimal_mark.as_deref()),
        optional(document.date_order.as_deref()),
        CellRef::Timestamp(document.as_of),
        CellRef::Timestamp(document.learned_at),
        optional(document.source.as_deref()),
        optional(document.parent.as_deref()),
        document.covered_from.map_or(CellRef::Null, CellRef::Date),
        document.covered_to.map_or(CellRef::Null, CellRef::Date),
        integer(tally.rows_read),
        integer(counts.rows_new),
        integer(counts.rows_known),
        integer(counts.rows_amended),
        integer(counts.rows_rejected),
        integer(tally.rows_skipped),
        CellRef::Text(&tally.outcome),
    ]
}

fn optional(text: Option<&str>) -> CellRef<'_> {
    text.map_or(CellRef::Null, CellRef::Text)
}

fn integer(number: u64) -> CellRef<'static> {
    CellRef::Integer(i64::try_from(number).unwrap_or(i64::MAX))
}
