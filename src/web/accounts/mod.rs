//! Who may come in: app passwords, one a device, each with what it may see and do.
//!
//! They stand in `devices.json` in the data folder, which the command line and the process that
//! serves share without talking: whoever changes it takes a lock and replaces it whole, and
//! whoever reads it looks at its time and inode first. Passwords are made here and never chosen
//! by people, which is why they are told apart by one round of SHA-256 with a salt: a slow hash
//! protects words that can be guessed, and 140 random bits cannot. A check costs microseconds,
//! and clients make one with every request.
//!
//! What a device may do is said here and held to by whoever serves it. Addresses and guesses are
//! counted elsewhere ([`super::limiter`]).

mod device;
mod error;
mod file;
mod password;
mod used;

use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Duration;

use jiff::Timestamp;
use secrecy::SecretString;

pub use device::{Access, Device, Scope, Service};
pub use error::AccountError;
pub use used::Used;

pub(super) use file::put;
pub(super) use password::{hex, is_same};

use file::{Book, Stamp};
use used::Notes;

/// The most devices that are kept, revoked ones among them.
const MOST_DEVICES: usize = 200;
/// How long another process may take to change them.
const LONGEST_WAIT: Duration = Duration::from_secs(5);
/// The longest name of a device, in characters.
const LONGEST_NAME: usize = 64;

/// The devices of a household, as the file has them now.
#[derive(Debug)]
pub struct Accounts {
    path: PathBuf,
    user: String,
    loaded: RwLock<Loaded>,
    notes: Mutex<Notes>,
}

/// What was read last, and of which state of the file.
#[derive(Debug, Default)]
struct Loaded {
    stamp: Option<Stamp>,
    devices: Arc<[Arc<Device>]>,
}

/// A device that was just made, with the only copy of its password.
#[derive(Debug)]
pub struct Added {
    pub device: Arc<Device>,
    pub password: SecretString,
}

impl Accounts {
    /// The accounts of the data folder. `user` is the name that every device logs in with.
    pub fn open(data: &Path, user: &str) -> Self {
        Self {
            path: data.join("devices.json"),
            user: user.to_owned(),
            loaded: RwLock::default(),
            notes: Mutex::new(Notes::open(&data.join("state").join("devices.json"))),
        }
    }

    /// The name that every device logs in with.
    pub fn user(&self) -> &str {
        &self.user
    }

    /// The device with this password, unless it was revoked. The user's name is taken in any
    /// case, the password with or without its hyphens.
    pub fn check(&self, user: &str, password: &str) -> Option<Arc<Device>> {
        self.known(user, password).filter(|device| !device.is_revoked())
    }

    /// The device that has, or had, this password: one that was revoked and goes on trying makes
    /// no guesses.
    ///
    /// Every device is compared, each in constant time. A file that cannot be read lets nobody in.
    pub fn known(&self, user: &str, password: &str) -> Option<Arc<Device>> {
        let devices = self.current().inspect_err(|error| tracing::error!(%error, "nobody can log in")).ok()?;
        let plain = password::plain(password);
        let is_user = user.trim().to_lowercase() == self.user.to_lowercase();
        let fitting =
            devices.iter().fold(None, |found, device| if device.secret.fits(&plain) { Some(device) } else { found });
        fitting.filter(|_| is_user).cloned()
    }

    /// All devices, in the order in which they were added.
    pub fn devices(&self) -> Result<Arc<[Arc<Device>]>, AccountError> {
        self.current()
    }

    /// Makes a device and its password. A name that a revoked device had is free again. From a
    /// thread that may wait, as with all that changes devices.
    pub fn add(&self, name: &str, scope: Scope, now: Timestamp) -> Result<Added, AccountError> {
        let name = checked(name)?;
        let (device, password) = Device::new(name, scope, now)?;
        self.change(|book| {
            // One that was revoked stays: its password must not become a stranger's guess.
            if book.devices.iter().any(|known| !known.is_revoked() && known.is_called(&device.name)) {
                return Err(AccountError::Taken { name: device.name.clone() });
            }
            make_room(&mut book.devices);
            if book.devices.len() >= MOST_DEVICES {
                return Err(AccountError::TooMany { most: MOST_DEVICES });
            }
            book.devices.push(device.clone());
            Ok(())
        })?;
        Ok(Added { device: Arc::new(device), password })
    }

    /// Revokes a device by its name, in any case. `false`: there is none that was not revoked yet.
    pub fn revoke(&self, name: &str, now: Timestamp) -> Result<bool, AccountError> {
        self.revoke_where(now, |device| device.is_called(name.trim()))
    }

    /// The same by its id.
    pub fn revoke_id(&self, id: &str, now: Timestamp) -> Result<bool, AccountError> {
        self.revoke_where(now, |device| device.id == id)
    }

    /// Remembers that a device came, from where; written down once a minute at most.
    pub fn note(&self, device: &Device, now: Timestamp, address: IpAddr) {
        self.notes().note(&device.id, now, address);
    }

    /// When a device was used last; what another process wrote down counts too.
    pub fn used(&self, device: &Device) -> Option<Used> {
        self.notes().used(&device.id)
    }

    /// Writes down what [`Accounts::note`] has not yet.
    pub fn flush(&self) {
        self.notes().flush();
    }

    fn revoke_where(&self, now: Timestamp, fits: impl Fn(&Device) -> bool) -> Result<bool, AccountError> {
        let mut is_found = false;
        self.change(|book| {
            for device in book.devices.iter_mut().filter(|device| !device.is_revoked() && fits(device)) {
                device.revoked_at = Some(now);
                is_found = true;
            }
            Ok(())
        })?;
        Ok(is_found)
    }

    fn change(&self, change: impl FnOnce(&mut Book) -> Result<(), AccountError>) -> Result<(), AccountError> {
        let _lock = file::lock(&self.path, LONGEST_WAIT)?;
        let mut book = file::read(&self.path)?;
        change(&mut book)?;
        file::replace(&self.path, &book)
    }

    /// The devices, read anew when the file is not the one that was read.
    fn current(&self) -> Result<Arc<[Arc<Device>]>, AccountError> {
        let stamp = file::stamp(&self.path)?;
        {
            let loaded = self.loaded.read().unwrap_or_else(PoisonError::into_inner);
            if loaded.stamp == stamp {
                return Ok(loaded.devices.clone());
            }
        }
        // The stamp is taken before the bytes: a change in between is read again at the next look.
        let devices: Arc<[Arc<Device>]> = file::read(&self.path)?.devices.into_iter().map(Arc::new).collect();
        let mut loaded = self.loaded.write().unwrap_or_else(PoisonError::into_inner);
        *loaded = Loaded { stamp, devices: devices.clone() };
        Ok(devices)
    }

    fn notes(&self) -> std::sync::MutexGuard<'_, Notes> {
        self.notes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Forgets the devices that were revoked first, as far as there are too many.
fn make_room(devices: &mut Vec<Device>) {
    while devices.len() >= MOST_DEVICES {
        let revoked = devices.iter().enumerate().filter_map(|(at, device)| Some((device.revoked_at?, at)));
        let Some((_, oldest)) = revoked.min() else { return };
        devices.remove(oldest);
    }
}

/// A name that can be shown and typed.
fn checked(name: &str) -> Result<&str, AccountError> {
    let name = name.trim();
    let is_long = name.chars().count() > LONGEST_NAME;
    if name.is_empty() || is_long || name.chars().any(char::is_control) {
        return Err(AccountError::BadName { longest: LONGEST_NAME });
    }
    Ok(name)
}

#[cfg(test)]
mod tests;
