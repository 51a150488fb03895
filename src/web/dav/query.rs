//! Queries for objects: by what they say, by name, by when they take place.

use std::sync::Arc;

use axum::body::Bytes;
use axum::http::{StatusCode, header};
use jiff::tz::TimeZone;

use super::ask::Ask;
use super::place::{self, Place};
use super::propfind::Writing;
use super::reply::{Body, Reply};
use super::resource::Resource;
use super::{Answer, Dav};
use crate::collections::{Member, Reading, Refusal};
use crate::dav::request::Asked;
use crate::dav::xml::{self, Element, Name, Space};
use crate::dav::{answer, calendar, card, timezone};
use crate::model::collection::CollectionKind;

/// What is asked of those that are found.
pub struct Wanted {
    pub writing: Writing,
    /// At most so many.
    pub limit: Option<usize>,
}

/// How objects' data are told, where they are asked for.
pub enum Data {
    None,
    Calendar(calendar::DataWanted, TimeZone),
    Card(card::DataWanted),
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
    let (kind, members, zone) = members(dav, path, may_be)?;
    let members = of_request(dav, ask, members);
    let stated = timezone.and_then(timezone::of_calendar);
    let is_other = stated.as_ref().is_some_and(|stated| *stated != zone);
    let zone = stated.unwrap_or(zone);
    let is_met = |member: &Arc<Member>| -> Result<bool, Reply> {
        let Some(reading) = reading(dav, member, &zone, is_other)? else { return Ok(false) };
        let bytes = dav.collections.bytes(member)?;
        let object = calendar::Object { bytes: &bytes, facts: &reading.facts, times: &reading.times, zone: &zone };
        Ok(filter.matches(&object))
    };
    let found = found(members, is_met)?;
    let data = Data::read(&wanted.writing.asked, kind, &zone)?;
    Ok(told(dav, path.to_owned(), kind, found, wanted, data))
}

/// `addressbook-query` (RFC 6352 §8.6).
pub fn cards(dav: &Arc<Dav>, ask: &Arc<Ask>, path: &str, filter: &Element, wanted: Wanted) -> Answer {
    let filter = card::Filter::read(filter).map_err(unmet_card)?;
    let (kind, members, zone) = members(dav, path, |_| true)?;
    let members = of_request(dav, ask, members);
    let found = found(members, |member| Ok(filter.matches(&*dav.collections.bytes(member)?)))?;
    let data = Data::read(&wanted.writing.asked, kind, &zone)?;
    Ok(told(dav, path.to_owned(), kind, found, wanted, data))
}

/// `calendar-multiget` and `addressbook-multiget`: what is not there is told so.
pub fn multiget(dav: &Arc<Dav>, ask: &Arc<Ask>, path: String, hrefs: Vec<String>, writing: Writing) -> Answer {
    let (kind, zone) = {
        let state = dav.collections.state();
        let collection = state.collection(&path).ok_or(Refusal::Absent)?;
        (collection.kind, zone_of(dav, collection))
    };
    let data = Data::read(&writing.asked, kind, &zone)?;
    let (dav, ask) = (Arc::clone(dav), Arc::clone(ask));
    Ok(Reply::multistatus(move |sink| {
        let view = dav.view(false);
        for href in &hrefs {
            let member = named(&dav, &ask, &path, href);
            match member {
                // The address as the client wrote it: it looks for that.
                Some(member) => {
                    let resource = Resource::Member { kind, member: &member };
                    let more = |name: &_, to: &mut String| data.write(&dav, &member, name, to);
                    writing.response(&resource, &view, more).write(href, writing.is_minimal, &mut sink.text);
                }
                None => answer::status(href, "404 Not Found", None, &mut sink.text),
            }
            if !sink.pause() {
                return None;
            }
        }
        None
    }))
}

