//! Text to exact decimals.
//!
//! Blanks, apostrophes and the mark that is not the decimal one may group digits by three. The
//! sign may stand before, after, or as parentheses; a currency may be attached. What is `1.234`
//! alone nobody can tell: the decimal mark is decided per column, over all its rows.

use rust_decimal::Decimal;

use crate::connector::columns::DecimalMark;
use crate::model::money::Currency;
use crate::model::text::is_blank;

/// What one value says of its column's decimal mark.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Evidence {
    /// Only this mark explains the value.
    Is(DecimalMark),
    /// The value has one mark and exactly three digits after it.
    Ambiguous,
    /// Digits only, or no number.
    None,
}

/// Reads a number with a known decimal mark (`Auto` reads digits without any mark only).
pub fn parse(text: &str, mark: DecimalMark) -> Option<Decimal> {
    parse_with_currency(text, mark).map(|(number, _)| number)
}

/// Reads a number and the currency attached to it, if any.
pub fn parse_with_currency(text: &str, mark: DecimalMark) -> Option<(Decimal, Option<&str>)> {
    let (body, is_negative, currency) = peel(text)?;
    let (integer, fraction) = split_at_mark(body, mark);
    let (mut mantissa, _) = digits(integer, true)?;
    let mut scale = 0;
    if let Some(fraction) = fraction {
        let (value, count) = digits(fraction, false)?;
        mantissa = mantissa.checked_mul(10_i64.checked_pow(count)?)?.checked_add(value)?;
        scale = count;
    }
    let mut number = Decimal::new(mantissa, scale);
    number.set_sign_negative(is_negative && mantissa != 0);
    Some((number, currency))
}

/// Whether a text is a number as typed cells of workbooks are written: a point, no grouping.
pub fn is_typed(text: &str) -> bool {
    let (integer, fraction) = text.trim_start_matches('-').split_once('.').unwrap_or((text, "0"));
    [integer, fraction].iter().all(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit()))
}

/// Looks at one value without reading it.
pub fn evidence(text: &str) -> Evidence {
    let Some((body, ..)) = peel(text) else { return Evidence::None };
    let (comma, point) = (body.rfind(','), body.rfind('.'));
    let (mark, at) = match (comma, point) {
        (Some(c), Some(p)) if c > p => return Evidence::Is(DecimalMark::Comma),
        (Some(_), Some(_)) => return Evidence::Is(DecimalMark::Point),
        (Some(at), None) => (DecimalMark::Comma, at),
        (None, Some(at)) => (DecimalMark::Point, at),
        (None, None) => return Evidence::None,
    };
    let is_repeated = body.matches([',', '.']).count() > 1;
    match (is_repeated, body[at + 1..].len(), body[..at].len()) {
        (true, ..) => Evidence::Is(opposite(mark)),
        (false, 3, 1..=3) if !body.starts_with('0') => Evidence::Ambiguous,
        _ => Evidence::Is(mark),
    }
}

fn opposite(mark: DecimalMark) -> DecimalMark {
    match mark {
        DecimalMark::Comma => DecimalMark::Point,
        DecimalMark::Point | DecimalMark::Auto | DecimalMark::Either => DecimalMark::Comma,
    }
}

/// Takes sign and currency off: what is left starts and ends with a digit or a mark.
fn peel(text: &str) -> Option<(&str, bool, Option<&str>)> {
    let mut body = text.trim_matches(is_blank);
    let mut is_negative = false;
    let mut currency = None;
    if let Some(inner) = body.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')) {
        (body, is_negative) = (inner, true);
    }
    loop {
        let before = body;
        for sign in ['-', '\u{2212}', '\u{2013}'] {
            if let Some(rest) = body.strip_prefix(sign).or_else(|| body.strip_suffix(sign)) {
                (body, is_negative) = (rest, !is_negative);
            }
        }
        body = body.trim_start_matches('+').trim_end_matches('+');
        body = take_currency(body, &mut currency).trim_matches(is_blank);
        if body.len() == before.len() {
            break;
        }
    }
    let is_number = body.bytes().any(|b| b.is_ascii_digit());
    // One letter is no currency but a mistyped digit: `12,5O`.
    let is_mistyped = currency.is_some_and(|sign: &str| sign.len() == 1 && sign.as_bytes()[0].is_ascii_alphabetic());
    (is_number && !is_mistyped).then_some((body, is_negative, currency))
}

