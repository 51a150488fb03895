//! When each device came last, and from where: `state/devices.json`.
//!
//! A convenience for people, not a record: it is kept in memory and written once a minute at
//! most, and what a crash takes of it is not missed.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::path::{Path, PathBuf};

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::file;

const AT_MOST_EVERY: SignedDuration = SignedDuration::from_secs(60);

/// The last time that a device came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Used {
    pub at: Timestamp,
    pub address: IpAddr,
}

type ById = BTreeMap<String, Used>;

/// What is known, and what of it is in the file.
#[derive(Debug)]
pub struct Notes {
    path: PathBuf,
    known: ById,
    written_at: Option<Timestamp>,
    is_new: bool,
}

impl Notes {
    pub fn open(path: &Path) -> Self {
        Self { path: path.to_owned(), known: read(path), written_at: None, is_new: false }
    }

    pub fn note(&mut self, id: &str, now: Timestamp, address: IpAddr) {
        let used = Used { at: now, address };
        match self.known.get_mut(id) {
            Some(known) => *known = used,
            None => drop(self.known.insert(id.to_owned(), used)),
        }
        self.is_new = true;
        // A clock that was set back must not keep it from being written.
        let is_recent = |at: Timestamp| at.duration_until(now).abs() < AT_MOST_EVERY;
        if !self.written_at.is_some_and(is_recent) {
            self.written_at = Some(now);
            self.flush();
        }
    }

    /// The later of what is known here and what the file says.
    pub fn used(&self, id: &str) -> Option<Used> {
        let known = self.known.get(id).copied();
        known.into_iter().chain(read(&self.path).get(id).copied()).max_by_key(|used| used.at)
    }

    pub fn flush(&mut self) {
        if !std::mem::take(&mut self.is_new) {
            return;
        }
        let bytes = serde_json::to_vec(&self.known).expect("instants and addresses can be written as JSON");
        let written = file::make_folder_of(&self.path).map_err(|error| error.to_string());
        if let Err(error) =
            written.and_then(|()| file::put(&self.path, &bytes, false).map_err(|error| error.to_string()))
        {
            tracing::warn!(%error, "when devices came is not written down");
        }
    }
}

/// A cache that cannot be read is an empty one.
fn read(path: &Path) -> ById {
    std::fs::read(path).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok()).unwrap_or_default()
}
