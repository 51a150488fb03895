//! The key to the vault, and where it lies: never in the data folder.
//!
//! Of these, the first that is there: the systemd credential `moisson-key`; the file that
//! `MOISSON_KEY_FILE` names, or the one beside `moisson.toml`; a passphrase, from the file that
//! `MOISSON_PASSPHRASE_FILE` names or from a person. Where the household keeps everything in one
//! folder, the key file is in the user's own folder of settings, under a hash of that folder's
//! path.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use age::x25519;
use secrecy::{ExposeSecret as _, SecretString};
use sha2::{Digest as _, Sha256};

use super::seal::Key;
use super::{VaultError, disk, places};
use crate::config::{self, Home};

/// Looks up the environment.
pub type Variables = Arc<dyn Fn(&str) -> Option<OsString> + Send + Sync>;
/// Asks a person for the passphrase.
pub type Ask = Box<dyn Fn() -> Option<SecretString> + Send + Sync>;

/// What the vault is to be opened with from now on.
pub enum Rotation {
    /// A new key file.
    NewKey,
    Passphrase(SecretString),
}

/// Where the key lies.
pub struct Keys {
    variables: Variables,
    data: PathBuf,
    /// The key file, whether it is there or not.
    file: Option<PathBuf>,
    ask: Option<Ask>,
}

/// A key and where it was found, for messages.
#[derive(Clone)]
pub struct Found {
    pub key: Key,
    pub place: Place,
}

/// Where a key was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    Credential(PathBuf),
    File(PathBuf),
    /// Beside the key file: what a rotation that was cut short has left.
    Next(PathBuf),
    PassphraseFile(PathBuf),
    Person,
}

impl Keys {
    /// The places of a home, as the environment says.
    pub fn of(home: &Home, variables: Variables) -> Self {
        let named = variables("MOISSON_KEY_FILE").filter(|path| !path.is_empty()).map(PathBuf::from);
        let file = named.or_else(|| own_file(home, &variables));
        Self { variables, data: home.data.clone(), file, ask: None }
    }

    /// Asks a person when the vault has a passphrase and no file holds it.
    pub fn asking(self, ask: Ask) -> Self {
        Self { ask: Some(ask), ..self }
    }

    /// The key file, whether it is there or not; none where there is no place for it.
    pub fn file(&self) -> Option<&Path> {
        self.file.as_deref()
    }

    pub(super) fn variables(&self) -> Variables {
        Arc::clone(&self.variables)
    }

    /// The keys that are there, in order.
    pub(super) fn present(&self) -> Result<Vec<Found>, VaultError> {
        let mut found = Vec::new();
        if let Some(path) = places::credential("moisson-key", &self.variables)
            && let Some(bytes) = disk::read(&path)?
        {
            found.push(Found { key: identity(&bytes, &path)?, place: Place::Credential(path) });
        }
        let Some(file) = &self.file else { return Ok(found) };
        for (path, place) in [(file.clone(), Place::File(file.clone())), (next(file), Place::Next(file.clone()))] {
            if let Some(bytes) = disk::read_private(&path)? {
                self.refuse_in_data(&path)?;
                found.push(Found { key: identity(&bytes, &path)?, place });
            }
        }
        Ok(found)
    }

    /// The passphrase, from its file or from a person.
    pub(super) fn passphrase(&self) -> Result<Option<Found>, VaultError> {
        if let Some(found) = self.passphrase_file()? {
            return Ok(Some(found));
        }
        let said = self.ask.as_ref().and_then(|ask| ask()).filter(|said| !said.expose_secret().is_empty());
        Ok(said.map(|said| Found { key: Key::Passphrase(said), place: Place::Person }))
    }

    /// The key of a vault that is to be: the first that is there, else a new key file.
    pub(super) fn first(&self) -> Result<Found, VaultError> {
        if let Some(found) = self.present()?.into_iter().find(|found| !matches!(found.place, Place::Next(_))) {
            return Ok(found);
        }
        if let Some(found) = self.passphrase_file()? {
            return Ok(found);
        }
        let next = self.make_next()?;
        self.settle_next()?;
        Ok(next)
    }

