//! From bytes to records: the pure middle of the walk, without archive or warehouse.

use crate::connector::columns::DateOrder;
use std::collections::HashSet;

use crate::connector::{Format, Recognised};
use crate::decode::glimpse::Look;
use crate::decode::read::{Event, encoding, events};
use crate::decode::sniff::Kind;
use crate::decode::{DecodeError, GridRow};
use crate::map::{Decisions, Mapper, Observer, Outcome, Scene};
use crate::model::records::AnyRecord;
use crate::model::{Fault, FaultKind, Place};

use super::objects;
use super::phone_totals::PhoneTotals;
use super::repeated::Repeated;
use super::summary::{AccountSum, Summary};
use super::totals;

/// What comes out of a document.
#[derive(Debug)]
#[expect(clippy::large_enum_variant, reason = "items are handed over one by one, never kept")]
pub enum Item<'a> {
    Record(AnyRecord, &'a Place),
    Fault(Fault),
}

/// Reads a recognised document; hands over every record and every fault, in document order.
pub fn read(
    bytes: &[u8],
    look: &Look,
    recognised: &Recognised<'_>,
    scene: &Scene<'_>,
    sink: &mut dyn FnMut(Item<'_>),
) -> Result<Summary, DecodeError> {
    if matches!(recognised.connector.layout.format, Format::Vcard | Format::Icalendar) {
        return objects::read(bytes, scene, sink);
    }
    let mut decisions = decide(bytes, look, recognised, scene)?;
    decisions.is_workbook = matches!(look.kind, Kind::Xlsx | Kind::Xls | Kind::Ods | Kind::SpreadsheetMl);
    let mut reading = Reading::new(scene, &decisions, look);
    reading.mapper.context(&account_below(bytes, look, recognised)?);
    events(bytes, look, recognised.connector, recognised.delimiter, &mut |event| reading.take(event, sink))?;
    reading.finish(sink);
    let mut summary = reading.summary;
    summary.decimal_mark = decisions.describe_marks();
    summary.date_order = describe_order(&decisions, scene);
    let is_text = look.encoding.is_some() || matches!(look.kind, Kind::Ofx | Kind::Qif);
    summary.encoding = is_text.then(|| encoding(bytes, recognised.connector).name.to_owned());
    Ok(summary)
}

/// Looks through the whole document when the connector leaves something to decide.
fn decide(bytes: &[u8], look: &Look, recognised: &Recognised<'_>, scene: &Scene<'_>) -> Result<Decisions, DecodeError> {
    let Some(mut observer) = Observer::of(scene) else { return Ok(Decisions::default()) };
    events(bytes, look, scene.connector, recognised.delimiter, &mut |event| match event {
        Event::Header(section, row) => observer.header(section, &row.cells),
        Event::Row(section, row) => observer.row(section, row),
        Event::Named(section, row) => observer.named(section, row),
        Event::Said(said, _) => observer.context(said),
        Event::Outside(_) | Event::Fault(_) => {}
    })?;
    Ok(observer.decide())
}

/// The account that a line below the rows may be the first to name, where there is no header
/// with lines above it.
fn account_below(bytes: &[u8], look: &Look, recognised: &Recognised<'_>) -> Result<Vec<(String, String)>, DecodeError> {
    let mut account = Vec::new();
    if recognised.connector.sections.iter().all(|section| section.fields.is_none()) {
        return Ok(account);
    }
    events(bytes, look, recognised.connector, recognised.delimiter, &mut |event| {
        if let (Event::Said(said, _), true) = (event, account.is_empty()) {
            account.extend(said.iter().find(|(name, _)| name == "account").cloned());
        }
    })?;
    Ok(account)
}

struct Reading<'c> {
    connector: &'c str,
    mapper: Mapper<'c>,
    summary: Summary,
    records: Vec<AnyRecord>,
    faults: Vec<Fault>,
    repeated: Repeated,
    /// Where the last line around the tables stood.
    place: Place,
    has_header: bool,
    /// Accounts that the document has named: each is handed over once.
    accounts: HashSet<String>,
    phone: PhoneTotals,
}

