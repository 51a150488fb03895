//! Responses to reports with objects' data in them: as they are stored, expanded, in part, in
//! another version.
//!
//! Instances are bounded for each object (see `calendar::data`) and for each answer: a rule and a
//! large object make as much of them as somebody likes. What is over is told as RFC 4791 §7.8 has
//! it. Data that are not expanded are as large as what was stored, and are sent all.

use std::cell::Cell;
use std::sync::Arc;

use axum::http::StatusCode;
use jiff::tz::TimeZone;

use super::place;
use super::propfind::Writing;
use super::reply::{Reply, Sink};
use super::resource::{Resource, View};
use super::{Dav, query};
use crate::collections::{Member, Reading};
use crate::dav::calendar::TooLarge;
use crate::dav::request::Asked;
use crate::dav::xml::{self, Element, Name, Space};
use crate::dav::{answer, calendar, card};
use crate::model::collection::CollectionKind;

/// Bytes of expanded objects that one answer holds.
const MOST_EXPANDED: usize = 64 << 20;
const OVER: &str = "507 Insufficient Storage";
const CONDITION: &str = "<D:number-of-matches-within-limits/>";

/// How objects' data are told, where they are asked for.
pub enum Data {
    None,
    Calendar(Box<CalendarData>),
    Card(card::DataWanted),
}

/// What of calendar objects is told, and on which clocks.
pub struct CalendarData {
    wanted: calendar::DataWanted,
    /// That of the request.
    zone: TimeZone,
    /// That of the calendar, on which readings are kept.
    own: TimeZone,
    /// Bytes of instances that may still be told.
    room: Cell<usize>,
}

/// One answer about members of a collection.
pub struct Telling<'a> {
    pub dav: &'a Dav,
    pub path: &'a str,
    pub kind: CollectionKind,
    pub view: View<'a>,
    pub writing: &'a Writing,
    pub data: &'a Data,
}

impl Telling<'_> {
    /// Writes the response for a member; whether to go on.
    pub fn member(&self, member: &Member, href: &str, sink: &mut Sink<'_>) -> bool {
        let mut is_over = false;
        let more = |name: &_, to: &mut String| {
            let written = self.data.write(self.dav, member, name, to);
            is_over |= written.is_err();
            written.unwrap_or(true)
        };
        let response = self.writing.response(&Resource::Member { kind: self.kind, member }, &self.view, more);
        if self.data.is_spent() {
            self.cut(sink);
            return false;
        }
        if is_over {
            answer::status(href, OVER, Some(CONDITION), &mut sink.text);
        } else {
            response.write(href, self.writing.is_minimal, &mut sink.text);
        }
        sink.pause()
    }

    /// Says that there is more than is told.
    pub fn cut(&self, sink: &mut Sink<'_>) {
        answer::status(&place::of_collection(self.path), OVER, Some(CONDITION), &mut sink.text);
    }
}

impl Data {
    /// What of the data is asked; `zone` is the clock of the request, `own` that of the calendar.
    pub fn read(asked: &Asked, kind: CollectionKind, zone: &TimeZone, own: &TimeZone) -> Result<Self, Reply> {
        let data = match kind {
            CollectionKind::Calendar => asked.named(&Space::CalDav, "calendar-data"),
            CollectionKind::AddressBook => asked.named(&Space::CardDav, "address-data"),
            CollectionKind::Plain => None,
        };
        match (data, kind) {
            (Some(element), CollectionKind::Calendar) => of_calendar(element, zone, own),
            (Some(element), _) => {
                let wanted = card::DataWanted::read(element).map_err(|unmet| condition(&unmet.element()))?;
                Ok(Self::Card(wanted))
            }
            (None, _) => Ok(Self::None),
        }
    }

    /// Writes the data of a member, when `name` asks for it; whether it did.
    fn write(&self, dav: &Dav, member: &Member, name: &Name, to: &mut String) -> Result<bool, TooLarge> {
        match (self, &name.space, name.local.as_ref()) {
            (Self::Calendar(data), Space::CalDav, "calendar-data") => data.write(dav, member, name, to),
            (Self::Card(wanted), Space::CardDav, "address-data") => {
                let Some(bytes) = bytes(dav, member) else { return Ok(false) };
                write_data(name, &card::data(&bytes, wanted), to);
                Ok(true)
            }
            _ => Ok(false),
        }
    }

    fn is_spent(&self) -> bool {
        matches!(self, Self::Calendar(data) if data.room.get() == 0)
    }
}

impl CalendarData {
    fn write(&self, dav: &Dav, member: &Member, name: &Name, to: &mut String) -> Result<bool, TooLarge> {
        let Some((bytes, reading)) = bytes(dav, member).zip(reading(dav, member, &self.own)) else { return Ok(false) };
        let object = calendar::Object { bytes: &bytes, facts: &reading.facts, times: &reading.times, zone: &self.zone };
        let data = calendar::data(&object, &self.wanted);
        if self.wanted.is_expanded() {
            let n_bytes = data.as_ref().map_or(calendar::MOST_EXPANDED, |data| data.len());
            self.room.set(self.room.get().saturating_sub(n_bytes));
        }
        write_data(name, &data?, to);
        Ok(true)
    }
}

/// What a member means to queries, worked out once; none when it is no calendar object, or cannot
/// be read.
pub fn reading(dav: &Dav, member: &Member, own: &TimeZone) -> Option<Arc<Reading>> {
    if let Some(reading) = member.reading.get() {
        return reading.clone();
    }
    let facts = member.component.as_deref().and_then(calendar::Kind::of).zip(member.uid.clone());
    let reading = match facts {
        None => None,
        Some((kind, uid)) => {
            let times = calendar::times(&bytes(dav, member)?, own);
            Some(Arc::new(Reading { facts: calendar::Facts { kind, uid }, times }))
        }
    };
    let _ = member.reading.set(reading.clone());
    reading
}

/// The bytes of a member; one that cannot be read does not keep the others from being told.
pub fn bytes(dav: &Dav, member: &Member) -> Option<Arc<[u8]>> {
    let bytes = dav.collections.bytes(member);
    bytes.inspect_err(|error| tracing::error!(sha256 = member.sha256, %error, "an object cannot be read")).ok()
}

/// A condition that is not met, as the answer to the whole request.
pub fn condition(name: &Name) -> Reply {
    let mut text = String::new();
    answer::empty(name, &mut text);
    Reply::unmet(StatusCode::FORBIDDEN, &text)
}

fn of_calendar(element: &Element, zone: &TimeZone, own: &TimeZone) -> Result<Data, Reply> {
    let wanted = calendar::DataWanted::read(element).map_err(query::unmet)?;
    let room = Cell::new(MOST_EXPANDED);
    Ok(Data::Calendar(Box::new(CalendarData { wanted, zone: zone.clone(), own: own.clone(), room })))
}

/// Both kinds of object are lines of text, and old ones may be in another encoding.
fn write_data(name: &Name, data: &[u8], to: &mut String) {
    let (open, close) = answer::tags(name);
    to.push_str(&open);
    to.push_str(&xml::escaped(&card::text(data)));
    to.push_str(&close);
}
