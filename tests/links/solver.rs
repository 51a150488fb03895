//! The choice among hypotheses, against every possible choice on small random cases.

use std::collections::BTreeSet;

use moisson::link::{Choice, Hypothesis, choose};
use proptest::prelude::*;

/// The weight of the best set without `left_out`, by trying all.
fn best(hypotheses: &[Hypothesis], left_out: Option<usize>) -> i64 {
    fn rest(hypotheses: &[Hypothesis], at: usize, left_out: Option<usize>, used: &BTreeSet<u32>) -> i64 {
        let Some(this) = hypotheses.get(at) else { return 0 };
        let without = rest(hypotheses, at + 1, left_out, used);
        if left_out == Some(at) || this.vertices.iter().any(|vertex| used.contains(vertex)) {
            return without;
        }
        let used: BTreeSet<u32> = used.iter().chain(&this.vertices).copied().collect();
        without.max(this.weight + rest(hypotheses, at + 1, left_out, &used))
    }
    rest(hypotheses, 0, left_out, &BTreeSet::new())
}

fn value(hypotheses: &[Hypothesis], choices: &[Choice]) -> i64 {
    choices.iter().map(|choice| hypotheses[choice.at].weight).sum()
}

/// Left vertices from 0, right ones from 10.
fn hypotheses(groups: bool) -> impl Strategy<Value = Vec<Hypothesis>> {
    let pair = (0_u32..6, 10_u32..16, 1_i64..60)
        .prop_map(|(left, right, weight)| Hypothesis { vertices: vec![left, right], weight });
    let share = (0_u32..5, 1_u32..3, 10_u32..16, 1_i64..120)
        .prop_map(|(left, step, right, weight)| Hypothesis { vertices: vec![left, (left + step) % 6, right], weight });
    let instalments = (0_u32..6, 10_u32..15, 1_u32..3, 1_i64..120).prop_map(|(left, right, step, weight)| Hypothesis {
        vertices: vec![left, right, 10 + (right - 10 + step) % 6],
        weight,
    });
    let any = if groups { prop_oneof![3 => pair, 1 => share, 1 => instalments].boxed() } else { pair.boxed() };
    prop::collection::vec(any, 0..13)
}

fn check(hypotheses: &[Hypothesis]) -> Result<(), TestCaseError> {
    let choices = choose(hypotheses);
    let mut used = BTreeSet::new();
    for choice in &choices {
        for vertex in &hypotheses[choice.at].vertices {
            prop_assert!(used.insert(*vertex), "vertex {} is used twice", vertex);
        }
    }
    let optimum = best(hypotheses, None);
    prop_assert_eq!(value(hypotheses, &choices), optimum);
    for choice in &choices {
        let weight = hypotheses[choice.at].weight;
        let lead = optimum - best(hypotheses, Some(choice.at));
        let exact = 1_000 * lead / weight;
        // What is clear at once has a lower bound of its margin, never below what makes it clear.
        prop_assert!(
            choice.margin == exact || (choice.margin >= 300 && choice.margin <= exact),
            "{choice:?} and {exact}"
        );
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn pairs_are_assigned_best_and_know_their_margin(hypotheses in hypotheses(false)) {
        check(&hypotheses)?;
    }

    #[test]
    fn groups_and_pairs_are_chosen_best_and_know_their_margin(hypotheses in hypotheses(true)) {
        check(&hypotheses)?;
    }
}

#[test]
fn many_equal_amounts_in_a_row_are_assigned_in_no_time() {
    // Ten years of the same amount every month for forty contracts: all chains hang together.
    let mut hypotheses = Vec::new();
    for bill in 0_u32..4_800 {
        for later in 0_u32..3 {
            let right = 10_000 + bill + later;
            hypotheses.push(Hypothesis { vertices: vec![bill, right], weight: 900 - i64::from(later) * 250 });
        }
    }
    let choices = choose(&hypotheses);
    assert_eq!(choices.len(), 4_800);
    assert!(choices.iter().all(|choice| choice.margin > 0));
}
