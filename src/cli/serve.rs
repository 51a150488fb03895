//! `moisson serve`: sources fetched when they are due, until told to stop.

use std::process::ExitCode;
use std::sync::Arc;

use crate::archive::{self, ArchiveError};
use crate::collections::CollectionsError;
use crate::derive::DeriveError;
use crate::serve::{self, ServeError};
use crate::sync::Outfit;
use crate::web::listen::ListenError;

use super::args::ServeArgs;
use super::error::{self, CliError};
use super::{Setting, log, secret};

pub fn run(setting: &Setting, arguments: &ServeArgs) -> Result<ExitCode, CliError> {
    log::start("info");
    let log = archive::log(&setting.home.data, archive::LogOf::Runs).map_err(already)?;
    let outfit = Outfit::new(setting.home.clone(), secret::vault(setting), log, jiff::Timestamp::now);
    serve::serve(Arc::new(outfit), arguments.listen)?;
    Ok(ExitCode::SUCCESS)
}

fn already(error: ArchiveError) -> CliError {
    match error {
        ArchiveError::Busy { holder, .. } => {
            let holder = holder.unwrap_or_default();
            CliError::new(
                error::RETRY,
                format!("the sources of this home are being run already, by {holder}"),
                format!("les sources de ce foyer tournent déjà, avec {holder}"),
            )
            .hint("one daemon is enough for a home", "un seul service suffit pour un foyer")
        }
        other => other.into(),
    }
}

impl From<ServeError> for CliError {
    fn from(error: ServeError) -> Self {
        match error {
            ServeError::Archive(error) => error.into(),
            ServeError::Config(error) => error.into(),
            ServeError::Connector(error) => error.into(),
            ServeError::Tangle(_) => Self::new(error::CONFIG, error.to_string(), error.to_string())
                .hint("change `after` of one of these sources", "changez le `after` de l'une de ces sources"),
            ServeError::Listen(error) => error.into(),
            ServeError::Socket { address, source } => Self::new(
                error::UNAVAILABLE,
                format!("cannot listen at {address}: {source}"),
                format!("impossible d'écouter à {address} : {source}"),
            ),
            ServeError::Collections(error) => error.into(),
            ServeError::Derive(DeriveError::Warehouse(error)) => error.into(),
            ServeError::Derive(_) | ServeError::Refused(_) => {
                Self::new(error::DATA, error.to_string(), error.to_string())
            }
        }
    }
}

impl From<CollectionsError> for CliError {
    fn from(error: CollectionsError) -> Self {
        match error {
            CollectionsError::Archive(error) => already(error),
            CollectionsError::Newer { .. } => Self::new(error::DATA, error.to_string(), error.to_string())
                .hint("run the newer version", "lancez la version plus récente"),
        }
    }
}

impl From<ListenError> for CliError {
    fn from(error: ListenError) -> Self {
        match error {
            ListenError::Bind { address, source } => Self::new(
                error::UNAVAILABLE,
                format!("cannot listen at {address}: {source}"),
                format!("impossible d'écouter à {address} : {source}"),
            )
            .hint(
                "--listen, or listen under [serve], names another address",
                "--listen, ou listen sous [serve], en désigne une autre",
            ),
            ListenError::Exposed { address } => Self::new(
                error::CONFIG,
                format!("{address} is reached from other machines, and nothing encrypts what they say"),
                format!("{address} est joignable depuis d'autres machines, et rien ne chiffre ce qui s'y dit"),
            )
            .hint(
                "give [serve.tls] a certificate, or name the proxy that has one under proxies of [serve]",
                "donnez un certificat à [serve.tls], ou nommez dans proxies de [serve] le proxy qui en a un",
            ),
            ListenError::Certificate { path, message } => Self::new(
                error::CONFIG,
                format!("the certificate cannot be used: {}: {message}", path.display()),
                format!("le certificat est inutilisable : {} : {message}", path.display()),
            )
            .hint(
                "[serve.tls] takes a certificate and its key, both in PEM",
                "[serve.tls] veut un certificat et sa clé, tous deux en PEM",
            ),
        }
    }
}
