//! One content line to a property: group, name, parameters, value.
//!
//! Parameters go through `ical`'s tokenizer, one line at a time. The value is split off first and
//! never given to it: it would trim the value, drop a leading colon and give up lists at ten.

use std::borrow::Cow;

use ical::property::PropertyParser;

use super::quoted_printable;
use crate::model::{Fault, FaultKind, Place};

/// The tokenizer reads at most this many values of one parameter.
const VALUES_AT_ONCE: usize = 10;

/// A parameter with its values, quotes and carets (RFC 6868) undone.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Parameter {
    /// Upper case.
    pub name: String,
    pub values: Vec<String>,
}

/// A property of a calendar object or a card.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Property {
    /// 1-based physical line on which it starts.
    pub line: u64,
    /// `item1` of `item1.TEL`.
    pub group: Option<String>,
    /// Upper case.
    pub name: String,
    /// In the order of the line; one name may repeat.
    pub parameters: Vec<Parameter>,
    /// As written, unfolded: escapes and quoted-printable are not undone.
    pub value: String,
}

impl Property {
    /// The first value of a parameter.
    pub fn parameter(&self, name: &str) -> Option<&str> {
        let named = self.parameters.iter().find(|parameter| parameter.name == name)?;
        named.values.first().map(String::as_str)
    }

    /// All values of a parameter, in order.
    pub fn parameter_values<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        let named = self.parameters.iter().filter(move |parameter| parameter.name == name);
        named.flat_map(|parameter| parameter.values.iter().map(String::as_str))
    }

    /// The value with quoted-printable undone; text escapes (`\,`) still stand.
    pub fn text(&self) -> Cow<'_, str> {
        let is_encoded = self.parameter("ENCODING").is_some_and(|v| v.eq_ignore_ascii_case("QUOTED-PRINTABLE"));
        if is_encoded {
            return Cow::Owned(quoted_printable::decode(&self.value, self.parameter("CHARSET")));
        }
        Cow::Borrowed(&self.value)
    }
}

/// Reads an unfolded line: a property, a fault, or both when the property's parameters are damaged
/// and were read as well as could be.
pub fn read(line: u64, text: &str) -> (Option<Property>, Option<Fault>) {
    let Some((head, value)) = split_value(text) else {
        return (None, Some(not_a_property(line, text)));
    };
    let mut segments = split_outside_quotes(head.trim(), ';');
    let full_name = segments.next().unwrap_or_default().trim();
    let (group, name) = match full_name.rsplit_once('.') {
        Some((group, name)) => (Some(group.to_owned()), name),
        None => (None, full_name),
    };
    if !is_name(name) {
        return (None, Some(not_a_property(line, text)));
    }
    let (parameters, is_damaged) = parameters(name, head, segments);
    let fault = is_damaged.then(|| damaged_parameters(line, text));
    let name = name.to_ascii_uppercase();
    (Some(Property { line, group, name, parameters, value: value.to_owned() }), fault)
}

fn not_a_property(line: u64, text: &str) -> Fault {
    Fault::new(FaultKind::Malformed, Place::line(line), excerpt(text), "this is not a line `NAME:value`")
        .with_excerpt(text)
        .with_hint("a long text may have been broken without the blank that marks a continued line")
}

fn damaged_parameters(line: u64, text: &str) -> Fault {
    Fault::new(FaultKind::Malformed, Place::line(line), excerpt(text), "the parameters before the colon are damaged")
        .with_excerpt(text)
        .keeping_row()
}

fn excerpt(text: &str) -> String {
    text.chars().take(80).collect()
}

/// Name and parameters, and the value behind the first colon outside quotes; when a stray quote
/// hides every colon, the first one counts.
fn split_value(text: &str) -> Option<(&str, &str)> {
    let mut is_quoted = false;
    let outside = text.bytes().position(|b| {
        is_quoted ^= b == b'"';
        b == b':' && !is_quoted
    });
    let at = outside.or_else(|| text.find(':'))?;
    Some((&text[..at], &text[at + 1..]))
}

fn split_outside_quotes(text: &str, separator: char) -> impl Iterator<Item = &str> + Clone {
    let mut is_quoted = false;
    text.split(move |c| {
        is_quoted ^= c == '"';
        c == separator && !is_quoted
    })
}

fn is_name(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'/'))
}

fn parameters<'a>(name: &str, head: &str, segments: impl Iterator<Item = &'a str> + Clone) -> (Vec<Parameter>, bool) {
    if !head.contains(';') {
        return (Vec::new(), false);
    }
    let mut plain = name.to_owned();
    segments.clone().for_each(|segment| push_plain(&mut plain, segment.trim()));
    plain.push(':');
    match tokenize(&plain) {
        Some(parameters) => (parameters, false),
        None => (segments.filter_map(own_reading).collect(), true),
    }
}

