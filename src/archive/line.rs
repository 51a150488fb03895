//! One line of the journal: what it says, and how it is written and checked.
//!
//! `{"seq":1,"at":"2026-11-21T10:00:00Z","kind":"document","payload":{…},"previous":"…","check":"…"}`
//! where `previous` is the SHA-256 of the bytes of the line before (64 zeros for the first) and
//! `check` the SHA-256 of this line's own bytes up to `,"check"`. The first chains the lines,
//! the second also guards the last of them.

use std::fmt;

use jiff::Timestamp;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::documents::hex;
use crate::model::collection::Change;
use crate::model::run::{Defined, Paused, Run, Started, Told};
use crate::model::said::{Choice, Verdict};

/// What the first line of all has for `previous`.
pub(super) const NO_LINE: &str = "0000000000000000000000000000000000000000000000000000000000000000";
const CHECK_KEY: &str = ",\"check\":\"";
/// Length of `,"check":"<64 digits>"}`.
const CHECK_BYTES: usize = CHECK_KEY.len() + 64 + 2;

/// Rank of a line in the journal: 1 for the first, without gaps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Seq(pub u64);

impl fmt::Display for Seq {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A journal line that was read back and checked.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    pub seq: Seq,
    /// When it was written, by the writer's clock.
    pub at: Timestamp,
    pub entry: Entry,
}

/// What can happen.
#[derive(Debug, Clone, PartialEq)]
pub enum Entry {
    /// A document came in.
    Document(Document),
    /// Somebody wrote something down; nothing is derived from it.
    Note(Note),
    /// Somebody confirmed or rejected a link.
    Verdict(Verdict),
    /// Somebody set a category, a name, a person, or what to hide or believe.
    Choice(Choice),
    /// A run of a source has begun. This and the next four stand in the log of runs.
    Started(Started),
    /// A run of a source has ended.
    Run(Box<Run>),
    /// Somebody paused a source, or let it go on.
    Paused(Paused),
    /// A source was set, or set otherwise.
    Defined(Defined),
    /// Somebody was told of a source.
    Told(Told),
    /// Something happened to a collection. It stands in the log of collections.
    Collection(Box<Change>),
    /// A kind that a newer version wrote: kept as it stands.
    Unknown { kind: String, payload: Value },
}

/// A document that came in, and everything about its coming that its bytes do not say.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Document {
    /// Its name in the archive.
    pub sha256: String,
    /// Number of bytes.
    pub size: u64,
    /// The name it came under, without folders.
    pub name: String,
    /// The instant at which what it states was true: the file's own time, or that of the fetch.
    #[serde(with = "instant")]
    pub as_of: Timestamp,
    /// The source of `moisson.toml` it belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// The connector the user asked for, in place of the one that would be recognised.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub connector: Option<String>,
    /// SHA-256 of the archive file (zip) it was in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<String>,
    /// Where it came from, for people: a path, an address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origin: Option<String>,
    /// What it may take away of what was there before; nothing when absent. It is decided when the
    /// document comes in, so that settings which change later change nothing of what it did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shows: Option<Shows>,
}

/// What a document of calendars or address books may take away of what older ones hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Shows {
    /// It shows the whole calendar or book: what it lacks is gone.
    Whole,
    /// A server's collection, as its first object tells; of those called `<this>/…` only.
    Collections(String),
}

/// Words for whoever reads the journal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    pub text: String,
}

impl Entry {
    fn kind(&self) -> &str {
        match self {
            Self::Document(_) => "document",
            Self::Note(_) => "note",
            Self::Verdict(_) => "verdict",
            Self::Choice(_) => "choice",
            Self::Started(_) => "started",
            Self::Run(_) => "run",
            Self::Paused(_) => "paused",
            Self::Defined(_) => "defined",
            Self::Told(_) => "told",
            Self::Collection(_) => "collection",
            Self::Unknown { kind, .. } => kind,
        }
    }

    fn payload(&self) -> serde_json::Result<Value> {
        match self {
            Self::Document(document) => serde_json::to_value(document),
            Self::Note(note) => serde_json::to_value(note),
            Self::Verdict(verdict) => serde_json::to_value(verdict),
            Self::Choice(choice) => serde_json::to_value(choice),
            Self::Started(started) => serde_json::to_value(started),
            Self::Run(run) => serde_json::to_value(run),
            Self::Paused(paused) => serde_json::to_value(paused),
            Self::Defined(defined) => serde_json::to_value(defined),
            Self::Told(told) => serde_json::to_value(told),
            Self::Collection(change) => serde_json::to_value(change),
            Self::Unknown { payload, .. } => Ok(payload.clone()),
        }
    }

    fn of(kind: String, payload: Value) -> serde_json::Result<Self> {
        match kind.as_str() {
            "document" => serde_json::from_value(payload).map(Self::Document),
            "note" => serde_json::from_value(payload).map(Self::Note),
            "verdict" => Ok(said(kind, payload, Self::Verdict)),
            "choice" => Ok(said(kind, payload, Self::Choice)),
            "started" => Ok(said(kind, payload, Self::Started)),
            "run" => Ok(said(kind, payload, |run| Self::Run(Box::new(run)))),
            "paused" => Ok(said(kind, payload, Self::Paused)),
            "defined" => Ok(said(kind, payload, Self::Defined)),
            "told" => Ok(said(kind, payload, Self::Told)),
            "collection" => Ok(said(kind, payload, |change| Self::Collection(Box::new(change)))),
            _ => Ok(Self::Unknown { kind, payload }),
        }
    }
}

