//! Durations, volumes and counts, as operators write them, sometimes in one and the same column.
//!
//! A value with colons, unit words or the ISO 8601 form says itself what it is. A bare number does
//! not: the connector chooses its unit. Prices and dates are read elsewhere.

use rust_decimal::RoundingStrategy;
use rust_decimal::prelude::{Decimal, ToPrimitive};
use serde::Deserialize;

use super::text::{fold_key, is_blank};

/// What a quantity column says of one row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Span {
    /// A duration, rounded to the second.
    Seconds(i64),
    /// A volume. Kilo, mega and giga are powers of 1,024, as the operators' tariffs count.
    Bytes(i64),
    /// Messages or calls.
    Count(i64),
    /// The cell is empty, or a dash.
    Nothing,
}

/// How values that do not say it themselves are meant: `M:SS` or `H:MM`, and bare numbers.
///
/// Two colons are always `H:MM:SS`, and unit words always win.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SpanUnit {
    /// A bare integer is a count, one colon is `M:SS`; a bare decimal cannot be told and is refused.
    #[default]
    Auto,
    /// Bare numbers are seconds; one colon is `M:SS`.
    Seconds,
    /// Bare numbers are minutes; one colon is `M:SS`.
    Minutes,
    /// One colon is `H:MM`, which FRITZ!Box writes; bare numbers are refused.
    HoursMinutes,
    /// One colon is `M:SS`; bare numbers are refused.
    MinutesSeconds,
    /// Bare numbers are bytes; colons are durations all the same.
    Octets,
    /// Bare numbers are kilobytes of 1,024 bytes.
    KiloOctets,
    /// Bare numbers are megabytes of 1,024 kilobytes.
    MegaOctets,
}

/// Reads a duration, a volume or a count; `None` when it is none of them.
pub fn read(text: &str, unit: SpanUnit) -> Option<Span> {
    let text = text.trim_matches(is_blank);
    if text.is_empty() || matches!(text, "-" | "--" | "---" | "—" | "–") {
        return Some(Span::Nothing);
    }
    if text.len() > LIMIT {
        return None;
    }
    if text.contains(':') {
        return clock(text, unit);
    }
    match terms(text)?.as_slice() {
        [Term { number, word: None }] => bare(*number, unit),
        several => sum(several),
    }
}

/// The longest text that is looked at, in bytes.
const LIMIT: usize = 64;

/// `00:01:27`, `0000:25:56`, `1:12`.
fn clock(text: &str, unit: SpanUnit) -> Option<Span> {
    let parts: Vec<&str> = text.split(':').map(str::trim).collect();
    let (hours, minutes, seconds) = match (parts.as_slice(), unit) {
        ([h, m, s], _) => (whole(h)?, sixtieths(m)?, decimal(s).filter(|s| *s < Decimal::from(60))?),
        ([h, m], SpanUnit::HoursMinutes) => (whole(h)?, sixtieths(m)?, Decimal::ZERO),
        ([m, s], _) => (0, whole(m)?, Decimal::from(sixtieths(s)?)),
        _ => return None,
    };
    let minutes = hours.checked_mul(60)?.checked_add(minutes)?;
    let seconds = Decimal::from(minutes).checked_mul(Decimal::from(60))?.checked_add(seconds)?;
    rounded(seconds).map(Span::Seconds)
}

fn whole(text: &str) -> Option<i64> {
    (!text.is_empty() && text.len() <= 12 && text.bytes().all(|b| b.is_ascii_digit())).then(|| text.parse().ok())?
}

fn sixtieths(text: &str) -> Option<i64> {
    whole(text).filter(|n| *n < 60 && text.len() == 2)
}

fn bare(number: Decimal, unit: SpanUnit) -> Option<Span> {
    match unit {
        SpanUnit::Auto => number.is_integer().then(|| number.to_i64().map(Span::Count))?,
        SpanUnit::Seconds => rounded(number).map(Span::Seconds),
        SpanUnit::Minutes => scaled(number, 60).map(Span::Seconds),
        SpanUnit::HoursMinutes | SpanUnit::MinutesSeconds => None,
        SpanUnit::Octets => rounded(number).map(Span::Bytes),
        SpanUnit::KiloOctets => scaled(number, 1024).map(Span::Bytes),
        SpanUnit::MegaOctets => scaled(number, 1024 * 1024).map(Span::Bytes),
    }
}

/// A number and the word after it.
#[derive(Debug)]
struct Term {
    number: Decimal,
    word: Option<Unit>,
}

/// What a unit word measures, and how many seconds or bytes it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Unit {
    Time(i64),
    Volume(i64),
    Count,
}