    /// Writes a new key beside the key file. It counts once the vault opens with it.
    pub(super) fn make_next(&self) -> Result<Found, VaultError> {
        let file = self.file.clone().ok_or(VaultError::NoPlace)?;
        if let Some(folder) = file.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            disk::make_folder(folder)?;
        }
        self.refuse_in_data(&file)?;
        let key = x25519::Identity::generate();
        let text = SecretString::from(format!(
            "# The key of moisson's secrets. Without it they are lost: keep a copy, away from the data.\n\
             # public key: {}\n{}\n",
            key.to_public(),
            key.to_string().expose_secret()
        ));
        disk::replace(&next(&file), text.expose_secret().as_bytes())?;
        Ok(Found { key: Key::Identity(key), place: Place::Next(file) })
    }

    /// The new key takes the place of the earlier one.
    pub(super) fn settle_next(&self) -> Result<(), VaultError> {
        let file = self.file.as_deref().ok_or(VaultError::NoPlace)?;
        disk::rename(&next(file), file)
    }

    /// Whether a rotation has left its new key.
    pub(super) fn has_next(&self) -> bool {
        self.file.as_deref().is_some_and(|file| next(file).exists())
    }

    /// Removes the new key of a rotation that did not come to use it.
    pub(super) fn forget_next(&self) -> Result<(), VaultError> {
        if !self.has_next() {
            return Ok(());
        }
        self.file.as_deref().map_or(Ok(()), |file| disk::remove(&next(file)))
    }

    /// Removes the key file, which no longer opens anything.
    pub(super) fn forget(&self) -> Result<(), VaultError> {
        self.forget_next()?;
        self.file.as_deref().filter(|file| file.exists()).map_or(Ok(()), disk::remove)
    }

    /// Where a key is expected, for messages.
    pub(super) fn expected(&self, is_passphrase: bool) -> String {
        match &self.file {
            _ if is_passphrase => "MOISSON_PASSPHRASE_FILE".to_owned(),
            Some(file) => file.display().to_string(),
            None => "MOISSON_KEY_FILE".to_owned(),
        }
    }

    fn passphrase_file(&self) -> Result<Option<Found>, VaultError> {
        let Some(path) = (self.variables)("MOISSON_PASSPHRASE_FILE").filter(|path| !path.is_empty()) else {
            return Ok(None);
        };
        let path = PathBuf::from(path);
        let key = Key::Passphrase(places::text_of_file(&path)?);
        Ok(Some(Found { key, place: Place::PassphraseFile(path) }))
    }

    fn refuse_in_data(&self, path: &Path) -> Result<(), VaultError> {
        if is_below(path, &self.data) { Err(VaultError::KeyInData { path: path.to_owned() }) } else { Ok(()) }
    }
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Credential(path) | Self::File(path) | Self::PassphraseFile(path) => path.display().fmt(f),
            Self::Next(file) => next(file).display().fmt(f),
            Self::Person => f.write_str("the passphrase"),
        }
    }
}

/// Beside `moisson.toml`; outside a folder that holds the data too.
fn own_file(home: &Home, variables: &Variables) -> Option<PathBuf> {
    let beside = home.config.with_file_name("secrets.key");
    if !is_below(&beside, &home.data) {
        return Some(beside);
    }
    let settings = config::settings_folder(&**variables).ok()?;
    let hash = Sha256::digest(real(&home.data).as_os_str().as_encoded_bytes())[..8]
        .iter()
        .fold(String::new(), |text, byte| format!("{text}{byte:02x}"));
    let file = settings.join("keys").join(format!("{hash}.key"));
    (!is_below(&file, &home.data)).then_some(file)
}

/// Where the new key waits while the vault is encrypted anew.
fn next(file: &Path) -> PathBuf {
    let mut name = file.file_name().unwrap_or_default().to_owned();
    name.push(".next");
    file.with_file_name(name)
}

/// A key as `age-keygen` writes it: comments, and a line that is the key.
fn identity(bytes: &[u8], path: &Path) -> Result<Key, VaultError> {
    let text = std::str::from_utf8(bytes).unwrap_or_default();
    let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    let key = lines.next().and_then(|line| line.parse().ok());
    key.map(Key::Identity).ok_or_else(|| VaultError::BadKey { path: path.to_owned() })
}

fn is_below(path: &Path, folder: &Path) -> bool {
    real(path).starts_with(real(folder))
}

/// The path without symbolic links, as far as it is there.
fn real(path: &Path) -> PathBuf {
    let whole = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let known = whole.ancestors().find_map(|known| Some((known, known.canonicalize().ok()?)));
    let joined =
        known.and_then(|(known, real)| Some(real.join(whole.strip_prefix(known).ok()?).components().collect()));
    joined.unwrap_or(whole)
}
