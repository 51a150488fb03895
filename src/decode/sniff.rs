//! What kind of document some bytes are, by their content alone: names and extensions lie.

use crate::decode::{text, zip};
use crate::model::text::is_blank;

/// The kinds of documents there are a reader for, and those that are told apart to be refused well.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Office Open XML workbook (`.xlsx`, `.xlsm`, `.xlsb`).
    Xlsx,
    /// Compound file: a workbook of Excel 97-2003, or one protected by a password.
    Xls,
    Ods,
    Zip,
    /// XML spreadsheet of Excel 2003.
    SpreadsheetMl,
    Html,
    Xml,
    Json,
    Ofx,
    Qif,
    VCard,
    ICalendar,
    Pdf,
    /// Any other text: CSV, fixed columns, prose.
    Text,
    Binary,
    /// Nothing but blanks or NULs.
    Empty,
}

impl Kind {
    /// What it is, for people: "an Excel workbook".
    pub fn description(self) -> &'static str {
        match self {
            Self::Xlsx => "an Excel workbook",
            Self::Xls => "an old Excel workbook",
            Self::Ods => "an OpenDocument spreadsheet",
            Self::Zip => "a ZIP archive",
            Self::SpreadsheetMl => "an Excel 2003 XML spreadsheet",
            Self::Html => "a web page",
            Self::Xml => "an XML document",
            Self::Json => "a JSON document",
            Self::Ofx => "an OFX statement",
            Self::Qif => "a QIF file",
            Self::VCard => "an address book (vCard)",
            Self::ICalendar => "a calendar (iCalendar)",
            Self::Pdf => "a PDF document",
            Self::Text => "a text file",
            Self::Binary => "a binary file",
            Self::Empty => "an empty file",
        }
    }
}

impl Kind {
    /// Whether it is text whose lines people can look up.
    pub fn is_text(self) -> bool {
        match self {
            Self::Text
            | Self::Ofx
            | Self::Qif
            | Self::VCard
            | Self::ICalendar
            | Self::Xml
            | Self::Json
            | Self::Html
            | Self::SpreadsheetMl => true,
            Self::Xlsx | Self::Xls | Self::Ods | Self::Zip | Self::Pdf | Self::Binary | Self::Empty => false,
        }
    }
}

/// Bytes looked at, from the start, in a document that is text.
const HEAD: usize = 8 * 1024;

/// Tells the kind of a whole document. Byte order marks and leading blanks do not matter.
pub fn kind(bytes: &[u8]) -> Kind {
    if let Some(kind) = by_magic(bytes) {
        return kind;
    }
    let head = &bytes[..bytes.len().min(HEAD)];
    let head = text::text(head, &text::encoding(head, None)).into_owned();
    let trimmed = head.trim_start_matches(is_blank);
    if trimmed.is_empty() {
        return if bytes.len() > HEAD && !is_padding(bytes) { Kind::Text } else { Kind::Empty };
    }
    if is_binary(trimmed) {
        return Kind::Binary;
    }
    by_text(trimmed)
}

/// The kinds told by their first bytes, which may be no text at all.
fn by_magic(bytes: &[u8]) -> Option<Kind> {
    const BINARIES: [&[u8]; 8] = [
        b"\x1f\x8b",
        b"\x89PNG",
        b"\xff\xd8\xff",
        b"GIF8",
        b"7z\xbc\xaf",
        b"Rar!\x1a",
        b"\x7fELF",
        b"\x28\xb5\x2f\xfd",
    ];
    if bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"PK\x05\x06") {
        return Some(zipped(bytes));
    }
    if bytes.starts_with(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1") {
        return Some(compound(bytes));
    }
    BINARIES.iter().any(|magic| bytes.starts_with(magic)).then_some(Kind::Binary)
}

fn zipped(bytes: &[u8]) -> Kind {
    let Ok(archive) = zip::open(bytes, "the ZIP archive") else { return truncated_zip(bytes) };
    if archive.index_for_name("xl/workbook.xml").is_some() || archive.index_for_name("xl/workbook.bin").is_some() {
        return Kind::Xlsx;
    }
    match zip::named(bytes, "mimetype", "the ZIP archive") {
        Ok(Some(mimetype)) if mimetype.starts_with(b"application/vnd.oasis.opendocument.spreadsheet") => Kind::Ods,
        _ => Kind::Zip,
    }
}