fn unit_of(word: &str) -> Option<Unit> {
    // One sign decides between minutes and megabytes: `m` alone is minutes.
    Some(match word {
        "j" | "jour" | "jours" | "d" | "day" | "days" | "tag" | "tage" => Unit::Time(86_400),
        "h" | "hr" | "hrs" | "heure" | "heures" | "hour" | "hours" | "std" | "stunde" | "stunden" => Unit::Time(3_600),
        "m" | "mn" | "min" | "mins" | "minute" | "minutes" | "minuten" => Unit::Time(60),
        "s" | "sec" | "secs" | "sek" | "seconde" | "secondes" | "second" | "seconds" | "sekunden" => Unit::Time(1),
        "o" | "octet" | "octets" | "b" | "byte" | "bytes" => Unit::Volume(1),
        "ko" | "kb" | "kio" | "kib" => Unit::Volume(1 << 10),
        "mo" | "mb" | "mio" | "mib" => Unit::Volume(1 << 20),
        "go" | "gb" | "gio" | "gib" => Unit::Volume(1 << 30),
        "to" | "tb" | "tio" | "tib" => Unit::Volume(1 << 40),
        "sms" | "mms" | "message" | "messages" | "unite" | "unites" | "unit" | "units" | "appel" | "appels"
        | "call" | "calls" => Unit::Count,
        _ => return None,
    })
}

/// Splits `1 h 12 min`, `1min27`, `PT1M27S`, `1,5 Mo` into numbers with their units.
fn terms(text: &str) -> Option<Vec<Term>> {
    let mut rest = text.strip_prefix(['P', 'p']).unwrap_or(text);
    let mut out = Vec::new();
    while !rest.is_empty() {
        let at_time = rest.strip_prefix(['T', 't']).filter(|_| rest.len() < text.len());
        let (number, after) = number(at_time.unwrap_or(rest))?;
        let after = after.trim_start_matches(is_blank);
        let end = after.find(|c: char| c.is_ascii_digit() || is_blank(c)).unwrap_or(after.len());
        out.push(Term { number, word: word(&after[..end])? });
        rest = after[end..].trim_start_matches(is_blank);
    }
    complete(out)
}

/// The unit that a word names; `Some(None)` when there is no word.
#[allow(clippy::option_option)]
fn word(text: &str) -> Option<Option<Unit>> {
    match text {
        "" => Some(None),
        "'" | "′" => Some(Some(Unit::Time(60))),
        "\"" | "″" | "''" => Some(Some(Unit::Time(1))),
        // `T` stands between the days and the hours of an ISO 8601 duration.
        _ => unit_of(fold_key(text.trim_end_matches(['T', '.'])).as_str()).map(Some),
    }
}

/// `1h12` and `1min27`: a last number without unit is of the next smaller one.
fn complete(mut terms: Vec<Term>) -> Option<Vec<Term>> {
    if let [.., before, last] = terms.as_mut_slice()
        && last.word.is_none()
    {
        last.word = match before.word {
            Some(Unit::Time(3_600)) => Some(Unit::Time(60)),
            Some(Unit::Time(60)) => Some(Unit::Time(1)),
            _ => return None,
        };
    }
    (!terms.is_empty()).then_some(terms)
}

fn sum(terms: &[Term]) -> Option<Span> {
    let mut total = Decimal::ZERO;
    let mut smallest = i64::MAX;
    for Term { number, word } in terms {
        match word.as_ref()? {
            Unit::Time(seconds) if *seconds < smallest => {
                smallest = *seconds;
                total = total.checked_add(number.checked_mul(Decimal::from(*seconds))?)?;
            }
            // Units of time come once each, largest first; other units come alone.
            Unit::Volume(bytes) if terms.len() == 1 => return scaled(*number, *bytes).map(Span::Bytes),
            Unit::Count if terms.len() == 1 && number.is_integer() => return number.to_i64().map(Span::Count),
            _ => return None,
        }
    }
    rounded(total).map(Span::Seconds)
}

/// The number that a text begins with: `1 234,5`, `12345.6`. Only blanks group digits.
fn number(text: &str) -> Option<(Decimal, &str)> {
    let mut end = 0;
    for (at, c) in text.char_indices() {
        let is_part = c.is_ascii_digit() || matches!(c, ',' | '.') || (is_blank(c) && opens_group(&text[at..]));
        if !is_part {
            break;
        }
        end = at + c.len_utf8();
    }
    Some((decimal(&text[..end])?, &text[end..]))
}

/// Whether a blank is followed by exactly three digits.
fn opens_group(text: &str) -> bool {
    let digits = text.chars().skip(1).take(4).take_while(char::is_ascii_digit).count();
    digits == 3
}

fn decimal(text: &str) -> Option<Decimal> {
    let plain: String = text.chars().filter(|c| !is_blank(*c)).map(|c| if c == ',' { '.' } else { c }).collect();
    let is_number = plain.bytes().all(|b| b.is_ascii_digit() || b == b'.')
        && plain.starts_with(|c: char| c.is_ascii_digit())
        && !plain.ends_with('.');
    is_number.then(|| plain.parse().ok())?
}

