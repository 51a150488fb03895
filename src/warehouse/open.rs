//! Opening the warehouse: settings, first creation, who may hold it.
//!
//! Files are written in the storage format of DuckDB 1.4, so that what is published opens in
//! every client since then. Extensions are never fetched or loaded behind the household's back.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use duckdb::{AccessMode, Config, Connection};

use super::{WarehouseError, schema};

/// The storage format: what the oldest supported client reads.
const STORAGE_VERSION: &str = "v1.4.0";

/// What the holder of a warehouse may do with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Import and refresh: one process at a time, and no reader beside it.
    Write,
    /// Read only: any number at a time.
    Read,
}

/// What the database may take of the machine.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Memory for buffers and intermediate results, in MiB; beyond it the disk is used.
    pub memory_mib: u32,
    /// Threads; every core when absent.
    pub threads: Option<u32>,
}

impl Default for Limits {
    fn default() -> Self {
        Self { memory_mib: 160, threads: None }
    }
}

impl Limits {
    /// What a question of a person may take: nothing else runs beside it, and nothing is written.
    pub fn of_question() -> Self {
        Self { memory_mib: 1024, threads: None }
    }

    /// What a load may take: enough to merge so many rows with what is there, and no more, for
    /// the document itself is in memory beside it.
    pub(super) fn of_load(rows: u64) -> String {
        let memory_mib = 96 + 32 * rows / 1_000_000;
        format!("set threads = 1; set memory_limit = '{memory_mib}MiB'")
    }

    /// What a refresh over so many landing rows may take: it sorts and groups all of them, and what
    /// it cannot hold it writes to the disk and reads again.
    pub(super) fn of_refresh(self, rows: u64) -> String {
        let memory_mib = u64::from(self.memory_mib) + 400 * rows / 1_000_000;
        format!("set memory_limit = '{memory_mib}MiB'")
    }

    /// What questions may take.
    pub(super) fn again(self) -> String {
        let threads = self.threads.map_or("reset threads".to_owned(), |threads| format!("set threads = {threads}"));
        format!("{threads}; set memory_limit = '{}MiB'", self.memory_mib)
    }
}
/// An open warehouse.
pub struct Warehouse {
    pub(super) connection: Connection,
    pub(super) path: Option<PathBuf>,
    pub(super) limits: Limits,
}

impl Warehouse {
    /// Opens the file, and with [`Mode::Write`] makes it when it is not there.
    pub fn open(path: &Path, mode: Mode) -> Result<Self, WarehouseError> {
        Self::open_within(path, mode, Limits::default())
    }

    /// The same, with other limits than the default ones.
    pub fn open_within(path: &Path, mode: Mode, limits: Limits) -> Result<Self, WarehouseError> {
        if mode == Mode::Write && !path.exists() {
            create(path, limits)?;
        }
        let connection = connect(path, mode, limits)?;
        schema::verify(&connection, path)?;
        Ok(Self { connection, path: Some(path.to_owned()), limits })
    }

    /// Removes a warehouse that nobody holds, if it is there.
    pub fn remove(path: &Path) -> Result<(), WarehouseError> {
        remove(path)
    }

    /// A warehouse that lives and dies with the process.
    pub fn in_memory() -> Result<Self, WarehouseError> {
        let limits = Limits::default();
        let config = settings(limits)?.with("temp_directory", "")?;
        let connection = Connection::open_in_memory_with_flags(config)?;
        schema::create(&connection)?;
        Ok(Self { connection, path: None, limits })
    }
}

/// Settings that every connection of moisson shares.
pub(super) fn settings(limits: Limits) -> Result<Config, WarehouseError> {
    let config = Config::default()
        .enable_autoload_extension(false)?
        .with("storage_compatibility_version", STORAGE_VERSION)?
        .max_memory(&format!("{}MiB", limits.memory_mib))?;
    Ok(match limits.threads {
        Some(threads) => config.threads(i64::from(threads))?,
        None => config,
    })
}

/// Opens a file that exists.
pub(super) fn connect(path: &Path, mode: Mode, limits: Limits) -> Result<Connection, WarehouseError> {
    let access = match mode {
        Mode::Write => AccessMode::ReadWrite,
        Mode::Read => AccessMode::ReadOnly,
    };
    let config = settings(limits)?.access_mode(access)?;
    Connection::open_with_flags(path, config).map_err(|error| refusal(path, &error))
}

/// Makes an empty warehouse under another name first: a full disk leaves no file that cannot be
/// opened, and nobody else can read it in between.
fn create(path: &Path, limits: Limits) -> Result<(), WarehouseError> {
    let fresh = beside(path, "new");
    remove(&fresh)?;
    let made = fill(&fresh, limits);
    if made.is_err() {
        remove(&fresh)?;
    }
    made?;
    fs::rename(&fresh, path).map_err(|error| WarehouseError::file(path, error))
}

fn fill(fresh: &Path, limits: Limits) -> Result<(), WarehouseError> {
    let connection = connect(fresh, Mode::Write, limits)?;
    keep_private(fresh)?;
    schema::create(&connection)?;
    // Closing would do the same, and say nothing of a disk that is full.
    connection.execute_batch("checkpoint")?;
    connection.close().map_err(|(_, error)| error)?;
    Ok(())
}

/// Readable and writable by its owner only.
pub(super) fn keep_private(path: &Path) -> Result<(), WarehouseError> {
    fs::set_permissions(path, Permissions::from_mode(0o600)).map_err(|error| WarehouseError::file(path, error))
}

/// `warehouse.duckdb` → `warehouse.duckdb.new`.
pub(super) fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".");
    name.push(suffix);
    PathBuf::from(name)
}

/// Removes a left-over file and its log, if there are any.
pub(super) fn remove(path: &Path) -> Result<(), WarehouseError> {
    for left_over in [path.to_owned(), beside(path, "wal")] {
        match fs::remove_file(&left_over) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(WarehouseError::file(left_over, error));
            }
            _ => {}
        }
    }
    Ok(())
}

fn refusal(path: &Path, error: &duckdb::Error) -> WarehouseError {
    let detail = error.to_string();
    let path = path.to_owned();
    if detail.contains("Could not set lock") || detail.contains("Conflicting lock") {
        return WarehouseError::Busy { path, detail };
    }
    WarehouseError::Unreadable { path, detail }
}
