//! What has changed in one collection: by its sync token where the server keeps one, else by the
//! tags of all its members.

use std::collections::{BTreeMap, BTreeSet};

use url::Url;

use super::discovery::Collection;
use super::kind::{Kind, tags};
use super::multistatus::Member;
use super::path;
use super::session::{Session, Trouble};
use crate::fetch::State;

/// Answers to one question, each cut short by the server.
const MOST_ROUNDS: u32 = 10_000;

/// Members of a collection, by their decoded paths.
#[derive(Debug, Default)]
pub(super) struct Listing {
    /// All members, or those that changed.
    pub(super) live: BTreeMap<String, Live>,
    /// Members that are said to have gone.
    pub(super) gone: BTreeSet<String>,
    /// Members of which the answer tells neither that they are there nor that they have gone.
    pub(super) unsure: BTreeSet<String>,
    /// Whether a member failed for now, so that the same is to be asked again.
    pub(super) is_unsettled: bool,
    /// Members that could not be had, and the first reason.
    pub(super) failed: Option<(usize, Trouble)>,
    /// Where to go on the next time.
    pub(super) token: Option<String>,
    /// Whether what is not in it has gone.
    pub(super) is_full: bool,
}

/// A member that is there.
#[derive(Debug)]
pub(super) struct Live {
    pub(super) url: Url,
    /// Its path as the server writes it.
    pub(super) href: String,
    pub(super) etag: Option<String>,
    pub(super) data: Option<Vec<u8>>,
}

/// Names under which the state keeps what a collection said of itself.
pub(super) fn token_of(path: &str) -> String {
    format!("dav/token:{path}")
}

/// See [`token_of`].
pub(super) fn ctag_of(path: &str) -> String {
    format!("dav/ctag:{path}")
}

/// Whether the list of collections says already that nothing has changed.
pub(super) fn is_unchanged(collection: &Collection, state: &State) -> bool {
    let is_kept = |name: String, now: &Option<String>| now.is_some() && state.cursors.get(&name) == now.as_ref();
    is_kept(token_of(&collection.path), &collection.token) || is_kept(ctag_of(&collection.path), &collection.ctag)
}

/// What changed since the last time, or everything where that cannot be had.
pub(super) fn changes(
    session: &mut Session<'_>,
    kind: Kind,
    collection: &Collection,
    state: &State,
) -> Result<Listing, Trouble> {
    if let Some(token) = state.cursors.get(&token_of(&collection.path)) {
        match synced(session, kind, collection, token, true) {
            Ok(listing) => return Ok(listing),
            // Whatever status a server gives to a token that it no longer knows.
            Err(trouble) if trouble.is_refusal() && !trouble.is_absence() => {}
            Err(trouble) => return Err(trouble),
        }
    }
    let is_first = state.objects.get(&collection.path).is_none_or(BTreeMap::is_empty);
    everything(session, kind, collection, is_first)
}

/// All members; with their objects in the same answer, where the server gives them, when
/// `is_first`.
pub(super) fn everything(
    session: &mut Session<'_>,
    kind: Kind,
    collection: &Collection,
    is_first: bool,
) -> Result<Listing, Trouble> {
    // What is known already is not sent again: of a full list only the tags are asked.
    let attempts: &[bool] = match (&collection.token, is_first) {
        (None, _) => &[],
        (Some(_), true) => &[true, false],
        (Some(_), false) => &[false],
    };
    for is_with_data in attempts {
        match synced(session, kind, collection, "", *is_with_data) {
            Ok(listing) => return Ok(listing),
            Err(trouble) if trouble.is_refusal() && !trouble.is_absence() => {}
            Err(trouble) => return Err(trouble),
        }
    }
    let mut listing = Listing { is_full: true, token: collection.token.clone(), ..Listing::default() };
    let mut is_cut = false;
    session.ask("PROPFIND", &collection.url, "1", &tags(), &mut |member| {
        is_cut |= listing.take(collection, member);
    })?;
    if is_cut { Err(Trouble::Cut { url: collection.url.clone() }) } else { Ok(listing) }
}

/// RFC 6578 §3.2; an answer that is cut short (507) is gone on with from its token.
fn synced(
    session: &mut Session<'_>,
    kind: Kind,
    collection: &Collection,
    token: &str,
    is_with_data: bool,
) -> Result<Listing, Trouble> {
    let mut listing = Listing { is_full: token.is_empty(), ..Listing::default() };
    let mut token = token.to_owned();
    for _ in 0..MOST_ROUNDS {
        let body = kind.changes(&token, is_with_data);
        let mut is_cut = false;
        let (_, next) = session.ask("REPORT", &collection.url, "0", &body, &mut |member| {
            is_cut |= listing.take(collection, member);
        })?;
        let goes_on = is_cut && next.as_ref().is_some_and(|next| *next != token);
        listing.token = next;
        if is_cut && !goes_on {
            return Err(Trouble::Cut { url: collection.url.clone() });
        }
        match (&listing.token, goes_on) {
            (Some(next), true) => token.clone_from(next),
            _ => break,
        }
    }
    Ok(listing)
}

impl Listing {
    /// Takes in a member; whether it says that the answer is cut short.
    pub(super) fn take(&mut self, collection: &Collection, member: Member) -> bool {
        let Ok(url) = collection.url.join(&member.href) else { return false };
        let path = path::decoded(&url);
        if path == collection.path {
            return member.status == Some(507);
        }
        match member.status {
            Some(404 | 410) => {
                self.lose(path);
            }
            Some(status) if !(200..300).contains(&status) => {
                self.is_unsettled |= status >= 500;
                self.unsure.insert(path);
            }
            _ if member.props.is_collection => {}
            _ => {
                self.gone.remove(&path);
                let data = member.props.data.filter(|data| !data.trim().is_empty()).map(String::into_bytes);
                self.live.insert(path, Live { url, href: member.href, etag: member.props.etag, data });
            }
        }
        false
    }

    /// A member has gone.
    pub(super) fn lose(&mut self, path: String) {
        self.live.remove(&path);
        self.unsure.remove(&path);
        self.gone.insert(path);
    }

    /// The members that did not come of those named cannot be had in this run.
    pub(super) fn leave(&mut self, wanted: &[String], trouble: Trouble) {
        let left: Vec<&String> =
            wanted.iter().filter(|path| self.live.get(*path).is_some_and(|live| live.data.is_none())).collect();
        for path in &left {
            self.live.remove(*path);
            self.unsure.insert((*path).clone());
        }
        self.is_unsettled = true;
        let (n, _) = self.failed.get_or_insert((0, trouble));
        *n += left.len();
    }

    /// A member could not be had: it stays as it is known.
    pub(super) fn miss(&mut self, path: &str, trouble: Trouble) {
        self.live.remove(path);
        self.unsure.insert(path.to_owned());
        self.is_unsettled = true;
        let (n, _) = self.failed.get_or_insert((0, trouble));
        *n += 1;
    }
}
