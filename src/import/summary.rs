//! What an import says of a document: counts, sums, period, and the choices that were made.

use std::collections::BTreeMap;

use jiff::civil::Date;
use rust_decimal::Decimal;

use crate::model::records::{AnyRecord, Balance};
use crate::warehouse::Coverage;

/// What was read out of one document.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Summary {
    /// Rows of the document's tables, or components of its tree.
    pub rows_read: u64,
    /// Rows that became records.
    pub rows_taken: u64,
    /// Rows that the connector leaves out by its own decision.
    pub rows_skipped: u64,
    /// Rows that were lost to a fault.
    pub rows_rejected: u64,
    /// Lines around the tables that nothing was expected of.
    pub lines_outside: u64,
    /// Records by landing table.
    pub records: BTreeMap<&'static str, u64>,
    /// Sums of booked movements, by account and currency.
    pub accounts: BTreeMap<(String, String), AccountSum>,
    /// Opening and closing balances that the document states, each with whether it states its day.
    pub balances: Vec<(Balance, bool)>,
    pub covered_from: Option<Date>,
    pub covered_to: Option<Date>,
    pub decimal_mark: Option<String>,
    pub date_order: Option<String>,
    pub encoding: Option<String>,
}

/// Movements of one account.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct AccountSum {
    pub rows: u64,
    pub debit: Decimal,
    pub credit: Decimal,
    pub first: Option<Date>,
    pub last: Option<Date>,
    /// Rows that are not booked (pending), outside the sums.
    pub rows_pending: u64,
}

impl AccountSum {
    /// Credit less debit.
    pub fn sum(&self) -> Decimal {
        self.credit + self.debit
    }
}

impl Summary {
    /// What the document says of its own completeness, account by account.
    pub fn coverage(&self) -> Vec<Coverage> {
        let of = |((account, currency), sum): (&(String, String), &AccountSum)| Coverage {
            account: account.clone(),
            currency: currency.clone(),
            ..self.proof(account, currency, sum)
        };
        self.accounts.iter().map(of).collect()
    }

    /// One opening and one closing balance prove the rows between them, and say their window.
    fn proof(&self, account: &str, currency: &str, sum: &AccountSum) -> Coverage {
        let of = |kind: &str| {
            let mut found = self.balances.iter().filter(|(balance, _)| {
                balance.kind == kind && balance.account == account && balance.currency == currency
            });
            match (found.next(), found.next()) {
                (Some(one), None) => Some(one),
                _ => None,
            }
        };
        let Some(((opening, is_opening_dated), (closing, is_closing_dated))) = of("opening").zip(of("closing")) else {
            return Coverage::default();
        };
        Coverage {
            stated: (*is_opening_dated && *is_closing_dated)
                .then_some((first_day(opening.stated_on, sum), closing.stated_on)),
            balances_agree: Some(opening.amount + sum.sum() == closing.amount),
            ..Coverage::default()
        }
    }

    /// Counts a record.
    pub fn count(&mut self, record: &AnyRecord) {
        if !matches!(record, AnyRecord::Removal(row) if !row.is_taken_back) {
            *self.records.entry(record.table().name).or_default() += 1;
        }
        if let Some(day) = day_of(record) {
            self.covered_from = Some(self.covered_from.map_or(day, |first| first.min(day)));
            self.covered_to = Some(self.covered_to.map_or(day, |last| last.max(day)));
        }
        if let AnyRecord::Balance(balance) = record
            && matches!(balance.kind.as_str(), "opening" | "closing")
        {
            self.balances.push((balance.clone(), true));
        }
        if let AnyRecord::Transaction(row) = record {
            let key = (row.account.as_str(), row.currency.as_str());
            let sum = match self
                .accounts
                .iter_mut()
                .find(|((account, currency), _)| (account.as_str(), currency.as_str()) == key)
            {
                Some((_, sum)) => sum,
                None => self.accounts.entry((row.account.clone(), row.currency.clone())).or_default(),
            };
            sum.add(row.amount, row.booked_on, row.status == "booked");
        }
    }
}

/// An opening balance is that of the morning of its day, or of the evening: without a movement on
/// that day, nothing tells which, and the day is not taken for shown.
fn first_day(opening: Date, sum: &AccountSum) -> Date {
    if sum.first == Some(opening) { opening } else { opening.tomorrow().unwrap_or(opening) }
}

impl AccountSum {
    fn add(&mut self, amount: Decimal, day: Date, is_booked: bool) {
        if !is_booked {
            self.rows_pending += 1;
            return;
        }
        self.rows += 1;
        if amount.is_sign_negative() {
            self.debit += amount;
        } else {
            self.credit += amount;
        }
        self.first = Some(self.first.map_or(day, |first| first.min(day)));
        self.last = Some(self.last.map_or(day, |last| last.max(day)));
    }
}

/// The calendar day a record belongs to; none for things without a day.
fn day_of(record: &AnyRecord) -> Option<Date> {
    match record {
        AnyRecord::Transaction(row) => Some(row.booked_on),
        AnyRecord::Bill(row) => Some(row.issued_on),
        AnyRecord::BillLine(row) => row.period_from,
        AnyRecord::Communication(row) => Some(row.started_local.date()),
        AnyRecord::Reading(row) => Some(row.local_day),
        AnyRecord::MeterIndex(row) => Some(row.read_local.date()),
        AnyRecord::TariffDay(row) => Some(row.day),
        AnyRecord::Event(row) => Some(row.starts_local.date()),
        AnyRecord::Post(row) => Some(row.published_local.date()),
        AnyRecord::Account(_)
        | AnyRecord::Follow(_)
        | AnyRecord::Removal(_)
        | AnyRecord::Balance(_)
        | AnyRecord::Contact(_)
        | AnyRecord::Identifier(_)
        | AnyRecord::Calendar(_)
        | AnyRecord::Occurrence(_)
        | AnyRecord::Attendee(_)
        | AnyRecord::StatedObject(_) => None,
    }
}
