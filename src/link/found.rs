//! The links that were found, as the columns of their table; and the numbers that vertices go by.

use std::collections::{BTreeMap, BTreeSet};

use super::packing::Choice;

/// Columns of every table of links.
pub(super) const MAKES: &[(&str, &str)] = &[
    ("left_id", "The bill, or the movement that goes out."),
    ("right_id", "The movement."),
    ("relation", "1 whole, 2 instalment, 3 share of one debit, 4 money back, 5 part."),
    ("group_id", "Links of one number stand or fall together."),
    ("group_size", "How many links have that number."),
    ("cents", "What the movement does for the bill, in hundredths of the bill's currency."),
    ("score", "How well it fits, from 0 to 1000."),
    ("margin", "By how much it beats the best choice without it, in thousandths; 0 when another is as good."),
    ("is_cut", "1 when too much hung together to weigh it all."),
    ("is_forced", "1 when a person confirmed it."),
];

/// How a movement relates to what it is linked with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Relation {
    Whole = 1,
    Instalment = 2,
    Share = 3,
    MoneyBack = 4,
    Part = 5,
}

/// Links, row by row.
#[derive(Debug, Default)]
pub(super) struct Found {
    rows: Vec<[i64; 10]>,
    n_groups: i64,
}

/// One link of a group.
#[derive(Debug, Clone, Copy)]
pub(super) struct Member {
    pub left: i64,
    pub right: i64,
    pub cents: i64,
}

impl Found {
    /// What a person said.
    pub(super) fn confirmed(&mut self, left: i64, right: i64, relation: Relation, cents: i64) {
        self.n_groups += 1;
        self.rows.push([left, right, relation as i64, self.n_groups, 1, cents, 1_000, 1_000, 0, 1]);
    }

    /// Two movements.
    pub(super) fn pair(&mut self, left: i64, right: i64, score: i64, choice: Choice) {
        self.group(&[Member { left, right, cents: 0 }], Relation::Whole, score, choice);
    }

    /// Links that stand or fall together.
    pub(super) fn group(&mut self, members: &[Member], relation: Relation, score: i64, choice: Choice) {
        self.n_groups += 1;
        let size = i64::try_from(members.len()).unwrap_or(i64::MAX);
        for Member { left, right, cents } in members {
            self.rows.push([
                *left,
                *right,
                relation as i64,
                self.n_groups,
                size,
                *cents,
                score,
                choice.margin,
                i64::from(choice.is_cut),
                0,
            ]);
        }
    }

    /// Column by column.
    pub(super) fn into_columns(self) -> Vec<Vec<i64>> {
        (0..MAKES.len()).map(|column| self.rows.iter().map(|row| row[column]).collect()).collect()
    }
}

/// Numbers of vertices from 0: a side and an id.
#[derive(Debug, Default)]
pub(super) struct Numbers {
    numbers: BTreeMap<(u8, i64), u32>,
    /// Ids that are spoken for.
    pub taken: BTreeSet<i64>,
}

impl Numbers {
    pub(super) fn of(&mut self, vertex: (u8, i64)) -> u32 {
        let next = u32::try_from(self.numbers.len()).unwrap_or(u32::MAX);
        *self.numbers.entry(vertex).or_insert(next)
    }
}
