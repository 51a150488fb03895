//! What people changed in the collections of a source that goes both ways, sent to its server
//! before anything is pulled.

use std::sync::Arc;

use super::known::{Both, Known, Mirrored};
use super::{Mirror, naming};
use crate::archive;
use crate::collections::{Collection, Member};
use crate::dav::bundle;
use crate::fetch::dav::{self, Edit, Sent};
use crate::fetch::{Failure, Order, State, settings};
use crate::model::run::{Class, Part, Said};

/// So many objects may be deleted at once whatever is left.
const FEW: usize = 10;

/// What was sent.
#[derive(Debug, Default)]
pub struct Pushed {
    /// What was not, and why.
    pub failed: Vec<Part>,
    pub n_requests: u32,
    pub n_bytes: u64,
}

/// One change, and what both sides have once it is sent.
struct Pending {
    path: String,
    /// The sync token of the collection in which it was found.
    token: String,
    edit: Edit,
    both: Option<Both>,
}

/// A collection as it stood when changes were looked for.
#[derive(Clone)]
struct Found<'a> {
    path: &'a str,
    mirrored: &'a Mirrored,
    token: String,
}

/// Sends what people changed; what the server has changed too is left to the pull that follows.
pub fn push(mirror: &Mirror<'_>, order: &Order<'_>, fetched: &State) -> Result<Pushed, Failure> {
    let mut pushed = Pushed::default();
    if !mirror.is_two_way() {
        return Ok(pushed);
    }
    catch_up(mirror, fetched)?;
    let mut known = mirror.known();
    let pending = pending(mirror, order, &known, &mut pushed)?;
    if pending.is_empty() {
        return Ok(pushed);
    }
    let edits: Vec<Edit> = pending.iter().map(|pending| pending.edit.clone()).collect();
    let sending = dav::push(order, fetched, &edits)?;
    (pushed.n_requests, pushed.n_bytes) = (sending.n_requests, sending.n_bytes);
    for (pending, sent) in pending.into_iter().zip(sending.sent) {
        match sent {
            Sent::Done => remember(&mut known, pending),
            Sent::Stale => {}
            Sent::Refused(failure) => {
                let (outcome, message) = (failure.class, failure.message);
                pushed.failed.push(Part { name: pending.path, outcome, message });
            }
        }
    }
    mirror.keep(&known);
    Ok(pushed)
}

/// What documents tell that came and are not in the collections yet must not be overwritten.
fn catch_up(mirror: &Mirror<'_>, fetched: &State) -> Result<(), Failure> {
    let _turn = mirror.outfit.importing.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let archive = archive::open(&mirror.outfit.home.data).map_err(|error| stopped(&error.to_string()))?;
    mirror.take(&archive, fetched).map(|_| ()).map_err(|error| stopped(&error.to_string()))
}

fn stopped(what: &str) -> Failure {
    Failure::new(
        Class::Retry,
        Said::new(
            format!("the collections of this source cannot be looked at: {what}"),
            format!("les collections de cette source ne peuvent être consultées : {what}"),
        ),
    )
}

fn pending(
    mirror: &Mirror<'_>,
    order: &Order<'_>,
    known: &Known,
    pushed: &mut Pushed,
) -> Result<Vec<Pending>, Failure> {
    let mut pending = Vec::new();
    let mut members: Vec<(Found<'_>, Arc<Member>)> = Vec::new();
    {
        let state = mirror.collections.state();
        for (path, mirrored) in &known.collections {
            let Some(collection) = state.collection(path) else { continue };
            let found = Found { path, mirrored, token: collection.token().to_string() };
            let deleted = deleted(&found, collection);
            if is_doubtful(order, mirrored, deleted.len()) {
                pushed.failed.push(doubted(mirrored, deleted.len()));
            } else {
                pending.extend(deleted);
            }
            let edited = collection.members().filter(|member| is_edited(mirrored, member));
            members.extend(edited.map(|member| (found.clone(), Arc::clone(member))));
        }
    }
    for (found, member) in members {
        let bytes = mirror.collections.bytes(&member).map_err(|error| stopped(&error.to_string()))?;
        pending.push(changed(&found, &member, bytes));
    }
    Ok(pending)
}

fn is_edited(mirrored: &Mirrored, member: &Member) -> bool {
    mirrored.members.get(&*member.name).is_none_or(|both| both.sha256 != member.sha256)
}

fn changed(found: &Found<'_>, member: &Member, bytes: Arc<[u8]>) -> Pending {
    let uid = bundle::uid(&bytes).unwrap_or_else(|| naming::hash(&bytes));
    let base = found.mirrored.members.get(&*member.name).map(|both| both.essence.clone());
    let both = Both { sha256: member.sha256.clone(), essence: bundle::essence(&bytes), uid: uid.clone() };
    let (collection, name) = (found.mirrored.slug.clone(), member.name.to_string());
    found.pending(Edit { collection, name, uid, bytes: Some(bytes), base }, Some(both))
}

fn deleted(found: &Found<'_>, collection: &Collection) -> Vec<Pending> {
    // What only has another name here is changed, not deleted.
    let is_gone =
        |name: &str, both: &Both| collection.member(name).is_none() && collection.name_of_uid(&both.uid).is_none();
    let gone = found.mirrored.members.iter().filter(|(name, both)| is_gone(name, both));
    gone.map(|(name, both)| {
        let (collection, uid, base) = (found.mirrored.slug.clone(), both.uid.clone(), Some(both.essence.clone()));
        found.pending(Edit { collection, name: name.clone(), uid, bytes: None, base }, None)
    })
    .collect()
}

impl Found<'_> {
    fn pending(&self, edit: Edit, both: Option<Both>) -> Pending {
        Pending { path: self.path.to_owned(), token: self.token.clone(), edit, both }
    }
}

/// Whether a collection seems to be lost rather than tidied.
fn is_doubtful(order: &Order<'_>, mirrored: &Mirrored, n_deleted: usize) -> bool {
    let is_named = settings::texts(order.source, order.service, "emptied").iter().any(|name| {
        name.to_lowercase() == mirrored.slug.to_lowercase()
            || mirrored.name.as_ref().is_some_and(|own| own.to_lowercase() == name.to_lowercase())
    });
    let is_halved = n_deleted >= FEW && n_deleted * 2 > mirrored.members.len();
    is_halved && !is_named
}

fn doubted(mirrored: &Mirrored, n: usize) -> Part {
    let name = mirrored.name.clone().unwrap_or_else(|| mirrored.slug.clone());
    let n_known = mirrored.members.len();
    let message = Said::new(
        format!(
            "{n} of its {n_known} objects were deleted here, and not at the server: if that is meant, name the \
             collection under `emptied`"
        ),
        format!(
            "{n} de ses {n_known} objets ont été supprimés ici, et non sur le serveur : si c'est voulu, nommez la \
             collection sous `emptied`"
        ),
    );
    Part { name, outcome: Class::Expectation, message }
}

fn remember(known: &mut Known, pending: Pending) {
    let Some(mirrored) = known.collections.get_mut(&pending.path) else { return };
    mirrored.token = pending.token;
    match pending.both {
        Some(both) => mirrored.members.insert(pending.edit.name, both),
        None => mirrored.members.remove(&pending.edit.name),
    };
}
