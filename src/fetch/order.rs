//! What a fetch is asked for, and what comes of it.

use std::path::PathBuf;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::http::Client;
use crate::config::{Network, Source};
use crate::connector::Service;
use crate::model::run::{Class, Part, Said};
use crate::vault::Vault;

/// One source to fetch.
pub struct Order<'a> {
    pub source: &'a Source,
    pub service: &'a Service,
    /// Days are those of this zone.
    pub zone: &'a TimeZone,
    pub now: Timestamp,
    pub network: &'a Network,
    pub vault: &'a Vault,
    pub client: &'a Client,
    /// A person who can be asked for a one-time code; `None` when nobody is there.
    pub person: Option<&'a dyn Ask>,
}

/// Somebody who can be asked.
pub trait Ask: Sync {
    /// What they answer to a question such as "the code of the SMS"; `None` if nothing.
    fn ask(&self, question: &Said, is_secret: bool) -> Option<String>;
    /// Shows them something to do, such as a page to open and a code to type there.
    fn tell(&self, what: &Said, link: Option<&str>);
}

/// What came.
#[derive(Debug, Default)]
pub struct Harvest {
    pub documents: Vec<Fetched>,
    /// Accounts, steps or collections that failed while others came.
    pub failed: Vec<Part>,
    /// Answers, from the network, to how many requests, and their bytes.
    pub n_requests: u32,
    pub n_bytes: u64,
    /// Calls left in the service's budget, when that is known.
    pub quota_left: Option<u32>,
    /// What is there and comes with a later run: files still being written, and what went past
    /// what one run may take.
    pub later: Vec<String>,
    /// What to do once the documents are in, by [`super::folder::finish`].
    pub after: Vec<After>,
}

/// Something to do when the documents are in, and not before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum After {
    /// A file goes into a folder of the same file system, unless it has changed since.
    Move {
        from: PathBuf,
        into: PathBuf,
        /// What it was when it was read: [`super::folder`] writes it and compares it.
        stamp: String,
    },
}

/// A document that came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fetched {
    /// Its name, which says what its bytes do not: the account, the days asked for.
    pub name: String,
    pub bytes: Vec<u8>,
    /// When what it says was true.
    pub as_of: Timestamp,
    /// Where it came from, for people: an address without anything secret, or a path.
    pub origin: String,
    /// The connectors that may read it; any when empty.
    pub connectors: Vec<String>,
}

/// Why nothing came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    pub class: Class,
    /// What happened and what to do; nothing secret.
    pub message: Said,
    /// Where a person does it.
    pub link: Option<String>,
    /// Not before then is it worth another try.
    pub retry_at: Option<Timestamp>,
}

impl Failure {
    pub fn new(class: Class, message: Said) -> Self {
        Self { class, message, link: None, retry_at: None }
    }

    /// The place where a person mends it.
    pub fn link(mut self, link: impl Into<String>) -> Self {
        self.link = Some(link.into());
        self
    }

    /// The instant before which no try is worth it.
    pub fn retry_at(mut self, at: Option<Timestamp>) -> Self {
        self.retry_at = at;
        self
    }
}
