//! Calendars and address books: documents that are trees of components and not rows.

use crate::connector::Format;
use crate::decode::{DecodeError, components};
use crate::map::{Bound, Scene, contacts, events, stated};
use crate::model::records::AnyRecord;
use crate::model::{Fault, Place};

use super::reading::Item;
use super::summary::Summary;

/// Reads an address book or a calendar; a row is a card or an event.
pub(super) fn read(bytes: &[u8], scene: &Scene<'_>, sink: &mut dyn FnMut(Item<'_>)) -> Result<Summary, DecodeError> {
    let tree = components(bytes)?;
    let mut summary = Summary { encoding: Some(tree.encoding.clone()), ..Summary::default() };
    let (mut records, faults) = if scene.connector.layout.format == Format::Vcard {
        let book = scene.bound.book.as_deref().unwrap_or(scene.connector.family());
        contacts::contacts(&tree, book, scene.bound.collections.as_deref(), &scene.region)
    } else {
        let Bound { calendar, collections, .. } = &scene.bound;
        let agenda = events::events(&tree, calendar.as_deref(), collections.as_deref(), &scene.zone, scene.window);
        let skipped = &agenda.skipped;
        summary.rows_skipped = skipped.todos + skipped.journals + skipped.free_busy + skipped.others;
        (agenda.records, agenda.faults)
    };
    // What could not be read is not gone.
    let is_lossless = !tree.faults.iter().chain(&faults).any(|fault| fault.is_row_lost);
    if scene.bound.is_whole && is_lossless {
        stated::as_whole(&mut records);
    }
    let lost = tree.faults.iter().chain(&faults).filter(|fault| fault.is_row_lost).count() as u64;
    hand_over(records, &mut summary, sink);
    summary.rows_rejected = lost;
    summary.rows_read = summary.rows_taken + summary.rows_rejected + summary.rows_skipped;
    tree.faults.iter().cloned().chain(faults).for_each(|fault: Fault| sink(Item::Fault(fault)));
    Ok(summary)
}

fn hand_over(records: Vec<AnyRecord>, summary: &mut Summary, sink: &mut dyn FnMut(Item<'_>)) {
    for record in records {
        summary.count(&record);
        summary.rows_taken += u64::from(matches!(record, AnyRecord::Contact(_) | AnyRecord::Event(_)));
        let place = Place::pointer(object_of(&record));
        sink(Item::Record(record, &place));
    }
}

/// The object a record comes from, by its UID.
fn object_of(record: &AnyRecord) -> String {
    match record {
        AnyRecord::Contact(row) => row.uid.clone(),
        AnyRecord::Identifier(row) => row.uid.clone(),
        AnyRecord::Event(row) => row.uid.clone(),
        AnyRecord::Occurrence(row) => row.uid.clone(),
        AnyRecord::Attendee(row) => row.uid.clone(),
        AnyRecord::Calendar(row) => row.calendar.clone(),
        AnyRecord::StatedObject(row) => row.uid.clone().unwrap_or_else(|| row.place.clone()),
        _ => String::new(),
    }
}
