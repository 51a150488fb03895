//! The row that is being read: its fields so far, and the elements open inside it.

use quick_xml::events::BytesStart;

use super::references;
use crate::decode::row::{DecodeError, NamedRow};
use crate::model::{Fault, FaultKind, Place};

/// The most fields that one row may have.
const MOST_FIELDS: usize = 10_000;
/// The longest path of element names inside a row, in bytes: every field repeats it.
const LONGEST_PATH: usize = 512;
/// A `data` attribute longer than this many bytes is an attachment, not a field.
const LONGEST_DATA: usize = 1024;

/// A wanted element that is not closed yet.
pub struct OpenRow {
    row: NamedRow,
    /// The wanted element itself, then the elements open inside it.
    open: Vec<OpenElement>,
    fault: Option<Box<Fault>>,
}

/// An element inside a row, or the row itself (whose path is empty).
struct OpenElement {
    path: String,
    /// Text so far, still escaped: a character may be split over two references.
    text: String,
    is_leaf: bool,
}

impl OpenRow {
    pub fn new(name: &str, start: &BytesStart<'_>, place: &Place) -> Self {
        let row = NamedRow { kind: name.to_owned(), place: place.clone(), fields: Vec::new() };
        let element = OpenElement { path: String::new(), text: String::new(), is_leaf: true };
        let mut open = Self { row, open: vec![element], fault: None };
        open.add_attributes(start);
        open
    }

    /// Goes into a child of the innermost open element.
    pub fn open_child(&mut self, name: &str, start: &BytesStart<'_>) -> Result<(), DecodeError> {
        let path = match self.open.last_mut() {
            Some(parent) => {
                parent.is_leaf = false;
                joined(&parent.path, name)
            }
            None => name.to_owned(),
        };
        if path.len() > LONGEST_PATH {
            let what = "the names of one row of the XML document";
            return Err(DecodeError::TooLarge { what, limit: LONGEST_PATH as u64, unit: "bytes" });
        }
        self.open.push(OpenElement { path, text: String::new(), is_leaf: true });
        self.add_attributes(start);
        if self.row.fields.len() > MOST_FIELDS {
            return Err(DecodeError::TooLarge {
                what: "one row of the XML document",
                limit: MOST_FIELDS as u64,
                unit: "values",
            });
        }
        Ok(())
    }

    /// Adds text, still escaped, to the innermost open element.
    pub fn add_text(&mut self, escaped: &str) {
        if let Some(element) = self.open.last_mut() {
            element.text.push_str(escaped);
        }
    }

    /// Leaves the innermost open element; true when that was the row itself.
    pub fn close_element(&mut self) -> bool {
        if let Some(element) = self.open.pop() {
            let text = references::unescape(element.text.trim());
            let is_row = self.open.is_empty();
            if !text.is_empty() || (element.is_leaf && !is_row) {
                let name = if is_row { OWN_TEXT.to_owned() } else { element.path };
                self.row.fields.push((name, text.into_owned()));
            }
        }
        self.open.is_empty()
    }

    /// The finished row, or why it is lost.
    pub fn finish(self) -> Result<NamedRow, Box<Fault>> {
        match self.fault {
            Some(fault) => Err(fault),
            None => Ok(self.row),
        }
    }

    fn add_attributes(&mut self, start: &BytesStart<'_>) {
        let path = self.open.last().map(|element| element.path.clone()).unwrap_or_default();
        for attribute in start.attributes().with_checks(false) {
            let Ok(attribute) = attribute else {
                self.lose(start);
                return;
            };
            let name = attribute.key.local_name();
            let is_namespace = attribute.key.as_namespace_binding().is_some();
            let is_attachment = name.as_ref() == "data" && attribute.value.len() > LONGEST_DATA;
            if !is_namespace && !is_attachment {
                let field = joined(&path, &format!("@{}", name.as_ref()));
                self.row.fields.push((field, value(&attribute.value)));
            }
        }
    }

    fn lose(&mut self, start: &BytesStart<'_>) {
        let message = "an attribute of this element cannot be read";
        let fault = Fault::new(FaultKind::Malformed, self.row.place.clone(), start.attributes_raw().trim(), message)
            .with_excerpt(start)
            .with_hint("the export was probably edited or damaged: export it again");
        self.fault.get_or_insert_with(|| Box::new(fault));
    }
}

/// What the row element's own text is called.
const OWN_TEXT: &str = "#text";

fn joined(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}/{name}") }
}

/// An attribute's value: a literal line end is a blank, a written one (`&#10;`) is a line end
/// (XML 1.0 §3.3.3).
fn value(raw: &str) -> String {
    if raw.contains(['\n', '\r', '\t']) {
        return references::unescape(&raw.replace(['\n', '\r', '\t'], " ")).into_owned();
    }
    references::unescape(raw).into_owned()
}
