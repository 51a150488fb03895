//! Bills and their lines.

use super::Mapped;
use super::transactions::currency_of;
use super::view::View;
use crate::connector::fields::{BillColumns, BillLineColumns};
use crate::model::records::{Bill, BillLine};

/// One bill. Required: issuer, day of issue, total.
pub(super) fn bill(columns: &BillColumns, view: &View<'_>) -> Mapped<Bill> {
    let mut bill = Bill {
        issuer: view.required_text(&columns.issuer, "the issuer")?,
        bill_key: String::new(),
        contract: view.optional_text(columns.contract.as_ref()),
        number: view.optional_text(columns.number.as_ref()),
        kind: view.optional_text(columns.kind.as_ref()),
        period_from: view.optional_date(columns.period_from.as_ref())?,
        period_to: view.optional_date(columns.period_to.as_ref())?,
        issued_on: view.required_date(&columns.issued_on, "the day of issue")?,
        due_on: view.optional_date(columns.due_on.as_ref())?,
        paid_on: view.optional_date(columns.paid_on.as_ref())?,
        total: view.required_number(&columns.total, "the total")?,
        vat: view.optional_number(columns.vat.as_ref())?,
        currency: currency_of(view.optional_text(columns.currency.as_ref()).as_deref(), view),
    };
    bill.bill_key = key_of(&bill);
    Ok(bill)
}

/// One line of a bill. Required: issuer, bill number, label, amount.
pub(super) fn bill_line(columns: &BillLineColumns, view: &View<'_>) -> Mapped<BillLine> {
    Ok(BillLine {
        issuer: view.required_text(&columns.issuer, "the issuer")?,
        bill_number: view.required_text(&columns.bill_number, "the bill's number")?,
        label: view.required_text(&columns.label, "the label")?,
        quantity: view.optional_number(columns.quantity.as_ref())?,
        unit: view.optional_text(columns.unit.as_ref()),
        amount: view.required_number(&columns.amount, "the amount")?,
        period_from: view.optional_date(columns.period_from.as_ref())?,
        period_to: view.optional_date(columns.period_to.as_ref())?,
        currency: currency_of(view.optional_text(columns.currency.as_ref()).as_deref(), view),
    })
}

/// A bill is known by its number; one without a number by what else it says.
fn key_of(bill: &Bill) -> String {
    let others = || {
        let (contract, kind) = (bill.contract.as_deref().unwrap_or_default(), bill.kind.as_deref().unwrap_or_default());
        format!("{} {contract} {kind} {}", bill.issued_on, bill.total.normalize())
    };
    bill.number.clone().unwrap_or_else(others)
}
