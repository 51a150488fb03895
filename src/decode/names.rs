//! Names that occur in a JSON or XML document, for recognition.

use std::collections::BTreeSet;

use quick_xml::Reader;
use quick_xml::events::Event;
use serde_json::Value;

use super::json;
use super::row::DecodeError;
use crate::model::Place;

/// How deep JSON pointers are followed.
const DEPTH: usize = 6;
/// How many elements of an array are looked at: rows may leave out what others say.
const ROWS: usize = 8;
/// How many XML elements are looked at.
const ELEMENTS: usize = 64;

/// JSON pointers that exist, the first elements of an array all seen as `/0`.
pub fn json(bytes: &[u8]) -> Result<Vec<String>, DecodeError> {
    let value = value(bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes))?;
    let mut names = BTreeSet::new();
    collect(&value, &mut String::new(), DEPTH, &mut names);
    Ok(names.into_iter().collect())
}

/// The document, or the list of the documents that stand one after another.
fn value(bytes: &[u8]) -> Result<Value, DecodeError> {
    serde_json::from_slice(bytes).or_else(|error| {
        let several = std::str::from_utf8(bytes).ok().and_then(json::joined);
        several.and_then(|text| serde_json::from_str(&text).ok()).ok_or_else(|| {
            let place = Place::line(error.line() as u64).at_column(error.column() as u64);
            DecodeError::Damaged { what: "the JSON document", place, detail: error.to_string() }
        })
    })
}

/// Local names of the first elements of an XML document.
pub fn xml(text: &str) -> Vec<String> {
    let mut reader = Reader::from_str(text);
    let mut names: Vec<String> = Vec::new();
    while names.len() < ELEMENTS {
        match reader.read_event() {
            Ok(Event::Start(element) | Event::Empty(element)) => {
                names.push(element.local_name().as_ref().to_owned());
            }
            Ok(Event::Eof) | Err(_) => break,
            Ok(_) => {}
        }
    }
    names
}

fn collect(value: &Value, pointer: &mut String, depth: usize, names: &mut BTreeSet<String>) {
    if !names.contains(pointer.as_str()) {
        names.insert(pointer.clone());
    }
    if depth == 0 {
        return;
    }
    let mut descend = |key: &str, value: &Value| {
        let length = pointer.len();
        pointer.push('/');
        pointer.push_str(&key.replace('~', "~0").replace('/', "~1"));
        collect(value, pointer, depth - 1, names);
        pointer.truncate(length);
    };
    match value {
        Value::Object(members) => members.iter().for_each(|(key, value)| descend(key, value)),
        Value::Array(elements) => elements.iter().take(ROWS).for_each(|value| descend("0", value)),
        _ => {}
    }
}
