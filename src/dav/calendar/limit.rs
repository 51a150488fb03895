//! Objects with less in them: `limit-recurrence-set` and `limit-freebusy-set`
//! (RFC 4791 §9.6.6, §9.6.7).

use std::collections::HashSet;

use super::Object;
use super::blocks::{Block, Part};
use super::instances::Prepared;
use super::range::Range;
use super::reach::period;
use crate::decode::components;

/// The object without those overrides that change nothing in the range.
pub(super) fn overrides<'a>(object: &Object<'_>, calendar: Block<'a>, range: Range) -> Block<'a> {
    let Ok(document) = components(object.bytes) else { return calendar };
    let mut prepared = Prepared::read(&document, object.facts.kind, object.zone);
    let needless: HashSet<u64> =
        prepared.overrides_without(range).into_iter().map(|component| component.line).collect();
    let is_kept = |part: &Part<'_>| !matches!(part, Part::Block(block) if needless.contains(&block.line()));
    let parts = calendar.parts.iter().filter(|part| is_kept(part)).cloned().collect();
    calendar.with(parts)
}

/// The object with those periods of FREEBUSY only that meet the range.
pub(super) fn free_busy<'a>(calendar: &Block<'a>, range: Range) -> Block<'a> {
    let parts = calendar.parts.iter().map(|part| match part {
        Part::Block(block) if block.name == "VFREEBUSY" => Part::Block(limited(block, range)),
        other => other.clone(),
    });
    calendar.with(parts.collect())
}

fn limited<'a>(block: &Block<'a>, range: Range) -> Block<'a> {
    let parts = block.parts.iter().filter_map(|part| match part {
        Part::Line(line) if line.is("FREEBUSY") => {
            let value = line.value();
            let meets = |one: &&str| period(one).is_some_and(|(start, end)| range.from < end && range.to > start);
            let kept: Vec<&str> = value.split(',').filter(meets).collect();
            (!kept.is_empty()).then(|| Part::Made(format!("{}:{}\r\n", line.head(), kept.join(","))))
        }
        other => Some(other.clone()),
    });
    block.with(parts.collect())
}
