//! What is said in objects, in the household's language: sentences, amounts, days.

use jiff::civil::Date;
use rust_decimal::Decimal;

use crate::config::Language;

/// The language of what is made.
#[derive(Debug, Clone, Copy)]
pub(super) struct Speech(pub(super) Language);

impl Speech {
    pub(super) fn is_french(self) -> bool {
        self.0 == Language::Fr
    }

    /// The words in this language.
    pub(super) fn pick<T>(self, en: T, fr: T) -> T {
        if self.is_french() { fr } else { en }
    }

    /// `€1,234.50` or `1 234,50 €`; other currencies by their code.
    pub(super) fn amount(self, amount: Decimal, currency: &str) -> String {
        let number = self.number(amount, 2);
        match (currency, self.is_french()) {
            ("EUR", true) => format!("{number} €"),
            ("EUR", false) => format!("€{number}"),
            (code, true) => format!("{number} {code}"),
            (code, false) => format!("{code} {number}"),
        }
    }

    /// With so many digits behind the mark, thousands parted.
    pub(super) fn number(self, number: Decimal, n_digits: usize) -> String {
        let text = format!("{:.n_digits$}", number.abs());
        let (whole, rest) = text.split_once('.').unwrap_or((&text, ""));
        let mut out = if number.is_sign_negative() && !number.is_zero() { "-".to_owned() } else { String::new() };
        for (at, digit) in whole.char_indices() {
            if at > 0 && (whole.len() - at).is_multiple_of(3) {
                out.push(self.pick(',', '\u{202f}'));
            }
            out.push(digit);
        }
        if !rest.is_empty() {
            out.push(self.pick('.', ','));
            out.push_str(rest);
        }
        out
    }

    /// `2026-03-05` or `05/03/2026`.
    pub(super) fn date(self, date: Date) -> String {
        self.pick(date.to_string(), format!("{:02}/{:02}/{:04}", date.day(), date.month(), date.year()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_written_as_the_language_does() {
        let amount: Decimal = "-1234567.5".parse().expect("a number");
        assert_eq!(Speech(Language::En).amount(amount, "EUR"), "€-1,234,567.50");
        assert_eq!(Speech(Language::Fr).amount(amount.abs(), "EUR"), "1\u{202f}234\u{202f}567,50 €");
        assert_eq!(Speech(Language::En).amount(Decimal::ONE, "CHF"), "CHF 1.00");
    }
}
