//! Whether a filter means an object: first by what is kept of it, then, only where that does not
//! tell, by its bytes.

use std::borrow::Cow;
use std::cell::OnceCell;
use std::collections::HashSet;

use super::check::Kind;
use super::filter::{CompFilter, Conditions, Filter, ParamFilter, PropFilter, Test, ValueConditions, Wanted};
use super::instances::{Prepared, calendar};
use super::range::{Range, seconds};
use super::reach::period;
use super::times::Known;
use super::{Object, Outline, alarms};
use crate::decode::value_text::unescape;
use crate::decode::{Component, Components, Property, components};
use crate::map::zones::Zones;

/// Whether the object is one that the filter asks for.
pub(super) fn matches(filter: &Filter, object: &Object<'_>) -> bool {
    let look = Look { object, document: OnceCell::new(), alarms: OnceCell::new() };
    let calendar = &filter.calendar;
    let of_any_kind = filter.any_kind.iter().map(|conditions| look.some_object(conditions));
    let own = calendar.properties.iter().map(|property| look.calendar_has(property));
    let components = calendar.components.iter().map(|component| look.has(component));
    joined(calendar.test, of_any_kind.chain(own).chain(components))
}

/// Whether it is, when that takes no reading.
pub(super) fn known(filter: &Filter, outline: &Outline<'_>) -> Option<bool> {
    let calendar = &filter.calendar;
    let of_any_kind = filter.any_kind.iter().map(|conditions| known_object(outline, conditions));
    let own = calendar.properties.iter().map(|_| None);
    let components = calendar.components.iter().map(|component| known_component(outline, component));
    known_joined(calendar.test, of_any_kind.chain(own).chain(components))
}

/// A `comp-filter` directly under VCALENDAR.
fn known_component(outline: &Outline<'_>, filter: &CompFilter) -> Option<bool> {
    let is_kind = Kind::of(&filter.name)? == outline.facts.kind;
    match &filter.wanted {
        Wanted::Absent => Some(!is_kind),
        Wanted::Present(conditions) if is_kind => known_object(outline, conditions),
        Wanted::Present(_) => Some(false),
    }
}

/// As [`joined`], of which some may not be known.
fn known_joined(test: Test, conditions: impl Iterator<Item = Option<bool>>) -> Option<bool> {
    let all: Vec<Option<bool>> = conditions.collect();
    // One that is not met settles it where all have to be, one that is met where any may be.
    let settles = Some(test == Test::AnyOf);
    if all.is_empty() {
        Some(true)
    } else if all.contains(&settles) {
        settles
    } else if all.contains(&None) {
        None
    } else {
        settles.map(|is_met| !is_met)
    }
}

/// Whether one of the object's components meets the conditions, when that takes no reading.
fn known_object(outline: &Outline<'_>, conditions: &Conditions) -> Option<bool> {
    let range = conditions.range.map_or(Known::Yes, |range| outline.times.meets(range, outline.zone));
    let uids = conditions.properties.iter().filter_map(|one| meets_uid(one, &outline.facts.uid));
    let (n_uids, n_met) = uids.fold((0, 0), |(all, met), is_met| (all + 1, met + usize::from(is_met)));
    let rest = conditions.len() - usize::from(conditions.range.is_some()) - n_uids;
    match (conditions.test, range) {
        (Test::AllOf, Known::No) => Some(false),
        (Test::AllOf, _) if n_met < n_uids => Some(false),
        (Test::AllOf, Known::Yes) if rest == 0 => Some(true),
        (Test::AnyOf, _) if conditions.len() == 0 => Some(true),
        _ => None,
    }
}

/// Whether an object of that UID is none that the filter asks for, whatever else it says.
pub(super) fn excludes(filter: &Filter, uid: &str) -> bool {
    let is_unmet = |conditions: &Conditions| {
        matches!(conditions.test, Test::AllOf)
            && conditions.properties.iter().any(|property| meets_uid(property, uid) == Some(false))
    };
    let mut components = filter.calendar.components.iter().filter(|component| Kind::of(&component.name).is_some());
    matches!(filter.calendar.test, Test::AllOf)
        && components.any(|component| match &component.wanted {
            Wanted::Present(conditions) => is_unmet(conditions),
            Wanted::Absent => false,
        })
}