/// Writes a parameter as the tokenizer wants it: named, and never more than ten values.
fn push_plain(out: &mut String, segment: &str) {
    if segment.is_empty() {
        return;
    }
    let (name, values) = named(segment);
    let values: Vec<&str> = split_outside_quotes(values, ',').collect();
    for few in values.chunks(VALUES_AT_ONCE) {
        out.push(';');
        out.push_str(name.trim());
        out.push('=');
        out.push_str(&few.join(","));
    }
}

/// Gives the bare parameters of vCard 2.1 (`TEL;HOME:`) the name that they mean.
fn named(segment: &str) -> (&str, &str) {
    if let Some(pair) = segment.split_once('=') {
        return pair;
    }
    match segment.to_ascii_uppercase().as_str() {
        "QUOTED-PRINTABLE" | "BASE64" | "8BIT" | "7BIT" => ("ENCODING", segment),
        "INLINE" | "CONTENT-ID" | "CID" | "URL" => ("VALUE", segment),
        _ => ("TYPE", segment),
    }
}

fn tokenize(plain: &str) -> Option<Vec<Parameter>> {
    let property = PropertyParser::from_reader(plain.as_bytes()).next()?.ok()?;
    if property.value.is_some() {
        return None;
    }
    let read = property.params.unwrap_or_default().into_iter();
    Some(
        read.map(|(name, values)| Parameter { name, values: values.iter().map(|v| without_carets(v)).collect() })
            .collect(),
    )
}

fn own_reading(segment: &str) -> Option<Parameter> {
    let (name, values) = named(segment.trim());
    let values = values.split(',').map(|value| without_carets(value.trim_matches('"'))).collect();
    (!name.is_empty()).then(|| Parameter { name: name.trim().to_uppercase(), values })
}

fn without_carets(value: &str) -> String {
    if !value.contains('^') {
        return value.to_owned();
    }
    let mut out = String::with_capacity(value.len());
    let mut rest = value.chars().peekable();
    while let Some(c) = rest.next() {
        let decoded = match (c, rest.peek()) {
            ('^', Some('n')) => '\n',
            ('^', Some('\'')) => '"',
            ('^', Some('^')) => '^',
            _ => {
                out.push(c);
                continue;
            }
        };
        out.push(decoded);
        rest.next();
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn property(text: &str) -> Property {
        let (property, fault) = read(1, text);
        assert_eq!(fault, None);
        property.expect("a property")
    }

    fn values(text: &str, name: &str) -> Vec<String> {
        property(text).parameter_values(name).map(str::to_owned).collect()
    }

    #[test]
    fn values_are_never_touched() {
        assert_eq!(property("X-T::valeur  ").value, ":valeur  ");
        assert_eq!(property("TEL;VALUE=uri;TYPE=\"voice,home\":tel:+33-1").value, "tel:+33-1");
        assert_eq!(property("SUMMARY:").value, "");
    }

    #[test]
    fn bare_parameters_and_groups() {
        let tel = property("item1.tel;home;Cell;:01 99 00 12 34");
        assert_eq!((tel.group.as_deref(), tel.name.as_str()), (Some("item1"), "TEL"));
        assert_eq!(tel.parameter_values("TYPE").collect::<Vec<_>>(), ["home", "Cell"]);
        assert_eq!(property("N;CHARSET=ISO-8859-1;QUOTED-PRINTABLE:Lef=E8vre").text(), "Lefèvre");
    }

    #[test]
    fn long_lists_quotes_and_carets() {
        assert_eq!(values("TEL;TYPE=a,b,c,d,e,f,g,h,i,j,k,l:1", "TYPE").len(), 12);
        assert_eq!(values("A;CN=\"x;y:z\";B=:v", "CN"), ["x;y:z"]);
        assert_eq!(values("A;CN=dit ^'Léo^'^n^^^x:v", "CN"), ["dit \"Léo\"\n^^x"]);
    }

    #[test]
    fn damaged_lines_are_faults() {
        assert!(read(7, "no colon here").1.is_some_and(|fault| fault.place.line == 7));
        assert!(read(7, "two words: here").0.is_none());
        let (kept, fault) = read(7, "A;CN=\"x\"y;P=1:v");
        assert_eq!(kept.map(|kept| kept.value).as_deref(), Some("v"));
        assert!(fault.is_some_and(|fault| !fault.is_row_lost));
    }
}
