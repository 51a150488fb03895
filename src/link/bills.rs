//! Links of bills with the movements that pay them or give money back.
//!
//! A bill is paid whole by one movement, in instalments by several, together with others by one,
//! and money may come back for it once. What a person confirmed stands; the rest is solved
//! around it, with what these bills and movements have left.

use std::collections::BTreeMap;

use super::found::{Found, MAKES, Member, Numbers, Relation};
use super::packing::{Hypothesis, choose};
use super::sums::{self, Group};
use super::weight;
use crate::warehouse::LinkStep;

pub(super) const BILL_DEBITS: LinkStep = LinkStep {
    name: "bill_debits",
    grain: "One row per bill and movement that pays it, wholly or in part, or gives money back.",
    reads: &[
        "bill_id",
        "transaction_id",
        "bill_cents",
        "paid_cents",
        "booked_day",
        "issued_day",
        "from_day",
        "to_day",
        "party",
        "date_score",
        "names_bill",
        "is_forced",
    ],
    makes: MAKES,
    choose: choose_bills,
};

/// A bill and a movement that may belong together.
#[derive(Debug, Clone, Copy)]
pub(super) struct Candidate {
    pub bill: i64,
    pub movement: i64,
    /// What is to be paid; negative when money is owed to the household. Less what a person
    /// confirmed as paid.
    pub bill_cents: i64,
    /// What the movement pays in the bill's currency; negative when money comes in.
    pub paid_cents: i64,
    pub booked_day: i64,
    pub issued_day: i64,
    /// First and last day of the period billed, or the day of issue.
    pub from_day: i64,
    pub to_day: i64,
    /// How sure it is that the other party is the issuer, from 0 to 500.
    pub party: i64,
    /// How well the days fit, from 0 to 250.
    pub date_score: i64,
    /// Whether the movement names the bill's number.
    pub names_bill: bool,
    is_forced: bool,
}

/// Points for an amount that is exact, that is the exact sum of several, that only fits in.
const EXACT: i64 = 250;
pub(super) const SUM: i64 = 230;
const WITHIN: i64 = 60;
/// What makes the other party sure enough to seek sums and refunds with it.
pub(super) const KNOWN_PARTY: i64 = 380;

fn choose_bills(columns: &[Vec<i64>]) -> Vec<Vec<i64>> {
    let mut found = Found::default();
    let candidates = around_confirmed(read(columns), &mut found);
    let groups = hypotheses(&candidates);
    let mut numbers = Numbers::default();
    let weighed: Vec<Hypothesis> = groups.iter().map(|group| hypothesis(group, &mut numbers)).collect();
    for choice in choose(&weighed) {
        let group = &groups[choice.at];
        found.group(&group.members, group.relation, group.score, choice);
    }
    found.into_columns()
}

fn read(columns: &[Vec<i64>]) -> Vec<Candidate> {
    let n_rows = columns.first().map_or(0, Vec::len);
    let row = |at: usize| {
        let cell = |column: usize| columns.get(column).map_or(0, |column| column[at]);
        Candidate {
            bill: cell(0),
            movement: cell(1),
            bill_cents: cell(2),
            paid_cents: cell(3),
            booked_day: cell(4),
            issued_day: cell(5),
            from_day: cell(6),
            to_day: cell(7),
            party: cell(8),
            date_score: cell(9),
            names_bill: cell(10) != 0,
            is_forced: cell(11) != 0,
        }
    };
    (0..n_rows).map(row).collect()
}

