//! The rules that are data for more than one room: texts only, read by the room that owns them.

use xxhash_rust::xxh3::Xxh3;

/// How bank labels are read: `label` compiles it.
pub const LABELS: &str = include_str!("../../connectors/labels.toml");
/// What things are spent on: `label` compiles it.
pub const CATEGORIES: &str = include_str!("../../connectors/categories.toml");
/// Raised when the code that reads labels gives another result with the same rules.
const READER: u32 = 1;

/// What tells two versions of the rules apart: rows that were read by others are read anew.
pub fn fingerprint() -> u64 {
    let mut state = Xxh3::new();
    for text in [LABELS, CATEGORIES] {
        state.update(text.as_bytes());
        state.update(&[0]);
    }
    state.update(&READER.to_le_bytes());
    state.digest()
}
