//! What the two XML spreadsheet readers share: attributes by local name, text, depth.

use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::{BytesRef, BytesStart};

use crate::decode::DecodeError;
use crate::model::Place;

/// Deepest nesting of elements.
pub const MAX_DEPTH: u64 = 64;

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
pub fn reference(reference: &BytesRef<'_>) -> String {
    if let Ok(Some(c)) = reference.resolve_char_ref() {
        return c.to_string();
    }
    let name = reference.borrow().into_inner();
    resolve_predefined_entity(&name).map_or_else(|| format!("&{name};"), str::to_owned)
}

/// Depth of nesting, kept under its cap.
#[derive(Default)]
pub struct Depth(u64);

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
pub fn damaged(what: &'static str, text: &str, at: u64, detail: String) -> DecodeError {
    let at = usize::try_from(at).unwrap_or(usize::MAX).min(text.len());
    let line = text.as_bytes()[..at].split(|b| *b == b'\n').count() as u64;
    DecodeError::Damaged { what, place: Place::line(line), detail }
}
