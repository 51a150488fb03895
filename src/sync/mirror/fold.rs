//! What documents of a source tell of its collections, one after the other. Pure.

use std::collections::{BTreeMap, BTreeSet};

use crate::archive::Shows;
use crate::dav::bundle::{self, Kind};
use crate::dav::split;

use super::naming;

/// What is told of the collections of a source, by what tells each apart from the others; a
/// published calendar is the only one and has the empty name.
pub(super) type Upstream = BTreeMap<String, Heard>;

/// What is told of one collection.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Heard {
    pub kind: Kind,
    pub name: Option<String>,
    pub colour: Option<String>,
    /// Whether whatever is not among the objects has gone.
    pub is_whole: bool,
    /// The objects by UID, or by content where they have none; none where they have gone.
    pub objects: BTreeMap<String, Option<Heading>>,
    /// What every version that was told is held against others by: see `naming::essence`.
    pub past: BTreeSet<String>,
}

/// An object that is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Heading {
    pub uid: Option<String>,
    pub bytes: Vec<u8>,
}

impl Heard {
    fn new(kind: Kind) -> Self {
        Self { kind, name: None, colour: None, is_whole: false, objects: BTreeMap::new(), past: BTreeSet::new() }
    }

    /// A collection of which nothing but its name is known.
    pub fn empty(kind: Kind, name: &str) -> Self {
        Self { name: Some(name.to_owned()), ..Self::new(kind) }
    }

    fn take(&mut self, object: Heading, is_published: bool) {
        self.past.insert(naming::essence(&object.bytes, is_published));
        let key = object.uid.clone().unwrap_or_else(|| naming::hash(&object.bytes));
        self.objects.insert(key, Some(object));
    }

    /// From here on only what is told is there.
    fn begin_anew(&mut self) {
        self.is_whole = true;
        self.objects.values_mut().for_each(|object| *object = None);
    }
}

/// Takes in a document; `is_published` when its source is a calendar that is one file.
pub(super) fn hear(upstream: &mut Upstream, bytes: &[u8], shows: Option<&Shows>, is_published: bool) {
    match shows {
        Some(Shows::Collections(of)) if !is_published => collection(upstream, bytes, of),
        Some(Shows::Whole) | None if is_published => published(upstream, bytes, shows.is_some()),
        _ => {}
    }
}

fn collection(upstream: &mut Upstream, bytes: &[u8], of: &str) {
    let Some(told) = bundle::read(bytes) else { return };
    let Some(slug) = told.key.strip_prefix(of).and_then(|rest| rest.strip_prefix('/')) else { return };
    let heard = upstream.entry(slug.to_owned()).or_insert_with(|| Heard::new(told.kind));
    (heard.name, heard.colour) = (told.name, told.colour);
    if told.is_whole {
        heard.begin_anew();
    }
    for uid in told.gone {
        heard.objects.insert(uid, None);
    }
    for object in told.objects {
        heard.take(Heading { uid: bundle::uid(object), bytes: object.to_vec() }, false);
    }
}

/// One without anything in it is sooner a fault of who sent it than a life without appointments.
fn published(upstream: &mut Upstream, bytes: &[u8], is_whole: bool) {
    let resources = split::resources(bytes);
    if resources.is_empty() {
        return;
    }
    let heard = upstream.entry(String::new()).or_insert_with(|| Heard::new(Kind::Calendars));
    let about = bundle::about(bytes);
    (heard.name, heard.colour) = (about.0, about.1);
    if is_whole {
        heard.begin_anew();
    }
    for resource in resources {
        heard.take(Heading { uid: Some(resource.uid), bytes: resource.bytes }, true);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OLD: &[u8] =
        b"BEGIN:VCARD\r\nX-MOISSON-COLLECTION:mine/friends\r\nFN:Friends\r\nX-MOISSON-WHOLE:TRUE\r\nEND:VCARD\r\n\
        BEGIN:VCARD\r\nUID:1\r\nEND:VCARD\r\nBEGIN:VCARD\r\nUID:2\r\nEND:VCARD\r\n";
    const NEW: &[u8] =
        b"BEGIN:VCARD\r\nX-MOISSON-COLLECTION:mine/friends\r\nFN:Amis\r\nX-MOISSON-GONE:1\r\nEND:VCARD\r\n\
        BEGIN:VCARD\r\nUID:3\r\nEND:VCARD\r\n";

    #[test]
    fn documents_are_told_one_after_the_other() {
        let mut upstream = Upstream::new();
        let shows = Shows::Collections("mine".to_owned());
        for document in [OLD, NEW] {
            hear(&mut upstream, document, Some(&shows), false);
        }
        let heard = &upstream["friends"];
        assert_eq!((heard.name.as_deref(), heard.is_whole), (Some("Amis"), true));
        let live: Vec<(&str, bool)> = heard.objects.iter().map(|(uid, it)| (uid.as_str(), it.is_some())).collect();
        assert_eq!(live, [("1", false), ("2", true), ("3", true)]);
        hear(&mut upstream, NEW, Some(&Shows::Collections("other".to_owned())), false);
        assert_eq!(upstream.len(), 1, "only its own");
    }

    #[test]
    fn an_empty_published_calendar_says_nothing() {
        let mut upstream = Upstream::new();
        let event = "BEGIN:VCALENDAR\r\nX-WR-CALNAME:Town\r\nBEGIN:VEVENT\r\nUID:1\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";
        hear(&mut upstream, event.as_bytes(), Some(&Shows::Whole), true);
        hear(&mut upstream, b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n", Some(&Shows::Whole), true);
        assert_eq!(upstream[""].name.as_deref(), Some("Town"));
        assert!(upstream[""].objects["1"].is_some());
    }
}
