//! A card of version 3.0 as one of 4.0 and the other way (RFC 2426, RFC 6350), for clients that
//! ask for the version that the card does not have.
//!
//! Only properties that the versions write differently are written anew; all others keep their
//! bytes, known or not. What is stored is never changed. A card that goes there and back says the
//! same.

mod dates;
mod media;
mod to_four;
mod to_three;

use std::collections::BTreeMap;

use super::check::Version;
use super::lines::{Line, lines};
use super::parameters::{Property, quoted_printable};

/// What Apple calls the label of an anniversary.
const ANNIVERSARY_LABEL: &str = "_$!<Anniversary>!$_";

/// What has become of a property.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Change {
    /// Its bytes stand.
    None,
    Rewritten,
    Dropped,
}

/// What of the whole card has to be known at each of its properties.
#[derive(Debug, Default)]
struct Around {
    line_end: &'static str,
    /// What `itemN.X-ABLabel` says of each group, in upper case.
    labels: BTreeMap<String, String>,
    /// Groups of an `X-ABDATE`, in upper case.
    dated: Vec<String>,
    states_anniversary: bool,
    /// The lowest `PREF` of each property name, in upper case.
    preferred: BTreeMap<String, u8>,
    /// The highest N of `itemN`.
    last_item: u32,
    name: Option<String>,
    formatted_name: Option<String>,
    organisation: Option<String>,
}

/// The version that a card states.
pub fn version_of(card: &[u8]) -> Option<Version> {
    let stated = lines(card).find(|line| line.is("VERSION"))?;
    Version::of(&stated.value())
}

/// The card in that version, which is not its own.
pub fn to(card: &[u8], version: Version) -> Vec<u8> {
    let mut around = Around::of(card);
    let mut out = Vec::with_capacity(card.len() + 64);
    for line in lines(card) {
        if line.is("BEGIN") {
            out.extend_from_slice(line.raw);
            out.extend_from_slice(format!("VERSION:{}{}", version.text(), around.line_end).as_bytes());
        } else if line.is("END") {
            around.write_missing(version, &mut out);
            out.extend_from_slice(line.raw);
        } else if !line.is("VERSION") {
            write(&line, version, &mut around, &mut out);
        }
    }
    out
}

fn write(line: &Line<'_>, version: Version, around: &mut Around, out: &mut Vec<u8>) {
    let Some(mut property) = Property::of(line) else {
        out.extend_from_slice(line.raw);
        return;
    };
    let is_repaired = repair(line, &mut property);
    let change = match version {
        Version::Four => to_four::change(&mut property, around),
        Version::Three => to_three::change(&mut property, around),
    };
    match change {
        Change::Dropped => return,
        Change::None if !is_repaired => out.extend_from_slice(line.raw),
        Change::None | Change::Rewritten => property.write(around.line_end, out),
    }
    if version == Version::Three && property.is("X-ABDATE") && change == Change::Rewritten {
        let label = Property {
            group: property.group,
            name: "X-ABLabel".to_owned(),
            parameters: Vec::new(),
            value: ANNIVERSARY_LABEL.into(),
        };
        label.write(around.line_end, out);
    }
}

/// Turns a value of another encoding into text as both versions have it.
fn repair(line: &Line<'_>, property: &mut Property<'_>) -> bool {
    let text = quoted_printable(line);
    if let Some(text) = &text {
        property.value = text.replace("\r\n", "\\n").replace('\n', "\\n").into();
        property.drop_value("ENCODING", "QUOTED-PRINTABLE");
        property.drop_value("TYPE", "QUOTED-PRINTABLE");
    }
    property.drop_parameter("CHARSET") | text.is_some() | !line.is_utf8()
}

impl Around {
    fn of(card: &[u8]) -> Self {
        let has_crlf = lines(card).next().is_none_or(|line| line.raw.ends_with(b"\r\n"));
        let mut around = Self { line_end: if has_crlf { "\r\n" } else { "\n" }, ..Self::default() };
        for line in lines(card) {
            around.take(&line);
        }
        around
    }

