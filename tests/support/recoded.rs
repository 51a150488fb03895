//! The same document in other encodings and with other line ends.

use moisson::connector::{Catalogue, recognise};
use moisson::decode::glimpse::look;
use moisson::decode::sniff::Kind;
use moisson::decode::zip::Member;
use moisson::decode::{read, text};
use moisson::import::golden::Golden;

/// The text of a document of rows; none of other kinds, whose bytes are not only text.
pub fn text(catalogue: &Catalogue, document: &Member) -> Option<String> {
    let seen = look(&document.bytes, Some(&document.name)).ok()?;
    if !matches!(seen.kind, Kind::Text | Kind::Ofx | Kind::Qif) {
        return None;
    }
    let connector = recognise(catalogue, &seen.glimpse).ok()?.connector;
    let encoding = read::encoding(&document.bytes, connector);
    Some(text::text(&document.bytes, &encoding).into_owned())
}

/// What other programs make of the text.
pub fn variants(text: &str) -> Vec<(&'static str, Vec<u8>)> {
    let lines = text.replace("\r\n", "\n");
    let swapped = if text.contains("\r\n") { lines.clone() } else { lines.replace('\n', "\r\n") };
    let mut variants = vec![
        ("as UTF-8", text.as_bytes().to_vec()),
        ("as UTF-8 with a mark", format!("\u{feff}{text}").into_bytes()),
        ("as UTF-16", text.encode_utf16().flat_map(u16::to_le_bytes).collect()),
        ("as UTF-16 with a mark", format!("\u{feff}{text}").encode_utf16().flat_map(u16::to_be_bytes).collect()),
        ("with the other line ends", swapped.into_bytes()),
        ("with old line ends", lines.replace('\n', "\r").into_bytes()),
    ];
    if text.chars().all(|c| c as u32 <= 0xff) {
        let latin = text.chars().filter_map(|c| u8::try_from(c as u32).ok()).collect();
        variants.push(("as Latin-1", latin));
    }
    variants
}

/// Records and faults without their places.
pub fn content(read: &Golden) -> Vec<String> {
    let records = read.records.iter().map(|line| without_place(line));
    let faults = read.faults.iter().map(|line| line.split_once(' ').map_or(line.clone(), |(_, rest)| rest.to_owned()));
    records.chain(faults).collect()
}

/// The first line in which two readings differ.
pub fn difference(expected: &Golden, found: &Golden) -> String {
    let (expected, found) = (content(expected), content(found));
    let at = (0..expected.len().max(found.len())).find(|at| expected.get(*at) != found.get(*at)).unwrap_or_default();
    format!("expected {:?}, found {:?}", expected.get(at), found.get(at))
}

fn without_place(line: &str) -> String {
    let mut record: serde_json::Value = serde_json::from_str(line).expect("a record");
    record.as_object_mut().and_then(|record| record.remove("at"));
    record.to_string()
}
