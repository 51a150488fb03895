//! Bytes to the content lines of iCalendar and vCard (RFC 5545 §3.1, RFC 6350 §3.2, vCard 2.1 §2).
//!
//! Unfolding is done on bytes, before decoding, because a fold may cut a UTF-8 sequence in two.
//! Lines say nothing yet of names and parameters: that is `decode::property`.

use std::borrow::Cow;

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

/// How far into a line its parameters are looked for.
const HEAD_LIMIT: usize = 1_024;
const UTF8_BOM: &[u8] = b"\xef\xbb\xbf";

/// One content line, unfolded and decoded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContentLine<'a> {
    /// 1-based number of its first physical line.
    pub number: u64,
    pub text: Cow<'a, str>,
    /// What the line's bytes were decoded from.
    pub encoding: &'static Encoding,
    /// Bytes of the document that it takes, line end excluded.
    pub start: usize,
    pub end: usize,
}

/// The document without byte order mark and NUL padding, UTF-16 turned into UTF-8, and the
/// encoding that the whole of it is in, when its first bytes tell.
pub fn plain(bytes: &[u8]) -> (Cow<'_, [u8]>, Option<&'static Encoding>) {
    if let Some(rest) = bytes.strip_prefix(UTF8_BOM) {
        return (without_nul(rest), Some(UTF_8));
    }
    match utf16_of(bytes) {
        Some(encoding) => (Cow::Owned(encoding.decode(bytes).0.into_owned().into_bytes()), Some(encoding)),
        None => (without_nul(bytes), None),
    }
}

/// The content lines of a document that [`plain`] has cleaned; blank lines are left out.
pub fn content_lines(bytes: &[u8]) -> ContentLines<'_> {
    let line_end = if bytes.contains(&b'\n') { b'\n' } else { b'\r' };
    ContentLines { bytes, at: 0, number: 1, line_end }
}

/// Iterator of [`content_lines`].
#[derive(Debug, Clone)]
pub struct ContentLines<'a> {
    bytes: &'a [u8],
    at: usize,
    number: u64,
    line_end: u8,
}

/// A line as it stands in the document.
#[derive(Clone, Copy)]
struct Physical<'a> {
    text: &'a [u8],
    start: usize,
    next: usize,
}

impl<'a> Iterator for ContentLines<'a> {
    type Item = ContentLine<'a>;

    fn next(&mut self) -> Option<ContentLine<'a>> {
        let first = self.skip_blank_lines()?;
        let number = self.number;
        self.advance(first);
        let mut end = first.start + first.text.len();
        let mut logical = Cow::Borrowed(first.text.strip_prefix(UTF8_BOM).unwrap_or(first.text));
        let mut head = Head::of(&logical);
        while let Some(next) = self.join_next(&mut logical, &head) {
            end = next;
            if !head.is_whole {
                head = Head::of(&logical);
            }
        }
        let (text, encoding) = decode(logical);
        Some(ContentLine { number, text, encoding, start: first.start, end })
    }
}

