//! One row seen through the connector's references: cells as dates, numbers, choices.

use std::collections::{BTreeMap, HashMap};

use jiff::civil::{Date, DateTime};
use rust_decimal::Decimal;

use super::decide::{Decisions, Mark};
use super::{Loss, Mapped, Scene, dates, instants, numbers};
use crate::connector::columns::{self, Choice, Instant as InstantColumn, Matching, Names, OneOrMany, SKIP, Take, Text};
use crate::decode::{GridRow, NamedRow};
use crate::model::text::{fold_key, is_blank};
use crate::model::time::Instant;
use crate::model::{Fault, FaultKind, Place};

/// Where the cells come from.
pub(super) enum Source<'a> {
    Grid { row: &'a GridRow, slots: &'a HashMap<&'a str, usize> },
    Named(&'a NamedRow),
}

/// A row, what was said around it, and what was decided for its columns.
pub(super) struct View<'a> {
    pub source: Source<'a>,
    pub place: &'a Place,
    pub context: &'a BTreeMap<String, String>,
    pub scene: &'a Scene<'a>,
    pub decisions: &'a Decisions,
    /// Which table of the document the row is in, by the headers met so far.
    pub table: usize,
}

/// A filled cell and the reference it was found under.
#[derive(Clone, Copy)]
pub(super) struct Filled<'a> {
    pub text: &'a str,
    pub name: &'a str,
}

