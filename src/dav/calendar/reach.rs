//! Which ranges of time a component meets: the tables of RFC 4791 §9.9 as numbers.
//!
//! Times are whole seconds, so that "not before" and "before the next second" are one, and every
//! row of the tables says of a range that it begins before one instant and ends behind another.
//!
//! Where the RFC is silent: an event whose DTEND is not behind its DTSTART takes no time; a to-do
//! that is due before it starts is due when it starts.

use crate::decode::Component;
use crate::map::moments::{Moment, Span};

use super::range::{Range, seconds};

const DAY_S: i64 = 86_400;

/// The ranges that begin before `until` and end behind `from`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Reach {
    pub from: i64,
    pub until: i64,
}

impl Reach {
    /// Met by every range.
    pub const ALWAYS: Self = Self { from: i64::MIN, until: i64::MAX };

    pub fn meets(self, range: Range) -> bool {
        range.from < self.until && range.to > self.from
    }

    /// Of something that takes place from `start` to `end`, or at an instant when that is one.
    pub fn of_time(start: i64, end: i64) -> Self {
        Self { from: start, until: if end > start { end } else { start.saturating_add(1) } }
    }

    /// Of an occurrence of `component` from `start` to `end`.
    pub fn of_occurrence(component: &Component, start: i64, end: i64, is_all_day: bool) -> Self {
        match component.name.as_str() {
            "VTODO" => Self::of_todo(component, start, end),
            "VJOURNAL" if is_all_day => Self::of_time(start, end.max(start + 1)),
            "VJOURNAL" => Self::of_time(start, start),
            _ => Self::of_time(start, end),
        }
    }

    /// The rows of VTODO that have a DTSTART or a DUE.
    fn of_todo(task: &Component, start: i64, end: i64) -> Self {
        let has = |name: &str| task.property(name).is_some();
        match (has("DTSTART"), has("DUE"), has("DURATION")) {
            (true, true, _) => Self { from: start.min(end - 1), until: end.max(start + 1) },
            (true, false, true) => Self { from: start.min(end - 1), until: end + 1 },
            (true, false, false) => Self::of_time(start, start),
            (false, ..) => Self { from: start - 1, until: start },
        }
    }

    /// Of a component that has neither DTSTART nor DUE; none when no range meets it.
    pub fn of_untimed(component: &Component) -> Option<Self> {
        if component.name != "VTODO" {
            return None;
        }
        let at = |name: &str| Some(seconds(Moment::parse(&component.property(name)?.value)?.written()));
        Some(match (at("COMPLETED"), at("CREATED")) {
            (Some(completed), Some(created)) => {
                Self { from: completed.min(created) - 1, until: completed.max(created) + 1 }
            }
            (Some(completed), None) => Self { from: completed - 1, until: completed + 1 },
            (None, Some(created)) => Self { from: created, until: i64::MAX },
            (None, None) => Self::ALWAYS,
        })
    }

    /// Of a VFREEBUSY: from its DTSTART to its DTEND, or else its periods.
    pub fn of_free_busy(component: &Component) -> Vec<Self> {
        let at = |name: &str| instant(&component.property(name)?.value);
        if let (Some(start), Some(end)) = (at("DTSTART"), at("DTEND")) {
            return vec![Self { from: start, until: end.saturating_add(1) }];
        }
        let periods = component.properties_named("FREEBUSY").flat_map(|property| property.value.split(','));
        periods.filter_map(period).map(|(start, end)| Self { from: start, until: end }).collect()
    }
}

/// The two ends of a PERIOD in UTC (RFC 5545 §3.3.9).
pub(super) fn period(text: &str) -> Option<(i64, i64)> {
    let (start, end) = text.split_once('/')?;
    let start = instant(start)?;
    let end = match Span::parse(end) {
        Some(span) => start + span.days * DAY_S + span.seconds,
        None => instant(end)?,
    };
    (end > start).then_some((start, end))
}

fn instant(text: &str) -> Option<i64> {
    Moment::parse(text).map(|moment| seconds(moment.written()))
}
