//! The name of the other party, out of the words of a label that hold it.
//!
//! What is not the name goes: numbers of cards, tills and orders, dates, amounts, the city and
//! the country at the end of a shop's words, and the intermediary before them. What is left is
//! written as the bank wrote it.

use super::grammar::{Grammar, without_department};
use super::holes::{self, Hole};
use super::numbers;
use super::words::Words;

/// Blanks that part the name of a fixed-width field from the address after it.
const GAP: usize = 5;
/// Words that cannot end a name.
const LOOSE_ENDS: [&str; 16] =
    ["A", "AU", "DE", "DU", "LE", "LA", "EN", "ET", "D'", "NO", "N°", "AT", "VON", "BEI", "NR", "VIS"];
/// Words of money beside an amount.
const CURRENCIES: [&str; 10] = ["EUR", "EUROS", "USD", "GBP", "CHF", "CAD", "SEK", "DKK", "JPY", "€"];

/// A cleaned name and the city that stood after it.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Named {
    pub(super) payee: Option<String>,
    pub(super) city: Option<String>,
}

/// Cleans the words from one to before another one; `is_shop` says whether a city may follow.
pub(super) fn clean(grammar: &Grammar, words: &Words<'_>, range: (usize, usize), is_shop: bool) -> Named {
    let (from, to) = range;
    let mut kept: Vec<usize> = (from..to).collect();
    let city = if is_shop { cut_places(grammar, words, &mut kept) } else { None };
    if let Some(gap) = (1..kept.len()).find(|n| words.gap_before(kept[*n]) >= GAP) {
        kept.truncate(gap);
    }
    cut_country(grammar, words, &mut kept);
    cut_end(words, &mut kept);
    drop_codes(words, &mut kept);
    cut_end(words, &mut kept);
    let start = after_intermediary(grammar, words, &kept);
    let payee = joined(words, &kept[start..]);
    Named { payee, city }
}

/// Takes city, country and postal code off the end; gives the city.
fn cut_places(grammar: &Grammar, words: &Words<'_>, kept: &mut Vec<usize>) -> Option<String> {
    if let Some(slashes) = kept.iter().position(|n| words.word(*n).contains("//")) {
        let city = words.word(kept[slashes]).split("//").nth(1).unwrap_or_default();
        let city = city.split('/').next().filter(|city| !city.is_empty()).map(str::to_owned);
        kept.truncate(slashes + 1);
        return city;
    }
    cut_end(words, kept);
    while kept.len() > 1 && grammar.is_country(words.bare(kept[kept.len() - 1])) {
        kept.pop();
        cut_end(words, kept);
    }
    let end = kept.len();
    let longest = (1..=4.min(end.saturating_sub(1))).rev();
    for n in longest {
        let at = kept[end - n];
        if grammar.city(words, at) != n || is_bound(words.bare(kept[end - n - 1])) {
            continue;
        }
        let city = without_department(words.written(at, kept[end - 1] + 1)).trim_end_matches(',').to_owned();
        kept.truncate(end - n);
        return Some(city);
    }
    None
}

/// Takes a country off the end where a number stands before it: `NETFLIX.COM 442213 FR`.
fn cut_country(grammar: &Grammar, words: &Words<'_>, kept: &mut Vec<usize>) {
    if let [.., before, last] = kept[..]
        && is_code(words.bare(before))
        && grammar.is_country(words.bare(last))
    {
        kept.pop();
    }
}

/// Words that tie the next one to themselves: `VILLE DE NANTES` is not a town in Nantes.
fn is_bound(word: &str) -> bool {
    matches!(
        word,
        "DE" | "DU" | "DES" | "D'" | "LE" | "LA" | "LES" | "OF" | "A" | "AU" | "PETIT" | "GRAND" | "VON" | "ET" | "&"
    )
}

/// Takes numbers, codes and loose words off the end, the first word apart.
fn cut_end(words: &Words<'_>, kept: &mut Vec<usize>) {
    let mut is_cut = false;
    while kept.len() > 1 {
        let word = words.bare(kept[kept.len() - 1]);
        let is_sign = !word.chars().any(char::is_alphanumeric);
        // `LIVRET A` ends so; `CAFE A 14H30` does not.
        let is_loose = is_cut && LOOSE_ENDS.contains(&word);
        if !(is_sign || is_loose || is_code(word) || CURRENCIES.contains(&word)) {
            break;
        }
        is_cut = true;
        kept.pop();
    }
}

/// Takes long codes out of the middle.
fn drop_codes(words: &Words<'_>, kept: &mut Vec<usize>) {
    // A number can be a name, but not where other words follow it.
    let mut is_first = kept.len() < 2 || words.bare(kept[1]).len() < 3;
    kept.retain(|n| {
        let word = words.bare(*n);
        let n_digits = word.bytes().filter(u8::is_ascii_digit).count();
        let stays =
            is_first || !(n_digits >= 4 || is_code(word)) || (word.contains('*') && holes::card(word).is_none());
        is_first = false;
        stays && (word.chars().any(char::is_alphanumeric) || matches!(word, "&" | "*"))
    });
}

/// Whether a word is a number, a date, an amount or the code of an order, not part of a name.
fn is_code(word: &str) -> bool {
    let n_digits = word.bytes().filter(u8::is_ascii_digit).count();
    let is_date = [Hole::DayMonthYear, Hole::DayMonth].iter().any(|hole| holes::date(*hole, word).is_some());
    let is_card = word.contains(['*', 'X']) && holes::card(word).is_some();
    is_card
        || n_digits > 0
            && !word.contains('*')
            && (n_digits >= 3
                || is_date
                || word.contains('€')
                || (n_digits >= 2 && (word.len() >= 6 || holes::is_number(word)) && without_department(word) == word)
                || word.starts_with('#')
                || numbers::creditor(word).is_some())
}

/// Where the shop's own name starts: after `SUMUP *` and its like.
fn after_intermediary(grammar: &Grammar, words: &Words<'_>, kept: &[usize]) -> usize {
    let Some(first) = kept.first() else { return 0 };
    let has_star = |at: usize| kept.get(at).is_some_and(|n| words.word(*n).contains('*'));
    let name = words.bare(*first).trim_end_matches('*');
    usize::from(kept.len() > 1 && grammar.is_intermediary(name) && (has_star(0) || has_star(1)))
}

/// The words with single blanks; stars part, and what follows one with digits is a code.
fn joined(words: &Words<'_>, kept: &[usize]) -> Option<String> {
    let mut out = String::new();
    let mut is_after_star = false;
    let mut last = None;
    for n in kept {
        let word = words.word(*n).split("//").next().unwrap_or_default();
        let mut parts = word.split('*');
        let first = parts.next().unwrap_or_default();
        // What was parted at a colon that announces nothing is one word again.
        let is_glued = last == n.checked_sub(1) && words.gap_before(*n) == 0;
        if is_glued && !is_after_star {
            out.push_str(first);
        } else {
            push(&mut out, first, is_after_star);
        }
        last = Some(*n);
        is_after_star = word.ends_with('*');
        for part in parts {
            push(&mut out, part, true);
        }
    }
    let out = out.trim_matches([' ', ',', ';', '/', '-', ':', '"', '|']);
    (!out.is_empty()).then(|| out.to_owned())
}

fn push(out: &mut String, part: &str, is_after_star: bool) {
    if part.is_empty() || (is_after_star && !out.is_empty() && part.bytes().any(|b| b.is_ascii_digit())) {
        return;
    }
    if !out.is_empty() {
        out.push(' ');
    }
    out.push_str(part);
}
