//! Passwords: made, compared, and what is kept of them.
//!
//! 28 signs of Crockford's base 32 (no i, l, o, u), 140 random bits, in groups of four. What is
//! typed may lack the hyphens, be in capitals, or have an o for a zero.

use secrecy::zeroize::Zeroizing;
use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::error::AccountError;

const SIGNS: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
const N_SIGNS: usize = 28;
const GROUP: usize = 4;
/// Nothing that is longer can be a password, whatever stands between its signs.
const LONGEST: usize = 256;

/// What a password is known by: a random salt, and SHA-256 over the salt and the 28 signs.
#[derive(Clone, Serialize, Deserialize)]
pub struct Secret {
    salt: String,
    hash: String,
}

/// A new password: `k7qm-2x9f-…`, seven groups.
pub fn generate() -> Result<SecretString, AccountError> {
    let mut bytes = Zeroizing::new([0u8; N_SIGNS]);
    getrandom::fill(bytes.as_mut()).map_err(|_| AccountError::NoRandomness)?;
    let mut text = String::with_capacity(N_SIGNS + N_SIGNS / GROUP);
    for (at, byte) in bytes.iter().enumerate() {
        if at > 0 && at % GROUP == 0 {
            text.push('-');
        }
        // 256 is a multiple of 32: no sign is likelier than another.
        text.push(char::from(SIGNS[usize::from(byte % 32)]));
    }
    Ok(SecretString::from(text))
}

/// A random name of sixteen hexadecimal digits.
pub fn id() -> Result<String, AccountError> {
    let mut bytes = [0u8; 8];
    getrandom::fill(&mut bytes).map_err(|_| AccountError::NoRandomness)?;
    Ok(hex(&bytes))
}

/// A password as it is compared: without what stands between its signs, small, and with the
/// letters that look like digits read as these.
pub fn plain(typed: &str) -> Zeroizing<String> {
    let mut plain = Zeroizing::new(String::with_capacity(LONGEST));
    let typed = if typed.len() <= LONGEST { typed } else { "" };
    plain.extend(typed.chars().filter(|c| !c.is_whitespace() && *c != '-').map(|c| match c.to_ascii_lowercase() {
        'o' => '0',
        'i' | 'l' => '1',
        other => other,
    }));
    plain
}

impl Secret {
    pub fn of(password: &SecretString) -> Result<Self, AccountError> {
        let mut salt = [0u8; 16];
        getrandom::fill(&mut salt).map_err(|_| AccountError::NoRandomness)?;
        let salt = hex(&salt);
        let hash = hash(&salt, &plain(password.expose_secret()));
        Ok(Self { salt, hash })
    }

    /// Whether that is the password, in a time that does not tell how much of it is right.
    pub fn fits(&self, plain: &str) -> bool {
        let hash = hash(&self.salt, plain);
        is_same(hash.as_bytes(), self.hash.as_bytes())
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("Secret(…)")
    }
}

fn hash(salt: &str, plain: &str) -> String {
    let mut hasher = Sha256::new();
    hasher.update(salt.as_bytes());
    hasher.update(plain.as_bytes());
    hex(&hasher.finalize())
}

/// Whether two are equal, looking at all of both.
pub fn is_same(one: &[u8], other: &[u8]) -> bool {
    let differing =
        one.iter().zip(other).fold(0, |differing, (one, other)| std::hint::black_box(differing | (one ^ other)));
    one.len() == other.len() && differing == 0
}

/// Lower-case hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]).map(|digit| char::from(DIGITS[usize::from(digit)])).collect()
}
