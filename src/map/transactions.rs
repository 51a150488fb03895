//! Movements and balances of bank accounts.

use std::collections::BTreeMap;

use jiff::civil::Date;
use rust_decimal::Decimal;

use super::decide::{Decisions, Mark};
use super::view::View;
use super::{Mapped, Scene, assumed_order, dates, numbers};
use crate::connector::columns::{Amount, DateOrder, DecimalMark, Names};
use crate::connector::fields::{BalanceColumns, TransactionColumns};
use crate::model::money::Currency;
use crate::model::records::{AnyRecord, Balance, Transaction};
use crate::model::text::fold_key;
use crate::model::{Fault, FaultKind, Place};

/// One movement. Required: a booking date (or a value date), an amount.
pub(super) fn transaction(columns: &TransactionColumns, view: &View<'_>) -> Mapped<Transaction> {
    let status = view.choice(columns.status.as_ref(), "booked")?;
    let value_on = view.optional_date(columns.value_on.as_ref())?;
    let purchased_on = view.optional_date(columns.purchased_on.as_ref())?;
    let booked_on = view.date(&columns.booked_on)?.or(value_on).or(purchased_on);
    let (amount, attached) = amount(&columns.amount, view)?;
    Ok(Transaction {
        account: account_of(columns.account.as_ref().and_then(|column| view.text(column)), view),
        booked_on: booked_on.ok_or_else(|| view.missing(&columns.booked_on.from, "the date"))?,
        value_on,
        purchased_on,
        amount,
        currency: currency_of(view.optional_text(columns.currency.as_ref()).as_deref().or(attached), view),
        raw_label: view.text(&columns.label).unwrap_or_default(),
        counterparty_name: view.optional_text(columns.counterparty_name.as_ref()),
        counterparty_iban: view.optional_text(columns.counterparty_iban.as_ref()).map(|iban| without_blanks(&iban)),
        creditor_id: view.optional_text(columns.creditor_id.as_ref()).map(|id| without_blanks(&id)),
        mandate: view.optional_text(columns.mandate.as_ref()),
        end_to_end_id: view.optional_text(columns.end_to_end_id.as_ref()),
        status: status.to_owned(),
        original_amount: view.optional_number(columns.original_amount.as_ref())?,
        original_currency: view.optional_text(columns.original_currency.as_ref()),
        bank_category: view.optional_text(columns.category.as_ref()),
        bank_kind: view.optional_text(columns.kind.as_ref()),
        bank_id: view.optional_text(columns.id.as_ref()),
        memo: view.optional_text(columns.memo.as_ref()),
        balance_after: view.optional_number(columns.balance_after.as_ref())?,
    })
}

/// One stated balance from a row of its own.
pub(super) fn balance(columns: &BalanceColumns, view: &View<'_>) -> Mapped<Balance> {
    Ok(Balance {
        account: account_of(columns.account.as_ref().and_then(|column| view.text(column)), view),
        stated_on: view.required_date(&columns.stated_on, "the date")?,
        kind: view.optional_text(columns.kind.as_ref()).unwrap_or_else(|| "closing".to_owned()),
        amount: view.required_number(&columns.amount, "the balance")?,
        currency: currency_of(view.optional_text(columns.currency.as_ref()).as_deref(), view),
    })
}

/// Balances that lines around the table have stated, as `{opening}` and `{closing}`.
pub(super) fn stated_balances(
    scene: &Scene<'_>,
    decisions: &Decisions,
    said: &BTreeMap<String, String>,
    place: &Place,
) -> (Vec<AnyRecord>, Vec<Fault>) {
    let mut records = Vec::new();
    let mut faults = Vec::new();
    for (kind, day) in [("opening", "opening_on"), ("closing", "closing_on")] {
        let (Some(amount), Some(on)) = (said.get(kind), said.get(day).or_else(|| said.get("on"))) else { continue };
        match stated_balance(scene, decisions, said, kind, amount, on) {
            Some(balance) => records.push(balance.into()),
            None => faults.push(
                Fault::new(
                    FaultKind::NotANumber,
                    place.clone(),
                    amount,
                    format!("the {kind} balance `{amount}` of `{on}` cannot be read"),
                )
                .keeping_row(),
            ),
        }
    }
    (records, faults)
}

/// The account a row belongs to: the document's word, else the source's, else the connector's.
pub(super) fn account_of(stated: Option<String>, view: &View<'_>) -> String {
    account(stated.or_else(|| view.cell("{account}").map(str::to_owned)), view.scene)
}

