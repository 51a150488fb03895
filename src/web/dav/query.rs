//! Queries for objects: by what they say, by name, by when they take place.

use std::sync::Arc;

use axum::body::Bytes;
use axum::http::{StatusCode, header};
use jiff::tz::TimeZone;

use super::ask::Ask;
use super::data::{Data, Telling, condition};
use super::place::{self, Place};
use super::propfind::Writing;
use super::reply::{Body, Reply};
use super::{Answer, Dav, data};
use crate::collections::{Member, Refusal};
use crate::dav::xml::{self, Element, Name, Space};
use crate::dav::{answer, calendar, card, timezone};
use crate::model::collection::CollectionKind;

/// What is asked of those that are found.
pub struct Wanted {
    pub writing: Writing,
    /// At most so many.
    pub limit: Option<usize>,
}

/// `calendar-query` (RFC 4791 §7.8).
pub fn calendar(
    dav: &Arc<Dav>,
    ask: &Arc<Ask>,
    path: &str,
    filter: &Element,
    timezone: Option<&str>,
    wanted: Wanted,
) -> Answer {
    let filter = calendar::Filter::read(filter).map_err(unmet)?;
    let may_be = |member: &Member| member.uid.as_deref().is_some_and(|uid| !filter.excludes(uid));
    let mut found = members(dav, ask, path, may_be)?;
    let own = &found.zone;
    let zone = timezone.and_then(timezone::of_calendar).unwrap_or_else(|| own.clone());
    let is_met = |member: &Arc<Member>| -> Option<bool> {
        let reading = data::reading(dav, member, own)?;
        let outline = calendar::Outline { facts: &reading.facts, times: &reading.times, zone: &zone };
        filter.known(&outline).or_else(|| Some(filter.matches(&outline.with(&data::bytes(dav, member)?))))
    };
    found.members.retain(|member| is_met(member).unwrap_or(false));
    let data = Data::read(&wanted.writing.asked, found.kind, &zone, own)?;
    Ok(told(dav, path.to_owned(), found, wanted, data))
}

/// `addressbook-query` (RFC 6352 §8.6).
pub fn cards(dav: &Arc<Dav>, ask: &Arc<Ask>, path: &str, filter: &Element, wanted: Wanted) -> Answer {
    let filter = card::Filter::read(filter).map_err(|unmet| condition(&unmet.element()))?;
    let mut found = members(dav, ask, path, |_| true)?;
    let is_met = |member: &Member| data::bytes(dav, member).is_some_and(|bytes| filter.matches(&bytes));
    found.members.retain(|member| filter.means_all() || is_met(member));
    let data = Data::read(&wanted.writing.asked, found.kind, &found.zone, &found.zone)?;
    Ok(told(dav, path.to_owned(), found, wanted, data))
}

/// `calendar-multiget` and `addressbook-multiget`: what is not there is told so.
pub fn multiget(dav: &Arc<Dav>, ask: &Arc<Ask>, path: String, hrefs: Vec<String>, writing: Writing) -> Answer {
    let (kind, zone, may_write) = {
        let state = dav.collections.state();
        let collection = state.collection(&path).ok_or(Refusal::Absent)?;
        (collection.kind, zone_of(dav, collection), dav.may_write(&path, collection, &ask.rights))
    };
    let data = Data::read(&writing.asked, kind, &zone, &zone)?;
    let (dav, ask) = (Arc::clone(dav), Arc::clone(ask));
    Ok(Reply::multistatus(move |sink| {
        let (view, writing, data) = (dav.view(may_write), &writing, &data);
        let telling = Telling { dav: &dav, path: &path, kind, view, writing, data };
        for href in &hrefs {
            // The address as the client wrote it: it looks for that.
            let goes_on = if let Some(member) = named(&dav, &ask, &path, href) {
                telling.member(&member, href, sink)
            } else {
                answer::status(href, "404 Not Found", None, &mut sink.text);
                sink.pause()
            };
            if !goes_on {
                return None;
            }
        }
        None
    }))
}

/// `free-busy-query` (RFC 4791 §7.10).
pub fn free_busy(dav: &Arc<Dav>, ask: &Ask, path: &str, start: Option<&str>, end: Option<&str>) -> Answer {
    let mut element = Element::new(Name::new(Space::CalDav, "time-range"));
    let attribute = |local, value: &str| (Name::new(Space::Other(String::new()), local), value.to_owned());
    element.attributes.extend(start.map(|start| attribute("start", start)));
    element.attributes.extend(end.map(|end| attribute("end", end)));
    let range = calendar::Range::read(&element).map_err(unmet)?;
    let Found { kind, members, zone, .. } = members(dav, ask, path, |_| true)?;
    if kind != CollectionKind::Calendar {
        return Err(Reply::unmet(StatusCode::FORBIDDEN, "<D:supported-report/>"));
    }
    let mut busy = calendar::FreeBusy::of(range);
    for member in &members {
        let Some(reading) = data::reading(dav, member, &zone) else { continue };
        let outline = calendar::Outline { facts: &reading.facts, times: &reading.times, zone: &zone };
        if busy.may_take(&outline)
            && let Some(bytes) = data::bytes(dav, member)
        {
            busy.add(&outline.with(&bytes));
        }
    }
    let bytes = busy.written(dav.collections.now());
    let reply = Reply { body: Body::Whole(Bytes::from(bytes)), ..Reply::empty(StatusCode::OK) };
    Ok(reply.with(header::CONTENT_TYPE, "text/calendar; charset=utf-8"))
}

