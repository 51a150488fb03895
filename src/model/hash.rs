//! Stable 63-bit hashes: what identifies a row, and what tells that its content changed.
//!
//! XXH3 over a canonical byte form, seeded by nothing, so that the same record gives the same
//! number on every machine and in every year. 63 bits keep the number inside a signed BIGINT,
//! which every engine over the lake can read; two of a million rows collide with p < 1e-7, and
//! the loader compares the table's own columns before it believes a match.

use xxhash_rust::xxh3::Xxh3;

use super::record::CellRef;
use super::text::fold_label;

/// Accumulates the key of one row.
pub struct KeyHash {
    state: Xxh3,
}

impl KeyHash {
    /// Starts the key of a row of `table`.
    pub fn of_table(table: &str) -> Self {
        let mut state = Xxh3::new();
        state.update(table.as_bytes());
        Self { state }
    }

    /// Adds a value; texts are folded first, so that re-encoded and re-spaced exports meet.
    pub fn add(&mut self, cell: CellRef<'_>) {
        match cell {
            CellRef::Text(text) => {
                self.state.update(b"t");
                self.state.update(fold_label(text).as_bytes());
            }
            other => add_exact(&mut self.state, other),
        }
    }

    /// The number, always positive.
    pub fn finish(self) -> i64 {
        positive(self.state.digest())
    }
}

/// The id of a row that is the `rank`-th (from 0) of its document with the key hash `key`.
pub fn ranked(key: i64, rank: u32) -> i64 {
    if rank == 0 {
        return key;
    }
    let mut state = Xxh3::new();
    state.update(&key.to_le_bytes());
    state.update(&rank.to_le_bytes());
    positive(state.digest())
}

/// Hash of a row's whole content: differs whenever any cell differs.
pub fn content(cells: &[CellRef<'_>]) -> i64 {
    let mut state = Xxh3::new();
    for cell in cells {
        match cell {
            CellRef::Text(text) => {
                state.update(b"t");
                state.update(text.as_bytes());
                state.update(&[0]);
            }
            other => add_exact(&mut state, *other),
        }
    }
    positive(state.digest())
}

fn add_exact(state: &mut Xxh3, cell: CellRef<'_>) {
    match cell {
        CellRef::Null => state.update(b"n"),
        CellRef::Text(text) => state.update(text.as_bytes()),
        CellRef::Date(date) => {
            state.update(b"d");
            state.update(&date.year().to_le_bytes());
            state.update(&[date.month().cast_unsigned(), date.day().cast_unsigned()]);
        }
        CellRef::Timestamp(at) => {
            add_exact(state, CellRef::Date(at.date()));
            state.update(&[at.hour().cast_unsigned(), at.minute().cast_unsigned(), at.second().cast_unsigned()]);
            state.update(&at.subsec_nanosecond().to_le_bytes());
        }
        CellRef::Decimal(decimal) => {
            let plain = decimal.normalize();
            state.update(b"m");
            state.update(&plain.mantissa().to_le_bytes());
            state.update(&plain.scale().to_le_bytes());
        }
        CellRef::Integer(number) => {
            state.update(b"i");
            state.update(&number.to_le_bytes());
        }
        CellRef::Boolean(flag) => state.update(&[b'b', u8::from(flag)]),
        CellRef::Double(number) => {
            state.update(b"f");
            state.update(&number.to_bits().to_le_bytes());
        }
    }
}

fn positive(digest: u64) -> i64 {
    (digest >> 1).cast_signed()
}
