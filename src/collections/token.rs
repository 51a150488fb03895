//! Sync tokens (RFC 6578 §6.2): which collection, after how many changes, and which changes these
//! were.
//!
//! `urn:moisson:sync:<id>/<seq>-<mark>`. The mark is drawn from all changes up to there: when a
//! home was put back from an older copy and went on from there, a token of the time that is gone
//! does not fit, even when its number does.

use std::fmt;

use xxhash_rust::xxh3::xxh3_64_with_seed;

/// A token, read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// The collection's id.
    pub id: String,
    /// Number of changes.
    pub seq: u64,
    pub mark: u32,
}

const PREFIX: &str = "urn:moisson:sync:";

impl Token {
    /// Reads a token; none when it is none of ours.
    pub fn parse(text: &str) -> Option<Self> {
        let (id, rest) = text.trim().strip_prefix(PREFIX)?.split_once('/')?;
        let (seq, mark) = rest.split_once('-')?;
        Some(Self { id: id.to_owned(), seq: seq.parse().ok()?, mark: u32::from_str_radix(mark, 16).ok()? })
    }
}

impl fmt::Display for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{PREFIX}{}/{}-{:08x}", self.id, self.seq, self.mark)
    }
}

/// The mark after one more change.
pub(super) fn mark(before: u32, name: &str, sha256: &str) -> u32 {
    let named = xxh3_64_with_seed(name.as_bytes(), u64::from(before));
    let hash = xxh3_64_with_seed(sha256.as_bytes(), named);
    u32::try_from(hash >> 32).unwrap_or_default()
}

/// An id that no collection ever had: 128 random bits.
pub(super) fn new_id() -> String {
    let mut bytes = [0_u8; 16];
    // Without the system's randomness the clock still tells collections apart.
    if getrandom::fill(&mut bytes).is_err() {
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
        bytes = now.as_nanos().to_le_bytes();
    }
    format!("{:032x}", u128::from_be_bytes(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_come_back() {
        let token = Token { id: new_id(), seq: 12, mark: mark(0, "a.ics", "00") };
        assert_eq!(Token::parse(&token.to_string()), Some(token));
        for wrong in ["", "data:,1", "urn:moisson:sync:a", "urn:moisson:sync:a/1", "urn:moisson:sync:a/-1-00", "0"] {
            assert_eq!(Token::parse(wrong), None, "{wrong}");
        }
        assert_ne!(new_id(), new_id());
    }
}
