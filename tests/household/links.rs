//! Which movement pays which bill, which two are one transfer: precision and recall.

use std::collections::BTreeSet;

use crate::home::{TRUTH, ask, text};

/// Account, day, cents, label.
type Movement = [String; 4];

fn key(value: &serde_json::Value) -> Movement {
    [0, 1, 2, 3].map(|at| text(&value[at]))
}

fn list(name: &str) -> &'static [serde_json::Value] {
    TRUTH[name].as_array().expect("a list")
}

const MOVEMENT: &str = "transactions.account || '|' || transactions.booked_on || '|' || (transactions.amount * 100)::bigint || '|' || raw_label";

fn movement(cell: &str) -> Movement {
    let mut parts = cell.splitn(4, '|').map(str::to_owned);
    std::array::from_fn(|_| parts.next().expect("four parts"))
}

/// Says how much was found, and that nothing sure is wrong.
fn measure<T: Ord + std::fmt::Debug>(what: &str, found: &BTreeSet<T>, truth: &BTreeSet<T>) {
    let right = found.intersection(truth).count();
    println!("{what}: {right} of {} found, {} wrong", truth.len(), found.len() - right);
    let wrong: Vec<_> = found.difference(truth).collect();
    let missed: Vec<_> = truth.difference(found).collect();
    assert!(wrong.is_empty() && missed.is_empty(), "{what}: wrong {wrong:#?}, missed {missed:#?}");
}

#[test]
fn every_bill_finds_what_pays_it() {
    let movements_of = |bill: &serde_json::Value| bill[3].as_array().expect("movements").clone();
    let truth: BTreeSet<(String, Movement)> = list("bills")
        .iter()
        .flat_map(|bill| movements_of(bill).into_iter().map(move |paid| (text(&bill[1]), key(&paid))))
        .collect();
    let found = ask(&format!(
        "select bill_number, {MOVEMENT} from reconciliations
         inner join transactions on transactions.transaction_id = reconciliations.right_id
         where reconciliations.kind = 'bill' and grade = 'sure'"
    ));
    let found = found.into_iter().map(|row| (row[0].clone(), movement(&row[1]))).collect();
    measure("bills and movements", &found, &truth);
}

#[test]
fn every_transfer_between_own_accounts_has_its_sides() {
    let truth: BTreeSet<(Movement, Movement)> =
        list("own_transfers").iter().map(|pair| (key(&pair[0]), key(&pair[1]))).collect();
    let sides =
        |side: &str| format!("select {MOVEMENT} from transactions where transaction_id = reconciliations.{side}_id");
    let found = ask(&format!(
        "select ({}), ({}) from reconciliations where kind = 'transfer' and grade = 'sure'",
        sides("left"),
        sides("right")
    ));
    let found = found.into_iter().map(|row| (movement(&row[0]), movement(&row[1]))).collect();
    measure("own transfers", &found, &truth);
    let flagged = ask("select count(*)::varchar from transactions where is_own_account and transfer_id is not null");
    assert_eq!(flagged[0][0], (2 * truth.len()).to_string());
}

#[test]
fn a_debit_that_came_back_is_known_as_such() {
    let truth: usize = list("bills").iter().map(|bill| bill[4].as_array().expect("movements").len() / 2).sum();
    let found = ask("select count(*)::varchar from reconciliations where relation = 'returned' and grade = 'sure'");
    assert_eq!(found[0][0], truth.to_string());
}

#[test]
fn energy_bills_are_metered_billed_and_debited_to_the_cent() {
    let bills = TRUTH["energy_bills"].as_object().expect("bills");
    let found = ask("select number, (metered_energy_cost * 100)::bigint::varchar,
                     (metered_standing_cost * 100)::bigint::varchar, (billed * 100)::bigint::varchar,
                     (debited * 100)::bigint::varchar, gap_days::varchar
                     from energy_bills");
    let wanted = bills.iter().map(|(number, bill)| {
        let cents = |name: &str| text(&bill[name]);
        [number.clone(), cents("energy_cents"), cents("standing_cents"), cents("billed_cents"), cents("billed_cents")]
    });
    crate::same("energy bills", found.into_iter().map(|row| row[..5].to_vec()), wanted.map(|row| row.to_vec()));
    // Only the bill that was estimated too high, and the one that takes it back, differ by more than their gaps may hold.
    let off = ask("select number from energy_bills where abs(residual) > gap_cost_at_mean + 0.05 order by period_from");
    assert_eq!(off.concat(), ["10255189919", "10255294648"]);
}
