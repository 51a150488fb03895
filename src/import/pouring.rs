//! What has gone from the reading of a document into its load.

use crate::model::Fault;
use crate::warehouse::{Load, Tally, WarehouseError};

use super::Item;
use super::report::FAULTS_SHOWN;
use super::summary::Summary;
use super::walk::Progress;

/// Progress is told every so many records.
const ROWS_TOLD: u64 = 4096;

/// What has gone from the reading into the load.
#[derive(Default)]
pub(super) struct Poured {
    n_records: u64,
    /// The first faults, to be shown.
    pub(super) faults: Vec<Fault>,
    pub(super) n_faults: u64,
    /// Why the load takes nothing more.
    pub(super) stopped: Option<WarehouseError>,
}

impl Poured {
    pub(super) fn take(&mut self, item: Item<'_>, load: &mut Load<'_>, progress: &mut dyn Progress) {
        if self.stopped.is_none() {
            self.stopped = self.pour(item, load, progress).err();
        }
    }

    fn pour(&mut self, item: Item<'_>, load: &mut Load<'_>, progress: &mut dyn Progress) -> Result<(), WarehouseError> {
        match item {
            Item::Record(record, place) => {
                self.n_records += 1;
                if self.n_records.is_multiple_of(ROWS_TOLD) {
                    progress.rows(ROWS_TOLD);
                }
                load.push(&record, place)
            }
            Item::Fault(fault) => {
                load.fault(&fault)?;
                self.tell([fault]);
                Ok(())
            }
        }
    }

    /// Counts faults, and keeps the first of them.
    pub(super) fn tell(&mut self, faults: impl IntoIterator<Item = Fault>) {
        for fault in faults {
            self.n_faults += 1;
            if self.faults.len() < FAULTS_SHOWN {
                self.faults.push(fault);
            }
        }
    }
}

/// Hears nothing of the progress.
pub(super) struct Nobody;

impl Progress for Nobody {
    fn document(&mut self, _: usize, _: usize, _: &str) {}
    fn rows(&mut self, _: u64) {}
}

/// What a document came to, for the row of it.
pub(super) fn tally(summary: &Summary) -> Tally {
    let outcome = match (summary.rows_read, summary.rows_rejected) {
        (0, _) => "empty",
        (_, 0) => "ok",
        _ => "partial",
    };
    Tally { rows_read: summary.rows_read, rows_skipped: summary.rows_skipped, outcome: outcome.to_owned() }
}
