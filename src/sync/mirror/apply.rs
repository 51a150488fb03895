//! What the changes of a source come to in a collection that it fills.
//!
//! The other side's version is what stands. Where ours was changed too, it lost, and is kept as a
//! conflict; where only ours was, it stays and is sent to the other side.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use super::fold::{Heading, Heard};
use super::known::{Both, Mirrored};
use super::naming;
use crate::archive::ArchiveError;
use crate::collections::{Collection, Collections, Member, New};
use crate::dav::bundle::Kind;
use crate::model::collection::{Change, ConflictKind, Object};

/// A collection as it stood when it was looked at.
pub(super) struct Seen {
    pub id: String,
    /// Number of its changes.
    pub seq: u64,
    pub members: BTreeMap<Arc<str>, Arc<Member>>,
}

/// Where changes go.
pub(super) struct Place<'a> {
    pub path: &'a str,
    /// None where it is to be made.
    pub collection: Option<&'a Seen>,
    /// Whether people may change it here.
    pub is_two_way: bool,
    /// Whether it is filled from one published file.
    pub is_published: bool,
    /// Whether it was not known how both sides stood.
    pub is_lost: bool,
}

impl Seen {
    pub fn of(collection: &Collection) -> Self {
        let members = collection.members().map(|member| (Arc::clone(&member.name), Arc::clone(member)));
        Self { id: collection.id.clone(), seq: collection.seq(), members: members.collect() }
    }
}

/// What was decided.
#[derive(Debug, Default)]
pub(super) struct Decided {
    pub changes: Vec<Change>,
    /// Names of members of which both versions are kept.
    pub conflicts: Vec<String>,
}

/// Decides, and brings `known` to how both sides stand then.
pub(super) fn apply(
    place: &Place<'_>,
    heard: &Heard,
    known: &mut Mirrored,
    collections: &Collections,
) -> Result<Decided, ArchiveError> {
    let mut decided = Decided::default();
    let mut seen = BTreeSet::new();
    let names = names(place, known);
    for (key, object) in &heard.objects {
        let name = names.get(key).cloned().unwrap_or_else(|| new_name(place, heard.kind, key));
        match object {
            Some(object) => live(place, (&name, key), object, known, collections, &mut decided)?,
            None => gone(place, &name, known, collections, &mut decided)?,
        }
        seen.insert(name);
    }
    if heard.is_whole {
        let rest: Vec<String> = known.members.keys().filter(|name| !seen.contains(*name)).cloned().collect();
        for name in rest {
            gone(place, &name, known, collections, &mut decided)?;
        }
        if !place.is_two_way {
            strangers(place, &seen, &mut decided);
        }
    }
    Ok(decided)
}

/// The names that objects have or had, by what they are told by.
fn names(place: &Place<'_>, known: &Mirrored) -> HashMap<String, String> {
    let had = known.members.iter().map(|(name, both)| (both.uid.clone(), name.clone()));
    let members = place.collection.into_iter().flat_map(|seen| seen.members.values());
    let have = members.filter_map(|member| Some((member.uid.clone()?, member.name.to_string())));
    had.chain(have).collect()
}

/// The name that an object is to have.
fn new_name(place: &Place<'_>, kind: Kind, key: &str) -> String {
    let name = naming::member(kind, key);
    let is_taken = member(place, &name).is_some_and(|member| member.uid.as_deref().is_some_and(|uid| uid != key));
    if is_taken { naming::other(kind, key) } else { name }
}

fn member<'a>(place: &Place<'a>, name: &str) -> Option<&'a Arc<Member>> {
    place.collection.and_then(|seen| seen.members.get(name))
}

/// Whether people changed a member since both sides were the same.
fn is_edited(place: &Place<'_>, here: Option<&Arc<Member>>, both: Option<&Both>) -> bool {
    match (here, both) {
        (Some(member), Some(both)) => member.sha256 != both.sha256,
        (None, Some(_)) => true,
        (Some(_), None) => place.is_two_way,
        (None, None) => false,
    }
}

fn live(
    place: &Place<'_>,
    (name, key): (&str, &str),
    object: &Heading,
    known: &mut Mirrored,
    collections: &Collections,
    decided: &mut Decided,
) -> Result<(), ArchiveError> {
    let here = member(place, name);
    let essence = naming::essence(&object.bytes, place.is_published);
    let both = |sha256: String| Both { sha256, essence: essence.clone(), uid: key.to_owned() };
    if let Some(member) = here
        && naming::essence(&collections.bytes(member)?, place.is_published) == essence
    {
        known.members.insert(name.to_owned(), both(member.sha256.clone()));
        return Ok(());
    }
    let before = known.members.get(name);
    if is_edited(place, here, before) {
        if place.is_two_way && before.is_some_and(|before| before.essence == essence) {
            return Ok(());
        }
        let lost = here.map(|member| object_of(member, collections)).transpose()?;
        decided.lose(place, name, lost);
    }
    let bytes: Arc<[u8]> = object.bytes.as_slice().into();
    let component = naming::component(&bytes);
    let (new, _) = collections.object(New { bytes, uid: object.uid.clone(), component, media: None })?;
    known.members.insert(name.to_owned(), both(new.sha256.clone()));
    let (path, name) = (place.path.to_owned(), name.to_owned());
    decided.changes.push(Change::Put { path, name, object: new, by: None, properties: Vec::new() });
    Ok(())
}

fn gone(
    place: &Place<'_>,
    name: &str,
    known: &mut Mirrored,
    collections: &Collections,
    decided: &mut Decided,
) -> Result<(), ArchiveError> {
    let Some(here) = member(place, name) else {
        known.members.remove(name);
        return Ok(());
    };
    let before = known.members.get(name);
    // Of an object that only we have, the other side cannot say that it has gone.
    if before.is_none() && place.is_two_way && !place.is_lost {
        return Ok(());
    }
    if is_edited(place, Some(here), before) {
        decided.lose(place, name, Some(object_of(here, collections)?));
    }
    known.members.remove(name);
    decided.changes.push(Change::Gone { path: place.path.to_owned(), name: name.to_owned(), by: None });
    Ok(())
}

/// Members that the whole of the other side does not have, where people may not add any.
fn strangers(place: &Place<'_>, seen: &BTreeSet<String>, decided: &mut Decided) {
    let went: BTreeSet<String> = decided
        .changes
        .iter()
        .filter_map(|change| if let Change::Gone { name, .. } = change { Some(name.clone()) } else { None })
        .collect();
    let members = place.collection.into_iter().flat_map(|seen| seen.members.values());
    for member in members.filter(|member| !seen.contains(&*member.name) && !went.contains(&*member.name)) {
        let (path, name) = (place.path.to_owned(), member.name.to_string());
        decided.changes.push(Change::Gone { path, name, by: None });
    }
}

fn object_of(member: &Member, collections: &Collections) -> Result<Object, ArchiveError> {
    let (uid, component) = (member.uid.clone(), member.component.clone());
    let bytes = collections.bytes(member)?;
    Ok(collections.object(New { bytes, uid, component, media: member.media.clone() })?.0)
}

impl Decided {
    fn lose(&mut self, place: &Place<'_>, name: &str, lost: Option<Object>) {
        self.conflicts.push(name.to_owned());
        let (path, name, why) = (place.path.to_owned(), name.to_owned(), ConflictKind::Elsewhere);
        self.changes.push(Change::Conflict { path, name, lost, why, by: None });
    }
}
