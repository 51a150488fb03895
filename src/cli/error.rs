//! Errors at the edge: what went wrong, what to do, and the exit code.

use std::process::ExitCode;

use crate::archive::ArchiveError;
use crate::config::ConfigError;
use crate::connector::ConnectorError;
use crate::import::ImportError;
use crate::warehouse::WarehouseError;

use super::language::Language;
use super::show;

/// Some documents or checks failed; the rest went through.
pub const PARTIAL: u8 = 1;
/// The command line is wrong.
pub const USAGE: u8 = 64;
/// The data cannot be read.
pub const DATA: u8 = 65;
/// Something needed is not there.
pub const UNAVAILABLE: u8 = 69;
/// Try again later.
pub const RETRY: u8 = 75;
/// The configuration is wrong.
pub const CONFIG: u8 = 78;

/// An operation that did not happen.
#[derive(Debug)]
pub struct CliError {
    pub code: u8,
    pub message: String,
    pub hints: Vec<(&'static str, &'static str)>,
}

impl CliError {
    pub fn new(code: u8, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), hints: Vec::new() }
    }

    /// Adds a remedy, in English and French.
    pub fn hint(mut self, en: &'static str, fr: &'static str) -> Self {
        self.hints.push((en, fr));
        self
    }

    /// Prints it and gives the exit code.
    pub fn report(&self, language: Language) -> ExitCode {
        show::error(&format!("{}: {}", language.pick("error", "erreur"), self.message));
        for (en, fr) in &self.hints {
            show::error(&format!("{}: {}", language.pick("hint", "conseil"), language.pick(en, fr)));
        }
        ExitCode::from(self.code)
    }
}

impl From<ImportError> for CliError {
    fn from(error: ImportError) -> Self {
        match error {
            ImportError::Archive(error) => error.into(),
            ImportError::Config(error) => error.into(),
            ImportError::Connector(error) => error.into(),
            ImportError::Warehouse(error) => error.into(),
            ImportError::Unreadable { .. } | ImportError::NothingThere(_) => Self::new(UNAVAILABLE, error.to_string()),
            ImportError::UnknownSource(_) => Self::new(CONFIG, error.to_string()),
        }
    }
}

impl From<ArchiveError> for CliError {
    fn from(error: ArchiveError) -> Self {
        let message = error.to_string();
        match error {
            ArchiveError::NoRoom { .. } => Self::new(RETRY, message).hint(
                "free some disk space and run the same command again; nothing was half-written",
                "libérez de la place sur le disque et relancez la même commande ; rien n'a été écrit à moitié",
            ),
            ArchiveError::Busy { .. } | ArchiveError::Changed { .. } => Self::new(RETRY, message).hint(
                "wait until the other moisson has finished, then try again",
                "attendez que l'autre moisson ait terminé, puis réessayez",
            ),
            ArchiveError::Missing { .. } | ArchiveError::Damaged { .. } | ArchiveError::BrokenLine { .. } => {
                Self::new(DATA, message).hint(
                    "run `moisson verify` to see everything that is damaged",
                    "`moisson verify` montre tout ce qui est abîmé",
                )
            }
            ArchiveError::Io { .. } => Self::new(UNAVAILABLE, message),
        }
    }
}

impl From<ConfigError> for CliError {
    fn from(error: ConfigError) -> Self {
        Self::new(CONFIG, error.to_string())
    }
}

impl From<ConnectorError> for CliError {
    fn from(error: ConnectorError) -> Self {
        Self::new(CONFIG, error.to_string())
    }
}

impl From<WarehouseError> for CliError {
    fn from(error: WarehouseError) -> Self {
        if error.is_disk_full() {
            return Self::new(RETRY, error.to_string()).hint(
                "free some disk space and run the same command again; nothing was half-imported",
                "libérez de la place sur le disque et relancez la même commande ; rien n'a été importé à moitié",
            );
        }
        Self::new(UNAVAILABLE, error.to_string())
    }
}
