//! A card as RFC 6350 wants one to be, for cards that are made here: everything that the original
//! says is kept, and what the specification does not know is named as an extension.
//!
//! Cards that clients store never pass through this.

use super::check::Version;
use super::convert;
use super::lines::{Line, lines};
use super::parameters::{Parameter, Property};
use crate::decode::value_text;

/// Properties of which a card has one at most (RFC 6350 §6, RFC 6474).
const SINGLE: [&str; 11] =
    ["N", "BDAY", "ANNIVERSARY", "GENDER", "REV", "PRODID", "UID", "KIND", "BIRTHPLACE", "DEATHPLACE", "DEATHDATE"];
/// The others that it may have (RFC 6350, RFC 6715).
const SEVERAL: [&str; 33] = [
    "SOURCE",
    "FN",
    "NICKNAME",
    "PHOTO",
    "ADR",
    "TEL",
    "EMAIL",
    "IMPP",
    "LANG",
    "TZ",
    "GEO",
    "TITLE",
    "ROLE",
    "LOGO",
    "ORG",
    "MEMBER",
    "RELATED",
    "CATEGORIES",
    "NOTE",
    "SOUND",
    "CLIENTPIDMAP",
    "URL",
    "KEY",
    "FBURL",
    "CALADRURI",
    "CALURI",
    "XML",
    "EXPERTISE",
    "HOBBY",
    "INTEREST",
    "ORG-DIRECTORY",
    "CONTACT-URI",
    "X-",
];
/// Properties whose value is an address.
const ADDRESSES: [&str; 13] = [
    "URL",
    "IMPP",
    "SOURCE",
    "MEMBER",
    "PHOTO",
    "LOGO",
    "SOUND",
    "GEO",
    "FBURL",
    "CALURI",
    "CALADRURI",
    "ORG-DIRECTORY",
    "CONTACT-URI",
];
/// Properties whose text has a language.
const SPOKEN: [&str; 10] = ["FN", "N", "NICKNAME", "ADR", "ORG", "TITLE", "ROLE", "NOTE", "LOGO", "SOUND"];
/// Properties that point at something of a media type.
const POINTING: [&str; 10] = ["PHOTO", "LOGO", "SOUND", "KEY", "URL", "TEL", "IMPP", "SOURCE", "MEMBER", "RELATED"];

