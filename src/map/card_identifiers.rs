//! What reaches or names a person: telephones, e-mails, accounts, addresses, pages, handles.
//!
//! A value that is not valid stays, with confidence 0: it is what the card says.

use std::collections::{HashMap, HashSet};

use crate::decode::{Component, Property};
use crate::model::phone::{self, Number};

use super::card_names::{parts, plain_text};

/// One identifier of a card, canonical and as written.
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    pub kind: &'static str,
    pub value: String,
    pub raw: String,
    pub label: Option<String>,
    pub confidence: f64,
}

/// Messaging properties that name their service; IMPP and SOCIALPROFILE say it in another way.
const SERVICES: &[&str] = &[
    "AIM",
    "EVOLUTION-VIDEO-URL",
    "FACEBOOK",
    "GADUGADU",
    "GOOGLE-TALK",
    "GROUPWISE",
    "GTALK",
    "ICQ",
    "JABBER",
    "LINKEDIN",
    "MASTODON",
    "MATRIX",
    "MSN",
    "QQ",
    "SIGNAL",
    "SIP",
    "SKYPE",
    "TELEGRAM",
    "TWITTER",
    "WHATSAPP",
    "YAHOO",
];

/// All identifiers of a card, in its order, equal ones once. `region` is where numbers without a
/// country code are dialled.
pub fn identifiers(card: &Component, region: &str) -> Vec<Found> {
    let labels = group_labels(card);
    let mut found = Vec::new();
    let mut known = HashSet::new();
    for property in &card.properties {
        let own = property.group.as_deref().and_then(|group| labels.get(&group.to_ascii_lowercase())).cloned();
        let label = own.or_else(|| type_label(property));
        let Some((kind, value, confidence)) = read(property, label.as_deref(), region) else { continue };
        let raw = plain_text(property);
        if known.insert((kind, value.clone(), raw.clone())) {
            found.push(Found { kind, value, raw, label, confidence });
        }
    }
    found
}

