//! The lines of a card where they stand: properties are found and told apart without copying a
//! value, so that a card with a photo of ten megabytes costs one look for line ends.
//!
//! Folds are undone only for what is read. Values are never changed here.

use std::borrow::Cow;

use encoding_rs::{Encoding, WINDOWS_1252};
use memchr::{memchr, memchr2};

const UTF8_BOM: &[u8] = b"\xef\xbb\xbf";

/// One property as it stands in a card, with its folds and its line end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Line<'a> {
    pub raw: &'a [u8],
    /// 1-based number of its first physical line.
    pub number: usize,
}

/// The lines of a card, blank ones too: their bytes put together are the card, but for a byte
/// order mark.
pub fn lines(card: &[u8]) -> Lines<'_> {
    Lines { rest: card.strip_prefix(UTF8_BOM).unwrap_or(card), n_before: 0 }
}

/// Iterator of [`lines`].
#[derive(Debug, Clone)]
pub struct Lines<'a> {
    rest: &'a [u8],
    n_before: usize,
}

impl<'a> Iterator for Lines<'a> {
    type Item = Line<'a>;

    fn next(&mut self) -> Option<Line<'a>> {
        let whole = self.rest;
        let number = self.n_before + 1;
        let mut n_taken = physical(whole)?;
        self.n_before += 1;
        while let Some(next) = whole.get(n_taken..).filter(|next| continues(&whole[..n_taken], next)) {
            n_taken += physical(next).unwrap_or_default();
            self.n_before += 1;
        }
        self.rest = &whole[n_taken..];
        Some(Line { raw: &whole[..n_taken], number })
    }
}

impl<'a> Line<'a> {
    pub fn is_blank(&self) -> bool {
        self.raw.trim_ascii().is_empty()
    }

    /// `item1.TEL` of `item1.TEL;TYPE=HOME:1`; nothing where no name stands.
    pub fn full_name(&self) -> Option<Cow<'a, [u8]>> {
        let name = without_folds(&self.raw[..memchr2(b';', b':', self.raw)?]);
        let is_name = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.' | b'/');
        (!name.is_empty() && name.trim_ascii().iter().all(is_name)).then_some(name)
    }

    /// The name without its group is that one, whatever its case.
    pub fn is(&self, name: &str) -> bool {
        self.full_name().is_some_and(|full| base_of(&full).eq_ignore_ascii_case(name.as_bytes()))
    }

    /// Where the value begins; quotes may hide colons in front of it.
    pub fn value_at(&self) -> Option<usize> {
        let mut is_quoted = false;
        let outside = self.raw.iter().position(|b| {
            is_quoted ^= *b == b'"';
            *b == b':' && !is_quoted
        });
        outside.or_else(|| memchr(b':', self.raw)).map(|at| at + 1)
    }

    /// Name and parameters in front of the colon, folds undone.
    pub fn head(&self) -> Cow<'a, str> {
        let end = self.value_at().map_or(self.raw.len(), |at| at - 1);
        decoded(without_folds(&self.raw[..end]), None)
    }

    /// The value, folds undone, as text: escapes still stand.
    pub fn value(&self) -> Cow<'a, str> {
        let at = self.value_at().unwrap_or(self.raw.len());
        let raw = without_line_end(&self.raw[at..]);
        let bytes = if says(self.raw, b"QUOTED-PRINTABLE") { without_soft_breaks(raw) } else { without_folds(raw) };
        if std::str::from_utf8(&bytes).is_ok() {
            return decoded(bytes, None);
        }
        let head = self.head();
        let named = head.split(';').filter_map(|part| part.split_once('='));
        let charset = named.filter(|(name, _)| name.eq_ignore_ascii_case("CHARSET")).map(|(_, value)| value).next();
        decoded(bytes, charset.and_then(|label| Encoding::for_label(label.as_bytes())))
    }

    /// Whether its bytes are text of the encoding that cards have.
    pub fn is_utf8(&self) -> bool {
        std::str::from_utf8(self.raw).is_ok() || std::str::from_utf8(&without_folds(without_line_end(self.raw))).is_ok()
    }
}

/// `TEL` of `item1.TEL`.
pub fn base_of(full_name: &[u8]) -> &[u8] {
    let full_name = full_name.trim_ascii();
    full_name.iter().rposition(|b| *b == b'.').map_or(full_name, |at| &full_name[at + 1..])
}

/// `item1` of `item1.TEL`.
pub fn group_of(full_name: &[u8]) -> Option<&[u8]> {
    let full_name = full_name.trim_ascii();
    full_name.iter().rposition(|b| *b == b'.').map(|at| &full_name[..at])
}

/// Length of the first physical line with its end.
fn physical(rest: &[u8]) -> Option<usize> {
    if rest.is_empty() {
        return None;
    }
    Some(memchr(b'\n', rest).map_or(rest.len(), |at| at + 1))
}

