//! The invented household, imported through the real walk: how much of what its generator knows
//! is found again in the views.
#![allow(clippy::print_stdout, reason = "what was found is said, with precision and recall")]

#[path = "household/calls.rs"]
mod calls;
#[path = "household/derived.rs"]
mod derived;
#[path = "household/doubts.rs"]
mod doubts;
#[path = "household/energy.rs"]
mod energy;
#[path = "household/events.rs"]
mod events;
#[path = "household/figures.rs"]
mod figures;
#[path = "household/home.rs"]
mod home;
#[path = "household/identity.rs"]
mod identity;
#[path = "household/links.rs"]
mod links;
#[path = "household/money.rs"]
mod money;
#[path = "household/order.rs"]
mod order;
#[path = "household/people.rs"]
mod people;
#[path = "household/recurring.rs"]
mod recurring;
mod support;

use std::collections::BTreeMap;
use std::fmt::Debug;

/// Compares two collections as multisets, and names the first few that differ.
fn same<T: Ord + Debug>(what: &str, found: impl IntoIterator<Item = T>, wanted: impl IntoIterator<Item = T>) {
    let mut balance: BTreeMap<T, i64> = BTreeMap::new();
    found.into_iter().for_each(|item| *balance.entry(item).or_default() += 1);
    let n_found: i64 = balance.values().sum();
    wanted.into_iter().for_each(|item| *balance.entry(item).or_default() -= 1);
    let wrong: Vec<_> = balance.iter().filter(|(_, n)| **n != 0).collect();
    let shown: Vec<String> = wrong
        .iter()
        .take(12)
        .map(|(item, n)| format!("  {} {item:?}", if **n > 0 { "found  " } else { "missing" }))
        .collect();
    assert!(wrong.is_empty(), "{what}: {} of {n_found} differ\n{}", wrong.len(), shown.join("\n"));
    assert!(n_found > 0, "{what}: nothing was found");
}
