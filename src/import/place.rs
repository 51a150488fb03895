//! A place of an archived document, shown: the line, the cells or the object that stands there.

use std::collections::BTreeSet;

use crate::archive::Archive;
use crate::connector::{Catalogue, Format, fit_of};
use crate::decode::glimpse::{Look, look};
use crate::decode::read::{Event, encoding, events};
use crate::decode::sniff::Kind;
use crate::decode::{csv, text};

use super::world::ImportError;

/// Lines of a component that are shown.
const MOST_LINES: usize = 12;

/// What stands at `pointer` of a document, as text: nothing when it cannot be told. A text
/// document gives the line as it stands in the file; others their cells, or names and values.
pub fn at_place(
    archive: &Archive,
    catalogue: &Catalogue,
    sha256: &str,
    connector: &str,
    pointer: &str,
) -> Result<Vec<String>, ImportError> {
    let bytes = archive.read(sha256)?;
    let id = connector.split('@').next().unwrap_or(connector);
    let (Ok(look), Ok(connector)) = (look(&bytes, None), catalogue.find(id)) else { return Ok(Vec::new()) };
    let encoding = encoding(&bytes, connector);
    if let (Kind::Text, Ok(line)) = (look.kind, pointer.parse::<u64>()) {
        return Ok(csv::lines(&bytes, &encoding, &BTreeSet::from([line])).into_values().collect());
    }
    Ok(match connector.layout.format {
        Format::Vcard | Format::Icalendar => component(&text::text(&bytes, &encoding), pointer),
        _ => row(&bytes, &look, connector, pointer),
    })
}

/// The row that a reader meets there.
fn row(bytes: &[u8], look: &Look, connector: &crate::connector::Connector, pointer: &str) -> Vec<String> {
    let delimiter = fit_of(connector, &look.glimpse).and_then(|fit| fit.delimiter);
    let mut found = Vec::new();
    // What cannot be read to its end may hold the row all the same.
    let _ = events(bytes, look, connector, delimiter, &mut |event| {
        let shown = match event {
            Event::Row(_, row) if row.place.row_pointer() == pointer => row.cells.join(" | "),
            Event::Named(_, row) if row.place.row_pointer() == pointer => {
                let fields = row.fields.iter().filter(|(_, value)| !value.is_empty());
                fields.map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join(" ")
            }
            _ => return,
        };
        if found.is_empty() {
            found.push(shown);
        }
    });
    found
}

/// The component with that UID, from its BEGIN on.
fn component(text: &str, uid: &str) -> Vec<String> {
    let lines: Vec<&str> = text.lines().collect();
    let is_uid = |line: &&str| {
        let named = line.split_once(':').filter(|(name, _)| name.split(';').next() == Some("UID"));
        named.is_some_and(|(_, value)| value.trim() == uid)
    };
    let Some(at) = lines.iter().position(is_uid) else { return Vec::new() };
    let from = lines[..at].iter().rposition(|line| line.starts_with("BEGIN:")).unwrap_or(at);
    let end = lines[from].replacen("BEGIN:", "END:", 1);
    let to = lines[at..].iter().position(|line| *line == end).map_or(lines.len(), |n| at + n + 1);
    let mut shown: Vec<String> = lines[from..to].iter().take(MOST_LINES).map(|line| (*line).to_owned()).collect();
    if to - from > MOST_LINES {
        shown.push("…".to_owned());
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_component_is_found_by_its_uid() {
        let text = "BEGIN:VCARD\r\nUID:1\r\nEND:VCARD\r\nBEGIN:VCARD\r\nFN:Zoé\r\nUID:2\r\nEND:VCARD\r\n";
        assert_eq!(component(text, "2"), ["BEGIN:VCARD", "FN:Zoé", "UID:2", "END:VCARD"]);
        assert!(component(text, "3").is_empty());
    }
}