/// `free-busy-query` (RFC 4791 §7.10).
pub fn free_busy(dav: &Arc<Dav>, path: &str, start: Option<&str>, end: Option<&str>) -> Answer {
    let mut element = Element::new(Name::new(Space::CalDav, "time-range"));
    let attribute = |local, value: &str| (Name::new(Space::Other(String::new()), local), value.to_owned());
    element.attributes.extend(start.map(|start| attribute("start", start)));
    element.attributes.extend(end.map(|end| attribute("end", end)));
    let range = calendar::Range::read(&element).map_err(unmet)?;
    let (kind, members, zone) = members(dav, path, |_| true)?;
    if kind != CollectionKind::Calendar {
        return Err(Reply::unmet(StatusCode::FORBIDDEN, "<D:supported-report/>"));
    }
    let mut objects = Vec::new();
    for member in &members {
        if let Some(reading) = reading(dav, member, &zone, false)? {
            objects.push((dav.collections.bytes(member)?, reading));
        }
    }
    let objects = objects.iter().map(|(bytes, reading)| calendar::Object {
        bytes,
        facts: &reading.facts,
        times: &reading.times,
        zone: &zone,
    });
    let bytes = calendar::free_busy(objects, range, dav.collections.now());
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
        let _ = reading(dav, &member, &zone, false);
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
        let Ok((_, members, zone)) = members(dav, &path, |_| true) else { continue };
        for member in members {
            let _ = reading(dav, &member, &zone, false);
        }
    }
}

impl Data {
    /// What of the data is asked, for reports that state no clock.
    pub fn of(asked: &Asked, kind: CollectionKind) -> Result<Self, Reply> {
        Self::read(asked, kind, &TimeZone::UTC)
    }

    fn read(asked: &Asked, kind: CollectionKind, zone: &TimeZone) -> Result<Self, Reply> {
        let data = match kind {
            CollectionKind::Calendar => asked.named(&Space::CalDav, "calendar-data"),
            CollectionKind::AddressBook => asked.named(&Space::CardDav, "address-data"),
            CollectionKind::Plain => None,
        };
        match (data, kind) {
            (Some(element), CollectionKind::Calendar) => {
                Ok(Self::Calendar(calendar::DataWanted::read(element).map_err(unmet)?, zone.clone()))
            }
            (Some(element), _) => Ok(Self::Card(card::DataWanted::read(element).map_err(unmet_card)?)),
            (None, _) => Ok(Self::None),
        }
    }

    /// Writes the data of a member, when `name` asks for it; whether it did.
    pub fn write(&self, dav: &Dav, member: &Member, name: &Name, to: &mut String) -> bool {
        let is_data = matches!(
            (self, &name.space, name.local.as_ref()),
            (Self::Calendar(..), Space::CalDav, "calendar-data") | (Self::Card(_), Space::CardDav, "address-data")
        );
        if !is_data {
            return false;
        }
        let Ok(bytes) = dav.collections.bytes(member) else { return false };
        let bytes: &[u8] = &bytes;
        match self {
            Self::None => return false,
            Self::Card(wanted) => write_data(name, &card::data(bytes, wanted), to),
            Self::Calendar(wanted, zone) => {
                let Ok(Some(reading)) = reading(dav, member, zone, false) else { return false };
                let object = calendar::Object { bytes, facts: &reading.facts, times: &reading.times, zone };
                write_data(name, &calendar::data(&object, wanted), to);
            }
        }
        true
    }
}

fn write_data(name: &Name, data: &[u8], to: &mut String) {
    let (open, close) = answer::tags(name);
    to.push_str(&open);
    to.push_str(&xml::escaped(&String::from_utf8_lossy(data)));
    to.push_str(&close);
}

