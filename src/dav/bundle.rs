//! The document that one collection gives at one time: what says which collection it is and what
//! has gone from it, then the objects, byte for byte, one after the other.
//!
//! ```text
//! BEGIN:VCALENDAR                          BEGIN:VCARD
//! VERSION:2.0                              VERSION:4.0
//! PRODID:-//moisson//collection//EN        KIND:x-collection
//! X-WR-CALNAME:Family                      FN:Family
//! X-MOISSON-COLLECTION:agenda/family       X-MOISSON-COLLECTION:agenda/friends
//! X-MOISSON-TAKEN:20260301T080000Z         X-MOISSON-TAKEN:20260301T080000Z
//! X-MOISSON-WHOLE:TRUE                     X-MOISSON-GONE:UID of a card
//! X-MOISSON-GONE:UID of an object          END:VCARD
//! END:VCALENDAR
//! ```
//!
//! `TAKEN` makes two documents differ that tell the same at two times, and `STANDS`, where there is
//! a sync token of the collection, two of the same second. `WHOLE` says that nothing
//! else is in the collection. UIDs stand as their objects write them. Only this head is believed:
//! an object that says the same of itself is an object like others, and none can get into the head,
//! for it is closed before the first of them begins on a line of its own.

use jiff::Timestamp;
use sha2::{Digest, Sha256};

/// What a collection holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Calendars,
    Cards,
}

/// What was found in one collection.
#[derive(Debug)]
pub struct Found<'a> {
    /// What calendar or book its objects belong to: the source's, then the collection.
    pub key: &'a str,
    pub name: &'a str,
    pub colour: Option<&'a str>,
    pub taken_at: Timestamp,
    pub is_whole: bool,
    /// How the collection stands, in a word that stands for nothing else.
    pub stands: Option<&'a str>,
    /// UIDs of objects that are not there any more.
    pub gone: Vec<String>,
    /// Objects that are new or have changed.
    pub objects: Vec<&'a [u8]>,
}

/// The document.
pub fn write(kind: Kind, found: &Found<'_>) -> Vec<u8> {
    let length: usize = found.objects.iter().map(|object| object.len() + 2).sum();
    let mut out = head(kind, found).into_bytes();
    out.reserve(length);
    for object in &found.objects {
        // A line that begins with white space goes on with the one before (RFC 5545 §3.1).
        out.extend_from_slice(object.strip_prefix(b"\xef\xbb\xbf").unwrap_or(object).trim_ascii_start());
        if !object.ends_with(b"\n") {
            out.extend_from_slice(b"\r\n");
        }
    }
    out
}

/// What a document says, read again: see [`read`].
#[derive(Debug, PartialEq, Eq)]
pub struct Told<'a> {
    pub kind: Kind,
    pub key: String,
    pub name: Option<String>,
    pub colour: Option<String>,
    pub is_whole: bool,
    pub gone: Vec<String>,
    pub objects: Vec<&'a [u8]>,
}

/// Reads a document that [`write`] wrote; none when it does not begin with such a head.
pub fn read(bytes: &[u8]) -> Option<Told<'_>> {
    let mut parts = objects(bytes).into_iter();
    let head = parts.next()?;
    let value = |name: &str| texts(head, name).next().map(|text| unescaped(&text));
    let kind = if is_begin(head, b"VCARD") { Kind::Cards } else { Kind::Calendars };
    Some(Told {
        kind,
        key: value("X-MOISSON-COLLECTION")?,
        name: value(if kind == Kind::Cards { "FN" } else { "X-WR-CALNAME" }),
        colour: value("X-APPLE-CALENDAR-COLOR"),
        is_whole: value("X-MOISSON-WHOLE").is_some_and(|whole| whole.eq_ignore_ascii_case("true")),
        gone: texts(head, "X-MOISSON-GONE").collect(),
        objects: parts.collect(),
    })
}

/// A text property of an object: the first of that name, wherever it stands.
pub fn text(object: &[u8], name: &str) -> Option<String> {
    texts(object, name).next().map(|text| unescaped(&text))
}

/// What two versions of an object are held against each other by, 32 hexadecimal digits: the white
/// space around them, which documents do not keep, says nothing.
pub fn essence(object: &[u8]) -> String {
    let object = object.strip_prefix(b"\xef\xbb\xbf").unwrap_or(object).trim_ascii();
    Sha256::digest(object).iter().take(16).fold(String::new(), |text, byte| format!("{text}{byte:02x}"))
}

