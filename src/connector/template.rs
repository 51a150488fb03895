//! Templates: a line with holes, such as `Solde au {closing_on} {closing} €`.
//!
//! Literals are compared without regard to case, accents and the kind of blank. A hole takes the
//! shortest text up to the literal that follows it; a hole for a day or a sum takes nothing that
//! cannot be one. There is no repetition and no alternative: what needs those is another line in
//! the list.

use serde::{Deserialize, Deserializer, de};

use crate::model::text::fold_key;

/// The names a hole may have; `_` is thrown away.
///
/// `balance` is for banks that write the same line before and after the rows: it is the opening
/// balance before the first row of an account and the closing one after it. A stated balance
/// without a day is that of the first or the last row. `count` is how many rows there are.
/// `asked_from` and `asked_to` are the days that a document was asked for, as its name tells.
pub const HOLES: &[&str] = &[
    "_",
    "account",
    "account_name",
    "iban",
    "currency",
    "line",
    "meter",
    "kind",
    "unit",
    "step",
    "from",
    "to",
    "on",
    "count",
    "opening",
    "opening_on",
    "closing",
    "closing_on",
    "balance",
    "balance_on",
    "bill",
    "issuer",
    "contract",
    "total",
    "total_duration",
    "total_messages",
    "total_cost",
    "calendar",
    "book",
    "asked_from",
    "asked_to",
];

/// A compiled template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template {
    text: String,
    /// The text folded as header names are.
    key: String,
    parts: Vec<Part>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    /// Folded characters that must stand there.
    Literal(Vec<char>),
    Hole(String),
}

impl Template {
    /// Compiles a template; the error says what is wrong with it.
    pub fn compile(text: &str) -> Result<Self, String> {
        let mut parts = Vec::new();
        let mut rest = text;
        while let Some(open) = rest.find('{') {
            push_literal(&mut parts, &rest[..open]);
            let close =
                rest[open..].find('}').ok_or_else(|| format!("`{text}` opens a brace and does not close it"))?;
            let hole = &rest[open + 1..open + close];
            if !HOLES.contains(&hole) {
                return Err(format!("`{{{hole}}}` is not a placeholder; expected one of {}", HOLES.join(", ")));
            }
            parts.push(Part::Hole(hole.to_owned()));
            rest = &rest[open + close + 1..];
        }
        push_literal(&mut parts, rest);
        Ok(Self { text: text.to_owned(), key: fold_key(text), parts })
    }

    /// The template as written.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The template folded as header names are: for those without a hole.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// Whether it has no hole at all.
    pub fn is_literal(&self) -> bool {
        self.parts.iter().all(|part| matches!(part, Part::Literal(_)))
    }

    /// Matches the whole of `cell`; gives what the holes took, trimmed.
    pub fn matches(&self, cell: &str) -> Option<Vec<(String, String)>> {
        let original: Vec<char> = collapse(cell);
        let folded: Vec<char> = original.iter().map(|c| fold(*c)).collect();
        let mut taken = Vec::new();
        fill(&self.parts, &original, &folded, &mut taken).then(|| {
            taken.reverse();
            taken
        })
    }
}

/// Whether the parts make up the whole text; what the holes took comes last hole first.
fn fill(parts: &[Part], original: &[char], folded: &[char], taken: &mut Vec<(String, String)>) -> bool {
    match parts.split_first() {
        None => folded.is_empty(),
        Some((Part::Literal(literal), rest)) => {
            begins(folded, literal) && fill(rest, &original[literal.len()..], &folded[literal.len()..], taken)
        }
        Some((Part::Hole(name), rest)) => {
            let ends = ends_of_hole(rest, folded);
            ends.into_iter().any(|end| {
                let text: String = original[..end].iter().collect();
                let is_filled = may_hold(name, text.trim()) && fill(rest, &original[end..], &folded[end..], taken);
                if is_filled {
                    taken.push((name.clone(), text.trim().to_owned()));
                }
                is_filled
            })
        }
    }
}

/// Where a hole may end, the shortest first: before the literal that follows it.
fn ends_of_hole(rest: &[Part], folded: &[char]) -> Vec<usize> {
    match rest {
        [Part::Literal(next)] => folded.len().checked_sub(next.len()).into_iter().collect(),
        [Part::Literal(next), ..] => (0..=folded.len()).filter(|start| begins(&folded[*start..], next)).collect(),
        _ => vec![folded.len()],
    }
}

impl<'de> Deserialize<'de> for Template {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::compile(&text).map_err(de::Error::custom)
    }
}

/// Matches a row against a list of cell templates: every template its cell, further cells empty.
pub fn match_row(templates: &[Template], cells: &[String]) -> Option<Vec<(String, String)>> {
    let filled = cells.iter().rposition(|cell| !cell.trim().is_empty())? + 1;
    if filled > templates.len() {
        return None;
    }
    let mut taken = Vec::new();
    for (index, template) in templates.iter().enumerate() {
        taken.extend(template.matches(cells.get(index).map_or("", String::as_str))?);
    }
    Some(taken)
}

/// Whether a text can be what the hole's name says: days begin with a digit, sums hold digits and
/// no more letters than a currency has.
fn may_hold(hole: &str, text: &str) -> bool {
    let n_digits = text.bytes().filter(u8::is_ascii_digit).count();
    match hole {
        "opening" | "closing" | "balance" => n_digits > 0 && text.chars().filter(|c| c.is_alphabetic()).count() <= 3,
        "count" => n_digits > 0 && n_digits == text.len(),
        "asked_from" | "asked_to" => is_day_asked(text),
        "opening_on" | "closing_on" | "balance_on" => n_digits >= 4 && text.starts_with(|c: char| c.is_ascii_digit()),
        _ => true,
    }
}

