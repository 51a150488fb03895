//! `push.json` in the data folder: who wants to be told of which collection, where, and how it is
//! encrypted. Replaced whole, 0600; one process has it.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use ring::rand::{SecureRandom as _, SystemRandom};
use serde::{Deserialize, Serialize};

use super::{Kinds, PushError};
use crate::dav::push::Register;
use crate::web::accounts;

/// Registrations of one device for one collection: a further one takes the place of the one that
/// expires first.
const MOST_ALIKE: usize = 20;
/// Registrations of a household.
const MOST: usize = 5000;

/// One wish to be told. No `Debug`: with it, anybody could send messages that the device believes.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Registration {
    /// Random; what its address ends with.
    pub id: String,
    /// The id of the device that made it: nobody else sees it.
    pub device: String,
    /// The id of the collection.
    pub collection: String,
    /// Where messages are posted to.
    pub resource: String,
    /// The device's public key and the secret that both share, in base64 for addresses.
    key: String,
    auth: String,
    content: bool,
    properties: bool,
    pub expires_at: Timestamp,
}

/// All of them.
pub struct Book {
    path: PathBuf,
    all: Mutex<Vec<Arc<Registration>>>,
}

/// What became of a wish.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Registered {
    pub id: String,
    /// Whether it was none of those that the device had.
    pub is_new: bool,
    pub expires_at: Timestamp,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct File<R> {
    registrations: Vec<R>,
}

impl Registration {
    /// What the device wants to be told of.
    pub fn kinds(&self) -> Kinds {
        Kinds { content: self.content, properties: self.properties }
    }

    /// The device's public key, and the secret that both share.
    pub fn keys(&self) -> Option<(Vec<u8>, Vec<u8>)> {
        let decoded = |text: &str| URL_SAFE_NO_PAD.decode(text).ok();
        Some((decoded(&self.key)?, decoded(&self.auth)?))
    }

    fn of(id: String, device: &str, collection: &str, wanted: &Register, expires_at: Timestamp) -> Self {
        Self {
            id,
            device: device.to_owned(),
            collection: collection.to_owned(),
            resource: wanted.resource.clone(),
            key: URL_SAFE_NO_PAD.encode(&wanted.key),
            auth: URL_SAFE_NO_PAD.encode(&wanted.auth),
            content: wanted.kinds.content,
            properties: wanted.kinds.properties,
            expires_at,
        }
    }

    fn is_of(&self, device: &str, collection: &str) -> bool {
        self.device == device && self.collection == collection
    }
}

impl Book {
    /// The registrations of a data folder; none where there is no file.
    pub fn open(data: &Path) -> Result<Self, PushError> {
        let path = data.join("push.json");
        let file: File<Registration> = match fs::read(&path) {
            // What serde says of a wrong value may show it.
            Ok(bytes) => serde_json::from_slice(&bytes).map_err(|error| PushError::Damaged {
                path: path.clone(),
                place: format!("line {}, column {}", error.line(), error.column()),
            })?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => File { registrations: Vec::new() },
            Err(error) => return Err(PushError::file(&path)(error)),
        };
        Ok(Self { path, all: Mutex::new(file.registrations.into_iter().map(Arc::new).collect()) })
    }

    /// Takes a wish; one for the same resource is replaced. None when there is no more room.
    pub fn register(
        &self,
        device: &str,
        collection: &str,
        wanted: &Register,
        expires_at: Timestamp,
    ) -> Result<Option<Registered>, PushError> {
        let mut held = self.held();
        let mut all = held.clone();
        let known = all.iter().position(|it| it.is_of(device, collection) && it.resource == wanted.resource);
        let known = known.map(|at| all.remove(at));
        while all.iter().filter(|it| it.is_of(device, collection)).count() >= MOST_ALIKE {
            let alike = all.iter().enumerate().filter(|(_, it)| it.is_of(device, collection));
            let Some((first, _)) = alike.min_by_key(|(_, it)| it.expires_at) else { break };
            all.remove(first);
        }
        if all.len() >= MOST {
            return Ok(None);
        }
        let is_new = known.is_none();
        let id = known.map_or_else(new_id, |known| Ok(known.id.clone()))?;
        all.push(Arc::new(Registration::of(id.clone(), device, collection, wanted, expires_at)));
        self.replace(&mut held, all)?;
        Ok(Some(Registered { id, is_new, expires_at }))
    }

