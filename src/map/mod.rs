//! Rows to records, by the connector's columns. Pure: what the document, the source and the
//! household say comes in as values, records and faults go out.

pub mod attendees;
pub mod calendar_objects;
pub mod card_identifiers;
pub mod card_names;
pub mod contacts;
pub mod dates;
pub mod decide;
pub mod events;
mod floors;
pub mod instants;
pub mod markup_text;
pub mod moments;
pub mod numbers;
pub mod occurrences;
pub mod recurrence;
pub mod registers;
pub mod series_times;
pub mod stated;
pub mod steps;
mod view;
pub mod zone_rules;
pub mod zones;

mod balances;
mod bills;
mod communications;
mod meters;
mod posts;
mod tables;
mod transactions;

use std::collections::{BTreeMap, HashMap};

use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::connector::columns::DateOrder;
use crate::connector::recognise_header;
use crate::connector::{Connector, Section};
use crate::decode::{GridRow, NamedRow};
use crate::model::records::{AnyRecord, Balance};
use crate::model::{Fault, Place};

pub use decide::{Decisions, Observer};
use floors::Floors;
use view::{Source, View};

/// What is known of a document from outside it.
#[derive(Debug, Clone)]
pub struct Scene<'c> {
    pub connector: &'c Connector,
    /// Zone of wall-clock times in the document.
    pub zone: TimeZone,
    /// ISO 3166 region of national telephone numbers.
    pub region: String,
    /// Currency where neither document nor connector tells.
    pub currency: String,
    /// Days, the last exclusive, in which recurring events are expanded.
    pub window: (jiff::civil::Date, jiff::civil::Date),
    pub bound: Bound,
    /// The day whose state the document shows, on the clock of the source: `{as_of}` in columns.
    pub as_of: Date,
}

/// What the user's source says of the document.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Bound {
    pub account: Option<String>,
    pub line: Option<String>,
    pub meter: Option<String>,
    pub book: Option<String>,
    pub calendar: Option<String>,
    /// Whether the document shows its whole calendar or address book: what it lacks is gone.
    pub is_whole: bool,
    /// Whose collections the document may tell of, when it came from a server of calendars or
    /// address books: theirs are called `collections/…`.
    pub collections: Option<String>,
}

impl Bound {
    /// The document shows all of its calendar or book, which is that of its source alone.
    pub fn show_whole(&mut self, source: &str) {
        self.is_whole = true;
        self.calendar.get_or_insert_with(|| source.to_owned());
        self.book.get_or_insert_with(|| source.to_owned());
    }
}

/// What a row became.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Records were pushed (or the row legitimately holds none, such as an empty index).
    Taken,
    /// The connector says that rows of this kind are left out.
    Skipped,
    /// A fault was pushed and the row is lost.
    Rejected,
}

/// Turns the rows of one document into records.
#[derive(Debug)]
pub struct Mapper<'c> {
    scene: &'c Scene<'c>,
    decisions: &'c Decisions,
    /// Reference → cell, for the header in force.
    slots: HashMap<&'c str, usize>,
    /// What lines around the tables, the file's name and templated headers have said.
    context: BTreeMap<String, String>,
    floors: Floors,
    /// How many headers have been met: which table this is.
    n_headers: usize,
}

impl<'c> Mapper<'c> {
    pub fn new(scene: &'c Scene<'c>, decisions: &'c Decisions) -> Self {
        Self {
            scene,
            decisions,
            slots: HashMap::new(),
            context: BTreeMap::new(),
            floors: Floors::default(),
            n_headers: 0,
        }
    }

    /// A line around the table, or the file's name, has said something.
    pub fn context(&mut self, pairs: &[(String, String)]) {
        self.context.extend(pairs.iter().filter(|(name, _)| name != "_").cloned());
    }

    /// Forgets what was said of the account that ends here.
    pub fn forget_account(&mut self) {
        const OF_ACCOUNT: [&str; 8] =
            ["account", "account_name", "iban", "count", "opening", "opening_on", "closing", "closing_on"];
        for name in OF_ACCOUNT {
            self.context.remove(name);
        }
    }

    /// What has been said so far, by placeholder.
    pub fn said(&self, name: &str) -> Option<&str> {
        self.context.get(name).map(String::as_str)
    }

    /// A header row: from here on, names mean these cells.
    pub fn header(&mut self, section: &'c Section, cells: &[String]) {
        self.floors = Floors::default();
        self.n_headers += 1;
        self.slots.clear();
        for reference in &section.references {
            if let Some((slot, said)) = recognise_header::resolve(reference, cells) {
                self.slots.insert(reference, slot);
                self.context(&said);
            }
        }
    }

    /// A physical row of a table.
    pub fn row(
        &mut self,
        section: &'c Section,
        row: &GridRow,
        records: &mut Vec<AnyRecord>,
        faults: &mut Vec<Fault>,
    ) -> Outcome {
        let mut floors = std::mem::take(&mut self.floors);
        let outcome = map_row(
            section,
            &self.view(Source::Grid { row, slots: &self.slots }, &row.place),
            &mut floors,
            records,
            faults,
        );
        self.floors = floors;
        outcome
    }

