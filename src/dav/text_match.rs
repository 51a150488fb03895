//! Whether a text says what a `text-match` asks for (RFC 4791 §9.7.5, RFC 6352 §10.5.4), under the
//! collations that are offered (RFC 4790, RFC 5051).
//!
//! What is looked for is folded once, when the request is read. Plain texts are compared without
//! a copy. Which text of an object is meant is the caller's business.

use std::borrow::Cow;

use memchr::{memchr2_iter, memmem};
use unicode_normalization::UnicodeNormalization;

use super::xml::Element;

/// How texts are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Collation {
    /// `i;ascii-casemap`: a to z as A to Z, everything else exact.
    AsciiCasemap,
    /// `i;octet`: byte for byte.
    Octet,
    /// `i;unicode-casemap`: case and the way of writing accents do not matter, accents do.
    UnicodeCasemap,
}

/// Where in a text something is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum MatchType {
    Equals,
    Contains,
    StartsWith,
    EndsWith,
}

/// Why a `text-match` cannot be answered.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UnmetMatch {
    /// The precondition `supported-collation`.
    #[error("the collation `{0}` is not offered")]
    Collation(String),
    /// The precondition `supported-filter`.
    #[error("`{0}` is no way to match a text")]
    MatchType(String),
}

/// One `text-match`, read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextMatch {
    collation: Collation,
    match_type: MatchType,
    is_negated: bool,
    /// Folded as the collation wants it.
    sought: String,
}

impl Collation {
    /// The names under which all of them are offered, for `supported-collation-set`.
    pub const OFFERED: [&str; 3] = ["i;ascii-casemap", "i;octet", "i;unicode-casemap"];

    /// The collation of that name; `default` is the one given.
    pub fn named(name: &str, default: Self) -> Result<Self, UnmetMatch> {
        match name {
            "" | "default" => Ok(default),
            "i;ascii-casemap" => Ok(Self::AsciiCasemap),
            "i;octet" => Ok(Self::Octet),
            "i;unicode-casemap" => Ok(Self::UnicodeCasemap),
            other => Err(UnmetMatch::Collation(other.to_owned())),
        }
    }

    fn folded(self, text: &str) -> Cow<'_, str> {
        match self {
            Self::Octet => Cow::Borrowed(text),
            Self::AsciiCasemap => Cow::Owned(text.to_ascii_uppercase()),
            Self::UnicodeCasemap if text.is_ascii() => Cow::Owned(text.to_ascii_uppercase()),
            Self::UnicodeCasemap => Cow::Owned(text.nfkd().flat_map(char::to_uppercase).nfkd().collect()),
        }
    }
}

impl TextMatch {
    /// Reads the element of either protocol; `default` is what an absent collation means there.
    pub fn read(element: &Element, default: Collation) -> Result<Self, UnmetMatch> {
        let collation = Collation::named(element.attribute("collation").unwrap_or_default(), default)?;
        let match_type = match element.attribute("match-type") {
            None | Some("contains") => MatchType::Contains,
            Some("equals") => MatchType::Equals,
            Some("starts-with") => MatchType::StartsWith,
            Some("ends-with") => MatchType::EndsWith,
            Some(other) => return Err(UnmetMatch::MatchType(other.to_owned())),
        };
        let is_negated = element.attribute("negate-condition") == Some("yes");
        let sought = collation.folded(&element.text()).into_owned();
        Ok(Self { collation, match_type, is_negated, sought })
    }

    /// Whether the text is one that is asked for.
    pub fn matches(&self, text: &str) -> bool {
        self.finds(text) != self.is_negated
    }

    fn finds(&self, text: &str) -> bool {
        match self.collation {
            Collation::Octet => self.finds_exactly(text),
            Collation::AsciiCasemap => self.finds_ignoring_case(text),
            Collation::UnicodeCasemap if text.is_ascii() => self.finds_ignoring_case(text),
            Collation::UnicodeCasemap => self.finds_exactly(&self.collation.folded(text)),
        }
    }

    fn finds_exactly(&self, text: &str) -> bool {
        match self.match_type {
            MatchType::Equals => text == self.sought,
            MatchType::Contains => memmem::find(text.as_bytes(), self.sought.as_bytes()).is_some(),
            MatchType::StartsWith => text.starts_with(&self.sought),
            MatchType::EndsWith => text.ends_with(&self.sought),
        }
    }

    fn finds_ignoring_case(&self, text: &str) -> bool {
        let (text, sought) = (text.as_bytes(), self.sought.as_bytes());
        let Some(last_start) = text.len().checked_sub(sought.len()) else { return false };
        match self.match_type {
            MatchType::Equals => last_start == 0 && text.eq_ignore_ascii_case(sought),
            MatchType::Contains => contains_ignoring_case(text, sought),
            MatchType::StartsWith => text[..sought.len()].eq_ignore_ascii_case(sought),
            MatchType::EndsWith => text[last_start..].eq_ignore_ascii_case(sought),
        }
    }
}

fn contains_ignoring_case(text: &[u8], sought: &[u8]) -> bool {
    let Some(first) = sought.first() else { return true };
    memchr2_iter(first.to_ascii_lowercase(), first.to_ascii_uppercase(), text)
        .any(|at| text.get(at..at + sought.len()).is_some_and(|here| here.eq_ignore_ascii_case(sought)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dav::xml;

    fn finds(attributes: &str, sought: &str, text: &str) -> bool {
        let body = format!("<text-match {attributes}>{sought}</text-match>");
        let element = xml::read(body.as_bytes()).expect("well-formed");
        TextMatch::read(&element, Collation::UnicodeCasemap).expect("offered").matches(text)
    }

    #[test]
    fn collations_differ_in_case_and_accents() {
        let unicode = "collation='i;unicode-casemap'";
        assert!(finds(unicode, "élo", "ÉLODIE"));
        assert!(finds(unicode, "élo", "E\u{301}lodie"), "accents written apart");
        assert!(!finds(unicode, "elo", "Élodie"), "an accent matters");
        assert!(finds(unicode, "LODIE", "Élodie"));
        assert!(finds(unicode, "strasse", "Straße"));
        let ascii = "collation='i;ascii-casemap'";
        assert!(finds(ascii, "LODIE", "Élodie"));
        assert!(!finds(ascii, "élo", "Élodie"));
        assert!(finds("collation='i;octet'", "lodie", "Élodie"));
        assert!(!finds("collation='i;octet'", "LODIE", "Élodie"));
    }

    #[test]
    fn match_types_and_negation() {
        assert!(finds("match-type='equals'", "claire", "Claire"));
        assert!(!finds("match-type='equals'", "claire", "Claire A"));
        assert!(finds("match-type='starts-with'", "cl", "Claire"));
        assert!(finds("match-type='ends-with'", "RE", "Claire"));
        assert!(!finds("match-type='ends-with'", "longer than it", "Claire"));
        assert!(finds("", "", "anything"));
        assert!(!finds("negate-condition='yes'", "air", "Claire"));
        assert!(finds("negate-condition='yes'", "x", "Claire"));
    }

    #[test]
    fn what_is_not_offered_is_told() {
        let element = xml::read(b"<text-match collation='i;basic'>x</text-match>").expect("well-formed");
        let unmet = TextMatch::read(&element, Collation::Octet);
        assert_eq!(unmet, Err(UnmetMatch::Collation("i;basic".to_owned())));
        let element = xml::read(b"<text-match match-type='regex'>x</text-match>").expect("well-formed");
        assert_eq!(TextMatch::read(&element, Collation::Octet), Err(UnmetMatch::MatchType("regex".to_owned())));
    }
}