/// An ISO code from the document's word, else `{currency}`, else the household's.
pub(super) fn currency_of(stated: Option<&str>, view: &View<'_>) -> String {
    let said = stated.and_then(Currency::parse).or_else(|| view.cell("{currency}").and_then(Currency::parse));
    said.map_or_else(|| view.scene.currency.clone(), |currency| currency.as_str().to_owned())
}

/// Takes Excel's `="…"` and blanks off an account's number.
fn account(stated: Option<String>, scene: &Scene<'_>) -> String {
    let stated = stated.or_else(|| scene.bound.account.clone());
    stated.map_or_else(
        || scene.connector.short_id().to_owned(),
        |text| text.trim().trim_start_matches('=').trim_matches('"').trim().to_owned(),
    )
}

fn amount<'a>(column: &'a Amount, view: &View<'a>) -> Mapped<(Decimal, Option<&'a str>)> {
    match column {
        Amount::Signed { from, decimal, fee } => {
            let (amount, currency) = required(view, from, *decimal)?;
            Ok((amount - optional(view, fee, *decimal)?, currency))
        }
        Amount::DebitCredit { debit, credit, decimal } => {
            let out = optional(view, debit, *decimal)?;
            let into = optional(view, credit, *decimal)?;
            if view.filled(debit).is_none() && view.filled(credit).is_none() {
                return Err(view.missing(debit, "the amount"));
            }
            Ok((into.abs() - out.abs(), None))
        }
        Amount::Flagged { from, flag, out, decimal } => {
            let (amount, currency) = required(view, from, *decimal)?;
            let flag = view.filled(flag).map_or_else(String::new, |cell| fold_key(cell.text));
            let is_out = out.0.iter().any(|word| fold_key(word) == flag);
            Ok((if is_out { -amount.abs() } else { amount.abs() }, currency))
        }
    }
}

fn required<'a>(view: &View<'a>, names: &'a Names, mark: DecimalMark) -> Mapped<(Decimal, Option<&'a str>)> {
    let cell = view.filled(names).ok_or_else(|| view.missing(names, "the amount"))?;
    view.number(cell, names, mark)
}

fn optional<'a>(view: &View<'a>, names: &'a Names, mark: DecimalMark) -> Mapped<Decimal> {
    view.filled(names).map_or(Ok(Decimal::ZERO), |cell| view.number(cell, names, mark).map(|(number, _)| number))
}

fn stated_balance(
    scene: &Scene<'_>,
    decisions: &Decisions,
    said: &BTreeMap<String, String>,
    kind: &str,
    amount: &str,
    on: &str,
) -> Option<Balance> {
    let mark = mark_of_amounts(scene, decisions, amount);
    let (amount, attached) = numbers::parse_with_currency(amount, mark)?;
    let currency = said.get("currency").map(String::as_str).or(attached).and_then(Currency::parse);
    Some(Balance {
        account: account(said.get("account").cloned(), scene),
        stated_on: stated_day(on, scene, decisions)?,
        kind: kind.to_owned(),
        amount,
        currency: currency.map_or_else(|| scene.currency.clone(), |currency| currency.as_str().to_owned()),
    })
}

/// The mark of the amounts of the table; the value's own when the columns do not settle it.
fn mark_of_amounts(scene: &Scene<'_>, decisions: &Decisions, amount: &str) -> DecimalMark {
    if let numbers::Evidence::Is(mark) = numbers::evidence(amount) {
        return mark;
    }
    let column = scene.connector.sections.iter().find_map(|section| section.columns.transactions.as_ref());
    let decided = column.map(|columns| match &columns.amount {
        Amount::Signed { from, decimal, .. } | Amount::Flagged { from, decimal, .. } => decisions.mark(from, *decimal),
        Amount::DebitCredit { debit, decimal, .. } => decisions.mark(debit, *decimal),
    });
    match decided {
        Some(Mark::Is(mark)) => mark,
        Some(Mark::ByValue) | None => DecimalMark::Point,
    }
}

fn stated_day(text: &str, scene: &Scene<'_>, decisions: &Decisions) -> Option<Date> {
    let column = scene.connector.sections.iter().find_map(|section| section.columns.transactions.as_ref());
    let order = column.map_or(DateOrder::Auto, |columns| decisions.order(columns.booked_on.order));
    dates::parse(text, if order == DateOrder::Auto { assumed_order(scene) } else { order })
}

fn without_blanks(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).collect()
}