impl<'a> ContentLines<'a> {
    fn peek(&self) -> Option<Physical<'a>> {
        let rest = self.bytes.get(self.at..).filter(|rest| !rest.is_empty())?;
        let length = rest.iter().position(|b| *b == self.line_end).unwrap_or(rest.len());
        let next = (self.at + length + 1).min(self.bytes.len());
        let carriage_returns = rest[..length].iter().rev().take_while(|b| **b == b'\r').count();
        Some(Physical { text: &rest[..length - carriage_returns], start: self.at, next })
    }

    fn advance(&mut self, line: Physical<'_>) {
        self.at = line.next;
        self.number += 1;
    }

    fn skip_blank_lines(&mut self) -> Option<Physical<'a>> {
        loop {
            let line = self.peek()?;
            if line.text.iter().any(|b| !b.is_ascii_whitespace()) {
                return Some(line);
            }
            self.advance(line);
        }
    }

    /// Joins the following physical line when it continues `logical`; gives where it ends.
    fn join_next(&mut self, logical: &mut Cow<'a, [u8]>, head: &Head) -> Option<usize> {
        let line = self.peek()?;
        let rest = if head.is_quoted_printable && logical.ends_with(b"=") {
            after_soft_break(logical, line.text)?
        } else if line.text.is_empty() {
            return self.join_after_blank(head, logical);
        } else if let [b' ' | b'\t', rest @ ..] = line.text {
            rest
        } else if head.is_base64 && is_base64_text(line.text) {
            line.text
        } else {
            return None;
        };
        logical.to_mut().extend_from_slice(rest);
        self.advance(line);
        Some(line.start + line.text.len())
    }

    /// A blank line ends a base64 block of vCard 2.1; elsewhere a fold may go on behind it.
    fn join_after_blank(&mut self, head: &Head, logical: &mut Cow<'a, [u8]>) -> Option<usize> {
        if head.is_base64 {
            return None;
        }
        let mut ahead = self.clone();
        let mut line = ahead.peek()?;
        while line.text.is_empty() {
            ahead.advance(line);
            line = ahead.peek()?;
        }
        let [b' ' | b'\t', rest @ ..] = line.text else {
            return None;
        };
        logical.to_mut().extend_from_slice(rest);
        ahead.advance(line);
        *self = ahead;
        Some(line.start + line.text.len())
    }
}

/// What the parameters of a line say of its transport encoding.
struct Head {
    is_quoted_printable: bool,
    is_base64: bool,
    /// Whether all of it has been seen: further physical lines change nothing.
    is_whole: bool,
}

impl Head {
    fn of(logical: &[u8]) -> Self {
        let head = head_of(logical);
        let is_whole = logical.len() > head.len() || head.len() == HEAD_LIMIT;
        let says = |words: &[&str]| head.split(|b| *b == b';').skip(1).any(|part| is_one_of(part, words));
        Self {
            is_quoted_printable: says(&["QUOTED-PRINTABLE", "ENCODING=QUOTED-PRINTABLE"]),
            is_base64: says(&["BASE64", "ENCODING=BASE64", "ENCODING=B"]),
            is_whole,
        }
    }
}

fn head_of(logical: &[u8]) -> &[u8] {
    let window = &logical[..logical.len().min(HEAD_LIMIT)];
    let length = window.iter().position(|b| *b == b':').unwrap_or(window.len());
    &window[..length]
}

fn is_one_of(part: &[u8], words: &[&str]) -> bool {
    words.iter().any(|word| part.trim_ascii().eq_ignore_ascii_case(word.as_bytes()))
}

/// The continuation of a quoted-printable soft break, whose `=` is taken off; nothing when the
/// next line opens or closes a component, which no text does.
fn after_soft_break<'a>(logical: &mut Cow<'_, [u8]>, next: &'a [u8]) -> Option<&'a [u8]> {
    let opens_or_closes = next.len() >= 4 && (next[..4].eq_ignore_ascii_case(b"END:") || is_begin(next));
    if opens_or_closes {
        return None;
    }
    logical.to_mut().pop();
    Some(next)
}

fn is_begin(line: &[u8]) -> bool {
    line.len() >= 6 && line[..6].eq_ignore_ascii_case(b"BEGIN:")
}

fn is_base64_text(line: &[u8]) -> bool {
    line.iter().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'='))
}

/// UTF-8 when it is; else the charset that the line declares, when its bytes are in it; else
/// Windows-1252, which every byte is.
fn decode(bytes: Cow<'_, [u8]>) -> (Cow<'_, str>, &'static Encoding) {
    let bytes = match bytes {
        Cow::Borrowed(bytes) => match std::str::from_utf8(bytes) {
            Ok(text) => return (Cow::Borrowed(text), UTF_8),
            Err(_) => Cow::Borrowed(bytes),
        },
        Cow::Owned(bytes) => match String::from_utf8(bytes) {
            Ok(text) => return (Cow::Owned(text), UTF_8),
            Err(error) => Cow::Owned(error.into_bytes()),
        },
    };
    let declared = declared_charset(head_of(&bytes)).filter(|charset| *charset != UTF_8);
    let encoding = declared.unwrap_or(WINDOWS_1252);
    let (text, encoding) = match encoding.decode_without_bom_handling_and_without_replacement(&bytes) {
        Some(text) => (text.into_owned(), encoding),
        None => (WINDOWS_1252.decode_without_bom_handling(&bytes).0.into_owned(), WINDOWS_1252),
    };
    (Cow::Owned(text), encoding)
}

