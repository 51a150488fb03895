//! Runs: what became of each time a source was fetched.
//!
//! They are told in a log of their own beside the journal, and become the rows of `landing.runs`.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// How a run ended: whose turn it is to do something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Class {
    /// Something new came in.
    Ok,
    /// Nothing new.
    OkEmpty,
    /// Some accounts or documents came in, others failed.
    Partial,
    /// The network or the service failed: tried again by itself.
    Retry,
    /// The service takes no more calls for now.
    Quota,
    /// Only a person can mend it: a login, a code, a consent, terms to accept.
    User,
    /// The page or the document is no longer as it was.
    Changed,
    /// The source is set wrongly, or a secret is missing.
    Config,
    /// It came in, but less than what was expected, or a check failed.
    Expectation,
}

impl Class {
    /// As it is written and stored.
    pub fn code(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::OkEmpty => "ok_empty",
            Self::Partial => "partial",
            Self::Retry => "retry",
            Self::Quota => "quota",
            Self::User => "user",
            Self::Changed => "changed",
            Self::Config => "config",
            Self::Expectation => "expectation",
        }
    }

    /// Whether automatic runs go on at their next slot.
    pub fn goes_on(self) -> bool {
        match self {
            Self::Ok | Self::OkEmpty | Self::Partial | Self::Expectation | Self::Retry | Self::Quota => true,
            Self::User | Self::Changed | Self::Config => false,
        }
    }

    /// Whether documents came in as they should.
    pub fn is_good(self) -> bool {
        matches!(self, Self::Ok | Self::OkEmpty | Self::Partial | Self::Expectation)
    }
}

/// Why a run was started.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Trigger {
    /// Its slot came.
    Scheduled,
    /// Slots went by while nobody was there; they are made up for once.
    CatchUp,
    /// An earlier run failed for a while.
    Retry,
    /// A source that it waits for has run.
    After,
    /// Somebody asked for it.
    Asked,
    /// A file appeared.
    Watched,
}

/// A run that has begun. One that is never told to have ended was cut short.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Started {
    pub source: String,
    pub trigger: Trigger,
    /// The slot of the schedule that it stands for, before jitter.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub slot: Option<Timestamp>,
    pub started_at: Timestamp,
}

/// A run that has ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Run {
    pub source: String,
    pub trigger: Trigger,
    /// See [`Started::slot`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub slot: Option<Timestamp>,
    pub started_at: Timestamp,
    pub ended_at: Timestamp,
    pub outcome: Class,
    /// What happened and what to do, for people.
    pub message: Said,
    /// Where a person does it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
    /// Not before then is it worth another try.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_at: Option<Timestamp>,
    /// Until when the service lets us in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub consent_until: Option<Timestamp>,
    /// Calls left in the service's budget.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quota_left: Option<u32>,
    pub n_documents: u32,
    pub rows_new: u64,
    pub rows_known: u64,
    pub rows_amended: u64,
    pub rows_rejected: u64,
    pub n_requests: u32,
    /// Bytes of the answers' bodies, as they came over the wire where that is known.
    pub n_bytes: u64,
    /// Accounts and steps that failed while others came in.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub failed: Vec<Part>,
}

/// A part of a run that failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// The account, collection or step.
    pub name: String,
    pub outcome: Class,
    pub message: Said,
}

/// A sentence in both languages. It never holds a secret, a label, a number or an amount.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Said {
    pub en: String,
    pub fr: String,
}

impl Said {
    pub fn new(en: impl Into<String>, fr: impl Into<String>) -> Self {
        Self { en: en.into(), fr: fr.into() }
    }
}

/// A person paused a source, or let it run again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Paused {
    pub source: String,
    pub is_paused: bool,
}

/// How a source is set, told when it is first seen and each time that has changed: slots count
/// from the first, and a source that stopped may run again after another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Defined {
    pub source: String,
    /// A hash of its settings and of its connector; nothing can be read from it.
    pub setting: String,
}

/// Somebody was told something, and is not told it again.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Told {
    pub source: String,
    pub what: What,
    /// Which time of that kind: when the source stopped, began to fail, or when its consent ends.
    pub about: Timestamp,
}

/// What somebody is told of a source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum What {
    /// It does not run by itself any more.
    Stopped,
    /// It fails again and again, and goes on trying.
    Failing,
    /// It came in again after that.
    Works,
    /// Its consent ends within 14 days.
    ConsentSoon,
    /// Its consent ends within 3 days.
    ConsentNow,
    /// Its consent is over.
    ConsentOver,
    /// Something was expected and did not come.
    Expectation,
    /// It is time to fetch it, and somebody has to be there.
    Wanted,
}
