//! What mirrored collections and their members are called, and what is said of them. Pure.

use sha2::{Digest, Sha256};

use crate::collections::State;
use crate::dav::bundle::{self, Kind};
use crate::dav::xml;
use crate::model::collection::{CollectionKind, Origin, Property, PropertyName};

/// Longest UID that makes a name by itself.
const LONGEST: usize = 120;

/// The path of a source's collection: the one that it has, else a free one.
pub(super) fn path(state: &State, kind: Kind, source: &str, slug: &str) -> String {
    if let Some(path) = known(state, kind, source, slug) {
        return path.to_owned();
    }
    let folder = match kind {
        Kind::Calendars => "calendars",
        Kind::Cards => "books",
    };
    let name = if slug.is_empty() { plain(source) } else { format!("{}-{}", plain(source), plain(slug)) };
    let bare = format!("{folder}/{name}");
    let tries = (2..).map(|n| format!("{bare}-{n}"));
    std::iter::once(bare.clone()).chain(tries).find(|path| state.collection(path).is_none()).unwrap_or(bare)
}

/// The path of a source's collection, where there is one.
fn known<'s>(state: &'s State, kind: Kind, source: &str, slug: &str) -> Option<&'s str> {
    let wanted = origin(source, slug);
    let is_it = |(_, it): &(&str, &crate::collections::Collection)| it.origin == wanted && it.kind == of(kind);
    state.collections().find(is_it).map(|(path, _)| path)
}

pub(super) fn origin(source: &str, slug: &str) -> Origin {
    Origin::Source { source: source.to_owned(), collection: slug.to_owned() }
}

pub(super) fn of(kind: Kind) -> CollectionKind {
    match kind {
        Kind::Calendars => CollectionKind::Calendar,
        Kind::Cards => CollectionKind::AddressBook,
    }
}

/// What a new object is called: by its UID, so that it is called the same in every rebuilt home.
pub(super) fn member(kind: Kind, key: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-' | '@');
    let is_name = !key.starts_with('.') && key.len() <= LONGEST && key.chars().all(is_plain) && !key.is_empty();
    let extension = extension(kind);
    if is_name { format!("{key}.{extension}") } else { format!("{}.{extension}", hash(key.as_bytes())) }
}

/// Another name for an object whose own is taken.
pub(super) fn other(kind: Kind, key: &str) -> String {
    format!("{}.{}", hash(format!("{key} again").as_bytes()), extension(kind))
}

fn extension(kind: Kind) -> &'static str {
    match kind {
        Kind::Calendars => "ics",
        Kind::Cards => "vcf",
    }
}

/// 32 hexadecimal digits.
pub(super) fn hash(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().take(16).fold(String::new(), |text, byte| format!("{text}{byte:02x}"))
}

/// What two versions are held against each other by: white space around them says nothing, and when
/// a published calendar was written neither.
pub(super) fn essence(bytes: &[u8], is_published: bool) -> String {
    if !is_published {
        return bundle::essence(bytes);
    }
    let is_stamp = |line: &&[u8]| line.get(..7).is_some_and(|name| name.eq_ignore_ascii_case(b"DTSTAMP"));
    let lines = bytes.split_inclusive(|byte| *byte == b'\n').filter(|line| !is_stamp(line));
    bundle::essence(&lines.flatten().copied().collect::<Vec<u8>>())
}

/// What kind of object it is.
pub(super) fn component(bytes: &[u8]) -> Option<String> {
    let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let lines = text.split(|byte| *byte == b'\n');
    let begun = lines.filter(|line| line.get(..6).is_some_and(|start| start.eq_ignore_ascii_case(b"BEGIN:")));
    let mut names = begun.map(|line| String::from_utf8_lossy(&line[6..]).trim().to_ascii_uppercase());
    names.find(|name| name != "VCALENDAR" && name != "VTIMEZONE" && name != "STANDARD" && name != "DAYLIGHT")
}

/// The properties that tell what a collection is called, and its colour.
pub(super) fn properties(name: Option<&str>, colour: Option<&str>) -> Vec<Property> {
    let property = |ns: &str, local: &str, text: &str| Property {
        name: PropertyName { ns: ns.to_owned(), local: local.to_owned() },
        xml: format!("<x:{local} xmlns:x=\"{ns}\">{}</x:{local}>", xml::escaped(text)),
    };
    let name = name.map(|name| property("DAV:", "displayname", name));
    let colour = colour.map(|colour| property("http://apple.com/ns/ical/", "calendar-color", colour));
    name.into_iter().chain(colour).collect()
}

/// Small letters, figures and hyphens.
fn plain(text: &str) -> String {
    let clean = |c: char| if c.is_alphanumeric() || matches!(c, '_' | '.') { c } else { '-' };
    let text: String = text.to_lowercase().chars().map(clean).take(LONGEST / 2).collect();
    let text = text.trim_matches(['-', '.']).to_owned();
    if text.is_empty() { hash(text.as_bytes()).chars().take(8).collect() } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_stable_and_harmless() {
        assert_eq!(member(Kind::Calendars, "a-1_b.c"), "a-1_b.c.ics");
        for strange in ["../x", "a b", "é", "", ".hidden", &"a".repeat(200)] {
            let name = member(Kind::Cards, strange);
            let (stem, extension) = name.split_once('.').unwrap();
            assert_eq!((stem.len(), extension), (32, "vcf"), "{strange}");
        }
        assert_eq!(plain("Zoé's / Club"), "zoé-s---club");
    }

    #[test]
    fn versions_that_say_the_same_are_one() {
        let (one, other) = (b"BEGIN:VEVENT\r\nDTSTAMP:1\r\nEND:VEVENT\r\n", b"BEGIN:VEVENT\r\nDTSTAMP:2\r\nEND:VEVENT");
        assert_ne!(essence(one, false), essence(other, false));
        assert_eq!(essence(one, true), essence(other, true));
        assert_eq!(
            component(b"BEGIN:VCALENDAR\r\nBEGIN:VTIMEZONE\r\nEND:VTIMEZONE\r\nbegin:VTODO\r\n").as_deref(),
            Some("VTODO")
        );
    }
}
