//! Which clock a TZID names (RFC 5545 §3.2.19), and reading times on it.
//!
//! In this order: an IANA name, an alias that ends in one, a Windows name, the rules of the
//! document's own VTIMEZONE, its X-LIC-LOCATION. A name that stays unknown is read on the
//! household's clock, with a fault.

use std::collections::HashMap;
use std::sync::Arc;

use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use super::moments::Moment;
use super::zone_rules::ZoneRules;
use crate::decode::{Component, Components, Property};
use crate::model::time::{in_zone, read_local};
use crate::model::{Fault, FaultKind, Place};

/// Windows name, tab, IANA name: the world rows of Unicode CLDR's windowsZones, and Lotus Notes'
/// name for central Europe.
const WINDOWS_ZONES: &str = include_str!("windows_zones.tsv");

/// A clock on which times are written.
#[derive(Debug, Clone)]
pub enum Clock {
    Utc,
    /// Floating times: the household's clock.
    Household(TimeZone),
    /// An IANA zone, with its name.
    Zone(TimeZone, String),
    /// A zone that only the document describes.
    Rules(Arc<ZoneRules>),
}

impl Clock {
    /// The instant of a wall-clock time: the first of two, and with the offset before a gap.
    pub fn to_utc(&self, local: DateTime) -> DateTime {
        match self {
            Self::Utc => local,
            Self::Household(zone) | Self::Zone(zone, _) => read_local(local, zone).first().utc,
            Self::Rules(rules) => rules.to_utc(local),
        }
    }

    /// The wall-clock time of an instant.
    pub fn to_local(&self, utc: DateTime) -> DateTime {
        match self {
            Self::Utc => utc,
            Self::Household(zone) | Self::Zone(zone, _) => in_zone(utc, zone).local,
            Self::Rules(rules) => rules.to_local(utc),
        }
    }

    /// The IANA name; none for floating times and zones of the document's own.
    pub fn name(&self) -> Option<&str> {
        match self {
            Self::Utc => Some("UTC"),
            Self::Zone(_, name) => Some(name),
            Self::Household(_) | Self::Rules(_) => None,
        }
    }
}

/// A time of a calendar object, read.
#[derive(Debug, Clone)]
pub struct When {
    /// On `clock`; midnight for a date.
    pub local: DateTime,
    pub utc: DateTime,
    pub is_date: bool,
    pub clock: Clock,
}

/// The zones of a document.
pub struct Zones<'a> {
    household: TimeZone,
    definitions: HashMap<String, &'a Component>,
    clocks: HashMap<String, Clock>,
    /// One for each name that nobody knows.
    pub faults: Vec<Fault>,
}

impl<'a> Zones<'a> {
    /// Collects the VTIMEZONEs of a document; of two with one name the first counts.
    pub fn new(components: &'a Components, household: &TimeZone) -> Self {
        let mut definitions = HashMap::new();
        let zones = components.roots.iter().flat_map(|root| std::iter::once(root).chain(&root.children));
        for zone in zones.filter(|component| component.name == "VTIMEZONE") {
            if let Some(name) = zone.property("TZID") {
                definitions.entry(tidy(&name.value)).or_insert(zone);
            }
        }
        Self { household: household.clone(), definitions, clocks: HashMap::new(), faults: Vec::new() }
    }

    /// The clock of floating times.
    pub fn household(&self) -> Clock {
        Clock::Household(self.household.clone())
    }

    /// Reads one value of a property, on the clock of its TZID; without one, on `series`, or else
    /// on the household's.
    pub fn read(&mut self, property: &Property, value: &str, series: Option<&Clock>) -> Option<When> {
        let moment = Moment::parse(value)?;
        let states_date = property.parameter("VALUE").is_some_and(|kind| kind.eq_ignore_ascii_case("DATE"));
        let local = moment.written();
        if states_date || matches!(moment, Moment::Date(_)) {
            let clock = self.household();
            let local = local.date().to_datetime(jiff::civil::Time::midnight());
            return Some(When { local, utc: clock.to_utc(local), is_date: true, clock });
        }
        let stated = property.parameter("TZID").map(|name| self.clock(name, property.line));
        Some(match moment {
            Moment::Utc(utc) => {
                let clock = stated.unwrap_or(Clock::Utc);
                When { local: clock.to_local(utc), utc, is_date: false, clock }
            }
            Moment::Local(_) | Moment::Date(_) => {
                let clock = stated.or_else(|| series.cloned()).unwrap_or_else(|| self.household());
                When { local, utc: clock.to_utc(local), is_date: false, clock }
            }
        })
    }