fn scaled(number: Decimal, factor: i64) -> Option<i64> {
    rounded(number.checked_mul(Decimal::from(factor))?)
}

fn rounded(number: Decimal) -> Option<i64> {
    number.round_dp_with_strategy(0, RoundingStrategy::MidpointAwayFromZero).to_i64()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const KIB: i64 = 1024;

    fn check(unit: SpanUnit, cases: &[(&str, Option<Span>)]) {
        for (text, expected) in cases {
            assert_eq!(read(text, unit), *expected, "{text:?} as {unit:?}");
        }
    }

    #[test]
    fn durations_say_themselves() {
        for (text, seconds) in [
            ("00:01:27", 87),
            ("0000:25:56", 1556),
            ("120:00:00", 432_000),
            ("00:01:27.6", 88),
            ("00h01m27s", 87),
            ("1min 27s", 87),
            ("1 min 27 s", 87),
            ("1min27", 87),
            ("1h12", 4320),
            ("1 h 12 min", 4320),
            ("12 Min", 720),
            ("12 Min.", 720),
            ("2 Std. 5 Min.", 7500),
            ("1'27\"", 87),
            ("PT1M27S", 87),
            ("PT2S", 2),
            ("P1DT2H", 93_600),
            ("PT1H0.5S", 3601),
            ("1,5 h", 5400),
            ("1\u{a0}234 s", 1234),
            ("45 secondes", 45),
        ] {
            for unit in [SpanUnit::Auto, SpanUnit::KiloOctets, SpanUnit::HoursMinutes] {
                assert_eq!(read(text, unit), Some(Span::Seconds(seconds)), "{text:?} as {unit:?}");
            }
        }
    }

    #[test]
    fn volumes_and_counts_say_themselves() {
        check(
            SpanUnit::Auto,
            &[
                ("1,5 Mo", Some(Span::Bytes(1536 * KIB))),
                ("350 Ko", Some(Span::Bytes(350 * KIB))),
                ("2 Go", Some(Span::Bytes(2 * KIB * KIB * KIB))),
                ("1 234,5 ko", Some(Span::Bytes(1_264_128))),
                ("12 octets", Some(Span::Bytes(12))),
                ("1 SMS", Some(Span::Count(1))),
                ("2 unités", Some(Span::Count(2))),
                ("3", Some(Span::Count(3))),
                ("", Some(Span::Nothing)),
                (" -- ", Some(Span::Nothing)),
            ],
        );
    }

    #[test]
    fn the_connector_says_what_bare_numbers_are() {
        let cases = [
            (SpanUnit::Auto, "12345.6", None),
            (SpanUnit::Auto, "1:12", Some(Span::Seconds(72))),
            (SpanUnit::Seconds, "61", Some(Span::Seconds(61))),
            (SpanUnit::Minutes, "1,5", Some(Span::Seconds(90))),
            (SpanUnit::HoursMinutes, "1:12", Some(Span::Seconds(4320))),
            (SpanUnit::HoursMinutes, "12", None),
            (SpanUnit::MinutesSeconds, "75:12", Some(Span::Seconds(4512))),
            (SpanUnit::Octets, "2048", Some(Span::Bytes(2048))),
            (SpanUnit::KiloOctets, "12345.6", Some(Span::Bytes(12_641_894))),
            (SpanUnit::MegaOctets, "0,5", Some(Span::Bytes(512 * KIB))),
        ];
        for (unit, text, expected) in cases {
            check(unit, &[(text, expected)]);
        }
    }

    #[test]
    fn what_is_none_of_them_is_refused() {
        for text in [
            "xx",
            "Inclus",
            "1:75",
            "1:2",
            "00:61:00",
            "1:2:3:4",
            "12 parsecs",
            "-5",
            "1,234.5 s",
            "2 SMS 3 Mo",
            "1 min 1 h",
            "1 Mo 2",
            "P",
            "PT",
            "h",
            "1.",
            "99999999999999999999999",
            "9999999999999999 h",
            "999999999999:00:00 ",
        ] {
            assert!(
                matches!(read(text, SpanUnit::Auto), None | Some(Span::Seconds(3_599_999_999_996_400))),
                "{text:?}"
            );
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in "\\PC{0,80}") {
            let _ = read(&text, SpanUnit::Auto);
        }

        #[test]
        fn anything_like_a_span_is_read_or_refused(text in "[0-9:hmsPTDo., 'K]{0,40}") {
            if let Some(Span::Seconds(n) | Span::Bytes(n) | Span::Count(n)) = read(&text, SpanUnit::KiloOctets) {
                prop_assert!(n >= 0);
            }
        }
    }
}
