//! What kind of writing a number is, before any numbering plan is asked.
//!
//! Linear in its input, of which it reads the first 96 characters: no number is longer.

use super::masked::{self, Cells};
use crate::model::text::{fold_key, is_blank};

/// The longest text that is looked at, in characters.
const LIMIT: usize = 96;

/// The writings that can stand for a number.
#[derive(Debug, PartialEq, Eq)]
pub enum Shape {
    Nothing,
    Withheld,
    /// `#123#`, `*21`: signs belong to the code.
    Service(String),
    /// Letters: not something that one dials.
    Name(String),
    /// Many digits among letters: more than one number, or a number and a remark.
    Muddle(String),
    /// Some digits are hidden.
    Hidden(Cells),
    /// An optional `+`, then ASCII digits.
    Digits(String),
}

/// Tells the shape of a text.
pub fn of(raw: &str) -> Shape {
    let tidy = tidy(raw);
    let text = without_scheme(tidy.trim());
    if is_withheld(text) {
        return Shape::Withheld;
    }
    if !text.chars().any(char::is_alphanumeric) {
        return if text.contains(['*', '?', '#']) { Shape::Withheld } else { Shape::Nothing };
    }
    if let Some(code) = service(text) {
        return Shape::Service(code);
    }
    let text = without_hidden_caller_prefix(text);
    let body = without_labels(without_extension(text));
    if body.contains('@') || body.chars().any(|c| c.is_alphanumeric() && !is_number_sign(c)) {
        return named(text);
    }
    match masked::cells(&without_trunk_in_brackets(&body)) {
        cells if !cells.has_digit() && cells.len() >= 4 => Shape::Withheld,
        cells if !cells.has_digit() => Shape::Name(text.to_owned()),
        cells if !cells.has_hidden() => Shape::Digits(cells.dialled()),
        cells if cells.len() < 4 => Shape::Name(text.to_owned()),
        cells => Shape::Hidden(cells),
    }
}

/// Words and signs by which documents say that they do not tell the number, folded.
const WITHHELD: &[&str] = &[
    "anonym",
    "anonyme",
    "anonymous",
    "appel anonyme",
    "appel inconnu",
    "appel masque",
    "appel prive",
    "blocked",
    "caller id withheld",
    "confidentiel",
    "identite masquee",
    "inconnu",
    "insert address token",
    "masque",
    "no caller id",
    "non communique",
    "non disponible",
    "none",
    "not available",
    "null",
    "number withheld",
    "numero anonyme",
    "numero cache",
    "numero confidentiel",
    "numero inconnu",
    "numero masque",
    "numero prive",
    "numero secret",
    "privat",
    "private",
    "private number",
    "prive",
    "restricted",
    "rufnummer unterdruckt",
    "secret",
    "unavailable",
    "unbekannt",
    "unbekannte nummer",
    "unknown",
    "unknown number",
    "unterdruckt",
    "unterdruckte nummer",
    "withheld",
];

fn is_withheld(text: &str) -> bool {
    // Android writes -1 for an unknown, -2 for a hidden number and -3 for a payphone.
    matches!(text, "-1" | "-2" | "-3") || starts_like_words(text) && WITHHELD.contains(&fold_key(text).as_str())
}

fn starts_like_words(text: &str) -> bool {
    text.chars().find(|c| c.is_alphanumeric()).is_some_and(char::is_alphabetic)
}

/// One spelling for the signs of a number: ASCII digits, plain blanks and hyphens, no marks.
fn tidy(raw: &str) -> String {
    let mut out = String::with_capacity(raw.len().min(LIMIT));
    for c in raw.chars().take(LIMIT) {
        match c {
            '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}' => {}
            c if is_blank(c) => out.push(' '),
            '\u{2010}'..='\u{2015}' | '\u{2212}' => out.push('-'),
            '•' | '●' | '∙' | '○' | '×' | '█' => out.push('*'),
            '·' => out.push('.'),
            '…' => out.push_str("..."),
            c => out.push(ascii_of(c)),
        }
    }
    out
}

/// Full-width signs and the Arabic digits have an ASCII twin at a fixed distance.
fn ascii_of(c: char) -> char {
    let distance = match c {
        '\u{ff01}'..='\u{ff5e}' => 0xfee0,
        '\u{660}'..='\u{669}' => 0x630,
        '\u{6f0}'..='\u{6f9}' => 0x6c0,
        _ => return c,
    };
    char::from_u32(c as u32 - distance).unwrap_or(c)
}