/// Without its central directory an archive still names its members one by one.
fn truncated_zip(bytes: &[u8]) -> Kind {
    const PARTS: [&[u8]; 4] = [b"[Content_Types].xml", b"docProps/app.xml", b"xl/workbook.", b"xl/worksheets/"];
    let head = &bytes[..bytes.len().min(1 << 20)];
    match () {
        () if PARTS.iter().any(|part| has(head, part)) => Kind::Xlsx,
        () if has(head, b"application/vnd.oasis.opendocument.spreadsheet") => Kind::Ods,
        () => Kind::Zip,
    }
}

/// A compound file is a workbook when it has a stream of that name (names are UTF-16).
fn compound(bytes: &[u8]) -> Kind {
    let wide = |name: &str| name.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
    let is_workbook = ["Workbook", "Book", "EncryptedPackage"].iter().any(|name| has(bytes, &wide(name)));
    // Cut short, it may have lost its directory: its reader will say so better.
    let is_cut = bytes.len() < 1024 || !has(bytes, &wide("Root Entry"));
    if is_workbook || is_cut { Kind::Xls } else { Kind::Binary }
}

fn has(bytes: &[u8], needle: &[u8]) -> bool {
    let first = needle[0];
    let mut rest = bytes;
    while let Some(at) = rest.iter().position(|b| *b == first) {
        rest = &rest[at..];
        if rest.starts_with(needle) {
            return true;
        }
        rest = &rest[1..];
    }
    false
}

fn is_padding(bytes: &[u8]) -> bool {
    bytes.iter().all(|b| matches!(b, 0 | b' ' | b'\t' | b'\r' | b'\n'))
}

/// Text holds few control characters; bank files hold some.
fn is_binary(head: &str) -> bool {
    let n_strange = head.chars().filter(|c| is_strange(*c)).count();
    n_strange > 2 + head.chars().count() / 20
}

fn is_strange(c: char) -> bool {
    (c.is_control() && !matches!(c, '\t' | '\n' | '\r' | '\x0c' | '\x1a' | '\x1b')) || c == '\u{fffd}'
}

fn by_text(head: &str) -> Kind {
    let lower = head.to_ascii_lowercase();
    match () {
        () if lower.starts_with("%pdf") => Kind::Pdf,
        () if lower.starts_with("begin:vcard") => Kind::VCard,
        // Calendars also come as single components, without the calendar around them.
        () if lower.starts_with("begin:v") => Kind::ICalendar,
        () if is_ofx(&lower) => Kind::Ofx,
        () if is_qif(&lower) => Kind::Qif,
        () if lower.starts_with('<') => markup(&lower),
        () if is_json(&lower) => Kind::Json,
        () => Kind::Text,
    }
}

/// The header of OFX 1, or the first tag of a document that lost it or hides it in a comment.
fn is_ofx(lower: &str) -> bool {
    lower.starts_with("ofxheader") || (lower.starts_with('<') && (lower.contains("<?ofx") || lower.contains("<ofx>")))
}

/// A section header, or, in files without one, lettered lines of which a `^` ends the record.
fn is_qif(lower: &str) -> bool {
    const HEADERS: [&str; 5] = ["!type:", "!account", "!option:", "!clear:", "!type "];
    let mut lines = lower.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    let Some(first) = lines.next() else { return false };
    if HEADERS.iter().any(|header| first.starts_with(header)) {
        return true;
    }
    let is_dated = first.strip_prefix('d').is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
    is_dated && lines.take_while(|line| line.len() < 200).take(40).any(|line| line == "^")
}

/// The kind of a document that starts with `<`, told by its first element.
fn markup(lower: &str) -> Kind {
    const PAGES: [&str; 14] = [
        "html", "head", "body", "meta", "title", "table", "div", "style", "script", "center", "font", "p", "link",
        "span",
    ];
    if lower.contains("urn:schemas-microsoft-com:office:spreadsheet") && !lower.contains("<html") {
        return Kind::SpreadsheetMl;
    }
    if lower.contains("<!doctype html") {
        return Kind::Html;
    }
    match first_element(lower) {
        Some(name) if PAGES.contains(&name) => Kind::Html,
        Some(_) => Kind::Xml,
        None if lower.starts_with("<?xml") || lower.starts_with("<!") => Kind::Xml,
        None => Kind::Text,
    }
}

