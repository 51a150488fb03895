//! What a run leaves to the next one of its source: `state/<source>.json`.
//!
//! Nothing here is truth: without it everything is asked for again. It holds no secret.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// See the module.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct State {
    /// Where to go on, by step and account.
    pub cursors: BTreeMap<String, String>,
    /// What an address said of its content, by address.
    pub validators: BTreeMap<String, Validator>,
    /// Days that came, by step and account: in order, apart from each other.
    pub covered: BTreeMap<String, Vec<Days>>,
    /// The objects of each collection: the tag that each had, by its path.
    pub objects: BTreeMap<String, BTreeMap<String, Object>>,
    /// Until when the service lets us in.
    pub consent_until: Option<Timestamp>,
    /// When something new last came.
    pub came_at: Option<Timestamp>,
    /// Calls made of late, by what they count for: what a budget is held against.
    pub calls: BTreeMap<String, Vec<Timestamp>>,
}

/// What makes a request conditional (RFC 9110 §8.8).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Validator {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub etag: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_modified: Option<String>,
}

/// An object of a collection, as it was last seen.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Object {
    /// As the server writes it, or the hash of the bytes where it writes none.
    pub etag: String,
    /// The UID inside, which tells what has gone when the object has.
    pub uid: String,
}

/// Days, both ends inclusive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Days {
    pub from: Date,
    pub to: Date,
}

impl State {
    /// What stays of a run whose documents did not come in: earlier state, and what was spent.
    pub fn spent(self, earlier: &Self) -> Self {
        Self { calls: self.calls, consent_until: self.consent_until, ..earlier.clone() }
    }
}