type Reading = Option<(&'static str, String, f64)>;

fn read(property: &Property, label: Option<&str>, region: &str) -> Reading {
    let text = plain_text(property);
    if text.is_empty() {
        return None;
    }
    let name = property.name.as_str();
    if name.ends_with("IBAN") || (label.is_some_and(|label| label.eq_ignore_ascii_case("iban")) && name != "X-ABLABEL")
    {
        return Some(iban(&text));
    }
    match name {
        "TEL" => telephone(&text, region),
        "EMAIL" => Some(email(&text)),
        "ADR" => address(property),
        "LABEL" => Some(("address", one_line(&text), 1.0)),
        "URL" | "X-URL" => Some(("url", text, 1.0)),
        "X-ICS" | "X-CREDITOR-ID" | "X-SEPA-CREDITOR-ID" => Some(("creditor_id", without_blanks(&text), 1.0)),
        "IMPP" | "X-SOCIALPROFILE" | "SOCIALPROFILE" => Some(handle(property, &text)),
        _ => service(name).map(|service| ("handle", format!("{service}:{text}"), 1.0)),
    }
}

fn telephone(text: &str, region: &str) -> Reading {
    let number = dialled(text);
    let (value, confidence) = match phone::read(&number, region) {
        Number::None => return None,
        Number::Valid(value) | Number::Short(value) => (value, 1.0),
        Number::Masked { pattern } => (pattern, 0.0),
        Number::Invalid(value) | Number::Name(value) if !value.is_empty() => (value, 0.0),
        Number::Withheld | Number::Invalid(_) | Number::Name(_) => (number, 0.0),
    };
    Some(("phone", value, confidence))
}

/// The number of a `tel:` URI (RFC 3966), its extension left out; any other text as it is.
fn dialled(text: &str) -> String {
    let Some((scheme, rest)) = text.split_at_checked(4).filter(|(scheme, _)| scheme.eq_ignore_ascii_case("tel:"))
    else {
        return text.to_owned();
    };
    debug_assert_eq!(scheme.len(), 4);
    let mut parameters = rest.split(';');
    let number = parameters.next().unwrap_or_default().trim();
    let context = parameters.find_map(|parameter| parameter.trim().strip_prefix("phone-context=+"));
    match context {
        Some(code) if !number.starts_with('+') => format!("+{code}{}", number.trim_start_matches('0')),
        _ => number.to_owned(),
    }
}

fn email(text: &str) -> (&'static str, String, f64) {
    let inside = text.rsplit_once('<').map_or(text, |(_, inside)| inside.trim_end_matches('>'));
    let address = inside.trim().to_lowercase();
    let address = address.strip_prefix("mailto:").unwrap_or(&address).to_owned();
    let is_valid = address.split_once('@').is_some_and(|(user, domain)| !user.is_empty() && !domain.is_empty())
        && !address.contains(char::is_whitespace);
    ("email", address, if is_valid { 1.0 } else { 0.0 })
}

fn iban(text: &str) -> (&'static str, String, f64) {
    let iban = without_blanks(text);
    let confidence = if iban.parse::<iban::Iban>().is_ok() { 1.0 } else { 0.0 };
    ("iban", iban, confidence)
}

/// `street, extension, box, code town, region, country`, whatever is there.
fn address(property: &Property) -> Reading {
    let parts = parts(property);
    let part = |at: usize| parts.get(at).map(|part| one_line(part)).unwrap_or_default();
    let town = format!("{} {}", part(5), part(3)).trim().to_owned();
    let said = [part(2), part(1), part(0), town, part(4), part(6)];
    let said: Vec<String> = said.into_iter().filter(|part| !part.is_empty()).collect();
    (!said.is_empty()).then(|| ("address", said.join(", "), 1.0))
}

/// `service:name`; the service is stated beside the value or is the scheme of its URI.
fn handle(property: &Property, text: &str) -> (&'static str, String, f64) {
    let stated = ["X-SERVICE-TYPE", "SERVICE-TYPE"].into_iter().find_map(|name| property.parameter(name));
    let kind = if property.name == "IMPP" { None } else { property.parameter("TYPE") };
    let user = ["X-USER", "USERNAME"].into_iter().find_map(|name| property.parameter(name));
    let is_page = text.to_ascii_lowercase().starts_with("http");
    let (scheme, rest) = if is_page { (None, text) } else { split_scheme(text) };
    let service = stated.or(kind).or(scheme).unwrap_or("im").to_lowercase();
    let name = user.filter(|user| !user.is_empty()).unwrap_or(rest).trim();
    ("handle", format!("{service}:{name}"), 1.0)
}

fn split_scheme(text: &str) -> (Option<&str>, &str) {
    text.split_once(':').map_or((None, text), |(scheme, rest)| (Some(scheme), rest))
}

fn service(name: &str) -> Option<String> {
    let service = name.strip_prefix("X-")?;
    let service = service.strip_suffix("-USERNAME").unwrap_or(service);
    let service = service.strip_prefix("KADDRESSBOOK-X-").unwrap_or(service);
    SERVICES.contains(&service).then(|| service.to_ascii_lowercase())
}

/// Apple's labels: `item1.X-ABLabel:_$!<Home>!$_` names the properties of group `item1`.
fn group_labels(card: &Component) -> HashMap<String, String> {
    let labels = card.properties.iter().filter(|property| property.name == "X-ABLABEL");
    labels.filter_map(|property| Some((property.group.as_ref()?.to_ascii_lowercase(), apple_label(property)))).collect()
}

fn apple_label(property: &Property) -> String {
    let text = plain_text(property);
    match text.strip_prefix("_$!<").and_then(|rest| rest.strip_suffix(">!$_")) {
        Some(built_in) => built_in.to_lowercase(),
        None => text,
    }
}

/// home, work, mobile, or the first type that tells something.
fn type_label(property: &Property) -> Option<String> {
    let values = property.parameter_values("TYPE").flat_map(|value| value.split(','));
    let types: Vec<String> = values.map(|value| value.trim().to_lowercase()).collect();
    let has = |wanted: &[&str]| types.iter().any(|kind| wanted.contains(&kind.as_str()));
    if has(&["cell", "mobile", "iphone"]) {
        return Some("mobile".to_owned());
    }
    let known = ["fax", "pager", "home", "work"].into_iter().find(|kind| has(&[kind]));
    let silent = ["pref", "voice", "internet", "msg", "text", "x-internet", "other", ""];
    let other = || types.iter().find(|kind| !silent.contains(&kind.as_str())).cloned();
    known.map(str::to_owned).or_else(other)
}

fn one_line(text: &str) -> String {
    text.lines().map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join(", ")
}

fn without_blanks(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).flat_map(char::to_uppercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::components;

    fn check(line: &str, expected: (&str, &str, Option<&str>, f64)) {
        let text = format!("BEGIN:VCARD\n{line}\nEND:VCARD\n");
        let card = components(text.as_bytes()).expect("a card").roots.remove(0);
        let found = identifiers(&card, "FR");
        let first = found.first().expect("an identifier");
        assert_eq!((first.kind, first.value.as_str(), first.label.as_deref(), first.confidence), expected, "{line}");
    }

    #[test]
    fn telephones() {
        check("TEL;CELL:06 39 98 12 34", ("phone", "+33639981234", Some("mobile"), 1.0));
        check(
            "TEL;VALUE=uri;TYPE=\"voice,home\":tel:+33-1-99-00-12-34;ext=102",
            ("phone", "+33199001234", Some("home"), 1.0),
        );
        check("TEL;VALUE=uri:tel:0199001234;phone-context=+33", ("phone", "+33199001234", None, 1.0));
        check("TEL:3179", ("phone", "3179", None, 1.0));
        check("TEL;TYPE=WORK,FAX:01 99 00", ("phone", "019900", Some("fax"), 0.0));
    }

    #[test]
    fn accounts_and_addresses() {
        check("X-IBAN:fr14 2004 1010 0505 0001 3M02 606", ("iban", "FR1420041010050500013M02606", None, 1.0));
        check("X-IBAN:FR00 1", ("iban", "FR001", None, 0.0));
        check("EMAIL;TYPE=INTERNET;TYPE=HOME:Claire@Example.org", ("email", "claire@example.org", Some("home"), 1.0));
        check(
            "ADR;WORK:;Bât. B;3 rue des Lilas;Lyon;;69003;France",
            ("address", "3 rue des Lilas, Bât. B, 69003 Lyon, France", Some("work"), 1.0),
        );
    }

    #[test]
    fn labels_and_handles() {
        check("item1.TEL:3179\nitem1.X-ABLabel:_$!<HomeFAX>!$_", ("phone", "3179", Some("homefax"), 1.0));
        check("item2.X-ABLabel:Chalet\nitem2.TEL:3179", ("phone", "3179", Some("Chalet"), 1.0));
        check("IMPP;X-SERVICE-TYPE=Skype:skype:claire.a", ("handle", "skype:claire.a", None, 1.0));
        check(
            "X-SOCIALPROFILE;TYPE=twitter;X-USER=claire:http://example.org/claire",
            ("handle", "twitter:claire", Some("twitter"), 1.0),
        );
        check("X-JABBER:claire@example.org", ("handle", "jabber:claire@example.org", None, 1.0));
    }
}
