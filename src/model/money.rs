//! Amounts: exact decimals with a currency, never floats.

use rust_decimal::Decimal;

/// An ISO 4217 code, upper case, three letters.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Currency(String);

impl Currency {
    /// Reads a code or one of the common signs; `None` when it is neither.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let code = match text {
            "€" => "EUR",
            "$" => "USD",
            "£" => "GBP",
            "¥" => "JPY",
            _ if text.len() == 3 && text.bytes().all(|b| b.is_ascii_alphabetic()) => {
                return Some(Self(text.to_ascii_uppercase()));
            }
            _ => return None,
        };
        Some(Self(code.to_owned()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Cents of an amount, rounded half away from zero; `None` beyond the range of an `i64`.
pub fn cents(amount: Decimal) -> Option<i64> {
    use rust_decimal::prelude::ToPrimitive;
    (amount * Decimal::ONE_HUNDRED)
        .round_dp_with_strategy(0, rust_decimal::RoundingStrategy::MidpointAwayFromZero)
        .to_i64()
}