    fn clock(&mut self, name: &str, line: u64) -> Clock {
        let name = tidy(name);
        if let Some(clock) = self.clocks.get(&name) {
            return clock.clone();
        }
        let clock = self.resolve(&name).unwrap_or_else(|| {
            self.faults.push(unknown_zone(&name, line));
            self.household()
        });
        self.clocks.insert(name, clock.clone());
        clock
    }

    fn resolve(&self, name: &str) -> Option<Clock> {
        if let Some(clock) = iana(name).or_else(|| alias(name)).or_else(|| windows(name)) {
            return Some(clock);
        }
        let definition = self.definitions.get(name)?;
        if let Some(rules) = ZoneRules::read(definition) {
            return Some(Clock::Rules(Arc::new(rules)));
        }
        iana(definition.property("X-LIC-LOCATION")?.value.trim())
    }
}

/// The zone that a name means: an IANA name, an alias that ends in one, a Windows name.
pub fn named(name: &str) -> Option<TimeZone> {
    let name = tidy(name);
    match iana(&name).or_else(|| alias(&name)).or_else(|| windows(&name))? {
        Clock::Utc => Some(TimeZone::UTC),
        Clock::Zone(zone, _) | Clock::Household(zone) => Some(zone),
        Clock::Rules(_) => None,
    }
}

/// The IANA name of a Windows zone.
pub fn windows_to_iana(name: &str) -> Option<&'static str> {
    let rows = WINDOWS_ZONES.lines().filter_map(|line| line.split_once('\t'));
    rows.into_iter().find(|(windows, _)| windows.eq_ignore_ascii_case(name)).map(|(_, iana)| iana)
}

fn unknown_zone(name: &str, line: u64) -> Fault {
    let message = "nobody knows this time zone; its times are read on the household's clock";
    Fault::new(FaultKind::UnknownValue, Place::line(line), name, message)
        .with_hint("export the calendar again with its VTIMEZONE, or give the events a zone such as Europe/Paris")
        .keeping_row()
}

fn tidy(name: &str) -> String {
    name.trim().trim_matches('"').replace("\\,", ",").replace("\\;", ";")
}

fn iana(name: &str) -> Option<Clock> {
    if matches!(name.to_ascii_uppercase().as_str(), "UTC" | "Z" | "ETC/UTC" | "ETC/ZULU" | "ZULU") {
        return Some(Clock::Utc);
    }
    let zone = TimeZone::get(name).ok()?;
    let name = zone.iana_name()?.to_owned();
    Some(Clock::Zone(zone, name))
}

/// `/mozilla.org/20050126_1/Europe/Paris`, `America/Los Angeles`: the longest tail of at least two
/// parts that is a name.
fn alias(name: &str) -> Option<Clock> {
    let name = name.replace(' ', "_");
    let tails = name.match_indices('/').map(|(at, _)| &name[at + 1..]);
    std::iter::once(name.as_str()).chain(tails).filter(|tail| tail.contains('/')).find_map(iana)
}

fn windows(name: &str) -> Option<Clock> {
    iana(windows_to_iana(name)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_windows_zone_is_known() {
        let mut count = 0;
        for (windows, zone) in WINDOWS_ZONES.lines().filter_map(|line| line.split_once('\t')) {
            assert!(iana(zone).is_some(), "{windows}: {zone}");
            count += 1;
        }
        assert!(count > 130);
    }

    #[test]
    fn names_are_resolved() {
        let name = |tzid: &str| {
            let clock = iana(tzid).or_else(|| alias(tzid)).or_else(|| windows(tzid));
            clock.and_then(|clock| clock.name().map(str::to_owned))
        };
        assert_eq!(name("europe/paris").as_deref(), Some("Europe/Paris"));
        assert_eq!(name("/mozilla.org/20050126_1/Europe/Paris").as_deref(), Some("Europe/Paris"));
        let long = "/freeassociation.sourceforge.net/Tzfile/America/Argentina/Buenos_Aires";
        assert_eq!(name(long).as_deref(), Some("America/Argentina/Buenos_Aires"));
        assert_eq!(name("America/Los Angeles").as_deref(), Some("America/Los_Angeles"));
        assert_eq!(name("Romance Standard Time").as_deref(), Some("Europe/Paris"));
        assert_eq!(name("/Europe/CUSTOM"), None);
        assert_eq!(name("Customized Time Zone"), None);
    }
}
