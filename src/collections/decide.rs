//! Whether something may be written, and which changes it comes to. Pure: it looks at how things
//! stand and at nothing else.

use super::path::{is_at_or_below, is_fixed, is_name, is_path, parent_of};
use super::state::{Collection, Member, State, etag_of};
use super::{made, structure};
use crate::dav::xml::Space;
use crate::model::collection::{Change, CollectionKind, ConflictKind, Object, Origin, Property, PropertyName};

/// Something that somebody wants to write.
#[derive(Debug, Clone)]
pub struct Write {
    pub what: What,
    pub conditions: Conditions,
    /// The device that asks.
    pub by: Option<String>,
}

/// What is to be written.
#[derive(Debug, Clone)]
pub enum What {
    Put {
        path: String,
        name: String,
        object: Object,
    },
    Delete {
        path: String,
        name: String,
    },
    /// A collection and all below it.
    DeleteCollection {
        path: String,
    },
    MakeCollection {
        path: String,
        kind: CollectionKind,
        properties: Vec<Property>,
    },
    /// Properties of a collection, or of one of its members.
    SetProperties {
        path: String,
        name: Option<String>,
        set: Vec<Property>,
        removed: Vec<PropertyName>,
    },
    /// A member to another place; it stays where it was when `is_copy`.
    Carry {
        from: (String, String),
        to: (String, String),
        is_copy: bool,
        overwrites: bool,
    },
    /// A collection to another place, with all below it unless `is_shallow`.
    CarryCollection {
        from: String,
        to: String,
        is_copy: bool,
        overwrites: bool,
        is_shallow: bool,
    },
    /// Changes that moisson makes itself, in collections that clients may not change.
    Own(Vec<Change>),
    /// The same, if nothing has changed in a collection since so many changes (none: if it is not
    /// there); a precondition otherwise.
    OwnSince {
        path: String,
        seq: Option<u64>,
        changes: Vec<Change>,
    },
}

/// What a request demands of how things stand (RFC 9110 §13.1).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Conditions {
    pub if_match: Option<Match>,
    pub if_none_match: Option<Match>,
}

/// Entity tags, or whatever is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Match {
    Any,
    /// With their quotation marks.
    Tags(Vec<String>),
}

/// What was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Done {
    /// Whether something new came to be.
    pub is_new: bool,
    /// Of a member that was written.
    pub etag: Option<String>,
}

/// Why something was not written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("there is nothing at this place")]
    Absent,
    #[error("the collection above does not exist")]
    NoParent,
    #[error("something is at this place already")]
    Taken,
    #[error("it is no longer as the request demands")]
    Precondition,
    /// The name of the member that has the UID.
    #[error("{name} has this UID already")]
    UidTaken { name: String },
    #[error("the place cannot hold this")]
    Unfit,
    #[error("the calendar is not for this kind of component")]
    Component,
    #[error("the name cannot be used")]
    Name,
    #[error("this cannot be changed")]
    Fixed,
    #[error("there is no room left on the disk")]
    NoRoom,
    #[error("it could not be written: {0}")]
    Failed(String),
    #[error("collections are being closed")]
    Closed,
}

/// What a request comes to: changes for the log, and what is answered once they are there.
pub(super) type Decision = (Vec<Change>, Result<Done, Refusal>);

impl Conditions {
    /// Whether they hold for what is there now.
    pub fn hold(&self, etag: Option<&str>) -> bool {
        let fits = |wanted: &Match| match (wanted, etag) {
            (_, None) => false,
            (Match::Any, Some(_)) => true,
            (Match::Tags(tags), Some(etag)) => tags.iter().any(|tag| tag == etag),
        };
        self.if_match.as_ref().is_none_or(fits) && !self.if_none_match.as_ref().is_some_and(fits)
    }
}

