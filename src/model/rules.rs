//! The rules that are data for more than one room: texts, read by the room that owns them, and the
//! tree of categories, which queries read too.

use std::sync::LazyLock;

use serde::Deserialize;
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

/// A node of the tree of categories.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Category {
    /// `housing.energy`: what stands before the point is the parent.
    pub code: String,
    /// Division or group of COICOP 2018; nothing for what is no consumption.
    pub coicop: Option<String>,
    pub en: String,
    pub fr: String,
}

/// The part of the file that holds the tree.
#[derive(Deserialize)]
struct Tree {
    categories: Vec<Category>,
}

static TREE: LazyLock<Vec<Category>> =
    LazyLock::new(|| toml::from_str::<Tree>(CATEGORIES).map(|tree| tree.categories).unwrap_or_default());

/// The tree, parents before children; empty only when the file is broken, which a test refuses.
pub fn categories() -> &'static [Category] {
    &TREE
}

impl Category {
    /// The code of the category that it is part of.
    pub fn parent(&self) -> Option<&str> {
        self.code.rsplit_once('.').map(|(parent, _)| parent)
    }
}
