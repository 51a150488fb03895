//! Whole numbers: the plans of all countries, as libphonenumber knows them.

use rlibphonenumber::{PHONE_NUMBER_UTIL, PhoneNumber, PhoneNumberFormat, Region};

use super::{Number, french};

/// E.164 allows 15 digits; a call prefix and a trunk digit may stand before them.
const MOST_DIGITS: usize = 20;

/// Reads an optional `+` and digits, dialled on a line of `region`.
pub fn read(dialled: &str, region: &str) -> Number {
    let digits = dialled.trim_start_matches('+');
    if digits.len() > MOST_DIGITS {
        return Number::Invalid(dialled.to_owned());
    }
    if dialled.starts_with('+') {
        return read_international(digits.strip_prefix("00").unwrap_or(digits));
    }
    if french::is_region(region) { french::read(digits, region) } else { read_national(digits, region) }
}

/// Reads digits that begin with a country code.
pub fn read_international(digits: &str) -> Number {
    if let Some(rest) = digits.strip_prefix("33") {
        return french::read_after_code(rest);
    }
    let written = format!("+{digits}");
    match valid(&written, None) {
        Some(e164) => Number::Valid(e164),
        None if is_fiction(&written) => Number::Valid(written),
        None => Number::Invalid(written),
    }
}

/// Whether a number written `+…` is given out by the plan of its country.
pub fn is_valid(e164: &str) -> bool {
    valid(e164, None).is_some()
}

/// The ISO country of a number in E.164.
pub fn region_of(e164: &str) -> Option<String> {
    let number = PHONE_NUMBER_UTIL.parse(e164, None).ok()?;
    let region = PHONE_NUMBER_UTIL
        .get_region_for_number(&number)
        .or_else(|| PHONE_NUMBER_UTIL.get_region_for_country_code(number.country_code))?;
    (region != Region::World).then(|| region.as_region_str().to_string())
}

/// The country code of a region, and the prefix that its national numbers are written with
/// (`0`; `1` in North America, where it is optional; empty where there is none).
pub fn plan_of(region: &str) -> Option<(i32, String)> {
    let region = Region::from_code(region).ok()?;
    let code = PHONE_NUMBER_UTIL.get_country_code_for_region(region)?;
    if PHONE_NUMBER_UTIL.is_nanpa_country(region) {
        return Some((code, code.to_string()));
    }
    Some((code, written_prefix(region, code).unwrap_or_default()))
}

/// Ranges that foreign regulators keep for fiction and libphonenumber does not know (Ofcom).
const FICTION: [(&str, usize); 3] = [("+447700900", 13), ("+441632960", 13), ("+448081570", 13)];

fn is_fiction(e164: &str) -> bool {
    FICTION.iter().any(|(prefix, len)| e164.starts_with(prefix) && e164.len() == *len)
}

fn read_national(digits: &str, region: &str) -> Number {
    let is_short = digits.len() <= 6 && !digits.starts_with('0');
    // Without a prefix, a whole number may be as short as a code: Andorra, New Caledonia.
    if is_short && plan_of(region).is_none_or(|(_, prefix)| !prefix.is_empty()) {
        return Number::Short(digits.to_owned());
    }
    if let Some(e164) = Region::from_code(region).ok().and_then(|region| valid(digits, Some(region))) {
        return Number::Valid(e164);
    }
    match with_country_code(digits) {
        Number::Valid(e164) => Number::Valid(e164),
        _ if is_short => Number::Short(digits.to_owned()),
        _ => Number::Invalid(digits.to_owned()),
    }
}

/// What a number means if its country code is written without `+`, or after `00`.
fn with_country_code(digits: &str) -> Number {
    match digits.strip_prefix("00") {
        Some(rest) if rest.len() >= 7 => read_international(rest),
        None if digits.len() >= 11 && !digits.starts_with('0') => read_international(digits),
        _ => Number::Invalid(digits.to_owned()),
    }
}

/// What the national form of a number has before its international one, seen on an example.
fn written_prefix(region: Region, code: i32) -> Option<String> {
    let example = PHONE_NUMBER_UTIL.get_example_number(region).ok()?;
    let national = PHONE_NUMBER_UTIL.format(&example, PhoneNumberFormat::National);
    let national = PHONE_NUMBER_UTIL.normalize_digits_only(&national);
    let international = e164(&example);
    let rest = international.strip_prefix(&format!("+{code}"))?;
    national.strip_suffix(rest).map(str::to_owned)
}

fn valid(text: &str, region: Option<Region>) -> Option<String> {
    let number = PHONE_NUMBER_UTIL.parse(text, region).ok()?;
    PHONE_NUMBER_UTIL.is_valid_number(&number).then(|| e164(&number))
}

fn e164(number: &PhoneNumber) -> String {
    PHONE_NUMBER_UTIL.format(number, PhoneNumberFormat::E164).into_owned()
}
