//! Bank labels: what kind of operation they name, with whom, when, and under which references.
//!
//! The rules are data, `connectors/labels.toml`: templates of labels, marks that announce
//! references, the banks' own words for kinds, cities. This room compiles them once and reads
//! labels; it is pure, knows no account and no contact, and never looks at other movements. A
//! label that no rule reads keeps its words as the name of the other party.

mod category;
mod days;
mod grammar;
mod holes;
mod kind;
mod marks;
mod numbers;
mod payee;
mod read;
mod template;
mod word_map;
mod words;

pub use category::Sorted;
pub use kind::Kind;
pub use read::{Input, Reading, read};

use crate::model::reading::LabelReading;
use crate::model::records::Transaction;

/// Reads the label of a movement, with what its bank states beside it.
pub fn of_transaction(movement: &Transaction) -> LabelReading {
    let reading = read(&Input {
        label: &movement.raw_label,
        memo: movement.memo.as_deref(),
        stated_name: movement.counterparty_name.as_deref(),
        bank_kind: movement.bank_kind.as_deref(),
        booked_on: Some(movement.booked_on),
        is_credit: Some(!movement.amount.is_sign_negative() || movement.amount.is_zero()),
        bank_category: movement.bank_category.as_deref(),
    });
    LabelReading {
        label_kind: Some(reading.kind.name()),
        label_payee: reading.payee,
        label_clean: reading.clean,
        label_purchased_on: reading.purchased_on,
        label_reference: reading.reference,
        label_iban: reading.iban,
        label_creditor_id: reading.creditor_id,
        label_mandate: reading.mandate,
        label_card: reading.card,
        label_city: reading.city,
        label_rule: reading.rule,
        label_category: reading.category.as_ref().map(|sorted| sorted.code),
        label_category_rule: reading.category.map(|sorted| sorted.rule),
    }
}

#[cfg(test)]
mod tests;
