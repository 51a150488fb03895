//! The file of a vault: read again when it has changed, changed under a lock.

use std::fs::File;
use std::path::{Path, PathBuf};

use super::disk::{self, Stamp};
use super::keys::{Found, Place};
use super::seal::{self, Closed, Key};
use super::{Keys, Rotation, Secrets, VaultError};

/// `<data>/vault/secrets.age`, and what was last read of it.
pub struct SealedFile {
    folder: PathBuf,
    path: PathBuf,
    keys: Keys,
    seen: Option<Stamp>,
    secrets: Secrets,
    /// What opened it last.
    key: Option<Found>,
}

impl SealedFile {
    pub fn new(data: &Path, keys: Keys) -> Self {
        let folder = data.join("vault");
        let path = folder.join("secrets.age");
        Self { folder, path, keys, seen: None, secrets: Secrets::new(), key: None }
    }

    /// The secrets as they are on the disk now.
    pub fn secrets(&mut self) -> Result<&Secrets, VaultError> {
        let stamp = disk::stamp(&self.path)?;
        if stamp != self.seen {
            // The stamp is older than what is read: at worst the file is read once more.
            (self.secrets, self.key) = match disk::read(&self.path)? {
                Some(bytes) => self.opened(&bytes).map(|(secrets, key)| (secrets, Some(key)))?,
                None => (Secrets::new(), None),
            };
            self.seen = stamp;
        }
        Ok(&self.secrets)
    }

    /// Changes the secrets, and writes them when `change` says that it did.
    pub fn change(&mut self, change: impl FnOnce(&mut Secrets) -> bool) -> Result<bool, VaultError> {
        let _lock = self.lock()?;
        self.settle()?;
        let mut secrets = self.secrets.clone();
        if !change(&mut secrets) {
            return Ok(false);
        }
        let key = match &self.key {
            Some(found) => found.clone(),
            None => self.keys.first()?,
        };
        self.write(secrets, key)?;
        Ok(true)
    }

    /// See [`super::Vault::rotate`].
    pub fn rotate(&mut self, rotation: Rotation) -> Result<(), VaultError> {
        let _lock = self.lock()?;
        self.settle()?;
        if let Some(Found { place: Place::Credential(path), .. }) = &self.key {
            return Err(VaultError::Foreign { place: path.display().to_string() });
        }
        let secrets = self.secrets.clone();
        match rotation {
            Rotation::NewKey => {
                let next = self.keys.make_next()?;
                self.write(secrets, next)?;
                self.keys.settle_next()
            }
            Rotation::Passphrase(passphrase) => {
                self.write(secrets, Found { key: Key::Passphrase(passphrase), place: Place::Person })?;
                self.keys.forget()
            }
        }
    }

    /// See [`super::Vault::has_passphrase`].
    pub fn has_passphrase(&self) -> Result<bool, VaultError> {
        let Some(bytes) = disk::read(&self.path)? else { return Ok(false) };
        seal::wants_passphrase(&bytes).map_err(|_| VaultError::Damaged { file: self.path.clone() })
    }

    fn lock(&self) -> Result<File, VaultError> {
        disk::make_folder(&self.folder)?;
        disk::lock(&self.folder.join("lock"))
    }

    /// Reads what is there now, and ends a rotation that was cut short; under the lock.
    ///
    /// Of a key file and the one that waits beside it, the one that opens the vault is the key:
    /// the other one is what the rotation began or ended with.
    fn settle(&mut self) -> Result<(), VaultError> {
        if self.keys.has_next() {
            (self.seen, self.key) = (None, None);
        }
        self.secrets()?;
        match &self.key {
            Some(Found { place: Place::Next(_), .. }) if self.keys.has_next() => self.keys.settle_next(),
            _ => self.keys.forget_next(),
        }
    }

    /// Writes all of them, encrypted with a key; under the lock.
    pub fn write(&mut self, secrets: Secrets, key: Found) -> Result<(), VaultError> {
        let sealed = seal::seal(&secrets, &key.key)
            .map_err(|source| VaultError::Unwritable { path: self.path.clone(), source })?;
        disk::replace(&self.path, &sealed)?;
        (self.secrets, self.key, self.seen) = (secrets, Some(key), disk::stamp(&self.path)?);
        Ok(())
    }

    /// What the bytes hold, and the key that opened them: the one of last time when it still does.
    fn opened(&self, bytes: &[u8]) -> Result<(Secrets, Found), VaultError> {
        let damaged = || VaultError::Damaged { file: self.path.clone() };
        let wants_passphrase = seal::wants_passphrase(bytes).map_err(|_| damaged())?;
        if let Some(known) = &self.key
            && let Ok(secrets) = seal::open(bytes, &known.key)
        {
            return Ok((secrets, known.clone()));
        }
        let keys =
            if wants_passphrase { self.keys.passphrase()?.into_iter().collect() } else { self.keys.present()? };
        let mut tried = Vec::new();
        for found in keys {
            match seal::open(bytes, &found.key) {
                Ok(secrets) => return Ok((secrets, found)),
                Err(Closed::Damaged) => return Err(damaged()),
                Err(Closed::WrongKey) => tried.push(found.place.to_string()),
            }
        }
        let file = self.path.clone();
        if tried.is_empty() {
            Err(VaultError::NoKey { file, place: self.keys.expected(wants_passphrase) })
        } else {
            Err(VaultError::WrongKey { file, key: tried.join(", ") })
        }
    }
}
