//! One run of a source: fetched, imported, joined, told to the log of runs.
//!
//! Nothing that a source does stops another one: whatever goes wrong becomes the outcome of its
//! run. It does not decide when a source runs, and prints nothing.

pub mod conflicts;
mod fetching;
pub mod mirror;
mod outcome;
pub mod own;
mod state;
mod storing;

use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use jiff::Timestamp;

use crate::archive::{ArchiveError, Entry, Log};
use crate::collections::Collections;
use crate::config::Home;
use crate::fetch::Ask;
use crate::model::run::{Class, Run, Said, Started, Trigger};
use crate::vault::Vault;

pub use outcome::Came;
pub use state::read as state_of;
pub use storing::renew;

/// What runs of one home share.
pub struct Outfit {
    pub home: Home,
    pub vault: Vault,
    /// Held by whoever fills the log.
    pub log: Mutex<Log>,
    /// Documents of one source come in at a time.
    importing: Mutex<()>,
    /// The clock.
    pub clock: fn() -> Timestamp,
    /// What sources bring is served from there, where this process holds them.
    collections: OnceLock<Arc<Collections>>,
}

/// A run that is wanted.
#[derive(Debug, Clone)]
pub struct Wanted {
    pub source: String,
    pub trigger: Trigger,
    /// The slot of the schedule that it stands for.
    pub slot: Option<Timestamp>,
}

impl Outfit {
    pub fn new(home: Home, vault: Vault, log: Log, clock: fn() -> Timestamp) -> Self {
        Self { home, vault, log: Mutex::new(log), importing: Mutex::new(()), clock, collections: OnceLock::new() }
    }

    /// Lets runs bring what they pull into collections, and take from there what people changed.
    pub fn hold(&self, collections: Arc<Collections>) {
        let _ = self.collections.set(collections);
    }

    /// The collections, where this process holds them.
    pub fn collections(&self) -> Option<&Arc<Collections>> {
        self.collections.get()
    }

    /// Appends a line to the log of runs.
    pub fn tell(&self, entry: &Entry) -> Result<(), ArchiveError> {
        let mut log = self.log.lock().unwrap_or_else(PoisonError::into_inner);
        log.append((self.clock)(), entry).map(|_| ())
    }
}

/// Runs a source once, and says what became of it; the log has it by then.
///
/// `person` can be asked for a code. The error is only that the log cannot be written: then
/// nothing was fetched, or what came is in all the same.
pub fn run(outfit: &Outfit, wanted: &Wanted, person: Option<&dyn Ask>) -> Result<Run, ArchiveError> {
    let started_at = (outfit.clock)();
    let begun = Started { source: wanted.source.clone(), trigger: wanted.trigger, slot: wanted.slot, started_at };
    outfit.tell(&Entry::Started(begun))?;
    tracing::info!(source = wanted.source, trigger = ?wanted.trigger, "a run begins");
    let bare = bare(wanted, started_at);
    let run = match fetching::fetch(outfit, &wanted.source, started_at, person) {
        Err(failure) => outcome::of_failure(bare, failure, (outfit.clock)()),
        Ok(fetched) => {
            let _turn = outfit.importing.lock().unwrap_or_else(PoisonError::into_inner);
            storing::store(outfit, fetched, bare)?
        }
    };
    if !run.is_told {
        outfit.tell(&Entry::Run(Box::new(run.run.clone())))?;
    }
    let run = run.run;
    tracing::info!(source = run.source, outcome = run.outcome.code(), new = run.rows_new, "a run ends");
    Ok(run)
}

/// A run on its way; `is_told` once the log has it.
struct Ended {
    run: Run,
    is_told: bool,
}

/// A run of which nothing is known yet.
pub fn bare(wanted: &Wanted, started_at: Timestamp) -> Run {
    Run {
        source: wanted.source.clone(),
        trigger: wanted.trigger,
        slot: wanted.slot,
        started_at,
        ended_at: started_at,
        outcome: Class::OkEmpty,
        message: Said::default(),
        link: None,
        retry_at: None,
        consent_until: None,
        quota_left: None,
        n_documents: 0,
        rows_new: 0,
        rows_known: 0,
        rows_amended: 0,
        rows_rejected: 0,
        n_requests: 0,
        n_bytes: 0,
        failed: Vec::new(),
    }
}
