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

/// Whether a row holds every name of a header signature.
pub fn holds_signature(row: &[String], signature: &[Template]) -> bool {
    row.len() >= signature.len() && signature.iter().all(|name| row.iter().any(|cell| matches_header(name, cell)))
}

/// Whether a header cell is the one that `name` means: folded text, or the template's shape.
pub fn matches_header(name: &Template, cell: &str) -> bool {
    if !name.is_literal() {
        return name.matches(cell).is_some();
    }
    same_header(name.text(), cell)
}

/// Whether two header names are one: case, accents, punctuation and destroyed accents aside.
pub fn same_header(name: &str, cell: &str) -> bool {
    let folded = fold_key(name);
    let damaged = cell.replace("ï¿½", "\u{fffd}");
    folded == fold_key(cell) || (damaged.contains('\u{fffd}') && is_skeleton(&folded, &damaged))
}

/// `D�bit` is a skeleton of `debit`: every destroyed character may stand for one letter.
fn is_skeleton(folded: &str, cell: &str) -> bool {
    let cell: Vec<char> = cell.to_lowercase().chars().filter(|c| c.is_alphanumeric() || *c == '\u{fffd}').collect();
    let name: Vec<char> = folded.chars().filter(|c| c.is_alphanumeric()).collect();
    cell.len() == name.len() && cell.iter().zip(&name).all(|(seen, meant)| *seen == '\u{fffd}' || seen == meant)
}
