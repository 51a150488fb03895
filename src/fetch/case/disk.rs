//! A recording as files: `exchange.jsonl`, `case.toml`, and `documents/` with what came.
//!
//! An exchange is a line. A body that is no text is written in base64.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use super::super::http::Exchange;
use super::Case;
use crate::config::Setting;
use crate::model::misread::Misread;
use crate::model::run::Class;

/// Why there is no recording in a folder, or none can be put there.
#[derive(Debug, thiserror::Error)]
pub enum CaseError {
    #[error("{}: {source}", path.display())]
    Io { path: PathBuf, source: io::Error },
    /// `case.toml` does not say what it should.
    #[error(transparent)]
    Misread(#[from] Box<Misread>),
    /// A line of `exchange.jsonl` is none.
    #[error("{}:{line}: {source}", path.display())]
    Line { path: PathBuf, line: usize, source: serde_json::Error },
    /// A word of `case.toml` that stands for nothing here.
    #[error("{}: `{word}` is none that {key} may have", path.display())]
    Word { path: PathBuf, key: &'static str, word: String },
}

const EXCHANGES: &str = "exchange.jsonl";
const CASE: &str = "case.toml";
const DOCUMENTS: &str = "documents";

const HEAD: &str = "\
# A recorded run of a source: `moisson connector test` plays it. Secrets are struck out; names, amounts
# and all else stand in these files as the service sent them. Read all of them before you share them.
";

impl Case {
    /// Reads a recording.
    pub fn read(folder: &Path) -> Result<Self, CaseError> {
        let path = folder.join(CASE);
        let text = text_of(&path)?;
        let head: Head = toml::from_str(&text)
            .map_err(|error| Box::new(Misread::of_toml(&error, &text, &path.display().to_string())))?;
        let word = |key, word: &str| CaseError::Word { path: path.clone(), key, word: word.to_owned() };
        let zone = TimeZone::get(&head.time_zone).map_err(|_| word("time_zone", &head.time_zone))?;
        let outcome = outcome_of(&head.outcome).ok_or_else(|| word("outcome", &head.outcome))?;
        Ok(Self {
            connector: head.connector,
            source: head.source,
            now: head.now,
            zone,
            days: head.days,
            outcome,
            home_hosts: head.home_hosts,
            fetch: head.fetch,
            secrets: head.secrets,
            exchanges: exchanges(&folder.join(EXCHANGES))?,
            documents: documents(&folder.join(DOCUMENTS))?,
        })
    }

    /// Writes it into a folder, which is made when it is not there, in place of an earlier one.
    pub fn write(&self, folder: &Path) -> Result<(), CaseError> {
        let earlier = folder.join(DOCUMENTS);
        if earlier.is_dir() {
            fs::remove_dir_all(&earlier).map_err(|source| CaseError::Io { path: earlier, source })?;
        }
        for (name, bytes) in self.files() {
            let path = folder.join(name);
            let above = path.parent().unwrap_or(folder);
            fs::create_dir_all(above).map_err(|source| CaseError::Io { path: above.to_owned(), source })?;
            fs::write(&path, bytes).map_err(|source| CaseError::Io { path, source })?;
        }
        Ok(())
    }

    /// The files, by their names below the folder.
    pub(super) fn files(&self) -> BTreeMap<String, Vec<u8>> {
        let lines: Vec<String> = self.exchanges.iter().map(|exchange| json(&Line::of(exchange)) + "\n").collect();
        let documents = self.documents.iter().map(|(name, bytes)| (format!("{DOCUMENTS}/{name}"), bytes.clone()));
        let head =
            HEAD.to_owned() + &toml::to_string(&Head::of(self)).expect("texts and numbers can be written as TOML");
        let mut files: BTreeMap<String, Vec<u8>> = documents.collect();
        files.extend([(EXCHANGES.to_owned(), lines.concat().into_bytes()), (CASE.to_owned(), head.into_bytes())]);
        files
    }
}

/// Whether bytes are no text in any charset that writes letters as bytes.
pub(super) fn is_opaque(bytes: &[u8]) -> bool {
    bytes.iter().any(|byte| byte.is_ascii_control() && !byte.is_ascii_whitespace())
}

/// `case.toml`.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Head {
    connector: String,
    source: String,
    now: Timestamp,
    time_zone: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    days: Option<u32>,
    outcome: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    home_hosts: Vec<String>,
    #[serde(default)]
    fetch: BTreeMap<String, Setting>,
    #[serde(default)]
    secrets: BTreeMap<String, String>,
}

impl Head {
    fn of(case: &Case) -> Self {
        Self {
            connector: case.connector.clone(),
            source: case.source.clone(),
            now: case.now,
            time_zone: case.zone.iana_name().unwrap_or("UTC").to_owned(),
            days: case.days,
            outcome: case.outcome.code().to_owned(),
            home_hosts: case.home_hosts.clone(),
            fetch: case.fetch.clone(),
            secrets: case.secrets.clone(),
        }
    }
}

/// A line of `exchange.jsonl`.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    method: String,
    url: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    headers: Vec<(String, String)>,
    #[serde(default, skip_serializing_if = "Body::is_empty")]
    body: Body,
    status: u16,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    answer_headers: Vec<(String, String)>,
    #[serde(default, skip_serializing_if = "Body::is_empty")]
    answer: Body,
}

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Body {
    Text(String),
    /// Text of another charset: each byte is the character of that number.
    Latin {
        latin1: String,
    },
    Bytes {
        base64: String,
    },
}

impl Default for Body {
    fn default() -> Self {
        Self::Text(String::new())
    }
}