/// What somebody said; words that a newer version knows and this one does not are kept unread.
fn said<T: DeserializeOwned>(kind: String, payload: Value, entry: fn(T) -> Entry) -> Entry {
    match T::deserialize(&payload) {
        Ok(said) => entry(said),
        Err(_) => Entry::Unknown { kind, payload },
    }
}

/// The bytes of a line, without its newline.
pub(super) fn write(seq: Seq, at: Timestamp, entry: &Entry, previous: &str) -> serde_json::Result<Vec<u8>> {
    let written = Written {
        seq,
        at,
        kind: entry.kind().to_owned(),
        payload: entry.payload()?,
        previous: previous.to_owned(),
        check: None,
    };
    let mut bytes = serde_json::to_vec(&written)?;
    bytes.truncate(bytes.len() - 1);
    let check = hash(&bytes);
    bytes.extend_from_slice(format!("{CHECK_KEY}{check}\"}}").as_bytes());
    Ok(bytes)
}

/// Reads the bytes of a line, without its newline, and the hash it says the line before has;
/// or says what is wrong with it.
pub(super) fn read(bytes: &[u8]) -> Result<(Line, String), String> {
    if !is_json(bytes) {
        return Err("it is not a JSON object".to_owned());
    }
    let body = bytes.split_at_checked(bytes.len().saturating_sub(CHECK_BYTES));
    let is_intact = body.is_some_and(|(body, check)| check == format!("{CHECK_KEY}{}\"}}", hash(body)).as_bytes());
    if !is_intact {
        return Err("it does not match its own check".to_owned());
    }
    let written: Written = serde_json::from_slice(bytes).map_err(|error| error.to_string())?;
    let entry = Entry::of(written.kind, written.payload).map_err(|error| error.to_string())?;
    Ok((Line { seq: written.seq, at: written.at, entry }, written.previous))
}

/// Whether the bytes are a whole JSON value, whatever it says.
pub(super) fn is_json(bytes: &[u8]) -> bool {
    serde_json::from_slice::<serde::de::IgnoredAny>(bytes).is_ok()
}

/// What the next line will have for `previous`.
pub(super) fn hash(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

#[derive(Serialize, Deserialize)]
struct Written {
    seq: Seq,
    #[serde(with = "instant")]
    at: Timestamp,
    kind: String,
    payload: Value,
    previous: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    check: Option<String>,
}

/// Instants as RFC 3339 in UTC.
mod instant {
    use jiff::Timestamp;
    use serde::{Deserialize as _, Deserializer, Serializer, de::Error as _};

    pub fn serialize<S: Serializer>(at: &Timestamp, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(at)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Timestamp, D::Error> {
        let text = String::deserialize(from)?;
        text.parse().map_err(|_| D::Error::custom(format!("not an instant: {text}")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn note(text: &str) -> Entry {
        Entry::Note(Note { text: text.to_owned() })
    }

    fn at() -> Timestamp {
        "2026-11-21T10:00:00Z".parse().unwrap()
    }

    #[test]
    fn a_line_is_json_with_its_keys_in_order() {
        let bytes = write(Seq(1), at(), &note("hé\n"), NO_LINE).unwrap();
        let text = String::from_utf8(bytes.clone()).unwrap();
        let start = r#"{"seq":1,"at":"2026-11-21T10:00:00Z","kind":"note","payload":{"text":"hé\n"},"previous":"0000"#;
        assert!(text.starts_with(start), "{text}");
        let (line, previous) = read(&bytes).unwrap();
        assert_eq!((line.entry, line.at, previous.as_str()), (note("hé\n"), at(), NO_LINE));
    }

    #[test]
    fn kinds_of_a_newer_version_are_kept() {
        let unread = |kind: &str, payload| Entry::Unknown { kind: kind.to_owned(), payload };
        for entry in [
            unread("dream", serde_json::json!({"b": 1, "a": [2]})),
            unread("verdict", serde_json::json!({"kind": "loan", "left_id": 1})),
        ] {
            comes_back(&entry);
        }
    }

    #[test]
    fn what_people_say_comes_back() {
        let verdict = serde_json::json!({"kind": "bill", "left_id": 1, "right_id": i64::MAX, "state": "open",
            "about": "a bill and a debit", "added": {"later": true}});
        let choice = serde_json::json!({"subject": "payee", "subject_id": "card CAFE", "field": "category",
            "value": null, "about": "CAFE"});
        let read = |kind: &str, payload| Entry::of(kind.to_owned(), payload).unwrap();
        let (verdict, choice) = (read("verdict", verdict), read("choice", choice));
        assert!(matches!((&verdict, &choice), (Entry::Verdict(_), Entry::Choice(_))));
        comes_back(&verdict);
        comes_back(&choice);
    }

    fn comes_back(entry: &Entry) {
        let bytes = write(Seq(7), at(), entry, NO_LINE).unwrap();
        let (line, previous) = read(&bytes).unwrap();
        assert_eq!(line.entry, *entry);
        assert_eq!(write(line.seq, line.at, &line.entry, &previous).unwrap(), bytes);
    }

    #[test]
    fn any_flipped_bit_is_seen() {
        let bytes = write(Seq(3), at(), &note("x"), NO_LINE).unwrap();
        for bit in 0..bytes.len() * 8 {
            let mut flipped = bytes.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            assert!(read(&flipped).is_err(), "bit {bit}");
        }
    }
}
