//! What is planned of a source: its slots, how far they are put off, and what it waits for.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Span, Timestamp};
use xxhash_rust::xxh3::xxh3_64;

use super::Schedule;

/// A source as the planner sees it.
#[derive(Debug, Clone)]
pub struct Plan {
    pub source: String,
    /// `None`: it runs after others, or when somebody asks.
    pub schedule: Option<Schedule>,
    pub zone: TimeZone,
    /// Most by which a run is put off; 15 minutes or a tenth of the time between two slots,
    /// whichever is less, where it is not given.
    pub jitter: Option<Span>,
    /// Sources that run before it.
    pub after: Vec<String>,
    /// Whom it calls: one source at a time calls a host.
    pub hosts: Vec<String>,
    /// It never runs by itself: somebody has to be there.
    pub is_attended_only: bool,
    /// A hash of everything that is set about it and of its connector.
    pub setting: String,
}

/// How much runs at the same time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    pub at_once: usize,
    pub per_host: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { at_once: 4, per_host: 1 }
    }
}

/// Why sources cannot wait for each other as they are said to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Tangle {
    /// `source` waits for one that there is not.
    Unknown { source: String, after: String },
    /// Each waits for the next, and the last is the first.
    Cycle(Vec<String>),
}

impl fmt::Display for Tangle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown { source, after } => write!(f, "`{source}` runs after `{after}`, which is no source"),
            Self::Cycle(names) => write!(f, "these sources wait for each other: {}", names.join(" → ")),
        }
    }
}

/// Whether every source can have its turn, given what each runs after.
pub fn check<'a>(sources: impl IntoIterator<Item = (&'a str, &'a [String])>) -> Result<(), Tangle> {
    let waits: BTreeMap<&str, &[String]> = sources.into_iter().collect();
    let unknown = waits.iter().find_map(|(source, after)| {
        let after = after.iter().find(|after| !waits.contains_key(after.as_str()))?;
        Some(Tangle::Unknown { source: (*source).to_owned(), after: after.clone() })
    });
    if let Some(unknown) = unknown {
        return Err(unknown);
    }
    let mut settled = BTreeSet::new();
    waits.keys().try_for_each(|source| follow(source, &waits, &mut Vec::new(), &mut settled))
}

fn follow<'a>(
    source: &'a str,
    waits: &BTreeMap<&'a str, &'a [String]>,
    way: &mut Vec<&'a str>,
    settled: &mut BTreeSet<&'a str>,
) -> Result<(), Tangle> {
    if settled.contains(source) {
        return Ok(());
    }
    if let Some(start) = way.iter().position(|name| *name == source) {
        let names = way[start..].iter().chain([&source]);
        return Err(Tangle::Cycle(names.map(|name| (*name).to_owned()).collect()));
    }
    way.push(source);
    for after in waits.get(source).copied().unwrap_or_default() {
        follow(after, waits, way, settled)?;
    }
    way.pop();
    settled.insert(source);
    Ok(())
}

/// The last slot that has come, and the next one, each with the beginning of its run.
#[derive(Debug, Clone, Copy)]
pub(super) struct Beat {
    pub last: Option<(Timestamp, Timestamp)>,
    pub next: Option<(Timestamp, Timestamp)>,
}

impl Beat {
    /// Whether it is still, and already, the beat of an instant.
    pub fn is_of(&self, now: Timestamp) -> bool {
        self.last.is_none_or(|(slot, _)| slot <= now) && self.next.is_none_or(|(slot, _)| now < slot)
    }
}

impl Plan {
    /// The instant at which the run of a slot begins at the earliest: the same each time it is
    /// asked, and spread over the sources.
    pub fn begins_at(&self, slot: Timestamp) -> Timestamp {
        let most = self.most_jitter(slot).as_secs().max(0).unsigned_abs();
        let seed = format!("{}\n{}", self.source, slot.as_second());
        let put_off = if most == 0 { 0 } else { xxh3_64(seed.as_bytes()) % most };
        slot.checked_add(SignedDuration::from_secs(i64::try_from(put_off).unwrap_or(0))).unwrap_or(slot)
    }

    /// The slots around an instant; `None` without a schedule.
    pub(super) fn beat(&self, now: Timestamp) -> Option<Beat> {
        let schedule = self.schedule.as_ref()?;
        let with_begin = |slot: Timestamp| (slot, self.begins_at(slot));
        let last = schedule.previous(now, &self.zone).map(with_begin);
        Some(Beat { last, next: schedule.next_after(now, &self.zone).map(with_begin) })
    }

    /// A run is never put off beyond the next slot.
    fn most_jitter(&self, slot: Timestamp) -> SignedDuration {
        let next = self.schedule.as_ref().and_then(|schedule| schedule.next_after(slot, &self.zone));
        let interval = next.map_or(SignedDuration::from_hours(24), |next| next.duration_since(slot));
        let Some(jitter) = self.jitter else { return (interval / 10).min(SignedDuration::from_mins(15)) };
        // A span of months has no length of its own.
        let end = slot.to_zoned(self.zone.clone()).checked_add(jitter).map(|end| end.timestamp());
        end.map_or(SignedDuration::ZERO, |end| end.duration_since(slot)).min(interval)
    }
}
