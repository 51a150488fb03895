//! Whether bytes are a calendar object resource (RFC 4791 §4.1), and what it is.
//!
//! Only what CalDAV itself needs is asked for: clients write much that RFC 5545 does not know, and
//! whoever refuses it loses their data. Zones may go without VTIMEZONE (RFC 7809).

use std::collections::HashSet;

use crate::decode::content_lines::content_lines;
use crate::decode::{Component, Components, DecodeError, components};
use crate::map::moments::Moment;

/// Components nest three deep in real objects.
const DEEPEST: usize = 32;

/// What a calendar object is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    Event,
    Todo,
    Journal,
    FreeBusy,
}

impl Kind {
    pub const ALL: [Self; 4] = [Self::Event, Self::Todo, Self::Journal, Self::FreeBusy];

    /// The name of its component.
    pub fn component(self) -> &'static str {
        match self {
            Self::Event => "VEVENT",
            Self::Todo => "VTODO",
            Self::Journal => "VJOURNAL",
            Self::FreeBusy => "VFREEBUSY",
        }
    }

    /// The kind with a component of that name, in upper case.
    pub fn of(component: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.component() == component)
    }
}

/// What is known of a valid object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    pub kind: Kind,
    /// As written, blanks around it taken off.
    pub uid: String,
}

/// Why bytes are no calendar object resource; the answer's `valid-calendar-data` says it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {what}; {remedy}")]
pub struct Invalid {
    /// 1-based.
    pub line: u64,
    pub what: String,
    pub remedy: &'static str,
}

/// Checks an object: one VCALENDAR without METHOD, and in it components of one kind with one UID.
pub fn check(bytes: &[u8]) -> Result<Facts, Invalid> {
    if let Err(error) = std::str::from_utf8(bytes) {
        let line = bytes.iter().take(error.valid_up_to()).filter(|b| **b == b'\n').count() as u64 + 1;
        return Err(invalid(line, "the text is not UTF-8", "write it in UTF-8"));
    }
    nesting(bytes)?;
    let document = components(bytes).map_err(|error| unreadable(&error))?;
    lines(&document)?;
    let calendar = only_calendar(&document)?;
    let objects = objects(calendar)?;
    let uid = common_uid(&objects)?;
    masters(&objects)?;
    let (kind, _) = objects[0];
    objects.iter().filter(|_| kind == Kind::Event).try_for_each(|(_, event)| start(event))?;
    Ok(Facts { kind, uid })
}

fn invalid(line: u64, what: impl Into<String>, remedy: &'static str) -> Invalid {
    Invalid { line, what: what.into(), remedy }
}

fn unreadable(error: &DecodeError) -> Invalid {
    invalid(1, error.to_string(), "send one VCALENDAR")
}

/// The tree is read generously; what is stored has each BEGIN with its END.
fn nesting(bytes: &[u8]) -> Result<(), Invalid> {
    const REMEDY: &str = "give each BEGIN its END";
    let mut open: Vec<(u64, String)> = Vec::new();
    for line in content_lines(bytes) {
        let Some((name, value)) = line.text.split_once(':') else { continue };
        if name.eq_ignore_ascii_case("BEGIN") {
            if open.len() >= DEEPEST {
                return Err(invalid(line.number, "components nest too deep", REMEDY));
            }
            open.push((line.number, value.trim().to_ascii_uppercase()));
        } else if name.eq_ignore_ascii_case("END") {
            match open.pop() {
                Some((_, begun)) if begun.eq_ignore_ascii_case(value.trim()) => {}
                _ => return Err(invalid(line.number, "this END closes nothing that is open", REMEDY)),
            }
        }
    }
    match open.first() {
        Some((line, name)) => Err(invalid(*line, format!("{name} has no END"), REMEDY)),
        None => Ok(()),
    }
}

fn lines(document: &Components) -> Result<(), Invalid> {
    match document.faults.iter().find(|fault| fault.is_row_lost) {
        Some(fault) => Err(invalid(fault.place.line, fault.message.clone(), "write it as `NAME:value`")),
        None => Ok(()),
    }
}

fn only_calendar(document: &Components) -> Result<&Component, Invalid> {
    const REMEDY: &str = "send one VCALENDAR";
    let calendar = match &document.roots[..] {
        [calendar] if calendar.name == "VCALENDAR" => calendar,
        [_, second, ..] => return Err(invalid(second.line, "a second object begins here", REMEDY)),
        [other] => return Err(invalid(other.line, format!("{} is no VCALENDAR", other.name), REMEDY)),
        [] => return Err(invalid(1, "nothing begins here", REMEDY)),
    };
    if let Some(method) = calendar.property("METHOD") {
        return Err(invalid(method.line, "a stored object has no METHOD", "leave METHOD out"));
    }
    match calendar.property("VERSION") {
        Some(version) if version.value.trim() == "1.0" => {
            Err(invalid(version.line, "this is vCalendar 1.0", "send iCalendar, VERSION:2.0"))
        }
        _ => Ok(calendar),
    }
}

