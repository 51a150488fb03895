//! A label as words: where each stands, and how it reads without accents and case.
//!
//! Blanks of any kind part words, and so do control characters. A colon belongs to the word
//! before it, and ends it (`MOTIF : LOYER`, `MOTIF:LOYER`); so do the plus sign and the slash of
//! marks that banks write without blanks (`EREF+1234MREF+5678`, `MDT/5678`). Nothing is understood
//! here.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use crate::model::text::is_blank;

/// Bytes of a label that are looked at: longer ones are cut, for no bank writes them.
const MOST_BYTES: usize = 1_024;

/// A label in words.
#[derive(Debug)]
pub(super) struct Words<'a> {
    text: &'a str,
    places: Vec<Word>,
    folded: String,
}

/// One word: its place in the label, and in the folded text.
#[derive(Debug, Clone, Copy)]
struct Word {
    start: usize,
    end: usize,
    folded_start: usize,
    folded_end: usize,
    /// Where the punctuation at its end starts.
    bare_end: usize,
}

impl<'a> Words<'a> {
    /// Parts a label; `marks` are the words that end at a plus sign or a slash, folded.
    pub(super) fn of(text: &'a str, marks: &[String]) -> Self {
        let text = cut(text);
        let mut words = Self { text, places: Vec::with_capacity(12), folded: String::with_capacity(text.len() + 8) };
        let has_glue = text.bytes().any(|b| matches!(b, b'+' | b'/'));
        let mut start = None;
        for (at, c) in text.char_indices() {
            if c.is_control() || is_blank(c) {
                if let Some(start) = start.take() {
                    words.push(start, at, has_glue, marks);
                }
            } else if start.is_none() {
                start = Some(at);
            }
        }
        if let Some(start) = start {
            words.push(start, text.len(), has_glue, marks);
        }
        words
    }

    /// How many words there are.
    pub(super) fn len(&self) -> usize {
        self.places.len()
    }

    /// The n-th word without accents, upper case, its last colon kept.
    pub(super) fn folded(&self, n: usize) -> &str {
        let word = self.places[n];
        &self.folded[word.folded_start..word.folded_end]
    }

    /// The same without punctuation at its end.
    pub(super) fn bare(&self, n: usize) -> &str {
        let word = self.places[n];
        &self.folded[word.folded_start..word.bare_end]
    }

    /// The n-th word as written.
    pub(super) fn word(&self, n: usize) -> &'a str {
        let word = self.places[n];
        &self.text[word.start..word.end]
    }

    /// What is written from the first of the words to the last one, both included.
    pub(super) fn written(&self, from: usize, to: usize) -> &'a str {
        &self.text[self.places[from].start..self.places[to - 1].end]
    }

    /// How many bytes stand between a word and the one before it.
    pub(super) fn gap_before(&self, n: usize) -> usize {
        if n == 0 { 0 } else { self.places[n].start - self.places[n - 1].end }
    }

    /// Adds what stands between two blanks, as one word or, where marks end, as more.
    fn push(&mut self, start: usize, end: usize, has_glue: bool, marks: &[String]) {
        let text = &self.text[start..end];
        if text == ":" && !self.places.is_empty() {
            self.end_with_colon(end);
            return;
        }
        match end_of_mark(text).or_else(|| if has_glue { end_at_glue(text, marks) } else { None }) {
            Some(at) if at < text.len() => {
                self.add(start, start + at);
                self.push(start + at, end, has_glue, marks);
            }
            _ => self.add(start, end),
        }
    }

    fn end_with_colon(&mut self, end: usize) {
        if let Some(last) = self.places.last_mut() {
            if !self.folded.ends_with(':') {
                self.folded.push(':');
            }
            last.end = end;
            last.folded_end = self.folded.len();
        }
    }

    fn add(&mut self, start: usize, end: usize) {
        let folded_start = self.folded.len();
        let text = &self.text[start..end];
        if text.is_ascii() {
            self.folded.push_str(text);
            self.folded[folded_start..].make_ascii_uppercase();
        } else {
            fold(text, &mut self.folded);
        }
        let folded_end = self.folded.len();
        let bare_end = folded_start + bare(&self.folded[folded_start..]).len();
        self.places.push(Word { start, end, folded_start, folded_end, bare_end });
    }
}

/// Folds a word or a short text as labels are folded.
pub(super) fn folded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    fold(text, &mut out);
    out
}

/// A folded word without punctuation at its end.
pub(super) fn bare(folded: &str) -> &str {
    folded.trim_end_matches([':', '+', '/', '.', ',', ';'])
}

fn fold(text: &str, out: &mut String) {
    for c in text.nfkd().filter(|c| !is_combining_mark(*c)) {
        match c {
            'œ' | 'Œ' => out.push_str("OE"),
            'æ' | 'Æ' => out.push_str("AE"),
            'ß' => out.push_str("SS"),
            '’' | '`' => out.push('\''),
            _ => out.extend(c.to_uppercase()),
        }
    }
}

fn cut(text: &str) -> &str {
    let mut end = text.len().min(MOST_BYTES);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

/// Where a word such as `MOTIF:LOYER` is parted: after a colon that follows letters only.
fn end_of_mark(text: &str) -> Option<usize> {
    let colon = text.bytes().position(|b| b == b':')?;
    let is_mark = colon >= 2 && text[..colon].chars().all(char::is_alphabetic);
    // An address of the web is one word.
    (is_mark && !text[colon + 1..].starts_with("//")).then_some(colon + 1)
}

/// Where a word that holds `MREF+…` or is `MDT/…` is parted: before the mark, or after it at its
/// start.
fn end_at_glue(text: &str, marks: &[String]) -> Option<usize> {
    let places = text.match_indices(['+', '/']).filter_map(|(glue, sign)| {
        let mark = marks.iter().find(|mark| text[..glue].ends_with(mark.as_str()))?;
        let start = glue - mark.len();
        (start == 0 || sign == "+").then_some((start, glue + 1))
    });
    places.map(|(start, end)| if start == 0 { end } else { start }).next()
}
