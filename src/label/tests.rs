//! The examples of `connectors/labels.toml`, and what holds for any label.

use proptest::prelude::*;

use super::category::Categories;
use super::grammar::{Example, Grammar};
use super::{Input, Reading, read};
use crate::model::rules::{self, categories};

fn input(example: &Example) -> Input<'_> {
    Input {
        label: &example.label,
        memo: example.memo.as_deref(),
        stated_name: None,
        bank_kind: example.bank_kind.as_deref(),
        booked_on: example.booked_on.as_deref().map(|day| day.parse().expect("a day")),
        is_credit: example.is_credit,
        bank_category: None,
    }
}

/// What differs between a reading and what an example expects.
fn differences(example: &Example, rule: &str, kind: super::Kind, found: &Reading) -> Vec<String> {
    let text = |value: Option<&String>| value.cloned().unwrap_or_default();
    let pairs = [
        ("rule", rule.to_owned(), found.rule.unwrap_or_default().to_owned()),
        ("kind", example.kind.unwrap_or(kind).name().to_owned(), found.kind.name().to_owned()),
        ("payee", text(example.payee.as_ref()), text(found.payee.as_ref())),
        (
            "purchased_on",
            text(example.purchased_on.as_ref()),
            found.purchased_on.map(|day| day.to_string()).unwrap_or_default(),
        ),
        ("reference", text(example.reference.as_ref()), text(found.reference.as_ref())),
        ("iban", text(example.iban.as_ref()), text(found.iban.as_ref())),
        ("creditor_id", text(example.creditor_id.as_ref()), text(found.creditor_id.as_ref())),
        ("mandate", text(example.mandate.as_ref()), text(found.mandate.as_ref())),
        ("card", text(example.card.as_ref()), text(found.card.as_ref())),
        ("city", text(example.city.as_ref()), text(found.city.as_ref())),
    ];
    let differ = pairs.into_iter().filter(|(_, wanted, got)| wanted != got);
    differ.map(|(name, wanted, got)| format!("{name} `{got}` and not `{wanted}`")).collect()
}

#[test]
fn every_example_reads_as_its_rule_says() {
    let grammar = Grammar::parse(rules::LABELS).expect("the shipped rules are valid");
    let mut wrong = Vec::new();
    for rule in &grammar.rules {
        for example in &rule.examples {
            let found = differences(example, &rule.name, rule.kind, &read(&input(example)));
            if !found.is_empty() {
                wrong.push(format!("{}: {}", example.label, found.join(", ")));
            }
        }
    }
    assert!(wrong.is_empty(), "{} examples differ:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn every_rule_has_an_example() {
    let grammar = Grammar::parse(rules::LABELS).expect("the shipped rules are valid");
    let without: Vec<&str> =
        grammar.rules.iter().filter(|rule| rule.examples.is_empty()).map(|rule| rule.name.as_str()).collect();
    assert!(without.is_empty(), "{without:?}");
}

#[test]
fn every_payee_is_sorted_as_its_rule_says() {
    let shipped = Categories::parse(rules::CATEGORIES).expect("the shipped categories are valid");
    let mut wrong = Vec::new();
    for rule in &shipped.rules {
        assert!(!rule.examples.is_empty(), "{} has no example", rule.category);
        for payee in &rule.examples {
            let sorted = shipped.of_example(payee, rule);
            if sorted != Some(rule.category.as_str()) {
                wrong.push(format!("{payee}: {sorted:?} and not {}", rule.category));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_tree_has_a_parent_for_every_child_and_names_in_both_languages() {
    let codes: Vec<&str> = categories().iter().map(|category| category.code.as_str()).collect();
    assert!(codes.len() > 40);
    for (at, category) in categories().iter().enumerate() {
        let parent = category.parent();
        assert!(parent.is_none_or(|parent| codes[..at].contains(&parent)), "{}", category.code);
        assert!(!category.en.is_empty() && !category.fr.is_empty());
        assert!(codes.iter().filter(|code| **code == category.code).count() == 1, "{}", category.code);
    }
}

proptest! {
    #[test]
    fn no_label_panics_and_no_payee_is_longer_than_its_label(label in any::<String>(), memo in any::<Option<String>>()) {
        let reading = read(&Input { label: &label, memo: memo.as_deref(), ..Input::default() });
        prop_assert!(reading.payee.is_none_or(|payee| payee.len() <= label.len()));
    }

    #[test]
    fn labels_of_the_words_that_rules_know_are_read(
        words in prop::collection::vec(prop::sample::select(vec![
            "CARTE", "CB", "VIR", "PRLV", "SEPA", "DE:", "MOTIF", ":", "REF", "04/03", "040326", "0403", "CB*1234", "*",
            "SUMUP", "PARIS", "ST", "HERBLAIN", "FR", "FR7630006000011234567890189", "MREF+A1", "é", "//", "12,50", "EUR",
        ]), 0..12),
        is_credit in any::<Option<bool>>(),
    ) {
        let label = words.join(" ");
        let reading = read(&Input { label: &label, is_credit, ..Input::default() });
        prop_assert!(reading.payee.is_none_or(|payee| payee.len() <= label.len() && payee.trim() == payee));
    }
}

#[test]
fn hostile_labels_stay_cheap() {
    let labels = [
        "A".repeat(10_000_000),
        "CARTE ".repeat(1_000_000),
        "1 ".repeat(1_000_000),
        "\u{0}\u{1}\u{7f}".repeat(100_000),
        "VIR DE: ".repeat(100_000),
        "MREF+".repeat(1_000_000),
    ];
    for label in &labels {
        let start = std::time::Instant::now();
        let reading = read(&Input { label, ..Input::default() });
        assert!(start.elapsed().as_millis() < 500, "{reading:?}");
    }
}
