//! Calendars and address books as trees of components, nothing lost: unknown components and
//! properties stay in order, with their lines, and the text of every object can be given back.
//!
//! What properties mean is the business of `map::events` and `map::contacts`.

use encoding_rs::{Encoding, UTF_8, WINDOWS_1252};

use super::DecodeError;
use super::component_tree::Tree;
use super::content_lines::{ContentLine, content_lines, plain};
use super::property::Property;
use crate::model::Fault;

/// Bytes of one document; its tree takes several times as much memory.
const LARGEST: usize = 128 << 20;

/// A component: `VCALENDAR`, `VEVENT`, `VCARD` or any other name between BEGIN and END.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Component {
    /// Upper case.
    pub name: String,
    /// 1-based line of its BEGIN.
    pub line: u64,
    pub properties: Vec<Property>,
    pub children: Vec<Component>,
    /// Where its text stands in the document, from BEGIN to END.
    pub(super) start: usize,
    pub(super) end: usize,
}

impl Component {
    /// The first property of that name.
    pub fn property(&self, name: &str) -> Option<&Property> {
        self.properties.iter().find(|property| property.name == name)
    }

    /// All properties of that name, in order.
    pub fn properties_named<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Property> {
        self.properties.iter().filter(move |property| property.name == name)
    }
}

/// A decoded document.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Components {
    pub roots: Vec<Component>,
    pub faults: Vec<Fault>,
    /// What the bytes were decoded from, for the import report.
    pub encoding: String,
    text: Vec<u8>,
}

impl Components {
    /// The text of a component exactly as it stands in the document, folds included; when its
    /// bytes are not UTF-8, its lines unfolded and decoded.
    pub fn source(&self, component: &Component) -> String {
        let bytes = self.text.get(component.start..component.end).unwrap_or_default();
        match std::str::from_utf8(bytes) {
            Ok(text) => text.to_owned(),
            Err(_) => content_lines(bytes).flat_map(|line| [line.text.into_owned(), "\r\n".to_owned()]).collect(),
        }
    }
}

/// Reads a calendar or address book; any number of objects, however damaged.
///
/// Lines that are not of the format are in `faults`. Refused are empty documents, those above
/// 128 MiB and those in which no component begins.
pub fn components(bytes: &[u8]) -> Result<Components, DecodeError> {
    if bytes.len() > LARGEST {
        return Err(DecodeError::TooLarge { what: "the document", limit: LARGEST as u64, unit: "bytes" });
    }
    let (text, stated) = plain(bytes);
    if text.trim_ascii().is_empty() {
        return Err(DecodeError::Empty);
    }
    let mut tree = Tree::default();
    let mut seen = Seen::default();
    for line in content_lines(&text) {
        seen.add(&line);
        tree.take(&line);
    }
    tree.finish(text.len());
    if !tree.has_begun {
        let what = "this document".to_owned();
        return Err(DecodeError::Unsupported { what, detail: "no line of it begins a calendar or a card".to_owned() });
    }
    let encoding = seen.describe(stated);
    Ok(Components { roots: tree.roots, faults: tree.faults, encoding, text: text.into_owned() })
}

/// The encodings met in a document.
#[derive(Default)]
struct Seen {
    has_utf8: bool,
    others: Vec<&'static Encoding>,
}

impl Seen {
    fn add(&mut self, line: &ContentLine<'_>) {
        if line.encoding == UTF_8 {
            self.has_utf8 |= !line.text.is_ascii();
        } else if !self.others.contains(&line.encoding) {
            self.others.push(line.encoding);
        }
    }

    fn describe(&self, stated: Option<&'static Encoding>) -> String {
        let whole = stated.unwrap_or(if self.has_utf8 || self.others.is_empty() { UTF_8 } else { self.others[0] });
        let mut out = whole.name().to_ascii_lowercase();
        for other in self.others.iter().filter(|other| **other != whole) {
            let name =
                if *other == WINDOWS_1252 { "windows-1252".to_owned() } else { other.name().to_ascii_lowercase() };
            out.push_str(", some lines ");
            out.push_str(&name);
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Components {
        components(text.as_bytes()).expect("it begins")
    }

    #[test]
    fn unknown_components_and_text_stay() {
        let text =
            "BEGIN:VCALENDAR\r\nX-A;B=c:d\r\nBEGIN:X-VVENUE\r\nNAME:a\r\n b\r\nEND:X-VVENUE\r\nEND:VCALENDAR\r\n";
        let tree = read(text);
        let venue = &tree.roots[0].children[0];
        assert_eq!((venue.name.as_str(), venue.line, venue.properties[0].value.as_str()), ("X-VVENUE", 3, "ab"));
        assert_eq!(tree.source(venue), "BEGIN:X-VVENUE\r\nNAME:a\r\n b\r\nEND:X-VVENUE");
        assert_eq!(tree.source(&tree.roots[0]), text.trim_end());
        assert_eq!((tree.faults.len(), tree.encoding.as_str()), (0, "utf-8"));
    }

    #[test]
    fn what_is_no_calendar_is_refused() {
        assert!(matches!(components(b" \r\n"), Err(DecodeError::Empty)));
        assert!(matches!(components(b"%PDF-1.4\n\xff\xfe"), Err(DecodeError::Unsupported { .. })));
    }
}
