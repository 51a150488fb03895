//! The language of messages, and how amounts and dates are written in it.

use std::ffi::OsString;

use jiff::civil::Date;
use rust_decimal::Decimal;

use crate::config;

/// English, or French when the locale is French or moisson.toml says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    En,
    Fr,
}

impl Language {
    /// From `LC_ALL`, `LC_MESSAGES`, `LANG`, the first that is set (POSIX order).
    pub fn of_environment(variable: &dyn Fn(&str) -> Option<OsString>) -> Self {
        let locale =
            ["LC_ALL", "LC_MESSAGES", "LANG"].iter().find_map(|name| variable(name).filter(|value| !value.is_empty()));
        let is_french = locale.is_some_and(|locale| locale.to_string_lossy().to_lowercase().starts_with("fr"));
        if is_french { Self::Fr } else { Self::En }
    }

    /// What moisson.toml says, when it names a language.
    pub fn of_household(self, wish: config::Language) -> Self {
        match wish {
            config::Language::En => Self::En,
            config::Language::Fr => Self::Fr,
            config::Language::Auto => self,
        }
    }

    /// The words in this language.
    pub fn pick<T>(self, en: T, fr: T) -> T {
        match self {
            Self::En => en,
            Self::Fr => fr,
        }
    }

    /// A count with its groups parted: `1,234` or `1 234`.
    pub fn count(self, n: u64) -> String {
        group(&n.to_string(), self.pick(',', '\u{202f}'))
    }

    /// `1,234.56` or `1 234,56`.
    pub fn amount(self, amount: Decimal) -> String {
        let text = format!("{:.2}", amount.abs());
        let (integer, cents) = text.split_once('.').unwrap_or((&text, "00"));
        let sign = if amount.is_sign_negative() && !amount.is_zero() { "-" } else { "" };
        format!("{sign}{}{}{cents}", group(integer, self.pick(',', '\u{202f}')), self.pick('.', ','))
    }

    /// `2026-03-05` or `05/03/2026`.
    pub fn date(self, date: Date) -> String {
        self.pick(date.to_string(), format!("{:02}/{:02}/{:04}", date.day(), date.month(), date.year()))
    }
}

fn group(digits: &str, mark: char) -> String {
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(mark);
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_follow_the_language() {
        let amount: Decimal = "-1234567.5".parse().expect("a decimal");
        assert_eq!(Language::En.amount(amount), "-1,234,567.50");
        assert_eq!(Language::Fr.amount(amount), "-1\u{202f}234\u{202f}567,50");
        assert_eq!(Language::En.count(999), "999");
        assert_eq!(Language::Fr.date(jiff::civil::date(2026, 3, 5)), "05/03/2026");
    }

    #[test]
    fn the_first_variable_that_is_set_decides() {
        let french = |name: &str| (name == "LANG").then(|| OsString::from("fr_FR.UTF-8"));
        assert_eq!(Language::of_environment(&french), Language::Fr);
        let overridden = |name: &str| Some(OsString::from(if name == "LC_ALL" { "C" } else { "fr_FR" }));
        assert_eq!(Language::of_environment(&overridden), Language::En);
    }
}
