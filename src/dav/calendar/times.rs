//! When an object takes place, worked out once and small enough to be kept for every object.
//!
//! The first few hundred instances are held; behind them an object is read again, unless its rule
//! is known to go on for ever and the range is open.

use jiff::tz::TimeZone;

use super::check::Kind;
use super::instances::{Prepared, calendar};
use super::range::Range;
use super::reach::Reach;
use crate::decode::components;

/// Instances of one rule that are held.
const MOST_HELD: usize = 500;
/// How far from its start a rule without near end is worked out.
const HELD_YEARS: i16 = 25;
/// A rule without end that gives that many times in [`HELD_YEARS`] gives some for ever: the
/// calendar repeats itself.
const FEW: usize = 3;

/// When an object takes place.
#[derive(Debug, Clone)]
pub struct Times {
    spans: Spans,
    /// Ranges that end by then are answered by the spans alone.
    complete_until: i64,
    /// Whether some instance is behind every instant.
    is_endless: bool,
    /// The clock on which days and floating times were read; none when there are none.
    zone: Option<TimeZone>,
}

/// What the instances meet, in order of their starts.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Spans {
    One(Reach),
    /// All of one length, as seconds behind the first start.
    Even {
        first: i64,
        length_s: u32,
        starts: Box<[u32]>,
    },
    /// As they are, none of them longer than `longest_s`.
    Uneven {
        longest_s: i64,
        reaches: Box<[Reach]>,
    },
}

/// What is known without reading the object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Known {
    Yes,
    No,
    Unsure,
}

/// Works out when the object takes place; days and floating times are read on the clock of
/// `floating`. What is no calendar object never takes place.
pub fn times(bytes: &[u8], floating: &TimeZone) -> Times {
    let nothing = || Times { spans: Spans::of(Vec::new()), complete_until: i64::MAX, is_endless: false, zone: None };
    let Ok(document) = components(bytes) else { return nothing() };
    let kinds = calendar(&document).into_iter().flat_map(|calendar| &calendar.children);
    let Some(kind) = kinds.into_iter().find_map(|child| Kind::of(&child.name)) else { return nothing() };
    let mut prepared = Prepared::read(&document, kind, floating);
    let horizon = prepared.horizon(HELD_YEARS).unwrap_or(i64::MAX);
    let mut until = horizon;
    let mut instances = prepared.instances(Range { from: i64::MIN, to: horizon }, MOST_HELD);
    if instances.all.len() < FEW && until < i64::MAX {
        // Rules that give next to nothing are looked through once and for all: they take long.
        until = i64::MAX;
        instances = prepared.instances(Range::ALL, MOST_HELD);
    }
    until = until.min(instances.complete_until.unwrap_or(i64::MAX));
    Times {
        is_endless: instances.all.len() >= FEW && prepared.is_endless(),
        spans: Spans::of(instances.all.into_iter().map(|instance| instance.reach).collect()),
        // A to-do reaches a second before its start.
        complete_until: if until == i64::MAX { i64::MAX } else { until - 1 },
        zone: prepared.floats().then(|| floating.clone()),
    }
}

impl Times {
    /// Whether the range is met, as far as is known without the bytes; days and floating times
    /// stand on the clock of `zone`.
    pub(super) fn meets(&self, range: Range, zone: &TimeZone) -> Known {
        if self.zone.as_ref().is_some_and(|read_in| read_in != zone) {
            return Known::Unsure;
        }
        if self.spans.meet(range) || self.is_endless && range.to == i64::MAX {
            return Known::Yes;
        }
        if range.to <= self.complete_until { Known::No } else { Known::Unsure }
    }
}

impl Spans {
    fn of(mut reaches: Vec<Reach>) -> Self {
        if let [one] = reaches[..] {
            return Self::One(one);
        }
        reaches.sort_unstable();
        reaches.dedup();
        let length_s = |reach: &Reach| reach.until.saturating_sub(reach.from);
        let longest_s = reaches.iter().map(length_s).max().unwrap_or(0);
        let uneven = |reaches: Vec<Reach>| Self::Uneven { longest_s, reaches: reaches.into() };
        let Some(first) = reaches.first().map(|reach| reach.from) else { return uneven(reaches) };
        let behind = |reach: &Reach| u32::try_from(reach.from.saturating_sub(first)).ok();
        let starts: Option<Box<[u32]>> = reaches.iter().map(behind).collect();
        match (u32::try_from(longest_s), starts) {
            (Ok(even_s), Some(starts)) if reaches.iter().all(|reach| length_s(reach) == longest_s) => {
                Self::Even { first, length_s: even_s, starts }
            }
            _ => uneven(reaches),
        }
    }

    fn meet(&self, range: Range) -> bool {
        match self {
            Self::One(reach) => reach.meets(range),
            Self::Even { first, length_s, starts } => {
                let earliest = range.from.saturating_sub(i64::from(*length_s));
                let at = starts.partition_point(|start| first + i64::from(*start) <= earliest);
                starts.get(at).is_some_and(|start| first + i64::from(*start) < range.to)
            }
            Self::Uneven { longest_s, reaches } => {
                let earliest = range.from.saturating_sub(*longest_s);
                let before = reaches.partition_point(|reach| reach.from < range.to);
                let near = reaches[..before].iter().rev().take_while(|reach| reach.from >= earliest);
                near.into_iter().any(|reach| reach.meets(range))
            }
        }
    }
}
