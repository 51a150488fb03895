//! The holes of a template: the shape of what each takes.

use std::ops::Range;

use super::words::Words;

/// What stands in a label beside fixed words. Closed: a new one is a new arm here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hole {
    /// `{payee}`: one word or more, as few as what follows allows.
    Payee,
    /// `{city}`: a known city, of one to four words.
    City,
    /// `{dd/mm/yy}`: day, month, year of two or four digits, parted by `/`, `.` or `-`.
    DayMonthYear,
    /// `{dd/mm}`: the same without the year.
    DayMonth,
    /// `{ddmmyy}`: six or eight digits.
    SixDigits,
    /// `{ddmm}`: four digits.
    FourDigits,
    /// `{yyyy-mm-dd}`: an ISO date, a time after `T` or not.
    Iso,
    /// `{card}`: a card number, whole, masked or its last digits (`30591102`, `CB*1234`).
    Card,
    /// `{masked}`: a card number that cannot be another one (`CB*1234`, `X1234`, `*1234`).
    Masked,
    /// `{reference}`: a word with a digit.
    Reference,
    /// `{mandate}`: a word with a digit.
    Mandate,
    /// `{time}`: `14H30`, `14:30`, `14.30UHR`.
    Time,
    /// `{number}`: digits, with marks between them or none; thrown away.
    Number,
    /// `{code}`: a word with a digit; thrown away.
    Code,
    /// `{any}`: one word; thrown away.
    Any,
    /// `{motive;}`: the words up to one that ends with a semicolon; thrown away.
    Motive,
    /// `{rest}`: all other words, or none; thrown away.
    Rest,
}

impl Hole {
    /// The hole of that name.
    pub(super) fn of(name: &str) -> Option<Self> {
        Some(match name {
            "payee" => Self::Payee,
            "city" => Self::City,
            "dd/mm/yy" => Self::DayMonthYear,
            "dd/mm" => Self::DayMonth,
            "ddmmyy" => Self::SixDigits,
            "ddmm" => Self::FourDigits,
            "yyyy-mm-dd" => Self::Iso,
            "card" => Self::Card,
            "masked" => Self::Masked,
            "reference" => Self::Reference,
            "mandate" => Self::Mandate,
            "time" => Self::Time,
            "number" => Self::Number,
            "code" => Self::Code,
            "any" => Self::Any,
            "motive;" => Self::Motive,
            "rest" => Self::Rest,
            _ => return None,
        })
    }

    /// How many words it may take at a place, in the order in which to try.
    pub(super) fn lengths(self, words: &Words<'_>, at: usize, cities: &dyn Fn(usize) -> usize) -> Range<usize> {
        let left = words.len() - at;
        match self {
            Self::Payee => 1..left + 1,
            Self::Rest => left..left + 1,
            Self::Motive => match (at..words.len()).find(|n| words.word(*n).ends_with(';')) {
                Some(end) => end + 1 - at..end + 2 - at,
                None => 1..1,
            },
            Self::City => {
                let n = cities(at);
                n.max(1)..n + 1
            }
            _ if left > 0 && self.takes(words.bare(at)) => 1..2,
            _ => 1..1,
        }
    }

    /// Whether it takes a single folded word.
    fn takes(self, word: &str) -> bool {
        match self {
            Self::DayMonthYear => day_month_year(word).is_some(),
            Self::DayMonth => day_month(word).is_some(),
            Self::SixDigits => six_digits(word).is_some(),
            Self::FourDigits => four_digits(word).is_some(),
            Self::Iso => iso(word).is_some(),
            Self::Card => card(word).is_some() || is_masked(word),
            Self::Masked => card(word).is_some() && word.contains(['*', 'X']),
            Self::Reference | Self::Mandate | Self::Code => word.bytes().any(|b| b.is_ascii_digit()),
            Self::Time => is_time(word),
            Self::Number => is_number(word),
            Self::Any => true,
            Self::Payee | Self::City | Self::Motive | Self::Rest => false,
        }
    }
}