/// Takes the links that a person confirmed; the others keep what these leave of bill and movement.
fn around_confirmed(candidates: Vec<Candidate>, found: &mut Found) -> Vec<Candidate> {
    let mut bill_left: BTreeMap<i64, i64> = BTreeMap::new();
    let mut movement_left: BTreeMap<i64, i64> = BTreeMap::new();
    for candidate in candidates.iter().filter(|candidate| candidate.is_forced) {
        let due = bill_left.entry(candidate.bill).or_insert(candidate.bill_cents);
        let paid = movement_left.entry(candidate.movement).or_insert(candidate.paid_cents);
        let (relation, cents) = shared(candidate.bill_cents, *due, *paid);
        if relation != Relation::MoneyBack {
            *due -= cents;
        }
        *paid -= cents;
        found.confirmed(candidate.bill, candidate.movement, relation, cents);
    }
    let rest = candidates.into_iter().filter(|candidate| !candidate.is_forced).map(|candidate| Candidate {
        bill_cents: bill_left.get(&candidate.bill).copied().unwrap_or(candidate.bill_cents),
        paid_cents: movement_left.get(&candidate.movement).copied().unwrap_or(candidate.paid_cents),
        ..candidate
    });
    rest.filter(|candidate| candidate.bill_cents != 0 && candidate.paid_cents != 0).collect()
}

/// What a movement can do for a bill: at most what either has left. Money that comes back on a
/// bill to pay counts as it is.
fn shared(total: i64, due: i64, paid: i64) -> (Relation, i64) {
    if total.signum() * paid.signum() < 0 {
        return (Relation::MoneyBack, paid);
    }
    let cents = paid.signum() * due.abs().min(paid.abs());
    (if cents == total { Relation::Whole } else { Relation::Part }, cents)
}

fn hypotheses(candidates: &[Candidate]) -> Vec<Group> {
    let mut groups: Vec<Group> = candidates.iter().filter_map(single).collect();
    let by_bill = gathered(candidates, |candidate| candidate.bill);
    groups.extend(by_bill.values().flat_map(|rows| sums::instalments(rows)));
    let by_movement = gathered(candidates, |candidate| candidate.movement);
    groups.extend(by_movement.values().flat_map(|rows| sums::shares(rows)));
    groups
}

/// One movement for one bill.
fn single(candidate: &Candidate) -> Option<Group> {
    let Candidate { bill_cents, paid_cents, party, date_score, names_bill, .. } = *candidate;
    let (relation, score) = if bill_cents == paid_cents {
        (Relation::Whole, party + EXACT + date_score)
    } else if bill_cents > 0 && paid_cents < 0 {
        let after = candidate.booked_day - candidate.issued_day;
        if party < KNOWN_PARTY || paid_cents + bill_cents < 0 || !(0..=400).contains(&after) {
            return None;
        }
        let amount = if names_bill || paid_cents == -bill_cents { 200 } else { WITHIN };
        (Relation::MoneyBack, party + amount + (150 - after / 2).max(0))
    } else if names_bill && bill_cents.signum() == paid_cents.signum() && paid_cents.abs() < bill_cents.abs() {
        (Relation::Part, party + WITHIN + date_score / 2)
    } else {
        return None;
    };
    let member = Member { left: candidate.bill, right: candidate.movement, cents: paid_cents };
    Some(Group { members: vec![member], relation, score })
}

/// A group as vertices: bills, the places where money comes back to them, movements.
fn hypothesis(group: &Group, numbers: &mut Numbers) -> Hypothesis {
    let side = u8::from(group.relation == Relation::MoneyBack);
    let mut vertices: Vec<u32> = group.members.iter().map(|member| numbers.of((side, member.left))).collect();
    vertices.extend(group.members.iter().map(|member| numbers.of((2, member.right))));
    let mut seen = Vec::with_capacity(vertices.len());
    for vertex in vertices {
        if !seen.contains(&vertex) {
            seen.push(vertex);
        }
    }
    // Several bills explained by one movement weigh as several links.
    let n_bills = if group.relation == Relation::Share { group.members.len() } else { 1 };
    Hypothesis { vertices: seen, weight: weight(group.score) * i64::try_from(n_bills).unwrap_or(1) }
}

fn gathered(candidates: &[Candidate], key: impl Fn(&Candidate) -> i64) -> BTreeMap<i64, Vec<Candidate>> {
    let mut rows: BTreeMap<i64, Vec<Candidate>> = BTreeMap::new();
    for candidate in candidates.iter().filter(|candidate| candidate.party >= KNOWN_PARTY) {
        rows.entry(key(candidate)).or_default().push(*candidate);
    }
    rows
}
