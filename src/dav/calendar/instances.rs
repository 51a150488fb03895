//! The instances of an object: what its master, its rules and its overrides come to.
//!
//! This joins the tree of `decode` and the recurrence of `map`; cancelled instances count, since
//! clients want to show them (RFC 4791 §9.9 makes no difference).

use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use super::check::Kind;
use super::range::{Range, seconds};
use super::reach::Reach;
use crate::decode::{Component, Components};
use crate::map::calendar_objects::{self, Object};
use crate::map::occurrences::{Found, Series, occurrences};
use crate::map::recurrence::MOST_TIMES;
use crate::map::series_times::{Budget, Manner};
use crate::map::zones::{Clock, When, Zones};

/// To-dos reach a second beyond their ends.
const EDGE_S: i64 = 2;
/// Times of a rule with COUNT that are looked at: a day each for half a century.
const MOST_STEPS: usize = 20_000;

/// An object, taken apart.
pub(super) struct Prepared<'a> {
    zones: Zones<'a>,
    series: Series<'a>,
    /// Components of the kind that have no readable start.
    untimed: Vec<&'a Component>,
}

/// One instance.
pub(super) struct Instance<'a> {
    /// The component that says how it is: the master, or an override.
    pub component: &'a Component,
    pub reach: Reach,
    /// Absent where it has no time of its own.
    pub found: Option<Found>,
}

/// Instances, and until when none is missing.
pub(super) struct Instances<'a> {
    /// In no order.
    pub all: Vec<Instance<'a>>,
    /// Those that start behind it may be missing.
    pub complete_until: Option<i64>,
}

/// How a time is written in UTC, on no clock, or as a day.
pub(super) enum Writing {
    Utc,
    Floating(Clock),
    Day(Clock),
}

impl Writing {
    fn of(when: &When) -> Self {
        if when.is_date {
            return Self::Day(when.clock.clone());
        }
        match &when.clock {
            Clock::Household(_) => Self::Floating(when.clock.clone()),
            Clock::Utc | Clock::Zone(..) | Clock::Rules(_) => Self::Utc,
        }
    }

    pub fn is_date(&self) -> bool {
        matches!(self, Self::Day(_))
    }

    pub fn text(&self, utc: DateTime) -> String {
        let (at, form) = match self {
            Self::Utc => (utc, "%Y%m%dT%H%M%SZ"),
            Self::Floating(clock) => (clock.to_local(utc), "%Y%m%dT%H%M%S"),
            Self::Day(clock) => (clock.to_local(utc), "%Y%m%d"),
        };
        at.strftime(form).to_string()
    }
}

/// The first VCALENDAR of a document.
pub(super) fn calendar(document: &Components) -> Option<&Component> {
    document.roots.iter().find(|root| root.name == "VCALENDAR")
}

impl<'a> Prepared<'a> {
    /// Takes apart the components of `kind`.
    pub fn read(document: &'a Components, kind: Kind, zone: &TimeZone) -> Self {
        let mut zones = Zones::new(document, zone);
        let mut series = Series { master: None, overrides: Vec::new(), manner: Manner::Shown };
        let mut untimed = Vec::new();
        let children = calendar(document).map_or(&[][..], |calendar| &calendar.children);
        for component in children.iter().filter(|child| child.name == kind.component()) {
            // What cannot be read was said when the object was checked; here it has no time.
            match calendar_objects::read(component, &mut zones, &mut Vec::new()) {
                _ if kind == Kind::FreeBusy => untimed.push(component),
                None => untimed.push(component),
                Some(object) if object.replaces.is_some() => series.overrides.push(object),
                Some(object) if series.master.is_none() => series.master = Some(object),
                Some(_) => {}
            }
        }
        Self { zones, series, untimed }
    }

