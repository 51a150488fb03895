//! Why a secret is not to be had, in both languages. No message holds a secret.

use std::io;
use std::path::PathBuf;

use crate::model::run::{Class, Said};

/// Why a secret is not to be had, or not to be kept.
#[derive(Debug, thiserror::Error)]
pub enum VaultError {
    /// Nobody has set it.
    #[error("the secret {name} is missing: `moisson secret set {name}`")]
    Missing { name: String },
    /// There are secrets, and nothing to open them with.
    #[error("there is no key to the secrets in {}: {place} is expected", file.display())]
    NoKey { file: PathBuf, place: String },
    /// Nothing says where a key could be kept.
    #[error("there is no place for the key of the secrets: set MOISSON_KEY_FILE to a file outside the data folder")]
    NoPlace,
    #[error(
        "{} does not open with the key of {key}: it is another vault's key, or the file is damaged; \
         bring back the right key (MOISSON_KEY_FILE), or the file from a backup", file.display()
    )]
    WrongKey { file: PathBuf, key: String },
    #[error("{} is damaged; it was left as it is: bring it back from a backup", file.display())]
    Damaged { file: PathBuf },
    #[error("{place} holds no age key (AGE-SECRET-KEY-1…)")]
    BadKey { place: String },
    /// `why` never holds what was read.
    #[error("the keyring of this computer (MOISSON_KEYRING) cannot be used: {why}")]
    Keyring { why: Silence },
    #[error("this program was built without a keyring: build it with the feature `keyring`, or unset MOISSON_KEYRING")]
    NoKeyring,
    #[error("{} can be read by others: `chmod 600` it", path.display())]
    Exposed { path: PathBuf },
    /// A copy of the data folder would hold its key.
    #[error("the key {} must not lie in the data folder: whoever copies one would have both", path.display())]
    KeyInData { path: PathBuf },
    /// Others keep this key.
    #[error(
        "the key is given from outside ({place}), and cannot be replaced from here: \
         run `moisson secret rotate` with MOISSON_KEY_FILE set to a copy of it, then give the new one"
    )]
    Foreign { place: String },
    #[error("the secret {name} is expected in the variable {variable}, which is not set")]
    NoVariable { name: String, variable: String },
    #[error("the secret {name} is expected among the credentials, as {credential}, and is not there")]
    NoCredential { name: String, credential: String },
    /// `why` never holds what the command wrote.
    #[error("the secret {name} is expected of the command {program}, which {why}")]
    Command { name: String, program: String, why: Why },
    #[error("{} is not a text of at most 1 MiB", path.display())]
    NotText { path: PathBuf },
    #[error("cannot read {}: {source}", path.display())]
    Unreadable { path: PathBuf, source: io::Error },
    #[error("cannot write {}: {source}", path.display())]
    Unwritable { path: PathBuf, source: io::Error },
}

/// Why a keyring gives and takes nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Silence {
    #[error("it is locked: unlock it and try again")]
    Locked,
    #[error("there is none, or it does not answer: a key file needs none")]
    Absent,
    #[error("it holds several keys of this name: remove all but one")]
    Ambiguous,
    #[error("what it holds, or its answer, cannot be read")]
    Unreadable,
}

impl Silence {
    fn french(self) -> &'static str {
        match self {
            Self::Locked => "il est verrouillé : le déverrouiller et recommencer",
            Self::Absent => "il n'y en a pas, ou il ne répond pas : un fichier de clé s'en passe",
            Self::Ambiguous => "il contient plusieurs clés de ce nom : n'en garder qu'une",
            Self::Unreadable => "ce qu'il contient, ou sa réponse, est illisible",
        }
    }
}

/// What a command did wrong.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Why {
    #[error("cannot be run: {0}")]
    NotRun(io::ErrorKind),
    #[error("took more than {0} s")]
    TooSlow(u64),
    #[error("failed (exit code {0})")]
    Failed(i32),
    #[error("printed no text, or too much of it")]
    NotText,
}

impl VaultError {
    /// In both languages.
    pub fn said(&self) -> Said {
        Said::new(self.to_string(), self.french())
    }

    /// The outcome of a run that it stops.
    pub fn class(&self) -> Class {
        Class::Config
    }

    fn french(&self) -> String {
        match self {
            Self::Missing { name } => format!("le secret {name} manque : `moisson secret set {name}`"),
            Self::NoKey { file, place } => {
                format!("il n'y a pas de clé pour les secrets de {} : elle est attendue dans {place}", file.display())
            }
            Self::NoPlace => "il n'y a pas de place pour la clé des secrets : donnez dans MOISSON_KEY_FILE un fichier \
                              hors du dossier des données"
                .to_owned(),
            Self::WrongKey { file, key } => format!(
                "{} ne s'ouvre pas avec la clé de {key} : c'est celle d'autres secrets, ou le fichier est abîmé ; \
                 remettez la bonne clé (MOISSON_KEY_FILE), ou le fichier d'une sauvegarde",
                file.display()
            ),
            Self::Damaged { file } => {
                format!("{} est abîmé ; il est resté tel quel : reprenez-le d'une sauvegarde", file.display())
            }
            Self::BadKey { place } => format!("{place} ne contient pas de clé age (AGE-SECRET-KEY-1…)"),
            Self::Keyring { why } => {
                format!("le trousseau de cet ordinateur (MOISSON_KEYRING) est inutilisable : {}", why.french())
            }
            Self::NoKeyring => "ce programme est construit sans trousseau : le construire avec la « feature » \
                                `keyring`, ou ne pas donner MOISSON_KEYRING"
                .to_owned(),
            Self::Exposed { path } => format!("d'autres peuvent lire {} : faites `chmod 600`", path.display()),
            Self::KeyInData { path } => format!(
                "la clé {} ne doit pas être dans le dossier des données : qui copie l'un aurait les deux",
                path.display()
            ),
            Self::Foreign { place } => format!(
                "la clé est donnée du dehors ({place}), elle ne se remplace pas d'ici : lancez `moisson secret rotate` \
                 avec MOISSON_KEY_FILE sur une copie, puis donnez la nouvelle"
            ),
            Self::NoVariable { name, variable } => {
                format!("le secret {name} est attendu dans la variable {variable}, qui n'est pas donnée")
            }
            Self::NoCredential { name, credential } => {
                format!("le secret {name} est attendu parmi les « credentials », sous {credential}, et n'y est pas")
            }
            Self::Command { name, program, why } => {
                format!("le secret {name} est attendu de la commande {program}, qui {}", why.french())
            }
            Self::NotText { path } => format!("{} n'est pas un texte d'au plus 1 Mio", path.display()),
            Self::Unreadable { path, source } => format!("impossible de lire {} : {source}", path.display()),
            Self::Unwritable { path, source } => format!("impossible d'écrire {} : {source}", path.display()),
        }
    }
}

impl Why {
    fn french(&self) -> String {
        match self {
            Self::NotRun(kind) => format!("ne peut pas être lancée : {kind}"),
            Self::TooSlow(seconds) => format!("a mis plus de {seconds} s"),
            Self::Failed(code) => format!("a échoué (code de retour {code})"),
            Self::NotText => "n'a pas écrit de texte, ou trop".to_owned(),
        }
    }
}
