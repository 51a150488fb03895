//! Nobody real stands in the project's documents: numbers reserved for fiction, published
//! examples, and addresses that belong to nobody.

use moisson::decode::sheet;

use super::files::{below, shown};
use super::nobody;

/// National numbers that the French plan reserves for fiction.
const FICTION: [&str; 6] = ["019900", "026191", "035301", "046571", "053649", "063998"];
/// Placeholders of the premium and free ranges.
const PLACEHOLDERS: [&str; 3] = ["0800000000", "0899000000", "0805000000"];
/// Published examples, as the plans of their countries and the makers of phone software print them.
const EXAMPLES: [&str; 15] = [
    "+262262161234",
    "+262692123456",
    "+262639012345",
    "+590590201234",
    "+590690001234",
    "+594594101234",
    "+594694201234",
    "+596596301234",
    "+596696201234",
    "+41212345678",
    "+4930123456",
    "+3212345678",
    "+34810123456",
    "+4915123456789",
    "+390212345678",
];
/// Drama numbers of other countries: London, any UK mobile, Berlin, and 555-01xx of North America.
const DRAMA: [&str; 4] = ["+442079460", "+447700900", "+493023125", "+1"];
/// IBANs that the registry of the standard and national banks print as examples. The French ones
/// of the household are the published one with other last digits.
const IBANS: [&str; 11] = [
    "BE68539007547034",
    "CH9300762011623852957",
    "DE75512108001245126199",
    "DE89370400440532013000",
    "FR1420041010050500013M02606",
    "FR7630006000011234567890189",
    "GB29NWBK60161331926819",
    "IT60X0542811101000000123456",
    "LU280019400644750000",
    "MC5811222000010123456789030",
    "PT50000201231234567890154",
];
const HOUSEHOLD_IBAN: &str = "20041010050500013M026";

/// The text of a document; of a workbook, its cells.
fn text_of(path: &std::path::Path) -> String {
    let bytes = std::fs::read(path).expect("a file");
    let mut cells = String::new();
    if bytes.starts_with(b"PK")
        && sheet::rows(&bytes, &mut |row| cells.push_str(&(row.cells.join("\n") + "\n"))).is_ok()
    {
        return cells;
    }
    match String::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => error.into_bytes().into_iter().map(char::from).collect(),
    }
}

/// Runs of characters that can make a telephone number, cut where anything else stands.
fn candidates(text: &str) -> impl Iterator<Item = &str> {
    let is_part = |c: char| c.is_ascii_digit() || matches!(c, '+' | ' ' | '.' | '\u{a0}' | '(' | ')' | '-');
    text.split(move |c: char| !is_part(c))
        .map(|run| run.trim_matches([' ', '.', '-', '\u{a0}', '(']))
        .filter(|run| run.len() >= 10)
}

/// A number in the form of the plan (`0639981234`, `+41212345678`), when the run is one.
fn number(run: &str) -> Option<String> {
    let blanks = run.matches([' ', '.', '\u{a0}']).count();
    let digits: String = run.replace("(0)", "").chars().filter(char::is_ascii_digit).collect();
    let is_grouped = blanks == 0 || run.split([' ', '.', '\u{a0}']).all(|group| group.len() <= 5);
    if run.contains('-') || !is_grouped {
        return None;
    }
    let national = |rest: &str| format!("0{}", rest.trim_start_matches('0'));
    match () {
        () if run.starts_with("+33") => (digits.len() == 11).then(|| national(&digits[2..])),
        () if digits.starts_with("0033") && digits.len() == 13 => Some(national(&digits[4..])),
        () if run.starts_with('+') && (8..=15).contains(&digits.len()) => Some(format!("+{digits}")),
        () if digits.starts_with("00") && !digits.starts_with("000") && (11..=15).contains(&digits.len()) => {
            Some(format!("+{}", &digits[2..]))
        }
        () if digits.starts_with('0') && digits.len() == 10 && is_dialled(run, blanks) => Some(digits),
        () => None,
    }
}

/// Ten digits are a number when they stand alone or in pairs.
fn is_dialled(run: &str, blanks: usize) -> bool {
    let is_in_pairs = run.split([' ', '.', '\u{a0}']).all(|pair| pair.len() == 2);
    !run.starts_with("00") && (blanks == 0 || is_in_pairs)
}

fn is_invented(number: &str) -> bool {
    let abroad =
        |national: &str| EXAMPLES.iter().any(|example| example.len() == 13 && example.ends_with(&national[1..]));
    match number.strip_prefix('+') {
        Some(_) => EXAMPLES.contains(&number) || is_drama(number),
        None => {
            FICTION.iter().any(|range| number.starts_with(range)) || PLACEHOLDERS.contains(&number) || abroad(number)
        }
    }
}

fn is_drama(number: &str) -> bool {
    DRAMA.iter().any(|range| number.starts_with(range))
        && (!number.starts_with("+1") || (number.len() == 12 && number[5..].starts_with("55501")))
}

#[test]
fn telephone_numbers_are_reserved_for_fiction() {
    let mut offenders = Vec::new();
    let mut n_seen = 0;
    for path in below("fixtures").into_iter().filter(|path| path.extension().is_none_or(|found| found != "py")) {
        let text = text_of(&path);
        for number in candidates(&text).filter_map(number) {
            n_seen += 1;
            if !is_invented(&number) {
                offenders.push(format!("{}: {number}", shown(&path)));
            }
        }
    }
    offenders.dedup();
    nobody(&offenders);
    assert!(n_seen > 3_000, "{n_seen} numbers were seen");
}

#[test]
fn addresses_belong_to_nobody() {
    let mut offenders = Vec::new();
    for path in ["fixtures", "tests", "src", "queries", "connectors"].into_iter().flat_map(below) {
        let text = text_of(&path);
        for (at, _) in text.match_indices('@') {
            let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
            let before = text[..at].chars().next_back().is_some_and(is_part);
            let rest = &text[at + 1..];
            let domain = rest[..rest.find(|c| !is_part(c)).unwrap_or(rest.len())].trim_end_matches(['.', '-']);
            if before && is_domain(domain) && !is_example(domain) {
                offenders.push(format!("{}: @{domain}", shown(&path)));
            }
        }
    }
    nobody(&offenders);
}

fn is_domain(text: &str) -> bool {
    text.rsplit_once('.').is_some_and(|(name, top)| {
        !name.is_empty() && (2..=10).contains(&top.len()) && top.chars().all(|c| c.is_ascii_alphabetic())
    })
}

/// RFC 2606 and RFC 6761.
fn is_example(domain: &str) -> bool {
    let domain = domain.to_lowercase();
    let names = ["example.org", "example.com", "example.net", ".example", ".invalid", ".test", "localhost"];
    names.iter().any(|name| domain == *name || domain.ends_with(&format!(".{}", name.trim_start_matches('.'))))
}

#[test]
fn ibans_are_published_examples() {
    let mut offenders = Vec::new();
    let mut n_seen = 0;
    for path in ["fixtures", "tests", "src", "connectors"].into_iter().flat_map(below) {
        let text = text_of(&path);
        for word in text.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| word.len() >= 15) {
            if word.parse::<iban::Iban>().is_ok() {
                n_seen += 1;
                if !IBANS.contains(&word) && !is_of_the_household(word) {
                    offenders.push(format!("{}: {word}", shown(&path)));
                }
            }
        }
    }
    nobody(&offenders);
    assert!(n_seen > 50, "{n_seen} were seen");
}

fn is_of_the_household(iban: &str) -> bool {
    iban.starts_with("FR") && iban[4..].starts_with(HOUSEHOLD_IBAN)
}
