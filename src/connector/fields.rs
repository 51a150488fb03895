//! `[columns]`: for each kind of record, which of its fields the document gives and how.
//!
//! One row of a document may become several records (a gas day: energy, volume and index), so a
//! section may hold several of these tables.

use serde::Deserialize;

use std::collections::BTreeMap;

use super::columns::{Amount, Choice, Date, DecimalMark, Instant, Names, Number, OneOrMany, Span, Text};
pub use super::meter_fields::{
    Energy, MeterIndexColumns, ReadingColumns, RegisterNameColumns, Series, StandsFor, TariffDayColumns,
};
pub use super::social_fields::{FollowColumns, PostColumns};

/// What a section's rows become.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Columns {
    /// Which rows are read at all: `skip` leaves a row out, any other word takes it.
    pub kept: Option<Choice>,
    pub accounts: Option<AccountColumns>,
    /// One row may tell several movements (an exchange between two own balances).
    #[serde(default)]
    pub transactions: OneOrMany<TransactionColumns>,
    /// Movements that the bank takes back by their identifiers.
    pub removals: Option<RemovalColumns>,
    pub balances: Option<BalanceColumns>,
    pub bills: Option<BillColumns>,
    pub bill_lines: Option<BillLineColumns>,
    pub communications: Option<CommunicationColumns>,
    /// One row may hold several readings (energy and volume of a gas day).
    #[serde(default)]
    pub readings: Vec<ReadingColumns>,
    pub meter_indexes: Option<MeterIndexColumns>,
    /// Rows that only tell what the registers of the other sections mean.
    pub register_names: Option<RegisterNameColumns>,
    pub tariff_days: Option<TariffDayColumns>,
    pub contacts: Option<ContactColumns>,
    pub events: Option<EventColumns>,
    pub posts: Option<PostColumns>,
    pub follows: Option<FollowColumns>,
}

impl Columns {
    /// Whether rows become nothing at all.
    pub fn is_empty(&self) -> bool {
        self.records().is_empty() && self.register_names.is_none()
    }

    /// Names of the tables that the rows fill.
    pub fn records(&self) -> Vec<&'static str> {
        let filled = [
            ("accounts", self.accounts.is_some()),
            ("transactions", !self.transactions.0.is_empty()),
            ("removals", self.removals.is_some()),
            ("balances", self.balances.is_some()),
            ("bills", self.bills.is_some()),
            ("bill_lines", self.bill_lines.is_some()),
            ("communications", self.communications.is_some()),
            ("readings", !self.readings.is_empty()),
            ("meter_indexes", self.meter_indexes.is_some()),
            ("tariff_days", self.tariff_days.is_some()),
            ("contacts", self.contacts.is_some()),
            ("events", self.events.is_some()),
            ("posts", self.posts.is_some()),
            ("follows", self.follows.is_some()),
        ];
        filled.into_iter().filter(|(_, is_filled)| *is_filled).map(|(name, _)| name).collect()
    }
}

impl Columns {
    /// Number columns whose decimal mark has to be found, by their references.
    pub fn open_numbers(&self) -> Vec<&Names> {
        let mut open = Vec::new();
        let mut add = |names, mark| {
            if mark == DecimalMark::Auto {
                open.push(names);
            }
        };
        for number in self.numbers() {
            add(&number.from, number.decimal);
        }
        for reading in &self.readings {
            add(&reading.value.from, reading.value.decimal);
        }
        if let Some(indexes) = &self.meter_indexes {
            add(&indexes.registers, indexes.decimal);
        }
        for movement in &self.transactions.0 {
            match &movement.amount {
                Amount::Signed { from, decimal, .. }
                | Amount::Inverted { from, decimal }
                | Amount::Flagged { from, decimal, .. } => add(from, *decimal),
                Amount::DebitCredit { debit, credit, decimal } => {
                    add(debit, *decimal);
                    add(credit, *decimal);
                }
            }
        }
        open
    }

