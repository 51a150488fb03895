//! What is decided once for a whole document: the decimal mark of each column, the order of dates.

use std::collections::{BTreeMap, HashMap};

use super::numbers::{Evidence, evidence};
use super::{Mapper, Scene, assumed_order, dates};
use crate::connector::Section;
use crate::connector::columns::{DateOrder, DecimalMark, Names};
use crate::decode::{GridRow, NamedRow};

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
    /// Whether the order was decided by the document and not assumed.
    pub is_order_seen: bool,
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
        let is_open =
            |section: &Section| !section.columns.open_numbers().is_empty() || !section.columns.open_dates().is_empty();
        scene.connector.sections.iter().any(is_open).then(|| Self {
            scene,
            mapper: Mapper::new(scene, &UNDECIDED),
            marks: HashMap::new(),
            orders: Orders::default(),
        })
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
        Decisions { marks, order, is_order_seen: self.orders.is_dmy != self.orders.is_mdy }
    }
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
