//! The numbering plan that metropolitan France shares with five overseas territories.
//!
//! One national form of ten digits, several country codes: `0590` is `+590`, and `+33` before it
//! is a mistake that documents make. The rules are the plan of the regulator (Arcep).

use super::Number;
use super::dialled::{is_valid, read_international};

/// Whether lines of that country dial the shared plan.
pub fn is_region(region: &str) -> bool {
    country_code(region).is_some()
}

/// Reads digits dialled in the shared plan by a line of `region`, without `+`.
pub fn read(digits: &str, region: &str) -> Number {
    let home = country_code(region).unwrap_or(METROPOLITAN);
    let n = digits.len();
    match digits.as_bytes() {
        [b'0', b'0', ..] if n >= 8 => read_international(&digits[2..]),
        [b'0', ..] if n == 10 => national(&digits[1..], home),
        [b'0', ..] => Number::Invalid(digits.to_owned()),
        _ if n <= 6 => Number::Short(digits.to_owned()),
        // A spreadsheet took the leading zero for a number's.
        _ if n == 9 => national(digits, home),
        _ if n >= 11 => with_country_code(digits),
        _ => Number::Invalid(digits.to_owned()),
    }
}

/// Reads what follows +33, 0033 or 33.
pub fn read_after_code(rest: &str) -> Number {
    match rest.strip_prefix('0') {
        Some(nine) if nine.len() == 9 => national(nine, METROPOLITAN),
        None if rest.len() == 9 => national(rest, METROPOLITAN),
        // Short codes dialled while roaming.
        None if (2..=6).contains(&rest.len()) => Number::Short(rest.to_owned()),
        _ => Number::Invalid(format!("+33{rest}")),
    }
}

/// The country code of an overseas number, from its national form without the zero.
pub fn overseas_code(national: &str) -> Option<&'static str> {
    if FICTION.iter().any(|prefix| national.starts_with(prefix)) {
        return None;
    }
    match national.get(..3)? {
        "590" | "690" | "691" => Some("590"),
        "594" | "694" => Some("594"),
        "596" | "696" | "697" => Some("596"),
        "262" | "263" | "269" | "639" | "692" | "693" => Some("262"),
        _ => None,
    }
}

/// Ranges that the regulator keeps for works of fiction, national form without the zero.
const FICTION: [&str; 6] = ["19900", "26191", "35301", "46571", "53649", "63998"];

const METROPOLITAN: &str = "33";

fn country_code(region: &str) -> Option<&'static str> {
    match region {
        "FR" => Some(METROPOLITAN),
        "GP" | "BL" | "MF" => Some("590"),
        "GF" => Some("594"),
        "MQ" => Some("596"),
        "RE" | "YT" => Some("262"),
        _ => None,
    }
}

/// Reads the nine digits after the zero. Most prefixes tell the territory; those that do not
/// (09, new ranges of 07) are tried in the plan of the line's `home` first.
fn national(nine: &str, home: &str) -> Number {
    let is_special = nine.starts_with('8');
    if is_special || FICTION.iter().any(|prefix| nine.starts_with(prefix)) {
        return Number::Valid(format!("+{METROPOLITAN}{nine}"));
    }
    let stated = overseas_code(nine);
    let codes = stated.into_iter().chain([home, METROPOLITAN, "262", "590", "594", "596"]);
    let candidates = codes.map(|code| format!("+{code}{nine}"));
    let saint_pierre = nine.strip_prefix("508").map(|six| format!("+508{six}"));
    match candidates.chain(saint_pierre).find(|e164| is_valid(e164)) {
        Some(e164) => Number::Valid(e164),
        None => Number::Invalid(format!("+{}{nine}", stated.unwrap_or(METROPOLITAN))),
    }
}

/// Operators' own records drop the `+`: believed only when the plan of that country agrees.
fn with_country_code(digits: &str) -> Number {
    match read_international(digits) {
        valid @ Number::Valid(_) => valid,
        _ => Number::Invalid(digits.to_owned()),
    }
}