/// Whether a UID is one that is asked for, when the property is nothing else.
fn meets_uid(property: &PropFilter, uid: &str) -> Option<bool> {
    let Wanted::Present(conditions) = &property.wanted else { return None };
    let text = conditions.text.as_ref()?;
    let is_plain = property.name == "UID" && conditions.range.is_none() && conditions.parameters.is_empty();
    let plain = if uid.contains('\\') { Cow::Owned(unescape(uid)) } else { Cow::Borrowed(uid) };
    is_plain.then(|| text.matches(std::iter::once(plain)))
}

/// Conditions joined; none at all are met.
fn joined(test: Test, mut conditions: impl Iterator<Item = bool>) -> bool {
    match test {
        Test::AllOf => conditions.all(|is_met| is_met),
        Test::AnyOf => {
            let mut met = conditions.peekable();
            met.peek().is_none() || met.any(|is_met| is_met)
        }
    }
}

/// An object while a filter is asked of it; its bytes are read when they are needed.
struct Look<'o> {
    object: &'o Object<'o>,
    document: OnceCell<Option<Components>>,
    /// The alarms that go off in the first range that is asked of some.
    alarms: OnceCell<(Range, HashSet<*const Component>)>,
}

impl Look<'_> {
    fn document(&self) -> Option<&Components> {
        self.document.get_or_init(|| components(self.object.bytes).ok()).as_ref()
    }

    fn calendar(&self) -> Option<&Component> {
        self.document().and_then(calendar)
    }

    fn kind(&self) -> Kind {
        self.object.facts.kind
    }

    fn calendar_has(&self, property: &PropFilter) -> bool {
        self.calendar().is_some_and(|calendar| self.meets_property(calendar, property))
    }

    /// A `comp-filter` directly under VCALENDAR.
    fn has(&self, filter: &CompFilter) -> bool {
        if let Some(kind) = Kind::of(&filter.name) {
            return match &filter.wanted {
                Wanted::Absent => kind != self.kind(),
                Wanted::Present(conditions) => kind == self.kind() && self.some_object(conditions),
            };
        }
        let Some(calendar) = self.calendar() else { return false };
        let mut named = calendar.children.iter().filter(|child| child.name == filter.name);
        match &filter.wanted {
            Wanted::Absent => named.next().is_none(),
            Wanted::Present(conditions) => named.any(|child| self.meets(child, conditions, None)),
        }
    }

    /// Whether one of the object's components meets the conditions.
    fn some_object(&self, conditions: &Conditions) -> bool {
        known_object(&self.object.outline(), conditions).unwrap_or_else(|| self.some_object_read(conditions))
    }

    fn some_object_read(&self, conditions: &Conditions) -> bool {
        let Some(document) = self.document() else { return false };
        let mut prepared = Prepared::read(document, self.kind(), self.object.zone);
        let met: Option<HashSet<*const Component>> = conditions
            .range
            .map(|range| prepared.within(range).map(|instance| std::ptr::from_ref(instance.component)).collect());
        let Some(calendar) = calendar(document) else { return false };
        let mut named = calendar.children.iter().filter(|child| child.name == self.kind().component());
        named.any(|component| {
            let is_met = met.as_ref().map(|met| met.contains(&std::ptr::from_ref(component)));
            self.meets(component, conditions, is_met)
        })
    }

    /// Whether a component meets the conditions; `in_range` says whether it meets the range.
    fn meets(&self, component: &Component, conditions: &Conditions, in_range: Option<bool>) -> bool {
        let range = conditions.range.map(|_| in_range.unwrap_or(false));
        let properties = conditions.properties.iter().map(|property| self.meets_property(component, property));
        let inner = conditions.components.iter().map(|filter| self.has_inner(component, filter));
        joined(conditions.test, range.into_iter().chain(properties).chain(inner))
    }

    /// A `comp-filter` in a component of the object: of its alarms.
    fn has_inner(&self, outer: &Component, filter: &CompFilter) -> bool {
        let mut named = outer.children.iter().filter(|child| child.name == filter.name);
        match &filter.wanted {
            Wanted::Absent => named.next().is_none(),
            Wanted::Present(conditions) => named.any(|inner| {
                let in_range = conditions.range.map(|range| self.goes_off(inner, range));
                self.meets(inner, conditions, in_range)
            }),
        }
    }

    fn goes_off(&self, alarm: &Component, range: Range) -> bool {
        let Some(document) = self.document().filter(|_| alarm.name == "VALARM") else { return false };
        let going_off = || alarms::going_off(&mut Prepared::read(document, self.kind(), self.object.zone), range);
        let alarm = std::ptr::from_ref(alarm);
        let (first, set) = self.alarms.get_or_init(|| (range, going_off()));
        if *first == range { set.contains(&alarm) } else { going_off().contains(&alarm) }
    }

    fn meets_property(&self, component: &Component, filter: &PropFilter) -> bool {
        let named: Vec<&Property> = component.properties_named(&filter.name).collect();
        match &filter.wanted {
            Wanted::Absent => named.is_empty(),
            Wanted::Present(conditions) => !named.is_empty() && self.meet_values(&named, conditions),
        }
    }

    fn meet_values(&self, named: &[&Property], conditions: &ValueConditions) -> bool {
        let range = conditions.range.map(|range| named.iter().any(|property| self.lies_in(property, range)));
        let values = || named.iter().map(|property| unescape(&property.text()));
        let text = conditions.text.as_ref().map(|text| text.matches(values()));
        let parameters = conditions.parameters.iter().map(|parameter| meet_parameter(named, parameter));
        joined(conditions.test, range.into_iter().chain(text).chain(parameters))
    }

    /// Whether some date, time or period of the property lies in the range.
    fn lies_in(&self, property: &Property, range: Range) -> bool {
        let Some(document) = self.document() else { return false };
        let mut zones = Zones::new(document, self.object.zone);
        property.value.split(',').any(|value| {
            if let Some((start, end)) = period(value) {
                return range.from < end && range.to > start;
            }
            let at = zones.read(property, value, None).map(|when| seconds(when.utc));
            at.is_some_and(|at| range.from <= at && at < range.to)
        })
    }
}

