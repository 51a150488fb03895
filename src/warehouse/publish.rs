//! Publishing: a copy of the warehouse that analysts may open at any time.
//!
//! The writer holds its file alone; the copy is replaced as a whole, so that a reader sees the
//! state before or the state after, and is never in the way.

use std::fs::{self, File};
use std::path::Path;

use super::open::{beside, connect, keep_private, remove};
use super::{Mode, Warehouse, WarehouseError};

impl Warehouse {
    /// Writes the present state to `target`, replacing it at once, and hands the warehouse back.
    ///
    /// The file is closed while it is copied: closing any second handle on it would give up the
    /// lock that the database holds on it (POSIX locks belong to the process, not to the handle).
    /// A warehouse in memory has nothing to publish and is handed back as it is.
    pub fn publish(self, target: &Path) -> Result<Self, WarehouseError> {
        let Some(path) = self.path else { return Ok(self) };
        self.connection.execute_batch("checkpoint")?;
        self.connection.close().map_err(|(_, error)| error)?;
        copy(&path, target)?;
        let connection = connect(&path, Mode::Write, self.limits)?;
        Ok(Self { connection, path: Some(path), limits: self.limits })
    }
}

fn copy(path: &Path, target: &Path) -> Result<(), WarehouseError> {
    let fresh = beside(target, "new");
    remove(&fresh)?;
    let copied = write_copy(path, &fresh).and_then(|()| keep_private(&fresh));
    if copied.is_err() {
        remove(&fresh)?;
    }
    copied?;
    fs::rename(&fresh, target).map_err(|error| WarehouseError::file(target, error))?;
    sync_folder(target)
}

fn write_copy(path: &Path, fresh: &Path) -> Result<(), WarehouseError> {
    fs::copy(path, fresh).map_err(|error| WarehouseError::file(fresh, error))?;
    File::open(fresh).and_then(|file| file.sync_all()).map_err(|error| WarehouseError::file(fresh, error))
}

/// Makes the new name itself survive a power cut.
fn sync_folder(target: &Path) -> Result<(), WarehouseError> {
    let folder = target.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(|error| WarehouseError::file(folder, error))
}
