//! Reports about principals (RFC 3744 §9), and `expand-property` (RFC 3253 §3.8). There is one
//! principal: the household.

use std::sync::Arc;

use axum::http::StatusCode;

use super::ask::Ask;
use super::place::{self, Place};
use super::propfind::Writing;
use super::reply::Reply;
use super::resource::{Resource, View};
use super::{Answer, Dav};
use crate::dav::answer::{self, Response};
use crate::dav::request::Expanded;
use crate::dav::xml::{self, Element, Name, Space};

/// How deep properties of properties are followed.
const DEEPEST: usize = 4;
/// Bytes of all properties that one `expand-property` is told: what it names may point at itself.
const MOST_TOLD: usize = 8 << 20;
/// Bytes that a property counts beside its own.
const LEAST: usize = 64;

/// `principal-property-search`: the principal, when its properties hold the texts that are sought.
pub fn principals(dav: &Arc<Dav>, matches: &[(Vec<Name>, String)], is_any: bool, writing: Writing) -> Reply {
    let view = dav.view(false);
    let state = dav.collections.state();
    let fits = |(names, sought): &(Vec<Name>, String)| {
        names.iter().all(|name| {
            let mut text = String::new();
            Resource::principal(&state).write(name, &view, &mut text) && folded(&words(&text)).contains(&folded(sought))
        })
    };
    let is_found = if is_any { matches.iter().any(fits) } else { matches.iter().all(fits) };
    drop(state);
    if !is_found {
        return Reply::multistatus(|_| None);
    }
    principal(dav, writing)
}

/// The principal alone.
pub fn principal(dav: &Arc<Dav>, writing: Writing) -> Reply {
    let dav = Arc::clone(dav);
    Reply::multistatus(move |sink| {
        let state = dav.collections.state();
        writing.write(&Resource::principal(&state), &place::of_principal(&dav.user), &dav.view(false), &mut sink.text);
        None
    })
}

/// `principal-search-property-set`: what can be sought.
pub fn properties() -> Reply {
    let mut text = String::new();
    let sought = ["<D:displayname/>", "<C:calendar-user-address-set/>", "<S:email-address-set/>"];
    let described = ["Name", "Addresses", "Mail addresses"];
    text.push_str("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<D:principal-search-property-set xmlns:D=\"DAV:\" ");
    text.push_str("xmlns:C=\"urn:ietf:params:xml:ns:caldav\" xmlns:S=\"http://calendarserver.org/ns/\">");
    for (property, description) in sought.iter().zip(described) {
        text.push_str("<D:principal-search-property><D:prop>");
        text.push_str(property);
        text.push_str("</D:prop><D:description xml:lang=\"en\">");
        text.push_str(description);
        text.push_str("</D:description></D:principal-search-property>");
    }
    text.push_str("</D:principal-search-property-set>\n");
    Reply::xml(StatusCode::OK, text)
}

/// `expand-property`: in place of an href in a property stands the response for what it names.
pub fn expand(dav: &Arc<Dav>, ask: &Arc<Ask>, place: &Place, properties: &[Expanded]) -> Answer {
    let mut text = String::new();
    let mut room = MOST_TOLD;
    expanded(dav, ask, place, properties, 0, &mut room, &mut text)
        .ok_or_else(|| Reply::unmet(StatusCode::INSUFFICIENT_STORAGE, "<D:number-of-matches-within-limits/>"))?;
    Ok(Reply::multistatus(move |sink| {
        sink.text.push_str(&text);
        None
    }))
}

/// Nothing when there is no room for it.
fn expanded(
    dav: &Dav,
    ask: &Ask,
    place: &Place,
    properties: &[Expanded],
    depth: usize,
    room: &mut usize,
    to: &mut String,
) -> Option<()> {
    let mut response = Response::default();
    for property in properties {
        let mut text = String::new();
        let is_there = written(dav, ask, place, &property.name, &mut text);
        *room = room.checked_sub(text.len() + property.name.local.len() + LEAST)?;
        if !is_there {
            response.missing.push(property.name.clone());
        } else if property.inner.is_empty() || depth >= DEEPEST {
            response.found.push_str(&text);
        } else {
            let mut inner = String::new();
            for href in hrefs(&text) {
                if let Ok(place) = dav.place(place::path_of(&href), &ask.rights) {
                    expanded(dav, ask, &place, &property.inner, depth + 1, room, &mut inner)?;
                }
            }
            answer::holding(&property.name, &inner, &mut response.found);
        }
    }
    response.write(&href_of(dav, place), ask.is_minimal(), to);
    Some(())
}

fn href_of(dav: &Dav, place: &Place) -> String {
    match place {
        Place::Principal => place::of_principal(&dav.user),
        Place::Principals => format!("{}principals/", place::ROOT),
        Place::Collection(path) => place::of_collection(path),
        Place::Member { path, name } => place::of_member(path, name),
    }
}

/// Writes one property of what a place names; whether it has it.
fn written(dav: &Dav, ask: &Ask, place: &Place, name: &Name, to: &mut String) -> bool {
    let state = dav.collections.state();
    let in_view = |resource: &Resource<'_>, view: &View<'_>, to: &mut String| resource.write(name, view, to);
    match place {
        Place::Principal => in_view(&Resource::principal(&state), &dav.view(false), to),
        Place::Principals => in_view(&Resource::Principals, &dav.view(false), to),
        Place::Collection(path) => state.collection(path).is_some_and(|collection| {
            let view = dav.view(dav.may_write(path, collection, &ask.rights));
            in_view(&Resource::Collection { path, collection }, &view, to)
        }),
        Place::Member { path, name: member } => state.collection(path).is_some_and(|collection| {
            let view = dav.view(dav.may_write(path, collection, &ask.rights));
            let kind = collection.kind;
            collection.member(member).is_some_and(|member| in_view(&Resource::Member { kind, member }, &view, to))
        }),
    }
}

/// The hrefs directly in a property that is written.
fn hrefs(property: &str) -> Vec<String> {
    parsed(property).map(|it| it.children(&Space::Dav, "href").map(Element::text).collect()).unwrap_or_default()
}

/// The text in a property that is written, of all elements in it.
fn words(property: &str) -> String {
    fn all(element: &Element, to: &mut String) {
        to.push_str(&element.text());
        to.push(' ');
        element.elements().for_each(|inner| all(inner, to));
    }
    let mut text = String::new();
    if let Some(element) = parsed(property) {
        all(&element, &mut text);
    }
    text
}

/// A property as answers write it, whose prefixes stand around it.
fn parsed(property: &str) -> Option<Element> {
    let mut text = String::new();
    answer::error(property, &mut text);
    xml::read(text.as_bytes()).ok()?.elements().next().cloned()
}

fn folded(text: &str) -> String {
    text.trim().to_lowercase()
}