    fn take(&mut self, line: &Line<'_>) {
        // A photo is no name: its value is not looked at.
        let Some(full_name) = line.full_name() else { return };
        let full_name = String::from_utf8_lossy(&full_name).trim().to_ascii_uppercase();
        let (group, name) = full_name.rsplit_once('.').unwrap_or(("", &full_name));
        let number = group.strip_prefix("ITEM").and_then(|number| number.parse().ok());
        self.last_item = self.last_item.max(number.unwrap_or_default());
        match name {
            "X-ABLABEL" => drop(self.labels.insert(group.to_owned(), line.value().trim().to_owned())),
            "X-ABDATE" => self.dated.push(group.to_owned()),
            "ANNIVERSARY" => self.states_anniversary = true,
            "N" => self.name = Some(line.value().into_owned()),
            "FN" => self.formatted_name = Some(line.value().into_owned()),
            "ORG" => self.organisation = Some(line.value().into_owned()),
            _ => {}
        }
        let Some(head) = Some(line.head()).filter(|head| head.to_ascii_uppercase().contains("PREF=")) else { return };
        let stated = super::parameters::read(&head);
        let pref = stated.iter().find(|one| one.is("PREF")).and_then(|one| one.values.first()?.parse().ok());
        let lowest = self.preferred.entry(name.to_owned()).or_insert(u8::MAX);
        *lowest = (*lowest).min(pref.unwrap_or(u8::MAX));
    }

    /// Whether the group is an `X-ABDATE` that Apple's label calls an anniversary.
    fn is_anniversary(&self, group: Option<&str>) -> bool {
        let Some(group) = group.map(str::to_ascii_uppercase) else { return false };
        self.labels.get(&group).is_some_and(|label| label == ANNIVERSARY_LABEL)
            && self.dated.iter().filter(|dated| **dated == group).count() == 1
    }

    /// Whether another property than `X-ANNIVERSARY` says it.
    fn has_anniversary(&self) -> bool {
        self.states_anniversary || self.dated.iter().any(|group| self.is_anniversary(Some(group)))
    }

    /// Writes the one property that the version demands and the card lacks: `FN` in 4.0, `N` in
    /// 3.0 (RFC 6350 §6.2.1, RFC 2426 §3.1.2).
    fn write_missing(&self, version: Version, out: &mut Vec<u8>) {
        let missing = match version {
            Version::Four if self.formatted_name.is_none() => ("FN", self.spoken_name()),
            Version::Three if self.name.is_none() => {
                ("N", format!("{};;;;", self.formatted_name.as_deref().unwrap_or_default().replace(';', "\\;")))
            }
            _ => return,
        };
        let (name, value) = missing;
        let property = Property { group: None, name: name.to_owned(), parameters: Vec::new(), value: value.into() };
        property.write(self.line_end, out);
    }

