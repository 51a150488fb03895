//! Categories: what money is spent on and comes from, by words and kinds.
//!
//! The tree and the rules are data, `connectors/categories.toml`. What a person sets, and what is
//! learned from it, wins over all of this, in SQL; here is only what a movement says itself.

use std::sync::LazyLock;

use serde::Deserialize;

use super::Kind;
use super::word_map::WordMap;
use super::words::{Words, folded};
use crate::model::rules::{self, Category};

/// What a category is decided by.
#[derive(Debug, Clone, Copy)]
pub(super) struct Facts<'a> {
    pub(super) payee: Option<&'a str>,
    pub(super) memo: Option<&'a str>,
    /// What the label says that it is for.
    pub(super) motive: Option<&'a str>,
    pub(super) kind: Kind,
    pub(super) is_credit: Option<bool>,
    pub(super) bank_category: Option<&'a str>,
}

/// A category, and what decided: `payee BOULANGERIE`, `memo LOYER`, `kind fee`, `bank Alimentation`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sorted {
    pub code: &'static str,
    pub rule: String,
}

/// The rules that the program ships. `None` only when the file is broken, which a test refuses.
static SHIPPED: LazyLock<Option<Categories>> = LazyLock::new(|| Categories::parse(rules::CATEGORIES).ok());

/// The rules that sort movements into the tree.
#[derive(Debug)]
pub(super) struct Categories {
    pub(super) rules: Vec<Rule>,
    /// Runs of words by their first word, the longest first.
    by_word: WordMap<Vec<(Vec<String>, usize)>>,
    by_bank: WordMap<String>,
    by_kind: Vec<KindRule>,
}

/// Words of a payee or a memo, and the category that they say.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Rule {
    pub(super) category: String,
    words: Vec<String>,
    /// Only movements of these kinds.
    #[serde(default)]
    kinds: Vec<Kind>,
    /// Only money that comes in, or only money that goes out.
    flow: Option<Flow>,
    /// Payees that must be sorted so: tests.
    #[serde(default)]
    #[cfg_attr(not(test), expect(dead_code, reason = "examples are tests"))]
    pub(super) examples: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Flow {
    In,
    Out,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct KindRule {
    category: String,
    kind: Kind,
    flow: Option<Flow>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct BankRule {
    category: String,
    words: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    categories: Vec<Category>,
    rules: Vec<Rule>,
    kinds: Vec<KindRule>,
    bank: Vec<BankRule>,
}

/// The category that a movement says itself.
pub(super) fn of(facts: &Facts<'_>) -> Option<Sorted> {
    SHIPPED.as_ref()?.sort(facts)
}

impl Categories {
    /// Compiles the file; the error says what is wrong with it.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let file: File = toml::from_str(text).map_err(|error| error.to_string())?;
        let known = |code: &str| file.categories.iter().any(|category| category.code == code);
        let named = file.rules.iter().map(|rule| &rule.category);
        let named = named.chain(file.kinds.iter().map(|rule| &rule.category));
        if let Some(unknown) = named.chain(file.bank.iter().map(|rule| &rule.category)).find(|code| !known(code)) {
            return Err(format!("`{unknown}` is no category of the tree"));
        }
        let bank = file.bank.iter().flat_map(|rule| rule.words.iter().map(|word| (plain(word), rule.category.clone())));
        Ok(Self { by_word: by_word(&file.rules), by_bank: bank.collect(), by_kind: file.kinds, rules: file.rules })
    }

    /// Words of the payee, then of the memo, then the kind, then the bank's own words.
    fn sort(&'static self, facts: &Facts<'_>) -> Option<Sorted> {
        let by_text = |from: &str, text: Option<&str>| {
            let (rule, words) = self.by_words(text?, facts)?;
            Some(Sorted { code: &rule.category, rule: format!("{from} {words}") })
        };
        by_text("payee", facts.payee)
            .or_else(|| by_text("memo", facts.motive))
            .or_else(|| by_text("memo", facts.memo))
            .or_else(|| self.by_kind(facts))
            .or_else(|| self.by_bank(facts.bank_category?))
    }

    /// The first run of words that a rule knows, the longest at its place.
    fn by_words(&self, text: &str, facts: &Facts<'_>) -> Option<(&Rule, String)> {
        let words = Words::of(text, &[]);
        (0..words.len()).find_map(|at| {
            let runs = self.by_word.get(words.bare(at))?;
            let is_there = |run: &[String]| {
                at + run.len() <= words.len() && run.iter().zip(at..).all(|(word, n)| words.bare(n) == word)
            };
            let mut fitting = runs.iter().map(|(run, rule)| (run, &self.rules[*rule]));
            let (run, rule) = fitting.find(|(run, rule)| rule.fits(facts) && is_there(run))?;
            Some((rule, run.join(" ")))
        })
    }

    fn by_kind(&'static self, facts: &Facts<'_>) -> Option<Sorted> {
        let rule = self.by_kind.iter().find(|rule| rule.kind == facts.kind && is_flow(rule.flow, facts.is_credit))?;
        Some(Sorted { code: &rule.category, rule: format!("kind {}", facts.kind.name()) })
    }

    fn by_bank(&'static self, words: &str) -> Option<Sorted> {
        let code = self.by_bank.get(&plain(words))?;
        Some(Sorted { code, rule: format!("bank {}", words.trim()) })
    }
}

#[cfg(test)]
impl Categories {
    /// The category of a payee, for a movement that the rule is meant for.
    pub(super) fn of_example(&self, payee: &str, rule: &Rule) -> Option<&str> {
        let kind = rule.kinds.first().copied().unwrap_or(Kind::Card);
        let is_credit = Some(rule.flow == Some(Flow::In));
        let facts = Facts { payee: Some(payee), memo: None, motive: None, kind, is_credit, bank_category: None };
        self.by_words(payee, &facts).map(|(rule, _)| rule.category.as_str())
    }
}

impl Rule {
    fn fits(&self, facts: &Facts<'_>) -> bool {
        (self.kinds.is_empty() || self.kinds.contains(&facts.kind)) && is_flow(self.flow, facts.is_credit)
    }
}

fn is_flow(flow: Option<Flow>, is_credit: Option<bool>) -> bool {
    match (flow, is_credit) {
        (Some(flow), Some(is_credit)) => (flow == Flow::In) == is_credit,
        _ => true,
    }
}

fn by_word(rules: &[Rule]) -> WordMap<Vec<(Vec<String>, usize)>> {
    let mut found: WordMap<Vec<(Vec<String>, usize)>> = WordMap::default();
    for (at, rule) in rules.iter().enumerate() {
        for text in &rule.words {
            let run: Vec<String> = folded(text).split(' ').map(str::to_owned).collect();
            found.entry(run[0].clone()).or_default().push((run, at));
        }
    }
    for runs in found.values_mut() {
        runs.sort_by_key(|(run, _)| std::cmp::Reverse(run.len()));
    }
    found
}

/// The bank's words without case, accents and punctuation.
fn plain(text: &str) -> String {
    crate::model::text::fold_key(text)
}