fn take_currency<'a>(body: &'a str, currency: &mut Option<&'a str>) -> &'a str {
    let is_sign = |c: char| c.is_alphabetic() || matches!(c, '€' | '$' | '£' | '¥');
    let start = body.find(|c| !is_sign(c)).unwrap_or(0);
    let rest = &body[start..];
    let end =
        rest.rfind(|c| !is_sign(c)).map_or(rest.len(), |at| at + rest[at..].chars().next().map_or(1, char::len_utf8));
    let (before, after) = (&body[..start], &rest[end..]);
    let is_known = |sign: &str| sign.is_empty() || Currency::parse(sign).is_some();
    if !is_known(before) || !is_known(after) {
        return body;
    }
    if let Some(sign) = [before, after].into_iter().find(|sign| !sign.is_empty()) {
        *currency = Some(sign);
    }
    &rest[..end]
}

fn split_at_mark(body: &str, mark: DecimalMark) -> (&str, Option<&str>) {
    let parts = match mark {
        DecimalMark::Comma => body.rsplit_once(','),
        DecimalMark::Point => body.rsplit_once('.'),
        DecimalMark::Either => body.rsplit_once([',', '.']),
        DecimalMark::Auto => None,
    };
    match parts {
        Some((integer, fraction)) => (integer, Some(fraction)),
        None => (body, None),
    }
}

/// Digits of a part; groups of three may be parted in the integer part.
fn digits(part: &str, may_group: bool) -> Option<(i64, u32)> {
    let mut value: i64 = 0;
    let mut count = 0;
    let mut since_group: Option<u32> = None;
    for c in part.chars() {
        if let Some(digit) = c.to_digit(10) {
            value = value.checked_mul(10)?.checked_add(i64::from(digit))?;
            count += 1;
            since_group = since_group.map(|n| n + 1);
        } else if may_group && is_group_mark(c) {
            let is_well_placed = since_group.map_or((1..=3).contains(&count), |n| n == 3);
            if !is_well_placed {
                return None;
            }
            since_group = Some(0);
        } else {
            return None;
        }
    }
    let is_whole = since_group.is_none_or(|n| n == 3);
    is_whole.then_some((value, count))
}

fn is_group_mark(c: char) -> bool {
    is_blank(c) || matches!(c, '\'' | '’' | '.' | ',')
}

#[cfg(test)]
mod tests {
    use super::*;
    use DecimalMark::{Auto, Comma, Either, Point};

    #[test]
    fn numbers_of_real_files() {
        let cases = [
            ("-1 234,56", Comma, "-1234.56"),
            ("1\u{202f}045,32", Comma, "1045.32"),
            ("+2500.00", Point, "2500.00"),
            ("1.361,16 €", Comma, "1361.16"),
            ("123,45-", Comma, "-123.45"),
            ("\u{2212}7", Comma, "-7"),
            ("(12.50)", Point, "-12.50"),
            ("EUR 10,", Comma, "10"),
            ("-37,99\u{a0}€", Comma, "-37.99"),
            ("1'234.5", Point, "1234.5"),
            ("-3.77000", Point, "-3.77000"),
            ("2291,1", Comma, "2291.1"),
            (",50", Comma, "0.50"),
            ("12", Auto, "12"),
            ("-0,00", Comma, "0.00"),
            ("-1234,56", Either, "-1234.56"),
            ("+1.234", Either, "1.234"),
            ("1,234.56", Either, "1234.56"),
        ];
        for (text, mark, expected) in cases {
            assert_eq!(parse(text, mark).map(|n| n.to_string()).as_deref(), Some(expected), "{text}");
        }
    }

    #[test]
    fn what_is_no_number_is_refused() {
        for text in
            ["", "abc", "1 04,00", "1 045,0a", "12/03", "--", "€", "1,2,3", "12,5O", "l2", "99999999999999999999"]
        {
            assert_eq!(parse(text, Comma), None, "{text}");
        }
    }

    #[test]
    fn evidence_of_the_mark() {
        assert_eq!(evidence("1.234"), Evidence::Ambiguous);
        assert_eq!(evidence("0.234"), Evidence::Is(Point));
        assert_eq!(evidence("1.234,5"), Evidence::Is(Comma));
        assert_eq!(evidence("1.234.567"), Evidence::Is(Comma));
        assert_eq!(evidence("-12,5"), Evidence::Is(Comma));
        assert_eq!(evidence("12"), Evidence::None);
    }
}
