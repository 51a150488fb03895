//! Balances of bank accounts: rows of their own, and lines around the table.

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::decide::{Decisions, Mark};
use super::transactions::{account, account_of, currency_of};
use super::view::View;
use super::{Mapped, Scene, assumed_order, dates, numbers};
use crate::connector::columns::{Amount, DateOrder, DecimalMark};
use crate::connector::fields::{BalanceColumns, TransactionColumns};
use crate::model::money::Currency;
use crate::model::records::Balance;
use crate::model::{Fault, FaultKind, Place};

/// One stated balance from a row of its own; none when the row leaves it empty.
pub(super) fn balance(columns: &BalanceColumns, view: &View<'_>) -> Mapped<Option<Balance>> {
    let Some(amount) = view.optional_number(Some(&columns.amount))? else { return Ok(None) };
    Ok(Some(Balance {
        account: account_of(columns.account.as_ref().and_then(|column| view.text(column)), view),
        stated_on: view.required_date(&columns.stated_on, "the date")?,
        kind: view.optional_text(columns.kind.as_ref()).unwrap_or_else(|| "closing".to_owned()),
        amount,
        currency: currency_of(view.optional_text(columns.currency.as_ref()).as_deref(), view),
    }))
}

/// Balances that lines around the table have stated, as `{opening}` and `{closing}`.
pub(super) fn stated(
    scene: &Scene<'_>,
    decisions: &Decisions,
    said: &BTreeMap<String, String>,
    place: &Place,
    days: Option<(Date, Date)>,
) -> (Vec<Balance>, Vec<Fault>) {
    let mut balances = Vec::new();
    let mut faults = Vec::new();
    let kinds =
        [("opening", "opening_on", days.map(|days| days.0)), ("closing", "closing_on", days.map(|days| days.1))];
    for (kind, day, assumed) in kinds {
        let Some(amount) = said.get(kind) else { continue };
        let day = match said.get(day).or_else(|| said.get("on")) {
            Some(text) => stated_day(text, scene, decisions),
            None if assumed.is_some() => assumed,
            None => continue,
        };
        match day.and_then(|day| stated_balance(scene, decisions, said, (kind, amount, day))) {
            Some(balance) => balances.push(balance),
            None => faults.push(unreadable(kind, amount, place)),
        }
    }
    (balances, faults)
}

fn unreadable(kind: &str, amount: &str, place: &Place) -> Fault {
    let message = format!("the {kind} balance `{amount}`, or its day, cannot be read");
    Fault::new(FaultKind::NotANumber, place.clone(), amount, message).keeping_row()
}

fn stated_balance(
    scene: &Scene<'_>,
    decisions: &Decisions,
    said: &BTreeMap<String, String>,
    (kind, amount, stated_on): (&str, &str, Date),
) -> Option<Balance> {
    let mark = mark_of_amounts(scene, decisions, amount);
    let (amount, attached) = numbers::parse_with_currency(amount, mark)?;
    let currency = said.get("currency").map(String::as_str).or(attached).and_then(Currency::parse);
    Some(Balance {
        account: account(said.get("account").cloned(), scene),
        stated_on,
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
    let decided = movements(scene).map(|columns| match &columns.amount {
        Amount::Signed { from, decimal, .. }
        | Amount::Inverted { from, decimal }
        | Amount::Flagged { from, decimal, .. } => decisions.mark(from, *decimal),
        Amount::DebitCredit { debit, decimal, .. } => decisions.mark(debit, *decimal),
    });
    match decided {
        Some(Mark::Is(mark)) => mark,
        Some(Mark::ByValue) | None => DecimalMark::Point,
    }
}

fn stated_day(text: &str, scene: &Scene<'_>, decisions: &Decisions) -> Option<Date> {
    let order = movements(scene).map_or(DateOrder::Auto, |columns| decisions.order(columns.booked_on.order));
    dates::parse(text, if order == DateOrder::Auto { assumed_order(scene) } else { order })
}

fn movements<'c>(scene: &Scene<'c>) -> Option<&'c TransactionColumns> {
    scene.connector.sections.iter().find_map(|section| section.columns.transactions.0.first())
}