/// Day, month and, where it is stated, the year of a word.
pub(super) type Parts = (i8, i8, Option<i16>);

/// The date that a word holds, by the hole that took it.
pub(super) fn date(hole: Hole, word: &str) -> Option<Parts> {
    match hole {
        Hole::DayMonthYear => day_month_year(word),
        Hole::DayMonth => day_month(word),
        Hole::SixDigits => six_digits(word),
        Hole::FourDigits => four_digits(word),
        Hole::Iso => iso(word),
        _ => None,
    }
}

/// The last four digits of a card number.
pub(super) fn card(word: &str) -> Option<&str> {
    let is_card = |b: u8| b.is_ascii_digit() || matches!(b, b'*' | b'X' | b'C' | b'B' | b'.' | b'-' | b'#');
    let n_digits = word.bytes().rev().take_while(u8::is_ascii_digit).count();
    let fits = (4..=19).contains(&n_digits) && word.len() <= 24 && word.bytes().all(is_card);
    fits.then(|| &word[word.len() - 4..])
}

/// Whether a word is a card number whose last digits are hidden too: `4974XX`.
fn is_masked(word: &str) -> bool {
    let n_digits = word.bytes().filter(u8::is_ascii_digit).count();
    n_digits >= 4 && word.ends_with(['X', '*']) && word.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'X' | b'*'))
}

/// Whether a word is digits and marks only.
pub(super) fn is_number(word: &str) -> bool {
    word.bytes().any(|b| b.is_ascii_digit())
        && word.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b',' | b'/' | b'-' | b'+' | b'*' | b'#'))
}

fn is_time(word: &str) -> bool {
    let word = word.trim_end_matches("UHR");
    let Some((hour, minute)) = word.split_once([':', 'H', '.']) else { return false };
    let is_two = |text: &str| (1..=2).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
    let minute = minute.split([':', '.', 'M']).next().unwrap_or_default();
    is_two(hour) && (minute.is_empty() || is_two(minute))
}

fn day_month_year(word: &str) -> Option<Parts> {
    let mut parts = word.split(['/', '.', '-']);
    let (day, month, year) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() || !matches!(year.len(), 2 | 4) {
        return None;
    }
    Some((day_of(day)?, month_of(month)?, Some(year_of(year)?)))
}

fn day_month(word: &str) -> Option<Parts> {
    let (day, month) = word.split_once(['/', '.', '-'])?;
    Some((day_of(day)?, month_of(month)?, None))
}

fn four_digits(word: &str) -> Option<Parts> {
    if word.len() != 4 || !word.is_ascii() {
        return None;
    }
    Some((day_of(&word[..2])?, month_of(&word[2..])?, None))
}

fn six_digits(word: &str) -> Option<Parts> {
    if !matches!(word.len(), 6 | 8) || !word.is_ascii() {
        return None;
    }
    Some((day_of(&word[..2])?, month_of(&word[2..4])?, Some(year_of(&word[4..])?)))
}

fn iso(word: &str) -> Option<Parts> {
    let date = word.get(..10)?;
    let is_alone = matches!(word.as_bytes().get(10), None | Some(b'T'));
    let mut parts = date.split('-');
    let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
    (is_alone && year.len() == 4).then_some(())?;
    Some((day_of(day)?, month_of(month)?, Some(year_of(year)?)))
}

fn day_of(text: &str) -> Option<i8> {
    two_digits(text).filter(|day| (1..=31).contains(day))
}

fn month_of(text: &str) -> Option<i8> {
    two_digits(text).filter(|month| (1..=12).contains(month))
}

fn two_digits(text: &str) -> Option<i8> {
    (text.len() == 2 && text.bytes().all(|b| b.is_ascii_digit())).then(|| text.parse().ok())?
}

/// A year of two digits is one of this century: bank exports are not older.
fn year_of(text: &str) -> Option<i16> {
    if !text.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let year: i16 = text.parse().ok()?;
    match text.len() {
        2 => Some(2000 + year),
        _ => (1990..2200).contains(&year).then_some(year),
    }
}