    /// Date columns whose order has to be found, by their references.
    pub fn open_dates(&self) -> Vec<&Names> {
        let dates = self.dates().into_iter().map(|date| (&date.from, date.order));
        let instants = self.instants().into_iter().filter_map(|instant| match instant {
            Instant::Local { from, order, .. } | Instant::Any { from, order, .. } => Some((from, *order)),
            Instant::Offset { .. } | Instant::EpochSeconds { .. } | Instant::EpochMilliseconds { .. } => None,
        });
        dates
            .chain(instants)
            .filter(|(_, order)| *order == super::columns::DateOrder::Auto)
            .map(|(from, _)| from)
            .collect()
    }

    fn numbers(&self) -> Vec<&Number> {
        let mut all: Vec<Option<&Number>> = Vec::new();
        for t in &self.transactions.0 {
            all.extend([t.original_amount.as_ref(), t.balance_after.as_ref()]);
        }
        all.extend([self.balances.as_ref().map(|b| &b.amount)]);
        all.extend(self.bills.iter().flat_map(|b| [Some(&b.total), b.vat.as_ref()]));
        all.extend(self.bill_lines.iter().flat_map(|l| [Some(&l.amount), l.quantity.as_ref()]));
        all.extend(self.communications.iter().map(|c| c.cost.as_ref()));
        all.into_iter().flatten().collect()
    }

    fn dates(&self) -> Vec<&Date> {
        let mut all: Vec<Option<&Date>> = Vec::new();
        all.extend(
            self.transactions.0.iter().flat_map(|t| [Some(&t.booked_on), t.value_on.as_ref(), t.purchased_on.as_ref()]),
        );
        all.extend(self.balances.iter().map(|b| Some(&b.stated_on)));
        all.extend(self.bills.iter().flat_map(|b| {
            [Some(&b.issued_on), b.period_from.as_ref(), b.period_to.as_ref(), b.due_on.as_ref(), b.paid_on.as_ref()]
        }));
        all.extend(self.bill_lines.iter().flat_map(|l| [l.period_from.as_ref(), l.period_to.as_ref()]));
        all.extend(self.readings.iter().flat_map(|r| [r.day.as_ref(), r.until.as_ref()]));
        all.extend(self.tariff_days.iter().map(|t| Some(&t.day)));
        all.into_iter().flatten().collect()
    }

    fn instants(&self) -> Vec<&Instant> {
        let mut all: Vec<&Instant> = Vec::new();
        all.extend(self.communications.iter().map(|c| &c.started_at));
        all.extend(self.readings.iter().flat_map(|r| [r.stamp.as_ref(), r.ends.as_ref()]).flatten());
        all.extend(self.meter_indexes.iter().map(|m| &m.read_at));
        all.extend(self.events.iter().flat_map(|e| [Some(&e.starts), e.ends.as_ref()]).flatten());
        all.extend(self.posts.iter().map(|p| &p.published_at));
        all
    }
}

/// `accounts`: accounts that the document lists.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AccountColumns {
    pub account: Text,
    pub iban: Option<Text>,
    pub name: Option<Text>,
    /// The connector's name when absent.
    pub bank: Option<Text>,
    pub currency: Option<Text>,
}

/// `transactions`: movements of bank accounts.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TransactionColumns {
    /// The document's account when absent, else the source's, else the connector's short id.
    pub account: Option<Text>,
    pub booked_on: Date,
    pub value_on: Option<Date>,
    pub purchased_on: Option<Date>,
    pub amount: Amount,
    /// Taken from the amount's cell or `{currency}` when absent, else EUR.
    pub currency: Option<Text>,
    pub label: Text,
    pub counterparty_name: Option<Text>,
    /// The other party of money that comes in, where the document names both sides.
    pub payer: Option<Text>,
    /// The other party of money that goes out, where the document names both sides.
    pub payee: Option<Text>,
    pub counterparty_iban: Option<Text>,
    /// IBAN of the other party of money that comes in, where the document names both sides.
    pub payer_iban: Option<Text>,
    /// IBAN of the other party of money that goes out, where the document names both sides.
    pub payee_iban: Option<Text>,
    pub creditor_id: Option<Text>,
    pub mandate: Option<Text>,
    pub end_to_end_id: Option<Text>,
    /// booked, pending, cancelled, skip.
    pub status: Option<Choice>,
    pub original_amount: Option<Number>,
    pub original_currency: Option<Text>,
    pub category: Option<Text>,
    pub kind: Option<Text>,
    pub id: Option<Text>,
    /// The bank never changes an id, and never uses it again: rows are then known by it first.
    #[serde(default)]
    pub has_stable_ids: bool,
    /// The identifier that the movement had while it was pending.
    pub pending_id: Option<Text>,
    pub memo: Option<Text>,
    pub balance_after: Option<Number>,
    /// The row tells this movement only where these cells hold one of these words; a cell that
    /// the document has not does not count.
    #[serde(default)]
    pub only_when: BTreeMap<String, OneOrMany<String>>,
}

