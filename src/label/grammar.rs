//! The rules of `connectors/labels.toml`, compiled once.
//!
//! A label is held against the rules that may begin with its first word, in the order of the
//! file; the first one that reads it whole is the one that fires.

use std::sync::LazyLock;

use serde::Deserialize;

use super::Kind;
use super::holes::Hole;
use super::template::{Taken, Template};
use super::word_map::{WordMap, WordSet};
use super::words::{Words, bare, folded};
use crate::model::rules;

/// The rules that the program ships. `None` only when the file is broken, which a test refuses.
pub(super) static SHIPPED: LazyLock<Option<Grammar>> = LazyLock::new(|| Grammar::parse(rules::LABELS).ok());

/// Compiled rules.
#[derive(Debug)]
pub(super) struct Grammar {
    pub(super) rules: Vec<Rule>,
    by_first_word: WordMap<Vec<(usize, usize)>>,
    /// Templates that may begin with a hole.
    by_any_word: Vec<(usize, usize)>,
    /// Marks that stand after a payee, by their first word.
    marks: WordMap<Vec<Mark>>,
    /// Marks that are written without a blank after them.
    pub(super) glued_marks: Vec<String>,
    bank_kinds: WordMap<Kind>,
    cities: Places,
    countries: WordSet,
    intermediaries: WordSet,
    salary: WordSet,
}

/// A rule as the file writes it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Rule {
    pub(super) name: String,
    pub(super) kind: Kind,
    #[serde(deserialize_with = "templates")]
    labels: Vec<Template>,
    /// What labels must read as: tests.
    #[serde(default)]
    #[cfg_attr(not(test), expect(dead_code, reason = "examples are tests"))]
    pub(super) examples: Vec<Example>,
}

/// A label, and what must be read out of it; what is left out must be found absent.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(not(test), expect(dead_code, reason = "examples are tests"))]
pub(super) struct Example {
    pub(super) label: String,
    pub(super) memo: Option<String>,
    pub(super) bank_kind: Option<String>,
    pub(super) booked_on: Option<String>,
    pub(super) is_credit: Option<bool>,
    pub(super) kind: Option<Kind>,
    pub(super) payee: Option<String>,
    pub(super) purchased_on: Option<String>,
    pub(super) reference: Option<String>,
    pub(super) iban: Option<String>,
    pub(super) creditor_id: Option<String>,
    pub(super) mandate: Option<String>,
    pub(super) card: Option<String>,
    pub(super) city: Option<String>,
}

/// What the words after a mark are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Field {
    /// The other party itself.
    Name,
    Reference,
    Motive,
    Mandate,
    CreditorId,
    Iban,
    Card,
    /// Nothing of use.
    Nothing,
}

/// Words that say what comes after them.
#[derive(Debug)]
struct Mark {
    words: Vec<String>,
    needs_colon: bool,
    field: Field,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    rules: Vec<Rule>,
    marks: Vec<MarkRule>,
    glued_marks: Vec<String>,
    bank_kinds: Vec<BankKinds>,
    cities: Vec<String>,
    countries: Vec<String>,
    intermediaries: Vec<String>,
    salary: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct MarkRule {
    field: Field,
    words: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct BankKinds {
    kind: Kind,
    words: Vec<String>,
}

/// Names of places, of one to four words.
#[derive(Debug, Default)]
struct Places {
    names: WordSet,
    heads: WordSet,
}

impl Grammar {
    /// Compiles a file of rules; the error says what is wrong with it.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let file: File = toml::from_str(text).map_err(|error| error.to_string())?;
        let mut grammar = Self {
            rules: file.rules,
            by_first_word: WordMap::default(),
            by_any_word: Vec::new(),
            marks: marks(&file.marks),
            glued_marks: file.glued_marks.iter().map(|mark| folded(mark)).collect(),
            bank_kinds: file
                .bank_kinds
                .iter()
                .flat_map(|rule| rule.words.iter().map(|word| (folded(word), rule.kind)))
                .collect(),
            cities: Places::of(&file.cities),
            countries: set(&file.countries),
            intermediaries: set(&file.intermediaries),
            salary: set(&file.salary),
        };
        grammar.index();
        Ok(grammar)
    }

    /// The first rule that reads the label whole, and what its holes took.
    pub(super) fn read(&self, words: &Words<'_>) -> Option<(&Rule, Vec<Taken>)> {
        if words.len() == 0 {
            return None;
        }
        let cities = |at: usize| self.city(words, at);
        let known = [words.folded(0), words.bare(0)].into_iter().find_map(|word| self.by_first_word.get(word));
        let candidates = known.map_or(&[][..], Vec::as_slice).iter().chain(&self.by_any_word);
        candidates
            .map(|(rule, template)| (&self.rules[*rule], *template))
            .find_map(|(rule, template)| Some((rule, rule.labels[template].matches(words, &cities)?)))
    }

    /// The kind that the bank's own words name: the whole of them, else the first one.
    pub(super) fn bank_kind(&self, text: &str) -> Option<Kind> {
        let whole = folded(text.trim());
        let first = whole.split([' ', '/']).next().unwrap_or_default();
        self.bank_kinds.get(&whole).or_else(|| self.bank_kinds.get(first)).copied()
    }

    /// What a mark at that word announces, and how many words it has.
    pub(super) fn mark(&self, words: &Words<'_>, at: usize) -> Option<(Field, usize)> {
        let marks = self.marks.get(words.bare(at))?;
        let fits = |mark: &&Mark| {
            let end = at + mark.words.len();
            end <= words.len()
                && mark.words.iter().zip(at..).all(|(word, n)| words.bare(n) == word)
                && (!mark.needs_colon || words.folded(end - 1).ends_with([':', '+', '/']))
        };
        marks.iter().find(fits).map(|mark| (mark.field, mark.words.len()))
    }

    /// How many words at that place name a city; 0 when none do.
    pub(super) fn city(&self, words: &Words<'_>, at: usize) -> usize {
        self.cities.length(words, at)
    }

    pub(super) fn is_country(&self, word: &str) -> bool {
        self.countries.contains(word)
    }

    /// Whether a shop is paid through it: its name stands before the shop's.
    pub(super) fn is_intermediary(&self, word: &str) -> bool {
        self.intermediaries.contains(word)
    }

    /// Whether a transfer says that it is a salary.
    pub(super) fn says_salary(&self, words: &Words<'_>) -> bool {
        (0..words.len()).any(|n| self.salary.contains(words.bare(n)))
    }

    fn index(&mut self) {
        for (rule_at, rule) in self.rules.iter().enumerate() {
            for (template_at, template) in rule.labels.iter().enumerate() {
                let place = (rule_at, template_at);
                let Some(words) = template.first_words() else {
                    self.by_any_word.push(place);
                    continue;
                };
                for word in words {
                    let places = self.by_first_word.entry(word.to_owned()).or_default();
                    if places.last() != Some(&place) {
                        places.push(place);
                    }
                }
            }
        }
    }
}

impl Places {
    fn of(names: &[String]) -> Self {
        let names: WordSet = names.iter().map(|name| place(&folded(name))).collect();
        let heads = names.iter().filter_map(|name| name.split(' ').next()).map(str::to_owned).collect();
        Self { names, heads }
    }

