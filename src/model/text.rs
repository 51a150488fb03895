//! Folding of human text: how two spellings of one label, header or name are known to be equal.

use std::borrow::Cow;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Folds a bank label for identity: runs of blanks (also no-break ones) become one blank, ends
/// are trimmed, upper case. Accents stay: they tell labels apart, and re-encoding keeps them.
///
/// Borrows when nothing changes, which is the common case on a million rows.
pub fn fold_label(text: &str) -> Cow<'_, str> {
    if is_folded_label(text) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    for word in text.split(is_blank).filter(|word| !word.is_empty()) {
        if !out.is_empty() {
            out.push(' ');
        }
        out.extend(word.chars().flat_map(char::to_uppercase));
    }
    Cow::Owned(out)
}

/// Folds a header cell or a keyword: lower case, accents and punctuation gone, single blanks.
///
/// `"Débit  (€)"` and `"debit"` fold to the same text; a replacement character folds to nothing,
/// so a header whose accents were destroyed can still be told by its skeleton.
pub fn fold_key(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.nfkd().filter(|c| !is_combining_mark(*c)) {
        if c.is_alphanumeric() {
            out.extend(c.to_lowercase());
        } else if !out.is_empty() && !out.ends_with(' ') && !matches!(c, '\'' | '’' | '\u{fffd}') {
            out.push(' ');
        }
    }
    out.truncate(out.trim_end().len());
    out
}

/// Upper case without accents: `Lefèvre` → `LEFEVRE`. Ligatures are spelled out.
pub fn without_accents(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.nfkd().filter(|c| !is_combining_mark(*c)) {
        match c {
            'œ' | 'Œ' => out.push_str("OE"),
            'æ' | 'Æ' => out.push_str("AE"),
            _ => out.extend(c.to_uppercase()),
        }
    }
    out
}

/// A blank in any file we meet: space, tab, line ends, no-break and narrow no-break spaces, BOM.
pub fn is_blank(c: char) -> bool {
    c.is_whitespace() || matches!(c, '\u{feff}' | '\u{200b}' | '\u{2060}')
}

fn is_folded_label(text: &str) -> bool {
    let bytes = text.as_bytes();
    if !text.is_ascii() || bytes.first() == Some(&b' ') || bytes.last() == Some(&b' ') {
        return false;
    }
    !bytes.iter().any(|b| b.is_ascii_lowercase() || (b.is_ascii_whitespace() && *b != b' '))
        && !bytes.windows(2).any(|pair| pair == b"  ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_fold_blanks_and_case() {
        assert_eq!(fold_label("CARTE 05/03 EPI D'OR"), "CARTE 05/03 EPI D'OR");
        assert_eq!(fold_label("  Carte\u{a0}05/03 \n Épi d'or "), "CARTE 05/03 ÉPI D'OR");
    }

    #[test]
    fn keys_fold_accents_and_punctuation() {
        assert_eq!(fold_key("Débit  (€)"), "debit");
        assert_eq!(fold_key("Date de l'opération\t"), "date de loperation");
        assert_eq!(fold_key("D\u{fffd}bit"), "dbit");
    }

    #[test]
    fn accents_go() {
        assert_eq!(without_accents("Lefèvre Cœur"), "LEFEVRE COEUR");
    }
}