/// `removals`: movements that the bank takes back, each named by its identifier.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RemovalColumns {
    pub account: Option<Text>,
    pub id: Text,
}

/// `balances`: one stated balance a row.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BalanceColumns {
    pub account: Option<Text>,
    pub stated_on: Date,
    /// `closing` when absent.
    pub kind: Option<Text>,
    /// A row whose balance is empty states none.
    pub amount: Number,
    pub currency: Option<Text>,
    /// Every row repeats the balance of its account: it is stated once, for the last day.
    #[serde(default)]
    pub repeated: bool,
}

/// `bills`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BillColumns {
    pub issuer: Text,
    pub contract: Option<Text>,
    pub number: Option<Text>,
    pub kind: Option<Text>,
    pub period_from: Option<Date>,
    pub period_to: Option<Date>,
    pub issued_on: Date,
    pub due_on: Option<Date>,
    pub paid_on: Option<Date>,
    pub total: Number,
    pub vat: Option<Number>,
    pub currency: Option<Text>,
}

/// `bill_lines`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BillLineColumns {
    pub issuer: Text,
    pub bill_number: Text,
    pub label: Text,
    pub quantity: Option<Number>,
    pub unit: Option<Text>,
    pub amount: Number,
    pub period_from: Option<Date>,
    pub period_to: Option<Date>,
    pub currency: Option<Text>,
}

/// `communications`: calls, messages and data of telephone lines.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CommunicationColumns {
    /// The document's `{line}` when absent, else the source's.
    pub line: Option<Text>,
    /// Where the own line stands for what comes in, when that is another column.
    pub line_in: Option<Text>,
    pub started_at: Instant,
    /// out, in, missed, rejected, skip; `out` when absent, as on a bill.
    pub direction: Option<Choice>,
    /// call, sms, mms, data, voicemail, other, skip; `call` when absent.
    pub kind: Option<Choice>,
    pub other: Text,
    /// Where the other number of what comes in stands, when that is another column.
    pub other_in: Option<Text>,
    /// What stands between the numbers of a group (`~`): one communication each.
    pub other_separator: Option<String>,
    /// ISO 3166 region of national numbers, when it is not the household's.
    pub region: Option<String>,
    pub span: Option<Span>,
    pub cost: Option<Number>,
    /// The cost is written as money that goes out, with a minus.
    #[serde(default)]
    pub is_cost_inverted: bool,
    pub currency: Option<Text>,
    pub destination: Option<Text>,
    pub raw_kind: Option<Text>,
    pub stated_name: Option<Text>,
    pub bill_number: Option<Text>,
    /// Words in the cost column that mean 0.
    #[serde(default)]
    pub free: super::columns::OneOrMany<String>,
}

/// `contacts` from a table: one row a person.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ContactColumns {
    pub uid: Option<Text>,
    pub full_name: Text,
    pub family_name: Option<Text>,
    pub given_name: Option<Text>,
    pub organisation: Option<Text>,
    pub birthday: Option<Text>,
    pub note: Option<Text>,
    #[serde(default)]
    pub phones: Names,
    #[serde(default)]
    pub emails: Names,
    #[serde(default)]
    pub ibans: Names,
    #[serde(default)]
    pub addresses: Names,
}

/// `events` from a table: one row a single event.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EventColumns {
    pub uid: Option<Text>,
    pub summary: Text,
    pub starts: Instant,
    pub ends: Option<Instant>,
    pub location: Option<Text>,
    pub description: Option<Text>,
    /// E-mail addresses, separated by commas or blanks.
    pub attendees: Option<Text>,
}
