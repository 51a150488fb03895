//! `moisson.toml`: who the household is, and what its documents are.
//!
//! Reads and checks the file, finds where a home keeps its things, and says which source a file
//! belongs to. It holds no secret, and does not know whether a connector exists.

mod check;
mod conceal;
mod derived;
mod error;
mod exact;
pub mod glob;
mod household;
mod locate;
mod network;
mod serve;
mod values;

use std::fs;
use std::io;
use std::path::Path;

use serde::Deserialize;

use crate::model::misread::Misread;

pub use derived::Derived;
pub use error::ConfigError;
pub use household::{
    Account, Energy, Household, Language, Line, Member, Meter, OffPeak, SecretPlace, Setting, Source, Tariff,
    TariffKind,
};
pub use locate::{Home, locate, settings_folder};
pub use network::{Network, Notify, Ntfy, Security, Smtp, Webhook};
pub use serve::{Range, Serve, Tls};

/// What `moisson init` writes: every key, explained, in English.
pub const TEMPLATE: &str = include_str!("template.toml");
/// The same in French.
pub const TEMPLATE_FR: &str = include_str!("template.fr.toml");

/// The whole of `moisson.toml`. The default is what holds when there is no file.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    pub household: Household,
    pub members: Vec<Member>,
    pub accounts: Vec<Account>,
    /// Telephone lines.
    pub lines: Vec<Line>,
    pub sources: Vec<Source>,
    pub meters: Vec<Meter>,
    /// Versions of the meters' tariffs; those of one meter do not overlap.
    pub tariffs: Vec<Tariff>,
    pub network: Network,
    pub notify: Notify,
    pub serve: Serve,
}

/// Reads a configuration file; a missing one gives the default.
pub fn read(path: &Path) -> Result<Config, ConfigError> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(parse(&text, &path.display().to_string())?),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Config::default()),
        Err(source) => Err(ConfigError::Io { path: path.to_path_buf(), source }),
    }
}

/// Reads the text of a configuration file; `file` is its name in messages. What may be a secret is
/// shown in none of them.
pub fn parse(text: &str, file: &str) -> Result<Config, Box<Misread>> {
    read_whole(text, file).map_err(|misread| {
        let at = usize::try_from(misread.line).unwrap_or(usize::MAX).saturating_sub(1);
        let shown = conceal::conceal(text);
        let shown = shown.lines().nth(at).filter(|shown| text.lines().nth(at) != Some(*shown));
        Box::new(shown.map(|shown| misread.clone().showing(shown)).unwrap_or(misread))
    })
}

fn read_whole(text: &str, file: &str) -> Result<Config, Misread> {
    let refused = |error| Misread::of_toml(&error, text, file);
    let table = exact::table(text).map_err(refused)?;
    if let Some(secret) = conceal::misplaced(table.get_ref()) {
        return Err(Misread::at_span(secret.span, secret.message, Some(secret.hint), text, file));
    }
    let mut config = Config::deserialize(toml::Deserializer::from(table)).map_err(refused)?;
    check::check(&mut config).map_err(|wrong| Misread::at_steps(&wrong.at, wrong.message, wrong.hint, text, file))?;
    Ok(config)
}

impl Config {
    /// The source that a file belongs to: its connector is the one that was recognised, or none
    /// is given, and its pattern names the file, or none is given.
    ///
    /// Of several, one with a pattern wins over one without, then one with a connector, then the
    /// first in the file. A source with neither belongs to no file.
    pub fn source_for(&self, path: &Path, recognised_connector: &str) -> Option<&Source> {
        let fits = |source: &&Source| {
            let is_connector = source.connector.as_deref().is_none_or(|connector| connector == recognised_connector);
            let is_file = source.files.as_deref().is_none_or(|files| glob::names(files, path));
            is_connector && is_file && (source.connector.is_some() || source.files.is_some())
        };
        // `max_by_key` keeps the last of equals, and the first in the file should win.
        let candidates = self.sources.iter().rev().filter(fits);
        candidates.max_by_key(|source| (source.files.is_some(), source.connector.is_some()))
    }

    /// The source of that id.
    pub fn source(&self, id: &str) -> Option<&Source> {
        self.sources.iter().find(|source| source.id == id)
    }
}

#[cfg(test)]
mod tests;