impl Body {
    fn of(bytes: &[u8]) -> Self {
        match std::str::from_utf8(bytes) {
            Ok(text) => Self::Text(text.to_owned()),
            Err(_) if is_opaque(bytes) => Self::Bytes { base64: STANDARD.encode(bytes) },
            Err(_) => Self::Latin { latin1: bytes.iter().copied().map(char::from).collect() },
        }
    }

    fn is_empty(&self) -> bool {
        matches!(self, Self::Text(text) if text.is_empty())
    }

    fn bytes(self) -> Result<Vec<u8>, serde_json::Error> {
        match self {
            Self::Text(text) => Ok(text.into_bytes()),
            Self::Latin { latin1 } => {
                let byte = |c: char| u8::try_from(u32::from(c));
                latin1.chars().map(byte).collect::<Result<_, _>>().map_err(serde::de::Error::custom)
            }
            Self::Bytes { base64 } => STANDARD.decode(base64).map_err(serde::de::Error::custom),
        }
    }
}

impl Line {
    fn of(exchange: &Exchange) -> Self {
        Self {
            method: exchange.method.clone(),
            url: exchange.url.clone(),
            headers: exchange.headers.clone(),
            body: Body::of(&exchange.body),
            status: exchange.status,
            answer_headers: exchange.answer_headers.clone(),
            answer: Body::of(&exchange.answer),
        }
    }

    fn exchange(self) -> Result<Exchange, serde_json::Error> {
        Ok(Exchange {
            method: self.method,
            url: self.url,
            headers: self.headers,
            body: self.body.bytes()?,
            status: self.status,
            answer_headers: self.answer_headers,
            answer: self.answer.bytes()?,
        })
    }
}

fn json(line: &Line) -> String {
    serde_json::to_string(line).expect("texts and numbers can be written as JSON")
}

fn exchanges(path: &Path) -> Result<Vec<Exchange>, CaseError> {
    let read = |(at, line): (usize, &str)| {
        let exchange = serde_json::from_str(line).and_then(Line::exchange);
        exchange.map_err(|source| CaseError::Line { path: path.to_owned(), line: at + 1, source })
    };
    let text = text_of(path)?;
    text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()).map(read).collect()
}

/// A run that brought nothing has no folder of documents.
fn documents(folder: &Path) -> Result<BTreeMap<String, Vec<u8>>, CaseError> {
    let io = |path: &Path| {
        let path = path.to_owned();
        move |source| CaseError::Io { path, source }
    };
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(BTreeMap::new()),
        entries => entries.map_err(io(folder))?,
    };
    let mut documents = BTreeMap::new();
    for entry in entries {
        let path = entry.map_err(io(folder))?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        documents.insert(name, fs::read(&path).map_err(io(&path))?);
    }
    Ok(documents)
}

fn text_of(path: &Path) -> Result<String, CaseError> {
    fs::read_to_string(path).map_err(|source| CaseError::Io { path: path.to_owned(), source })
}

fn outcome_of(code: &str) -> Option<Class> {
    let all = [
        Class::Ok,
        Class::OkEmpty,
        Class::Partial,
        Class::Retry,
        Class::Quota,
        Class::User,
        Class::Changed,
        Class::Config,
        Class::Expectation,
    ];
    all.into_iter().find(|class| class.code() == code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_recording_is_read_as_it_was_written() {
        let exchange = Exchange {
            method: "POST".to_owned(),
            url: "https://a.example.org/x?k=REDACTED".to_owned(),
            headers: vec![("accept".to_owned(), "application/json".to_owned())],
            body: b"a=1".to_vec(),
            status: 200,
            answer_headers: Vec::new(),
            answer: b"\xFF\x00PK".to_vec(),
        };
        let case = Case {
            connector: "bank/example".to_owned(),
            source: "joint".to_owned(),
            now: "2026-03-31T10:00:00Z".parse().unwrap(),
            zone: TimeZone::get("Europe/Paris").unwrap(),
            days: Some(7),
            outcome: Class::Partial,
            home_hosts: vec!["nas.example.org".to_owned()],
            fetch: [("accounts".to_owned(), Setting::Texts(vec!["a".to_owned()]))].into(),
            secrets: [("token".to_owned(), "REDACTED".to_owned())].into(),
            exchanges: vec![
                exchange.clone(),
                Exchange { answer: "é\n".into(), ..exchange.clone() },
                Exchange { answer: b"caf\xE9\r\n".to_vec(), ..exchange },
            ],
            documents: [("a.json".to_owned(), b"{}\r\n".to_vec())].into(),
        };
        let folder = tempfile::tempdir().unwrap();
        case.write(folder.path()).unwrap();
        assert_eq!(Case::read(folder.path()).unwrap(), case);
        assert_eq!(fs::read_to_string(folder.path().join(EXCHANGES)).unwrap().lines().count(), 3);
    }

    #[test]
    fn what_cannot_be_read_is_named_with_its_place() {
        let folder = tempfile::tempdir().unwrap();
        let told = |name: &str, text: &str| {
            fs::write(folder.path().join(name), text).unwrap();
            Case::read(folder.path()).unwrap_err().to_string()
        };
        assert!(told(CASE, "connector = 1").contains("case.toml"));
        let head =
            "connector = \"a/b\"\nsource = \"a\"\nnow = \"2026-03-31T10:00:00Z\"\ntime_zone = \"Europe/Paris\"\n";
        assert!(told(CASE, &format!("{head}outcome = \"good\"")).contains("`good`"));
        fs::write(folder.path().join(CASE), format!("{head}outcome = \"ok\"")).unwrap();
        assert!(told(EXCHANGES, "\n{\"method\":1}").contains("exchange.jsonl:2"));
    }
}