    /// All components of the kind.
    pub fn components(&self) -> impl Iterator<Item = &'a Component> {
        let timed = self.series.master.iter().chain(&self.series.overrides).map(|object| object.component);
        timed.chain(self.untimed.iter().copied())
    }

    /// Whether the clock of the calendar matters: days and floating times stand on it.
    pub fn floats(&self) -> bool {
        let stands = |object: &Object<'_>| object.start.is_date || matches!(object.start.clock, Clock::Household(_));
        self.series.master.iter().chain(&self.series.overrides).any(stands)
    }

    /// That many years behind the master's start, when some rule may go on for longer.
    pub fn horizon(&self, years: i16) -> Option<i64> {
        let master = self.series.master.as_ref()?;
        let horizon = master.start.utc.saturating_add(jiff::Span::new().years(years));
        let ends = |rule: &str| {
            let until = rule.split_once("UNTIL=").and_then(|(_, until)| until.trim().get(..4)?.parse::<i16>().ok());
            rule.contains("COUNT") || until.is_some_and(|year| year < horizon.year())
        };
        let mut rules = master.component.properties_named("RRULE");
        rules.any(|rule| !ends(&rule.value.to_ascii_uppercase())).then(|| seconds(horizon))
    }

    /// Whether some rule has neither COUNT nor UNTIL, and nothing takes its times away.
    pub fn is_endless(&self) -> bool {
        let Some(master) = &self.series.master else { return false };
        let endless = |rule: &str| !rule.contains("COUNT") && !rule.contains("UNTIL");
        let mut rules = master.component.properties_named("RRULE");
        let has_exrule = master.component.property("EXRULE").is_some();
        !has_exrule && rules.any(|rule| endless(&rule.value.to_ascii_uppercase()))
    }

    /// The instances that may meet `range`, each rule cut after `most` of them.
    pub fn instances(&mut self, range: Range, most: usize) -> Instances<'a> {
        let window = range.widened(EDGE_S, EDGE_S).utc();
        let mut budget = Budget { times_of_rule: most, steps_of_rule: MOST_STEPS, ..Budget::default() };
        let got = occurrences(&self.series, window, &mut self.zones, &mut budget, &mut Vec::new());
        let timed = got.found.into_iter().filter_map(|found| instance(&self.series, found));
        let mut all: Vec<Instance<'a>> = timed.collect();
        all.extend(self.untimed.iter().flat_map(|component| untimed(component)));
        Instances { all, complete_until: got.complete_until.map(seconds) }
    }

    /// How the times of an instance are written.
    pub fn writing(&self, found: &Found) -> Writing {
        self.object(found).map_or(Writing::Utc, |object| Writing::of(&object.start))
    }

    /// What names an instance of a series, and how that is written; none where there is no series.
    pub fn recurrence_id(&self, found: &Found) -> Option<(Writing, String)> {
        let recurs = |master: &&Object<'_>| {
            let of_rule = |name: &str| master.component.property(name).is_some();
            !self.series.overrides.is_empty() || of_rule("RRULE") || of_rule("RDATE")
        };
        let writing = match &self.series.master {
            Some(master) => Some(master).filter(recurs).map(|master| Writing::of(&master.start)),
            None => self.object(found)?.replaces.as_ref().map(|replaces| Writing::of(&replaces.when)),
        }?;
        let id = writing.text(found.slot);
        Some((writing, id))
    }

    /// The overrides that change nothing in `range`: neither are they in it, nor what they replace.
    pub fn overrides_without(&mut self, range: Range) -> Vec<&'a Component> {
        let met: Vec<*const Component> =
            self.within(range).map(|instance| std::ptr::from_ref(instance.component)).collect();
        let without: Vec<&Object<'a>> =
            self.series.overrides.iter().filter(|object| !self.replaces_in(object, range)).collect();
        let components = without.into_iter().map(|object| object.component);
        components.filter(|component| !met.contains(&std::ptr::from_ref(*component))).collect()
    }

    fn replaces_in(&self, object: &Object<'_>, range: Range) -> bool {
        let Some(replaces) = &object.replaces else { return true };
        let when = &replaces.when;
        let length = self.series.master.as_ref().map_or(object.length, |master| master.length);
        let end = length.end(when.local, when.utc, &when.clock);
        let reach = Reach::of_time(seconds(when.utc), seconds(end));
        // One that changes all that follow does so in every later range.
        reach.meets(range) || replaces.is_with_following && seconds(when.utc) < range.to
    }

    fn object(&self, found: &Found) -> Option<&Object<'a>> {
        match found.of_override {
            Some(index) => self.series.overrides.get(index),
            None => self.series.master.as_ref(),
        }
    }

    /// The instances that meet `range`; endless rules are bounded by the range, and by what no
    /// honest calendar needs.
    pub fn within(&mut self, range: Range) -> impl Iterator<Item = Instance<'a>> {
        let got = self.instances(range, MOST_TIMES);
        got.all.into_iter().filter(move |instance| instance.reach.meets(range))
    }
}

fn instance<'a>(series: &Series<'a>, found: Found) -> Option<Instance<'a>> {
    let object = match found.of_override {
        Some(index) => series.overrides.get(index)?,
        None => series.master.as_ref()?,
    };
    let (start, end) = (seconds(found.starts_at), seconds(found.ends_at));
    let reach = Reach::of_occurrence(object.component, start, end, found.is_all_day);
    Some(Instance { component: object.component, reach, found: Some(found) })
}

fn untimed(component: &Component) -> Vec<Instance<'_>> {
    let reaches = match component.name.as_str() {
        "VFREEBUSY" => Reach::of_free_busy(component),
        _ => Reach::of_untimed(component).into_iter().collect(),
    };
    let instance = |reach| Instance { component, reach, found: None };
    reaches.into_iter().map(instance).collect()
}