/// A day (`2026-03-05`), or seconds since 1970.
fn is_day_asked(text: &str) -> bool {
    text.parse::<jiff::civil::Date>().is_ok_and(|_| text.len() == 10)
        || ((9..=10).contains(&text.len()) && text.bytes().all(|digit| digit.is_ascii_digit()))
}

/// Whether a text begins with a literal; a letter that was destroyed may have been any.
fn begins(folded: &[char], literal: &[char]) -> bool {
    folded.len() >= literal.len()
        && folded.iter().zip(literal).all(|(seen, meant)| seen == meant || *seen == char::REPLACEMENT_CHARACTER)
}

fn push_literal(parts: &mut Vec<Part>, text: &str) {
    if !text.is_empty() {
        parts.push(Part::Literal(text.chars().map(blank_as_space).map(fold).collect()));
    }
}

/// Trims, and makes every run of blanks one space.
fn collapse(cell: &str) -> Vec<char> {
    let mut out: Vec<char> = Vec::with_capacity(cell.len());
    for c in cell.trim().chars().map(blank_as_space) {
        if !(c == ' ' && out.last() == Some(&' ')) {
            out.push(c);
        }
    }
    out
}

fn blank_as_space(c: char) -> char {
    if crate::model::text::is_blank(c) { ' ' } else { c }
}

/// Folds one character to one character, so that places stay aligned.
fn fold(c: char) -> char {
    use unicode_normalization::UnicodeNormalization;
    let base = if c.is_ascii() { c } else { std::iter::once(c).nfd().next().unwrap_or(c) };
    match base {
        '’' => '\'',
        _ => base.to_lowercase().next().unwrap_or(base),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holes(template: &str, cell: &str) -> Option<Vec<(String, String)>> {
        Template::compile(template).expect("a good template").matches(cell)
    }

    #[expect(clippy::unnecessary_wraps, reason = "it stands beside what a template gives")]
    fn pairs(expected: &[(&str, &str)]) -> Option<Vec<(String, String)>> {
        Some(expected.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect())
    }

    #[test]
    fn holes_take_what_stands_between_literals() {
        assert_eq!(
            holes("Solde au {closing_on} {closing} €", "SOLDE AU 05/03/2026  3\u{a0}210,45\u{a0}€"),
            pairs(&[("closing_on", "05/03/2026"), ("closing", "3 210,45")])
        );
        assert_eq!(
            holes("{_} carte n° {account}", "Compte de Dépôt carte n° 123"),
            pairs(&[("_", "Compte de Dépôt"), ("account", "123")])
        );
        assert_eq!(holes("Solde au {closing_on}", "Total"), None);
    }

    #[test]
    fn a_hole_takes_more_when_what_follows_does_not_fit() {
        let template = "bank-{account}-{asked_from}-{asked_to}.json";
        assert_eq!(
            holes(template, "bank-3fa85f64-5717-4562-2026-03-01-2026-03-31.json"),
            pairs(&[("account", "3fa85f64-5717-4562"), ("asked_from", "2026-03-01"), ("asked_to", "2026-03-31")])
        );
        assert_eq!(holes(template, "bank-1-1772323200-1774915200.json").map(|said| said.len()), Some(3));
        assert_eq!(holes(template, "bank-1-march-april.json"), None);
    }

    #[test]
    fn days_and_sums_are_not_taken_for_words() {
        assert_eq!(holes("{closing}", "1 234,56 EUR"), pairs(&[("closing", "1 234,56 EUR")]));
        assert_eq!(holes("{closing}", "VIR SEPA 12"), None);
        assert_eq!(holes("{closing_on}", "FACTURE 110126"), None);
        assert_eq!(holes("{count}", "12"), pairs(&[("count", "12")]));
        assert_eq!(holes("{count}", ""), None);
    }

    #[test]
    fn destroyed_letters_may_have_been_any() {
        assert_eq!(holes("Numéro de compte : {account}", "Num\u{fffd}ro de compte : 12"), pairs(&[("account", "12")]));
        assert_eq!(
            holes("{_} carte n° {account}", "D\u{fffd}p\u{fffd}t carte n\u{fffd} 12").map(|said| said.len()),
            Some(2)
        );
    }

    #[test]
    fn unknown_holes_are_refused_with_the_names() {
        let error = Template::compile("{acount}").expect_err("a misspelt hole");
        assert!(error.contains("expected one of") && error.contains("account"), "{error}");
    }

    #[test]
    fn rows_match_cell_by_cell() {
        let templates: Vec<Template> = ["{opening_on}", "{opening}", "", "{account}"]
            .iter()
            .map(|t| Template::compile(t).expect("good"))
            .collect();
        let cells: Vec<String> = ["07/01/2026", "500,00", "", "00451 098285A", ""].map(str::to_owned).to_vec();
        assert!(match_row(&templates, &cells).is_some());
        let longer: Vec<String> = ["07/01/2026", "-33,25", "Carte", "", "CB MONOPRIX"].map(str::to_owned).to_vec();
        assert!(match_row(&templates, &longer).is_none());
    }
}