    /// Takes a wish back; whether the device had it.
    pub fn remove(&self, id: &str, device: &str) -> Result<bool, PushError> {
        self.keep(|it| it.id != id || it.device != device).map(|n_gone| n_gone > 0)
    }

    /// Drops all but these; how many went.
    pub fn keep(&self, is_kept: impl Fn(&Registration) -> bool) -> Result<usize, PushError> {
        let mut held = self.held();
        let kept: Vec<_> = held.iter().filter(|it| is_kept(it)).cloned().collect();
        let n_gone = held.len() - kept.len();
        if n_gone > 0 {
            self.replace(&mut held, kept)?;
        }
        Ok(n_gone)
    }

    /// All that are there now.
    pub fn all(&self) -> Vec<Arc<Registration>> {
        self.held().clone()
    }

    /// Those for a collection.
    pub fn of_collection(&self, collection: &str) -> Vec<Arc<Registration>> {
        self.held().iter().filter(|it| it.collection == collection).cloned().collect()
    }

    pub fn find(&self, id: &str) -> Option<Arc<Registration>> {
        self.held().iter().find(|it| it.id == id).cloned()
    }

    pub fn is_empty(&self) -> bool {
        self.held().is_empty()
    }

    /// What is on the disk comes first: an address that a device was given stays known.
    fn replace(&self, held: &mut Vec<Arc<Registration>>, all: Vec<Arc<Registration>>) -> Result<(), PushError> {
        let file = File { registrations: all.iter().map(AsRef::as_ref).collect::<Vec<&Registration>>() };
        let text = serde_json::to_vec_pretty(&file).expect("texts, instants and booleans can be written as JSON");
        accounts::put(&self.path, &text, true).map_err(PushError::file(&self.path))?;
        *held = all;
        Ok(())
    }

    fn held(&self) -> MutexGuard<'_, Vec<Arc<Registration>>> {
        self.all.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn new_id() -> Result<String, PushError> {
    let mut bytes = [0; 16];
    SystemRandom::new().fill(&mut bytes)?;
    Ok(accounts::hex(&bytes))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    fn wanted(resource: &str) -> Register {
        let kinds = Kinds { content: true, properties: false };
        let resource = format!("https://push.example.org/{resource}");
        Register { resource, key: vec![4; 65], auth: vec![1; 16], kinds, expires_at: None }
    }

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + seconds).expect("an instant")
    }

    fn registered(book: &Book, device: &str, resource: &str, expires: i64) -> Registered {
        book.register(device, "c", &wanted(resource), at(expires)).expect("written").expect("room")
    }

    #[test]
    fn what_is_registered_stays_and_is_nobody_elses() {
        let home = tempfile::tempdir().expect("a folder");
        let book = Book::open(home.path()).expect("a book");
        let first = registered(&book, "phone", "a", 1);
        let again = registered(&book, "phone", "a", 2);
        assert_eq!((first.is_new, again.is_new, &again.id), (true, false, &first.id));
        let other = registered(&book, "tablet", "a", 2);
        assert!(other.is_new && other.id != first.id);
        assert!(!book.remove(&first.id, "tablet").expect("written"));

        let mode = fs::metadata(home.path().join("push.json")).expect("a file").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        let book = Book::open(home.path()).expect("a book");
        let kept = book.find(&first.id).expect("it is there");
        assert_eq!((kept.expires_at, kept.keys()), (at(2), Some((vec![4; 65], vec![1; 16]))));
        assert!(book.remove(&first.id, "phone").expect("written"));
        assert!(book.find(&first.id).is_none() && book.of_collection("c").len() == 1);
        fs::write(home.path().join("push.json"), "{").expect("written");
        assert!(matches!(Book::open(home.path()), Err(PushError::Damaged { .. })));
    }

    #[test]
    fn a_device_has_twenty_for_a_collection() {
        let home = tempfile::tempdir().expect("a folder");
        let book = Book::open(home.path()).expect("a book");
        let first = registered(&book, "phone", "first", 50);
        let soonest = registered(&book, "phone", "soonest", 1);
        for n in 0..MOST_ALIKE - 1 {
            registered(&book, "phone", &n.to_string(), 100);
        }
        assert_eq!(book.all().len(), MOST_ALIKE);
        assert!(book.find(&soonest.id).is_none() && book.find(&first.id).is_some());
    }
}