/// `tel:+33…;ext=3` and `SIP: 97911585@box` are a number between a scheme and parameters.
fn without_scheme(text: &str) -> &str {
    let Some((scheme, rest)) = text.split_once(':') else {
        return text;
    };
    match scheme.to_ascii_lowercase().as_str() {
        "sip" | "sips" => rest.split(['@', ';']).next().unwrap_or(rest).trim(),
        "tel" | "callto" | "sms" => rest.split(';').next().unwrap_or(rest).trim(),
        _ => text,
    }
}

/// A code between signs. Two stars in a row are a mask, unless a `#` closes the code.
fn service(text: &str) -> Option<String> {
    let code: String = text.chars().filter(|c| *c != ' ').collect();
    let opens = code.starts_with(['*', '#']);
    let closes = code.ends_with('#');
    let has_only_signs = code.chars().all(|c| c.is_ascii_digit() || matches!(c, '*' | '#' | '+'));
    let looks_masked = code.contains("**") || code.contains("##");
    let is_code = (opens && (closes || !looks_masked)) || (closes && !looks_masked && code.len() <= 6);
    let hides_caller = dialled_hidden(&code).is_some();
    (has_only_signs && is_code && !hides_caller && code.len() <= 24).then_some(code)
}

/// `#31#` and `*31#` before a number hide the caller: the number is what follows.
fn without_hidden_caller_prefix(text: &str) -> &str {
    dialled_hidden(text).unwrap_or(text)
}

fn dialled_hidden(text: &str) -> Option<&str> {
    let rest = text.strip_prefix("#31#").or_else(|| text.strip_prefix("*31#"))?;
    rest.starts_with(|c: char| c.is_ascii_digit() || c == '+').then_some(rest)
}

/// Words that introduce an extension, folded. A lone `x` is one only after a whole number,
/// since it hides a digit elsewhere.
const EXTENSIONS: &[&str] = &["app", "durchwahl", "dw", "ext", "extension", "extn", "int", "interne", "nst", "poste"];

/// The number before `poste 12`, `ext. 12`, `x12`, a pause or a parameter.
fn without_extension(text: &str) -> &str {
    let text = match text.find([',', ';']) {
        Some(at) if n_digits(&text[..at]) >= 6 => &text[..at],
        _ => text,
    };
    let mut n_before = 0;
    for (at, c) in text.char_indices() {
        n_before += usize::from(c.is_ascii_digit());
        if c.is_alphabetic() && n_before >= 6 {
            return if is_extension(&text[at..], n_before) { &text[..at] } else { text };
        }
    }
    text
}

fn is_extension(tail: &str, n_before: usize) -> bool {
    let end = tail.find(|c: char| !c.is_alphabetic()).unwrap_or(tail.len());
    let word = fold_key(&tail[..end]);
    let is_word = EXTENSIONS.contains(&word.as_str()) || (word == "x" && n_before >= 10);
    let rest = tail[end..].trim_start_matches(['.', ':', '#', '=', ' ']).trim_end();
    is_word && (1..=6).contains(&rest.len()) && rest.bytes().all(|b| b.is_ascii_digit())
}

/// Words that people write beside a number, folded.
const LABELS: &[&str] = &[
    "bureau",
    "domicile",
    "fax",
    "fixe",
    "gsm",
    "home",
    "mob",
    "mobile",
    "no",
    "perso",
    "phone",
    "portable",
    "pro",
    "tel",
    "telephone",
    "work",
];

/// Blanks the words of [`LABELS`].
fn without_labels(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find(char::is_alphabetic) {
        let (before, from_word) = rest.split_at(start);
        let end = from_word.find(|c: char| !c.is_alphabetic()).unwrap_or(from_word.len());
        let (word, after) = from_word.split_at(end);
        out.push_str(before);
        out.push_str(if LABELS.contains(&fold_key(word).as_str()) { " " } else { word });
        rest = after;
    }
    out.push_str(rest);
    out
}

/// `+33 (0)6`: the trunk zero in brackets is not dialled after a country code.
fn without_trunk_in_brackets(text: &str) -> String {
    let has_country = text.trim_start().starts_with(['+', '3']) || text.trim_start().starts_with("00");
    if has_country { text.replacen("(0)", "", 1) } else { text.to_owned() }
}

fn named(text: &str) -> Shape {
    let is_sender = text.contains('@') || (starts_like_words(text) && text.chars().count() <= 11);
    if is_sender || n_digits(text) < 6 {
        return Shape::Name(text.to_owned());
    }
    Shape::Muddle(text.chars().filter(char::is_ascii_digit).collect())
}

fn is_number_sign(c: char) -> bool {
    c.is_ascii_digit() || matches!(c, 'x' | 'X' | 'y' | 'Y' | 'z' | 'Z')
}

fn n_digits(text: &str) -> usize {
    text.bytes().filter(u8::is_ascii_digit).count()
}