/// What a calendar says that it is called, and its colour.
pub fn about(calendar: &[u8]) -> (Option<String>, Option<String>) {
    let said = |name: &str| texts(calendar, name).next().map(|text| unescaped(&text)).filter(|text| !text.is_empty());
    (said("X-WR-CALNAME").or_else(|| said("NAME")), said("X-APPLE-CALENDAR-COLOR").or_else(|| said("COLOR")))
}

/// The calendar objects or cards that stand one after the other, each with its line ends; what is
/// between them belongs to none.
pub fn objects(bytes: &[u8]) -> Vec<&[u8]> {
    let mut found = Vec::new();
    let (mut at, mut start, mut depth) = (0, 0, 0_usize);
    for line in bytes.split_inclusive(|byte| *byte == b'\n') {
        let text = line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line).trim_ascii_end();
        if starts(text, b"BEGIN:") {
            if depth == 0 {
                start = at + (line.len() - line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line).len());
            }
            depth += 1;
        }
        at += line.len();
        if starts(text, b"END:") && depth > 0 {
            depth -= 1;
            if depth == 0 {
                found.push(&bytes[start..at]);
            }
        }
    }
    found
}

fn starts(line: &[u8], with: &[u8]) -> bool {
    line.get(..with.len()).is_some_and(|start| start.eq_ignore_ascii_case(with))
}

fn is_begin(object: &[u8], what: &[u8]) -> bool {
    starts(object, b"BEGIN:") && object.get(6..).is_some_and(|rest| starts(rest, what))
}

/// The values of a property, unfolded.
fn texts<'a>(object: &'a [u8], name: &'a str) -> impl Iterator<Item = String> + 'a {
    let mut lines = object.split(|byte| *byte == b'\n').peekable();
    std::iter::from_fn(move || {
        loop {
            let line = lines.next()?;
            let (found, value) = parted(line.strip_suffix(b"\r").unwrap_or(line));
            if found.eq_ignore_ascii_case(name.as_bytes()) {
                return Some(unfolded(value, &mut lines));
            }
        }
    })
}

/// A value with the lines that go on with it.
fn unfolded<'a>(value: &[u8], lines: &mut std::iter::Peekable<impl Iterator<Item = &'a [u8]>>) -> String {
    let mut whole = value.to_vec();
    while let Some(more) = lines.next_if(|next| matches!(next.first(), Some(b' ' | b'\t'))) {
        whole.extend_from_slice(more[1..].strip_suffix(b"\r").unwrap_or(&more[1..]));
    }
    String::from_utf8_lossy(&whole).replace(char::is_control, "").trim().to_owned()
}

fn unescaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        match character {
            '\\' => match characters.next() {
                Some('n' | 'N') => out.push('\n'),
                Some(escaped) => out.push(escaped),
                None => {}
            },
            plain => out.push(plain),
        }
    }
    out
}

fn head(kind: Kind, found: &Found<'_>) -> String {
    let name = escaped(found.name);
    let mut lines = match kind {
        Kind::Calendars => vec![
            "BEGIN:VCALENDAR".to_owned(),
            "VERSION:2.0".to_owned(),
            "PRODID:-//moisson//collection//EN".to_owned(),
            format!("X-WR-CALNAME:{name}"),
        ],
        Kind::Cards => vec![
            "BEGIN:VCARD".to_owned(),
            "VERSION:4.0".to_owned(),
            "KIND:x-collection".to_owned(),
            format!("FN:{name}"),
        ],
    };
    if let (Some(colour), Kind::Calendars) = (found.colour, kind) {
        lines.push(format!("X-APPLE-CALENDAR-COLOR:{}", escaped(colour)));
    }
    lines.push(format!("X-MOISSON-COLLECTION:{}", escaped(found.key)));
    lines.push(format!("X-MOISSON-TAKEN:{}", found.taken_at.strftime("%Y%m%dT%H%M%SZ")));
    lines.extend(found.stands.map(|token| format!("X-MOISSON-STANDS:{}", escaped(token))));
    if found.is_whole {
        lines.push("X-MOISSON-WHOLE:TRUE".to_owned());
    }
    lines.extend(found.gone.iter().map(|uid| format!("X-MOISSON-GONE:{uid}")));
    lines.push(match kind {
        Kind::Calendars => "END:VCALENDAR\r\n".to_owned(),
        Kind::Cards => "END:VCARD\r\n".to_owned(),
    });
    lines.join("\r\n")
}

