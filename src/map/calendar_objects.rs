//! One VEVENT, VTODO or VJOURNAL with its times read: what recurrence and records are made of.

use jiff::SignedDuration;
use jiff::civil::DateTime;
use sha2::{Digest, Sha256};

use super::moments::{Moment, Span};
use super::zones::{Clock, When, Zones};
use crate::decode::{Component, Property};
use crate::model::{Fault, FaultKind, Place};

/// How long an event lasts (RFC 5545 §3.6.1 and §3.8.2.5).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Length {
    /// Whole days of an all-day event.
    Days(i64),
    /// Elapsed seconds, from DTEND.
    Exact(i64),
    /// From DURATION: days on the wall clock, then elapsed seconds.
    Nominal(Span),
}

/// Which occurrence of a series an object replaces.
#[derive(Debug, Clone)]
pub struct Replaces {
    /// RECURRENCE-ID as written.
    pub written: String,
    pub when: When,
    /// RANGE=THISANDFUTURE: it and all that follow.
    pub is_with_following: bool,
}

/// A VEVENT, VTODO or VJOURNAL, read.
#[derive(Debug, Clone)]
pub struct Object<'a> {
    pub component: &'a Component,
    pub uid: String,
    pub start: When,
    pub length: Length,
    pub replaces: Option<Replaces>,
    /// confirmed, tentative or cancelled.
    pub status: &'static str,
    pub sequence: i64,
    /// DTSTAMP, else LAST-MODIFIED.
    pub stamp: Option<DateTime>,
}

impl Length {
    /// The end of an occurrence that starts at `local` on `clock`.
    pub fn end(self, local: DateTime, utc: DateTime, clock: &Clock) -> DateTime {
        match self {
            Self::Days(days) => clock.to_utc(later(local, days * 86_400)),
            Self::Exact(seconds) => later(utc, seconds),
            Self::Nominal(span) if span.days == 0 => later(utc, span.seconds),
            Self::Nominal(span) => later(clock.to_utc(later(local, span.days * 86_400)), span.seconds),
        }
    }

    /// Seconds that it takes at most, on any clock.
    pub fn at_most_s(self) -> i64 {
        match self {
            Self::Days(days) => (days + 1) * 86_400,
            Self::Exact(seconds) => seconds,
            Self::Nominal(span) => (span.days + 1) * 86_400 + span.seconds,
        }
    }
}

impl Object<'_> {
    /// Whether this version of an object is to be believed rather than `other`.
    pub fn is_newer_than(&self, other: &Self) -> bool {
        (self.sequence, self.stamp) >= (other.sequence, other.stamp)
    }
}

/// Reads a VEVENT, a VTODO or a VJOURNAL; without a readable DTSTART it is lost.
///
/// A to-do ends at its DUE, and one without DTSTART starts there (RFC 5545 §3.8.2.3 leaves open
/// where; its recurrence needs one).
pub fn read<'a>(event: &'a Component, zones: &mut Zones<'_>, faults: &mut Vec<Fault>) -> Option<Object<'a>> {
    let start = event.property("DTSTART").or_else(|| event.property("DUE").filter(|_| is_todo(event)));
    let Some(property) = start else {
        let message = "the event has no start";
        faults.push(Fault::new(FaultKind::MissingValue, Place::line(event.line), "DTSTART", message));
        return None;
    };
    let Some(start) = zones.read(property, &property.value, None) else {
        faults.push(not_a_time(property, "the event's start is not a date or time"));
        return None;
    };
    let length = length(event, &start, zones, faults);
    let replaces = event.property("RECURRENCE-ID").and_then(|property| replaces(property, &start, zones, faults));
    let number = |name: &str| event.property(name).and_then(|property| property.value.trim().parse().ok());
    Some(Object {
        component: event,
        uid: uid(event),
        start,
        length,
        replaces,
        status: status(event),
        sequence: number("SEQUENCE").unwrap_or(0),
        stamp: stamp(event),
    })
}

