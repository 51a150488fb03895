//! Tags one after the other, with the text that follows each: enough for SGML that is not XML.
//!
//! Nothing is balanced or checked here; who reads knows which tags matter. Comments, processing
//! instructions and declarations are passed over, so no entity is ever defined or expanded.

use std::borrow::Cow;

use crate::decode::entity;
use crate::model::Place;

/// A start or end tag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tag<'a> {
    /// As written, without attributes.
    pub name: &'a str,
    pub is_end: bool,
    /// `<NAME/>`: there is no end tag to come.
    pub is_empty: bool,
    /// The text up to the next tag: trimmed, unescaped, line ends made one blank.
    pub text: Cow<'a, str>,
    pub place: Place,
}

/// The tags of a text.
pub struct Tags<'a> {
    rest: &'a str,
    line: u64,
    column: u64,
    line_end: char,
}

impl<'a> Tags<'a> {
    pub fn new(text: &'a str) -> Self {
        let line_end = if text.contains('\n') { '\n' } else { '\r' };
        Self { rest: text, line: 1, column: 1, line_end }
    }

    fn advance(&mut self, n_bytes: usize) -> &'a str {
        let (passed, rest) = self.rest.split_at(n_bytes);
        let n_lines = passed.matches(self.line_end).count() as u64;
        match passed.rfind(self.line_end) {
            Some(at) => self.column = passed[at + 1..].chars().count() as u64 + 1,
            None => self.column += passed.chars().count() as u64,
        }
        self.line += n_lines;
        self.rest = rest;
        passed
    }

    /// The text up to the next thing that is a tag; a lone `<` belongs to the text.
    fn text(&mut self) -> Cow<'a, str> {
        let mut text = Cow::Borrowed("");
        loop {
            let plain = self.advance(text_len(self.rest));
            append(&mut text, entity::unescape(plain));
            if let Some(data) = self.rest.strip_prefix("<![CDATA[") {
                let len = data.find("]]>").unwrap_or(data.len());
                self.advance("<![CDATA[".len());
                append(&mut text, Cow::Borrowed(self.advance(len)));
                self.advance(self.rest.len().min(3));
            } else if self.rest.starts_with("<!") || self.rest.starts_with("<?") {
                self.advance(declaration_len(self.rest));
            } else {
                return tidy(text);
            }
        }
    }
}

impl<'a> Iterator for Tags<'a> {
    type Item = Tag<'a>;

    fn next(&mut self) -> Option<Tag<'a>> {
        if !starts_tag(self.rest) {
            self.text();
        }
        let place = Place::line(self.line).at_column(self.column);
        let len = self.rest.find('>')? + 1;
        let inside = self.advance(len);
        let inside = &inside[1..inside.len() - 1];
        let is_end = inside.starts_with('/');
        let is_empty = inside.ends_with('/') && !is_end;
        let name = inside.trim_matches('/').split(|c: char| c.is_whitespace() || c == '/').next().unwrap_or_default();
        Some(Tag { name, is_end, is_empty, text: self.text(), place })
    }
}

/// A tag: `<` or `</`, a letter, and somewhere a `>` before the next `<`.
fn starts_tag(text: &str) -> bool {
    let Some(inside) = text.strip_prefix('<') else { return false };
    let name = inside.strip_prefix('/').unwrap_or(inside);
    name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.find(['<', '>']).is_some_and(|at| name.as_bytes()[at] == b'>')
        && name.bytes().find(|b| !is_name_byte(*b)).is_some_and(|b| matches!(b, b'>' | b'/') || b.is_ascii_whitespace())
}

fn is_name_byte(b: u8) -> bool {
    b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-' | b':')
}

/// Bytes of plain text before the next tag, declaration or section.
fn text_len(text: &str) -> usize {
    text.match_indices('<')
        .map(|(at, _)| at)
        .find(|at| starts_tag(&text[*at..]) || text[*at..].starts_with("<!") || text[*at..].starts_with("<?"))
        .unwrap_or(text.len())
}

/// Bytes of a comment, declaration or processing instruction; all the rest when it never ends.
fn declaration_len(text: &str) -> usize {
    let end = if text.starts_with("<!--") { "-->" } else { ">" };
    text.find(end).map_or(text.len(), |at| at + end.len())
}

fn append<'a>(text: &mut Cow<'a, str>, more: Cow<'a, str>) {
    if text.is_empty() {
        *text = more;
    } else {
        text.to_mut().push_str(&more);
    }
}

fn tidy(text: Cow<'_, str>) -> Cow<'_, str> {
    if !text.trim().contains(['\n', '\r']) {
        return match text {
            Cow::Borrowed(text) => Cow::Borrowed(text.trim()),
            Cow::Owned(text) => Cow::Owned(text.trim().to_owned()),
        };
    }
    let lines = text.split(['\n', '\r']).map(str::trim).filter(|line| !line.is_empty());
    Cow::Owned(lines.collect::<Vec<_>>().join(" "))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check(text: &str, expected: &[(&str, bool, &str, &str)]) {
        let tags: Vec<_> = Tags::new(text).collect();
        let seen: Vec<_> =
            tags.iter().map(|tag| (tag.name, tag.is_end, tag.text.as_ref(), tag.place.to_string())).collect();
        let expected: Vec<_> = expected.iter().map(|(n, e, t, p)| (*n, *e, *t, (*p).to_owned())).collect();
        assert_eq!(seen, expected);
    }

    #[test]
    fn leaves_close_or_do_not() {
        check(
            "HEAD:1\n<A>one<B>two &amp; three</B>\r\n</A>",
            &[
                ("A", false, "one", "2:1"),
                ("B", false, "two & three", "2:7"),
                ("B", true, "", "2:25"),
                ("A", true, "", "3:1"),
            ],
        );
    }

    #[test]
    fn what_is_not_a_tag_is_text() {
        check("<A>1 < 2 <3> <b c<d>x", &[("A", false, "1 < 2 <3> <b c", "1:1"), ("d", false, "x", "1:18")]);
        check("<?xml?><!-- <X> --><A k='v'/>", &[("A", false, "", "1:20")]);
        check("<A><![CDATA[R&amp;D <b>]]> x\n  y", &[("A", false, "R&amp;D <b> x y", "1:1")]);
        check("<A><![CDATA[cut", &[("A", false, "cut", "1:1")]);
        check("no tag at all", &[]);
    }

    proptest! {
        #[test]
        fn any_text_ends(text in "[<>!?/\\[\\]CDATA\\-a-c&; \né]{0,80}") {
            for tag in Tags::new(&text) {
                prop_assert!(tag.name.len() <= text.len());
            }
        }
    }
}
