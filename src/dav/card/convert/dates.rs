//! Days and instants: `1985-04-15` of vCard 3.0, `19850415` and `--0415` of 4.0 (RFC 6350 §4.3),
//! and the year that Apple writes for none.
//!
//! What is not one of these forms stays as it is written.

use super::super::parameters::{Parameter, Property};

/// The parameter that says which year is none.
const OMITTED: &str = "X-APPLE-OMIT-YEAR";
/// The year that Apple writes for none: a leap year.
const NO_YEAR: &str = "1604";

/// Writes a day as vCard 4.0 does; whether it was written differently.
pub(super) fn to_basic(property: &mut Property<'_>) -> bool {
    let Some(mut basic) = basic(&property.value) else { return false };
    let omitted = property.parameter(OMITTED).map(str::to_owned);
    if let Some(rest) = omitted.and_then(|year| basic.strip_prefix(&year).map(str::to_owned)) {
        property.drop_parameter(OMITTED);
        basic = format!("--{rest}");
    }
    replaced(property, basic)
}

/// Writes a day as vCard 3.0 does; whether it was written differently.
pub(super) fn to_extended(property: &mut Property<'_>) -> bool {
    let has_value = property.drop_value("VALUE", "date-and-or-time");
    let value = property.value.replacen("--", NO_YEAR, 1);
    let is_without_year = property.value.starts_with("--");
    let text = if is_without_year { value } else { property.value.to_string() };
    let Some(extended) = basic(&text).and_then(|basic| extended(&basic)) else { return has_value };
    if is_without_year {
        property.parameters.push(Parameter::new(OMITTED, NO_YEAR));
    }
    replaced(property, extended) || has_value
}

fn replaced(property: &mut Property<'_>, value: String) -> bool {
    if property.value == value {
        return false;
    }
    property.value = value.into();
    true
}

/// `YYYYMMDD` or `--MMDD`, and `THHMMSS` with its zone, of either form.
fn basic(value: &str) -> Option<String> {
    let value = value.trim();
    let (day, time) = value.split_once(['T', 't']).map_or((value, None), |(day, time)| (day, Some(time)));
    let (years, digits) = match day.strip_prefix("--") {
        Some(rest) => ("--", rest.replace('-', "")),
        None => ("", day.replace('-', "")),
    };
    let is_day = digits.len() == if years.is_empty() { 8 } else { 4 } && digits.bytes().all(|b| b.is_ascii_digit());
    let time = time.map(|time| format!("T{}", time.replace(':', ""))).unwrap_or_default();
    is_day.then(|| format!("{years}{digits}{time}"))
}

/// `YYYY-MM-DD` and `THH:MM:SS` of the basic form.
fn extended(basic: &str) -> Option<String> {
    let (day, time) = basic.split_once('T').map_or((basic, None), |(day, time)| (day, Some(time)));
    let day = format!("{}-{}-{}", day.get(..4)?, day.get(4..6)?, day.get(6..8)?);
    let Some(time) = time else { return Some(day) };
    let clock = format!("{}:{}:{}", time.get(..2)?, time.get(2..4)?, time.get(4..6)?);
    Some(format!("{day}T{clock}{}", time.get(6..)?))
}
