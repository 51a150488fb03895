//! Tables that are looked up by folded words: a label asks some forty times, and the standard
//! hash, made to withstand chosen keys, would take half of its time. These keys are the rules'.

use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasherDefault, Hasher};

pub(super) type WordMap<V> = HashMap<String, V, BuildHasherDefault<WordHasher>>;
pub(super) type WordSet = HashSet<String, BuildHasherDefault<WordHasher>>;

/// FNV-1a, 64 bits.
#[derive(Debug, Clone, Copy)]
pub(super) struct WordHasher(u64);

impl Default for WordHasher {
    fn default() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }
}

impl Hasher for WordHasher {
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }

    fn finish(&self) -> u64 {
        self.0
    }
}