fn meet_parameter(named: &[&Property], filter: &ParamFilter) -> bool {
    let values: Vec<&str> = named.iter().flat_map(|property| property.parameter_values(&filter.name)).collect();
    match &filter.wanted {
        Wanted::Absent => values.is_empty(),
        Wanted::Present(None) => !values.is_empty(),
        Wanted::Present(Some(text)) => !values.is_empty() && text.matches(values.iter()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dav::xml;

    fn filter(kind: &str, negated: &str) -> Filter {
        let xml_text = format!(
            "<filter xmlns='urn:ietf:params:xml:ns:caldav'><comp-filter name='VCALENDAR'><comp-filter name='VEVENT' test='{kind}'>\
             <prop-filter name='UID'><text-match negate-condition='{negated}'>meeting-1</text-match></prop-filter>\
             <prop-filter name='SUMMARY'/></comp-filter></comp-filter></filter>"
        );
        Filter::read(&xml::read(xml_text.as_bytes()).expect("well-formed")).expect("a filter")
    }

    #[test]
    fn a_uid_that_cannot_be_meant_is_told_from_one_that_can() {
        let plain = filter("allof", "no");
        assert!(plain.excludes("meeting-2") && !plain.excludes("meeting-12"));
        let negated = filter("allof", "yes");
        assert!(negated.excludes("meeting-12") && !negated.excludes("meeting-2"));
        assert!(!filter("anyof", "no").excludes("meeting-2"), "its summary may be enough");
    }
}
