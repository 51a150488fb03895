//! What earlier runs saw of a calendar.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::super::http::Response;
use super::super::state::{State, Validator};
use super::PATIENCE;
use super::body::Body;

/// See the module.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Seen {
    /// Stands among the validators of the source.
    #[serde(skip)]
    pub validator: Validator,
    pub fingerprint: Option<String>,
    pub n_objects: u64,
    /// Since when it is empty, or has lost most of its entries.
    pub empty_since: Option<Timestamp>,
    /// How long it says that it stays as it is, in seconds.
    pub stays_for_s: Option<i64>,
    /// Not before then is it worth asking again.
    pub again_at: Option<Timestamp>,
}

impl Seen {
    /// What is known of the calendar of that key: nothing at first, and of another address.
    pub fn of(state: &State, key: &str) -> Self {
        let seen = state.cursors.get(key).and_then(|text| serde_json::from_str(text).ok());
        Self { validator: state.validators.get(key).cloned().unwrap_or_default(), ..seen.unwrap_or_default() }
    }

    /// Leaves it to the next run, in place of what was known of another address.
    pub fn keep(self, state: &mut State, key: &str) {
        state.cursors = serde_json::to_string(&self).map(|text| (key.to_owned(), text)).into_iter().collect();
        state.validators = [(key.to_owned(), self.validator)].into();
    }

    /// Takes in what an answer says that is now the calendar.
    pub fn learn(&mut self, answer: &Response, body: &Body, now: Timestamp) {
        let header = |name: &str| answer.header(name).map(str::to_owned);
        self.validator = Validator { etag: header("etag"), last_modified: header("last-modified") };
        self.fingerprint = Some(body.fingerprint.clone());
        self.n_objects = body.n_objects;
        self.empty_since = None;
        self.stays_for_s = body.stays_for.map(|time| time.as_secs());
        self.wait_from(now);
    }

    /// It is as it says from now on.
    pub fn wait_from(&mut self, now: Timestamp) {
        let wait = self.stays_for_s.map(|s| SignedDuration::from_secs(s * PATIENCE.0 / PATIENCE.1));
        self.again_at = wait.and_then(|wait| now.checked_add(wait).ok());
    }
}
