//! Where the key of a household's own making lies, and where the next one waits during a rotation:
//! a file, or the keyring of the operating system.

use std::path::{Path, PathBuf};

use secrecy::{ExposeSecret as _, SecretString};

use super::keys::Place;
use super::ring::Ring;
use super::{VaultError, disk};

/// See the module.
pub enum Spot {
    File(PathBuf),
    /// The keyring, and what this household's key is called there.
    Keyring(Ring, String),
}

impl Spot {
    /// The texts that are there: the key, and the one that waits beside it.
    pub fn texts(&self) -> Result<Vec<(Place, SecretString)>, VaultError> {
        let key = self.read()?.map(|text| (self.place(), text));
        let next = self.read_next()?.map(|text| (self.next_place(), text));
        Ok(key.into_iter().chain(next).collect())
    }

    pub fn write_next(&self, text: &SecretString) -> Result<(), VaultError> {
        match self {
            Self::File(file) => disk::replace(&next_file(file), text.expose_secret().as_bytes()),
            Self::Keyring(ring, name) => ring.write(&next_name(name), text),
        }
    }

    /// The new key takes the place of the earlier one.
    pub fn settle_next(&self) -> Result<(), VaultError> {
        match self {
            Self::File(file) => disk::rename(&next_file(file), file),
            Self::Keyring(ring, name) => {
                // Cut in between, both are the new one.
                if let Some(text) = self.read_next()? {
                    ring.write(name, &text)?;
                }
                ring.remove(&next_name(name))
            }
        }
    }

    /// Whether a rotation has left its new key.
    pub fn has_next(&self) -> bool {
        match self {
            Self::File(file) => next_file(file).exists(),
            // A keyring that cannot be read is told of where the key is asked for.
            Self::Keyring(..) => self.read_next().is_ok_and(|text| text.is_some()),
        }
    }

    pub fn remove_next(&self) -> Result<(), VaultError> {
        match self {
            Self::File(file) => disk::remove(&next_file(file)),
            Self::Keyring(ring, name) => ring.remove(&next_name(name)),
        }
    }

    pub fn remove(&self) -> Result<(), VaultError> {
        match self {
            Self::File(file) if file.exists() => disk::remove(file),
            Self::File(_) => Ok(()),
            Self::Keyring(ring, name) => ring.remove(name),
        }
    }

    pub fn next_place(&self) -> Place {
        match self {
            Self::File(file) => Place::Next(next_file(file).display().to_string()),
            Self::Keyring(..) => Place::Next("the keyring".to_owned()),
        }
    }

    pub fn place(&self) -> Place {
        match self {
            Self::File(file) => Place::File(file.clone()),
            Self::Keyring(..) => Place::Keyring,
        }
    }

    fn read(&self) -> Result<Option<SecretString>, VaultError> {
        match self {
            Self::File(file) => of_file(file),
            Self::Keyring(ring, name) => ring.read(name),
        }
    }

    fn read_next(&self) -> Result<Option<SecretString>, VaultError> {
        match self {
            Self::File(file) => of_file(&next_file(file)),
            Self::Keyring(ring, name) => ring.read(&next_name(name)),
        }
    }
}

/// Where the new key waits while the vault is encrypted anew.
fn next_file(file: &Path) -> PathBuf {
    let mut name = file.file_name().unwrap_or_default().to_owned();
    name.push(".next");
    file.with_file_name(name)
}

fn next_name(name: &str) -> String {
    format!("{name}.next")
}

/// What is no text holds no key either.
fn of_file(path: &Path) -> Result<Option<SecretString>, VaultError> {
    let bytes = disk::read_private(path)?;
    Ok(bytes.map(|bytes| SecretString::from(std::str::from_utf8(&bytes).unwrap_or_default())))
}
