//! Totals that a document states, compared with the rows that were read.
//!
//! Only what can be compared is: a number of rows, and an opening and a closing balance with the
//! movements between them. A balance alone says nothing of the rows of one document.

use super::summary::AccountSum;
use crate::model::records::Balance;
use crate::model::{Fault, FaultKind, Place};

/// Compares what was stated of one account, `count` rows and `balances`, with `sum`.
pub fn check(count: Option<u64>, balances: &[Balance], sum: &AccountSum, place: &Place) -> Vec<Fault> {
    let wrong = [wrong_count(count, sum), wrong_closing(balances, sum)];
    wrong.into_iter().flatten().map(|(value, message)| fault(value, message, place)).collect()
}

fn wrong_count(stated: Option<u64>, sum: &AccountSum) -> Option<(String, String)> {
    let stated = stated?;
    let read = sum.rows + sum.rows_pending;
    (stated != read).then(|| (stated.to_string(), format!("the document states {stated} movements, {read} were read")))
}

fn wrong_closing(balances: &[Balance], sum: &AccountSum) -> Option<(String, String)> {
    let of = |kind: &str| balances.iter().find(|balance| balance.kind == kind);
    let (opening, closing) = (of("opening")?, of("closing")?);
    let reached = opening.amount + sum.sum();
    let message = || {
        format!(
            "the opening balance {} and the movements {} make {reached}, and the document states {}: {} apart",
            opening.amount,
            sum.sum(),
            closing.amount,
            (closing.amount - reached).normalize()
        )
    };
    let is_comparable = opening.currency == closing.currency;
    (is_comparable && closing.amount != reached).then(|| (closing.amount.to_string(), message()))
}

fn fault(value: String, message: String, place: &Place) -> Fault {
    Fault::new(FaultKind::TotalDiffers, place.clone(), value, message)
        .with_hint("rows are missing from the file, or were rejected above: export it again, or correct it")
        .keeping_row()
}

#[cfg(test)]
mod tests {
    use rust_decimal::Decimal;

    use super::*;

    fn balance(kind: &str, cents: i64) -> Balance {
        Balance { kind: kind.to_owned(), amount: Decimal::new(cents, 2), ..Balance::default() }
    }

    fn messages(count: Option<u64>, balances: &[Balance]) -> Vec<String> {
        let sum = AccountSum {
            rows: 2,
            debit: Decimal::new(-500, 2),
            credit: Decimal::new(1200, 2),
            ..AccountSum::default()
        };
        check(count, balances, &sum, &Place::line(1)).into_iter().map(|fault| fault.message).collect()
    }

    #[test]
    fn totals_that_agree_say_nothing() {
        assert_eq!(messages(Some(2), &[balance("opening", 10000), balance("closing", 10700)]), [""; 0]);
        assert_eq!(messages(None, &[balance("closing", 1)]), [""; 0]);
    }

    #[test]
    fn totals_that_differ_name_the_figures() {
        assert_eq!(messages(Some(3), &[]), ["the document states 3 movements, 2 were read"]);
        assert_eq!(
            messages(None, &[balance("opening", 10000), balance("closing", 10710)]),
            [
                "the opening balance 100.00 and the movements 7.00 make 107.00, and the document states 107.10: 0.1 apart"
            ]
        );
    }
}
