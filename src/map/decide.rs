//! What is decided once for a whole document: the decimal mark of each column, the order of dates,
//! the steps of load curves, what the supplier calls the registers.

use std::collections::{BTreeMap, HashMap};

use super::numbers::{Evidence, evidence};
use super::registers::{self, Meaning};
use super::steps::{StepObserver, Steps};
use super::view::Source;
use super::{Mapper, Scene, assumed_order, dates, meters};
use crate::connector::Section;
use crate::connector::columns::{DateOrder, DecimalMark, Names};
use crate::decode::{GridRow, NamedRow};
use crate::model::Place;

/// The decimal mark of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    Is(DecimalMark),
    /// The column mixes marks (typed and typed-in cells of a workbook): each value for itself.
    ByValue,
}

/// What holds for the whole document.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Decisions {
    marks: BTreeMap<String, Option<DecimalMark>>,
    order: DateOrder,
    /// Whether the document is a workbook, whose typed numbers have a point whatever is declared.
    pub is_workbook: bool,
    /// Whether the order was decided by the document and not assumed.
    pub is_order_seen: bool,
    /// For each table, by the headers met, how long its intervals are.
    steps: Vec<Steps>,
    /// What the supplier's calendar calls the registers.
    pub(super) meanings: Vec<Meaning>,
}

impl Decisions {
    /// The order to read a column with.
    pub fn order(&self, given: DateOrder) -> DateOrder {
        if given == DateOrder::Auto { self.order } else { given }
    }

    /// The decimal mark to read a column with.
    pub fn mark(&self, names: &Names, given: DecimalMark) -> Mark {
        if given != DecimalMark::Auto {
            return Mark::Is(given);
        }
        let key = names.0.first().map_or("", String::as_str);
        match self.marks.get(key) {
            Some(Some(mark)) => Mark::Is(*mark),
            Some(None) | None => Mark::ByValue,
        }
    }

    /// How long the intervals of a table are.
    pub(super) fn steps(&self, table: usize) -> Option<&Steps> {
        self.steps.get(table)
    }

    /// The marks found, for the import report: `, . mixed`.
    pub fn describe_marks(&self) -> Option<String> {
        let mut seen: Vec<&str> = self.marks.values().map(|mark| mark.map_or("mixed", as_str)).collect();
        seen.sort_unstable();
        seen.dedup();
        (!seen.is_empty()).then(|| seen.join(" "))
    }
}

/// Looks at all rows of a document before any is mapped.
pub struct Observer<'c> {
    scene: &'c Scene<'c>,
    mapper: Mapper<'c>,
    marks: HashMap<&'c str, Vec<DecimalMark>>,
    orders: Orders,
    steps: Vec<StepObserver>,
    meanings: Vec<Meaning>,
}

/// Which orders some date of the document needs.
#[derive(Default)]
struct Orders {
    is_dmy: bool,
    is_mdy: bool,
}

static UNDECIDED: std::sync::LazyLock<Decisions> = std::sync::LazyLock::new(Decisions::default);

impl<'c> Observer<'c> {
    /// `None` when the connector leaves nothing to decide.
    pub fn of(scene: &'c Scene<'c>) -> Option<Self> {
        scene.connector.sections.iter().any(is_open).then(|| Self {
            scene,
            mapper: Mapper::new(scene, &UNDECIDED),
            marks: HashMap::new(),
            orders: Orders::default(),
            steps: Vec::new(),
            meanings: Vec::new(),
        })
    }

    /// A line around the table has said something.
    pub fn context(&mut self, said: &[(String, String)]) {
        self.mapper.context(said);
    }

    pub fn header(&mut self, section: &'c Section, cells: &[String]) {
        self.mapper.header(section, cells);
    }