/// `at` moved by seconds, as far as dates reach.
pub fn later(at: DateTime, seconds: i64) -> DateTime {
    at.saturating_add(SignedDuration::from_secs(seconds))
}

/// A value that is not a date or time and was left out.
pub fn not_a_time(property: &Property, message: &str) -> Fault {
    Fault::new(FaultKind::NotATime, Place::line(property.line), property.value.clone(), message)
}

fn length(event: &Component, start: &When, zones: &mut Zones<'_>, faults: &mut Vec<Fault>) -> Length {
    let end_name = if is_todo(event) { "DUE" } else { "DTEND" };
    let stated = event.property(end_name).filter(|property| !property.value.trim().is_empty());
    if let Some(property) = stated {
        match zones.read(property, &property.value, Some(&start.clock)) {
            Some(end) if end.utc >= start.utc => return between(start, &end),
            Some(_) => faults.push(not_a_time(property, "the event ends before it starts").keeping_row()),
            None => faults.push(not_a_time(property, "the event's end is not a date or time").keeping_row()),
        }
    } else if let Some(property) = event.property("DURATION") {
        match Span::parse(&property.value).filter(|span| span.days >= 0 && span.seconds >= 0) {
            Some(span) if start.is_date => return Length::Days((span.days + span.seconds / 86_400).max(1)),
            Some(span) => return Length::Nominal(span),
            None => faults.push(not_a_duration(property)),
        }
    }
    if start.is_date { Length::Days(1) } else { Length::Exact(0) }
}

fn is_todo(component: &Component) -> bool {
    component.name == "VTODO"
}

fn between(start: &When, end: &When) -> Length {
    if start.is_date {
        let days = end.local.date().duration_since(start.local.date()).as_hours() / 24;
        return Length::Days(days.max(1));
    }
    Length::Exact(end.utc.duration_since(start.utc).as_secs())
}

fn not_a_duration(property: &Property) -> Fault {
    let message = "the event's duration is not one such as PT1H30M";
    Fault::new(FaultKind::NotADuration, Place::line(property.line), property.value.clone(), message).keeping_row()
}

fn replaces(property: &Property, start: &When, zones: &mut Zones<'_>, faults: &mut Vec<Fault>) -> Option<Replaces> {
    let Some(when) = zones.read(property, &property.value, Some(&start.clock)) else {
        faults.push(not_a_time(property, "the RECURRENCE-ID is not a date or time").keeping_row());
        return None;
    };
    let range = property.parameter("RANGE").unwrap_or_default();
    let is_with_following = range.eq_ignore_ascii_case("THISANDFUTURE");
    Some(Replaces { written: property.value.trim().to_owned(), when, is_with_following })
}

/// The UID, or one made of the event's own lines, equal in every export of it.
fn uid(event: &Component) -> String {
    let stated = event.property("UID").map(|property| property.value.trim()).filter(|uid| !uid.is_empty());
    stated.map_or_else(|| made_uid(event), str::to_owned)
}

fn made_uid(event: &Component) -> String {
    let telling = event.properties.iter().filter(|property| !matches!(property.name.as_str(), "DTSTAMP" | "SEQUENCE"));
    let mut lines: Vec<String> = telling.map(|property| format!("{}:{}", property.name, property.value)).collect();
    lines.sort_unstable();
    let digest = Sha256::digest(lines.join("\n"));
    let half = digest.iter().take(16).fold(0_u128, |number, byte| number << 8 | u128::from(*byte));
    format!("made-{half:032x}")
}

fn status(event: &Component) -> &'static str {
    let stated = event.property("STATUS").map(|property| property.value.trim().to_ascii_uppercase());
    match stated.as_deref() {
        Some("CANCELLED" | "CANCELED") => "cancelled",
        Some("TENTATIVE") => "tentative",
        _ => "confirmed",
    }
}

fn stamp(event: &Component) -> Option<DateTime> {
    let property = event.property("DTSTAMP").or_else(|| event.property("LAST-MODIFIED"))?;
    Moment::parse(&property.value).map(Moment::written)
}