    /// Given name and family name, or the organisation.
    fn spoken_name(&self) -> String {
        let parts: Vec<&str> = self.name.as_deref().unwrap_or_default().split(';').collect();
        let named = [parts.get(1), parts.first()].into_iter().flatten().map(|part| part.trim());
        let name = named.filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ");
        let organisation = || self.organisation.as_deref().unwrap_or_default().split(';').next().unwrap_or_default();
        if name.is_empty() { organisation().to_owned() } else { name }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(three: &str, four: &str) {
        check_to(Version::Four, three, four);
        check_to(Version::Three, four, three);
    }

    fn check_to(version: Version, from: &str, to_be: &str) {
        let (own, other) = match version {
            Version::Four => ("3.0", "4.0"),
            Version::Three => ("4.0", "3.0"),
        };
        let card = |version: &str, inner: &str| {
            format!("BEGIN:VCARD\r\nVERSION:{version}\r\nN:A;B;;;\r\nFN:B A\r\n{inner}\r\nEND:VCARD\r\n")
        };
        let made = to(card(own, from).as_bytes(), version);
        assert_eq!(String::from_utf8(made).expect("text"), card(other, to_be));
    }

    #[test]
    fn most_lines_keep_their_bytes() {
        let apple = "item1.ADR;type=HOME:;;1 rue\r\n  de la Paix;Paris;;75002;France\r\nitem1.X-ABADR:fr\r\n\
                     item1.X-ABLabel:_$!<Home>!$_\r\nX-Unknown;x=\"a:b\":1\\,2";
        check(apple, apple);
    }

    #[test]
    fn photos() {
        check("PHOTO;ENCODING=b;TYPE=JPEG:/9j/4AA=", "PHOTO:data:image/jpeg;base64,/9j/4AA=");
        check("LOGO;VALUE=uri;TYPE=GIF:http://example.org/a.gif", "LOGO;MEDIATYPE=image/gif:http://example.org/a.gif");
        check("KEY;ENCODING=b;TYPE=PGP:AAAA", "KEY:data:application/pgp-keys;base64,AAAA");
        let sniffed = "PHOTO:data:image/png;base64,iVBORw0K";
        check_to(Version::Four, "PHOTO;BASE64:iVBO\r\n Rw0K", sniffed);
        check_to(Version::Four, "PHOTO;ENCODING=b:data:image/png;base64,iVBORw0K", sniffed);
        check_to(Version::Three, "PHOTO:data:image/jpeg\\;base64\\,/9j/", "PHOTO;ENCODING=b;TYPE=JPEG:/9j/");
    }

    #[test]
    fn preferences() {
        check("TEL;TYPE=CELL;TYPE=pref:1\r\nTEL;TYPE=HOME:2", "TEL;TYPE=CELL;PREF=1:1\r\nTEL;TYPE=HOME:2");
        check_to(Version::Four, "TEL;HOME;PREF:1", "TEL;TYPE=HOME;PREF=1:1");
        check_to(Version::Three, "EMAIL;PREF=20:a\r\nEMAIL;PREF=50:b", "EMAIL;TYPE=pref:a\r\nEMAIL:b");
        check_to(Version::Three, "TEL;VALUE=uri;TYPE=\"home,voice\":tel:+33-1", "TEL;TYPE=home,voice:+33-1");
    }

    #[test]
    fn groups() {
        check(
            "X-ADDRESSBOOKSERVER-KIND:group\r\nX-ADDRESSBOOKSERVER-MEMBER:urn:uuid:a",
            "KIND:group\r\nMEMBER:urn:uuid:a",
        );
    }

    #[test]
    fn days() {
        check("BDAY:1985-04-15", "BDAY:19850415");
        check("BDAY;VALUE=date;X-APPLE-OMIT-YEAR=1604:1604-02-29", "BDAY;VALUE=date:--0229");
        check("BDAY:1985-04-15T23:10:00Z", "BDAY:19850415T231000Z");
        check("BDAY;VALUE=text:vers 1800", "BDAY;VALUE=text:vers 1800");
        check("REV:2024-01-02T03:04:05Z", "REV:20240102T030405Z");
        check(
            "item4.X-ABDATE;TYPE=pref:2009-09-01\r\nitem4.X-ABLabel:_$!<Anniversary>!$_",
            "item4.ANNIVERSARY;PREF=1:20090901",
        );
        check_to(Version::Four, "X-ANNIVERSARY:2009-09-01", "ANNIVERSARY:20090901");
        let first = "item2.X-ABDATE:2009-09-01\r\nitem2.X-ABLabel:_$!<Anniversary>!$_";
        check_to(Version::Three, "ANNIVERSARY:20090901\r\nitem1.NOTE:x", &format!("{first}\r\nitem1.NOTE:x"));
        let other = "item1.X-ABDATE:2009-09-01\r\nitem1.X-ABLabel:_$!<Other>!$_";
        check(other, other);
    }

    #[test]
    fn places_and_identifiers() {
        check("GEO:48.85;2.35", "GEO:geo:48.85,2.35");
        check("UID:abc-1", "UID;VALUE=text:abc-1");
        check("UID:urn:uuid:4", "UID:urn:uuid:4");
    }

    #[test]
    fn other_encodings_become_text() {
        check_to(Version::Four, "NOTE;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:caf=C3=A9=0A=\r\nb", "NOTE:café\\nb");
    }

    #[test]
    fn a_version_gets_the_name_that_it_demands() {
        let four = to(b"BEGIN:VCARD\nVERSION:3.0\nN:Aubry;Claire;;;\nEND:VCARD\n", Version::Four);
        assert_eq!(four, b"BEGIN:VCARD\nVERSION:4.0\nN:Aubry;Claire;;;\nFN:Claire Aubry\nEND:VCARD\n");
        let three = to(b"BEGIN:VCARD\nVERSION:4.0\nFN:Claire Aubry\nEND:VCARD\n", Version::Three);
        assert_eq!(three, b"BEGIN:VCARD\nVERSION:3.0\nFN:Claire Aubry\nN:Claire Aubry;;;;\nEND:VCARD\n");
    }
}
