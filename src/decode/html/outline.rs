//! A page reduced to its tables and text, before it is parsed.
//!
//! A parser that follows the standard takes quadratic time on nested blocks and copies unclosed
//! formatting into every paragraph: sixty kilobytes can become twelve million elements. Neither
//! matters to a table, so only table tags reach the parser, written anew.

use std::fmt::Write;

use super::WHAT;
use crate::decode::DecodeError;

/// Most table tags of a page.
const MAX_TAGS: u64 = 2_000_000;
/// Deepest nesting of tables.
const MAX_DEPTH: u64 = 64;

const TABLE: [&str; 8] = ["table", "caption", "thead", "tbody", "tfoot", "tr", "td", "th"];
/// Elements whose content is not shown, or is not markup.
const HIDDEN: [&str; 6] = ["script", "style", "template", "title", "textarea", "iframe"];
/// Elements that stand within a line: the words around them may be one word.
const INLINE: [&str; 22] = [
    "a", "abbr", "b", "big", "code", "em", "font", "i", "img", "label", "mark", "nobr", "q", "s", "small", "span",
    "strike", "strong", "sub", "sup", "tt", "u",
];

/// The table tags (with the spans of their cells) and the text of a page; other tags are gone or,
/// when they break a line, a blank.
pub fn of(page: &str) -> Result<String, DecodeError> {
    let mut outline = Outline { out: String::with_capacity(page.len()), n_tags: 0, depth: 0 };
    let mut rest = page;
    while let Some(at) = rest.find('<') {
        outline.out.push_str(&rest[..at]);
        rest = outline.take(&rest[at..])?;
    }
    outline.out.push_str(rest);
    Ok(outline.out)
}

struct Outline {
    out: String,
    n_tags: u64,
    depth: u64,
}

impl Outline {
    /// Takes what starts with `<` and gives what follows it.
    fn take<'a>(&mut self, text: &'a str) -> Result<&'a str, DecodeError> {
        if let Some(comment) = text.strip_prefix("<!--") {
            return Ok(comment.split_once("-->").map_or("", |(_, rest)| rest));
        }
        if text.starts_with("<!") || text.starts_with("<?") {
            return Ok(text.split_once('>').map_or("", |(_, rest)| rest));
        }
        let inside = &text[1..];
        let (is_end, inside) = inside.strip_prefix('/').map_or((false, inside), |inside| (true, inside));
        let name_len = inside.bytes().position(|b| !b.is_ascii_alphanumeric() && b != b':').unwrap_or(inside.len());
        if !inside.starts_with(|c: char| c.is_ascii_alphabetic()) {
            self.out.push_str("&lt;");
            return Ok(&text[1..]);
        }
        let name = inside[..name_len].to_ascii_lowercase();
        let (attributes, rest) = inside[name_len..].split_at(attributes_len(&inside[name_len..]));
        let rest = rest.strip_prefix('>').unwrap_or(rest);
        if HIDDEN.contains(&name.as_str()) && !is_end {
            return Ok(after_end(rest, &name));
        }
        self.tag(&name, is_end, attributes)?;
        Ok(rest)
    }

    fn tag(&mut self, name: &str, is_end: bool, attributes: &str) -> Result<(), DecodeError> {
        if !TABLE.contains(&name) {
            if !INLINE.contains(&name) {
                self.out.push(' ');
            }
            return Ok(());
        }
        self.n_tags += 1;
        if self.n_tags > MAX_TAGS {
            return Err(DecodeError::TooLarge { what: WHAT, limit: MAX_TAGS, unit: "table tags" });
        }
        match (name, is_end) {
            ("table", true) => self.depth = self.depth.saturating_sub(1),
            ("table", false) => self.depth += 1,
            _ => {}
        }
        if self.depth > MAX_DEPTH {
            return Err(DecodeError::TooLarge { what: WHAT, limit: MAX_DEPTH, unit: "nested tables" });
        }
        self.out.push_str(if is_end { "</" } else { "<" });
        self.out.push_str(name);
        for span in ["colspan", "rowspan"] {
            if let Some(n) = number(attributes, span) {
                // Writing to a string cannot fail.
                let _ = write!(self.out, " {span}={n}");
            }
        }
        self.out.push('>');
        Ok(())
    }
}

/// Bytes of attributes up to the `>` that ends the tag; one within quotes does not.
fn attributes_len(text: &str) -> usize {
    let mut quote = None;
    let mut before = b' ';
    for (at, b) in text.bytes().enumerate() {
        match quote {
            None if b == b'>' => return at,
            // A quote elsewhere than after `=` is part of a name.
            None if matches!(b, b'"' | b'\'') && before == b'=' => quote = Some(b),
            Some(mark) if b == mark => quote = None,
            _ => {}
        }
        if !b.is_ascii_whitespace() {
            before = b;
        }
    }
    text.len()
}

/// What follows the end tag of an element whose content is passed over.
fn after_end<'a>(text: &'a str, name: &str) -> &'a str {
    let is_end = |at: usize| {
        let inside = &text.as_bytes()[at + 2..];
        inside.len() >= name.len() && inside[..name.len()].eq_ignore_ascii_case(name.as_bytes())
    };
    match text.match_indices("</").find(|(at, _)| is_end(*at)) {
        Some((at, _)) => text[at..].split_once('>').map_or("", |(_, rest)| rest),
        None => "",
    }
}

fn number(attributes: &str, name: &str) -> Option<u32> {
    let lower = attributes.to_ascii_lowercase();
    let value =
        lower.split_once(name)?.1.trim_start().strip_prefix('=')?.trim_start().trim_start_matches(['"', '\'', ' ']);
    let end = value.bytes().position(|b| !b.is_ascii_digit()).unwrap_or(value.len());
    value[..end].parse().ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn only_tables_and_text_are_left() {
        for (page, expected) in [
            ("a<b>c</b><br/>d<p class=x>e", "ac d e"),
            ("<TABLE border=1><tr><TD ColSpan=\"2\" rowspan = 3 title='>'>x", "<table><tr><td colspan=2 rowspan=3>x"),
            ("<!-- <td> --><!doctype html><?php ?>x<!-- cut", "x"),
            ("<script>if (a<b) '</x>'</SCRIPT>y<style>td{}", "y"),
            ("1 < 2 <3 </ é>", "1 &lt; 2 &lt;3 &lt;/ é>"),
            ("<td it's>x</td", "<td>x</td>"),
        ] {
            assert_eq!(of(page).unwrap(), expected, "{page}");
        }
    }

    proptest! {
        #[test]
        fn any_text_ends(text in "[<>!?/'\"= a-ctdrh&;é-]{0,80}") {
            of(&text).unwrap();
        }
    }
}
