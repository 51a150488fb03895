//! The thread that tells devices what happened.
//!
//! What devices write it is told of; what moisson itself writes (collections made from the views,
//! copies of other servers) it finds by counting changes: there are more than devices made.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::Duration;

use jiff::Timestamp;
use ring::error::Unspecified;
use url::Url;

use super::book::Registration;
use super::outbox::Outbox;
use super::{Desk, Kinds, seal};
use crate::dav::push;
use crate::fetch::http::Request;

/// How often is looked at what changed by itself, while anybody wants to know.
const LOOK: Duration = Duration::from_secs(30);
/// What is waited for news while nobody does.
const IDLE: Duration = Duration::from_secs(3600);
/// Messages that are sent at the same time: a service that hangs holds few others up.
const AT_ONCE: usize = 8;
/// How long a service keeps a message for a device that is off, in seconds (RFC 8030 §5.2).
const LIFE_S: &str = "86400";

/// What the thread is told.
pub(super) enum News {
    /// Somebody wants to be told of a collection.
    Registered(String),
    /// A device wrote in a collection: whom to tell what.
    Wrote { collection: String, has_content: bool, told: Vec<(String, Kinds)> },
}

/// Starts the thread; it ends when the sender is dropped.
pub(super) fn start(desk: Arc<Desk>) -> Sender<News> {
    let (sender, receiver) = channel();
    let mut courier = Courier { desk, outbox: Outbox::default(), seen: HashMap::new(), looked_at: None };
    let working = move || courier.work(&receiver);
    if let Err(error) = std::thread::Builder::new().name("push".to_owned()).spawn(working) {
        tracing::error!(%error, "no thread to tell devices in");
    }
    sender
}

struct Courier {
    desk: Arc<Desk>,
    outbox: Outbox,
    /// Changes of each collection that were told of, or that there were before anybody asked.
    seen: HashMap<String, u64>,
    looked_at: Option<Timestamp>,
}

/// What became of a message.
enum Fate {
    Through,
    /// Nobody is there any more.
    Gone,
    Later(Option<Timestamp>),
    Never,
}

impl Courier {
    fn work(&mut self, news: &Receiver<News>) {
        loop {
            match news.recv_timeout(self.patience()) {
                Ok(first) => std::iter::once(first).chain(news.try_iter()).for_each(|news| self.hear(news)),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return,
            }
            let now = (self.desk.clock)();
            let is_due = self.outbox.next().is_some_and(|at| at <= now);
            let is_looked = self.looked_at.is_some_and(|at| now.duration_since(at).unsigned_abs() < LOOK);
            if is_due || !is_looked {
                self.looked_at = Some(now);
                self.tidy(now);
                self.look(now);
            }
            if is_due {
                self.send(now);
            }
        }
    }

    fn patience(&self) -> Duration {
        if self.desk.book.is_empty() {
            return IDLE;
        }
        let now = (self.desk.clock)();
        let wait = self.outbox.next().map(|at| Duration::try_from(at.duration_since(now)).unwrap_or_default());
        wait.map_or(LOOK, |wait| wait.min(LOOK))
    }

    fn hear(&mut self, news: News) {
        match news {
            News::Registered(collection) => {
                if let Some(seq) = self.seqs().get(&collection) {
                    self.seen.entry(collection).or_insert(*seq);
                }
            }
            News::Wrote { collection, has_content, told } => {
                if let Some(seen) = self.seen.get_mut(&collection).filter(|_| has_content) {
                    *seen += 1;
                }
                let now = (self.desk.clock)();
                for (registration, kinds) in &told {
                    self.outbox.want(registration, *kinds, now);
                }
            }
        }
    }

    /// Drops registrations that are over: expired, of a device that was revoked, for a collection
    /// that is gone.
    fn tidy(&mut self, now: Timestamp) {
        // Those that come while this looks are not among them.
        let before = self.desk.book.all();
        let Ok(devices) = self.desk.accounts.devices() else { return };
        let devices: HashSet<&str> =
            devices.iter().filter(|device| !device.is_revoked()).map(|device| device.id.as_str()).collect();
        let mut over = before;
        let seqs = self.seqs();
        over.retain(|it| {
            it.expires_at <= now || !devices.contains(it.device.as_str()) || !seqs.contains_key(&it.collection)
        });
        self.drop_these(&over);
        let all = self.desk.book.all();
        self.outbox.keep(|id| all.iter().any(|it| it.id == id), now);
        self.seen.retain(|collection, _| all.iter().any(|it| it.collection == *collection));
    }

