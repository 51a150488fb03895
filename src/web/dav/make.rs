//! MKCOL, also with properties (RFC 5689), and MKCALENDAR (RFC 4791 §5.3.1): all or nothing.

use std::sync::Arc;

use axum::http::{StatusCode, header};

use super::ask::Ask;
use super::place::Place;
use super::proppatch::{fits, kept};
use super::reply::Reply;
use super::resource::is_protected;
use super::{Answer, Dav, bad};
use crate::collections::{Refusal, What};
use crate::dav::xml::{Element, Name, Space};
use crate::dav::{answer, request};
use crate::model::collection::{CollectionKind, Property};

pub fn collection(dav: &Arc<Dav>, ask: &Arc<Ask>) -> Answer {
    if is_foreign(ask) {
        return Err(Reply::told(StatusCode::UNSUPPORTED_MEDIA_TYPE, "the body is no XML"));
    }
    let properties = request::make(&ask.body).map_err(bad)?;
    let kind = match properties.iter().find(|it| it.name.is(&Space::Dav, "resourcetype")) {
        None => CollectionKind::Plain,
        Some(kind) => kind_of(kind).ok_or_else(|| Reply::unmet(StatusCode::FORBIDDEN, "<D:valid-resourcetype/>"))?,
    };
    make(dav, ask, kind, &properties)
}

pub fn calendar(dav: &Arc<Dav>, ask: &Arc<Ask>) -> Answer {
    let properties = request::make(&ask.body).map_err(bad)?;
    make(dav, ask, CollectionKind::Calendar, &properties)
}

fn make(dav: &Arc<Dav>, ask: &Arc<Ask>, kind: CollectionKind, properties: &[Element]) -> Answer {
    let path = match dav.place(&ask.path, &ask.rights)? {
        Place::Principals | Place::Principal | Place::Collection(_) => return Err(Refusal::Taken.into()),
        Place::Member { path, name } if path.is_empty() => name,
        Place::Member { path, name } => format!("{path}/{name}"),
    };
    dav.check_make(&path, &ask.path, &ask.rights)?;
    if properties.iter().any(|it| is_unset(&it.name)) {
        return Err(refused(ask, properties));
    }
    let set = properties.iter().filter(|it| !it.name.is(&Space::Dav, "resourcetype"));
    let properties: Vec<Property> = set.map(kept).collect();
    fits(&[], &properties, &[])?;
    let made = dav.write(What::MakeCollection { path, kind, properties }, ask);
    match made {
        Ok(_) => Ok(Reply::empty(StatusCode::CREATED).with(header::CACHE_CONTROL, "no-cache")),
        Err(Refusal::Taken) if ask.method.as_str() == "MKCALENDAR" => {
            Err(Reply::unmet(StatusCode::FORBIDDEN, "<D:resource-must-be-null/>"))
        }
        Err(Refusal::Unfit) => {
            let condition = if kind == CollectionKind::Calendar {
                "<C:calendar-collection-location-ok/>"
            } else {
                "<R:addressbook-collection-location-ok/>"
            };
            Err(Reply::unmet(StatusCode::FORBIDDEN, condition))
        }
        Err(refusal) => Err(refusal.into()),
    }
}

/// No collection, because of properties that nobody sets (RFC 5689 §3, RFC 4791 §5.3.1).
fn refused(ask: &Ask, properties: &[Element]) -> Reply {
    let response = match ask.method.as_str() {
        "MKCALENDAR" => Name::new(Space::CalDav, "mkcalendar-response"),
        _ => Name::new(Space::Dav, "mkcol-response"),
    };
    let names = |is_wrong: bool| properties.iter().map(|it| &it.name).filter(move |name| is_unset(name) == is_wrong);
    let mut inner = String::new();
    let condition = Some("<D:cannot-modify-protected-property/>");
    answer::propstat(names(true), "403 Forbidden", condition, &mut inner);
    if names(false).next().is_some() {
        answer::propstat(names(false), "424 Failed Dependency", None, &mut inner);
    }
    let mut text = String::new();
    answer::document(&response, &inner, &mut text);
    Reply::xml(StatusCode::FORBIDDEN, text).with(header::CACHE_CONTROL, "no-cache")
}

/// A kind can be asked for, though it never changes.
fn is_unset(name: &Name) -> bool {
    is_protected(name) && !name.is(&Space::Dav, "resourcetype")
}

/// What a `resourcetype` asks for; none when nobody here has such.
fn kind_of(resource_type: &Element) -> Option<CollectionKind> {
    let is = |space: &Space, local: &str| resource_type.child(space, local).is_some();
    if is(&Space::CalDav, "calendar") || is(&Space::CalendarServer, "subscribed") {
        return Some(CollectionKind::Calendar);
    }
    if is(&Space::CardDav, "addressbook") {
        return Some(CollectionKind::AddressBook);
    }
    let n = resource_type.elements().count();
    (is(&Space::Dav, "collection") && n == 1).then_some(CollectionKind::Plain)
}

/// A body that is not XML means something that nobody here knows (RFC 4918 §9.3).
fn is_foreign(ask: &Ask) -> bool {
    let kind = ask.header("content-type").unwrap_or_default();
    !ask.body.is_empty() && !kind.is_empty() && !kind.contains("xml")
}