    fn length(&self, words: &Words<'_>, at: usize) -> usize {
        if at >= words.len() {
            return 0;
        }
        let head = without_department(words.bare(at)).split('-').next().unwrap_or_default();
        let head = if head == "SAINT" || head == "STE" || head == "SAINTE" { "ST" } else { head };
        if !self.heads.contains(head) {
            return 0;
        }
        let most = (words.len() - at).min(4);
        let is_known = |n: usize| {
            let name: Vec<&str> = (at..at + n).map(|word| words.bare(word)).collect();
            self.names.contains(&place(without_department(&name.join(" "))))
        };
        (1..=most).rev().find(|n| is_known(*n)).unwrap_or(0)
    }
}

/// The name of a place as banks may write it: `SAINT-HERBLAIN` is `ST HERBLAIN`.
fn place(folded: &str) -> String {
    let parts = folded.split([' ', '-', '\'']).filter(|part| !part.is_empty());
    let parts: Vec<&str> =
        parts.map(|part| if matches!(part, "SAINT" | "SAINTE" | "STE") { "ST" } else { part }).collect();
    parts.join(" ")
}

/// `75PARIS` is Paris.
pub(super) fn without_department(word: &str) -> &str {
    let rest = word.trim_start_matches(|c: char| c.is_ascii_digit());
    if rest.len() > 2 && word.len() - rest.len() <= 5 { rest } else { word }
}

fn marks(rules: &[MarkRule]) -> WordMap<Vec<Mark>> {
    let mut marks: WordMap<Vec<Mark>> = WordMap::default();
    for rule in rules {
        for text in &rule.words {
            let text = folded(text);
            let words: Vec<String> = text.split(' ').map(|word| bare(word).to_owned()).collect();
            let needs_colon = text.ends_with([':', '+', '/']);
            marks.entry(words[0].clone()).or_default().push(Mark { words, needs_colon, field: rule.field });
        }
    }
    for marks in marks.values_mut() {
        // The longest one tells most.
        marks.sort_by_key(|mark| (std::cmp::Reverse(mark.words.len()), !mark.needs_colon));
    }
    marks
}

fn set(words: &[String]) -> WordSet {
    words.iter().map(|word| folded(word)).collect()
}

fn templates<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Vec<Template>, D::Error> {
    let texts = Vec::<String>::deserialize(deserializer)?;
    texts.iter().map(|text| Template::compile(text).map_err(serde::de::Error::custom)).collect()
}

/// What the hole of a template took first.
pub(super) fn taken_by(taken: &[Taken], hole: Hole) -> Option<(usize, usize)> {
    taken.iter().find(|(taken, _, _)| *taken == hole).map(|(_, from, to)| (*from, *to))
}
