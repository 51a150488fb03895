//! A home opened for work: its configuration, connectors, records of truth and warehouse.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::Timestamp;

use crate::archive::{self, Archive, ArchiveError, Document, Entry, HomeLock};
use crate::config::{self, Config, ConfigError, Home};
use crate::connector::{Catalogue, ConnectorError};
use crate::warehouse::{Mode, Warehouse, WarehouseError};

use super::known::Known;

/// What stops an import or a rebuild as a whole.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    #[error(transparent)]
    Archive(#[from] ArchiveError),
    #[error(transparent)]
    Config(#[from] ConfigError),
    #[error(transparent)]
    Connector(#[from] ConnectorError),
    #[error(transparent)]
    Warehouse(#[from] WarehouseError),
    #[error("cannot read {}: {source}", path.display())]
    Unreadable { path: PathBuf, source: std::io::Error },
    #[error("no file matches {0}")]
    NothingThere(String),
    #[error("no source is called {0} in moisson.toml")]
    UnknownSource(String),
}

/// Everything that is derived stands in this file.
pub const WAREHOUSE: &str = "warehouse.duckdb";
/// The copy that analysts open.
pub const SNAPSHOT: &str = "moisson.duckdb";

/// A home held by this process alone.
pub struct World {
    pub home: Home,
    pub config: Config,
    pub catalogue: Arc<Catalogue>,
    pub archive: Archive,
    pub warehouse: Warehouse,
    /// The instant at which this run learns what it learns.
    pub now: Timestamp,
    /// Documents that are in, for the short cut.
    pub(super) known: Known,
    /// Held as long as the world is.
    pub(super) _lock: HomeLock,
    /// What the journal tells of, once it was asked.
    pub(super) noted: Option<HashSet<Coming>>,
}

/// What makes a document's coming the same as an earlier one: its bytes, its source, and the
/// connector that was asked for.
pub(super) type Coming = (String, Option<String>, Option<String>);

impl World {
    /// Opens a home for writing; fails at once when another process holds it.
    pub fn open(home: Home, now: Timestamp) -> Result<Self, ImportError> {
        let config = config::read(&home.config)?;
        let catalogue = Arc::new(Catalogue::shipped()?.with_folder(&home.connectors)?);
        let archive = archive::open(&home.data)?;
        let lock = archive::lock(&home.data)?;
        let known = Known::read(&home.data);
        let warehouse = open_warehouse(&home.data)?;
        Ok(Self { home, config, catalogue, archive, warehouse, now, known, _lock: lock, noted: None })
    }

    /// Whether the views lack something that the journal tells of.
    pub fn is_behind(&self) -> Result<bool, ImportError> {
        Ok(self.archive.journal.last().0 > self.warehouse.shown()?)
    }

    /// Writes into the journal that a document came in.
    pub(super) fn note(&mut self, at: Timestamp, document: Document) -> Result<(), ImportError> {
        let coming = coming(&document);
        self.archive.journal.append(at, &Entry::Document(document))?;
        if let Some(noted) = &mut self.noted {
            noted.insert(coming);
        }
        Ok(())
    }

    /// Whether the journal tells already that a document came in so.
    pub(super) fn has_noted(&mut self, document: &Document) -> Result<bool, ImportError> {
        if self.noted.is_none() {
            self.noted = Some(comings(&self.archive)?);
        }
        Ok(self.noted.as_ref().is_some_and(|noted| noted.contains(&coming(document))))
    }

    /// Where analysts find the published copy.
    pub fn snapshot(&self) -> PathBuf {
        self.home.data.join(SNAPSHOT)
    }
}

/// Opens the warehouse; one that another version made is made anew, for it is derived.
fn open_warehouse(data: &Path) -> Result<Warehouse, ImportError> {
    let path = data.join(WAREHOUSE);
    match Warehouse::open(&path, Mode::Write) {
        Err(WarehouseError::OutOfDate { .. }) => {
            Known::forget(data).map_err(|source| ImportError::Unreadable { path: data.to_owned(), source })?;
            Warehouse::remove(&path)?;
            Ok(Warehouse::open(&path, Mode::Write)?)
        }
        other => Ok(other?),
    }
}

fn comings(archive: &Archive) -> Result<HashSet<Coming>, ArchiveError> {
    let mut comings = HashSet::new();
    for line in archive.journal.entries()? {
        if let Entry::Document(document) = line?.entry {
            comings.insert(coming(&document));
        }
    }
    Ok(comings)
}

fn coming(document: &Document) -> Coming {
    (document.sha256.clone(), document.source.clone(), document.connector.clone())
}