fn first_element(lower: &str) -> Option<&str> {
    lower.match_indices('<').find_map(|(at, _)| {
        let inside = &lower[at + 1..];
        let name = inside.split(|c: char| !c.is_alphanumeric() && !matches!(c, ':' | '_' | '-' | '.')).next()?;
        name.starts_with(|c: char| c.is_alphabetic()).then_some(name)
    })
}

/// An object or an array, told from an `[ini section]` or prose in braces by what follows.
fn is_json(head: &str) -> bool {
    let inside = |open: char| head.strip_prefix(open).map(|rest| rest.trim_start_matches(is_blank));
    let starts = |rest: &str, with: &str| rest.is_empty() || rest.starts_with(|c: char| with.contains(c));
    inside('{').is_some_and(|rest| starts(rest, "\"}"))
        || inside('[').is_some_and(|rest| {
            starts(rest, "[{\"]-0123456789") || rest.starts_with("null") || rest.starts_with("true")
        })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check(bytes: &[u8], expected: Kind) {
        assert_eq!(kind(bytes), expected, "{:?}", String::from_utf8_lossy(&bytes[..bytes.len().min(60)]));
    }

    #[test]
    fn texts_are_told_by_their_start() {
        for (text, expected) in [
            ("", Kind::Empty),
            ("\u{feff} \r\n\0\0", Kind::Empty),
            ("Date;Libellé;Montant\n", Kind::Text),
            ("sep=;\nDate;Montant\n", Kind::Text),
            ("D is a letter;and not QIF\n", Kind::Text),
            ("\n\nOFXHEADER:100\n<OFX>", Kind::Ofx),
            ("<?xml version=\"1.0\"?>\n<?OFX OFXHEADER=\"200\"?>\n<OFX>", Kind::Ofx),
            ("\u{feff}<OFX>", Kind::Ofx),
            ("<!--\nOFXHEADER:100\n-->\n<OFX>", Kind::Ofx),
            ("!Type:Bank\nD05/03/2026\n", Kind::Qif),
            ("# exported\n!Account\nNJoint\n", Kind::Qif),
            ("D2026-03-05\nT-1\n^\n", Kind::Qif),
            ("\r\nBEGIN:VCARD\r\n", Kind::VCard),
            ("begin:vcalendar\r\n", Kind::ICalendar),
            ("BEGIN:VEVENT\n", Kind::ICalendar),
            ("%PDF-1.7", Kind::Pdf),
            ("<!DOCTYPE html><title>x</title>", Kind::Html),
            (" <TABLE border=1><tr>", Kind::Html),
            ("<!-- saved --><html xmlns:x=\"urn:schemas-microsoft-com:office:spreadsheet\">", Kind::Html),
            (
                "<?xml version=\"1.0\"?><Workbook xmlns=\"urn:schemas-microsoft-com:office:spreadsheet\">",
                Kind::SpreadsheetMl,
            ),
            ("<?xml version='1.0'?><!-- c --><smses count=\"1\">", Kind::Xml),
            ("<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:camt.053.001.02\">", Kind::Xml),
            ("{\"pce\": {}}", Kind::Json),
            ("\u{feff}[ {\"a\": 1}", Kind::Json),
            ("[section]\nkey=1", Kind::Text),
            ("{not json}", Kind::Text),
        ] {
            check(text.as_bytes(), expected);
            let wide: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
            check(&wide, expected);
        }
    }

    #[test]
    fn binaries_are_told_from_texts() {
        check(b"\x89PNG\r\n\x1a\n", Kind::Binary);
        check(&(0..=255).cycle().take(3000).collect::<Vec<u8>>(), Kind::Binary);
        check(b"Libell\xe9;D\xe9bit \x80\n\x01", Kind::Text);
        check(b"PK\x03\x04 cut short", Kind::Zip);
        check(b"PK\x03\x04\x14\0\0\0\x08\0[Content_Types].xml", Kind::Xlsx);
        check(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", Kind::Xls);
    }

    #[test]
    fn padding_is_empty() {
        check(&vec![0; 20_000], Kind::Empty);
        check(&vec![b' '; 20_000], Kind::Empty);
    }

    proptest! {
        #[test]
        fn any_bytes_have_a_kind(bytes: Vec<u8>, magic in prop::sample::select(vec!["", "PK\x03\x04", "PK\x05\x06", "<", "{", "!", "D1\n"])) {
            let mut all = magic.as_bytes().to_vec();
            all.extend(bytes);
            prop_assert!(!kind(&all).description().is_empty());
        }
    }
}
