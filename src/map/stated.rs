//! What a document says of its own completeness: objects that it states with all that belongs to
//! them, objects that have gone, and whether there is nothing else.
//!
//! A collection of a server is told by an object in front of its own, which holds
//! `X-MOISSON-COLLECTION` (the calendar or book that those after it belong to),
//! `X-MOISSON-WHOLE:TRUE` when nothing else is in it, and an `X-MOISSON-GONE` for the UID of each
//! object that is not there any more. A file that somebody exported states nothing: it may show a
//! part of a calendar. The head is believed only where the caller says that a server's collections
//! may be told, as the first object of the document, and of a collection of that source; whoever
//! writes the same into an invitation or a published calendar states nothing.

use std::collections::BTreeSet;

use super::card_names::first_text;
use crate::decode::{Components, Property};
use crate::model::records::{AnyRecord, StatedObject};

/// What stands in front of the objects of a collection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Collection {
    /// The calendar or book.
    pub(super) key: String,
    pub(super) is_whole: bool,
    pub(super) gone: Vec<String>,
}

/// The collection that the first object of a document tells of, if that is such an object and the
/// collection is one of `source`, whose own are called `source/…`; `uid` reads a UID as objects of
/// its kind are read.
pub(super) fn collection(
    components: &Components,
    source: Option<&str>,
    uid: impl Fn(&Property) -> String,
) -> Option<Collection> {
    let root = components.roots.first().filter(|root| root.children.is_empty())?;
    let key = first_text(root, "X-MOISSON-COLLECTION")?;
    key.strip_prefix(source?)?.strip_prefix('/')?;
    let is_whole = first_text(root, "X-MOISSON-WHOLE").is_some_and(|whole| whole.eq_ignore_ascii_case("true"));
    Some(Collection { key, is_whole, gone: root.properties_named("X-MOISSON-GONE").map(uid).collect() })
}

/// What a collection states, `uids` being those of its objects; `is_lossless` when all of them
/// could be read.
pub(super) fn of_collection(
    collection: &Collection,
    (object, place): (&str, &str),
    uids: &BTreeSet<&str>,
    is_lossless: bool,
) -> Vec<AnyRecord> {
    let stated = |uid: &str, is_gone| stated(object, &collection.key, Some(uid), is_gone);
    let gone = collection.gone.iter().map(String::as_str).filter(|uid| !uids.contains(uid));
    let mut records: Vec<AnyRecord> = uids.iter().map(|uid| stated(uid, false)).collect();
    records.extend(gone.map(|uid| stated(uid, true)));
    if collection.is_whole && is_lossless {
        records.push(self::stated(place, &collection.key, None, uids.is_empty()));
    }
    records
}

/// Adds that a document of these records shows whole calendars and books. One without any object
/// states nothing: it is sooner a fault of who sent it than a life without appointments.
pub fn as_whole(records: &mut Vec<AnyRecord>) {
    let mut objects = BTreeSet::new();
    for record in records.iter() {
        match record {
            AnyRecord::Event(row) => objects.insert(("event", "calendar", row.calendar.clone(), row.uid.clone())),
            AnyRecord::Contact(row) => objects.insert(("contact", "book", row.book.clone(), row.uid.clone())),
            _ => false,
        };
    }
    let places: BTreeSet<(&str, String)> = objects.iter().map(|(_, kind, place, _)| (*kind, place.clone())).collect();
    records.extend(objects.into_iter().map(|(kind, _, place, uid)| stated(kind, &place, Some(&uid), false)));
    records.extend(places.into_iter().map(|(kind, place)| stated(kind, &place, None, false)));
}

fn stated(kind: &str, place: &str, uid: Option<&str>, is_gone: bool) -> AnyRecord {
    let (kind, place, uid) = (kind.to_owned(), place.to_owned(), uid.map(str::to_owned));
    StatedObject { kind, place, uid, is_gone }.into()
}
