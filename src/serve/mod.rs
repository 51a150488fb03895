//! The process that stays: slots, the socket for the command line, health and metrics.
//!
//! It holds the log of runs for as long as it lives, and the home only while documents come in,
//! so that every other command works beside it.

mod board;
mod callers;
mod calls;
pub mod control;
mod daemon;
mod derived;
mod edits;
mod health;
mod mirrored;
mod outlook;
mod person;
mod plans;
mod shelf;
mod work;

use std::net::SocketAddr;
use std::sync::Arc;

use crate::archive::ArchiveError;
use crate::collections::{CollectionsError, Refusal};
use crate::config::ConfigError;
use crate::connector::ConnectorError;
use crate::derive::DeriveError;
use crate::schedule::Tangle;
use crate::sync::Outfit;
use crate::web::listen::ListenError;

pub use outlook::{Outlook, outlook};

/// Why nothing can be served, or why it ended.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    #[error(transparent)]
    Archive(#[from] ArchiveError),
    #[error(transparent)]
    Config(#[from] ConfigError),
    #[error(transparent)]
    Connector(#[from] ConnectorError),
    /// Sources wait for each other, or for one that is not there.
    #[error("moisson.toml: {0}")]
    Tangle(Tangle),
    #[error(transparent)]
    Listen(#[from] ListenError),
    /// The socket for the command line.
    #[error("cannot listen at {address}: {source}")]
    Socket { address: String, source: std::io::Error },
    #[error(transparent)]
    Collections(#[from] CollectionsError),
    #[error(transparent)]
    Derive(#[from] DeriveError),
    #[error(transparent)]
    Refused(#[from] Refusal),
}

/// Serves until it is asked to stop; `listen` takes the place of what moisson.toml says.
pub fn serve(outfit: Arc<Outfit>, listen: Option<SocketAddr>) -> Result<(), ServeError> {
    daemon::Daemon::start(outfit, listen)?.run();
    Ok(())
}
