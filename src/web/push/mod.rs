//! WebDAV-Push: devices are told that a collection has changed, instead of asking every quarter
//! of an hour (draft-bitfire-webdav-push-00, over Web Push: RFC 8030, 8291, 8292).
//!
//! What is told is a name that means nothing to anybody else and a sync token, encrypted for the
//! device; the push service learns that something happened, and when. Addresses that devices
//! register are called by the rules of `fetch`: none of the home that the household did not name.
//! A message may be lost: devices ask now and then all the same. Methods and properties are in
//! `web::dav`.

mod book;
mod courier;
mod keys;
mod outbox;
mod seal;

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::Sender;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use url::Url;

use crate::collections::Collections;
use crate::config;
use crate::dav::push::Register;
use crate::fetch::http::{self, HttpError, Limits};
use crate::web::accounts::Accounts;

pub use crate::dav::push::Kinds;
use book::Book;
pub use book::Registered;
use courier::News;
use keys::Keys;

/// The longest that a registration is good; devices renew them every day.
const LONGEST: SignedDuration = SignedDuration::from_hours(30 * 24);
/// Bytes of an address.
const LONGEST_ADDRESS: usize = 2048;

/// What it takes.
pub struct Setup<'a> {
    /// The data folder.
    pub data: &'a Path,
    pub serve: &'a config::Serve,
    pub network: &'a config::Network,
    pub collections: Arc<Collections>,
    pub accounts: Arc<Accounts>,
    pub clock: fn() -> Timestamp,
}

/// Who wants to be told, and the thread that tells. It ends with this.
pub struct Push {
    desk: Arc<Desk>,
    news: Sender<News>,
}

/// What both sides share.
struct Desk {
    keys: Keys,
    book: Book,
    client: http::Client,
    collections: Arc<Collections>,
    accounts: Arc<Accounts>,
    /// Whom to write to about messages (RFC 8292 §2.1).
    subject: Option<String>,
    clock: fn() -> Timestamp,
}

/// Why nothing can be told.
#[derive(Debug, thiserror::Error)]
pub enum PushError {
    #[error("{} cannot be read or written: {source}", path.display())]
    File { path: PathBuf, source: io::Error },
    #[error("{} is no key for push; without it, a new one is made and devices register anew", path.display())]
    Key { path: PathBuf },
    #[error("{} is damaged in {place}; without it, devices register anew", path.display())]
    Damaged { path: PathBuf, place: String },
    #[error("the system gives no random numbers")]
    Random,
    #[error(transparent)]
    Http(#[from] HttpError),
}

/// Why a registration is not taken.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    /// What it says of address, key or time cannot be used.
    #[error("{0}")]
    Subscription(String),
    #[error("there are too many registrations")]
    Full,
    #[error(transparent)]
    Failed(#[from] PushError),
}

/// Begins to tell devices.
pub fn start(setup: Setup<'_>) -> Result<Push, PushError> {
    let limits = Limits {
        body: 64 << 10,
        total: Duration::from_secs(10),
        read: Duration::from_secs(5),
        connect: Duration::from_secs(5),
        ..Limits::default()
    };
    let desk = Arc::new(Desk {
        keys: Keys::open(setup.data)?,
        book: Book::open(setup.data)?,
        client: http::Client::with_limits(setup.network, limits)?,
        collections: setup.collections,
        accounts: setup.accounts,
        subject: setup.serve.names.first().map(|name| format!("https://{name}")),
        clock: setup.clock,
    });
    let news = courier::start(Arc::clone(&desk));
    Ok(Push { desk, news })
}

impl Push {
    /// The public key that devices restrict their subscriptions to.
    pub fn public_key(&self) -> &str {
        self.desk.keys.public()
    }

    /// What the collection with this id is called in messages.
    pub fn topic(&self, collection: &str) -> String {
        self.desk.keys.topic(collection)
    }

    /// Takes a registration of a device, by its id, for a collection, by its id. May wait for
    /// names to be looked up and for the disk.
    pub fn register(&self, device: &str, collection: &str, wanted: &Register) -> Result<Registered, Refused> {
        self.check(wanted)?;
        let now = (self.desk.clock)();
        let latest = now.checked_add(LONGEST).unwrap_or(Timestamp::MAX);
        let expires_at = wanted.expires_at.unwrap_or(latest).min(latest);
        if expires_at <= now {
            return Err(Refused::Subscription("it has expired already".to_owned()));
        }
        let registered = self.desk.book.register(device, collection, wanted, expires_at)?.ok_or(Refused::Full)?;
        let _ = self.news.send(News::Registered(collection.to_owned()));
        Ok(registered)
    }

    /// Takes a registration back; whether the device had it.
    pub fn remove(&self, device: &str, id: &str) -> Result<bool, PushError> {
        let now = (self.desk.clock)();
        let is_live = self.desk.book.find(id).is_some_and(|it| it.expires_at > now);
        Ok(self.desk.book.remove(id, device)? && is_live)
    }

    /// A device has written in the collection with this id. It knows, and is not told, nor are
    /// registrations that it spares by their id.
    pub fn wrote(&self, collection: &str, kinds: Kinds, device: Option<&str>, is_spared: &dyn Fn(&str) -> bool) {
        let registered = self.desk.book.of_collection(collection);
        if registered.is_empty() {
            return;
        }
        let others = registered.iter().filter(|it| Some(it.device.as_str()) != device && !is_spared(&it.id));
        let told = others.map(|it| (it.id.clone(), it.kinds().and(kinds))).collect();
        let collection = collection.to_owned();
        let _ = self.news.send(News::Wrote { collection, has_content: kinds.content, told });
    }

    /// Whether anybody wants to be told of anything.
    pub fn is_wanted(&self) -> bool {
        !self.desk.book.is_empty()
    }

    /// Whether messages could be sent where a registration says.
    fn check(&self, wanted: &Register) -> Result<(), Refused> {
        let refused = |why: String| Refused::Subscription(why);
        let url = Url::parse(&wanted.resource).ok().filter(|_| wanted.resource.len() <= LONGEST_ADDRESS);
        let url = url.ok_or_else(|| refused("the push-resource is no address".to_owned()))?;
        if !url.username().is_empty() || url.password().is_some() {
            return Err(refused("the push-resource holds a name or a password".to_owned()));
        }
        self.desk.client.check(&url).map_err(|why| refused(format!("the push-resource may not be called: {why}")))?;
        let sealed = seal::seal(b"", &wanted.key, &wanted.auth);
        sealed.map(drop).map_err(|_| refused("the subscription-public-key is no point on P-256".to_owned()))
    }
}

impl PushError {
    fn file(path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::File { path, source }
    }
}

impl From<ring::error::Unspecified> for PushError {
    fn from(_: ring::error::Unspecified) -> Self {
        Self::Random
    }
}
