//! A short cut for documents that are in already: told by size and a fast hash of their bytes,
//! without opening the warehouse.
//!
//! `known.tsv` beside the warehouse is derived and may be deleted at any time: the warehouse is
//! asked then. It never says that a document is in unless its load was committed. The hash is
//! XXH3 with 128 bits: accidents do not happen, and whoever can forge one already writes into
//! this home's files.

use std::collections::HashMap;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;

use xxhash_rust::xxh3::Xxh3;

use crate::archive;
use crate::config::{self, Home};

use super::inputs::Input;
use super::report::{DocumentReport, Outcome};
use super::walk::Wish;
use super::world::{ImportError, SNAPSHOT, WAREHOUSE};

const FILE: &str = "known.tsv";

/// What tells bytes apart: how many, and their hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Fingerprint {
    pub size: u64,
    pub hash: u128,
}

/// A document that is in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownDocument {
    pub sha256: String,
    pub connector: String,
    pub source: Option<String>,
}

/// The documents that are in, by fingerprint.
#[derive(Debug, Default)]
pub struct Known {
    documents: HashMap<Fingerprint, Vec<KnownDocument>>,
}

impl Fingerprint {
    pub fn of(bytes: &[u8]) -> Self {
        Self { size: bytes.len() as u64, hash: xxhash_rust::xxh3::xxh3_128(bytes) }
    }

    /// The same, of a file that is not held in memory. What can be read only once is left alone.
    fn of_file(path: &Path) -> io::Result<Self> {
        if !fs::metadata(path)?.is_file() {
            return Err(io::ErrorKind::Unsupported.into());
        }
        let mut file = File::open(path)?;
        let mut state = Xxh3::new();
        let mut buffer = vec![0; 256 * 1024];
        let mut size = 0;
        loop {
            let n = file.read(&mut buffer)?;
            if n == 0 {
                return Ok(Self { size, hash: state.digest128() });
            }
            size += n as u64;
            state.update(&buffer[..n]);
        }
    }
}

impl Known {
    /// Reads the list; a missing or foreign one is empty, and so is one without its warehouse.
    pub fn read(data: &Path) -> Self {
        if !data.join(WAREHOUSE).exists() {
            return Self::default();
        }
        let text = fs::read_to_string(data.join(FILE)).unwrap_or_default();
        let mut known = Self::default();
        for (fingerprint, document) in text.lines().filter_map(parse) {
            known.add(fingerprint, document);
        }
        known
    }

    pub fn add(&mut self, fingerprint: Fingerprint, document: KnownDocument) {
        let documents = self.documents.entry(fingerprint).or_default();
        if !documents.contains(&document) {
            documents.push(document);
        }
    }

    /// Replaces the list on disk.
    pub fn write(&self, data: &Path) -> io::Result<()> {
        let mut lines: Vec<String> =
            self.documents.iter().flat_map(|(print, all)| all.iter().map(|one| line(*print, one))).collect();
        lines.sort_unstable();
        let fresh = data.join(format!("{FILE}.new"));
        fs::write(&fresh, lines.concat())?;
        fs::rename(fresh, data.join(FILE))
    }

    /// Forgets everything, on disk too: the warehouse is about to be made anew.
    pub fn forget(data: &Path) -> io::Result<()> {
        match fs::remove_file(data.join(FILE)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }
}

/// Reports for all inputs when every one of them is in; nothing is opened for writing.
pub fn all_known(home: &Home, inputs: &[Input], wish: &Wish) -> Result<Option<Vec<DocumentReport>>, ImportError> {
    let known = Known::read(&home.data);
    if known.documents.is_empty() || wish.connector.is_some() {
        return Ok(None);
    }
    if home.has_newer_settings(&home.data.join(SNAPSHOT)) {
        return Ok(None);
    }
    let config = config::read(&home.config)?;
    let archive = archive::open(&home.data)?;
    let mut reports = Vec::new();
    for input in inputs {
        let started = std::time::Instant::now();
        let Some((path, print)) = input.path.as_ref().and_then(|path| Some((path, Fingerprint::of_file(path).ok()?)))
        else {
            return Ok(None);
        };
        let is_same = |document: &&KnownDocument| {
            document.source == source_of(&config, path, &document.connector, wish) && archive.holds(&document.sha256)
        };
        let Some(document) = known.documents.get(&print).and_then(|all| all.iter().find(is_same)) else {
            return Ok(None);
        };
        reports.push(DocumentReport {
            name: input.name.clone(),
            path: input.path.clone(),
            size: print.size,
            sha256: document.sha256.clone(),
            kind: None,
            outcome: Outcome::Known { connector: document.connector.clone() },
            took: started.elapsed(),
        });
    }
    Ok(Some(reports))
}

fn source_of(config: &config::Config, path: &Path, connector: &str, wish: &Wish) -> Option<String> {
    wish.source.clone().or_else(|| config.source_for(path, connector).map(|source| source.id.clone()))
}

fn line(print: Fingerprint, document: &KnownDocument) -> String {
    let source = document.source.as_deref().unwrap_or_default();
    format!("{}\t{:032x}\t{}\t{}\t{source}\n", print.size, print.hash, document.sha256, document.connector)
}

fn parse(line: &str) -> Option<(Fingerprint, KnownDocument)> {
    let mut cells = line.split('\t');
    let size = cells.next()?.parse().ok()?;
    let hash = u128::from_str_radix(cells.next()?, 16).ok()?;
    let sha256 = cells.next()?.to_owned();
    let connector = cells.next()?.to_owned();
    let source = Some(cells.next()?.to_owned()).filter(|source| !source.is_empty());
    Some((Fingerprint { size, hash }, KnownDocument { sha256, connector, source }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_comes_back_as_it_was_written() {
        let document = KnownDocument { sha256: "ab".to_owned(), connector: "generic/bills".to_owned(), source: None };
        let print = Fingerprint::of(b"some bytes");
        assert_eq!(parse(line(print, &document).trim_end_matches('\n')), Some((print, document)));
        assert_eq!(parse("not a line"), None);
    }
}