    /// Finds what changed without a device.
    fn look(&mut self, now: Timestamp) {
        let all = self.desk.book.all();
        if all.is_empty() {
            return;
        }
        let seqs = self.seqs();
        let content = Kinds { content: true, properties: false };
        let mut changed = HashSet::new();
        for registration in &all {
            let Some(seq) = seqs.get(&registration.collection) else { continue };
            let seen = self.seen.entry(registration.collection.clone()).or_insert(*seq);
            if *seq > *seen {
                changed.insert(registration.collection.as_str());
            }
            *seen = *seq;
        }
        for registration in all.iter().filter(|it| changed.contains(it.collection.as_str())) {
            self.outbox.want(&registration.id, registration.kinds().and(content), now);
        }
    }

    /// How many changes each collection has had, by its id.
    fn seqs(&self) -> HashMap<String, u64> {
        let state = self.desk.collections.state();
        state.collections().map(|(_, collection)| (collection.id.clone(), collection.seq())).collect()
    }

    fn send(&mut self, now: Timestamp) {
        let due = self.outbox.due(now).into_iter();
        let due: Vec<_> = due.filter_map(|(id, kinds)| Some((self.desk.book.find(&id)?, kinds))).collect();
        for some in due.chunks(AT_ONCE) {
            let desk = &self.desk;
            let fates: Vec<Fate> = std::thread::scope(|scope| {
                let sending: Vec<_> = some.iter().map(|(it, kinds)| scope.spawn(|| sent(desk, it, *kinds))).collect();
                sending.into_iter().map(|it| it.join().unwrap_or(Fate::Never)).collect()
            });
            for ((it, kinds), fate) in some.iter().zip(&fates) {
                self.settle(it, *kinds, fate);
            }
        }
    }

    /// Drops registrations, unless they were renewed meanwhile.
    fn drop_these(&self, over: &[Arc<Registration>]) {
        let is_over = |it: &Registration| over.iter().any(|over| std::ptr::eq(Arc::as_ptr(over), it));
        if let Err(error) = self.desk.book.keep(|it| !is_over(it)) {
            tracing::error!(%error, "registrations that are over cannot be dropped");
        }
    }

    fn settle(&mut self, registration: &Arc<Registration>, kinds: Kinds, fate: &Fate) {
        let id = &registration.id;
        match fate {
            Fate::Through | Fate::Never => self.outbox.done(id),
            Fate::Gone => {
                self.outbox.done(id);
                self.drop_these(std::slice::from_ref(registration));
            }
            Fate::Later(asked) => {
                let now = (self.desk.clock)();
                if !self.outbox.failed(id, kinds, *asked, now) {
                    tracing::warn!(host = host(registration), "a device could not be told; it will ask by itself");
                }
            }
        }
    }
}

/// Sends one message.
fn sent(desk: &Desk, registration: &Registration, kinds: Kinds) -> Fate {
    let Ok(Some(request)) = letter(desk, registration, kinds) else { return Fate::Never };
    let host = host(registration);
    let now = (desk.clock)();
    match desk.client.send_once(&request) {
        Ok(answer) => match answer.status {
            200..=299 => {
                tracing::debug!(host, "a device was told");
                Fate::Through
            }
            404 | 410 => Fate::Gone,
            408 | 429 | 500..=599 => Fate::Later(answer.retry_after(now)),
            status => {
                tracing::warn!(host, status, "a push service does not take a message");
                Fate::Never
            }
        },
        Err(error) => {
            tracing::debug!(%error, "a push service does not answer");
            Fate::Later(None)
        }
    }
}

/// The request that tells a device; none when there is nothing to tell any more.
fn letter(desk: &Desk, registration: &Registration, kinds: Kinds) -> Result<Option<Request>, Unspecified> {
    let token = {
        let state = desk.collections.state();
        let found = state.collections().find(|(_, collection)| collection.id == registration.collection);
        found.map(|(_, collection)| collection.token().to_string())
    };
    let (Some(token), Some((key, auth)), Ok(url)) = (token, registration.keys(), Url::parse(&registration.resource))
    else {
        return Ok(None);
    };
    let topic = desk.keys.topic(&registration.collection);
    let message = push::message(&topic, kinds.content.then_some(token.as_str()), kinds.properties);
    let now = (desk.clock)();
    let authorization = desk.keys.authorization(&url, desk.subject.as_deref(), now)?;
    let request = Request::new("POST", url)
        .header("Content-Type", "application/xml; charset=\"UTF-8\"")
        .header("Content-Encoding", "aes128gcm")
        .header("TTL", LIFE_S)
        .header("Urgency", "normal")
        .header("Topic", desk.keys.slot(&registration.collection, kinds))
        .secret_header("Authorization", authorization)
        .body(seal::seal(message.as_bytes(), &key, &auth)?);
    Ok(Some(request))
}