impl<'c> Reading<'c> {
    fn new(scene: &'c Scene<'c>, decisions: &'c Decisions, look: &Look) -> Self {
        let mut mapper = Mapper::new(scene, decisions);
        let template = scene.connector.layout.file_name.as_ref();
        if let Some(said) =
            template.zip(look.glimpse.file_name.as_deref()).and_then(|(template, name)| template.matches(name))
        {
            mapper.context(&said);
        }
        let mut summary = Summary::default();
        (summary.covered_from, summary.covered_to) = mapper.asked_days().unzip();
        mapper.context(&[("as_of".to_owned(), scene.as_of.to_string())]);
        for section in scene.connector.sections.iter().filter(|section| section.fields.is_some()) {
            mapper.header(section, &[]);
        }
        Self {
            connector: &scene.connector.id,
            mapper,
            summary,
            records: Vec::new(),
            faults: Vec::new(),
            repeated: Repeated::default(),
            place: Place::default(),
            has_header: false,
            accounts: HashSet::new(),
            phone: PhoneTotals::default(),
        }
    }

    fn take(&mut self, event: Event<'_, 'c>, sink: &mut dyn FnMut(Item<'_>)) {
        match event {
            Event::Header(section, row) => {
                self.has_header = true;
                self.mapper.header(section, &row.cells);
            }
            Event::Row(section, row) => {
                let outcome = self.mapper.row(section, row, &mut self.records, &mut self.faults);
                if section.columns.balances.as_ref().is_some_and(|balances| balances.repeated) {
                    self.repeated.take(&mut self.records, &row.place);
                }
                self.hand_over(outcome, &row.place, sink);
            }
            Event::Named(section, row) => {
                let outcome = self.mapper.named(section, row, &mut self.records, &mut self.faults);
                self.hand_over(outcome, &row.place, sink);
            }
            Event::Said(said, row) => self.hear(said, row, sink),
            Event::Outside(row) => self.pass_over(row, sink),
            Event::Fault(fault) => self.fault(fault, sink),
        }
    }

    /// A line outside the tables is passed over, unless it looks like a row that was not met as one
    /// (another number of cells, or behind a total): that row is lost, and is told.
    fn pass_over(&mut self, row: &GridRow, sink: &mut dyn FnMut(Item<'_>)) {
        let has_begun = self.has_header || self.summary.rows_read > 0;
        if !has_begun || !looks_like_a_row(row) {
            self.summary.lines_outside += 1;
            return;
        }
        let line = row.cells.join(";");
        let fault = Fault::new(
            FaultKind::Malformed,
            row.place.clone(),
            "",
            "the line holds a date but has not the shape of the table's rows",
        );
        let hint = format!(
            "compare its cells with the lines around it; add it to `lines` in {}.toml when it is no row",
            self.connector
        );
        self.fault(fault.with_excerpt(&line).with_hint(hint), sink);
    }

    /// A line that names another account closes the balances said for the one before.
    fn hear(&mut self, said: &[(String, String)], row: &GridRow, sink: &mut dyn FnMut(Item<'_>)) {
        let is_next_account = said
            .iter()
            .any(|(name, value)| name == "account" && self.mapper.said("account").is_some_and(|known| known != value));
        if is_next_account {
            self.close_account(sink);
        }
        let is_next_line = said
            .iter()
            .any(|(name, value)| name == "line" && self.mapper.said("line").is_some_and(|known| known != value));
        if is_next_line {
            self.close_line(sink);
        }
        self.phone.hear(said, &row.place);
        let named: Vec<(String, String)> =
            said.iter().map(|(name, value)| (self.balance_named(name).to_owned(), value.clone())).collect();
        self.mapper.context(&named);
        self.place = row.place.clone();
    }

    /// A `balance` is the opening one before the first row of its account, and the closing one after.
    fn balance_named<'n>(&self, name: &'n str) -> &'n str {
        match (name, self.sum().is_none()) {
            ("balance", true) => "opening",
            ("balance", false) => "closing",
            ("balance_on", true) => "opening_on",
            ("balance_on", false) => "closing_on",
            _ => name,
        }
    }

    /// What was read so far of the account that the lines around the table speak of.
    fn sum(&self) -> Option<AccountSum> {
        let account = self.mapper.account();
        let mut sums = self.summary.accounts.iter().filter(|((known, _), _)| *known == account);
        match (sums.next(), sums.next()) {
            (Some((_, sum)), None) => Some(*sum),
            _ => None,
        }
    }

    fn hand_over(&mut self, outcome: Outcome, place: &Place, sink: &mut dyn FnMut(Item<'_>)) {
        self.summary.rows_read += 1;
        match outcome {
            Outcome::Taken => self.summary.rows_taken += 1,
            Outcome::Skipped => self.summary.rows_skipped += 1,
            Outcome::Rejected => self.summary.rows_rejected += 1,
        }
        for record in self.records.drain(..) {
            if matches!(&record, AnyRecord::Account(row) if !is_first(&mut self.accounts, &row.account)) {
                continue;
            }
            self.summary.count(&record);
            self.phone.count(&record);
            sink(Item::Record(record, place));
        }
        for fault in self.faults.drain(..) {
            sink(Item::Fault(fault));
        }
    }

    /// A fault of the decoder itself: its row never reached the mapper.
    fn fault(&mut self, fault: Fault, sink: &mut dyn FnMut(Item<'_>)) {
        if fault.is_row_lost {
            self.summary.rows_read += 1;
            self.summary.rows_rejected += 1;
        }
        sink(Item::Fault(fault));
    }

    fn close_account(&mut self, sink: &mut dyn FnMut(Item<'_>)) {
        let sum = self.sum();
        let days = sum.and_then(|sum| sum.first.zip(sum.last));
        let (balances, mut faults) = self.mapper.stated_balances(&self.place, days);
        if let Some(sum) = sum {
            let count = self.mapper.said("count").and_then(|count| count.parse().ok());
            faults.extend(totals::check(count, &balances, &sum, &self.place));
        }
        let is_dated = |kind: &str| self.mapper.said(kind).is_some() || self.mapper.said("on").is_some();
        let are_dated = is_dated("opening_on") && is_dated("closing_on");
        for balance in balances {
            self.state(balance.into(), &self.place.clone(), sink);
            if let Some((_, is_dated)) = self.summary.balances.last_mut() {
                *is_dated = are_dated;
            }
        }
        for fault in faults {
            sink(Item::Fault(fault));
        }
        self.mapper.forget_account();
    }

    fn state(&mut self, record: AnyRecord, place: &Place, sink: &mut dyn FnMut(Item<'_>)) {
        self.summary.count(&record);
        sink(Item::Record(record, place));
    }

    /// Totals of the telephone line that ends here.
    fn close_line(&mut self, sink: &mut dyn FnMut(Item<'_>)) {
        for fault in self.phone.close() {
            sink(Item::Fault(fault));
        }
    }

    fn finish(&mut self, sink: &mut dyn FnMut(Item<'_>)) {
        self.close_account(sink);
        for (balance, place) in std::mem::take(&mut self.repeated).into_records() {
            self.state(balance, &place, sink);
        }
        self.close_line(sink);
        if self.summary.rows_read == 0 && self.summary.lines_outside > 0 && !self.has_header {
            let fault =
                Fault::new(FaultKind::Malformed, Place::line(1), "", "no row of the connector's table was found")
                    .keeping_row();
            sink(Item::Fault(fault));
        }
    }
}

fn is_first(known: &mut HashSet<String>, account: &str) -> bool {
    !known.contains(account) && known.insert(account.to_owned())
}

/// Three filled cells, one of them a day.
fn looks_like_a_row(row: &GridRow) -> bool {
    let filled = row.cells.iter().filter(|cell| !cell.trim().is_empty());
    let is_day = |cell: &String| crate::map::dates::parse(cell, DateOrder::Dmy).is_some();
    filled.clone().count() >= 3 && row.cells.iter().any(is_day)
}

fn describe_order(decisions: &Decisions, scene: &Scene<'_>) -> Option<String> {
    if scene.connector.sections.iter().all(|section| section.columns.open_dates().is_empty()) {
        return None;
    }
    let order = match decisions.order(DateOrder::Auto) {
        DateOrder::Auto | DateOrder::EpochSeconds => return None,
        DateOrder::Dmy => "dmy",
        DateOrder::Mdy => "mdy",
        DateOrder::Ymd => "ymd",
    };
    Some(if decisions.is_order_seen { order.to_owned() } else { format!("{order} (assumed)") })
}