/// The clock of days and floating times in a calendar: its own, else the household's.
pub fn zone_of(dav: &Dav, collection: &crate::collections::Collection) -> TimeZone {
    const SPACE: &str = "urn:ietf:params:xml:ns:caldav";
    let text = |local: &str| {
        let property = collection.property(SPACE, local)?;
        Some(xml::read(property.xml.as_bytes()).ok()?.text())
    };
    let named = text("calendar-timezone-id").and_then(|name| TimeZone::get(name.trim()).ok());
    let ruled = || text("calendar-timezone").and_then(|text| timezone::of_calendar(&text));
    named.or_else(ruled).unwrap_or_else(|| dav.zone.clone())
}

/// What a member means to queries, kept with it unless `is_other` clock is asked for.
fn reading(dav: &Dav, member: &Member, zone: &TimeZone, is_other: bool) -> Result<Option<Arc<Reading>>, Reply> {
    if let Some(reading) = member.reading.get().filter(|_| !is_other) {
        return Ok(reading.clone());
    }
    let facts = member.component.as_deref().and_then(calendar::Kind::of).zip(member.uid.clone());
    let reading = match facts {
        None => None,
        Some((kind, uid)) => {
            let times = calendar::times(&dav.collections.bytes(member)?, zone);
            Some(Arc::new(Reading { facts: calendar::Facts { kind, uid }, times }))
        }
    };
    if !is_other {
        let _ = member.reading.set(reading.clone());
    }
    Ok(reading)
}

type Found = (CollectionKind, Vec<Arc<Member>>, TimeZone);

/// The members that may be meant, and the clock of their collection.
fn members(dav: &Dav, path: &str, may_be: impl Fn(&Member) -> bool) -> Result<Found, Reply> {
    let state = dav.collections.state();
    let collection = state.collection(path).ok_or(Refusal::Absent)?;
    let members = collection.members().filter(|member| may_be(member)).cloned().collect();
    Ok((collection.kind, members, zone_of(dav, collection)))
}

/// A query that is asked of one object is about that one.
fn of_request(dav: &Dav, ask: &Ask, members: Vec<Arc<Member>>) -> Vec<Arc<Member>> {
    match dav.place(&ask.path, &ask.rights) {
        Ok(Place::Member { name, .. }) => members.into_iter().filter(|member| *member.name == *name).collect(),
        _ => members,
    }
}

fn found(
    members: Vec<Arc<Member>>,
    mut is_met: impl FnMut(&Arc<Member>) -> Result<bool, Reply>,
) -> Result<Vec<Arc<Member>>, Reply> {
    let mut found = Vec::new();
    for member in members {
        if is_met(&member)? {
            found.push(member);
        }
    }
    Ok(found)
}

fn told(
    dav: &Arc<Dav>,
    path: String,
    kind: CollectionKind,
    mut found: Vec<Arc<Member>>,
    wanted: Wanted,
    data: Data,
) -> Reply {
    let is_cut = wanted.limit.is_some_and(|limit| found.len() > limit);
    found.truncate(wanted.limit.unwrap_or(usize::MAX));
    let (dav, writing) = (Arc::clone(dav), wanted.writing);
    Reply::multistatus(move |sink| {
        let view = dav.view(false);
        for member in &found {
            let resource = Resource::Member { kind, member };
            let more = |name: &_, to: &mut String| data.write(&dav, member, name, to);
            let href = place::of_member(&path, &member.name);
            writing.response(&resource, &view, more).write(&href, writing.is_minimal, &mut sink.text);
            if !sink.pause() {
                return None;
            }
        }
        if is_cut {
            let condition = Some("<D:number-of-matches-within-limits/>");
            answer::status(&place::of_collection(&path), "507 Insufficient Storage", condition, &mut sink.text);
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

fn unmet(unmet: calendar::Unmet) -> Reply {
    condition(&unmet.element())
}

fn unmet_card(unmet: card::Unmet) -> Reply {
    condition(&unmet.element())
}

fn condition(name: &Name) -> Reply {
    let mut text = String::new();
    answer::empty(name, &mut text);
    Reply::unmet(StatusCode::FORBIDDEN, &text)
}
