//! The key to the vault, and where it lies: never in the data folder.
//!
//! Of these, the first that is there: the systemd credential `moisson-key`; the file that
//! `MOISSON_KEY_FILE` names, or the one beside `moisson.toml`; a passphrase, from the file that
//! `MOISSON_PASSPHRASE_FILE` names or from a person. With `MOISSON_KEYRING=yes` the keyring of the
//! operating system stands in place of the key file, and no file is looked at or made. Where the household keeps everything in one
//! folder, the key file is in the user's own folder of settings, under a hash of that folder's
//! path.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use age::x25519;
use secrecy::{ExposeSecret as _, SecretString};
use sha2::{Digest as _, Sha256};

use super::ring::Ring;
use super::seal::Key;
use super::spot::Spot;
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
    /// Where the household's own key lies, whether it is there or not.
    spot: Option<Spot>,
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
    /// The keyring of the operating system.
    Keyring,
    /// Beside the key: what a rotation that was cut short has left; where that is.
    Next(String),
    PassphraseFile(PathBuf),
    Person,
}

impl Keys {
    /// The places of a home, as the environment says.
    pub fn of(home: &Home, variables: Variables) -> Self {
        let is_ring =
            variables("MOISSON_KEYRING").is_some_and(|says| ["yes", "1", "true"].iter().any(|yes| says == *yes));
        let spot = if is_ring {
            Some(Spot::Keyring(Ring::System, name_of(&home.data)))
        } else {
            let named = variables("MOISSON_KEY_FILE").filter(|path| !path.is_empty()).map(PathBuf::from);
            named.or_else(|| own_file(home, &variables)).map(Spot::File)
        };
        Self { variables, data: home.data.clone(), spot, ask: None }
    }

    /// The same, with another keyring.
    #[cfg(test)]
    pub(super) fn with_ring(self, ring: Ring) -> Self {
        let spot = self.spot.map(|spot| match spot {
            Spot::Keyring(_, name) => Spot::Keyring(ring, name),
            Spot::File(file) => Spot::File(file),
        });
        Self { spot, ..self }
    }

    /// Asks a person when the vault has a passphrase and no file holds it.
    pub fn asking(self, ask: Ask) -> Self {
        Self { ask: Some(ask), ..self }
    }

    /// The key file, whether it is there or not; none where there is no place for it, or another.
    pub fn file(&self) -> Option<&Path> {
        match &self.spot {
            Some(Spot::File(file)) => Some(file),
            Some(Spot::Keyring(..)) | None => None,
        }
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
            let place = Place::Credential(path);
            let text = std::str::from_utf8(&bytes).unwrap_or_default();
            found.push(Found { key: identity(text, &place)?, place });
        }
        let texts = self.spot.as_ref().map_or_else(|| Ok(Vec::new()), Spot::texts)?;
        if !texts.is_empty() {
            self.refuse_in_data()?;
        }
        for (place, text) in texts {
            found.push(Found { key: identity(text.expose_secret(), &place)?, place });
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

    /// The key of a vault that is to be: the first that is there, else a new one.
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

    /// Keeps a new key beside the household's own. It counts once the vault opens with it.
    pub(super) fn make_next(&self) -> Result<Found, VaultError> {
        let spot = self.spot.as_ref().ok_or(VaultError::NoPlace)?;
        if let Some(folder) = self.file().and_then(Path::parent).filter(|folder| !folder.as_os_str().is_empty()) {
            disk::make_folder(folder)?;
        }
        self.refuse_in_data()?;
        let key = x25519::Identity::generate();
        let text = SecretString::from(format!(
            "# The key of moisson's secrets. Without it they are lost: keep a copy, away from the data.\n\
             # public key: {}\n{}\n",
            key.to_public(),
            key.to_string().expose_secret()
        ));
        spot.write_next(&text)?;
        Ok(Found { key: Key::Identity(key), place: spot.next_place() })
    }

    /// The new key takes the place of the earlier one.
    pub(super) fn settle_next(&self) -> Result<(), VaultError> {
        self.spot.as_ref().ok_or(VaultError::NoPlace)?.settle_next()
    }

    /// Whether a rotation has left its new key.
    pub(super) fn has_next(&self) -> bool {
        self.spot.as_ref().is_some_and(Spot::has_next)
    }

    /// Removes the new key of a rotation that did not come to use it.
    pub(super) fn forget_next(&self) -> Result<(), VaultError> {
        if !self.has_next() {
            return Ok(());
        }
        self.spot.as_ref().map_or(Ok(()), Spot::remove_next)
    }

    /// Removes the household's own key, which no longer opens anything.
    pub(super) fn forget(&self) -> Result<(), VaultError> {
        self.forget_next()?;
        self.spot.as_ref().map_or(Ok(()), Spot::remove)
    }

    /// Where a key is expected, for messages.
    pub(super) fn expected(&self, is_passphrase: bool) -> String {
        match &self.spot {
            _ if is_passphrase => "MOISSON_PASSPHRASE_FILE".to_owned(),
            Some(spot) => spot.place().to_string(),
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

    fn refuse_in_data(&self) -> Result<(), VaultError> {
        match self.file().filter(|path| is_below(path, &self.data)) {
            Some(path) => Err(VaultError::KeyInData { path: path.to_owned() }),
            None => Ok(()),
        }
    }
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Credential(path) | Self::File(path) | Self::PassphraseFile(path) => path.display().fmt(f),
            // What MOISSON_KEYRING names.
            Self::Keyring => f.write_str("the keyring (MOISSON_KEYRING)"),
            Self::Next(place) => f.write_str(place),
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
    let file = settings.join("keys").join(format!("{}.key", name_of(&home.data)));
    (!is_below(&file, &home.data)).then_some(file)
}

/// What the key of a data folder is called where keys of several lie: a hash of its path.
fn name_of(data: &Path) -> String {
    let hash = Sha256::digest(real(data).as_os_str().as_encoded_bytes());
    hash[..8].iter().fold(String::new(), |text, byte| format!("{text}{byte:02x}"))
}

/// A key as `age-keygen` writes it: comments, and a line that is the key.
fn identity(text: &str, place: &Place) -> Result<Key, VaultError> {
    let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    let key = lines.next().and_then(|line| line.parse().ok());
    key.map(Key::Identity).ok_or_else(|| VaultError::BadKey { place: place.to_string() })
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
