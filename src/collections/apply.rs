//! One line of the log, applied to how things stand. What is written now and what is told again
//! from the log take this same way.

use std::sync::{Arc, OnceLock};

use jiff::Timestamp;

use super::path::is_at_or_below;
use super::state::{Body, Collection, Conflict, Member, Properties, State, Tomb};
use super::token::mark;
use crate::dav::xml::Space;
use crate::model::collection::{Change, Object, Property, PropertyName};

/// Versions of one member that wait for a person; the log has all of them.
const MOST_LOST: usize = 20;

/// Applies a change; the error says what of it is not there.
pub(super) fn apply(state: &mut State, change: &Change, at: Timestamp) -> Result<(), String> {
    state.has_begun = true;
    match change {
        Change::Made { path, id, kind, origin, properties } => {
            let mut collection = Collection::new(id.clone(), *kind, origin.clone(), at);
            collection.properties = by_name(properties);
            state.collections.insert(path.clone(), collection);
        }
        Change::Set { path, name, set, removed } => {
            let collection = collection(state, path)?;
            match name {
                None => {
                    change_properties(&mut collection.properties, set, removed);
                    if set.iter().map(|property| &property.name).chain(removed).any(is_clock) {
                        collection.members.values_mut().for_each(|member| *member = read_anew(member));
                    }
                }
                Some(name) => {
                    let member = collection.members.get_mut(name.as_str()).ok_or_else(|| absent(path, name))?;
                    change_properties(&mut Arc::make_mut(member).properties, set, removed);
                }
            }
        }
        Change::Put { path, name, object, properties, .. } => {
            put(collection(state, path)?, name, object, properties, at);
        }
        Change::Gone { path, name, .. } => gone(collection(state, path)?, name).ok_or_else(|| absent(path, name))?,
        Change::Removed { path } => {
            state.collections.retain(|below, _| !is_at_or_below(below, path));
            state.conflicts.retain(|conflict| !is_at_or_below(&conflict.path, path));
        }
        Change::Moved { from, to } => moved(state, from, to),
        Change::Conflict { path, name, lost, why, by } => {
            forget_oldest(&mut state.conflicts, path, name);
            state.conflicts.push(Conflict {
                at,
                path: path.clone(),
                name: name.clone(),
                lost: lost.clone(),
                why: *why,
                by: by.clone(),
            });
        }
        Change::Together { changes } => changes.iter().try_for_each(|change| apply(state, change, at))?,
        Change::Settled { path, name } => {
            state.conflicts.retain(|conflict| conflict.path != *path || conflict.name != *name);
        }
    }
    Ok(())
}

/// Makes room for one more version of a member: a device may try again and again.
fn forget_oldest(conflicts: &mut Vec<Conflict>, path: &str, name: &str) {
    let is_same = |it: &Conflict| it.path == path && it.name == name;
    if conflicts.iter().filter(|it| is_same(it)).count() >= MOST_LOST
        && let Some(oldest) = conflicts.iter().position(is_same)
    {
        conflicts.remove(oldest);
    }
}

fn collection<'a>(state: &'a mut State, path: &str) -> Result<&'a mut Collection, String> {
    state.collections.get_mut(path).ok_or_else(|| format!("there is no collection {path}"))
}

fn absent(path: &str, name: &str) -> String {
    format!("there is no {name} in {path}")
}

fn put(collection: &mut Collection, name: &str, object: &Object, properties: &[Property], at: Timestamp) {
    let seq = bump(collection, name, &object.sha256);
    let before = collection.members.get(name).map(Arc::clone);
    let mut former_uids = Vec::new();
    if let Some(before) = &before {
        collection.order.remove(&before.seq);
        forget_uid(collection, before);
        former_uids.clone_from(&before.former_uids);
        former_uids.extend(before.uid.clone());
    } else if let Some(tomb) = collection.tombs.remove(name) {
        collection.order.remove(&tomb.seq);
        former_uids.extend(tomb.uid);
    }
    former_uids.retain(|uid| object.uid.as_ref() != Some(uid));
    let name: Arc<str> = before.as_ref().map_or_else(|| name.into(), |before| Arc::clone(&before.name));
    let kept = before.as_ref().map(|before| before.properties.clone()).unwrap_or_default();
    let body = object.text.as_ref().map_or(Body::Archived, |text| Body::Held(text.as_bytes().into()));
    let member = Member {
        name: Arc::clone(&name),
        sha256: object.sha256.clone(),
        size: object.size,
        body,
        uid: object.uid.clone(),
        component: object.component.clone(),
        media: object.media.clone(),
        properties: if properties.is_empty() { kept } else { by_name(properties) },
        seq,
        former_uids,
        made_at: before.as_ref().map_or(at, |before| before.made_at),
        changed_at: at,
        reading: OnceLock::new(),
    };
    if let Some(uid) = &member.uid {
        collection.uids.insert(uid.clone(), Arc::clone(&name));
    }
    collection.order.insert(seq, Arc::clone(&name));
    collection.members.insert(name, Arc::new(member));
}

fn gone(collection: &mut Collection, name: &str) -> Option<()> {
    let member = collection.members.remove(name)?;
    let seq = bump(collection, name, "");
    forget_uid(collection, &member);
    collection.order.remove(&member.seq);
    collection.order.insert(seq, Arc::clone(&member.name));
    let tomb = Tomb { seq, uid: member.uid.clone() };
    collection.tombs.insert(Arc::clone(&member.name), tomb);
    Some(())
}

/// Counts one more change.
fn bump(collection: &mut Collection, name: &str, sha256: &str) -> u64 {
    let last = collection.marks.last().copied().unwrap_or_default();
    collection.marks.push(mark(last, name, sha256));
    collection.seq()
}

fn forget_uid(collection: &mut Collection, member: &Member) {
    if let Some(uid) = &member.uid
        && collection.uids.get(uid).is_some_and(|name| *name == member.name)
    {
        collection.uids.remove(uid);
    }
}

fn moved(state: &mut State, from: &str, to: &str) {
    let paths: Vec<String> = state.collections.keys().filter(|path| is_at_or_below(path, from)).cloned().collect();
    for path in paths {
        if let Some(collection) = state.collections.remove(&path) {
            state.collections.insert(format!("{to}{}", &path[from.len()..]), collection);
        }
    }
    for conflict in state.conflicts.iter_mut().filter(|conflict| is_at_or_below(&conflict.path, from)) {
        conflict.path = format!("{to}{}", &conflict.path[from.len()..]);
    }
}

fn by_name(properties: &[Property]) -> Properties {
    properties.iter().map(|property| (property.name.clone(), property.clone())).collect()
}

fn change_properties(properties: &mut Properties, set: &[Property], removed: &[PropertyName]) {
    for name in removed {
        properties.remove(name);
    }
    properties.extend(by_name(set));
}

/// Whether a property says on which clock days and floating times stand (RFC 4791 §5.2.2,
/// RFC 7809 §5.2).
fn is_clock(name: &PropertyName) -> bool {
    name.ns == Space::CalDav.uri() && matches!(name.local.as_str(), "calendar-timezone" | "calendar-timezone-id")
}

/// The same member, of which nothing is known yet but its bytes.
fn read_anew(member: &Arc<Member>) -> Arc<Member> {
    Arc::new(Member { reading: OnceLock::new(), ..Member::clone(member) })
}