/// Decides on a write.
pub(super) fn decide(state: &State, write: &Write) -> Decision {
    let decided = match &write.what {
        What::Put { path, name, object } => return put(state, write, (path, name), object),
        What::Delete { path, name } => delete(state, write, path, name),
        What::DeleteCollection { path } => structure::delete(state, path),
        What::MakeCollection { path, kind, properties } => make(state, path, *kind, properties),
        What::SetProperties { path, name, set, removed } => set_properties(state, path, name.as_deref(), set, removed),
        What::Carry { from, to, is_copy, overwrites } => carry(state, write, from, to, (*is_copy, *overwrites)),
        What::CarryCollection { from, to, is_copy, overwrites, is_shallow } => {
            structure::carry(state, (from, to), *is_copy, *overwrites, *is_shallow)
        }
        What::Own(changes) => Ok((changes.clone(), false)),
        What::OwnSince { path, seq, changes } if state.collection(path).map(Collection::seq) == *seq => {
            Ok((changes.clone(), false))
        }
        What::OwnSince { .. } => Err(Refusal::Precondition),
    };
    match decided {
        Ok((changes, is_new)) => (changes, Ok(Done { is_new, etag: None })),
        Err(refusal) => (Vec::new(), Err(refusal)),
    }
}

fn put(state: &State, write: &Write, (path, name): (&str, &str), object: &Object) -> Decision {
    let collection = match written_in(state, path, name) {
        Ok(collection) => collection,
        Err(refusal) => return (Vec::new(), Err(refusal)),
    };
    if let Err(refusal) = can_hold(collection, object) {
        return (Vec::new(), Err(refusal));
    }
    let before = collection.member(name);
    if !write.conditions.hold(before.map(|member| member.etag()).as_deref()) {
        return (lost(state, write, (path, name), object, before.map(AsRef::as_ref)), Err(Refusal::Precondition));
    }
    if let Some(other) = object.uid.as_deref().and_then(|uid| collection.name_of_uid(uid)).filter(|it| *it != name) {
        return (Vec::new(), Err(Refusal::UidTaken { name: other.to_owned() }));
    }
    let done = Done { is_new: before.is_none(), etag: Some(etag_of(&object.sha256)) };
    if before.is_some_and(|before| before.sha256 == object.sha256) {
        return (Vec::new(), Ok(done));
    }
    let (path, name, by) = (path.to_owned(), name.to_owned(), write.by.clone());
    (vec![Change::Put { path, name, object: object.clone(), by, properties: Vec::new() }], Ok(done))
}

/// A version whose writer had not seen the one that is there: many clients drop theirs when it is
/// refused, so it is kept here. One that was there before, or waits already, is not kept twice.
fn lost(
    state: &State,
    write: &Write,
    (path, name): (&str, &str),
    object: &Object,
    now: Option<&Member>,
) -> Vec<Change> {
    let is_stale = matches!(write.conditions.if_match, Some(Match::Tags(_)));
    let is_known = now.is_some_and(|now| now.sha256 == object.sha256);
    let waits = state.conflicts().iter().any(|conflict| {
        conflict.path == path
            && conflict.name == name
            && conflict.lost.as_ref().is_some_and(|lost| lost.sha256 == object.sha256)
    });
    if !is_stale || is_known || waits {
        return Vec::new();
    }
    let (path, name, lost, by) = (path.to_owned(), name.to_owned(), Some(object.clone()), write.by.clone());
    vec![Change::Conflict { path, name, lost, why: ConflictKind::Stale, by }]
}

fn delete(state: &State, write: &Write, path: &str, name: &str) -> Result<(Vec<Change>, bool), Refusal> {
    let member = state.collection(path).and_then(|collection| collection.member(name)).ok_or(Refusal::Absent)?;
    if !write.conditions.hold(Some(&member.etag())) {
        return Err(Refusal::Precondition);
    }
    Ok((vec![Change::Gone { path: path.to_owned(), name: name.to_owned(), by: write.by.clone() }], false))
}

fn make(
    state: &State,
    path: &str,
    kind: CollectionKind,
    properties: &[Property],
) -> Result<(Vec<Change>, bool), Refusal> {
    structure::free_place(state, path)?;
    structure::fits_below(state, path, kind)?;
    Ok((vec![made(path, kind, Origin::Own, properties.to_vec())], true))
}

fn set_properties(
    state: &State,
    path: &str,
    name: Option<&str>,
    set: &[Property],
    removed: &[PropertyName],
) -> Result<(Vec<Change>, bool), Refusal> {
    let collection = state.collection(path).ok_or(Refusal::Absent)?;
    if name.is_some_and(|name| collection.member(name).is_none()) {
        return Err(Refusal::Absent);
    }
    let (path, name) = (path.to_owned(), name.map(str::to_owned));
    Ok((vec![Change::Set { path, name, set: set.to_vec(), removed: removed.to_vec() }], false))
}

