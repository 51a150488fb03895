//! What a card says of its person: names, organisation, kind, birthday.

use crate::decode::value_text::{split, unescape};
use crate::decode::{Component, Property};

use super::moments::Moment;

/// The value as people read it: quoted-printable and escapes undone, one kind of line end.
pub fn plain_text(property: &Property) -> String {
    tidy(&unescape(&property.text()))
}

/// The parts of a structured value, each read as [`plain_text`].
pub fn parts(property: &Property) -> Vec<String> {
    split(&property.text(), ';').map(|part| tidy(&unescape(part))).collect()
}

/// The first value of that name that is not blank.
pub fn first_text(card: &Component, name: &str) -> Option<String> {
    card.properties_named(name).map(plain_text).find(|text| !text.is_empty())
}

/// The names of a card.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Names {
    /// FN, else built from N, ORG, NICKNAME, EMAIL or TEL in this order; empty when all are.
    pub full: String,
    pub family: Option<String>,
    pub given: Option<String>,
    pub nickname: Option<String>,
    /// Units after a comma.
    pub organisation: Option<String>,
}

/// Reads the names of a card.
pub fn names(card: &Component) -> Names {
    let name_parts = card.property("N").map(name_parts).unwrap_or_default();
    let part = |at: usize| name_parts.get(at).filter(|part| !part.is_empty()).cloned();
    let organisation = organisation(card);
    let nickname = first_text(card, "NICKNAME");
    let spoken: Vec<String> = [3, 1, 2, 0, 4].into_iter().filter_map(part).collect();
    let full = first_text(card, "FN")
        .or_else(|| (!spoken.is_empty()).then(|| spoken.join(" ")))
        .or_else(|| organisation.clone())
        .or_else(|| nickname.clone())
        .or_else(|| first_text(card, "EMAIL"))
        .or_else(|| first_text(card, "TEL"));
    Names { full: full.unwrap_or_default(), family: part(0), given: part(1), nickname, organisation }
}

/// individual, org or group; Apple writes companies and groups its own way.
pub fn kind(card: &Component) -> &'static str {
    let stated = first_text(card, "KIND").or_else(|| first_text(card, "X-ADDRESSBOOKSERVER-KIND"));
    let shown_as = first_text(card, "X-ABSHOWAS").unwrap_or_default();
    match stated.unwrap_or_default().to_ascii_lowercase().as_str() {
        "group" => "group",
        "org" | "organization" | "organisation" | "location" => "org",
        _ if shown_as.eq_ignore_ascii_case("COMPANY") => "org",
        _ => "individual",
    }
}

/// A birthday in ISO 8601, `--04-13` when the year is unknown; anything else as it is written.
pub fn birthday(property: &Property) -> String {
    let text = plain_text(property);
    let day = text.split(['T', 't']).next().unwrap_or(&text).trim();
    let Some(Moment::Date(date)) = Moment::parse(day) else {
        return without_year(day).unwrap_or(text);
    };
    let omitted = property.parameter("X-APPLE-OMIT-YEAR").and_then(|year| year.parse::<i16>().ok());
    if omitted == Some(date.year()) {
        return format!("--{:02}-{:02}", date.month(), date.day());
    }
    date.to_string()
}

fn without_year(day: &str) -> Option<String> {
    let digits: String = day.strip_prefix("--")?.chars().filter(|c| *c != '-').collect();
    let is_day = digits.len() == 4 && digits.bytes().all(|b| b.is_ascii_digit());
    is_day.then(|| format!("--{}-{}", &digits[..2], &digits[2..]))
}

fn organisation(card: &Component) -> Option<String> {
    let units = parts(card.property("ORG")?);
    let units: Vec<String> = units.into_iter().filter(|unit| !unit.is_empty()).collect();
    (!units.is_empty()).then(|| units.join(", "))
}

/// The parts of N, several given names kept apart by blanks.
fn name_parts(property: &Property) -> Vec<String> {
    split(&property.text(), ';').map(words).collect()
}

fn words(list: &str) -> String {
    let items = split(list, ',').map(|item| tidy(&unescape(item)));
    items.filter(|item| !item.is_empty()).collect::<Vec<_>>().join(" ")
}

fn tidy(text: &str) -> String {
    text.replace("\r\n", "\n").trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::components;

    fn card(lines: &str) -> Component {
        let text = format!("BEGIN:VCARD\n{lines}\nEND:VCARD\n");
        components(text.as_bytes()).expect("a card").roots.remove(0)
    }

    #[test]
    fn a_missing_name_is_built() {
        let check = |lines: &str, full: &str| assert_eq!(names(&card(lines)).full, full);
        check("FN:\nN:Aubry;Claire;Anne,Marie;Mme;", "Mme Claire Anne Marie Aubry");
        check("N:;;;;\nORG:Boulangerie du Coin;Vente", "Boulangerie du Coin, Vente");
        check("EMAIL:claire@example.org", "claire@example.org");
        check("NOTE:x", "");
    }

    #[test]
    fn birthdays() {
        let check = |line: &str, expected: &str| {
            assert_eq!(birthday(card(line).property("BDAY").expect("there")), expected);
        };
        check("BDAY:19850412T102200", "1985-04-12");
        check("BDAY:--0413", "--04-13");
        check("BDAY;X-APPLE-OMIT-YEAR=1604:1604-02-29", "--02-29");
        check("BDAY;VALUE=text:circa 1800", "circa 1800");
    }
}
