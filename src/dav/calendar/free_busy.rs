//! Answers to `free-busy-query` (RFC 4791 §7.10): when somebody is busy, and nothing of why.

use jiff::Timestamp;

use super::check::Kind;
use super::instances::Prepared;
use super::range::{Range, seconds, utc};
use super::reach::period;
use super::times::Known;
use super::{Object, Outline, instances};
use crate::decode::{Component, components};

/// How busy; each is told of for itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Level {
    Busy,
    Unavailable,
    Tentative,
}

impl Level {
    const ALL: [Self; 3] = [Self::Busy, Self::Unavailable, Self::Tentative];

    fn name(self) -> &'static str {
        match self {
            Self::Busy => "BUSY",
            Self::Unavailable => "BUSY-UNAVAILABLE",
            Self::Tentative => "BUSY-TENTATIVE",
        }
    }
}

/// A time that is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Taken {
    start: i64,
    end: i64,
    busy: Level,
}

/// When somebody is busy in a range, object by object: events that are neither transparent nor
/// cancelled, and stored VFREEBUSY.
#[derive(Debug)]
pub struct FreeBusy {
    range: Range,
    taken: Vec<Taken>,
}

/// The VFREEBUSY of these objects in a range.
pub fn free_busy<'a>(objects: impl Iterator<Item = Object<'a>>, range: Range, made_at: Timestamp) -> Vec<u8> {
    let mut busy = FreeBusy::of(range);
    objects.for_each(|object| busy.add(&object));
    busy.written(made_at)
}

impl FreeBusy {
    /// Nothing yet.
    pub fn of(range: Range) -> Self {
        Self { range, taken: Vec::new() }
    }

    /// Whether an object may matter: its bytes need not be read when it does not.
    pub fn may_take(&self, outline: &Outline<'_>) -> bool {
        let is_kind = matches!(outline.facts.kind, Kind::Event | Kind::FreeBusy);
        is_kind && outline.times.meets(self.range, outline.zone) != Known::No
    }

    /// Counts an object.
    pub fn add(&mut self, object: &Object<'_>) {
        if !self.may_take(&object.outline()) {
            return;
        }
        match object.facts.kind {
            Kind::Event => events(object, self.range, &mut self.taken),
            Kind::FreeBusy => periods(object, &mut self.taken),
            Kind::Todo | Kind::Journal => {}
        }
    }

    /// The VFREEBUSY: times of one kind are merged and end with the range.
    pub fn written(&self, made_at: Timestamp) -> Vec<u8> {
        let of_level = |busy| merged(&self.taken, busy, self.range);
        let mut merged: Vec<Taken> = Level::ALL.into_iter().flat_map(of_level).collect();
        merged.sort_unstable();
        written(&merged, self.range, made_at).into_bytes()
    }
}

fn events(object: &Object<'_>, range: Range, taken: &mut Vec<Taken>) {
    let Ok(document) = components(object.bytes) else { return };
    let mut prepared = Prepared::read(&document, Kind::Event, object.zone);
    for instance in prepared.within(range) {
        if let (Some(busy), Some(found)) = (busy(instance.component), &instance.found) {
            taken.push(Taken { start: seconds(found.starts_at), end: seconds(found.ends_at), busy });
        }
    }
}

/// How busy an event makes; one that takes no time is left out when times are merged.
fn busy(event: &Component) -> Option<Level> {
    let says = |name: &str, word: &str| {
        event.property(name).is_some_and(|property| property.value.trim().eq_ignore_ascii_case(word))
    };
    if says("TRANSP", "TRANSPARENT") || says("STATUS", "CANCELLED") {
        return None;
    }
    Some(if says("STATUS", "TENTATIVE") { Level::Tentative } else { Level::Busy })
}

fn periods(object: &Object<'_>, taken: &mut Vec<Taken>) {
    let Ok(document) = components(object.bytes) else { return };
    let children = instances::calendar(&document).map_or(&[][..], |calendar| &calendar.children);
    for property in children.iter().flat_map(|child| child.properties_named("FREEBUSY")) {
        let busy = match property.parameter("FBTYPE").unwrap_or("BUSY").to_ascii_uppercase().as_str() {
            "FREE" => continue,
            "BUSY-UNAVAILABLE" => Level::Unavailable,
            "BUSY-TENTATIVE" => Level::Tentative,
            _ => Level::Busy,
        };
        let all = property.value.split(',').filter_map(period);
        taken.extend(all.map(|(start, end)| Taken { start, end, busy }));
    }
}

/// The times of one kind, cut to the range, those that touch made one.
fn merged(taken: &[Taken], busy: Level, range: Range) -> Vec<Taken> {
    let cut = |one: &Taken| Taken { start: one.start.max(range.from), end: one.end.min(range.to), busy };
    let mut own: Vec<Taken> = taken.iter().filter(|one| one.busy == busy).map(cut).collect();
    own.retain(|one| one.end > one.start);
    own.sort_unstable();
    let mut out: Vec<Taken> = Vec::new();
    for one in own {
        match out.last_mut() {
            Some(last) if one.start <= last.end => last.end = last.end.max(one.end),
            _ => out.push(one),
        }
    }
    out
}

fn written(taken: &[Taken], range: Range, made_at: Timestamp) -> String {
    let at = |seconds: i64| utc(seconds).strftime("%Y%m%dT%H%M%SZ").to_string();
    let mut out =
        String::from("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//moisson//free-busy//EN\r\nBEGIN:VFREEBUSY\r\n");
    let made_at = at(made_at.as_second());
    out.extend(["DTSTAMP:", &made_at, "\r\n"]);
    if range.from != i64::MIN {
        out.extend(["DTSTART:", &at(range.from), "\r\n"]);
    }
    if range.to != i64::MAX {
        out.extend(["DTEND:", &at(range.to), "\r\n"]);
    }
    for one in taken {
        let line = ["FREEBUSY;FBTYPE=", one.busy.name(), ":", &at(one.start), "/", &at(one.end), "\r\n"];
        out.extend(line);
    }
    out.push_str("END:VFREEBUSY\r\nEND:VCALENDAR\r\n");
    out
}
