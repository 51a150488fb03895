//! What stands after a payee: `MOTIF: …`, `REF …`, `MANDAT …`, `CARTE …`, and bare numbers.

use super::grammar::{Field, Grammar};
use super::holes;
use super::numbers;
use super::read::Reading;
use super::words::Words;

/// Longest reference that ISO 20022 knows.
const MOST_REFERENCE: usize = 35;

/// Reads the marks between two words into the reading; gives the words that are left to be the
/// payee: those before the first mark, or those after one that announces a name.
pub(super) fn read(grammar: &Grammar, words: &Words<'_>, range: (usize, usize), into: &mut Reading) -> (usize, usize) {
    let (from, to) = range;
    let mut name = None;
    let mut end = to;
    let mut at = from;
    while at < to {
        let Some((field, n)) = grammar.mark(words, at).filter(|(_, n)| at + n <= to) else {
            at += 1;
            continue;
        };
        if at == from && field == Field::Motive && !words.folded(at).ends_with(':') {
            // `LOYER RESIDENCE` has no other name.
            at += 1;
            continue;
        }
        let next = (at + n..to).find(|next| grammar.mark(words, *next).is_some()).unwrap_or(to);
        end = end.min(at);
        match field {
            Field::Name if at + n < next => name = Some((at + n, next)),
            // The mark itself says what it is for: `LOYER MARS`.
            Field::Motive => into.motive = into.motive.take().or_else(|| Some(words.written(at, next).to_owned())),
            _ => keep(field, words, (at + n, next), into),
        }
        at = next.max(at + n);
    }
    name.unwrap_or((from, end))
}

/// IBAN and creditor identifier, wherever they stand, known by their check digits; gives the
/// place of the first one.
pub(super) fn numbers(words: &Words<'_>, into: &mut Reading) -> Option<usize> {
    let mut first = None;
    for at in 0..words.len() {
        let mut is_found = false;
        if into.iban.is_none()
            && let Some((iban, _)) = numbers::iban(words, at)
        {
            into.iban = Some(iban);
            is_found = true;
        } else if into.creditor_id.is_none()
            && let Some(id) = numbers::creditor(words.bare(at))
        {
            into.creditor_id = Some(id);
            is_found = true;
        }
        if is_found && first.is_none() {
            first = Some(at);
        }
    }
    first
}

fn keep(field: Field, words: &Words<'_>, range: (usize, usize), into: &mut Reading) {
    let (from, to) = range;
    if from >= to {
        return;
    }
    match field {
        Field::Reference => {
            let text = words.written(from, to).trim_matches([' ', ',', ';']);
            let text = if text.len() > MOST_REFERENCE { words.word(from) } else { text };
            into.reference.get_or_insert_with(|| text.to_owned());
        }
        Field::Mandate => {
            into.mandate.get_or_insert_with(|| words.word(from).trim_end_matches([',', ';']).to_owned());
        }
        Field::Card => {
            if let Some(card) = holes::card(words.bare(from)) {
                into.card.get_or_insert_with(|| card.to_owned());
            }
        }
        // Numbers are found by their check digits.
        Field::CreditorId | Field::Iban | Field::Name | Field::Motive | Field::Nothing => {}
    }
}
