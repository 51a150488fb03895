//! A home opened for work: its configuration, connectors, records of truth and warehouse.

use std::path::PathBuf;
use std::sync::Arc;

use jiff::Timestamp;

use crate::archive::{self, Archive, ArchiveError, HomeLock};
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
}

impl World {
    /// Opens a home for writing; fails at once when another process holds it.
    pub fn open(home: Home, now: Timestamp) -> Result<Self, ImportError> {
        let config = config::read(&home.config)?;
        let catalogue = Arc::new(Catalogue::shipped()?.with_folder(&home.connectors)?);
        let archive = archive::open(&home.data)?;
        let lock = archive::lock(&home.data)?;
        let known = Known::read(&home.data);
        let warehouse = Warehouse::open(&home.data.join(WAREHOUSE), Mode::Write)?;
        Ok(Self { home, config, catalogue, archive, warehouse, now, known, _lock: lock })
    }

    /// Where analysts find the published copy.
    pub fn snapshot(&self) -> PathBuf {
        self.home.data.join(SNAPSHOT)
    }
}
