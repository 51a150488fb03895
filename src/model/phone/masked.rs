//! Partly hidden numbers: `061234XXXX`, `06 12 34 ** **`, `0612.34.56..`.
//!
//! French law lets a subscriber have the last digits of a detailed bill hidden (order of
//! 1 February 2002, then of 31 December 2013). What is left proposes candidates, nothing more.

use super::{Number, dialled, french};

/// The digits of a number, `.` for a hidden one, and whether a `+` stands before them.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Cells {
    has_plus: bool,
    /// ASCII digits and `.`, nothing else.
    signs: String,
    /// Every hidden cell comes from dots or hyphens, which may also be mere filling.
    is_soft: bool,
}

impl Cells {
    pub fn len(&self) -> usize {
        self.signs.len()
    }

    pub fn has_digit(&self) -> bool {
        self.signs.bytes().any(|b| b.is_ascii_digit())
    }

    pub fn has_hidden(&self) -> bool {
        self.signs.contains('.')
    }

    /// The cells as dialled: an optional `+`, then digits.
    pub fn dialled(&self) -> String {
        format!("{}{}", if self.has_plus { "+" } else { "" }, self.signs)
    }
}

/// Reads a text of digits, separators and masking signs into cells.
///
/// A sign that also separates (`.`, `-`, `_`, `#`) hides digits only in runs of two or more.
pub fn cells(text: &str) -> Cells {
    let mut out = Cells { is_soft: true, ..Cells::default() };
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '0'..='9' => out.signs.push(c),
            '+' if out.signs.is_empty() => out.has_plus = true,
            '*' | '?' | 'x' | 'X' | 'y' | 'Y' | 'z' | 'Z' => {
                out.is_soft = false;
                out.signs.push('.');
            }
            '.' | '-' | '_' | '#' => {
                let mut n_run = 1;
                while rest.next_if_eq(&c).is_some() {
                    n_run += 1;
                }
                out.signs.extend(std::iter::repeat_n('.', if n_run > 1 { n_run } else { 0 }));
            }
            _ => {}
        }
    }
    out
}

/// Gives the pattern that cells stand for on a line of `region`.
pub fn read(cells: &Cells, region: &str) -> Number {
    if let Some(whole) = whole_number(cells, region) {
        return dialled::read(&whole, region);
    }
    let pattern = pattern(cells, region);
    if pattern.contains('.') { Number::Masked { pattern } } else { dialled::read(&pattern, region) }
}

/// Dots after a French number that is whole are filling, not a mask.
fn whole_number(cells: &Cells, region: &str) -> Option<String> {
    let visible = cells.signs.trim_end_matches('.');
    let n_whole = match visible {
        _ if visible.starts_with("0033") => 13,
        _ if cells.has_plus && visible.starts_with("33") => 11,
        _ if !cells.has_plus && french::is_region(region) => 10,
        _ => return None,
    };
    let is_whole = cells.is_soft && visible.len() == n_whole && !visible.contains('.');
    is_whole.then(|| format!("{}{visible}", if cells.has_plus { "+" } else { "" }))
}

fn pattern(cells: &Cells, region: &str) -> String {
    let digits = cells.signs.as_str();
    if cells.has_plus {
        return international(digits);
    }
    match digits.strip_prefix("00") {
        Some(rest) => international(rest),
        None if french::is_region(region) => french_pattern(digits),
        None => match dialled::plan_of(region) {
            Some((code, trunk)) => format!("+{code}{}", digits.strip_prefix(trunk.as_str()).unwrap_or(digits)),
            None => digits.to_owned(),
        },
    }
}

fn international(digits: &str) -> String {
    match digits.strip_prefix("33") {
        Some(rest) => national(rest.strip_prefix('0').unwrap_or(rest)),
        None => format!("+{digits}"),
    }
}

fn french_pattern(digits: &str) -> String {
    match digits.as_bytes().first() {
        Some(b'0') => national(&digits[1..]),
        Some(b'.') if digits.len() == 10 => national(&digits[1..]),
        _ if digits.len() == 11 && digits.starts_with("33") => national(&digits[2..]),
        _ => digits.to_owned(),
    }
}

/// The nine cells after the zero: a mask at the end stands for whatever is missing.
fn national(rest: &str) -> String {
    let mut nine = rest.to_owned();
    if nine.ends_with('.') {
        nine.extend(std::iter::repeat_n('.', 9_usize.saturating_sub(nine.len())));
        while nine.len() > 9 && nine.ends_with('.') {
            nine.pop();
        }
    }
    format!("+{}{nine}", french::overseas_code(&nine).unwrap_or("33"))
}
