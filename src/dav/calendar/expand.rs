//! `expand` (RFC 4791 §9.6.5): an object as its instances in a range, for clients that do not
//! understand rules.
//!
//! Instances come in the order of their starts, in UTC, with RECURRENCE-ID and without rules and
//! zones; days stay days and floating times stay floating, since they have no zone to be taken
//! from. Everything else in a component, alarms and unknown properties too, stays as it stands.

use std::collections::HashMap;

use super::Object;
use super::blocks::{Block, Part};
use super::instances::{Instance, Prepared, Writing};
use super::range::Range;
use crate::decode::{Component, components};
use crate::map::moments::Span;
use crate::map::occurrences::Found;

const RULES: [&str; 4] = ["RRULE", "RDATE", "EXDATE", "EXRULE"];

/// Bytes of all instances of one object: a rule gives thousands of them, each as large as what
/// recurs.
pub const MOST_EXPANDED: usize = 16 << 20;

/// Expanded, the object would be larger than anybody needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("its instances come to more than {MOST_EXPANDED} bytes")]
pub struct TooLarge;

/// The object's instances that meet the range, in a calendar like its own.
pub(super) fn expanded<'a>(object: &Object<'_>, calendar: Block<'a>, range: Range) -> Result<Block<'a>, TooLarge> {
    let Ok(document) = components(object.bytes) else { return Ok(calendar) };
    let mut prepared = Prepared::read(&document, object.facts.kind, object.zone);
    let mut instances: Vec<Instance<'_>> = prepared.within(range).collect();
    instances.sort_by_key(|one| (one.found.as_ref().map(|found| (found.starts_at, found.slot)), one.component.line));
    instances.dedup_by(|one, other| one.found.is_none() && std::ptr::eq(one.component, other.component));
    let blocks = calendar.blocks().map(|block| (block.line(), (block, block.cost())));
    let blocks: HashMap<u64, (&Block<'a>, usize)> = blocks.collect();
    let mut room = MOST_EXPANDED;
    let mut made = Vec::new();
    for one in &instances {
        let Some((block, cost)) = blocks.get(&one.component.line) else { continue };
        room = room.checked_sub(*cost).ok_or(TooLarge)?;
        made.push(Part::Block(instance(&prepared, one, block)));
    }
    let is_frame = |part: &&Part<'_>| match part {
        Part::Block(block) => block.name != "VTIMEZONE" && block.name != object.facts.kind.component(),
        Part::Line(_) | Part::Made(_) => true,
    };
    let frame = calendar.parts.iter().filter(is_frame).cloned();
    Ok(calendar.with(frame.chain(made).collect()))
}

fn instance<'a>(prepared: &Prepared<'_>, one: &Instance<'_>, block: &Block<'a>) -> Block<'a> {
    let Some(found) = &one.found else { return block.clone() };
    let written = Written::of(prepared, one.component, found);
    let mut parts = Vec::with_capacity(block.parts.len() + 1);
    for part in &block.parts {
        match part {
            Part::Line(line) if part.is_line(&["DTSTART"]) => {
                parts.push(Part::Made(written.time("DTSTART", &line.head(), &written.start)));
                parts.extend(written.recurrence_id());
                parts.extend(written.added_end());
            }
            Part::Line(line) if part.is_line(&["DTEND"]) => {
                parts.push(Part::Made(written.time("DTEND", &line.head(), &written.end)));
            }
            Part::Line(line) if part.is_line(&["DUE"]) => {
                parts.push(Part::Made(written.time("DUE", &line.head(), &written.due)));
                parts.extend(written.recurrence_id().filter(|_| !written.has_start));
            }
            Part::Line(line) if part.is_line(&["DURATION"]) => {
                parts.push(written.duration(&line.value()).map_or_else(|| part.clone(), Part::Made));
            }
            part if part.is_line(&["RECURRENCE-ID"]) || part.is_line(&RULES) => {}
            other => parts.push(other.clone()),
        }
    }
    block.with(parts)
}

/// The times of one instance, as they are written.
struct Written {
    writing: Writing,
    start: String,
    end: String,
    /// The end, or, where a to-do is only due, its start.
    due: String,
    length_s: i64,
    has_start: bool,
    has_end: bool,
    recurrence_id: Option<String>,
}

impl Written {
    fn of(prepared: &Prepared<'_>, component: &Component, found: &Found) -> Self {
        let writing = prepared.writing(found);
        let (start, end) = (writing.text(found.starts_at), writing.text(found.ends_at));
        let has = |name: &str| component.property(name).is_some();
        let has_start = has("DTSTART");
        let due = if has_start { end.clone() } else { start.clone() };
        let length_s = found.ends_at.duration_since(found.starts_at).as_secs();
        let recurrence_id = prepared.recurrence_id(found).map(|(writing, id)| {
            let date = if writing.is_date() { ";VALUE=DATE" } else { "" };
            format!("RECURRENCE-ID{date}:{id}\r\n")
        });
        let has_end = has("DTEND") || has("DUE") || has("DURATION");
        Self { writing, start, end, due, length_s, has_start, has_end, recurrence_id }
    }

    /// A time with the parameters that stood there, but for those that said how it was written.
    fn time(&self, name: &str, head: &str, value: &str) -> String {
        let own = |part: &&str| !["TZID", "VALUE"].iter().any(|name| is_parameter(part, name));
        let kept: String = head.split(';').skip(1).filter(own).flat_map(|part| [";", part]).collect();
        let date = if self.writing.is_date() { ";VALUE=DATE" } else { "" };
        format!("{name}{date}{kept}:{value}\r\n")
    }

    fn recurrence_id<'a>(&self) -> Option<Part<'a>> {
        self.recurrence_id.clone().map(Part::Made)
    }

    /// An instance that an RDATE gives a length may have none to be written over.
    fn added_end<'a>(&self) -> Option<Part<'a>> {
        let is_needed = !self.has_end && !self.writing.is_date() && self.length_s > 0;
        is_needed.then(|| Part::Made(format!("DTEND:{}\r\n", self.end)))
    }

    /// Another length than the component states: of a PERIOD, or of days where clocks changed.
    fn duration(&self, stated: &str) -> Option<String> {
        let stated_s = Span::parse(stated).map(|span| span.days * 86_400 + span.seconds);
        let is_other = !self.writing.is_date() && stated_s != Some(self.length_s);
        is_other.then(|| format!("DURATION:PT{}S\r\n", self.length_s))
    }
}

fn is_parameter(part: &str, name: &str) -> bool {
    part.split_once('=').is_some_and(|(stated, _)| stated.trim().eq_ignore_ascii_case(name))
}
