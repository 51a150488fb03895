//! A calendar that is published as one file, taken apart: one resource a UID, with all that belongs
//! to it (RFC 4791 §4.1): a series with its moved occurrences, and the time zones that it names.
//!
//! The lines of an event stand as they came, each ended as RFC 5545 §3.1 wants it. What the file
//! says of itself (its method, its name, how often to ask) is not said by its parts.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

use super::bundle;

/// One resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resource {
    pub uid: String,
    pub bytes: Vec<u8>,
}

/// The resources of a calendar, in order of UID. What has none is given one of its content.
pub fn resources(calendar: &[u8]) -> Vec<Resource> {
    let mut held = BTreeMap::new();
    for object in bundle::objects(calendar) {
        File::of(object).add_to(&mut held);
    }
    held.into_iter().map(|(uid, parts)| Resource { uid, bytes: parts.written() }).collect()
}

/// A VCALENDAR by its parts.
#[derive(Default)]
struct File<'a> {
    /// Lines of its own that each resource has too.
    head: Vec<&'a [u8]>,
    zones: Vec<Part<'a>>,
    others: Vec<Part<'a>>,
}

/// A component by its lines.
#[derive(Default)]
struct Part<'a> {
    lines: Vec<&'a [u8]>,
}

/// What becomes one resource.
#[derive(Default)]
struct Parts {
    head: Vec<u8>,
    zones: BTreeMap<String, Vec<u8>>,
    components: Vec<u8>,
}

impl<'a> File<'a> {
    fn of(object: &'a [u8]) -> Self {
        let mut file = Self::default();
        let mut part = Part::default();
        let mut depth = 0_usize;
        let mut is_kept = false;
        for line in object.split(|byte| *byte == b'\n').map(|line| line.strip_suffix(b"\r").unwrap_or(line)) {
            let is_end = is(line, b"END:");
            depth += usize::from(is(line, b"BEGIN:"));
            if depth >= 2 {
                part.lines.push(line);
            } else if depth == 1 && !is(line, b"BEGIN:") && !is_end && !line.is_empty() {
                let goes_on = matches!(line.first(), Some(b' ' | b'\t'));
                is_kept = if goes_on { is_kept } else { HEAD.iter().any(|name| is(line, name)) };
                file.head.extend(is_kept.then_some(line));
            }
            depth = depth.saturating_sub(usize::from(is_end));
            if is_end && depth == 1 {
                let part = std::mem::take(&mut part);
                if part.is_zone() { file.zones.push(part) } else { file.others.push(part) }
            }
        }
        file
    }

    fn add_to(&self, held: &mut BTreeMap<String, Parts>) {
        let zones: Vec<(String, Vec<u8>)> =
            self.zones.iter().filter_map(|zone| Some((zone.value(b"TZID")?, zone.written(None)))).collect();
        for part in &self.others {
            let text = part.written(None);
            let given = bundle::uid(&text);
            let uid = given.clone().unwrap_or_else(|| part.hash());
            let parts = held.entry(uid.clone()).or_default();
            if parts.head.is_empty() {
                parts.head = ended(&self.head);
            }
            let unfolded = part.unfolded();
            let named = zones.iter().filter(|(id, _)| names(&unfolded, id));
            parts.zones.extend(named.cloned());
            parts.components.extend(if given.is_some() { text } else { part.written(Some(&uid)) });
        }
    }
}

/// Lines of a calendar that its parts need.
const HEAD: [&[u8]; 3] = [b"VERSION:", b"PRODID", b"CALSCALE:"];