/// Copies or moves a member.
fn carry(
    state: &State,
    write: &Write,
    from: &(String, String),
    to: &(String, String),
    (is_copy, overwrites): (bool, bool),
) -> Result<(Vec<Change>, bool), Refusal> {
    let member = state.collection(&from.0).and_then(|it| it.member(&from.1)).ok_or(Refusal::Absent)?;
    if !write.conditions.hold(Some(&member.etag())) {
        return Err(Refusal::Precondition);
    }
    let below = format!("{}/{}", to.0, to.1);
    // What lies in a folder cannot take that folder's place.
    if from == to || is_fixed(&to.0) || is_at_or_below(&from.0, &below) {
        return Err(Refusal::Fixed);
    }
    let is_folder = state.collection(&below).is_some();
    let collection = state.collection(&to.0).ok_or(Refusal::NoParent)?;
    let object = structure::object_for(member, collection.kind);
    if !is_name(&to.1) {
        return Err(Refusal::Name);
    }
    can_hold(collection, &object)?;
    let before = collection.member(&to.1);
    if !overwrites && (before.is_some() || is_folder) {
        return Err(Refusal::Precondition);
    }
    let is_itself = |name: &str| !is_copy && from.0 == to.0 && name == from.1;
    let taken = object.uid.as_deref().and_then(|uid| collection.name_of_uid(uid));
    if let Some(name) = taken.filter(|name| *name != to.1 && !is_itself(name)) {
        return Err(Refusal::UidTaken { name: name.to_owned() });
    }
    let is_new = before.is_none() && !is_folder;
    let mut changes = Vec::new();
    if is_folder {
        changes.push(Change::Removed { path: below });
    }
    if before.is_some() {
        // Nothing of what is overwritten stays, its dead properties neither (RFC 4918 §9.8.4).
        changes.push(Change::Gone { path: to.0.clone(), name: to.1.clone(), by: write.by.clone() });
    }
    if !is_copy {
        changes.push(Change::Gone { path: from.0.clone(), name: from.1.clone(), by: write.by.clone() });
    }
    let properties = member.properties.values().cloned().collect();
    let (path, name, by) = (to.0.clone(), to.1.clone(), write.by.clone());
    changes.push(Change::Put { path, name, object, by, properties });
    Ok((changes, is_new))
}

/// The collection that a member is to be written in.
fn written_in<'a>(state: &'a State, path: &str, name: &str) -> Result<&'a Collection, Refusal> {
    if is_fixed(path) {
        return Err(Refusal::Fixed);
    }
    if !is_name(name) || !is_path(path) {
        return Err(Refusal::Name);
    }
    let collection = state.collection(path).ok_or(Refusal::NoParent)?;
    let is_folder = state.collection(&format!("{path}/{name}")).is_some();
    if is_folder { Err(Refusal::Taken) } else { Ok(collection) }
}

/// Whether a collection holds things of that kind; a calendar may be for some components only.
fn can_hold(collection: &Collection, object: &Object) -> Result<(), Refusal> {
    let component = object.component.as_deref();
    let is_card = component == Some("VCARD");
    match (collection.kind, component) {
        (CollectionKind::Plain, _) => Ok(()),
        (CollectionKind::AddressBook, Some(_)) if is_card => Ok(()),
        (CollectionKind::Calendar, Some(component)) if !is_card => {
            let set = collection.property(Space::CalDav.uri(), "supported-calendar-component-set");
            let is_named = |set: &Property| set.xml.contains(&format!("\"{component}\""));
            if set.is_none_or(is_named) { Ok(()) } else { Err(Refusal::Component) }
        }
        (CollectionKind::AddressBook | CollectionKind::Calendar, _) => Err(Refusal::Unfit),
    }
}

/// The collection above a path, and the last part of it.
pub(super) fn place(path: &str) -> Result<(&str, &str), Refusal> {
    if is_fixed(path) {
        return Err(Refusal::Fixed);
    }
    if !is_path(path) {
        return Err(Refusal::Name);
    }
    Ok(parent_of(path))
}
