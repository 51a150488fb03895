//! Sums: the movements that pay one bill together, the bills that one movement pays together.
//!
//! Only what is near in time is tried, and only so much of it: the bounds stand below. The best
//! few of each bill and movement go on to be weighed against everything else.

use super::bills::{Candidate, SUM};
use super::found::{Member, Relation};

/// Links that stand or fall together.
#[derive(Debug, Clone)]
pub(super) struct Group {
    pub members: Vec<Member>,
    pub relation: Relation,
    /// From 0 to 1000.
    pub score: i64,
}

/// Movements of one bill in which runs are sought.
const MOST_IN_A_RUN: usize = 40;
/// Equal instalments of one bill.
const MOST_EQUAL: i64 = 36;
/// Movements among which two or three that make the sum are sought.
const MOST_PARTS: usize = 14;
/// Bills among which those that one movement pays are sought, and how many it may pay.
const MOST_OPEN: usize = 12;
const MOST_SHARES: usize = 6;
/// Groups of one bill or movement that go on.
const MOST_KEPT: usize = 8;
/// Days around the period billed in which what was paid in advance lies.
const BEFORE_PERIOD: i64 = 20;
const AFTER_PERIOD: i64 = 75;
/// Points for payments that cover the period billed.
const COVERS: i64 = 220;
/// Points of the date that two or three unequal parts need each.
const NEAR: i64 = 120;

/// The groups of movements that pay a bill to the cent; `rows` are of one bill.
pub(super) fn instalments(rows: &[Candidate]) -> Vec<Group> {
    let Some(bill) = rows.first().copied() else { return Vec::new() };
    let mut rows: Vec<&Candidate> = rows.iter().filter(|row| row.paid_cents != row.bill_cents).collect();
    rows.sort_by_key(|row| (row.booked_day, row.movement));
    let mut sets = runs(&rows, bill.bill_cents);
    sets.extend(equal_parts(&rows, bill.bill_cents));
    sets.extend(few_parts(&rows, bill.bill_cents));
    let group = |set: Vec<&Candidate>| Group {
        score: set.iter().map(|row| row.party).min().unwrap_or(0) + SUM + instalment_date(&set),
        members: set.iter().map(|row| member(row, row.paid_cents)).collect(),
        relation: Relation::Instalment,
    };
    best(sets.into_iter().map(group).collect())
}

/// The groups of bills that a movement pays to the cent; `rows` are of one movement.
pub(super) fn shares(rows: &[Candidate]) -> Vec<Group> {
    let Some(movement) = rows.first().copied() else { return Vec::new() };
    let mut rows: Vec<&Candidate> = rows.iter().filter(|row| row.paid_cents != row.bill_cents).collect();
    rows.sort_by_key(|row| (std::cmp::Reverse(row.date_score), row.bill));
    rows.truncate(MOST_OPEN);
    let mut sets = Vec::new();
    subsets(&rows, movement.paid_cents, &mut Vec::new(), &mut sets);
    let group = |set: Vec<&Candidate>| {
        let n = i64::try_from(set.len()).unwrap_or(1);
        let date = set.iter().map(|row| row.date_score).sum::<i64>() / n;
        Group {
            score: set.iter().map(|row| row.party).min().unwrap_or(0) + SUM + date - 10 * (n - 2),
            members: set.iter().map(|row| member(row, row.bill_cents)).collect(),
            relation: Relation::Share,
        }
    };
    best(sets.into_iter().map(group).collect())
}

fn member(row: &Candidate, cents: i64) -> Member {
    Member { left: row.bill, right: row.movement, cents }
}

/// Every stretch of movements without gap whose sum is the bill's, refunds among them deducted.
fn runs<'a>(rows: &[&'a Candidate], total: i64) -> Vec<Vec<&'a Candidate>> {
    let mut found = Vec::new();
    for start in 0..rows.len() {
        let mut sum = 0;
        for end in start..rows.len().min(start + MOST_IN_A_RUN) {
            sum += rows[end].paid_cents;
            if sum == total && end > start {
                found.push(rows[start..=end].to_vec());
            }
        }
    }
    found
}

/// Every stretch of equal payments of which a whole number makes the bill, whatever lies between.
fn equal_parts<'a>(rows: &[&'a Candidate], total: i64) -> Vec<Vec<&'a Candidate>> {
    let mut amounts: Vec<i64> = rows.iter().map(|row| row.paid_cents).collect();
    amounts.sort_unstable();
    amounts.dedup();
    let mut found = Vec::new();
    for amount in
        amounts.into_iter().filter(|amount| total % amount == 0 && (2..=MOST_EQUAL).contains(&(total / amount)))
    {
        let equal: Vec<&Candidate> = rows.iter().copied().filter(|row| row.paid_cents == amount).collect();
        let n = usize::try_from(total / amount).unwrap_or(usize::MAX);
        found.extend(equal.windows(n).map(<[&Candidate]>::to_vec));
    }
    found
}

/// Two or three payments near the bill's day.
fn few_parts<'a>(rows: &[&'a Candidate], total: i64) -> Vec<Vec<&'a Candidate>> {
    let is_near = |row: &&&Candidate| row.date_score >= NEAR && row.paid_cents.signum() == total.signum();
    let mut near: Vec<&Candidate> = rows.iter().filter(is_near).copied().collect();
    near.sort_by_key(|row| (std::cmp::Reverse(row.date_score), row.movement));
    near.truncate(MOST_PARTS);
    near.sort_by_key(|row| (row.booked_day, row.movement));
    let mut found = Vec::new();
    for (at, a) in near.iter().enumerate() {
        for (then, b) in near.iter().enumerate().skip(at + 1) {
            if a.paid_cents + b.paid_cents == total {
                found.push(vec![*a, *b]);
            }
            for c in near.iter().skip(then + 1).filter(|c| a.paid_cents + b.paid_cents + c.paid_cents == total) {
                found.push(vec![*a, *b, *c]);
            }
        }
    }
    found
}

/// Payments start on the bill's day, or cover the period it bills.
fn instalment_date(set: &[&Candidate]) -> i64 {
    let (Some(first), Some(last)) = (set.first(), set.last()) else { return 0 };
    let starts = first.booked_day >= first.from_day - BEFORE_PERIOD;
    let ends = last.booked_day <= last.to_day.max(last.issued_day) + AFTER_PERIOD;
    let covers = if starts && ends && first.booked_day < first.issued_day { COVERS } else { 0 };
    first.date_score.max(covers)
}

/// Every set of two bills or more whose sum is `left`, credit notes deducted.
fn subsets<'a>(rows: &[&'a Candidate], left: i64, taken: &mut Vec<&'a Candidate>, found: &mut Vec<Vec<&'a Candidate>>) {
    if left == 0 && taken.len() > 1 {
        found.push(taken.clone());
    }
    if taken.len() == MOST_SHARES {
        return;
    }
    for (at, row) in rows.iter().enumerate() {
        taken.push(row);
        subsets(&rows[at + 1..], left - row.bill_cents, taken, found);
        taken.pop();
    }
}

/// The best few, each set once.
fn best(mut groups: Vec<Group>) -> Vec<Group> {
    let key = |group: &Group| group.members.iter().map(|member| (member.left, member.right)).collect::<Vec<_>>();
    groups.sort_by_key(|group| (std::cmp::Reverse(group.score), key(group)));
    groups.dedup_by_key(|group| key(group));
    groups.truncate(MOST_KEPT);
    groups
}
