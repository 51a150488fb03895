//! Accounts, movements and who is behind them.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::home::{TRUTH, ask, joined, text};
use crate::same;

/// Account, day, cents, label: what a person sees of a movement.
pub type Key = [String; 4];

pub fn key(value: &Value) -> Key {
    [0, 1, 2, 3].map(|at| text(&value[at]))
}

pub fn list(name: &str) -> &'static [Value] {
    TRUTH[name].as_array().expect("a list")
}

/// A movement as the view shows it.
pub struct Movement {
    pub key: Key,
    pub person: String,
    pub method: String,
    state: String,
    candidates: String,
    is_own_account: bool,
}

pub fn movements() -> Vec<Movement> {
    let rows = ask("select account, booked_on::varchar, cast(amount * 100 as bigint)::varchar, raw_label,
                    person_name, match_method, match_state, array_to_string(list_sort(candidates), '|'),
                    is_own_account::varchar
                    from transactions");
    let movement = |row: Vec<String>| {
        let [account, day, cents, label, person, method, state, candidates, own] =
            <[String; 9]>::try_from(row).expect("nine cells");
        Movement { key: [account, day, cents, label], person, method, state, candidates, is_own_account: own == "true" }
    };
    rows.into_iter().map(movement).collect()
}

#[test]
fn every_account_has_its_rows_sum_and_days() {
    let found = ask("select account, count(*)::varchar, cast(sum(amount) * 100 as bigint)::varchar,
                     min(booked_on)::varchar, max(booked_on)::varchar
                     from transactions group by account");
    let wanted = TRUTH["accounts"].as_object().expect("accounts").iter().map(|(account, facts)| {
        let mut row = vec![account.clone()];
        row.extend(["rows", "sum", "first", "last"].map(|name| text(&facts[name])));
        row
    });
    same("accounts", found, wanted);
}

#[test]
fn identical_operations_all_survive() {
    let mut counts: BTreeMap<Key, u64> = BTreeMap::new();
    for movement in movements() {
        *counts.entry(movement.key).or_default() += 1;
    }
    for group in list("identical") {
        assert_eq!(counts.get(&key(group)).copied(), group[4].as_u64(), "{group}");
    }
}

#[test]
fn counterparties_are_found_and_no_other() {
    let mut wanted: BTreeMap<Key, (String, String)> = BTreeMap::new();
    for row in list("counterparties") {
        wanted.insert(key(row), (joined(&row[4]), text(&row[5])));
    }
    let own: BTreeSet<Key> =
        list("own_transfers").iter().flat_map(|pair| pair.as_array().expect("two sides")).map(key).collect();
    let (mut right, mut wrong, mut missed) = (0, Vec::new(), Vec::new());
    for movement in movements().iter().filter(|movement| movement.method != "creditor_id") {
        match wanted.get(&movement.key) {
            Some((names, via)) if via == "ambiguous" => {
                assert_eq!(movement.person, "", "{:?}: one of several was stated", movement.key);
                let is_candidate = |name: &str| movement.candidates.split('|').any(|candidate| candidate == name);
                assert!(names.split('|').all(is_candidate), "{:?}: {}", movement.key, movement.candidates);
            }
            Some((name, via)) if movement.person == *name => {
                right += 1;
                if via == "iban" {
                    assert_eq!(
                        (movement.method.as_str(), movement.state.as_str()),
                        ("iban", "certain"),
                        "{:?}",
                        movement.key
                    );
                }
            }
            Some((name, via)) => {
                missed.push(format!("{:?}: {} and not {name} by {via}", movement.key, movement.person));
            }
            // A member stands on the other side of a transfer between own accounts.
            None if own.contains(&movement.key) => {}
            // Operators and suppliers stand on no card, but on bills.
            None if movement.person.is_empty() || is_issuer(&movement.person, &movement.key[3]) => {}
            None => wrong.push(format!("{:?}: {}", movement.key, movement.person)),
        }
    }
    let per_mille = |others: usize| 1_000 * right / (right + others);
    println!(
        "counterparties: {right} found, precision {} and recall {} per mille",
        per_mille(wrong.len()),
        per_mille(missed.len())
    );
    assert!(wrong.is_empty(), "named without reason:\n{}", wrong.join("\n"));
    assert!(missed.is_empty(), "not found:\n{}", missed.join("\n"));
    assert!(right >= 420, "{right}");
}

/// Whether a name is that of the sender of a bill, and the label names it.
pub fn is_issuer(name: &str, label: &str) -> bool {
    let mut issuers = list("bills").iter().map(|bill| text(&bill[0]));
    issuers.any(|issuer| issuer == name) && label.to_lowercase().contains(&name.to_lowercase())
}

#[test]
fn strangers_stay_strangers() {
    let strangers: BTreeSet<Key> = list("strangers").iter().map(key).collect();
    let found: Vec<Movement> = movements().into_iter().filter(|movement| strangers.contains(&movement.key)).collect();
    assert_eq!(found.len(), strangers.len());
    let named: Vec<_> =
        found.iter().filter(|movement| !movement.person.is_empty() || movement.is_own_account).collect();
    assert!(named.is_empty(), "{:?}", named.iter().map(|movement| &movement.key).collect::<Vec<_>>());
}

#[test]
fn nothing_but_own_transfers_counts_as_an_own_account() {
    let own: BTreeSet<Key> =
        list("own_transfers").iter().flat_map(|pair| pair.as_array().expect("two sides")).map(key).collect();
    let found: Vec<Movement> = movements().into_iter().filter(|movement| movement.is_own_account).collect();
    println!("own accounts: {} of {} sides of transfers between own accounts", found.len(), own.len());
    let others: Vec<_> = found.iter().filter(|movement| !own.contains(&movement.key)).collect();
    assert!(others.is_empty(), "{:?}", others.iter().map(|movement| &movement.key).collect::<Vec<_>>());
}

#[test]
fn direct_debits_carry_creditor_and_mandate() {
    let found = ask("select creditor_id, mandate, count(*)::varchar, cast(sum(amount) * 100 as bigint)::varchar
                     from transactions where creditor_id is not null group by creditor_id, mandate");
    let creditors = TRUTH["creditors"].as_object().expect("creditors").values();
    let wanted = creditors
        .filter(|facts| !facts["ics"].is_null())
        .map(|facts| ["ics", "mandate", "rows", "sum"].map(|name| text(&facts[name])).to_vec());
    same("creditors", found, wanted);
}

#[test]
fn every_bill_is_there_with_its_total() {
    let found = ask("select issuer, number, cast(total * 100 as bigint)::varchar from bills");
    same("bills", found, list("bills").iter().map(|bill| [0, 1, 2].map(|at| text(&bill[at])).to_vec()));
}
