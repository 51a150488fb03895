//! Telephone numbers: what an operator, a telephone or an address book writes, told apart.
//!
//! Whether a number exists in a plan is libphonenumber's knowledge; this module adds what it does
//! not hold: withheld and partly masked numbers, short codes, the shared plan of metropolitan and
//! overseas France, and the numbers reserved for fiction. It never guesses a digit, and it does
//! not know names or prices.

mod dialled;
mod french;
mod masked;
mod shape;

use super::text::fold_label;
use shape::Shape;

/// What stands where a document names the other party.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Number {
    /// Nothing is written.
    None,
    /// The document says that the number is hidden or unknown.
    Withheld,
    /// Some digits are hidden: E.164 style with `.` for each hidden digit (`+3361234....`).
    /// It can propose candidates and is never a match.
    Masked { pattern: String },
    /// A short, service or special code, digits and signs only (`3179`, `112`, `#123#`).
    Short(String),
    /// A number of a public plan, in E.164.
    Valid(String),
    /// Digits that no plan gives out; a leading `+` is kept.
    Invalid(String),
    /// An alphanumeric sender of messages (`AMELI`) or an address of another kind, as written.
    Name(String),
}

/// Reads a number as a line of `region` (ISO 3166 country, `FR`, `RE`, `DE`) would dial or bill it.
///
/// An unknown or empty region leaves only numbers with a country code to be valid.
pub fn read(raw: &str, region: &str) -> Number {
    let region = region.trim().to_ascii_uppercase();
    match shape::of(raw) {
        Shape::Nothing => Number::None,
        Shape::Withheld => Number::Withheld,
        Shape::Service(code) => Number::Short(code),
        Shape::Name(name) => Number::Name(name),
        Shape::Muddle(digits) => Number::Invalid(digits),
        Shape::Hidden(cells) => masked::read(&cells, &region),
        Shape::Digits(digits) => dialled::read(&digits, &region),
    }
}

/// The ISO country of a line given in E.164; `None` for what belongs to no country.
pub fn region_of_line(e164: &str) -> Option<String> {
    dialled::region_of(e164)
}

impl Number {
    /// Stable code, stored in `communications.number_kind`.
    pub fn kind_code(&self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Withheld => "withheld",
            Self::Masked { .. } => "masked",
            Self::Short(_) => "short",
            Self::Valid(_) => "valid",
            Self::Invalid(_) => "invalid",
            Self::Name(_) => "name",
        }
    }

    /// What tells the other party apart across exports (`communications.other_key`).
    ///
    /// All withheld numbers share one key: the words differ between operators, the fact does not.
    pub fn key(&self, raw: &str) -> Option<String> {
        match self {
            Self::None => None,
            Self::Withheld => Some(self.kind_code().to_owned()),
            Self::Masked { pattern } => Some(pattern.clone()),
            Self::Short(text) | Self::Valid(text) | Self::Invalid(text) if !text.is_empty() => Some(text.clone()),
            Self::Short(_) | Self::Valid(_) | Self::Invalid(_) => Some(fold_label(raw).into_owned()),
            Self::Name(name) => Some(fold_label(name).into_owned()),
        }
    }

    /// The number in E.164, when it is valid.
    pub fn e164(&self) -> Option<&str> {
        match self {
            Self::Valid(e164) => Some(e164),
            _ => None,
        }
    }

    /// The visible digits of a masked number.
    pub fn pattern(&self) -> Option<&str> {
        match self {
            Self::Masked { pattern } => Some(pattern),
            _ => None,
        }
    }

    /// The short or service code.
    pub fn short(&self) -> Option<&str> {
        match self {
            Self::Short(code) => Some(code),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests;
