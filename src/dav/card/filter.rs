//! The `CR:filter` of an `addressbook-query` (RFC 6352 §10.5): read once, asked of every card.
//!
//! A card is looked through line by line, until the answer is sure; nothing is built of it. Which
//! cards are asked, and how many are told, is the caller's business.

use std::borrow::Cow;

use super::Unmet;
use super::lines::{Line, base_of, group_of, lines};
use super::parameters::{self, Parameter, quoted_printable};
use crate::dav::text_match::{Collation, TextMatch};
use crate::dav::xml::{Element, Space};
use crate::decode::value_text;

/// What one filter may ask: more is a way to keep a server busy, not a search.
const MOST_CONDITIONS: usize = 64;

/// Which cards are asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filter {
    test: Test,
    properties: Vec<PropertyFilter>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Test {
    AnyOf,
    AllOf,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct PropertyFilter {
    /// Any group when none is named.
    group: Option<String>,
    name: String,
    wanted: Wanted<Conditions>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Wanted<T> {
    Absent,
    Present(T),
}

/// What one property has to satisfy.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Conditions {
    test: Test,
    texts: Vec<TextMatch>,
    parameters: Vec<ParameterFilter>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct ParameterFilter {
    name: String,
    wanted: Wanted<Option<TextMatch>>,
}

impl Filter {
    /// Reads the element. Collations that are not offered, and what no server can mean, are
    /// preconditions that the request does not meet.
    pub fn read(filter: &Element) -> Result<Self, Unmet> {
        let properties: Vec<_> =
            filter.children(&Space::CardDav, "prop-filter").map(property_filter).collect::<Result<_, _>>()?;
        let n_conditions: usize = properties.iter().map(PropertyFilter::n_conditions).sum();
        if n_conditions > MOST_CONDITIONS {
            return Err(Unmet::Filter(format!("it holds more than {MOST_CONDITIONS} conditions")));
        }
        Ok(Self { test: test(filter)?, properties })
    }

    /// Whether the card is one that is asked for; a filter without conditions asks for every card.
    pub fn matches(&self, card: &[u8]) -> bool {
        if self.means_all() {
            return true;
        }
        // One bit a property filter: at most 64 of them.
        let mut found = 0_u64;
        for line in lines(card) {
            let Some(name) = line.full_name() else { continue };
            for (at, wanted) in self.properties.iter().enumerate() {
                if found & (1 << at) == 0 && wanted.is_named(&name) && wanted.is_met_by(&line) {
                    found |= 1 << at;
                    if let Some(answer) = self.settled(wanted, found) {
                        return answer;
                    }
                }
            }
        }
        self.answer(found)
    }

    /// Whether every card is asked for, so that none needs to be read.
    pub fn means_all(&self) -> bool {
        self.properties.is_empty()
    }

    /// The answer, when what has just been found settles it for the whole card.
    fn settled(&self, just_found: &PropertyFilter, found: u64) -> Option<bool> {
        match (self.test, &just_found.wanted) {
            (Test::AnyOf, Wanted::Present(_)) => Some(true),
            (Test::AllOf, Wanted::Absent) => Some(false),
            (Test::AllOf, Wanted::Present(_)) => {
                let is_open = self.properties.iter().any(|one| matches!(one.wanted, Wanted::Absent));
                (!is_open && self.answer(found)).then_some(true)
            }
            (Test::AnyOf, Wanted::Absent) => None,
        }
    }

    fn answer(&self, found: u64) -> bool {
        let mut answers = self.properties.iter().enumerate().map(|(at, one)| {
            let is_found = found & (1 << at) != 0;
            is_found == matches!(one.wanted, Wanted::Present(_))
        });
        match self.test {
            Test::AnyOf => answers.any(|answer| answer),
            Test::AllOf => answers.all(|answer| answer),
        }
    }
}

impl PropertyFilter {
    fn n_conditions(&self) -> usize {
        let inner = match &self.wanted {
            Wanted::Absent => 0,
            Wanted::Present(conditions) => conditions.texts.len() + conditions.parameters.len(),
        };
        inner.max(1)
    }

    fn is_named(&self, full_name: &[u8]) -> bool {
        base_of(full_name).eq_ignore_ascii_case(self.name.as_bytes())
            && self.group.as_ref().is_none_or(|group| {
                group_of(full_name).is_some_and(|stated| stated.eq_ignore_ascii_case(group.as_bytes()))
            })
    }

    fn is_met_by(&self, line: &Line<'_>) -> bool {
        match &self.wanted {
            Wanted::Absent => true,
            Wanted::Present(conditions) => conditions.are_met_by(line),
        }
    }
}

impl Conditions {
    fn are_met_by(&self, line: &Line<'_>) -> bool {
        if self.texts.is_empty() && self.parameters.is_empty() {
            return true;
        }
        let value = if self.texts.is_empty() { Cow::Borrowed("") } else { plain_text(line) };
        let stated = if self.parameters.is_empty() { Vec::new() } else { parameters::read(&line.head()) };
        let mut texts = self.texts.iter().map(|text| text.matches(&value));
        let mut parameters = self.parameters.iter().map(|one| one.is_met_by(&stated));
        match self.test {
            Test::AnyOf => texts.any(|is_met| is_met) || parameters.any(|is_met| is_met),
            Test::AllOf => texts.all(|is_met| is_met) && parameters.all(|is_met| is_met),
        }
    }
}

impl ParameterFilter {
    fn is_met_by(&self, stated: &[Parameter]) -> bool {
        let mut named = stated.iter().filter(|one| one.is(&self.name)).flat_map(|one| &one.values);
        match &self.wanted {
            Wanted::Absent => named.next().is_none(),
            Wanted::Present(None) => named.next().is_some(),
            Wanted::Present(Some(text)) => named.any(|value| text.matches(value)),
        }
    }
}

fn test(element: &Element) -> Result<Test, Unmet> {
    match element.attribute("test") {
        None | Some("anyof") => Ok(Test::AnyOf),
        Some("allof") => Ok(Test::AllOf),
        Some(other) => Err(Unmet::Filter(format!("`{other}` is no test"))),
    }
}

fn name_of(element: &Element) -> Result<&str, Unmet> {
    element.attribute("name").ok_or_else(|| Unmet::Filter(format!("a {} has no name", element.name.local)))
}

fn property_filter(element: &Element) -> Result<PropertyFilter, Unmet> {
    let (group, name) = match name_of(element)?.rsplit_once('.') {
        Some((group, name)) => (Some(group.to_owned()), name),
        None => (None, name_of(element)?),
    };
    let wanted = if asks_for_none(element) { Wanted::Absent } else { Wanted::Present(conditions(element)?) };
    Ok(PropertyFilter { group, name: name.to_owned(), wanted })
}

fn conditions(element: &Element) -> Result<Conditions, Unmet> {
    let texts = element.children(&Space::CardDav, "text-match");
    let parameters = element.children(&Space::CardDav, "param-filter");
    Ok(Conditions {
        test: test(element)?,
        texts: texts.map(text_match).collect::<Result<_, _>>()?,
        parameters: parameters.map(parameter_filter).collect::<Result<_, _>>()?,
    })
}

fn parameter_filter(element: &Element) -> Result<ParameterFilter, Unmet> {
    let text = element.child(&Space::CardDav, "text-match").map(text_match).transpose()?;
    let wanted = if asks_for_none(element) { Wanted::Absent } else { Wanted::Present(text) };
    Ok(ParameterFilter { name: name_of(element)?.to_owned(), wanted })
}

fn text_match(element: &Element) -> Result<TextMatch, Unmet> {
    Ok(TextMatch::read(element, Collation::UnicodeCasemap)?)
}

fn asks_for_none(element: &Element) -> bool {
    element.child(&Space::CardDav, "is-not-defined").is_some()
}

/// The value as a person wrote it: escapes and quoted-printable undone.
fn plain_text<'a>(line: &Line<'a>) -> Cow<'a, str> {
    let value = match quoted_printable(line) {
        Some(text) => Cow::Owned(text),
        None => line.value(),
    };
    if value.contains('\\') { Cow::Owned(value_text::unescape(&value)) } else { value }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dav::xml;

    const CARD: &str = "BEGIN:VCARD\r\nVERSION:3.0\r\nUID:c1\r\nFN:Élodie Lef\r\n èvre\r\nN:Lefèvre;Élodie;;;\r\n\
        ORG:Le Blé\\, pain\r\nitem1.EMAIL;type=INTERNET,work:elodie@example.org\r\nEMAIL;TYPE=home:e@example.com\r\n\
        item2.TEL;X-ABC=\"a:b\":+33639980011\r\nEND:VCARD\r\n";

    fn filter(inner: &str) -> Result<Filter, Unmet> {
        let body = format!("<filter xmlns='urn:ietf:params:xml:ns:carddav' {inner}</filter>");
        Filter::read(&xml::read(body.as_bytes()).expect("well-formed"))
    }

    fn finds(inner: &str) -> bool {
        filter(inner).expect("offered").matches(CARD.as_bytes())
    }

    #[test]
    fn texts_are_compared_as_written_by_people() {
        assert!(finds("><prop-filter name='FN'><text-match>LEFÈV</text-match></prop-filter>"));
        assert!(finds("><prop-filter name='org'><text-match>blé, pain</text-match></prop-filter>"));
        assert!(!finds("><prop-filter name='FN'><text-match>marc</text-match></prop-filter>"));
        assert!(finds("><prop-filter name='FN'/>"));
        assert!(!finds("><prop-filter name='NOTE'/>"));
        assert!(finds("><prop-filter name='NOTE'><is-not-defined/></prop-filter>"));
        assert!(!finds("><prop-filter name='FN'><is-not-defined/></prop-filter>"));
        assert!(finds(">"));
    }

    #[test]
    fn a_group_is_meant_only_when_named() {
        assert!(finds("><prop-filter name='ITEM1.EMAIL'><text-match>example.org</text-match></prop-filter>"));
        assert!(!finds("><prop-filter name='item1.EMAIL'><text-match>example.com</text-match></prop-filter>"));
        assert!(finds("><prop-filter name='EMAIL'><text-match>example.com</text-match></prop-filter>"));
        assert!(finds("><prop-filter name='TEL'/>"));
    }

    #[test]
    fn tests_join_properties_and_conditions() {
        let two = "<prop-filter name='FN'><text-match>marc</text-match></prop-filter><prop-filter name='UID'/>";
        assert!(finds(&format!(">{two}")));
        assert!(finds(&format!("test='anyof'>{two}")));
        assert!(!finds(&format!("test='allof'>{two}")));
        let both = |test: &str, other: &str| {
            finds(&format!(
                "><prop-filter name='EMAIL' test='{test}'><text-match>example.org</text-match>\
                 <text-match match-type='starts-with'>{other}</text-match></prop-filter>"
            ))
        };
        assert!(both("anyof", "zzz"));
        assert!(both("allof", "elodie@"));
        assert!(!both("allof", "e@"), "not of the same address");
        assert!(finds("test='allof'><prop-filter name='FN'/><prop-filter name='NOTE'><is-not-defined/></prop-filter>"));
        assert!(!finds("test='allof'><prop-filter name='FN'/><prop-filter name='UID'><is-not-defined/></prop-filter>"));
        assert!(finds("test='anyof'><prop-filter name='X'/><prop-filter name='NOTE'><is-not-defined/></prop-filter>"));
    }

    #[test]
    fn parameters_are_asked_for() {
        let email =
            |inner: &str| finds(&format!("><prop-filter name='EMAIL'><param-filter name='type'{inner}</prop-filter>"));
        assert!(email("><text-match match-type='equals'>WORK</text-match></param-filter>"));
        assert!(!email("><text-match match-type='equals'>fax</text-match></param-filter>"));
        assert!(!email("><is-not-defined/></param-filter>"));
        assert!(finds(
            "><prop-filter name='TEL'><param-filter name='TYPE'><is-not-defined/></param-filter></prop-filter>"
        ));
        assert!(finds(
            "><prop-filter name='TEL'><param-filter name='X-ABC'><text-match match-type='equals'>a:b</text-match></param-filter></prop-filter>"
        ));
    }

    #[test]
    fn what_is_not_offered_is_a_precondition() {
        let unmet = |inner: &str| filter(inner).expect_err("not offered").element().local;
        let collation = "><prop-filter name='FN'><text-match collation='i;x'>a</text-match></prop-filter>";
        assert_eq!(unmet(collation), "supported-collation");
        assert_eq!(unmet("><prop-filter/>"), "supported-filter");
        assert_eq!(unmet("test='some'>"), "supported-filter");
        assert_eq!(unmet(&format!(">{}", "<prop-filter name='FN'/>".repeat(65))), "supported-filter");
    }
}
