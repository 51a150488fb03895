//! A home opened for work: its configuration, connectors, records of truth and warehouse.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::fs;
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::Timestamp;

use crate::archive::{self, Archive, ArchiveError, Document, Entry, HomeLock};
use crate::config::{self, Config, ConfigError, Home};
use crate::connector::{Catalogue, ConnectorError};
use crate::warehouse::{Mode, Warehouse, WarehouseError};

use super::known::Known;
use super::names;

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
    #[error("cannot write {}: {source}", path.display())]
    Unwritable { path: PathBuf, source: std::io::Error },
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
    /// The folder of a rehearsal, which goes with it.
    pub(super) scratch: Option<Scratch>,
    /// Held as long as the world is.
    pub(super) _lock: HomeLock,
    /// What the journal tells of, once it was asked.
    pub(super) noted: Option<HashSet<Coming>>,
    /// The names that the journal tells of each document, once they were asked for.
    pub(super) names: Option<BTreeMap<String, BTreeSet<String>>>,
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
        Ok(Self {
            home,
            config,
            catalogue,
            archive,
            warehouse,
            now,
            known,
            scratch: None,
            _lock: lock,
            noted: None,
            names: None,
        })
    }

    /// Opens a copy of what a home has published, in a temporary folder: whatever is done to it,
    /// the home stays as it is. It may be rehearsed while another process holds the home.
    pub fn rehearse(home: Home, now: Timestamp) -> Result<Self, ImportError> {
        let scratch = Scratch::holding(&home.data.join(SNAPSHOT))?;
        let world = Self::open(Home { data: scratch.0.clone(), ..home }, now)?;
        Ok(Self { scratch: Some(scratch), ..world })
    }

    /// Whether this world is thrown away at the end.
    pub fn is_rehearsal(&self) -> bool {
        self.scratch.is_some()
    }

    /// Whether the views lack something that the journal tells of, or that moisson.toml says.
    pub fn is_behind(&self) -> Result<bool, ImportError> {
        let is_newer = self.home.has_newer_settings(&self.snapshot());
        Ok(is_newer || self.archive.journal.last().0 > self.warehouse.shown()?)
    }

    /// Writes into the journal that a document came in.
    pub(super) fn note(&mut self, at: Timestamp, document: Document) -> Result<(), ImportError> {
        let coming = coming(&document);
        if let Some(names) = &mut self.names {
            names.entry(document.sha256.clone()).or_default().insert(document.name.clone());
        }
        self.archive.journal.append(at, &Entry::Document(document))?;
        if let Some(noted) = &mut self.noted {
            noted.insert(coming);
        }
        Ok(())
    }

    /// Whether the journal tells already that a document came in so; for a connector that reads
    /// names, under a name that tells it the same.
    pub(super) fn has_noted(&mut self, document: &Document, connector: Option<&str>) -> Result<bool, ImportError> {
        if let Some(connector) = connector
            && !self.has_told(&document.sha256, &document.name, connector)?
        {
            return Ok(false);
        }
        if self.noted.is_none() {
            self.noted = Some(comings(&self.archive)?);
        }
        Ok(self.noted.as_ref().is_some_and(|noted| noted.contains(&coming(document))))
    }

    /// Whether a document came in under a name that tells this connector the same.
    pub(super) fn has_told(&mut self, sha256: &str, name: &str, connector: &str) -> Result<bool, ImportError> {
        if names::is_among(&self.catalogue, connector, name, std::iter::empty()) {
            return Ok(true);
        }
        if self.names.is_none() {
            self.names = Some(names::told(self)?);
        }
        let told = self.names.as_ref().and_then(|names| names.get(sha256));
        Ok(names::is_among(&self.catalogue, connector, name, told.into_iter().flatten().map(String::as_str)))
    }

    /// Where analysts find the published copy.
    pub fn snapshot(&self) -> PathBuf {
        self.home.data.join(SNAPSHOT)
    }
}

/// A private folder under the system's temporary one, removed when dropped.
pub(super) struct Scratch(PathBuf);

impl Scratch {
    /// A new folder with a copy of `snapshot`, if there is one, as its warehouse.
    fn holding(snapshot: &Path) -> Result<Self, ImportError> {
        let scratch = Self::make()?;
        match fs::copy(snapshot, scratch.0.join(WAREHOUSE)) {
            Err(source) if source.kind() != io::ErrorKind::NotFound => {
                Err(ImportError::Unwritable { path: scratch.0.clone(), source })
            }
            _ => Ok(scratch),
        }
    }

    /// Takes the first name that is free: nobody else's folder is ever used.
    fn make() -> Result<Self, ImportError> {
        let stem = std::env::temp_dir().join(format!("moisson-rehearsal-{}", std::process::id()));
        for n in 0_u32.. {
            let folder = stem.with_extension(n.to_string());
            match fs::DirBuilder::new().mode(0o700).create(&folder) {
                Ok(()) => return Ok(Self(folder)),
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(source) => return Err(ImportError::Unwritable { path: folder, source }),
            }
        }
        Err(ImportError::Unwritable { path: stem, source: io::ErrorKind::AlreadyExists.into() })
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_dir_all(&self.0) {
            tracing::warn!(%error, "the folder of the rehearsal is left");
        }
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
