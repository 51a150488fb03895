//! Header rows: whether a row is one, and which of its cells a reference means.

use super::template::Template;
use crate::model::text::fold_key;

/// The cell of `reference`, and what a templated header says (`Amount ({currency})`).
///
/// `#5` is the fifth cell, `Name#2` the second cell of that name. A `{placeholder}` alone is no
/// cell.
pub fn resolve(reference: &str, cells: &[String]) -> Option<(usize, Vec<(String, String)>)> {
    if let Some(position) = reference.strip_prefix('#') {
        let position: usize = position.parse().ok()?;
        return position.checked_sub(1).map(|slot| (slot, Vec::new()));
    }
    if reference.starts_with('{') && reference.ends_with('}') {
        return None;
    }
    if reference.contains('{') {
        let template = Template::compile(reference).ok()?;
        return cells.iter().enumerate().find_map(|(slot, cell)| template.matches(cell).map(|said| (slot, said)));
    }
    let (name, nth) = match reference.rsplit_once('#') {
        Some((name, nth)) => (name, nth.parse::<usize>().ok()?),
        None => (reference, 1),
    };
    let mut same = cells.iter().enumerate().filter(|(_, cell)| same_header(name, cell));
    same.nth(nth.checked_sub(1)?).map(|(slot, _)| (slot, Vec::new()))
}

/// A cell that may be a header's, folded once for all names that it is compared with.
#[derive(Debug)]
pub struct HeaderCell<'a> {
    pub text: &'a str,
    key: String,
    /// The text with a mark for every destroyed letter, where there are some.
    damaged: Option<String>,
}

impl<'a> HeaderCell<'a> {
    pub fn new(text: &'a str) -> Self {
        let damaged = text.replace("ï¿½", "\u{fffd}");
        Self { text, key: fold_key(text), damaged: damaged.contains('\u{fffd}').then_some(damaged) }
    }

    /// The cells of a row.
    pub fn of_row(row: &'a [String]) -> Vec<Self> {
        row.iter().map(|cell| Self::new(cell)).collect()
    }

    /// Whether this is the header cell that `name` means: folded text, or the template's shape.
    pub fn is(&self, name: &Template) -> bool {
        if name.is_literal() { self.has_key(name.key()) } else { name.matches(self.text).is_some() }
    }

    /// Whether this is the header cell of that plain name.
    pub fn is_named(&self, name: &str) -> bool {
        self.has_key(&fold_key(name))
    }

    fn has_key(&self, key: &str) -> bool {
        self.key == key || self.damaged.as_ref().is_some_and(|damaged| is_skeleton(key, damaged))
    }
}

/// Whether a row holds every name of a header signature.
pub fn holds_signature(row: &[HeaderCell<'_>], signature: &[Template]) -> bool {
    row.len() >= signature.len() && signature.iter().all(|name| row.iter().any(|cell| cell.is(name)))
}

/// Whether two header names are one: case, accents, punctuation and destroyed accents aside.
fn same_header(name: &str, cell: &str) -> bool {
    HeaderCell::new(cell).is_named(name)
}

/// `D�bit` is a skeleton of `debit`: every destroyed character may stand for one letter.
fn is_skeleton(folded: &str, cell: &str) -> bool {
    let cell: Vec<char> = cell.to_lowercase().chars().filter(|c| c.is_alphanumeric() || *c == '\u{fffd}').collect();
    let name: Vec<char> = folded.chars().filter(|c| c.is_alphanumeric()).collect();
    cell.len() == name.len() && cell.iter().zip(&name).all(|(seen, meant)| *seen == '\u{fffd}' || seen == meant)
}
