//! What the command line and the daemon say to each other: lines of JSON over a Unix socket.
//!
//! The socket lies in the data folder and is its owner's alone.

use std::io::{self, BufRead as _, BufReader, Write as _};
use std::os::unix::fs::MetadataExt as _;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::model::run::{Run, Said};

/// What the command line asks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "ask", rename_all = "snake_case")]
pub enum Request {
    /// Run these sources now, one after the other.
    Sync { sources: Vec<String>, has_person: bool },
    /// The answer to a question.
    Answer { text: Option<String> },
    /// Leave a source alone until told otherwise.
    Pause { source: String },
    /// Let a source run again, also one that had stopped.
    Resume { source: String },
    /// Settle a conflict of collections: put the version that lost back, or let it go.
    Settle { conflict: String, takes: bool },
    /// Whether somebody is there.
    Ping,
}

/// What the daemon answers; `Done` or `Refused` is the last.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// Somebody has to answer.
    Question {
        question: Said,
        is_secret: bool,
    },
    /// Somebody has something to do.
    Told {
        what: Said,
        link: Option<String>,
    },
    Ended {
        run: Box<Run>,
    },
    Refused {
        message: Said,
    },
    Done,
}

/// One end of a conversation.
pub struct Line {
    hearing: Hearing,
    speaking: Speaking,
}

/// The half of a conversation that comes in.
pub struct Hearing(BufReader<UnixStream>);

/// The half that goes out.
pub struct Speaking(UnixStream);

/// Where the socket of a home is. A path of a socket is short (108 bytes on Linux): a home that
/// lies too deep has its socket under the system's temporary folder.
pub fn socket_of(data: &Path) -> PathBuf {
    let plain = data.join("serve.sock");
    if plain.as_os_str().len() < 100 {
        return plain;
    }
    let whole = std::fs::canonicalize(data).unwrap_or_else(|_| data.to_owned());
    let hash = xxhash_rust::xxh3::xxh3_64(whole.as_os_str().as_encoded_bytes());
    std::env::temp_dir().join(format!("moisson-{}-{hash:016x}.sock", rustix::process::getuid().as_raw()))
}

/// A conversation with the daemon of a home, when there is one. A socket that somebody else made
/// is nobody to talk to.
pub fn connect(data: &Path) -> Option<Line> {
    let path = socket_of(data);
    let owner = std::fs::symlink_metadata(&path).ok()?.uid();
    if owner != rustix::process::getuid().as_raw() {
        return None;
    }
    Line::of(UnixStream::connect(path).ok()?).ok()
}

impl Line {
    pub fn of(stream: UnixStream) -> io::Result<Self> {
        // Somebody who does not listen keeps nobody waiting.
        stream.set_write_timeout(Some(Duration::from_secs(5)))?;
        Ok(Self { hearing: Hearing(BufReader::new(stream.try_clone()?)), speaking: Speaking(stream) })
    }

    pub fn send(&mut self, what: &impl Serialize) -> io::Result<()> {
        self.speaking.send(what)
    }

    /// Waits for the next line; the end of the conversation is an error.
    pub fn receive<T: DeserializeOwned>(&mut self) -> io::Result<T> {
        self.hearing.receive()
    }

    pub(super) fn split(self) -> (Hearing, Speaking) {
        (self.hearing, self.speaking)
    }
}

impl Speaking {
    pub(super) fn send(&mut self, what: &impl Serialize) -> io::Result<()> {
        let mut text = serde_json::to_vec(what)?;
        text.push(b'\n');
        self.0.write_all(&text)
    }
}

impl Hearing {
    pub(super) fn receive<T: DeserializeOwned>(&mut self) -> io::Result<T> {
        let mut text = String::new();
        if self.0.read_line(&mut text)? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        Ok(serde_json::from_str(&text)?)
    }
}
