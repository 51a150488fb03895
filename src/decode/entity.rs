//! Character references (`&amp;`, `&#233;`, `&eacute;`) in text that is not quite XML.
//!
//! Only the names that French and English documents hold are known; an unknown one stays as it
//! stands, because a bare `&` is common in shop names.

use std::borrow::Cow;

/// Replaces character references, also doubly written ones (`&amp;lt;` is `<`).
pub fn unescape(text: &str) -> Cow<'_, str> {
    if !text.contains('&') {
        return Cow::Borrowed(text);
    }
    let once = unescape_once(text);
    if once.contains('&') { Cow::Owned(unescape_once(&once)) } else { Cow::Owned(once) }
}

/// Reads the references in the cells of a row, also those that a `;` between cells has cut in two
/// (`R&Eacute` and `SIDENCE`).
pub fn mend(cells: &mut Vec<String>) {
    let mut at = 0;
    while at < cells.len() {
        while at + 1 < cells.len() && ends_in_reference(&cells[at]) {
            let rest = cells.remove(at + 1);
            cells[at].push(';');
            cells[at].push_str(&rest);
        }
        if let Cow::Owned(text) = unescape(&cells[at]) {
            cells[at] = text;
        }
        at += 1;
    }
}

/// Whether a cell ends in a reference that lacks only its `;`.
fn ends_in_reference(cell: &str) -> bool {
    let Some(at) = cell.rfind('&') else { return false };
    let whole = format!("{};", &cell[at..]);
    reference(&whole).is_some_and(|(_, len)| len == whole.len())
}

/// Longest reference looked for, in bytes, without `&` and `;`.
const LONGEST: usize = 8;

fn unescape_once(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let (c, len) = reference(rest).unwrap_or(('&', 1));
        out.push(c);
        rest = &rest[len..];
    }
    out + rest
}

/// The character referred to at the start of `text`, and the bytes the reference takes.
fn reference(text: &str) -> Option<(char, usize)> {
    let end = text.bytes().take(LONGEST + 2).position(|b| b == b';')?;
    let name = &text[1..end];
    let c = match name.strip_prefix('#') {
        Some(number) => numbered(number)?,
        None => named(name)?,
    };
    Some((c, end + 1))
}

fn numbered(number: &str) -> Option<char> {
    let code = match number.strip_prefix(['x', 'X']) {
        Some(hex) => u32::from_str_radix(hex, 16).ok()?,
        None => number.parse().ok()?,
    };
    char::from_u32(code).filter(|c| *c != '\0')
}

fn named(name: &str) -> Option<char> {
    NAMED.iter().find(|(known, _)| *known == name).map(|(_, c)| *c)
}

/// XML's own five and the Latin-1 letters of western Europe (HTML 4.01 §24.2).
const NAMED: [(&str, char); 48] = [
    ("amp", '&'),
    ("lt", '<'),
    ("gt", '>'),
    ("quot", '"'),
    ("apos", '\''),
    ("nbsp", ' '),
    ("euro", '€'),
    ("pound", '£'),
    ("deg", '°'),
    ("laquo", '«'),
    ("raquo", '»'),
    ("rsquo", '’'),
    ("agrave", 'à'),
    ("aacute", 'á'),
    ("acirc", 'â'),
    ("auml", 'ä'),
    ("ccedil", 'ç'),
    ("egrave", 'è'),
    ("eacute", 'é'),
    ("ecirc", 'ê'),
    ("euml", 'ë'),
    ("icirc", 'î'),
    ("iuml", 'ï'),
    ("ntilde", 'ñ'),
    ("ocirc", 'ô'),
    ("ouml", 'ö'),
    ("ugrave", 'ù'),
    ("ucirc", 'û'),
    ("uuml", 'ü'),
    ("oelig", 'œ'),
    ("szlig", 'ß'),
    ("Agrave", 'À'),
    ("Acirc", 'Â'),
    ("Auml", 'Ä'),
    ("Ccedil", 'Ç'),
    ("Egrave", 'È'),
    ("Eacute", 'É'),
    ("Ecirc", 'Ê'),
    ("Euml", 'Ë'),
    ("Icirc", 'Î'),
    ("Iuml", 'Ï'),
    ("Ntilde", 'Ñ'),
    ("Ocirc", 'Ô'),
    ("Ouml", 'Ö'),
    ("Ugrave", 'Ù'),
    ("Ucirc", 'Û'),
    ("Uuml", 'Ü'),
    ("OElig", 'Œ'),
];

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn references_are_replaced_once_or_twice() {
        assert_eq!(unescape("R&amp;D"), "R&D");
        assert_eq!(unescape("a &amp;lt; b"), "a < b");
        assert_eq!(unescape("caf&eacute; &#233;&#xE9;"), "café éé");
        assert_eq!(unescape("H&M &unknown; &; &#xZZ; &#0; A&B;"), "H&M &unknown; &; &#xZZ; &#0; A&B;");
    }

    #[test]
    fn references_cut_by_a_separator_are_mended() {
        let mut cells =
            ["13/01/2026", "R&Eacute", "SIDENCE D'&Eacute", "T&eacute", "", "-1", "H&M"].map(str::to_owned).to_vec();
        mend(&mut cells);
        assert_eq!(cells, ["13/01/2026", "RÉSIDENCE D'ÉTé", "-1", "H&M"]);
    }

    proptest! {
        #[test]
        fn any_text_is_taken(text in "[&;#xa-zé0-9]{0,40}") {
            unescape(&text);
        }
    }
}