    /// A row that names its values.
    pub fn named(
        &mut self,
        section: &'c Section,
        row: &NamedRow,
        records: &mut Vec<AnyRecord>,
        faults: &mut Vec<Fault>,
    ) -> Outcome {
        let mut floors = std::mem::take(&mut self.floors);
        let outcome = map_row(section, &self.view(Source::Named(row), &row.place), &mut floors, records, faults);
        self.floors = floors;
        outcome
    }

    /// Balances that the lines around the table have stated; `place` is that of the last of these
    /// lines, `days` those of the first and the last movement, for balances without a day.
    pub fn stated_balances(&self, place: &Place, days: Option<(Date, Date)>) -> (Vec<Balance>, Vec<Fault>) {
        balances::stated(self.scene, self.decisions, &self.context, place, days)
    }

    /// The days that the document was asked for, as its name tells; none after the day it shows.
    pub fn asked_days(&self) -> Option<(Date, Date)> {
        let day = |name: &str| {
            let text = self.said(name)?;
            let of_epoch = || instants::epoch(text, 1, &self.scene.zone).map(|instant| instant.local.date());
            text.parse::<Date>().ok().or_else(of_epoch)
        };
        let (from, to) = (day("asked_from")?, day("asked_to")?.min(self.scene.as_of));
        (from <= to).then_some((from, to))
    }

    /// The account that the lines around the table, the source or the connector name.
    pub fn account(&self) -> String {
        transactions::account(self.said("account").map(str::to_owned), self.scene)
    }

    fn view<'a>(&'a self, source: Source<'a>, place: &'a Place) -> View<'a> {
        let Self { scene, decisions, context, n_headers, .. } = self;
        View { source, place, context, scene, decisions, table: *n_headers }
    }
}

/// Why a row gave no record of one kind.
enum Loss {
    Skipped,
    Fault(Fault),
}

impl From<Fault> for Loss {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

type Mapped<T> = Result<T, Loss>;

fn map_row(
    section: &Section,
    view: &View<'_>,
    floors: &mut Floors,
    records: &mut Vec<AnyRecord>,
    faults: &mut Vec<Fault>,
) -> Outcome {
    let start = records.len();
    match push_records(section, view, floors, records) {
        Ok(()) => Outcome::Taken,
        Err(Loss::Skipped) => Outcome::Skipped,
        Err(Loss::Fault(fault)) => {
            records.truncate(start);
            faults.push(fault.with_excerpt(&view.excerpt()));
            Outcome::Rejected
        }
    }
}

fn push_records(section: &Section, view: &View<'_>, floors: &mut Floors, records: &mut Vec<AnyRecord>) -> Mapped<()> {
    let columns = &section.columns;
    view.choice(columns.kept.as_ref(), "")?;
    transactions::push(&columns.transactions.0, view, records)?;
    if let Some(columns) = &columns.accounts {
        records.push(tables::account(columns, view)?.into());
    }
    if let Some(columns) = &columns.removals {
        records.push(transactions::removal(columns, view)?.into());
    }
    if let Some(columns) = &columns.balances {
        records.extend(balances::balance(columns, view)?.map(AnyRecord::from));
    }
    if let Some(columns) = &columns.bills {
        records.push(bills::bill(columns, view)?.into());
    }
    if let Some(columns) = &columns.bill_lines {
        records.push(bills::bill_line(columns, view)?.into());
    }
    if let Some(columns) = &columns.communications {
        records
            .extend(communications::communications(columns, view, &mut floors.rows)?.into_iter().map(AnyRecord::from));
    }
    for reading in &columns.readings {
        records.extend(meters::reading(reading, view, floors)?.map(AnyRecord::from));
    }
    if let Some(columns) = &columns.meter_indexes {
        records.extend(meters::indexes(columns, view, &mut floors.rows)?.into_iter().map(AnyRecord::from));
    }
    if let Some(columns) = &columns.tariff_days {
        records.push(meters::tariff_day(columns, view)?.into());
    }
    if let Some(columns) = &columns.contacts {
        records.extend(tables::contact(columns, view)?);
    }
    if let Some(columns) = &columns.events {
        records.extend(tables::event(columns, view, &mut floors.rows)?);
    }
    if let Some(columns) = &columns.posts {
        records.push(posts::post(columns, view)?.into());
    }
    if let Some(columns) = &columns.follows {
        records.push(posts::follow(columns, view)?.into());
    }
    Ok(())
}

/// The order of dates to assume where the file does not decide: the provider's, else the region's.
pub fn assumed_order(scene: &Scene<'_>) -> DateOrder {
    let country = scene.connector.country.as_deref().unwrap_or(&scene.region);
    if country == "US" { DateOrder::Mdy } else { DateOrder::Dmy }
}
