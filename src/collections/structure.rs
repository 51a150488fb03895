//! Collections as a whole: made, deleted, copied and moved with all below them.

use super::decide::{Refusal, place};
use super::path::{is_at_or_below, is_fixed};
use super::state::{Body, Member, State};
use super::{made, path};
use crate::model::collection::{Change, CollectionKind, Object, Origin};

type Changes = Result<(Vec<Change>, bool), Refusal>;

pub(super) fn delete(state: &State, path: &str) -> Changes {
    let collection = state.collection(path).ok_or(Refusal::Absent)?;
    if is_fixed(path) || path == "files" || collection.origin != Origin::Own {
        return Err(Refusal::Fixed);
    }
    Ok((vec![Change::Removed { path: path.to_owned() }], false))
}

/// Copies or moves a collection.
pub(super) fn carry(
    state: &State,
    (from, to): (&str, &str),
    is_copy: bool,
    overwrites: bool,
    is_shallow: bool,
) -> Changes {
    let collection = state.collection(from).ok_or(Refusal::Absent)?;
    let is_within = is_at_or_below(to, from) || is_at_or_below(from, to);
    if is_fixed(from) || is_within || from == "files" {
        return Err(Refusal::Fixed);
    }
    if collection.origin != Origin::Own && !is_copy {
        return Err(Refusal::Fixed);
    }
    fits_below(state, to, collection.kind)?;
    let mut changes = cleared(state, to, overwrites)?;
    let is_new = changes.is_empty();
    if is_copy {
        let below = state.below(from).filter(|(path, _)| !is_shallow || *path == from);
        for (path, collection) in below {
            let at = format!("{to}{}", &path[from.len()..]);
            let properties = collection.properties.values().cloned().collect();
            changes.push(made(&at, collection.kind, Origin::Own, properties));
            if !is_shallow {
                changes.extend(collection.members().map(|member| copy(member, &at)));
            }
        }
    } else {
        changes.push(Change::Moved { from: from.to_owned(), to: to.to_owned() });
    }
    Ok((changes, is_new))
}

/// Whether nothing is at a path that a collection could have.
pub(super) fn free_place(state: &State, path: &str) -> Result<(), Refusal> {
    if state.collection(path).is_some() {
        return Err(Refusal::Taken);
    }
    let (above, name) = place(path)?;
    let is_member = state.collection(above).is_some_and(|above| above.member(name).is_some());
    if is_member { Err(Refusal::Taken) } else { Ok(()) }
}

/// Whether the place above a path takes collections of a kind: calendars lie in `calendars`, books
/// in `books`, folders in `files`.
pub(super) fn fits_below(state: &State, path: &str, kind: CollectionKind) -> Result<(), Refusal> {
    let (above, _) = place(path)?;
    match (above, kind) {
        ("calendars", CollectionKind::Calendar) | ("books", CollectionKind::AddressBook) => Ok(()),
        ("" | "calendars" | "books", _) => Err(Refusal::Unfit),
        (above, kind) => {
            let holder = state.collection(above).ok_or(Refusal::NoParent)?;
            let is_folder = holder.kind == CollectionKind::Plain && kind == CollectionKind::Plain;
            if is_folder { Ok(()) } else { Err(Refusal::Unfit) }
        }
    }
}

/// The bytes of a member for a collection of a kind: a file has neither UID nor component.
pub(super) fn object_for(member: &Member, kind: CollectionKind) -> Object {
    let object = object_of(member);
    if kind != CollectionKind::Plain {
        return object;
    }
    let media = object.media.or_else(|| match object.component.as_deref()? {
        "VCARD" => Some("text/vcard".to_owned()),
        _ => Some("text/calendar".to_owned()),
    });
    Object { uid: None, component: None, media, ..object }
}

/// The bytes of a member for another place.
pub(super) fn object_of(member: &Member) -> Object {
    let text = match &member.body {
        Body::Held(bytes) => std::str::from_utf8(bytes).ok().map(str::to_owned),
        Body::Archived => None,
    };
    Object {
        text,
        sha256: member.sha256.clone(),
        size: member.size,
        uid: member.uid.clone(),
        component: member.component.clone(),
        media: member.media.clone(),
    }
}

/// What makes room for something at a path.
fn cleared(state: &State, to: &str, overwrites: bool) -> Result<Vec<Change>, Refusal> {
    let (above, name) = path::parent_of(to);
    let is_member = state.collection(above).is_some_and(|above| above.member(name).is_some());
    let is_collection = state.collection(to).is_some();
    if !is_member && !is_collection {
        return Ok(Vec::new());
    }
    if !overwrites {
        return Err(Refusal::Precondition);
    }
    if state.collection(to).is_some_and(|there| there.origin != Origin::Own) {
        return Err(Refusal::Fixed);
    }
    Ok(vec![if is_collection {
        Change::Removed { path: to.to_owned() }
    } else {
        Change::Gone { path: above.to_owned(), name: name.to_owned(), by: None }
    }])
}

fn copy(member: &Member, path: &str) -> Change {
    Change::Put {
        path: path.to_owned(),
        name: member.name.to_string(),
        object: object_of(member),
        by: None,
        properties: member.properties.values().cloned().collect(),
    }
}
