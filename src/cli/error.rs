//! Errors at the edge: what went wrong, what to do about it, and the exit code.

use std::process::ExitCode;

use crate::archive::ArchiveError;
use crate::config::ConfigError;
use crate::connector::ConnectorError;
use crate::import::ImportError;
use crate::vault::VaultError;
use crate::warehouse::WarehouseError;

use super::language::Language;
use super::{french, show};

/// Some documents or checks failed; the rest went through.
pub const PARTIAL: u8 = 1;
/// The command line is wrong.
pub const USAGE: u8 = 64;
/// The data cannot be read, or the question cannot be answered.
pub const DATA: u8 = 65;
/// Something needed is not there.
pub const UNAVAILABLE: u8 = 69;
/// Try again later.
pub const RETRY: u8 = 75;
/// Somebody has to do something first.
pub const USER: u8 = 77;
/// The configuration is wrong.
pub const CONFIG: u8 = 78;

/// An operation that did not happen, in English and French.
#[derive(Debug)]
pub struct CliError {
    pub code: u8,
    message: [String; 2],
    hints: Vec<[String; 2]>,
}

impl CliError {
    pub fn new(code: u8, en: impl Into<String>, fr: impl Into<String>) -> Self {
        Self { code, message: [en.into(), fr.into()], hints: Vec::new() }
    }

    /// A file that cannot be written.
    pub fn unwritable(path: &std::path::Path, error: &std::io::Error) -> Self {
        let path = path.display();
        let code = if error.kind() == std::io::ErrorKind::StorageFull { RETRY } else { UNAVAILABLE };
        Self::new(code, format!("cannot write {path}: {error}"), format!("impossible d'écrire {path} : {error}"))
    }

    /// A file that cannot be read.
    pub fn unreadable(path: &std::path::Path, error: &std::io::Error) -> Self {
        let path = path.display();
        if error.kind() == std::io::ErrorKind::NotFound {
            return Self::new(UNAVAILABLE, format!("{path} does not exist"), format!("{path} n'existe pas"));
        }
        Self::new(UNAVAILABLE, format!("cannot read {path}: {error}"), format!("impossible de lire {path} : {error}"))
    }

    /// Adds a remedy.
    pub fn hint(mut self, en: impl Into<String>, fr: impl Into<String>) -> Self {
        self.hints.push([en.into(), fr.into()]);
        self
    }

    /// Prints it and gives the exit code.
    pub fn report(self, language: Language) -> ExitCode {
        let [en, fr] = self.message;
        show::error(&language.pick(format!("error: {en}"), format!("erreur : {fr}")));
        for [en, fr] in self.hints {
            show::error(&language.pick(format!("hint: {en}"), format!("conseil : {fr}")));
        }
        ExitCode::from(self.code)
    }
}

impl From<ImportError> for CliError {
    fn from(error: ImportError) -> Self {
        let (en, fr) = (error.to_string(), french::import(&error));
        match error {
            ImportError::Archive(error) => error.into(),
            ImportError::Config(error) => error.into(),
            ImportError::Connector(error) => error.into(),
            ImportError::Warehouse(error) => error.into(),
            ImportError::Unreadable { path, source } => Self::unreadable(&path, &source),
            ImportError::Unwritable { path, source } => Self::unwritable(&path, &source),
            ImportError::UnknownSource(_) => Self::new(CONFIG, en, fr).hint(
                "add it under [[sources]], or leave --source out",
                "ajoutez-la sous [[sources]], ou enlevez --source",
            ),
        }
    }
}

impl From<ArchiveError> for CliError {
    fn from(error: ArchiveError) -> Self {
        let (en, fr) = (error.to_string(), french::archive(&error));
        match error {
            ArchiveError::NoRoom { .. } => Self::new(RETRY, en, fr).hint(
                "free some disk space and run the same command again; nothing was half-written",
                "libérez de la place sur le disque et relancez la même commande ; rien n'a été écrit à moitié",
            ),
            ArchiveError::Busy { .. } | ArchiveError::Changed { .. } => busy(en, fr),
            ArchiveError::Missing { .. } | ArchiveError::Damaged { .. } | ArchiveError::BrokenLine { .. } => Self::new(
                DATA, en, fr,
            )
            .hint("`moisson verify` shows everything that is damaged", "`moisson verify` montre tout ce qui est abîmé"),
            ArchiveError::Io { .. } => Self::new(UNAVAILABLE, en, fr).hint(
                "--home DIR, or MOISSON_HOME, names another folder to keep everything in",
                "--home DIR, ou MOISSON_HOME, désigne un autre dossier où tout ranger",
            ),
        }
    }
}

