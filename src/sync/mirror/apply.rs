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
    let names = names(place, known);
    let mut desk = Desk { place, heard, known, collections, decided: Decided::default() };
    let mut seen = BTreeSet::new();
    for (key, object) in &heard.objects {
        let name = names.get(key).cloned().unwrap_or_else(|| new_name(place, heard.kind, key));
        match object {
            Some(object) => desk.live(&name, key, object)?,
            None => desk.gone(&name)?,
        }
        seen.insert(name);
    }
    if heard.is_whole {
        desk.rest(&seen)?;
    }
    Ok(desk.decided)
}

struct Desk<'a> {
    place: &'a Place<'a>,
    heard: &'a Heard,
    known: &'a mut Mirrored,
    collections: &'a Collections,
    decided: Decided,
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

impl Desk<'_> {
    fn live(&mut self, name: &str, key: &str, object: &Heading) -> Result<(), ArchiveError> {
        let here = member(self.place, name);
        let essence = naming::essence(&object.bytes, self.place.is_published);
        let both = |sha256: &str| Both { sha256: sha256.to_owned(), essence: essence.clone(), uid: key.to_owned() };
        if let Some(member) = here
            && self.essence_of(member)? == essence
        {
            self.known.members.insert(name.to_owned(), both(&member.sha256));
            return Ok(());
        }
        let before = self.known.members.get(name);
        if self.is_edited(here, before)? {
            if self.place.is_two_way && before.is_some_and(|before| before.essence == essence) {
                return Ok(());
            }
            self.lose(name, here)?;
        }
        let bytes: Arc<[u8]> = object.bytes.as_slice().into();
        let component = naming::component(&bytes);
        let (object, _) = self.collections.object(New { bytes, uid: object.uid.clone(), component, media: None })?;
        self.known.members.insert(name.to_owned(), both(&object.sha256));
        let (path, name) = (self.place.path.to_owned(), name.to_owned());
        self.decided.changes.push(Change::Put { path, name, object, by: None, properties: Vec::new() });
        Ok(())
    }

    fn gone(&mut self, name: &str) -> Result<(), ArchiveError> {
        let before = self.known.members.get(name);
        let Some(here) = member(self.place, name) else {
            self.known.members.remove(name);
            return Ok(());
        };
        // Of an object that only we have, the other side cannot say that it has gone.
        if before.is_none() && self.place.is_two_way && !self.place.is_lost {
            return Ok(());
        }
        if self.is_edited(Some(here), before)? {
            self.lose(name, Some(here))?;
        }
        self.known.members.remove(name);
        self.remove(name);
        Ok(())
    }

    /// What the whole of the other side does not have.
    fn rest(&mut self, seen: &BTreeSet<String>) -> Result<(), ArchiveError> {
        let known: Vec<String> = self.known.members.keys().filter(|name| !seen.contains(*name)).cloned().collect();
        for name in &known {
            self.gone(name)?;
        }
        // Where people may not add any, nobody else can have.
        if !self.place.is_two_way {
            let members = self.place.collection.into_iter().flat_map(|seen| seen.members.keys());
            for name in members.filter(|name| !seen.contains(&***name) && !known.iter().any(|it| **it == ***name)) {
                self.remove(name);
            }
        }
        Ok(())
    }

    fn remove(&mut self, name: &str) {
        let (path, name) = (self.place.path.to_owned(), name.to_owned());
        self.decided.changes.push(Change::Gone { path, name, by: None });
    }

    /// Whether people changed a member since both sides were the same. Where that is not known, what
    /// the other side once had is no change of ours.
    fn is_edited(&self, here: Option<&Arc<Member>>, both: Option<&Both>) -> Result<bool, ArchiveError> {
        Ok(match (here, both) {
            (Some(member), Some(both)) => member.sha256 != both.sha256,
            (None, Some(_)) => true,
            (Some(member), None) if self.place.is_lost => {
                self.place.is_two_way && !self.heard.past.contains(&self.essence_of(member)?)
            }
            (Some(_), None) => self.place.is_two_way,
            (None, None) => false,
        })
    }

    fn essence_of(&self, member: &Member) -> Result<String, ArchiveError> {
        Ok(naming::essence(&self.collections.bytes(member)?, self.place.is_published))
    }

    /// Keeps our version, or that we deleted it, for a person to look at.
    fn lose(&mut self, name: &str, here: Option<&Arc<Member>>) -> Result<(), ArchiveError> {
        let lost = here.map(|member| self.object_of(member)).transpose()?;
        self.decided.conflicts.push(name.to_owned());
        let (path, name, why) = (self.place.path.to_owned(), name.to_owned(), ConflictKind::Elsewhere);
        self.decided.changes.push(Change::Conflict { path, name, lost, why, by: None });
        Ok(())
    }

    fn object_of(&self, member: &Member) -> Result<Object, ArchiveError> {
        let (uid, component, media) = (member.uid.clone(), member.component.clone(), member.media.clone());
        let bytes = self.collections.bytes(member)?;
        Ok(self.collections.object(New { bytes, uid, component, media })?.0)
    }
}
