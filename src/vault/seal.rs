//! Secrets to bytes and back: a JSON object, encrypted as an age file (age-encryption.org/v1).

use std::collections::BTreeMap;

use age::{DecryptError, Decryptor, scrypt, x25519};
use secrecy::zeroize::Zeroizing;
use secrecy::{ExposeSecret as _, SecretString};

use super::Secrets;

/// What opens a vault.
#[derive(Clone)]
pub enum Key {
    Identity(x25519::Identity),
    Passphrase(SecretString),
}

/// Why bytes were not opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Closed {
    /// With this key; perhaps with another.
    WrongKey,
    Damaged,
}

/// Work of a passphrase, as the power of two that scrypt takes (RFC 7914 §2): 128 MiB, a fraction
/// of a second. It is always the same, so that a slow machine does not weaken it.
const WORK: u8 = 17;
/// Most work that is done for a file that says it needs more.
const MOST_WORK: u8 = 20;

/// Encrypts secrets.
pub fn seal(secrets: &Secrets, key: &Key) -> std::io::Result<Vec<u8>> {
    let plain: BTreeMap<&str, &str> =
        secrets.iter().map(|(name, secret)| (name.as_str(), secret.expose_secret())).collect();
    let plain = Zeroizing::new(serde_json::to_vec(&plain).map_err(std::io::Error::other)?);
    let sealed = match key {
        Key::Identity(identity) => age::encrypt(&identity.to_public(), &plain),
        Key::Passphrase(passphrase) => {
            let mut recipient = scrypt::Recipient::new(passphrase.clone());
            recipient.set_work_factor(WORK);
            age::encrypt(&recipient, &plain)
        }
    };
    sealed.map_err(std::io::Error::other)
}

/// Decrypts what [`seal`] has made.
pub fn open(bytes: &[u8], key: &Key) -> Result<Secrets, Closed> {
    let plain = match key {
        Key::Identity(identity) => age::decrypt(identity, bytes),
        Key::Passphrase(passphrase) => {
            let mut identity = scrypt::Identity::new(passphrase.clone());
            identity.set_max_work_factor(MOST_WORK);
            age::decrypt(&identity, bytes)
        }
    };
    let plain = Zeroizing::new(plain.map_err(|error| closed(&error))?);
    let secrets: BTreeMap<String, String> = serde_json::from_slice(&plain).map_err(|_| Closed::Damaged)?;
    Ok(secrets.into_iter().map(|(name, secret)| (name, SecretString::from(secret))).collect())
}

/// Whether a passphrase opens it, not a key.
pub fn wants_passphrase(bytes: &[u8]) -> Result<bool, Closed> {
    Decryptor::new_buffered(bytes).map(|file| file.is_scrypt()).map_err(|_| Closed::Damaged)
}

fn closed(error: &DecryptError) -> Closed {
    match error {
        DecryptError::NoMatchingKeys | DecryptError::KeyDecryptionFailed | DecryptError::DecryptionFailed => {
            Closed::WrongKey
        }
        // A changed header may say anything of the work it needs.
        _ => Closed::Damaged,
    }
}