/// The properties of a card of any version, as ones of version 4.0, without `BEGIN`, `VERSION` and
/// `END`; each is given to `choose`, which may change it and says whether it stays.
pub fn properties_in_four(card: &[u8], mut choose: impl FnMut(&mut Property<'_>) -> bool) -> Vec<u8> {
    let four = match convert::version_of(card) {
        Some(Version::Four) => card.to_vec(),
        Some(Version::Three) | None => convert::to(card, Version::Four),
    };
    let mut seen = Vec::new();
    let mut out = Vec::with_capacity(four.len());
    for line in lines(&four).filter(|line| !is_frame(line)) {
        let Some(mut property) = Property::of(&line) else { continue };
        make_strict(&mut property);
        let name = property.name.to_ascii_uppercase();
        if SINGLE.contains(&name.as_str()) && seen.contains(&name) {
            continue;
        }
        if choose(&mut property) {
            seen.push(name);
            property.write("\r\n", &mut out);
        }
    }
    out
}

fn is_frame(line: &Line<'_>) -> bool {
    ["BEGIN", "VERSION", "END"].iter().any(|frame| line.is(frame))
}

fn make_strict(property: &mut Property<'_>) {
    property.group = property.group.take().map(|group| plain(&group)).filter(|group| !group.is_empty());
    property.name = plain(&property.name);
    let name = property.name.to_ascii_uppercase();
    if ADDRESSES.contains(&name.as_str()) {
        match as_address(&property.value) {
            Some(address) if address == property.value => {}
            Some(address) => property.value = address.into(),
            None => property.name.insert_str(0, "X-"),
        }
    }
    let is_known = SINGLE.contains(&name.as_str()) || SEVERAL.contains(&name.as_str()) || name.starts_with("X-");
    if !is_known {
        property.name.insert_str(0, "X-");
    }
    let name = property.name.to_ascii_uppercase();
    property.parameters.retain(|parameter| may_have(&name, parameter));
    for parameter in &mut property.parameters {
        parameter.name = plain(&parameter.name);
        parameter.values.iter_mut().for_each(|value| value.retain(|c| !c.is_control()));
    }
    match name.as_str() {
        "N" => set_parts(property, 5),
        "ADR" => set_parts(property, 7),
        _ => {}
    }
    if property.value.contains(|c: char| c.is_control()) {
        property.value = property.value.replace('\t', " ").replace(|c: char| c.is_control(), "").into();
    }
}

/// The value as an address (RFC 3986); nothing of what is none.
fn as_address(value: &str) -> Option<String> {
    let value = value.trim().replace("\\:", ":").replace("\\,", ",").replace("\\;", ";").replace(' ', "%20");
    let is_sign = |c: char| c.is_ascii_alphanumeric() || "+.-".contains(c);
    match value.split_once(':') {
        Some((scheme, rest))
            if scheme.starts_with(|c: char| c.is_ascii_alphabetic()) && scheme.chars().all(is_sign) =>
        {
            (!rest.is_empty()).then_some(value)
        }
        // People write the address of a site without the beginning.
        _ if value.contains('.') && !value.contains('@') && value.is_ascii() => Some(format!("http://{value}")),
        _ => None,
    }
}

/// A structured value with as many parts as it has to have (RFC 6350 §6.2.2, §6.3.1).
fn set_parts(property: &mut Property<'_>, n: usize) {
    let mut parts: Vec<String> = value_text::split(&property.value, ';').map(str::to_owned).collect();
    if parts.len() == n {
        return;
    }
    let too_many = parts.split_off(n.min(parts.len()));
    parts.resize(n, String::new());
    parts.extend(too_many.into_iter().filter(|part| !part.is_empty()));
    let rest = parts.split_off(n);
    if let (Some(last), false) = (parts.last_mut(), rest.is_empty()) {
        *last = [vec![last.clone()], rest].concat().join("\\, ");
    }
    property.value = parts.join(";").into();
}

/// Letters, digits and dashes (RFC 6350 §3.3).
fn plain(name: &str) -> String {
    let replaced = name.chars().map(|c| if c == '_' || c == '/' { '-' } else { c });
    replaced.filter(|c| c.is_ascii_alphanumeric() || *c == '-').collect()
}

/// Whether the specification lets that property have the parameter (RFC 6350 §5 and §6).
fn may_have(property: &str, parameter: &Parameter) -> bool {
    let is_single = SINGLE.contains(&property);
    let is_extension = property.starts_with("X-");
    let value = parameter.values.first().map(String::as_str).unwrap_or_default();
    match parameter.name.to_ascii_uppercase().as_str() {
        name if name.starts_with("X-") => name.len() > 2,
        // Days say themselves what they are; so do extensions, whose value nobody checks.
        "VALUE" => !is_extension && !["BDAY", "ANNIVERSARY", "DEATHDATE", "REV"].contains(&property),
        "ALTID" => !["UID", "KIND", "REV", "PRODID", "SOURCE", "MEMBER", "CLIENTPIDMAP", "GENDER"].contains(&property),
        "TYPE" => !is_single && !["SOURCE", "MEMBER", "CLIENTPIDMAP", "XML"].contains(&property),
        "PREF" => !is_single && value.parse::<u8>().is_ok_and(|pref| (1..=100).contains(&pref)),
        "LANGUAGE" => SPOKEN.contains(&property) || is_extension,
        "MEDIATYPE" => POINTING.contains(&property) || is_extension,
        "SORT-AS" => ["N", "ORG"].contains(&property),
        "GEO" | "TZ" | "LABEL" => property == "ADR",
        "CALSCALE" => ["BDAY", "ANNIVERSARY"].contains(&property),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_unknown_becomes_an_extension() {
        let card = "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:A\r\nN:A;;;;\r\nN:B;;;;\r\nAGENT:x\r\nTEL;TYPE=home;LANGUAGE=fr:1\r\n\
                    BDAY;VALUE=date:1980-02-29\r\nX_FOO:\ta\r\nUID:u\r\nEND:VCARD\r\n";
        let made = properties_in_four(card.as_bytes(), |property| !property.is("UID"));
        let expected = "FN:A\r\nN:A;;;;\r\nX-AGENT:x\r\nTEL;TYPE=home:1\r\nBDAY:19800229\r\nX-FOO: a\r\n";
        assert_eq!(String::from_utf8(made).expect("text"), expected);
    }
}
