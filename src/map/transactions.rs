//! Movements of bank accounts.

use rust_decimal::Decimal;

use super::view::View;
use super::{Loss, Mapped, Scene};
use crate::connector::columns::{Amount, DecimalMark, Names, OneOrMany};
use crate::connector::fields::{RemovalColumns, TransactionColumns};
use crate::label;
use crate::model::money::Currency;
use crate::model::records::{AnyRecord, Removal, Transaction};
use crate::model::text::fold_key;

/// The movements that a row tells; a row that tells none of those that the connector knows is
/// left out.
pub(super) fn push(movements: &[TransactionColumns], view: &View<'_>, records: &mut Vec<AnyRecord>) -> Mapped<()> {
    let start = records.len();
    for columns in movements.iter().filter(|columns| is_told(columns, view)) {
        let movement = transaction(columns, view)?;
        records.extend(shown_again(&movement, view.scene).map(AnyRecord::from));
        records.push(movement.into());
    }
    if movements.is_empty() || records.len() > start { Ok(()) } else { Err(Loss::Skipped) }
}

fn is_told(columns: &TransactionColumns, view: &View<'_>) -> bool {
    let holds = |(name, words): (&String, &OneOrMany<String>)| match view.slot(name) {
        Some(text) => words.0.iter().any(|word| fold_key(word) == fold_key(text)),
        None => true,
    };
    columns.only_when.iter().all(holds)
}

/// One movement. Required: a booking date (or a value date), an amount.
fn transaction(columns: &TransactionColumns, view: &View<'_>) -> Mapped<Transaction> {
    let status = view.choice(columns.status.as_ref(), "booked")?;
    let value_on = view.optional_date(columns.value_on.as_ref())?;
    let purchased_on = view.optional_date(columns.purchased_on.as_ref())?;
    let booked_on = view.date(&columns.booked_on)?.or(value_on).or(purchased_on);
    let (amount, attached) = amount(&columns.amount, view)?;
    let currency = currency_of(view.optional_text(columns.currency.as_ref()).as_deref().or(attached), view);
    // An original amount in the same currency says nothing more.
    let original_currency = view.optional_text(columns.original_currency.as_ref()).filter(|known| *known != currency);
    let original_amount = match original_currency {
        Some(_) => view.optional_number(columns.original_amount.as_ref())?,
        None => None,
    };
    let mut movement = Transaction {
        account: account_of(columns.account.as_ref().and_then(|column| view.text(column)), view),
        booked_on: booked_on.ok_or_else(|| view.missing(&columns.booked_on.from, "the date"))?,
        value_on,
        purchased_on,
        amount,
        currency,
        raw_label: view.text(&columns.label).unwrap_or_default(),
        counterparty_name: counterparty_name(columns, amount, view),
        counterparty_iban: counterparty_iban(columns, amount, view),
        creditor_id: view.optional_text(columns.creditor_id.as_ref()).map(|id| without_blanks(&id)),
        mandate: view.optional_text(columns.mandate.as_ref()),
        end_to_end_id: view.optional_text(columns.end_to_end_id.as_ref()),
        status: status.to_owned(),
        original_amount,
        original_currency,
        bank_category: view.optional_text(columns.category.as_ref()),
        bank_kind: view.optional_text(columns.kind.as_ref()),
        bank_id: view.optional_text(columns.id.as_ref()),
        pending_id: view.optional_text(columns.pending_id.as_ref()),
        memo: view.optional_text(columns.memo.as_ref()),
        balance_after: view.optional_number(columns.balance_after.as_ref())?,
        ..Transaction::default()
    };
    movement.reading = Box::new(label::of_transaction(&movement));
    Ok(movement)
}

/// A movement that the bank takes back.
pub(super) fn removal(columns: &RemovalColumns, view: &View<'_>) -> Mapped<Removal> {
    Ok(Removal {
        account: account_of(columns.account.as_ref().and_then(|column| view.text(column)), view),
        bank_id: view.required_text(&columns.id, "the identifier")?,
        is_taken_back: true,
    })
}

/// That the bank shows a movement, when it is one that takes movements back.
fn shown_again(movement: &Transaction, scene: &Scene<'_>) -> Option<Removal> {
    scene.connector.sections.iter().find(|section| section.columns.removals.is_some())?;
    let (account, bank_id) = (movement.account.clone(), movement.bank_id.clone()?);
    Some(Removal { account, bank_id, is_taken_back: false })
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
pub(super) fn account(stated: Option<String>, scene: &Scene<'_>) -> String {
    let stated = stated.or_else(|| scene.bound.account.clone());
    stated.map_or_else(
        || scene.connector.short_id().to_owned(),
        |text| text.trim().trim_start_matches('=').trim_matches('"').trim().to_owned(),
    )
}

fn counterparty_name(columns: &TransactionColumns, amount: Decimal, view: &View<'_>) -> Option<String> {
    let side = if amount.is_sign_negative() { &columns.payee } else { &columns.payer };
    view.optional_text(columns.counterparty_name.as_ref()).or_else(|| view.optional_text(side.as_ref()))
}

fn counterparty_iban(columns: &TransactionColumns, amount: Decimal, view: &View<'_>) -> Option<String> {
    let side = if amount.is_sign_negative() { &columns.payee_iban } else { &columns.payer_iban };
    let stated = view.optional_text(columns.counterparty_iban.as_ref()).or_else(|| view.optional_text(side.as_ref()));
    stated.and_then(|text| iban(&text))
}

fn amount<'a>(column: &'a Amount, view: &View<'a>) -> Mapped<(Decimal, Option<&'a str>)> {
    match column {
        Amount::Signed { from, decimal, fee } => {
            let (amount, currency) = required(view, from, *decimal)?;
            Ok((amount - optional(view, fee, *decimal)?.abs(), currency))
        }
        Amount::Inverted { from, decimal } => {
            let (amount, currency) = required(view, from, *decimal)?;
            Ok((-amount, currency))
        }
        Amount::DebitCredit { debit, credit, decimal } => {
            let out = optional(view, debit, *decimal)?;
            let into = optional(view, credit, *decimal)?;
            if view.filled(debit).is_none() && view.filled(credit).is_none() {
                return Err(view.missing(debit, "the amount"));
            }
            // What comes in keeps its sign (a correction may be negative); what goes out is written with
            // and without one.
            Ok((into - out.abs(), None))
        }
        Amount::Flagged { from, flag, out, decimal, fee } => {
            let (amount, currency) = required(view, from, *decimal)?;
            let flag = view.filled(flag).map_or_else(String::new, |cell| fold_key(cell.text));
            let is_out = out.0.iter().any(|word| fold_key(word) == flag);
            let amount = if is_out { -amount.abs() } else { amount.abs() };
            Ok((amount - optional(view, fee, *decimal)?.abs(), currency))
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

/// A text of an IBAN's shape, without blanks; other account numbers are none. Its check digits
/// are not looked at: a payment to a mistyped IBAN was still one to it.
fn iban(text: &str) -> Option<String> {
    let text = without_blanks(text).to_uppercase();
    let bytes = text.as_bytes();
    let is_iban = (15..=34).contains(&bytes.len())
        && bytes.iter().all(u8::is_ascii_alphanumeric)
        && bytes[..2].iter().all(u8::is_ascii_alphabetic)
        && bytes[2..4].iter().all(u8::is_ascii_digit);
    is_iban.then_some(text)
}

fn without_blanks(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).collect()
}
