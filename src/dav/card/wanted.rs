//! What of a card an answer holds: `CR:address-data` (RFC 6352 §10.4).

use std::borrow::Cow;

use super::Unmet;
use super::check::Version;
use super::convert;
use super::lines::{Line, base_of, group_of, lines};
use crate::dav::xml::{Element, Space};

/// What a request wants to have of each card. The default is the card as it is stored.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DataWanted {
    /// The version it is wanted in; none is that of the card.
    version: Option<Version>,
    /// All properties when none are named.
    properties: Option<Vec<PropertyWanted>>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct PropertyWanted {
    /// Any group when none is named.
    group: Option<String>,
    name: String,
    is_without_value: bool,
}

impl DataWanted {
    /// Reads the `address-data` of a request. Its default version, 3.0, is not taken for a wish:
    /// clients that name none want the card as it is.
    pub fn read(element: &Element) -> Result<Self, Unmet> {
        let media_type = element.attribute("content-type").unwrap_or("text/vcard");
        let is_card =
            matches!(media_type.to_ascii_lowercase().as_str(), "text/vcard" | "text/x-vcard" | "text/directory");
        if !is_card {
            return Err(Unmet::AddressData(media_type.to_owned()));
        }
        let version = match element.attribute("version") {
            None => None,
            Some(stated) => Some(Version::of(stated).ok_or_else(|| Unmet::AddressData(format!("version {stated}")))?),
        };
        let named: Vec<_> = element.children(&Space::CardDav, "prop").filter_map(PropertyWanted::read).collect();
        Ok(Self { version, properties: (!named.is_empty()).then_some(named) })
    }

    /// The version that an answer must have whatever the card has, by `Accept` or `address-data`.
    pub fn in_version(version: Version) -> Self {
        Self { version: Some(version), properties: None }
    }
}

impl PropertyWanted {
    fn read(element: &Element) -> Option<Self> {
        let full_name = element.attribute("name")?;
        let (group, name) = match full_name.rsplit_once('.') {
            Some((group, name)) => (Some(group.to_owned()), name),
            None => (None, full_name),
        };
        let is_without_value = element.attribute("novalue") == Some("yes");
        Some(Self { group, name: name.to_owned(), is_without_value })
    }

    fn is_named(&self, full_name: &[u8]) -> bool {
        base_of(full_name).eq_ignore_ascii_case(self.name.as_bytes())
            && self.group.as_ref().is_none_or(|group| {
                group_of(full_name).is_some_and(|stated| stated.eq_ignore_ascii_case(group.as_bytes()))
            })
    }
}

/// The card as it is wanted. Its own bytes, unless only some properties or another version than
/// it states are asked for.
pub fn data<'a>(card: &'a [u8], wanted: &DataWanted) -> Cow<'a, [u8]> {
    let card = match wanted.version.filter(|version| convert::version_of(card).is_some_and(|own| own != *version)) {
        Some(version) => Cow::Owned(convert::to(card, version)),
        None => Cow::Borrowed(card),
    };
    match &wanted.properties {
        Some(properties) => Cow::Owned(partial(&card, properties)),
        None => card,
    }
}

/// The card as text for an answer in XML: itself when it is UTF-8, as a card has to be.
pub fn text(card: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(card) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => Cow::Owned(lines(card).map(|line| line_text(&line).into_owned()).collect()),
    }
}

/// A line as it stands when it is UTF-8, else without folds: they may cut a letter in two.
fn line_text<'a>(line: &Line<'a>) -> Cow<'a, str> {
    match std::str::from_utf8(line.raw) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => Cow::Owned(format!("{}:{}\r\n", line.head(), line.value())),
    }
}

/// The card with these properties only, in its own order, and what makes it a card.
fn partial(card: &[u8], wanted: &[PropertyWanted]) -> Vec<u8> {
    let mut out = Vec::new();
    for line in lines(card) {
        let Some(name) = line.full_name() else { continue };
        let is_frame = ["BEGIN", "VERSION", "END"].iter().any(|frame| line.is(frame));
        match wanted.iter().find(|one| one.is_named(&name)) {
            _ if is_frame => out.extend_from_slice(line.raw),
            Some(one) if one.is_without_value => write_without_value(&line, &mut out),
            Some(_) => out.extend_from_slice(line.raw),
            None => {}
        }
    }
    out
}

fn write_without_value(line: &Line<'_>, to: &mut Vec<u8>) {
    let head = &line.raw[..line.value_at().unwrap_or(line.raw.len())];
    to.extend_from_slice(head);
    to.extend_from_slice(if line.raw.ends_with(b"\r\n") { b"\r\n" } else { b"\n" });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dav::xml;

    const CARD: &[u8] =
        b"BEGIN:VCARD\r\nVERSION:3.0\r\nFN:A\r\n B\r\nitem1.EMAIL;type=work:a@example.org\r\nEMAIL:b@example.org\r\n\
        PHOTO;ENCODING=b:AAAA\r\n BBBB\r\nEND:VCARD\r\n";

    fn wanted(inner: &str) -> Result<DataWanted, Unmet> {
        let body = format!("<address-data xmlns='urn:ietf:params:xml:ns:carddav' {inner}</address-data>");
        DataWanted::read(&xml::read(body.as_bytes()).expect("well-formed"))
    }

    fn got(inner: &str) -> String {
        String::from_utf8(data(CARD, &wanted(inner).expect("offered")).into_owned()).expect("text")
    }

    #[test]
    fn the_card_itself_unless_something_else_is_asked() {
        for inner in [">", "><allprop/>", "version='3.0'>", "content-type='text/vcard'>"] {
            assert!(matches!(data(CARD, &wanted(inner).expect("offered")), Cow::Borrowed(bytes) if bytes == CARD));
        }
        assert!(got("version='4.0'>").contains("VERSION:4.0\r\n"));
    }

    #[test]
    fn some_properties_only() {
        let framed = |inner: &str| format!("BEGIN:VCARD\r\nVERSION:3.0\r\n{inner}END:VCARD\r\n");
        assert_eq!(got("><prop name='fn'/>"), framed("FN:A\r\n B\r\n"));
        assert_eq!(got("><prop name='item1.EMAIL'/>"), framed("item1.EMAIL;type=work:a@example.org\r\n"));
        let without = framed("item1.EMAIL;type=work:\r\nEMAIL:\r\nPHOTO;ENCODING=b:\r\n");
        assert_eq!(got("><prop name='EMAIL' novalue='yes'/><prop name='PHOTO' novalue='yes'/>"), without);
    }

    #[test]
    fn what_is_not_offered_is_a_precondition() {
        for inner in ["version='2.1'>", "content-type='application/vcard+json'>"] {
            assert_eq!(wanted(inner).expect_err("not offered").element().local, "supported-address-data");
        }
    }

    #[test]
    fn other_encodings_become_text() {
        assert_eq!(text(b"FN;CHARSET=ISO-8859-1:R\xe9\r\n"), "FN;CHARSET=ISO-8859-1:Ré\r\n");
    }
}
