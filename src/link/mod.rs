//! Which rows belong together: optimal choices among the candidates that SQL proposes.
//!
//! Candidates come in as whole numbers (ids, cents, days, scores), and links go out the same
//! way; words are the queries' business. Nothing is chosen greedily: all that hangs together is
//! weighed together, and each choice says by how much it beats the best choice without it. This
//! room reads and writes nothing.

mod bills;
mod found;
mod matching;
mod packing;
mod pairs;
mod sums;

pub use packing::{Choice, Hypothesis, choose};

use crate::warehouse::LinkStep;

/// The steps of a refresh: each reads `intermediate.<name>_candidates` and makes `links.<name>`.
pub fn steps() -> [LinkStep; 3] {
    [pairs::RETURNS, pairs::TRANSFERS, bills::BILL_DEBITS]
}

/// The weight of a score from 0 to 1000: its eighth power, in millionths.
///
/// So one link that fits well outweighs two that fit so-so: payments shifted by a month, one
/// debit for another's bill.
pub fn weight(score: i64) -> i64 {
    let score = u128::from(score.clamp(0, 1_000).unsigned_abs());
    i64::try_from(score.pow(8) / 10_u128.pow(18)).unwrap_or(i64::MAX).max(1)
}