impl From<ConfigError> for CliError {
    fn from(error: ConfigError) -> Self {
        match error {
            ConfigError::Misread(misread) => {
                let shown = format!("{}\n{}", misread.message, misread.excerpt.trim_end());
                let error = Self::new(CONFIG, shown.clone(), shown);
                misread.hint.iter().fold(error, |error, hint| error.hint(hint, hint))
            }
            ConfigError::Io { .. } | ConfigError::NoHome { .. } => {
                Self::new(CONFIG, error.to_string(), french::config(&error))
            }
        }
    }
}

impl From<ConnectorError> for CliError {
    fn from(error: ConnectorError) -> Self {
        let (en, fr) = (error.to_string(), french::connector(&error));
        match error {
            ConnectorError::Invalid { .. } | ConnectorError::Unreadable { .. } => Self::new(CONFIG, en, fr),
            ConnectorError::Unknown { .. } => Self::new(USAGE, en, fr),
        }
    }
}

impl From<WarehouseError> for CliError {
    fn from(error: WarehouseError) -> Self {
        let (en, fr) = (error.to_string(), french::warehouse(&error));
        if error.is_disk_full() {
            return Self::new(RETRY, en, fr).hint(
                "free some disk space and run the same command again; nothing was half-imported",
                "libérez de la place sur le disque et relancez la même commande ; rien n'a été importé à moitié",
            );
        }
        match error {
            WarehouseError::Busy { .. } => busy(en, fr),
            WarehouseError::OutOfDate { .. } => {
                Self::new(DATA, en, fr).hint("run `moisson rebuild`", "lancez `moisson rebuild`")
            }
            WarehouseError::Refused { .. } => Self::new(DATA, en, fr),
            WarehouseError::Unreadable { .. } => Self::new(UNAVAILABLE, en, fr).hint(
                "move this file aside and run `moisson rebuild`: everything in it is derived from the archive",
                "écartez ce fichier et lancez `moisson rebuild` : tout ce qu'il contient vient de l'archive",
            ),
            WarehouseError::File { .. }
            | WarehouseError::Query { .. }
            | WarehouseError::Circle { .. }
            | WarehouseError::HigherLayer { .. }
            | WarehouseError::NoComment { .. }
            | WarehouseError::Output(_)
            | WarehouseError::Database(_)
            | WarehouseError::Rows(_) => Self::new(UNAVAILABLE, en, fr),
        }
    }
}

impl From<VaultError> for CliError {
    fn from(error: VaultError) -> Self {
        let said = error.said();
        let code = match error {
            VaultError::WrongKey { .. }
            | VaultError::Exposed { .. }
            | VaultError::KeyInData { .. }
            | VaultError::Foreign { .. } => USER,
            VaultError::Damaged { .. } | VaultError::BadKey { .. } | VaultError::NotText { .. } => DATA,
            VaultError::Unreadable { .. } | VaultError::Unwritable { .. } | VaultError::Keyring { .. } => UNAVAILABLE,
            VaultError::Missing { .. }
            | VaultError::NoKey { .. }
            | VaultError::NoPlace
            | VaultError::NoKeyring
            | VaultError::NoVariable { .. }
            | VaultError::NoCredential { .. }
            | VaultError::Command { .. } => CONFIG,
        };
        Self::new(code, said.en, said.fr)
    }
}

fn busy(en: String, fr: String) -> CliError {
    CliError::new(RETRY, en, fr).hint(
        "wait until the other moisson has finished, then try again",
        "attendez que l'autre moisson ait terminé, puis réessayez",
    )
}
