//! What is known of the collections of a source, as they were when both sides were the same.
//!
//! A cache: without it everything is told again from the journal.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::collections::{Collection, State, Token};

/// Stands in `state/<source>.mirror.json`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Known {
    /// The last line of the journal that was looked at.
    pub seq: u64,
    /// By path.
    pub collections: BTreeMap<String, Mirrored>,
}

/// One collection.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Mirrored {
    /// The id of the collection: another one at the same path was not filled by us.
    pub id: String,
    /// Its sync token when it was last looked at: a log that was put back from an older copy does
    /// not know it, and then nothing here says any more what people changed.
    pub token: String,
    pub slug: String,
    pub name: Option<String>,
    pub colour: Option<String>,
    /// The members that both sides have, by name.
    pub members: BTreeMap<String, Both>,
}

/// A version that both sides had.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Both {
    /// SHA-256 of the member's bytes.
    pub sha256: String,
    /// What the other side's version was held against: see `naming::essence`.
    pub essence: String,
    /// Its UID, else what stands for it: deleted members are known by nothing else.
    pub uid: String,
}

impl Known {
    /// Forgets collections that are not what they were, and how far the journal was read if one
    /// was forgotten or the journal is shorter than it was.
    pub fn held_against(mut self, state: &State, last: u64) -> Self {
        let n = self.collections.len();
        self.collections.retain(|path, it| state.collection(path).is_some_and(|collection| it.is_of(collection)));
        if self.collections.len() < n || self.seq > last {
            self.seq = 0;
        }
        self
    }
}

impl Mirrored {
    fn is_of(&self, collection: &Collection) -> bool {
        let token = Token::parse(&self.token);
        collection.id == self.id && token.is_some_and(|token| collection.changes(Some(&token), Some(0)).is_some())
    }
}