/// The components that are not of zones or of somebody's own, all of one kind.
fn objects(calendar: &Component) -> Result<Vec<(Kind, &Component)>, Invalid> {
    let mut objects: Vec<(Kind, &Component)> = Vec::new();
    let others = |child: &&Component| child.name != "VTIMEZONE" && !child.name.starts_with("X-");
    for child in calendar.children.iter().filter(others) {
        let Some(kind) = Kind::of(&child.name) else {
            let what = format!("{} is not taken", child.name);
            return Err(invalid(child.line, what, "send a VEVENT, VTODO, VJOURNAL or VFREEBUSY"));
        };
        if objects.first().is_some_and(|(first, _)| *first != kind) {
            let what = format!("{} beside another kind of component", child.name);
            return Err(invalid(child.line, what, "send each kind as an object of its own"));
        }
        objects.push((kind, child));
    }
    if objects.is_empty() {
        let remedy = "send a VEVENT, VTODO, VJOURNAL or VFREEBUSY";
        return Err(invalid(calendar.line, "the calendar holds nothing", remedy));
    }
    Ok(objects)
}

fn common_uid(objects: &[(Kind, &Component)]) -> Result<String, Invalid> {
    let mut common: Option<&str> = None;
    for (_, component) in objects {
        let uid = component.property("UID").map(|uid| uid.value.trim()).filter(|uid| !uid.is_empty());
        let Some(uid) = uid else {
            let what = format!("the {} has no UID", component.name);
            return Err(invalid(component.line, what, "give every component of the object one and the same UID"));
        };
        if common.is_some_and(|common| common != uid) {
            let what = "this component has another UID than the first";
            return Err(invalid(component.line, what, "send each UID as an object of its own"));
        }
        common = Some(uid);
    }
    Ok(common.unwrap_or_default().to_owned())
}

/// At most one master, and one override of each instance.
fn masters(objects: &[(Kind, &Component)]) -> Result<(), Invalid> {
    let mut known = HashSet::new();
    for (_, component) in objects {
        let replaced = component.property("RECURRENCE-ID").map(|id| (id.value.trim(), id.parameter("TZID")));
        if !known.insert(replaced) {
            let what = match replaced {
                Some((id, _)) => format!("the instance {id} is there twice"),
                None => "a second component without RECURRENCE-ID has this UID".to_owned(),
            };
            return Err(invalid(component.line, what, "keep one of the two"));
        }
    }
    Ok(())
}

fn start(event: &Component) -> Result<(), Invalid> {
    const REMEDY: &str = "give it a DTSTART such as 20260316T090000Z";
    let Some(start) = event.property("DTSTART") else {
        return Err(invalid(event.line, "the event has no DTSTART", REMEDY));
    };
    match Moment::parse(&start.value) {
        Some(_) => Ok(()),
        None => Err(invalid(start.line, "DTSTART is not a date or time", REMEDY)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn object(body: &str) -> String {
        format!("BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//a//b//EN\n{body}END:VCALENDAR\n").replace('\n', "\r\n")
    }

    #[test]
    fn objects_have_one_kind_and_one_uid() {
        let todo = check(object("BEGIN:VTODO\nUID: a \nEND:VTODO\n").as_bytes());
        assert_eq!(todo, Ok(Facts { kind: Kind::Todo, uid: "a".to_owned() }));
        let alone = "BEGIN:VEVENT\nUID:a\nRECURRENCE-ID:20260101\nDTSTART:20260101\nEND:VEVENT\n";
        assert!(check(object(alone).as_bytes()).is_ok(), "overrides may stand alone");
    }

    #[test]
    fn what_is_wrong_is_said_with_its_line() {
        let check = |body: &str, line: u64, says: &str| {
            let invalid = check(object(body).as_bytes()).expect_err(body);
            assert_eq!(invalid.line, line, "{invalid}");
            assert!(invalid.what.contains(says), "{invalid}");
        };
        check("", 1, "holds nothing");
        check("METHOD:PUBLISH\n", 4, "METHOD");
        check("BEGIN:VTODO\nEND:VTODO\n", 4, "no UID");
        check("BEGIN:VTODO\nUID:a\nEND:VTODO\nBEGIN:VTODO\nUID:b\nEND:VTODO\n", 7, "another UID");
        check("BEGIN:VTODO\nUID:a\nEND:VTODO\nBEGIN:VTODO\nUID:a\nEND:VTODO\n", 7, "RECURRENCE-ID");
        check("BEGIN:VTODO\nUID:a\nEND:VTODO\nBEGIN:VJOURNAL\nUID:a\nEND:VJOURNAL\n", 7, "another kind");
        check("BEGIN:VEVENT\nUID:a\nEND:VEVENT\n", 4, "no DTSTART");
        check("BEGIN:VEVENT\nUID:a\nDTSTART:soon\nEND:VEVENT\n", 6, "DTSTART");
        check("BEGIN:VEVENT\nUID:a\n", 6, "closes nothing");
        check("BEGIN:VTODO\nUID:a\nno property\nEND:VTODO\n", 6, "NAME:value");
        check("BEGIN:VAVAILABILITY\nUID:a\nEND:VAVAILABILITY\n", 4, "not taken");
    }

    #[test]
    fn other_documents_are_refused() {
        for wrong in [&b""[..], b"hello", b"BEGIN:VCARD\nEND:VCARD\n", b"BEGIN:VCALENDAR\nX-A:\xff\nEND:VCALENDAR\n"] {
            assert!(check(wrong).is_err());
        }
        assert!(check("BEGIN:A\n".repeat(1_000_000).as_bytes()).is_err_and(|invalid| invalid.line == 33));
        let two = object("BEGIN:VTODO\nUID:a\nEND:VTODO\n").repeat(2);
        assert!(check(two.as_bytes()).is_err());
    }
}
