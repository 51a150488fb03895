//! Secrets: kept encrypted, found by name, never printed.

use std::collections::BTreeMap;
use std::sync::Mutex;

use secrecy::SecretString;

use crate::config::Source;

/// Why a secret is not to be had.
#[derive(Debug, thiserror::Error)]
pub enum VaultError {
    /// Nobody has set it.
    #[error("the secret {name} is missing")]
    Missing { name: String },
}

/// The secrets of a household.
#[derive(Default)]
pub struct Vault {
    secrets: Mutex<BTreeMap<String, SecretString>>,
}

impl Vault {
    /// A vault in memory only, which goes with the process.
    pub fn in_memory() -> Self {
        Self::default()
    }

    /// The secret of that name, if there is one.
    pub fn find(&self, name: &str) -> Result<Option<SecretString>, VaultError> {
        Ok(self.secrets.lock().unwrap_or_else(std::sync::PoisonError::into_inner).get(name).cloned())
    }

    /// Keeps a secret under a name, in place of an earlier one; it is on the disk when this returns.
    pub fn keep(&self, name: &str, secret: SecretString) -> Result<(), VaultError> {
        self.secrets.lock().unwrap_or_else(std::sync::PoisonError::into_inner).insert(name.to_owned(), secret);
        Ok(())
    }

    /// The secret that a source calls `field`: where its settings say, else `<source>/<field>`.
    pub fn secret_of(&self, source: &Source, field: &str) -> Result<SecretString, VaultError> {
        let name = format!("{}/{field}", source.id);
        self.find(&name)?.ok_or(VaultError::Missing { name })
    }
}
