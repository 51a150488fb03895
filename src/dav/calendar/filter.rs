//! The `C:filter` of a `calendar-query` (RFC 4791 §9.7): read once, asked of every object.
//!
//! Properties and time ranges that stand directly under VCALENDAR, and are none of its own, are
//! asked of the components in it: clients that do not know what kind they look for send that.

use super::range::Range;
use super::{Object, Outline, Unmet, matching};
use crate::dav::text_match::{Collation, TextMatch};
use crate::dav::xml::{Element, Space};

/// What one filter may ask: more is a way to keep a server busy, not a search.
const MOST_CONDITIONS: usize = 128;
/// Properties that a VCALENDAR has itself.
const OF_CALENDAR: [&str; 4] = ["VERSION", "PRODID", "CALSCALE", "METHOD"];

/// Which objects are asked for.
#[derive(Debug, Clone)]
pub struct Filter {
    /// Asked of the VCALENDAR.
    pub(super) calendar: Conditions,
    /// Asked of the components in it, whatever their kind.
    pub(super) any_kind: Option<Conditions>,
}

/// How conditions are joined; RFC 4791 knows all of them only, RFC 6352's attribute is understood.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Test {
    #[default]
    AllOf,
    AnyOf,
}

#[derive(Debug, Clone)]
pub(super) enum Wanted<T> {
    Absent,
    Present(T),
}

/// A `comp-filter`.
#[derive(Debug, Clone)]
pub(super) struct CompFilter {
    /// Upper case.
    pub name: String,
    pub wanted: Wanted<Conditions>,
}

/// What a component has to satisfy.
#[derive(Debug, Clone, Default)]
pub(super) struct Conditions {
    pub test: Test,
    pub range: Option<Range>,
    pub properties: Vec<PropFilter>,
    pub components: Vec<CompFilter>,
}

/// A `prop-filter`.
#[derive(Debug, Clone)]
pub(super) struct PropFilter {
    /// Upper case.
    pub name: String,
    pub wanted: Wanted<ValueConditions>,
}

/// What a property has to satisfy.
#[derive(Debug, Clone)]
pub(super) struct ValueConditions {
    pub test: Test,
    pub range: Option<Range>,
    pub text: Option<Text>,
    pub parameters: Vec<ParamFilter>,
}

/// A `param-filter`.
#[derive(Debug, Clone)]
pub(super) struct ParamFilter {
    /// Upper case.
    pub name: String,
    pub wanted: Wanted<Option<Text>>,
}

/// A `text-match`: some value says it, or, when it is negated, none does.
#[derive(Debug, Clone)]
pub(super) struct Text {
    pub matched: TextMatch,
    pub is_negated: bool,
}

impl Filter {
    /// Reads the element; what it may not hold is a precondition that the request does not meet.
    pub fn read(filter: &Element) -> Result<Self, Unmet> {
        let calendar = filter.child(&Space::CalDav, "comp-filter");
        let calendar = calendar.map(comp_filter).transpose()?.filter(|one| one.name == "VCALENDAR");
        let Some(CompFilter { wanted: Wanted::Present(mut calendar), .. }) = calendar else {
            return Err(Unmet::InvalidFilter("it does not begin with the comp-filter VCALENDAR".to_owned()));
        };
        if count(&calendar) > MOST_CONDITIONS {
            return Err(Unmet::UnsupportedFilter(format!("it holds more than {MOST_CONDITIONS} conditions")));
        }
        let is_own = |one: &PropFilter| OF_CALENDAR.contains(&one.name.as_str());
        let (own, others) = calendar.properties.into_iter().partition(is_own);
        calendar.properties = own;
        let range = calendar.range.take();
        let any_kind = Conditions { test: calendar.test, range, properties: others, components: Vec::new() };
        let any_kind = Some(any_kind).filter(|any| any.range.is_some() || !any.properties.is_empty());
        Ok(Self { calendar, any_kind })
    }

    /// Whether no object of that UID is asked for: told without looking at any.
    pub fn excludes(&self, uid: &str) -> bool {
        matching::excludes(self, uid)
    }

