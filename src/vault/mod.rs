//! Secrets: kept encrypted, found by name, never printed.
//!
//! They stand in one file of the data folder, `vault/secrets.age`, which the `age` program opens
//! too; the key lies elsewhere ([`Keys`]), so that a copy of the data folder is worth nothing
//! without it. A source may name another place for a secret. Nothing is read, and no key is
//! touched, before the first secret is asked for. This room asks nobody and prints nothing.

mod disk;
mod error;
mod file;
mod keys;
mod places;
mod ring;
mod seal;
mod spot;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use secrecy::{ExposeSecret as _, SecretString};

use crate::config::Source;

pub use error::{Silence, VaultError};
pub use keys::{Ask, Keys, Rotation, Variables};
pub use places::{text_of_file, variable_of};

use file::SealedFile;

/// Secrets by name, `<source>/<field>`.
type Secrets = BTreeMap<String, SecretString>;

/// The secrets of a household.
#[derive(Default)]
pub struct Vault {
    store: Store,
    variables: Option<Variables>,
}

enum Store {
    Memory(Mutex<Secrets>),
    Disk(Box<Mutex<SealedFile>>),
}

impl Default for Store {
    fn default() -> Self {
        Self::Memory(Mutex::default())
    }
}

impl Vault {
    /// A vault in memory only, which goes with the process.
    pub fn in_memory() -> Self {
        Self::default()
    }

    /// The vault of a data folder, which need not be there yet. Nothing is read now.
    pub fn open(data: &Path, keys: Keys) -> Self {
        let variables = Some(keys.variables());
        Self { store: Store::Disk(Box::new(Mutex::new(SealedFile::new(data, keys)))), variables }
    }

    /// Looks up the environment with `variables`: for a vault in memory, which knows none.
    pub fn with_variables(self, variables: Variables) -> Self {
        Self { variables: Some(variables), ..self }
    }

    /// The secret of that name, if there is one: in the file that `MOISSON_SECRET_<NAME>_FILE`
    /// names, else in the vault, as it is now: another process may have changed it.
    pub fn find(&self, name: &str) -> Result<Option<SecretString>, VaultError> {
        match places::of_variable(name, self.variables.as_ref())? {
            Some(secret) => Ok(Some(secret)),
            None => self.kept(name),
        }
    }

    /// Keeps a secret under a name, in place of an earlier one; it is on the disk when this returns.
    pub fn keep(&self, name: &str, secret: SecretString) -> Result<(), VaultError> {
        match &self.store {
            Store::Memory(secrets) => drop(held(secrets).insert(name.to_owned(), secret)),
            Store::Disk(file) => {
                held(file).change(|secrets| {
                    secrets.insert(name.to_owned(), secret);
                    true
                })?;
            }
        }
        Ok(())
    }

    /// Forgets the secret of that name; says whether there was one.
    pub fn remove(&self, name: &str) -> Result<bool, VaultError> {
        match &self.store {
            Store::Memory(secrets) => Ok(held(secrets).remove(name).is_some()),
            Store::Disk(file) => held(file).change(|secrets| secrets.remove(name).is_some()),
        }
    }

    /// The names of the secrets in the vault, in order.
    pub fn names(&self) -> Result<Vec<String>, VaultError> {
        match &self.store {
            Store::Memory(secrets) => Ok(held(secrets).keys().cloned().collect()),
            Store::Disk(file) => Ok(held(file).secrets()?.keys().cloned().collect()),
        }
    }

    /// Encrypts everything anew with another key. The earlier key opens the vault until the new
    /// file is on the disk, and the new one from then on, wherever this is cut short.
    pub fn rotate(&self, rotation: Rotation) -> Result<(), VaultError> {
        match &self.store {
            Store::Memory(_) => Ok(()),
            Store::Disk(file) => held(file).rotate(rotation),
        }
    }

    /// Whether a passphrase, not a key file, opens the vault; not when there is none yet.
    pub fn has_passphrase(&self) -> Result<bool, VaultError> {
        match &self.store {
            Store::Memory(_) => Ok(false),
            Store::Disk(file) => held(file).has_passphrase(),
        }
    }

    /// Takes over every secret of another vault.
    pub fn take_all(&self, other: &Self) -> Result<(), VaultError> {
        for name in other.names()? {
            if let Some(secret) = other.kept(&name)? {
                self.keep(&name, secret)?;
            }
        }
        Ok(())
    }

    /// The secret that a source calls `field`: where its settings say, else `<source>/<field>`.
    pub fn secret_of(&self, source: &Source, field: &str) -> Result<SecretString, VaultError> {
        let name = format!("{}/{field}", source.id);
        let found = match source.secrets.get(field) {
            Some(place) => places::find(self, place, &name)?,
            None => self.find(&name)?,
        };
        found.filter(|secret| !secret.expose_secret().is_empty()).ok_or(VaultError::Missing { name })
    }

    fn kept(&self, name: &str) -> Result<Option<SecretString>, VaultError> {
        match &self.store {
            Store::Memory(secrets) => Ok(held(secrets).get(name).cloned()),
            Store::Disk(file) => Ok(held(file).secrets()?.get(name).cloned()),
        }
    }
}

/// A thread that panicked left a map that is still whole.
fn held<T>(lock: &Mutex<T>) -> MutexGuard<'_, T> {
    lock.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
