//! What the two XML spreadsheet readers share: the walk, attributes by local name, text, depth.

use quick_xml::Reader;
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::{BytesRef, BytesStart, Event};

use crate::decode::DecodeError;
use crate::model::Place;

/// Deepest nesting of elements.
pub const MAX_DEPTH: u64 = 64;

/// What takes the elements of a spreadsheet, in document order.
pub trait Elements {
    fn start(&mut self, element: &BytesStart<'_>);
    /// `name` is local; an empty element ends as soon as it has started.
    fn end(&mut self, name: &str) -> Result<(), DecodeError>;
    fn text(&mut self, text: &str);
    /// The text is at its end, closed or not.
    fn finish(&mut self);
}

/// Walks a whole document; one that ends before its last element is closed is damaged.
pub fn walk(what: &'static str, text: &str, elements: &mut impl Elements) -> Result<(), DecodeError> {
    let mut reader = Reader::from_str(text);
    let mut depth = Depth::default();
    loop {
        let event = reader.read_event();
        match event.map_err(|error| damaged(what, text, reader.error_position(), error.to_string()))? {
            Event::Start(element) => {
                depth.down(what)?;
                elements.start(&element);
            }
            Event::Empty(element) => {
                elements.start(&element);
                elements.end(element.local_name().as_ref())?;
            }
            Event::End(element) => {
                depth.up();
                elements.end(element.local_name().as_ref())?;
            }
            Event::Text(more) => elements.text(&more.xml10_content()),
            Event::CData(more) => elements.text(&more.xml10_content()),
            Event::GeneralRef(entity) => elements.text(&reference(&entity)),
            Event::Eof => break,
            _ => {}
        }
    }
    elements.finish();
    if depth.is_closed() {
        return Ok(());
    }
    Err(damaged(what, text, text.len() as u64, "it ends before its last element is closed".to_owned()))
}

/// The value of an attribute, whatever its prefix.
pub fn attribute(element: &BytesStart<'_>, name: &str) -> Option<String> {
    let attribute = element.attributes().flatten().find(|attribute| attribute.key.local_name().as_ref() == name)?;
    attribute.normalized_value(quick_xml::XmlVersion::Implicit1_0).ok().map(std::borrow::Cow::into_owned)
}

/// The same as a count, never below one.
pub fn repeat(element: &BytesStart<'_>, name: &str) -> u32 {
    attribute(element, name).and_then(|value| value.trim().parse().ok()).unwrap_or(1).max(1)
}

/// The text of `&amp;` or `&#233;`. Entities that a document defines are never expanded.
fn reference(reference: &BytesRef<'_>) -> String {
    if let Ok(Some(c)) = reference.resolve_char_ref() {
        return c.to_string();
    }
    let name = reference.borrow().into_inner();
    resolve_predefined_entity(&name).map_or_else(|| format!("&{name};"), str::to_owned)
}

/// Depth of nesting, kept under its cap.
#[derive(Default)]
struct Depth(u64);

impl Depth {
    pub fn down(&mut self, what: &'static str) -> Result<(), DecodeError> {
        self.0 += 1;
        if self.0 > MAX_DEPTH {
            return Err(DecodeError::TooLarge { what, limit: MAX_DEPTH, unit: "nested elements" });
        }
        Ok(())
    }

    pub fn up(&mut self) {
        self.0 = self.0.saturating_sub(1);
    }

    /// Whether every element that was opened is closed.
    pub fn is_closed(&self) -> bool {
        self.0 == 0
    }
}

/// A document that ends or breaks at a byte of its text.
fn damaged(what: &'static str, text: &str, at: u64, detail: String) -> DecodeError {
    let at = usize::try_from(at).unwrap_or(usize::MAX).min(text.len());
    let line = text.as_bytes()[..at].split(|b| *b == b'\n').count() as u64;
    DecodeError::Damaged { what, place: Place::line(line), detail }
}
