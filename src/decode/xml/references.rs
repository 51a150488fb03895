//! Character references of XML: `&amp;` and its four siblings, `&#233;`, `&#xE9;`.
//!
//! Two numeric references to the halves of a surrogate pair (`&#55357;&#56832;`, which old
//! versions of SMS Backup & Restore write for an emoji) are one character. What is not a reference
//! stays as it stands: no other name is ever looked up.

use std::borrow::Cow;

/// Replaces references once.
pub fn unescape(text: &str) -> Cow<'_, str> {
    if !text.contains('&') {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        out.push_str(&rest[..at]);
        let (c, after) = character(&rest[at..]).unwrap_or(('&', &rest[at + 1..]));
        out.push(c);
        rest = after;
    }
    Cow::Owned(out + rest)
}

/// Makes a literal text (a CDATA section) safe to unescape.
pub fn escape(text: &str) -> Cow<'_, str> {
    if text.contains('&') { Cow::Owned(text.replace('&', "&amp;")) } else { Cow::Borrowed(text) }
}

/// The longest reference looked at, in bytes, with `&` and `;`.
const LONGEST: usize = 12;

/// The character at the start of a text that begins with `&`, and the text after it.
fn character(text: &str) -> Option<(char, &str)> {
    let (name, after) = reference(text)?;
    if !name.starts_with('#') {
        return named(name).map(|c| (c, after));
    }
    let code = number(name)?;
    if let Some(c) = char::from_u32(code) {
        return Some((c, after));
    }
    match reference(after).and_then(|(low, after)| Some((joined(code, number(low)?)?, after))) {
        Some(pair) => Some(pair),
        // Half a pair, or beyond Unicode.
        None => Some((char::REPLACEMENT_CHARACTER, after)),
    }
}

fn reference(text: &str) -> Option<(&str, &str)> {
    let inside = text.strip_prefix('&')?;
    let end = inside.bytes().take(LONGEST).position(|b| b == b';')?;
    Some((&inside[..end], &inside[end + 1..]))
}

fn named(name: &str) -> Option<char> {
    Some(match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        _ => return None,
    })
}

fn number(name: &str) -> Option<u32> {
    let number = name.strip_prefix('#')?;
    match number.strip_prefix(['x', 'X']) {
        Some(hex) => u32::from_str_radix(hex, 16).ok(),
        None => number.parse().ok(),
    }
}

fn joined(high: u32, low: u32) -> Option<char> {
    let pair = [u16::try_from(high).ok()?, u16::try_from(low).ok()?];
    char::decode_utf16(pair).next()?.ok().filter(|c| u32::from(*c) > 0xffff)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn references_become_characters_once() {
        for (text, expected) in [
            ("plain", "plain"),
            ("R&amp;D &lt;&gt;&quot;&apos;", "R&D <>\"'"),
            ("&amp;lt;", "&lt;"),
            ("caf&#233; &#xE9;&#10;", "café é\n"),
            ("&#128512;", "😀"),
            ("&#55357;&#56832;", "😀"),
            ("&#xD83D;&#xDE00;!", "😀!"),
            ("&#55357; &#56832;", "\u{fffd} \u{fffd}"),
            ("&#55357;x", "\u{fffd}x"),
            ("&#55357;&#233;", "\u{fffd}é"),
            ("&#9999999;", "\u{fffd}"),
            ("A & B &eacute; &; &#; &#x; &amp", "A & B &eacute; &; &#; &#x; &amp"),
        ] {
            assert_eq!(unescape(text), expected, "{text}");
        }
    }

    proptest! {
        #[test]
        fn escaping_is_undone(text in "\\PC{0,60}") {
            let escaped = escape(&text);
            prop_assert_eq!(unescape(&escaped), text.as_str());
        }

        #[test]
        fn any_references_are_taken(text in "[&#x0-9A-F;dDé]{0,60}") {
            let _ = unescape(&text);
        }
    }
}
