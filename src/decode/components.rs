//! Calendars and address books as trees of components, nothing lost: unknown components and
//! properties stay in order, with their lines, and the text of every object can be given back.
//!
//! What properties mean is the business of `map::events` and `map::contacts`.

use encoding_rs::{Encoding, UTF_8, WINDOWS_1252};

use super::DecodeError;
use super::content_lines::{ContentLine, content_lines, plain};
use super::property::{self, Property};
use crate::model::{Fault, FaultKind, Place};

/// Components nest three deep in real files; beyond this they are left out with a fault.
const DEEPEST: usize = 32;
/// Bytes of one document.
const LARGEST: usize = 1 << 30;

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
    start: usize,
    end: usize,
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
/// 1 GiB and those in which no component begins.
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

/// The tree while it grows: `open` holds the path from a root to the component being read.
#[derive(Default)]
struct Tree {
    roots: Vec<Component>,
    open: Vec<Component>,
    faults: Vec<Fault>,
    has_begun: bool,
    /// Components that are too deep and still open.
    too_deep: usize,
}

impl Tree {
    fn take(&mut self, line: &ContentLine<'_>) {
        match Mark::of(&line.text) {
            Some(Mark::Begin(name)) => self.begin(name, line),
            Some(Mark::End(name)) => self.end(name, line),
            Some(Mark::EndThenBegin(ended, begun)) => {
                self.end(ended, line);
                self.begin(begun, line);
            }
            None if self.too_deep == 0 => self.property(line),
            None => {}
        }
    }

    fn begin(&mut self, name: &str, line: &ContentLine<'_>) {
        self.has_begun = true;
        let name = name.trim().to_ascii_uppercase();
        if self.too_deep > 0 || self.open.len() >= DEEPEST {
            self.begin_too_deep(line);
            return;
        }
        if self.open.last().is_some_and(|top| top.name == name && !is_agent(top)) {
            self.fault(line, "the component before it has no END");
            self.close(line.start);
        }
        self.open.push(Component { name, line: line.number, start: line.start, ..Component::default() });
    }

    fn begin_too_deep(&mut self, line: &ContentLine<'_>) {
        if self.too_deep == 0 {
            let message = "components nest too deep; what is inside is not read";
            let fault = Fault::new(FaultKind::TooLarge, Place::line(line.number), line.text.trim(), message);
            self.faults.push(fault);
        }
        self.too_deep += 1;
    }

    fn end(&mut self, name: &str, line: &ContentLine<'_>) {
        if self.too_deep > 0 {
            self.too_deep -= 1;
            return;
        }
        let name = name.trim();
        let Some(depth) = self.open.iter().rposition(|open| open.name.eq_ignore_ascii_case(name)) else {
            self.fault(line, "nothing of that name is open");
            return;
        };
        while self.open.len() > depth + 1 {
            self.fault(line, "a component inside it has no END");
            self.close(line.start);
        }
        self.close(line.end);
    }

    fn property(&mut self, line: &ContentLine<'_>) {
        let (property, fault) = property::read(line.number, &line.text);
        self.faults.extend(fault);
        match (property, self.open.last_mut()) {
            (Some(property), Some(top)) => top.properties.push(property),
            (Some(_), None) => {
                let message = "this line stands outside every component";
                let fault = Fault::new(FaultKind::Malformed, Place::line(line.number), first_of(line), message);
                self.faults.push(fault.with_excerpt(&line.text));
            }
            (None, _) => {}
        }
    }

    fn close(&mut self, end: usize) {
        let Some(mut closed) = self.open.pop() else { return };
        closed.end = end;
        match self.open.last_mut() {
            Some(parent) => parent.children.push(closed),
            None => self.roots.push(closed),
        }
    }

    fn finish(&mut self, end: usize) {
        while let Some(open) = self.open.last() {
            let message = format!("the document ends inside {}", open.name);
            let fault = Fault::new(FaultKind::Malformed, Place::line(open.line), open.name.clone(), message);
            self.faults.push(fault.with_hint("the file may be cut short").keeping_row());
            self.close(end);
        }
    }

    fn fault(&mut self, line: &ContentLine<'_>, message: &str) {
        let fault = Fault::new(FaultKind::Malformed, Place::line(line.number), first_of(line), message);
        self.faults.push(fault.with_excerpt(&line.text).keeping_row());
    }
}

/// A line that opens or closes components.
enum Mark<'a> {
    Begin(&'a str),
    End(&'a str),
    /// Two cards written without a line end between them.
    EndThenBegin(&'a str, &'a str),
}

impl<'a> Mark<'a> {
    fn of(text: &'a str) -> Option<Self> {
        let (name, value) = text.split_once(':')?;
        let name = name.trim();
        let name = name.rsplit_once('.').map_or(name, |(_, name)| name);
        if name.eq_ignore_ascii_case("BEGIN") {
            return Some(Self::Begin(value));
        }
        if !name.eq_ignore_ascii_case("END") {
            return None;
        }
        let begin = value.to_ascii_uppercase().find("BEGIN:");
        Some(begin.map_or(Self::End(value), |at| Self::EndThenBegin(&value[..at], &value[at + "BEGIN:".len()..])))
    }
}

/// A card inside a card is the AGENT of vCard 2.1; otherwise the first one was not closed.
fn is_agent(card: &Component) -> bool {
    card.properties.last().is_some_and(|last| last.name == "AGENT" && last.value.trim().is_empty())
}

fn first_of(line: &ContentLine<'_>) -> String {
    line.text.chars().take(80).collect()
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
    fn cards_without_end_or_line_end_do_not_swallow_each_other() {
        let tree = read("BEGIN:VCARD\nFN:a\nBEGIN:VCARD\nFN:b\nEND:VCARDBEGIN:VCARD\nFN:c\nend:vcard\nFN:d\n");
        let names: Vec<_> = tree.roots.iter().map(|card| card.properties[0].value.as_str()).collect();
        assert_eq!(names, ["a", "b", "c"]);
        assert_eq!(tree.faults.iter().map(|fault| fault.place.line).collect::<Vec<_>>(), [3, 8]);
    }

    #[test]
    fn agents_nest() {
        let tree = read("BEGIN:VCARD\nAGENT:\nBEGIN:VCARD\nFN:b\nEND:VCARD\nFN:a\nEND:VCARD");
        assert_eq!((tree.roots.len(), tree.roots[0].children.len(), tree.faults.len()), (1, 1, 0));
    }

    #[test]
    fn depth_is_bounded() {
        let deep = "BEGIN:A\nBEGIN:B\n".repeat(200_000);
        let tree = read(&deep);
        assert_eq!(tree.faults.iter().filter(|fault| fault.kind == FaultKind::TooLarge).count(), 1);
    }

    #[test]
    fn what_is_no_calendar_is_refused() {
        assert!(matches!(components(b" \r\n"), Err(DecodeError::Empty)));
        assert!(matches!(components(b"%PDF-1.4\n\xff\xfe"), Err(DecodeError::Unsupported { .. })));
    }
}