impl<'a> View<'a> {
    /// The cell under a header name, trimmed, also when it is empty; `None` when there is none.
    pub fn slot(&self, name: &str) -> Option<&'a str> {
        let raw = match &self.source {
            Source::Grid { row, slots } => row.cells.get(*slots.get(name)?)?.as_str(),
            Source::Named(row) => row.field(name)?,
        };
        Some(raw.trim_matches(is_blank))
    }

    /// The first reference that leads to a filled cell.
    pub fn filled(&self, names: &'a Names) -> Option<Filled<'a>>
    where
        Self: 'a,
    {
        names.0.iter().find_map(|name| self.cell(name).map(|text| Filled { text, name }))
    }

    /// The cell under one reference, trimmed; `None` when it is absent or empty.
    pub fn cell(&self, name: &str) -> Option<&'a str> {
        let text = match name.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) {
            Some(hole) => self.context.get(hole)?.trim_matches(is_blank),
            None => self.slot(name)?,
        };
        (!text.is_empty()).then_some(text)
    }

    /// Whether the document has any of the columns, filled or not. A row that names its values has
    /// all those it could have.
    pub fn has_any(&self, names: &Names) -> bool {
        match &self.source {
            Source::Grid { slots, .. } => names.0.iter().any(|name| slots.contains_key(name.as_str())),
            Source::Named(_) => true,
        }
    }

    /// All filled cells under one reference: a row that names its values may repeat a name.
    fn cells(&self, name: &str) -> Vec<&'a str> {
        match &self.source {
            Source::Named(row) if !name.starts_with('{') => {
                let texts = row.repeated(name).map(|text| text.trim_matches(is_blank));
                texts.filter(|text| !text.is_empty()).collect()
            }
            _ => self.cell(name).into_iter().collect(),
        }
    }

    pub fn text(&self, column: &'a Text) -> Option<String> {
        if let Some(constant) = &column.constant {
            return Some(constant.clone());
        }
        if !column.beside.is_empty() {
            return self.beside(column);
        }
        let text = match column.take {
            Take::First => self.filled(&column.from).map(|cell| cell.text.to_owned()),
            Take::All => self.all(&column.from),
        };
        text.map_or_else(|| column.otherwise.clone(), |text| reworded(column, text))
    }

    pub fn optional_text(&self, column: Option<&'a Text>) -> Option<String> {
        column.and_then(|column| self.text(column))
    }

    pub fn required_text(&self, column: &'a Text, what: &str) -> Mapped<String> {
        self.text(column).ok_or_else(|| self.missing(&column.from, what))
    }

    pub fn date(&self, column: &'a columns::Date) -> Mapped<Option<Date>> {
        for name in &column.from.0 {
            let Some(text) = self.cell(name).filter(|text| !is_listed(&column.blank, text)) else { continue };
            let date = match column.order {
                columns::DateOrder::EpochSeconds => {
                    instants::epoch(text, 1, &self.scene.zone).map(|instant| instant.local.date())
                }
                order => dates::parse(text, self.decisions.order(order)),
            };
            return date
                .map(Some)
                .ok_or_else(|| self.fault(FaultKind::NotADate, Filled { text, name }, "is not a date"));
        }
        Ok(None)
    }

    /// The first and the last day that a cell names; see [`dates::days`].
    pub fn days(&self, column: &'a columns::Date) -> Mapped<Option<(Date, Date)>> {
        let Some(cell) = self.filled(&column.from) else { return Ok(None) };
        let days = dates::days(cell.text, self.decisions.order(column.order));
        days.map(Some).ok_or_else(|| self.fault(FaultKind::NotADate, cell, "names no day"))
    }

    pub fn optional_date(&self, column: Option<&'a columns::Date>) -> Mapped<Option<Date>> {
        column.map_or(Ok(None), |column| self.date(column))
    }

    pub fn required_date(&self, column: &'a columns::Date, what: &str) -> Mapped<Date> {
        self.date(column)?.ok_or_else(|| self.missing(&column.from, what))
    }

    pub fn number(
        &self,
        cell: Filled<'a>,
        names: &Names,
        mark: columns::DecimalMark,
    ) -> Mapped<(Decimal, Option<&'a str>)> {
        let mark = match self.decisions.mark(names, mark) {
            Mark::Is(_) if self.decisions.is_workbook && numbers::is_typed(cell.text) => columns::DecimalMark::Point,
            Mark::Is(mark) => mark,
            Mark::ByValue => match numbers::evidence(cell.text) {
                numbers::Evidence::Is(mark) => mark,
                numbers::Evidence::None => columns::DecimalMark::Point,
                numbers::Evidence::Ambiguous => return Err(self.ambiguous(cell)),
            },
        };
        numbers::parse_with_currency(cell.text, mark)
            .ok_or_else(|| self.fault(FaultKind::NotANumber, cell, "is not a number"))
    }

    pub fn optional_number(&self, column: Option<&'a columns::Number>) -> Mapped<Option<Decimal>> {
        let Some(column) = column else { return Ok(None) };
        let Some(cell) = self.filled(&column.from) else { return Ok(None) };
        self.number(cell, &column.from, column.decimal).map(|(number, _)| Some(number))
    }

    pub fn required_number(&self, column: &'a columns::Number, what: &str) -> Mapped<Decimal> {
        self.optional_number(Some(column))?.ok_or_else(|| self.missing(&column.from, what))
    }

    /// The model's word for a cell; rows that the connector leaves out end here.
    pub fn choice(&self, column: Option<&'a Choice>, default: &'a str) -> Mapped<&'a str> {
        let Some(column) = column else { return Ok(default) };
        let cell = self.filled(&column.from);
        let text = cell.map_or_else(String::new, |cell| fold_key(cell.text));
        let meant = column
            .values
            .iter()
            .find(|(_, words)| words.0.iter().any(|word| agrees(column.matching, &text, &fold_key(word))));
        match (meant.map(|(word, _)| word.as_str()).or(column.otherwise.as_deref()), cell) {
            (Some(SKIP), _) => Err(Loss::Skipped),
            (Some(word), _) => Ok(word),
            (None, None) => Ok(default),
            (None, Some(cell)) => {
                Err(self.fault(FaultKind::UnknownValue, cell, "is not among the values that the connector lists"))
            }
        }
    }

    /// An instant; `floor` settles which of the two readings of an autumn hour is meant.
    pub fn instant(&self, column: &'a InstantColumn, floor: &mut Option<DateTime>) -> Mapped<Option<Instant>> {
        let zone = &self.scene.zone;
        let (from, read) = match column {
            InstantColumn::Local { from, time, order } => (from, self.local(from, time, *order, *floor)),
            InstantColumn::Any { from, time, order } => {
                let stated = self.filled(from).and_then(|cell| instants::with_offset(cell.text, zone));
                let local = || self.local(from, time, *order, *floor);
                (from, stated.or_else(local).or_else(|| self.midnight(from, time, *order)))
            }
            InstantColumn::Offset { from } => {
                (from, self.filled(from).and_then(|cell| instants::with_offset(cell.text, zone)))
            }
            InstantColumn::EpochSeconds { from } => {
                (from, self.filled(from).and_then(|cell| instants::epoch(cell.text, 1, zone)))
            }
            InstantColumn::EpochMilliseconds { from } => {
                (from, self.filled(from).and_then(|cell| instants::epoch(cell.text, 1000, zone)))
            }
        };
        match (read, self.filled(from)) {
            (Some(instant), _) => {
                *floor = Some(instant.utc);
                Ok(Some(instant))
            }
            (None, Some(cell)) => Err(self.not_an_instant(column, cell)),
            (None, None) => Ok(None),
        }
    }

    pub fn required_instant(&self, column: &'a InstantColumn, floor: &mut Option<DateTime>) -> Mapped<Instant> {
        let (InstantColumn::Local { from, .. }
        | InstantColumn::Any { from, .. }
        | InstantColumn::Offset { from }
        | InstantColumn::EpochSeconds { from }
        | InstantColumn::EpochMilliseconds { from }) = column;
        self.instant(column, floor)?.ok_or_else(|| self.missing(from, "a date and time"))
    }

    /// A fault about one cell, placed on it.
    pub fn fault(&self, kind: FaultKind, cell: Filled<'_>, message: &str) -> Loss {
        let place = self.place.clone().at_column(self.column_of(cell.name));
        let id = &self.scene.connector.id;
        let fault = Fault::new(kind, place, cell.text, format!("`{}` {message} (column {})", cell.text, cell.name));
        Loss::Fault(fault.in_column(cell.name).with_hint(hint(kind, id)))
    }

    /// A fault about a value that is not there.
    pub fn missing(&self, names: &Names, what: &str) -> Loss {
        let name = names.0.first().map_or("", String::as_str);
        let place = self.place.clone().at_column(self.column_of(name));
        let message = format!("{what} is missing (column {})", names.0.join(" or "));
        Loss::Fault(Fault::new(FaultKind::MissingValue, place, "", message).in_column(names.0.join(" / ")))
    }

    /// The row as one line, as it is shown in reports.
    pub fn excerpt(&self) -> String {
        match &self.source {
            Source::Grid { row, .. } => row.cells.join(";"),
            Source::Named(row) => {
                row.fields.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join(" ")
            }
        }
    }

    /// Says which of day and time of day cannot be read.
    fn not_an_instant(&self, column: &'a InstantColumn, cell: Filled<'a>) -> Loss {
        if let InstantColumn::Local { time, order, .. } | InstantColumn::Any { time, order, .. } = column {
            if dates::parse(cell.text, self.decisions.order(*order)).is_none() {
                return self.fault(FaultKind::NotADate, cell, "is not a date");
            }
            if let Some(clock) = self.filled(time) {
                return self.fault(FaultKind::NotATime, clock, "is not a time of day");
            }
        }
        self.fault(FaultKind::NotATime, cell, "is not a date and time")
    }

    fn local(
        &self,
        from: &'a Names,
        time: &'a Names,
        order: columns::DateOrder,
        floor: Option<DateTime>,
    ) -> Option<Instant> {
        let clock = self.filled(time).map(|cell| cell.text);
        let order = self.decisions.order(order);
        let reading = instants::local(self.filled(from)?.text, clock, order, &self.scene.zone)?;
        Some(floor.map_or(reading.first(), |floor| reading.not_before(floor)))
    }

    /// The start of a day that stands without a time of day.
    fn midnight(&self, from: &'a Names, time: &'a Names, order: columns::DateOrder) -> Option<Instant> {
        let day = self.filled(from).filter(|cell| self.filled(time).is_none() && !cell.text.contains(':'))?;
        let reading = instants::local(day.text, Some("00:00"), self.decisions.order(order), &self.scene.zone)?;
        Some(reading.first())
    }

    /// The value of a repeated name beside which the other values of the column stand.
    fn beside(&self, column: &'a Text) -> Option<String> {
        let Source::Named(row) = &self.source else { return None };
        let is_beside =
            |nth: usize| column.beside.iter().all(|(name, value)| row.repeated(name).nth(nth) == Some(value.as_str()));
        let mut values = row.repeated(column.from.0.first()?).enumerate();
        let found = values.find(|(nth, value)| is_beside(*nth) && !value.trim().is_empty());
        found.map(|(_, value)| value.trim().to_owned())
    }

    fn all(&self, names: &'a Names) -> Option<String> {
        let mut taken: Vec<&str> = Vec::new();
        for text in names.0.iter().flat_map(|name| self.cells(name)) {
            if !taken.iter().any(|known| known.contains(text)) {
                taken.push(text);
            }
        }
        (!taken.is_empty()).then(|| taken.join(" "))
    }

    fn ambiguous(&self, cell: Filled<'_>) -> Loss {
        self.fault(FaultKind::AmbiguousNumber, cell, "can be read in two ways and no other value of its column decides")
    }

    /// 1-based character column of a cell in the excerpt.
    fn column_of(&self, name: &str) -> u64 {
        let Source::Grid { row, slots } = &self.source else { return 0 };
        let Some(slot) = slots.get(name) else { return 0 };
        row.cells.iter().take(*slot).map(|cell| cell.chars().count() as u64 + 1).sum::<u64>() + 1
    }
}

fn agrees(matching: Matching, text: &str, word: &str) -> bool {
    match matching {
        Matching::Whole => text == word,
        Matching::Start => text.starts_with(word),
        Matching::Contains => text.contains(word),
    }
}

/// What the connector calls a text of the document; nothing when it calls it nothing.
fn reworded(column: &Text, text: String) -> Option<String> {
    match column.values.iter().find(|(_, words)| is_listed(words, &text)) {
        Some((word, _)) => (!word.is_empty()).then(|| word.clone()),
        None => Some(text),
    }
}

fn is_listed(words: &OneOrMany<String>, text: &str) -> bool {
    words.0.iter().any(|word| fold_key(word) == fold_key(text))
}

fn hint(kind: FaultKind, connector: &str) -> String {
    match kind {
        FaultKind::AmbiguousNumber => format!("set `decimal = \",\"` or `\".\"` for this column in {connector}.toml"),
        FaultKind::NotADate | FaultKind::NotATime => {
            format!("correct it in the file; or set `order`, or name another column, in {connector}.toml")
        }
        FaultKind::UnknownValue => format!("add the word under `values`, or set `otherwise`, in {connector}.toml"),
        _ => format!("correct the value in the file, or the column in {connector}.toml, and import again"),
    }
}