fn declared_charset(head: &[u8]) -> Option<&'static Encoding> {
    head.split(|b| *b == b';').find_map(|parameter| {
        let (name, value) = parameter.split_at_checked("CHARSET=".len())?;
        if name.eq_ignore_ascii_case(b"CHARSET=") { Encoding::for_label(value.trim_ascii()) } else { None }
    })
}

fn utf16_of(bytes: &[u8]) -> Option<&'static Encoding> {
    match bytes {
        [0xff, 0xfe, ..] => Some(UTF_16LE),
        [0xfe, 0xff, ..] => Some(UTF_16BE),
        [a, 0, b, 0, ..] if *a != 0 && *b != 0 => Some(UTF_16LE),
        [0, a, 0, b, ..] if *a != 0 && *b != 0 => Some(UTF_16BE),
        _ => None,
    }
}

fn without_nul(bytes: &[u8]) -> Cow<'_, [u8]> {
    if bytes.contains(&0) {
        return Cow::Owned(bytes.iter().copied().filter(|b| *b != 0).collect());
    }
    Cow::Borrowed(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(bytes: &[u8], expected: &[(u64, &str)]) {
        let (plain, _) = plain(bytes);
        let lines: Vec<_> = content_lines(&plain).map(|line| (line.number, line.text.into_owned())).collect();
        let expected: Vec<_> = expected.iter().map(|(number, text)| (*number, (*text).to_owned())).collect();
        assert_eq!(lines, expected);
    }

    #[test]
    fn folds_are_undone_before_decoding() {
        check(b"NOTE:caf\xc3\r\n \xa9\r\n\r\nFN:x", &[(1, "NOTE:café"), (4, "FN:x")]);
        check(b"A:1\n  2\n\t3\n", &[(1, "A:1 23")]);
    }

    #[test]
    fn quoted_printable_soft_breaks_keep_leading_blanks() {
        check(
            b"NOTE;QUOTED-PRINTABLE:a=\r\n b=\r\nc\r\nFN:x=\r\nTEL:1",
            &[(1, "NOTE;QUOTED-PRINTABLE:a bc"), (4, "FN:x="), (5, "TEL:1")],
        );
        check(
            b"NOTE;ENCODING=quoted-printable:a=\nEND:VCARD",
            &[(1, "NOTE;ENCODING=quoted-printable:a="), (2, "END:VCARD")],
        );
    }

    #[test]
    fn base64_blocks_end_at_a_blank_line() {
        check(b"PHOTO;BASE64:AAAA\n  BBBB\nCC==\n\n LABEL:x", &[(1, "PHOTO;BASE64:AAAA BBBBCC=="), (5, " LABEL:x")]);
        check(
            b"ATTENDEE;CN=B:mailto:b@example.org\nDTSTAMP\n :1997",
            &[(1, "ATTENDEE;CN=B:mailto:b@example.org"), (2, "DTSTAMP:1997")],
        );
    }

    #[test]
    fn line_ends_and_encodings_vary() {
        check(b"A:1\rB:2", &[(1, "A:1"), (2, "B:2")]);
        check(b"\xef\xbb\xbfA:1\r\r\nB:R\xe9", &[(1, "A:1"), (2, "B:Ré")]);
        check(b"A\0:\0\xe9\0\n\0B\0:\0", &[(1, "A:é"), (2, "B:")]);
        check(b"N;CHARSET=ISO-8859-15:\xa4", &[(1, "N;CHARSET=ISO-8859-15:€")]);
    }
}
