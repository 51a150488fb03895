//! Links of two movements: one that went out, one that came in.
//!
//! Transfers between own accounts, and debits that the bank sent back. Both are assignments:
//! a movement has one other side.

use super::found::{Found, MAKES, Numbers, Relation};
use super::packing::{Hypothesis, choose};
use super::weight;
use crate::warehouse::LinkStep;

const READS: &[&str] = &["left_id", "right_id", "score", "is_forced"];

pub(super) const RETURNS: LinkStep = LinkStep {
    name: "returns",
    grain: "One row per debit and the incoming movement that undoes it.",
    reads: READS,
    makes: MAKES,
    choose: choose_pairs,
};

pub(super) const TRANSFERS: LinkStep = LinkStep {
    name: "transfers",
    grain: "One row per transfer between two own accounts: the movement that goes out and the one that comes in.",
    reads: READS,
    makes: MAKES,
    choose: choose_pairs,
};

/// Left, right, score from 0 to 1000, and whether a person confirmed it.
fn choose_pairs(columns: &[Vec<i64>]) -> Vec<Vec<i64>> {
    let [lefts, rights, scores, forced] = columns else { return Vec::new() };
    let mut found = Found::default();
    let mut numbers = Numbers::default();
    let mut hypotheses = Vec::new();
    let mut places = Vec::new();
    for row in (0..lefts.len()).filter(|row| forced[*row] != 0) {
        numbers.taken.insert(lefts[row]);
        numbers.taken.insert(rights[row]);
        found.confirmed(lefts[row], rights[row], Relation::Whole, 0);
    }
    for row in 0..lefts.len() {
        if numbers.taken.contains(&lefts[row]) || numbers.taken.contains(&rights[row]) {
            continue;
        }
        let vertices = vec![numbers.of((0, lefts[row])), numbers.of((1, rights[row]))];
        hypotheses.push(Hypothesis { vertices, weight: weight(scores[row]) });
        places.push(row);
    }
    for choice in choose(&hypotheses) {
        let row = places[choice.at];
        found.pair(lefts[row], rights[row], scores[row], choice);
    }
    found.into_columns()
}
