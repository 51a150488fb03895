//! What people changed in a collection here, changed at its server: each object under the condition
//! that the server still has what was last seen of it (RFC 9110 §13.1), so that nothing of others is
//! overwritten.
//!
//! What was sent is not noted as seen: the pull that follows brings it as the server keeps it, which
//! may not be as it was sent, and it goes the way of all documents. A request whose answer was lost
//! is therefore harmless: what is there already counts as sent.

use std::collections::BTreeMap;
use std::sync::Arc;

use url::Url;

use super::credentials::Credentials;
use super::discovery;
use super::session::{Session, Trouble, failure};
use super::{hosts, kind_of, start};
use crate::dav::bundle::{self, Kind};
use crate::fetch::http::Request;
use crate::fetch::{Failure, Object, Order, State};
use crate::model::run::{Class, Said};

/// One object that was changed here.
#[derive(Debug, Clone)]
pub struct Edit {
    /// The collection, by its slug.
    pub collection: String,
    /// What it is to be called if the server does not have it.
    pub name: String,
    pub uid: String,
    /// The bytes; none where it was deleted.
    pub bytes: Option<Arc<[u8]>>,
    /// What was last seen of the server's version: see `dav::bundle::essence`.
    pub base: Option<String>,
}

/// What became of it.
#[derive(Debug)]
pub enum Sent {
    /// The server has it so.
    Done,
    /// The server has another version than the one that was changed, or nothing is known of its own.
    Stale,
    /// The server does not take it, or could not be asked.
    Refused(Failure),
}

/// What became of all, in order, and what it cost.
#[derive(Debug, Default)]
pub struct Sending {
    pub sent: Vec<Sent>,
    pub n_requests: u32,
    pub n_bytes: u64,
}

/// Sends what was changed. The error is one that stops all of it.
pub fn push(order: &Order<'_>, state: &State, edits: &[Edit]) -> Result<Sending, Failure> {
    let start = start(order)?;
    let hosts = hosts(order, &start);
    let session = Session::new(order, Credentials::of(order)?, &hosts);
    let mut desk = Desk { session, kind: kind_of(order), known: Known::of(state) };
    let mut sending = Sending::default();
    for edit in edits {
        let sent = match desk.send(edit) {
            Ok(sent) => sent,
            Err(trouble) if trouble.is_of_one() => Sent::Refused(refused(edit, &trouble)),
            Err(trouble) => return Err(failure(&trouble)),
        };
        sending.sent.push(sent);
    }
    (sending.n_requests, sending.n_bytes) = (desk.session.n_requests, desk.session.n_bytes);
    Ok(sending)
}

struct Desk<'a> {
    session: Session<'a>,
    kind: Kind,
    known: Known<'a>,
}

/// What earlier runs saw.
struct Known<'s> {
    homes: Vec<Url>,
    /// Paths of collections by their slugs.
    paths: BTreeMap<&'s str, &'s str>,
    /// By the path of the collection and the UID.
    objects: BTreeMap<(&'s str, &'s str), (&'s str, &'s Object)>,
}

impl<'s> Known<'s> {
    fn of(state: &'s State) -> Self {
        let slug = |kept: &'s String| kept.split_once('\n').map(|(slug, _)| slug);
        let named = state.cursors.iter().filter_map(|(key, kept)| Some((slug(kept)?, key.strip_prefix(super::NAMED)?)));
        let members = state.objects.iter().flat_map(|(path, objects)| objects.iter().map(move |it| (path, it)));
        let objects = members.map(|(at, (path, object))| ((at.as_str(), object.uid.as_str()), (path.as_str(), object)));
        Self { homes: discovery::homes_of(state), paths: named.collect(), objects: objects.collect() }
    }

    /// The address of a path: on the host of the home that it lies below.
    fn url(&self, path: &str) -> Option<Url> {
        let is_above = |home: &&Url| path.starts_with(&super::path::decoded(home));
        let mut url = self.homes.iter().find(is_above).or(self.homes.first())?.clone();
        url.set_query(None);
        url.set_path(&super::path::encoded(path));
        Some(url)
    }
}

