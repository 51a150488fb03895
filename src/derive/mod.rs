//! Calendars and cards made from the published views, to be read only: what is due, birthdays,
//! people, and on request energy and calls.
//!
//! Everything is made anew from the snapshot and told apart by its bytes: an object whose data did
//! not change has the same name and the same bytes on any day, so that no client fetches it again.
//! Time stamps are those of the data, never of the making. Nothing here stores or serves anything.

mod ask;
mod birthdays;
mod calls;
mod due;
mod energy;
mod ics;
mod people;
mod words;

use std::path::Path;

use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::config::{Derived, Language};
use crate::model::run::Said;
use crate::warehouse::{Limits, Reader, WarehouseError};

use words::Speech;

/// What a collection holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Objects of `VEVENT`.
    Events,
    /// Objects of `VJOURNAL`.
    Journals,
    /// Cards of version 4.0.
    Cards,
}

/// A collection as it is to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Made {
    /// `due`, `birthdays`, `people`, `energy` or `calls`: its name in addresses.
    pub collection: &'static str,
    pub kind: Kind,
    /// Its name for people.
    pub name: Said,
    /// `#rrggbb`
    pub colour: &'static str,
    /// File name and bytes of every object, in the order of names; a name stays with what it is of.
    pub objects: Vec<(String, Vec<u8>)>,
}

/// Why nothing could be made.
#[derive(Debug, thiserror::Error)]
pub enum DeriveError {
    #[error(transparent)]
    Warehouse(#[from] WarehouseError),
    /// A view has changed and this room does not know it.
    #[error("column {column} of the view behind {what} is not what it should be")]
    Unexpected { what: &'static str, column: usize },
}

/// What all of them need to know.
struct World<'a> {
    reader: &'a Reader,
    today: Date,
    zone: &'a TimeZone,
    speech: Speech,
    settings: &'a Derived,
}

type Objects = Vec<(String, Vec<u8>)>;

/// Makes every collection that the settings want, from the snapshot that was published last; all
/// are empty when none was.
///
/// `today` bounds how far back and ahead they go; `zone` is where the household lives; a language
/// of `auto` has to be settled before and is taken for English.
pub fn make(
    snapshot: &Path,
    today: Date,
    zone: &TimeZone,
    language: Language,
    settings: &Derived,
) -> Result<Vec<Made>, DeriveError> {
    if !snapshot.exists() {
        return Ok(wanted(settings).map(|one| one.made(Vec::new())).collect());
    }
    let reader = Reader::open(snapshot, Limits::of_question())?;
    let world = World { reader: &reader, today, zone, speech: Speech(language), settings };
    wanted(settings).map(|one| Ok(one.made((one.objects)(&world)?))).collect()
}

/// A collection that can be made.
struct Collection {
    name: &'static str,
    kind: Kind,
    words: [&'static str; 2],
    colour: &'static str,
    is_wanted: fn(&Derived) -> bool,
    objects: fn(&World<'_>) -> Result<Objects, DeriveError>,
}

const COLLECTIONS: [Collection; 5] = [
    Collection {
        name: "due",
        kind: Kind::Events,
        words: ["Due", "Échéances"],
        colour: "#c0392b",
        is_wanted: |settings| settings.due,
        objects: due::objects,
    },
    Collection {
        name: "birthdays",
        kind: Kind::Events,
        words: ["Birthdays", "Anniversaires"],
        colour: "#8e44ad",
        is_wanted: |settings| settings.birthdays,
        objects: birthdays::objects,
    },
    Collection {
        name: "people",
        kind: Kind::Cards,
        words: ["People", "Personnes"],
        colour: "#2980b9",
        is_wanted: |settings| settings.people,
        objects: people::objects,
    },
    Collection {
        name: "energy",
        kind: Kind::Events,
        words: ["Energy", "Énergie"],
        colour: "#27ae60",
        is_wanted: |settings| settings.energy,
        objects: energy::objects,
    },
    Collection {
        name: "calls",
        kind: Kind::Journals,
        words: ["Calls", "Appels"],
        colour: "#7f8c8d",
        is_wanted: |settings| settings.calls,
        objects: calls::objects,
    },
];

fn wanted(settings: &Derived) -> impl Iterator<Item = &'static Collection> {
    const { &COLLECTIONS }.iter().filter(|one| (one.is_wanted)(settings))
}

impl Collection {
    /// Two objects of one name are one: the first stands.
    fn made(&self, mut objects: Objects) -> Made {
        objects.sort_by(|one, other| one.0.cmp(&other.0));
        objects.dedup_by(|later, first| later.0 == first.0);
        let [en, fr] = self.words;
        Made { collection: self.name, kind: self.kind, name: Said::new(en, fr), colour: self.colour, objects }
    }
}
