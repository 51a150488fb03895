//! Why devices cannot be read or changed, in English and French.

use std::io;
use std::path::{Path, PathBuf};

use crate::model::run::Said;

/// Why devices cannot be read or changed.
#[derive(Debug, thiserror::Error)]
pub enum AccountError {
    #[error("cannot read {}: {source}", path.display())]
    Unreadable { path: PathBuf, source: io::Error },
    #[error("cannot write {}: {source}", path.display())]
    Unwritable { path: PathBuf, source: io::Error },
    /// The file is not one that this version wrote.
    #[error("{} is damaged: {message}", path.display())]
    Damaged { path: PathBuf, message: String },
    #[error("a device is called {name} already")]
    Taken { name: String },
    #[error("a device's name has 1 to {longest} characters")]
    BadName { longest: usize },
    #[error("there are {most} devices already")]
    TooMany { most: usize },
    /// Another process holds the lock and does not let go.
    #[error("another program is changing devices: try again")]
    Busy,
    #[error("the system gives no random numbers")]
    NoRandomness,
}

impl AccountError {
    /// The same for people.
    pub fn said(&self) -> Said {
        let fr = match self {
            Self::Unreadable { path, source } => format!("impossible de lire {} : {source}", path.display()),
            Self::Unwritable { path, source } => format!("impossible d'écrire {} : {source}", path.display()),
            Self::Damaged { path, message } => format!("{} est abîmé : {message}", path.display()),
            Self::Taken { name } => format!("un appareil s'appelle déjà {name}"),
            Self::BadName { longest } => format!("le nom d'un appareil a de 1 à {longest} caractères"),
            Self::TooMany { most } => format!("il y a déjà {most} appareils"),
            Self::Busy => "un autre programme modifie les appareils : réessayez".to_owned(),
            Self::NoRandomness => "le système ne donne pas de nombres aléatoires".to_owned(),
        };
        Said::new(self.to_string(), fr)
    }

    pub(super) fn unreadable(path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        |source| Self::Unreadable { path, source }
    }

    pub(super) fn unwritable(path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        |source| Self::Unwritable { path, source }
    }
}