/// Works out what a new object means to queries, so that the first of them need not.
pub fn prepare(dav: &Dav, path: &str, name: &str) {
    let found = {
        let state = dav.collections.state();
        let collection = state.collection(path);
        collection.and_then(|collection| Some((Arc::clone(collection.member(name)?), zone_of(dav, collection))))
    };
    if let Some((member, zone)) = found {
        let _ = data::reading(dav, &member, &zone);
    }
}

/// The same for all that is there.
pub fn prepare_all(dav: &Dav) {
    let paths: Vec<String> = {
        let state = dav.collections.state();
        let calendars = state.collections().filter(|(_, it)| it.kind == CollectionKind::Calendar);
        calendars.map(|(path, _)| path.to_owned()).collect()
    };
    for path in paths {
        let (members, zone) = {
            let state = dav.collections.state();
            let Some(collection) = state.collection(&path) else { continue };
            (collection.members().cloned().collect::<Vec<_>>(), zone_of(dav, collection))
        };
        for member in members {
            let _ = data::reading(dav, &member, &zone);
        }
    }
}

/// The clock of days and floating times in a calendar: its own, else the household's.
pub fn zone_of(dav: &Dav, collection: &crate::collections::Collection) -> TimeZone {
    let text = |local: &str| {
        let property = collection.property(Space::CalDav.uri(), local)?;
        Some(xml::read(property.xml.as_bytes()).ok()?.text())
    };
    let named = text("calendar-timezone-id").and_then(|name| TimeZone::get(name.trim()).ok());
    let ruled = || text("calendar-timezone").and_then(|text| timezone::of_calendar(&text));
    named.or_else(ruled).unwrap_or_else(|| dav.zone.clone())
}

/// Members of a collection that a request is about.
struct Found {
    kind: CollectionKind,
    members: Vec<Arc<Member>>,
    zone: TimeZone,
    may_write: bool,
}

/// Those of the collection that may be meant; a query that is asked of one object is about that one.
fn members(dav: &Dav, ask: &Ask, path: &str, may_be: impl Fn(&Member) -> bool) -> Result<Found, Reply> {
    let one = match dav.place(&ask.path, &ask.rights) {
        Ok(Place::Member { name, .. }) => Some(name),
        _ => None,
    };
    let state = dav.collections.state();
    let collection = state.collection(path).ok_or(Refusal::Absent)?;
    let is_meant = |member: &&Arc<Member>| one.as_ref().is_none_or(|name| *member.name == **name) && may_be(member);
    Ok(Found {
        kind: collection.kind,
        members: collection.members().filter(is_meant).cloned().collect(),
        zone: zone_of(dav, collection),
        may_write: dav.may_write(path, collection, &ask.rights),
    })
}

fn told(dav: &Arc<Dav>, path: String, found: Found, wanted: Wanted, data: Data) -> Reply {
    let Found { kind, mut members, may_write, .. } = found;
    let is_cut = wanted.limit.is_some_and(|limit| members.len() > limit);
    members.truncate(wanted.limit.unwrap_or(usize::MAX));
    let (dav, writing) = (Arc::clone(dav), wanted.writing);
    Reply::multistatus(move |sink| {
        let (view, writing, data) = (dav.view(may_write), &writing, &data);
        let telling = Telling { dav: &dav, path: &path, kind, view, writing, data };
        for member in &members {
            if !telling.member(member, &place::of_member(&path, &member.name), sink) {
                return None;
            }
        }
        if is_cut {
            telling.cut(sink);
        }
        None
    })
}

/// The member that an href names, if it is one of this collection.
fn named(dav: &Dav, ask: &Ask, path: &str, href: &str) -> Option<Arc<Member>> {
    let place = place::of(place::path_of(href), &dav.user, &dav.collections.state())?;
    let Place::Member { path: of, name } = place else { return None };
    let state = dav.collections.state();
    state.collection(path).filter(|_| of == path && ask.rights.see(path))?.member(&name).cloned()
}

#[expect(clippy::needless_pass_by_value, reason = "it stands in map_err")]
pub fn unmet(unmet: calendar::Unmet) -> Reply {
    condition(&unmet.element())
}
