//! Why there is no configuration.

use std::io;
use std::path::PathBuf;

use crate::model::misread::Misread;

/// Why there is no configuration.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file is there and cannot be read.
    #[error("cannot read {}: {source}", path.display())]
    Io { path: PathBuf, source: io::Error },
    /// The file does not say what it should.
    #[error(transparent)]
    Misread(#[from] Box<Misread>),
    /// Neither a home folder nor the variables that replace it are known.
    #[error("neither --home nor HOME nor {variable} says where moisson keeps its files")]
    NoHome { variable: &'static str },
}