/// What may be said of an address that is a secret.
fn host(registration: &Registration) -> String {
    Url::parse(&registration.resource).ok().and_then(|url| url.host_str().map(str::to_owned)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::super::book::Book;
    use super::super::keys::Keys;
    use super::*;
    use crate::collections::{self, Conditions, What, Write};
    use crate::dav::push::Register;
    use crate::fetch::http::Client;
    use crate::model::collection::{Change, CollectionKind, Object, Origin};
    use crate::web::accounts::{Accounts, Scope};

    const CONTENT: Kinds = Kinds { content: true, properties: false };

    fn clock() -> Timestamp {
        Timestamp::from_second(1_800_000_000).expect("an instant")
    }

    /// A courier of a home where one device wants to be told of a collection, with both ids.
    fn courier(home: &std::path::Path) -> (Courier, String, String) {
        let collections = Arc::new(collections::open(home, clock, &|_| Vec::new()).expect("collections"));
        let accounts = Arc::new(Accounts::open(home, "moisson"));
        let device = accounts.add("phone", Scope::all(), clock()).expect("a device").device.id.clone();
        let path = "calendars/due";
        let made =
            collections::made(path, CollectionKind::Calendar, Origin::Derived { what: "due".to_owned() }, Vec::new());
        write(&collections, vec![made]);
        let id = collections.state().collection(path).expect("it is there").id.clone();
        let desk = Desk {
            keys: Keys::open(home).expect("keys"),
            book: Book::open(home).expect("a book"),
            client: Client::new(&crate::config::Network::default()).expect("a client"),
            collections,
            accounts,
            subject: None,
            clock,
        };
        let resource = "https://push.example.org/x".to_owned();
        let wanted = Register { resource, key: vec![4; 65], auth: vec![1; 16], kinds: CONTENT, expires_at: None };
        let until = clock().checked_add(jiff::SignedDuration::from_hours(1)).expect("an instant");
        let registered = desk.book.register(&device, &id, &wanted, until).expect("written").expect("room");
        let mut courier =
            Courier { desk: Arc::new(desk), outbox: Outbox::default(), seen: HashMap::new(), looked_at: None };
        courier.hear(News::Registered(id.clone()));
        (courier, id, registered.id)
    }

    fn write(collections: &crate::collections::Collections, changes: Vec<Change>) {
        let write = Write { what: What::Own(changes), conditions: Conditions::default(), by: None };
        collections.write(write).expect("written");
    }

    fn put(courier: &Courier, name: &str) {
        let object = Object {
            text: Some(name.to_owned()),
            sha256: crate::archive::name_of(name.as_bytes()),
            size: name.len() as u64,
            uid: None,
            component: None,
            media: None,
        };
        let change = Change::Put {
            path: "calendars/due".to_owned(),
            name: name.to_owned(),
            object,
            properties: Vec::new(),
            by: None,
        };
        write(&courier.desk.collections, vec![change]);
    }

    #[test]
    fn what_moisson_writes_is_told_and_what_the_device_wrote_is_not() {
        let home = tempfile::tempdir().expect("a folder");
        let (mut courier, collection, registration) = courier(home.path());
        courier.look(clock());
        assert_eq!(courier.outbox.next(), None);
        put(&courier, "a.ics");
        courier.hear(News::Wrote { collection, has_content: true, told: Vec::new() });
        courier.look(clock());
        assert_eq!(courier.outbox.next(), None);
        put(&courier, "b.ics");
        courier.look(clock());
        let later = clock().checked_add(jiff::SignedDuration::from_secs(2)).expect("an instant");
        assert_eq!(courier.outbox.due(later), [(registration, CONTENT)]);
        courier.look(later);
        assert_eq!(courier.outbox.next(), None);
    }

    #[test]
    fn registrations_that_are_over_are_dropped() {
        let home = tempfile::tempdir().expect("a folder");
        let (mut courier, _, registration) = courier(home.path());
        courier.tidy(clock());
        assert!(courier.desk.book.find(&registration).is_some());
        courier.desk.accounts.revoke("phone", clock()).expect("revoked");
        courier.tidy(clock());
        assert!(courier.desk.book.is_empty() && courier.seen.is_empty());

        let home = tempfile::tempdir().expect("a folder");
        let (mut courier, ..) = self::courier(home.path());
        let later = clock().checked_add(jiff::SignedDuration::from_hours(2)).expect("an instant");
        courier.tidy(later);
        assert!(courier.desk.book.is_empty());
    }
}