    /// The answer of [`Self::matches`], when it takes no reading of the bytes.
    pub fn known(&self, outline: &Outline<'_>) -> Option<bool> {
        matching::known(self, outline)
    }

    /// Whether the object is one that is asked for.
    pub fn matches(&self, object: &Object<'_>) -> bool {
        matching::matches(self, object)
    }
}

impl Conditions {
    /// How many there are, those of components and properties in them not counted.
    pub fn len(&self) -> usize {
        usize::from(self.range.is_some()) + self.properties.len() + self.components.len()
    }
}

impl Text {
    /// Whether the texts of all that is named, none of which may be missing, satisfy it.
    pub fn matches<S: AsRef<str>>(&self, mut texts: impl Iterator<Item = S>) -> bool {
        if self.is_negated {
            texts.all(|text| self.matched.matches(text.as_ref()))
        } else {
            texts.any(|text| self.matched.matches(text.as_ref()))
        }
    }
}

fn count(conditions: &Conditions) -> usize {
    let inner = conditions.components.iter().map(|component| match &component.wanted {
        Wanted::Absent => 1,
        Wanted::Present(conditions) => count(conditions).max(1),
    });
    let of_properties = conditions.properties.iter().map(|property| match &property.wanted {
        Wanted::Absent => 1,
        Wanted::Present(conditions) => conditions.parameters.len() + 1,
    });
    inner.sum::<usize>() + of_properties.sum::<usize>() + usize::from(conditions.range.is_some())
}

fn comp_filter(element: &Element) -> Result<CompFilter, Unmet> {
    Ok(CompFilter { name: name(element)?, wanted: wanted(element, conditions)? })
}

fn conditions(element: &Element) -> Result<Conditions, Unmet> {
    Ok(Conditions {
        test: test(element)?,
        range: range(element)?,
        properties: all(element, "prop-filter", prop_filter)?,
        components: all(element, "comp-filter", comp_filter)?,
    })
}

fn prop_filter(element: &Element) -> Result<PropFilter, Unmet> {
    Ok(PropFilter { name: name(element)?, wanted: wanted(element, value_conditions)? })
}

fn value_conditions(element: &Element) -> Result<ValueConditions, Unmet> {
    Ok(ValueConditions {
        test: test(element)?,
        range: range(element)?,
        text: text(element)?,
        parameters: all(element, "param-filter", param_filter)?,
    })
}

fn param_filter(element: &Element) -> Result<ParamFilter, Unmet> {
    Ok(ParamFilter { name: name(element)?, wanted: wanted(element, text)? })
}

fn all<T>(element: &Element, local: &str, read: fn(&Element) -> Result<T, Unmet>) -> Result<Vec<T>, Unmet> {
    element.children(&Space::CalDav, local).map(read).collect()
}

fn wanted<T>(element: &Element, read: fn(&Element) -> Result<T, Unmet>) -> Result<Wanted<T>, Unmet> {
    match element.child(&Space::CalDav, "is-not-defined") {
        Some(_) => Ok(Wanted::Absent),
        None => read(element).map(Wanted::Present),
    }
}

fn name(element: &Element) -> Result<String, Unmet> {
    let stated = element.attribute("name").filter(|name| !name.is_empty());
    let missing = || Unmet::InvalidFilter(format!("a {} has no name", element.name.local));
    stated.map(str::to_ascii_uppercase).ok_or_else(missing)
}

fn test(element: &Element) -> Result<Test, Unmet> {
    match element.attribute("test") {
        None | Some("allof") => Ok(Test::AllOf),
        Some("anyof") => Ok(Test::AnyOf),
        Some(other) => Err(Unmet::InvalidFilter(format!("`{other}` is no test"))),
    }
}

fn range(element: &Element) -> Result<Option<Range>, Unmet> {
    element.child(&Space::CalDav, "time-range").map(Range::read).transpose()
}

fn text(element: &Element) -> Result<Option<Text>, Unmet> {
    let Some(element) = element.child(&Space::CalDav, "text-match") else { return Ok(None) };
    let matched = TextMatch::read(element, Collation::AsciiCasemap)?;
    Ok(Some(Text { matched, is_negated: element.attribute("negate-condition") == Some("yes") }))
}
