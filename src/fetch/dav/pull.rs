//! One collection in one run: what is new, what has changed, what has gone, and whether that can
//! be believed.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use sha2::{Digest, Sha256};

use super::discovery::Collection;
use super::kind::Kind;
use super::listing::{self, Listing, Live, ctag_of, token_of};
use super::objects;
use super::session::{Session, Trouble};
use crate::dav::bundle::{self, Found};
use crate::fetch::{Object, State};

/// Everything is asked for anew after so many days: rules without an end are only expanded for
/// some years from when their event came, and whatever went astray is mended.
const DAYS_ANEW: i64 = 365;

/// A loss of fewer objects than this is believed, when something is left.
const FEW: usize = 10;

/// How a collection is pulled.
pub(super) struct Pull<'a> {
    pub(super) kind: Kind,
    pub(super) collection: &'a Collection,
    /// See [`Found::key`].
    pub(super) key: String,
    pub(super) now: Timestamp,
    /// A person has said that it may lose most of its objects.
    pub(super) is_vouched_for: bool,
}

/// What came of it.
#[derive(Debug, Default)]
pub(super) struct Pulled {
    /// The document, when there is something to tell.
    pub(super) document: Option<Vec<u8>>,
    /// So many objects, of so many known, are not shown any more; that was not believed.
    pub(super) doubt: Option<(usize, usize)>,
    /// So many objects could not be had, and the first reason.
    pub(super) failed: Option<(usize, Trouble)>,
}

/// Pulls what has changed, and leaves in `state` what the next run goes on from.
pub(super) fn pull(session: &mut Session<'_>, pull: &Pull<'_>, state: &mut State) -> Result<Pulled, Trouble> {
    let path = &pull.collection.path;
    let is_anew = is_due(state, path, pull.now);
    if !is_anew && listing::is_unchanged(pull.collection, state) {
        return Ok(Pulled::default());
    }
    let mut listing = if is_anew {
        listing::everything(session, pull.kind, pull.collection, true)?
    } else {
        listing::changes(session, pull.kind, pull.collection, state)?
    };
    let known = state.objects.get(path).cloned().unwrap_or_default();
    let compared = if is_anew { BTreeMap::new() } else { known.clone() };
    let wanted = wanted(&listing, &compared);
    objects::bring(session, pull.kind, pull.collection, &mut listing, &wanted)?;
    let fresh = fresh(&listing, &compared);
    let after = after(&listing, &known, &fresh);
    let gone = gone(&known, &after);
    let doubt = is_doubtful(pull, &listing, known.len(), gone.len()).then_some((gone.len(), known.len()));
    // Whatever was there before and is not among what came has gone.
    let is_whole = listing.is_full && compared.is_empty() && doubt.is_none() && listing.unsure.is_empty();
    let document = write(pull, &listing, is_whole, &fresh, if doubt.is_some() { Vec::new() } else { gone });
    // Where something is missing, the next run goes on from where this one did.
    if !listing.is_unsettled {
        remember(state, pull.collection, &listing, doubt.is_some());
    }
    if is_whole {
        state.cursors.insert(whole_at(path), pull.now.to_string());
    }
    let objects = if doubt.is_some() { known.into_iter().chain(after).collect() } else { after };
    state.objects.insert(path.clone(), objects);
    Ok(Pulled { document, doubt, failed: listing.failed.take() })
}

/// A collection that is not there any more, and of which a person said that it may go.
pub(super) fn farewell(kind: Kind, key: &str, name: &str, now: Timestamp) -> Vec<u8> {
    let objects = Vec::new();
    let found =
        Found { key, name, colour: None, taken_at: now, is_whole: true, stands: None, gone: Vec::new(), objects };
    bundle::write(kind, &found)
}

/// Under which the state keeps when a collection came as a whole.
pub(super) fn whole_at(path: &str) -> String {
    format!("dav/whole:{path}")
}

fn is_due(state: &State, path: &str, now: Timestamp) -> bool {
    let came_at = state.cursors.get(&whole_at(path)).and_then(|at| at.parse::<Timestamp>().ok());
    came_at.is_some_and(|at| now.duration_since(at) > SignedDuration::from_hours(24 * DAYS_ANEW))
}

