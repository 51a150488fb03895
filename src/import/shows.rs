//! What a document of calendars or address books may take away: decided by the source that it
//! comes through, once, and written into the journal; a replay reads it there.
//!
//! What a document says of itself is not looked at here: `map::stated` reads that, within what is
//! allowed.

use crate::archive::Shows;
use crate::config::Source;
use crate::connector::Catalogue;
use crate::connector::fetch::Transport;
use crate::map::Bound;

/// What each document of a source may take away. A calendar that is published as one file shows all
/// that there is, and so does one of which the source says so; the collections of a server are told
/// of one by one.
pub(super) fn of_source(catalogue: &Catalogue, source: &Source) -> Option<Shows> {
    let service = source.connector.as_deref().and_then(|id| catalogue.service(id).ok());
    let named = |name: &Option<String>| Some(Shows::Collections(name.clone().unwrap_or_else(|| source.id.clone())));
    match service.map(|service| service.fetch.transport) {
        Some(Transport::Caldav) => named(&source.calendar),
        Some(Transport::Carddav) => named(&source.book),
        transport => source.whole.unwrap_or(transport == Some(Transport::Ics)).then_some(Shows::Whole),
    }
}

/// Lets the reading of a document take away what it may; `source` is the id of its source.
pub(super) fn bind(shows: Option<&Shows>, source: Option<&str>, bound: &mut Bound) {
    match (shows, source) {
        (Some(Shows::Whole), Some(source)) => bound.show_whole(source),
        (Some(Shows::Collections(of)), _) => bound.collections = Some(of.clone()),
        (Some(Shows::Whole), None) | (None, _) => {}
    }
}
