//! The parameters of a property, their case and order kept, and a property taken apart so that it
//! can be written differently.

use std::borrow::Cow;

use super::lines::Line;
use crate::decode::quoted_printable as encoded;

/// Octets of a line, its end excluded (RFC 6350 §3.2).
const LONGEST_LINE: usize = 75;

/// A parameter with its values, quotes undone; the other escapes stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parameter {
    /// Empty for the bare words of old cards: `TEL;HOME:`.
    pub name: String,
    pub values: Vec<String>,
}

/// A property taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Property<'a> {
    pub group: Option<String>,
    pub name: String,
    pub parameters: Vec<Parameter>,
    /// Escapes stand.
    pub value: Cow<'a, str>,
}

impl Parameter {
    pub fn new(name: &str, value: &str) -> Self {
        Self { name: name.to_owned(), values: vec![value.to_owned()] }
    }

    /// Whether it has that name; a bare word is a type.
    pub fn is(&self, name: &str) -> bool {
        let own = if self.name.is_empty() { "TYPE" } else { &self.name };
        own.eq_ignore_ascii_case(name)
    }
}

impl<'a> Property<'a> {
    /// Takes a line apart; nothing where it has no name.
    pub fn of(line: &Line<'a>) -> Option<Self> {
        let head = line.head();
        let full_name = head.split(';').next().unwrap_or_default().trim();
        let (group, name) = match full_name.rsplit_once('.') {
            Some((group, name)) => (Some(group.to_owned()), name),
            None => (None, full_name),
        };
        line.full_name()?;
        Some(Self { group, name: name.to_owned(), parameters: read(&head), value: line.value() })
    }

    pub fn is(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name)
    }

    /// The first value of a parameter.
    pub fn parameter(&self, name: &str) -> Option<&str> {
        let named = self.parameters.iter().find(|one| one.is(name))?;
        named.values.first().map(String::as_str)
    }

    /// Takes all parameters of that name away; whether there were any.
    pub fn drop_parameter(&mut self, name: &str) -> bool {
        let n_before = self.parameters.len();
        self.parameters.retain(|one| !one.is(name));
        self.parameters.len() < n_before
    }

    /// Takes a value out of the parameters of that name; whether it was there.
    pub fn drop_value(&mut self, name: &str, value: &str) -> bool {
        let mut is_found = false;
        for one in self.parameters.iter_mut().filter(|one| one.is(name)) {
            let n_before = one.values.len();
            one.values.retain(|stated| !stated.eq_ignore_ascii_case(value));
            is_found |= one.values.len() < n_before;
        }
        self.parameters.retain(|one| !one.values.is_empty());
        is_found
    }

    /// Writes it, folded, with that line end.
    pub fn write(&self, line_end: &str, to: &mut Vec<u8>) {
        let mut line = String::with_capacity(self.value.len() + 64);
        if let Some(group) = &self.group {
            line.push_str(group);
            line.push('.');
        }
        line.push_str(&self.name);
        for parameter in &self.parameters {
            line.push(';');
            if !parameter.name.is_empty() {
                line.push_str(&parameter.name);
                line.push('=');
            }
            let values: Vec<_> = parameter.values.iter().map(|value| quoted(value)).collect();
            line.push_str(&values.join(","));
        }
        line.push(':');
        line.push_str(&self.value);
        fold(&line, line_end, to);
    }
}

/// The parameters of a head, in order.
pub fn read(head: &str) -> Vec<Parameter> {
    let parameters = split_outside_quotes(head, ';').skip(1).map(str::trim).filter(|one| !one.is_empty());
    parameters
        .map(|one| {
            let (name, values) = one.split_once('=').unwrap_or(("", one));
            let values = split_outside_quotes(values, ',').map(|value| value.trim().replace('"', ""));
            Parameter { name: name.trim().to_owned(), values: values.collect() }
        })
        .collect()
}

/// The value of a line in quoted-printable, decoded.
pub fn quoted_printable(line: &Line<'_>) -> Option<String> {
    let parameters = read(&line.head());
    let says = |one: &Parameter| {
        let is_named = one.name.is_empty() || one.name.eq_ignore_ascii_case("ENCODING");
        is_named && one.values.iter().any(|value| value.eq_ignore_ascii_case("QUOTED-PRINTABLE"))
    };
    if !parameters.iter().any(says) {
        return None;
    }
    let charset = parameters.iter().find(|one| one.is("CHARSET")).and_then(|one| one.values.first());
    Some(encoded::decode(&line.value(), charset.map(String::as_str)))
}

fn split_outside_quotes(text: &str, separator: char) -> impl Iterator<Item = &str> {
    let mut is_quoted = false;
    text.split(move |c| {
        is_quoted ^= c == '"';
        c == separator && !is_quoted
    })
}

fn quoted(value: &str) -> Cow<'_, str> {
    if value.contains([':', ';', ',']) { Cow::Owned(format!("\"{value}\"")) } else { Cow::Borrowed(value) }
}

/// Breaks a line between letters, so that no part is longer than it may be.
fn fold(line: &str, line_end: &str, to: &mut Vec<u8>) {
    let mut rest = line;
    let mut room = LONGEST_LINE;
    while rest.len() > room {
        let at = (0..=room).rev().find(|at| rest.is_char_boundary(*at)).unwrap_or(room);
        to.extend_from_slice(&rest.as_bytes()[..at]);
        to.extend_from_slice(line_end.as_bytes());
        to.push(b' ');
        rest = &rest[at..];
        room = LONGEST_LINE - 1;
    }
    to.extend_from_slice(rest.as_bytes());
    to.extend_from_slice(line_end.as_bytes());
}

#[cfg(test)]
mod tests {
    use super::super::lines::lines;
    use super::*;

    fn property(text: &str) -> Property<'_> {
        Property::of(&lines(text.as_bytes()).next().expect("a line")).expect("a property")
    }

    fn written(property: &Property<'_>) -> String {
        let mut out = Vec::new();
        property.write("\r\n", &mut out);
        String::from_utf8(out).expect("text")
    }

    #[test]
    fn what_is_taken_apart_is_written_the_same() {
        for text in ["item1.X-ABLabel:_$!<Home>!$_\r\n", "tel;HOME;type=Cell,voice:1\r\n", "ADR;LABEL=\"a:b\":;;x\r\n"]
        {
            assert_eq!(written(&property(text)), text);
        }
    }

    #[test]
    fn lines_are_folded_between_letters() {
        let text = format!("NOTE:{}", "é".repeat(100));
        let folded = written(&property(&text));
        assert!(folded.split("\r\n").all(|line| line.len() <= LONGEST_LINE));
        assert_eq!(folded.replace("\r\n ", ""), format!("{text}\r\n"));
    }

    #[test]
    fn values_are_taken_out_of_lists() {
        let mut tel = property("TEL;TYPE=home,PREF;type=pref:1");
        assert!(tel.drop_value("type", "pref"));
        assert!(!tel.drop_value("type", "pref"));
        assert_eq!(written(&tel), "TEL;TYPE=home:1\r\n");
    }
}
