//! What is read out of the label of a bank movement, as columns beside the movement's own.

// The comments below are shown in the database too, where backticks around names are noise.
#![allow(clippy::doc_markdown)]

use jiff::civil::Date;

use super::record::derived;

derived! {
    /// What the label of a movement says, by the rules of `connectors/labels.toml`.
    LabelReading {
        /// Kind of operation, by the label, else by the bank's own kind.
        label_kind: Option<&'static str>,
        /// Merchant or other party, without cities, dates, card numbers and references.
        label_payee: Option<String>,
        /// The label without dates, numbers and references, where it names no other party.
        label_clean: Option<String>,
        /// Day of the purchase; a day without a year is the last such day before the booking.
        label_purchased_on: Option<Date>,
        /// Reference that the label states.
        label_reference: Option<String>,
        /// IBAN in the label or the memo, without blanks, its check digits right.
        label_iban: Option<String>,
        /// SEPA creditor identifier in the label or the memo, its check digits right.
        label_creditor_id: Option<String>,
        /// SEPA mandate reference in the label or the memo.
        label_mandate: Option<String>,
        /// Last four digits of the card.
        label_card: Option<String>,
        /// City, when the label names a known one.
        label_city: Option<String>,
        /// Rule that read the label.
        label_rule: Option<&'static str>,
        /// Category by the rules of connectors/categories.toml.
        label_category: Option<&'static str>,
        /// What that category was decided by: payee, kind, creditor or bank, and the words.
        label_category_rule: Option<String>,
    }
}
