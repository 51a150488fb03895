//! Counting the equal rows of one document, so that two identical purchases stay two.

use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasherDefault, Hasher};

/// How often each key was given so far.
///
/// Nearly every key of a bank file comes once, so the first sight costs a bare number: about
/// 20 MB for a million rows.
#[derive(Default)]
pub struct Ranks {
    seen: HashSet<i64, BuildHasherDefault<AlreadyHashed>>,
    again: HashMap<i64, u32, BuildHasherDefault<AlreadyHashed>>,
}

impl Ranks {
    /// The rank of one more row of `key` among its equals: 0 for the first.
    pub fn next(&mut self, key: i64) -> u32 {
        if self.seen.insert(key) {
            return 0;
        }
        let rank = self.again.entry(key).or_insert(0);
        *rank += 1;
        *rank
    }

    /// Whether any key was given more than once.
    pub fn has_equals(&self) -> bool {
        !self.again.is_empty()
    }
}

/// Keys are hashes already: hashing them again would be waste.
#[derive(Default)]
struct AlreadyHashed(u64);

impl Hasher for AlreadyHashed {
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }

    fn write_i64(&mut self, key: i64) {
        // The table reads the top bits too, and the sign bit of a key is always clear.
        self.0 = key.cast_unsigned().rotate_left(17);
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_rows_are_counted() {
        let mut ranks = Ranks::default();
        assert_eq!([ranks.next(7), ranks.next(8), ranks.next(7), ranks.next(7)], [0, 0, 1, 2]);
        assert!(ranks.has_equals());
    }
}
