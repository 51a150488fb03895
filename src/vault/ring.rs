//! The keyring of the operating system: Secret Service, Keychain, Credential Manager.
//!
//! It holds the key of the vault, never the secrets themselves, and only where the program was
//! built with the feature `keyring`. A keyring that is locked may ask its owner to unlock it; one
//! that is not there, as on most servers, is an error and nothing else is used in its place.

use secrecy::SecretString;

use super::VaultError;

/// A keyring.
#[derive(Clone)]
pub enum Ring {
    System,
    #[cfg(test)]
    Memory(std::sync::Arc<std::sync::Mutex<std::collections::BTreeMap<String, SecretString>>>),
}

impl Ring {
    /// What is kept under a name.
    pub fn read(&self, name: &str) -> Result<Option<SecretString>, VaultError> {
        match self {
            Self::System => system::read(name),
            #[cfg(test)]
            Self::Memory(kept) => Ok(kept.lock().expect("alone").get(name).cloned()),
        }
    }

    pub fn write(&self, name: &str, text: &SecretString) -> Result<(), VaultError> {
        match self {
            Self::System => system::write(name, text),
            #[cfg(test)]
            Self::Memory(kept) => {
                kept.lock().expect("alone").insert(name.to_owned(), text.clone());
                Ok(())
            }
        }
    }

    /// Nothing under that name is nothing wrong.
    pub fn remove(&self, name: &str) -> Result<(), VaultError> {
        match self {
            Self::System => system::remove(name),
            #[cfg(test)]
            Self::Memory(kept) => {
                kept.lock().expect("alone").remove(name);
                Ok(())
            }
        }
    }
}

#[cfg(feature = "keyring")]
mod system {
    use keyring::{Entry, Error};
    use secrecy::{ExposeSecret as _, SecretString};

    use crate::vault::VaultError;
    use crate::vault::error::Silence;

    /// What the entries of this program are filed under.
    const SERVICE: &str = "moisson";

    pub fn read(name: &str) -> Result<Option<SecretString>, VaultError> {
        match entry(name)?.get_password() {
            Ok(text) => Ok(Some(text.into())),
            Err(Error::NoEntry) => Ok(None),
            Err(error) => Err(failed(&error)),
        }
    }

    pub fn write(name: &str, text: &SecretString) -> Result<(), VaultError> {
        entry(name)?.set_password(text.expose_secret()).map_err(|error| failed(&error))
    }

    pub fn remove(name: &str) -> Result<(), VaultError> {
        match entry(name)?.delete_credential() {
            Ok(()) | Err(Error::NoEntry) => Ok(()),
            Err(error) => Err(failed(&error)),
        }
    }

    fn entry(name: &str) -> Result<Entry, VaultError> {
        Entry::new(SERVICE, name).map_err(|error| match Entry::store_status() {
            Err(why) => failed(why),
            Ok(()) => failed(&error),
        })
    }

    /// The words of some errors hold what was read: only their kind is told.
    fn failed(error: &Error) -> VaultError {
        let why = match error {
            Error::NoStorageAccess(_) => Silence::Locked,
            Error::NoDefaultStore | Error::PlatformFailure(_) => Silence::Absent,
            Error::Ambiguous(_) => Silence::Ambiguous,
            _ => Silence::Unreadable,
        };
        VaultError::Keyring { why }
    }
}

#[cfg(not(feature = "keyring"))]
mod system {
    use secrecy::SecretString;

    use crate::vault::VaultError;

    pub fn read(_: &str) -> Result<Option<SecretString>, VaultError> {
        Err(VaultError::NoKeyring)
    }

    pub fn write(_: &str, _: &SecretString) -> Result<(), VaultError> {
        Err(VaultError::NoKeyring)
    }

    pub fn remove(_: &str) -> Result<(), VaultError> {
        Err(VaultError::NoKeyring)
    }
}