    pub fn row(&mut self, section: &'c Section, row: &GridRow) {
        for names in section.columns.open_numbers() {
            for text in names.0.iter().filter_map(|name| row.cells.get(*self.mapper.slots.get(name.as_str())?)) {
                observe_number(&mut self.marks, names, text);
            }
        }
        for names in section.columns.open_dates() {
            for text in names.0.iter().filter_map(|name| row.cells.get(*self.mapper.slots.get(name.as_str())?)) {
                self.orders.observe(text);
            }
        }
        let slots = std::mem::take(&mut self.mapper.slots);
        self.look(section, Source::Grid { row, slots: &slots }, &row.place);
        self.mapper.slots = slots;
    }

    pub fn named(&mut self, section: &'c Section, row: &NamedRow) {
        for names in section.columns.open_numbers() {
            for text in names.0.iter().filter_map(|name| row.field(name)) {
                observe_number(&mut self.marks, names, text);
            }
        }
        for names in section.columns.open_dates() {
            for text in names.0.iter().filter_map(|name| row.field(name)) {
                self.orders.observe(text);
            }
        }
        self.look(section, Source::Named(row), &row.place);
    }

    /// What was found; where nothing was, what the provider's country or the region suggests.
    pub fn decide(self) -> Decisions {
        let only = |marks: Vec<DecimalMark>| (marks.len() == 1).then(|| marks[0]);
        let marks = self.marks.into_iter().map(|(name, marks)| (name.to_owned(), only(marks))).collect();
        let order = match (self.orders.is_dmy, self.orders.is_mdy) {
            (true, false) => DateOrder::Dmy,
            (false, true) => DateOrder::Mdy,
            (true, true) | (false, false) => assumed_order(self.scene),
        };
        let is_order_seen = self.orders.is_dmy != self.orders.is_mdy;
        let steps = self.steps.into_iter().map(StepObserver::finish).collect();
        Decisions { marks, order, is_workbook: false, is_order_seen, steps, meanings: self.meanings }
    }

    /// Stamps whose length the row does not tell, and rows of the supplier's calendar.
    fn look(&mut self, section: &Section, source: Source<'_>, place: &Place) {
        let mut floors = std::mem::take(&mut self.mapper.floors);
        let view = self.mapper.view(source, place);
        let columns = &section.columns;
        let stamp = columns.readings.first().and_then(|reading| meters::open_stamp(reading, &view, &mut floors));
        let said = columns.register_names.iter().flat_map(|columns| registers::meanings(columns, &view));
        self.meanings.extend(said);
        let table = view.table;
        self.mapper.floors = floors;
        let Some(stamp) = stamp else { return };
        if self.steps.len() <= table {
            self.steps.resize_with(table + 1, StepObserver::default);
        }
        self.steps[table].see(stamp);
    }
}

fn is_open(section: &Section) -> bool {
    let columns = &section.columns;
    let has_open_steps = columns.readings.iter().any(|reading| reading.stamp.is_some() && reading.ends.is_none());
    let is_calendar = columns.register_names.is_some();
    has_open_steps || is_calendar || !columns.open_numbers().is_empty() || !columns.open_dates().is_empty()
}

impl Orders {
    fn observe(&mut self, text: &str) {
        match dates::evidence(text) {
            Some((true, false)) => self.is_dmy = true,
            Some((false, true)) => self.is_mdy = true,
            _ => {}
        }
    }
}

fn observe_number<'c>(marks: &mut HashMap<&'c str, Vec<DecimalMark>>, names: &'c Names, text: &str) {
    let Evidence::Is(mark) = evidence(text) else { return };
    let key = names.0.first().map_or("", String::as_str);
    let seen = marks.entry(key).or_default();
    if !seen.contains(&mark) {
        seen.push(mark);
    }
}

fn as_str(mark: DecimalMark) -> &'static str {
    match mark {
        DecimalMark::Comma => ",",
        DecimalMark::Point => ".",
        DecimalMark::Auto => "auto",
        DecimalMark::Either => "either",
    }
}
