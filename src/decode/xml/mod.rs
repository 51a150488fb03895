//! XML documents: every element of the wanted names becomes a named row.
//!
//! A row's fields are the element's own attributes (`@date`), then what it holds in document
//! order: the text of its children by name (`Duration`), of deeper ones by path
//! (`parts/part`), and their attributes (`addrs/addr/@address`), repeated as often as they stand.
//! Namespace prefixes are dropped. Nothing is validated against a schema, and no entity is defined
//! or expanded beyond XML's own five and the numeric ones.

mod references;
mod row;

use std::borrow::Cow;

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use super::row::{DecodeError, NamedRow};
use super::text;
use crate::model::{Fault, FaultKind, Place};
use row::OpenRow;

/// The deepest nesting that is followed.
const DEEPEST: u64 = 64;

/// Reads a document and gives each element whose local name is `wanted` to `sink`.
///
/// Inside a wanted element nothing else is a row. A row whose attributes cannot be read is a
/// fault; a document that is not balanced, or is cut, is an error, after the rows before it.
pub fn rows(bytes: &[u8], wanted: &[String], sink: &mut dyn FnMut(NamedRow)) -> Result<Vec<Fault>, DecodeError> {
    let (text, fault) = text_of(bytes);
    if text.trim().is_empty() {
        return Err(DecodeError::Empty);
    }
    let mut walk = Walk { wanted, sink, faults: fault.into_iter().collect(), row: None, depth: 0 };
    let mut reader = Reader::from_str(&text);
    reader.config_mut().allow_dangling_amp = true;
    let mut lines = Lines { text: &text, at: 0, line: 1 };
    loop {
        let place = Place::line(lines.up_to(reader.buffer_position()));
        let event = reader.read_event().map_err(|error| damaged(&place, error.to_string()))?;
        if event == Event::Eof {
            return walk.finish(&place);
        }
        walk.step(event, &place)?;
    }
}

/// What is known between two events.
struct Walk<'w> {
    wanted: &'w [String],
    sink: &'w mut dyn FnMut(NamedRow),
    faults: Vec<Fault>,
    /// The row that is being read.
    row: Option<OpenRow>,
    depth: u64,
}

impl Walk<'_> {
    fn step(&mut self, event: Event<'_>, place: &Place) -> Result<(), DecodeError> {
        match event {
            Event::Start(start) => self.open(&start, place),
            Event::Empty(start) => {
                self.open(&start, place)?;
                self.close();
                Ok(())
            }
            Event::End(_) => {
                self.close();
                Ok(())
            }
            Event::Text(text) => self.text(&text.into_inner(), place),
            Event::CData(data) => self.text(&references::escape(&data.into_inner()), place),
            Event::GeneralRef(name) => self.text(&format!("&{};", name.into_inner()), place),
            Event::DocType(declaration) if declaration.contains("<!ENTITY") => Err(DecodeError::Unsupported {
                what: "an XML document that defines its own entities".to_owned(),
                detail: "no program of a bank or a telephone writes one".to_owned(),
            }),
            Event::DocType(_) | Event::Decl(_) | Event::PI(_) | Event::Comment(_) | Event::Eof => Ok(()),
        }
    }

    fn open(&mut self, start: &BytesStart<'_>, place: &Place) -> Result<(), DecodeError> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(DecodeError::TooLarge { what: "the XML document", limit: DEEPEST, unit: "levels of elements" });
        }
        let name = start.local_name();
        match &mut self.row {
            Some(row) => row.open_child(name.as_ref(), start),
            None if self.wanted.iter().any(|wanted| wanted == name.as_ref()) => {
                self.row = Some(OpenRow::new(name.as_ref(), start, place));
                Ok(())
            }
            None => Ok(()),
        }
    }

    fn close(&mut self) {
        self.depth = self.depth.saturating_sub(1);
        let Some(mut row) = self.row.take() else { return };
        if !row.close_element() {
            self.row = Some(row);
            return;
        }
        match row.finish() {
            Ok(row) => (self.sink)(row),
            Err(fault) => self.faults.push(*fault),
        }
    }

    fn text(&mut self, escaped: &str, place: &Place) -> Result<(), DecodeError> {
        if self.depth == 0 && !escaped.trim().is_empty() {
            return Err(damaged(place, "text stands outside of every element".to_owned()));
        }
        if let Some(row) = &mut self.row {
            row.add_text(escaped);
        }
        Ok(())
    }

    fn finish(self, place: &Place) -> Result<Vec<Fault>, DecodeError> {
        match self.depth {
            0 => Ok(self.faults),
            n => Err(damaged(place, format!("it ends inside {n} open elements"))),
        }
    }
}

/// Counts line ends once, from the last place asked for.
struct Lines<'t> {
    text: &'t str,
    at: usize,
    line: u64,
}

impl Lines<'_> {
    fn up_to(&mut self, position: u64) -> u64 {
        let to = usize::try_from(position).unwrap_or(self.text.len()).min(self.text.len());
        let passed = self.text.as_bytes().get(self.at..to).unwrap_or_default();
        self.line += passed.iter().map(|b| u64::from(*b == b'\n')).sum::<u64>();
        self.at = to;
        self.line
    }
}

/// The document as UTF-8, by the rules that hold for every text and its own declaration.
fn text_of(bytes: &[u8]) -> (Cow<'_, str>, Option<Fault>) {
    let encoding = text::encoding(bytes, declared_encoding(bytes));
    let is_broken = encoding.name == "UTF-8" && std::str::from_utf8(bytes).is_err();
    let fault = is_broken.then(|| {
        let message = "some bytes are not UTF-8 and were replaced";
        Fault::new(FaultKind::NotText, Place::line(1), "", message).keeping_row()
    });
    (text::text(bytes, &encoding), fault)
}

/// The label in `<?xml … encoding="…"?>`, when the bytes are plain enough to hold one.
fn declared_encoding(bytes: &[u8]) -> Option<&str> {
    let head = &bytes[..bytes.len().min(200)];
    let declaration = head.strip_prefix(b"<?xml")?.split(|b| *b == b'>').next()?;
    let (_, value) = std::str::from_utf8(declaration).ok()?.split_once("encoding")?;
    value.split(['"', '\'']).nth(1)
}

fn damaged(place: &Place, detail: String) -> DecodeError {
    DecodeError::Damaged { what: "the XML document", place: place.clone(), detail }
}

#[cfg(test)]
mod tests;