impl Desk<'_> {
    fn send(&mut self, edit: &Edit) -> Result<Sent, Trouble> {
        let Some(folder) = self.known.paths.get(edit.collection.as_str()).copied() else { return Ok(Sent::Stale) };
        let there = self.known.objects.get(&(folder, edit.uid.as_str())).copied();
        let path = there.map_or_else(|| format!("{folder}/{}", edit.name), |(path, _)| path.to_owned());
        let Some(url) = self.known.url(&path) else { return Ok(Sent::Stale) };
        match (there, &edit.bytes) {
            (Some((_, object)), _) => self.change(edit, &url, Some(&object.etag).filter(|tag| !tag.starts_with(OURS))),
            (None, Some(bytes)) if edit.base.is_none() => self.add(edit, &url, bytes),
            // It had the object, and nothing is known any more of where; or never had it.
            (None, _) => Ok(Sent::Stale),
        }
    }

    /// Changes or deletes what the server has.
    fn change(&mut self, edit: &Edit, url: &Url, etag: Option<&String>) -> Result<Sent, Trouble> {
        let Some(etag) = etag else { return self.look(edit, url) };
        match self.request(edit, url, ("if-match", etag)) {
            Ok(()) => Ok(Sent::Done),
            Err(trouble) if trouble.is_absence() && edit.bytes.is_none() => Ok(Sent::Done),
            Err(trouble) if is_precondition(&trouble) => self.look(edit, url),
            Err(trouble) => Err(trouble),
        }
    }

    /// Looks at what the server has: perhaps ours already, or what was changed under another tag.
    fn look(&mut self, edit: &Edit, url: &Url) -> Result<Sent, Trouble> {
        let (etag, now) = match self.session.get(url) {
            Ok(found) => found,
            Err(trouble) if trouble.is_absence() && edit.bytes.is_none() => return Ok(Sent::Done),
            Err(trouble) if trouble.is_absence() => return Ok(Sent::Stale),
            Err(trouble) => return Err(trouble),
        };
        let essence = bundle::essence(&now);
        if edit.bytes.as_ref().is_some_and(|ours| bundle::essence(ours) == essence) {
            return Ok(Sent::Done);
        }
        if edit.base.as_ref() != Some(&essence) {
            return Ok(Sent::Stale);
        }
        // A weak tag never matches (RFC 9110 §8.8.3.2): what was just seen has to do.
        let strong = etag.filter(|etag| !etag.starts_with("W/"));
        let condition = strong.as_deref().map_or(("if-match", "*"), |etag| ("if-match", etag));
        match self.request(edit, url, condition) {
            Ok(()) => Ok(Sent::Done),
            Err(trouble) if is_precondition(&trouble) => Ok(Sent::Stale),
            Err(trouble) => Err(trouble),
        }
    }

    /// Adds what only we have.
    fn add(&mut self, edit: &Edit, url: &Url, bytes: &[u8]) -> Result<Sent, Trouble> {
        match self.request(edit, url, ("if-none-match", "*")) {
            Ok(()) => return Ok(Sent::Done),
            Err(trouble) if is_precondition(&trouble) => {}
            Err(trouble) => return Err(trouble),
        }
        let now = match self.session.get(url) {
            Ok((_, now)) => now,
            // It has the UID under another name: the pull brings it.
            Err(trouble) if trouble.is_absence() => return Ok(Sent::Stale),
            Err(trouble) => return Err(trouble),
        };
        if bundle::essence(&now) == bundle::essence(bytes) {
            return Ok(Sent::Done);
        }
        if bundle::uid(&now).as_deref() == Some(&edit.uid) {
            return Ok(Sent::Stale);
        }
        // The name is another object's.
        let extension = self.kind.extension();
        let Ok(other) = url.join(&format!("{}.{extension}", bundle::essence(edit.uid.as_bytes()))) else {
            return Ok(Sent::Stale);
        };
        match self.request(edit, &other, ("if-none-match", "*")) {
            Ok(()) => Ok(Sent::Done),
            Err(trouble) if is_precondition(&trouble) => Ok(Sent::Stale),
            Err(trouble) => Err(trouble),
        }
    }

    fn request(&mut self, edit: &Edit, url: &Url, (name, value): (&str, &str)) -> Result<(), Trouble> {
        let method = if edit.bytes.is_some() { "PUT" } else { "DELETE" };
        let mut request = Request::new(method, url.clone()).header(name, value);
        if let Some(bytes) = &edit.bytes {
            let kind = match self.kind {
                Kind::Calendars => "text/calendar; charset=utf-8",
                Kind::Cards => "text/vcard; charset=utf-8",
            };
            request = request.header("content-type", kind).body(bytes.to_vec());
        }
        self.session.write(request)
    }
}

/// What the state keeps of servers that give no tags begins with it.
const OURS: &str = "sha256:";

/// It is no longer as it was, or a rule about UIDs forbids it (RFC 4791 §5.3.2.1).
fn is_precondition(trouble: &Trouble) -> bool {
    matches!(trouble, Trouble::Refused { status: 404 | 409 | 410 | 412, .. })
}

/// What a person is told of an object that the server does not take.
fn refused(edit: &Edit, trouble: &Trouble) -> Failure {
    let name = &edit.name;
    match trouble {
        Trouble::Refused { status: 403 | 405, url, .. } => {
            let host = url.host_str().unwrap_or_default();
            Failure::new(
                Class::User,
                Said::new(
                    format!("{host} does not let us change {name}: it stays changed here only"),
                    format!("{host} ne laisse pas changer {name} : cela ne reste changé qu'ici"),
                ),
            )
        }
        Trouble::Refused { status, url, .. } => {
            let host = url.host_str().unwrap_or_default();
            Failure::new(
                Class::Retry,
                Said::new(
                    format!("{host} did not take {name} ({status}): it stays changed here only, and is sent again"),
                    format!("{host} n'a pas pris {name} ({status}) : cela ne reste changé qu'ici, et sera renvoyé"),
                ),
            )
        }
        other => failure(other),
    }
}