/// A TEXT of RFC 5545 §3.3.11 and RFC 6350 §3.4.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\\' | ';' | ',' => out.extend(['\\', character]),
            '\n' => out.push_str("\\n"),
            character if character.is_control() => {}
            character => out.push(character),
        }
    }
    out
}

/// The UID of an object as it is written there, unfolded: that of the first component that has
/// one; alarms have their own.
pub fn uid(object: &[u8]) -> Option<String> {
    let mut lines = object.split(|byte| *byte == b'\n').peekable();
    let mut open: Vec<Vec<u8>> = Vec::new();
    while let Some(line) = lines.next() {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let (name, value) = parted(line);
        if name.eq_ignore_ascii_case(b"BEGIN") {
            open.push(value.trim_ascii().to_ascii_uppercase());
        } else if name.eq_ignore_ascii_case(b"END") {
            open.pop();
        } else if name.eq_ignore_ascii_case(b"UID") && open.last().is_some_and(|name| name != b"VALARM") {
            let text = unfolded(value, &mut lines);
            return (!text.is_empty()).then_some(text);
        }
    }
    None
}

/// Name and value of a line `group.NAME;PARAMETER="a:b":value`.
fn parted(line: &[u8]) -> (&[u8], &[u8]) {
    let end = line.iter().position(|byte| matches!(byte, b':' | b';')).unwrap_or(line.len());
    let name = &line[..end];
    let name = name.iter().position(|byte| *byte == b'.').map_or(name, |dot| &name[dot + 1..]);
    let mut is_quoted = false;
    for (at, byte) in line.iter().enumerate().skip(end) {
        match byte {
            b'"' => is_quoted = !is_quoted,
            b':' if !is_quoted => return (name, &line[at + 1..]),
            _ => {}
        }
    }
    (name, &[])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_uid_is_found_folded_grouped_and_past_an_alarm() {
        let event = b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nBEGIN:VALARM\r\nUID:alarm\r\nEND:VALARM\r\nUID:a-\r\n b\r\n";
        assert_eq!(uid(event).as_deref(), Some("a-b"));
        let card = b"BEGIN:VCARD\nitem1.UID;VALUE=text:urn:x\nEND:VCARD";
        assert_eq!(uid(card).as_deref(), Some("urn:x"));
        assert_eq!(uid(b"BEGIN:VCARD\nFN:UID:no\nEND:VCARD"), None);
    }

    fn written(objects: Vec<&[u8]>) -> String {
        let found = Found {
            key: "home/a",
            name: "A, B",
            colour: None,
            taken_at: "2026-03-01T08:00:00Z".parse().expect("an instant"),
            is_whole: false,
            stands: None,
            gone: vec!["u1".to_owned()],
            objects,
        };
        String::from_utf8(write(Kind::Cards, &found)).expect("text")
    }

    #[test]
    fn no_object_gets_into_the_head() {
        let folded = b"\xef\xbb\xbf x\r\nX-MOISSON-WHOLE:TRUE\r\nEND:VCARD\r\n";
        let text = written(vec![folded]);
        assert!(text.contains("\r\nEND:VCARD\r\nx\r\nX-MOISSON-WHOLE"), "{text}");
    }

    #[test]
    fn objects_stand_as_they_came() {
        let text = written(vec![b"BEGIN:VCARD\nFN:a\nEND:VCARD"]);
        let wanted = "BEGIN:VCARD\r\nVERSION:4.0\r\nKIND:x-collection\r\nFN:A\\, B\r\nX-MOISSON-COLLECTION:home/a\r\n\
             X-MOISSON-TAKEN:20260301T080000Z\r\nX-MOISSON-GONE:u1\r\nEND:VCARD\r\nBEGIN:VCARD\nFN:a\nEND:VCARD\r\n";
        assert_eq!(text, wanted);
    }

    #[test]
    fn what_was_written_is_read_again() {
        let objects: [&[u8]; 2] =
            [b"BEGIN:VCARD\r\nFN:a\r\nEND:VCARD\r\n", b"begin:vcard\nUID:2\nNOTE:END\\n:x\nend:vcard\n"];
        let text = written(objects.to_vec());
        let told = read(text.as_bytes()).expect("a head");
        assert_eq!((told.kind, told.key.as_str(), told.name.as_deref()), (Kind::Cards, "home/a", Some("A, B")));
        assert_eq!((told.gone, told.is_whole), (vec!["u1".to_owned()], false));
        assert_eq!(told.objects, objects);
        assert_eq!(read(objects[0]), None);
    }
}
