//! PROPPATCH (RFC 4918 §9.2): all or nothing, in order.

use std::sync::Arc;

use axum::http::StatusCode;

use super::ask::Ask;
use super::place::{self, Place};
use super::reply::Reply;
use super::resource::is_protected;
use super::{Answer, Dav, bad, denied};
use crate::collections::What;
use crate::dav::answer;
use crate::dav::request::{self, Step};
use crate::dav::xml::{self, Element, Name, Space};
use crate::model::collection::{Property, PropertyName};

/// Bytes of a property that clients set, as it is written.
const LARGEST_PROPERTY: usize = 64 << 10;
/// The most properties that clients set on one resource: all are in memory.
const MOST_PROPERTIES: usize = 256;

pub fn answer(dav: &Arc<Dav>, ask: &Arc<Ask>) -> Answer {
    let steps = request::proppatch(&ask.body).map_err(bad)?;
    let place = dav.place(&ask.path, &ask.rights)?;
    let (path, name) = match place {
        // What is set on the principal lies at the root, which is its own.
        Place::Principal => (String::new(), None),
        Place::Principals => return Err(denied(&ask.path, "D:write-properties")),
        Place::Collection(path) => (path, None),
        Place::Member { path, name } => (path, Some(name)),
    };
    dav.check_write(&path, &ask.path, &ask.rights)?;
    let wrong: Vec<Name> = steps.iter().filter(|step| is_refused(step)).map(name_of).collect();
    let href = href(dav, ask, &path, name.as_deref());
    if !wrong.is_empty() {
        return Ok(refused(&href, &steps, &wrong));
    }
    let (set, removed) = parted(&steps);
    fits(&there(dav, &path, name.as_deref()), &set, &removed)?;
    dav.write(What::SetProperties { path, name, set, removed }, ask)?;
    if ask.is_minimal() {
        return Ok(Reply::empty(StatusCode::OK));
    }
    Ok(Reply::multistatus(move |sink| {
        sink.text.push_str("<D:response>");
        sink.text.push_str(&answer::href(&href));
        answer::propstat(steps.iter().map(name_in), "200 OK", None, &mut sink.text);
        sink.text.push_str("</D:response>");
        None
    }))
}

/// A property as the log keeps it.
pub fn kept(element: &Element) -> Property {
    let mut xml = String::new();
    xml::write(element, &mut xml);
    Property { name: kept_name(&element.name), xml }
}

/// Whether a resource with these properties has room for what is set on it.
pub fn fits(there: &[PropertyName], set: &[Property], removed: &[PropertyName]) -> Result<(), Reply> {
    let full = |text: String| Err(Reply::told(StatusCode::INSUFFICIENT_STORAGE, text));
    if set.iter().any(|property| property.xml.len() > LARGEST_PROPERTY) {
        return full(format!("a property has at most {LARGEST_PROPERTY} bytes"));
    }
    let is_left = |name: &&PropertyName| !removed.contains(name) && set.iter().all(|property| property.name != **name);
    if !set.is_empty() && there.iter().filter(is_left).count() + set.len() > MOST_PROPERTIES {
        return full(format!("a resource has at most {MOST_PROPERTIES} properties"));
    }
    Ok(())
}

/// The properties that clients have set on a resource.
fn there(dav: &Dav, path: &str, name: Option<&str>) -> Vec<PropertyName> {
    let state = dav.collections.state();
    let Some(collection) = state.collection(path) else { return Vec::new() };
    let set = match name {
        None => Some(&collection.properties),
        Some(name) => collection.member(name).map(|member| &member.properties),
    };
    set.into_iter().flat_map(|set| set.keys().cloned()).collect()
}

fn kept_name(name: &Name) -> PropertyName {
    PropertyName { ns: name.space.uri().to_owned(), local: name.local.to_string() }
}

/// What is set and what is taken away, when the steps are done in order.
fn parted(steps: &[Step]) -> (Vec<Property>, Vec<PropertyName>) {
    let (mut set, mut removed): (Vec<Property>, Vec<PropertyName>) = (Vec::new(), Vec::new());
    for step in steps {
        let name = kept_name(name_in(step));
        set.retain(|property| property.name != name);
        removed.retain(|other| *other != name);
        match step {
            Step::Set(element) => set.push(kept(element)),
            Step::Remove(_) => removed.push(name),
        }
    }
    (set, removed)
}

/// What a calendar takes is settled when it is made (RFC 4791 §5.2.3).
fn is_refused(step: &Step) -> bool {
    let name = name_in(step);
    is_protected(name) || name.is(&Space::CalDav, "supported-calendar-component-set")
}

fn refused(href: &str, steps: &[Step], wrong: &[Name]) -> Reply {
    let others: Vec<Name> = steps.iter().map(name_of).filter(|name| !wrong.contains(name)).collect();
    let (href, wrong) = (href.to_owned(), wrong.to_vec());
    Reply::multistatus(move |sink| {
        sink.text.push_str("<D:response>");
        sink.text.push_str(&answer::href(&href));
        let condition = Some("<D:cannot-modify-protected-property/>");
        answer::propstat(wrong.iter(), "403 Forbidden", condition, &mut sink.text);
        if !others.is_empty() {
            answer::propstat(others.iter(), "424 Failed Dependency", None, &mut sink.text);
        }
        sink.text.push_str("</D:response>");
        None
    })
}

fn href(dav: &Dav, ask: &Ask, path: &str, name: Option<&str>) -> String {
    match name {
        Some(name) => place::of_member(path, name),
        None if path.is_empty() && ask.path.contains("/principals/") => place::of_principal(&dav.user),
        None => place::of_collection(path),
    }
}

fn name_in(step: &Step) -> &Name {
    match step {
        Step::Set(element) => &element.name,
        Step::Remove(name) => name,
    }
}

fn name_of(step: &Step) -> Name {
    name_in(step).clone()
}