/// Members whose bytes are to be asked for: they are not there, and not known under this tag.
fn wanted(listing: &Listing, known: &BTreeMap<String, Object>) -> Vec<String> {
    let is_known = |path: &String, live: &Live| {
        live.etag.as_ref().is_some_and(|etag| known.get(path).is_some_and(|object| object.etag == *etag))
    };
    let missing = listing.live.iter().filter(|(path, live)| live.data.is_none() && !is_known(path, live));
    missing.map(|(path, _)| path.clone()).collect()
}

/// Objects that came and differ from what is known.
fn fresh<'l>(listing: &'l Listing, known: &BTreeMap<String, Object>) -> BTreeMap<&'l str, Object> {
    let mut fresh = BTreeMap::new();
    for (path, live) in &listing.live {
        let Some(data) = &live.data else { continue };
        let etag = live.etag.clone().unwrap_or_else(|| hash(data));
        if known.get(path).is_none_or(|object| object.etag != etag) {
            let uid = bundle::uid(data).unwrap_or_default();
            fresh.insert(path.as_str(), Object { etag, uid });
        }
    }
    fresh
}

/// What a server without tags is held against.
fn hash(data: &[u8]) -> String {
    Sha256::digest(data).iter().fold("sha256:".to_owned(), |out, byte| format!("{out}{byte:02x}"))
}

/// The objects of the collection as it stands now.
fn after(
    listing: &Listing,
    known: &BTreeMap<String, Object>,
    fresh: &BTreeMap<&str, Object>,
) -> BTreeMap<String, Object> {
    let stays = |path: &String| {
        if listing.is_full {
            listing.live.contains_key(path) || listing.unsure.contains(path)
        } else {
            !listing.gone.contains(path)
        }
    };
    let kept = known.iter().filter(|(path, _)| stays(path));
    let mut after: BTreeMap<String, Object> = kept.map(|(path, object)| (path.clone(), object.clone())).collect();
    after.extend(fresh.iter().map(|(path, object)| ((*path).to_owned(), object.clone())));
    after
}

/// UIDs that were there and are not any more. An object that only changed its path has not gone.
fn gone(known: &BTreeMap<String, Object>, after: &BTreeMap<String, Object>) -> Vec<String> {
    let there: BTreeSet<&str> = after.values().map(|object| object.uid.as_str()).collect();
    let before: BTreeSet<&str> = known.values().map(|object| object.uid.as_str()).collect();
    before.difference(&there).filter(|uid| !uid.is_empty()).map(|uid| (*uid).to_owned()).collect()
}

/// Whether a collection seems to be lost rather than tidied: a list that is empty, or from which
/// most is missing.
fn is_doubtful(pull: &Pull<'_>, listing: &Listing, n_known: usize, n_gone: usize) -> bool {
    let is_empty = listing.is_full && n_known > 0 && n_gone == n_known;
    let is_halved = n_gone >= FEW && n_gone * 2 > n_known;
    !pull.is_vouched_for && (is_empty || is_halved)
}

fn write(
    pull: &Pull<'_>,
    listing: &Listing,
    is_whole: bool,
    fresh: &BTreeMap<&str, Object>,
    gone: Vec<String>,
) -> Option<Vec<u8>> {
    if fresh.is_empty() && gone.is_empty() {
        return None;
    }
    let data = fresh.keys().filter_map(|path| listing.live.get(*path)?.data.as_deref());
    let found = Found {
        key: &pull.key,
        name: &pull.collection.name,
        colour: pull.collection.colour.as_deref(),
        taken_at: pull.now,
        is_whole,
        stands: None,
        gone,
        objects: data.collect(),
    };
    Some(bundle::write(pull.kind, &found))
}

/// Keeps where to go on; after a doubt, everything is looked at again.
fn remember(state: &mut State, collection: &Collection, listing: &Listing, is_doubted: bool) {
    let mut keep = |name: String, value: Option<&String>| match value.filter(|_| !is_doubted) {
        Some(value) => state.cursors.insert(name, value.clone()),
        None => state.cursors.remove(&name),
    };
    keep(token_of(&collection.path), listing.token.as_ref());
    keep(ctag_of(&collection.path), collection.ctag.as_ref());
}