impl Part<'_> {
    fn is_zone(&self) -> bool {
        self.lines.first().is_some_and(|line| is(line, b"BEGIN:VTIMEZONE"))
    }

    fn value(&self, name: &[u8]) -> Option<String> {
        let line = self.lines.iter().find(|line| is(line, name))?;
        let at = line.iter().position(|byte| *byte == b':')?;
        Some(String::from_utf8_lossy(&line[at + 1..]).trim().to_owned())
    }

    /// Its lines, with a UID after the first where it is given one.
    fn written(&self, uid: Option<&str>) -> Vec<u8> {
        let mut lines = self.lines.clone();
        let uid = uid.map(|uid| format!("UID:{uid}"));
        if let Some(uid) = &uid {
            lines.insert(1.min(lines.len()), uid.as_bytes());
        }
        ended(&lines)
    }

    fn unfolded(&self) -> Vec<u8> {
        let mut text = Vec::new();
        for line in &self.lines {
            if let Some(b' ' | b'\t') = line.first() {
                text.extend_from_slice(&line[1..]);
            } else {
                text.push(b'\n');
                text.extend_from_slice(line);
            }
        }
        text
    }

    /// Of what it says; when it was written says nothing.
    fn hash(&self) -> String {
        let mut hash = Sha256::new();
        for line in self.lines.iter().filter(|line| !is(line, b"DTSTAMP")) {
            hash.update(line);
            hash.update(b"\n");
        }
        hash.finalize().iter().take(16).fold(String::new(), |text, byte| format!("{text}{byte:02x}"))
    }
}

impl Parts {
    fn written(&self) -> Vec<u8> {
        let mut bytes = b"BEGIN:VCALENDAR\r\n".to_vec();
        bytes.extend_from_slice(&self.head);
        self.zones.values().for_each(|zone| bytes.extend_from_slice(zone));
        bytes.extend_from_slice(&self.components);
        bytes.extend_from_slice(b"END:VCALENDAR\r\n");
        bytes
    }
}

fn ended(lines: &[&[u8]]) -> Vec<u8> {
    lines.iter().flat_map(|line| [line, b"\r\n".as_slice()]).flatten().copied().collect()
}

/// Whether a component names a time zone.
fn names(text: &[u8], zone: &str) -> bool {
    let plain = format!("TZID={zone}");
    let quoted = format!("TZID=\"{zone}\"");
    let has = |wanted: &str| text.windows(wanted.len()).any(|part| part.eq_ignore_ascii_case(wanted.as_bytes()));
    has(&plain) || has(&quoted)
}

fn is(line: &[u8], start: &[u8]) -> bool {
    line.get(..start.len()).is_some_and(|head| head.eq_ignore_ascii_case(start))
}

#[cfg(test)]
mod tests {
    use super::*;

    const FEED: &str = "\u{feff}BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//x//\n a\nMETHOD:PUBLISH\nX-WR-CALNAME:Club\n\
        BEGIN:VTIMEZONE\nTZID:Europe/Paris\nBEGIN:STANDARD\nEND:STANDARD\nEND:VTIMEZONE\n\
        BEGIN:VTIMEZONE\nTZID:Other\nEND:VTIMEZONE\n\
        BEGIN:VEVENT\nUID:b\nDTSTART;TZID=Europe/Pa\n ris:20260301T080000\nBEGIN:VALARM\nUID:x\nEND:VALARM\nEND:VEVENT\n\
        BEGIN:VEVENT\nUID:a\nSUMMARY:A\nEND:VEVENT\n\
        BEGIN:VEVENT\nUID:b\nRECURRENCE-ID:20260308T080000\nEND:VEVENT\n\
        BEGIN:VEVENT\nSUMMARY:nameless\nEND:VEVENT\nEND:VCALENDAR\n";

    #[test]
    fn a_series_and_its_occurrences_are_one_resource() {
        let found = resources(FEED.as_bytes());
        let uids: Vec<&str> = found.iter().map(|one| one.uid.as_str()).collect();
        assert_eq!((uids.len(), &uids[1..]), (3, &["a", "b"][..]));
        let text = |at: usize| String::from_utf8(found[at].bytes.clone()).unwrap();
        assert!(text(0).contains(&format!("BEGIN:VEVENT\r\nUID:{}\r\nSUMMARY:nameless\r\n", uids[0])), "{}", text(0));
        assert_eq!(
            text(1),
            "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//\r\n a\r\nBEGIN:VEVENT\r\nUID:a\r\nSUMMARY:A\r\n\
             END:VEVENT\r\nEND:VCALENDAR\r\n"
        );
        assert_eq!(text(2).matches("BEGIN:VEVENT").count(), 2);
        assert_eq!(text(2).matches("BEGIN:VTIMEZONE").count(), 1);
        assert!(text(2).contains("DTSTART;TZID=Europe/Pa\r\n ris:"));
    }
}