/// Whether the line that begins `next` belongs to the one before it: a fold (RFC 6350 §3.2), or
/// what old programs send for one behind quoted-printable and base64.
fn continues(line: &[u8], next: &[u8]) -> bool {
    match next {
        [] => return false,
        [b' ' | b'\t', ..] => return !line.trim_ascii().is_empty(),
        _ => {}
    }
    let next = &next[..physical(next).unwrap_or_default()];
    let ends_softly = without_line_end(line).ends_with(b"=");
    let is_bare = |next: &[u8]| next.iter().all(|b| b.is_ascii_alphanumeric() || b"+/=".contains(b));
    if ends_softly && !is_mark(next) {
        return says(line, b"QUOTED-PRINTABLE");
    }
    let text = without_line_end(next);
    !text.is_empty()
        && memchr(b':', text).is_none()
        && is_bare(text)
        && (says(line, b"BASE64") || says(line, b"ENCODING=B"))
}

fn is_mark(line: &[u8]) -> bool {
    let begins = |mark: &[u8]| line.get(..mark.len()).is_some_and(|start| start.eq_ignore_ascii_case(mark));
    begins(b"END:") || begins(b"BEGIN:")
}

fn says(line: &[u8], word: &[u8]) -> bool {
    let head = &line[..memchr(b':', line).unwrap_or(line.len())];
    head.windows(word.len()).any(|here| here.eq_ignore_ascii_case(word))
}

fn without_line_end(text: &[u8]) -> &[u8] {
    let text = text.strip_suffix(b"\n").unwrap_or(text);
    let n_ends = text.iter().rev().take_while(|b| **b == b'\r').count();
    &text[..text.len() - n_ends]
}

/// Line ends and the blank behind each taken out.
fn without_folds(bytes: &[u8]) -> Cow<'_, [u8]> {
    if memchr(b'\n', bytes).is_none() {
        return Cow::Borrowed(bytes);
    }
    let mut out = Vec::with_capacity(bytes.len());
    for (n, part) in bytes.split(|b| *b == b'\n').enumerate() {
        let part = without_line_end(part);
        let is_fold = n > 0 && matches!(part, [b' ' | b'\t', ..]);
        out.extend_from_slice(if is_fold { &part[1..] } else { part });
    }
    Cow::Owned(out)
}

/// As quoted-printable breaks lines: an equals sign ends each, and a blank behind it is text.
fn without_soft_breaks(bytes: &[u8]) -> Cow<'_, [u8]> {
    let mut out = Vec::with_capacity(bytes.len());
    let mut was_soft = false;
    for part in bytes.split(|b| *b == b'\n').map(without_line_end) {
        let is_fold = !was_soft && !out.is_empty() && matches!(part, [b' ' | b'\t', ..]);
        let part = if is_fold { &part[1..] } else { part };
        was_soft = part.ends_with(b"=");
        out.extend_from_slice(part.strip_suffix(b"=").unwrap_or(part));
    }
    Cow::Owned(out)
}

fn decoded<'a>(bytes: Cow<'a, [u8]>, charset: Option<&'static Encoding>) -> Cow<'a, str> {
    let bytes = match bytes {
        Cow::Borrowed(bytes) => match std::str::from_utf8(bytes) {
            Ok(text) => return Cow::Borrowed(text),
            Err(_) => bytes.to_vec(),
        },
        Cow::Owned(bytes) => match String::from_utf8(bytes) {
            Ok(text) => return Cow::Owned(text),
            Err(error) => error.into_bytes(),
        },
    };
    let (text, _) = charset.unwrap_or(WINDOWS_1252).decode_without_bom_handling(&bytes);
    Cow::Owned(text.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names_and_values(card: &[u8]) -> Vec<(String, String)> {
        let named = lines(card).filter_map(|line| Some((line.full_name()?, line.value())));
        named.map(|(name, value)| (String::from_utf8_lossy(&name).into_owned(), value.into_owned())).collect()
    }

    fn check(card: &[u8], expected: &[(&str, &str)]) {
        let expected: Vec<_> = expected.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
        assert_eq!(names_and_values(card), expected);
        let whole: Vec<u8> = lines(card).flat_map(|line| line.raw.to_vec()).collect();
        assert_eq!(whole, card.strip_prefix(UTF8_BOM).unwrap_or(card));
    }

    #[test]
    fn folds_may_cut_names_and_letters() {
        check(
            b"item1.T\r\n EL;TYPE=\r\n HOME:1\r\n 2\r\nNOTE:caf\xc3\n\t\xa9",
            &[("item1.TEL", "12"), ("NOTE", "café")],
        );
    }

    #[test]
    fn quotes_hide_colons() {
        check(b"ADR;LABEL=\"a:b\";X=1:;;c\n\nFN:x", &[("ADR", ";;c"), ("FN", "x")]);
        check(b"ADR;LABEL=\"a:b\n", &[("ADR", "b")]);
    }

    #[test]
    fn what_old_programs_send_for_folds() {
        check(b"PHOTO;ENCODING=b:AAAA\nBBBB\nCC==\nFN:x\n", &[("PHOTO", "AAAABBBBCC=="), ("FN", "x")]);
        check(b"NOTE;ENCODING=QUOTED-PRINTABLE:a=\nb:c\nEND:VCARD", &[("NOTE", "ab:c"), ("END", "VCARD")]);
    }

    #[test]
    fn other_encodings_are_read() {
        check(b"\xef\xbb\xbfFN;CHARSET=ISO-8859-15:\xa4\nN:R\xe9;;;;", &[("FN", "€"), ("N", "Ré;;;;")]);
    }
}
