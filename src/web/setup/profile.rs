//! A configuration profile for Apple's systems: an account for calendars and one for contacts
//! (Apple, Device Management: `CalDAV` and `CardDAV` payloads).
//!
//! Identifiers are made from the place, so that a newer profile takes the place of an older one.
//! It is not signed; the system says so when it is opened.

use secrecy::{ExposeSecret as _, SecretString};
use sha2::{Digest as _, Sha256};

use super::html::{Element, tag};
use super::place::Place;
use crate::web::accounts::{Service, hex};

/// What stands before the root: the type of the document is what such files are recognised by.
const PROLOGUE: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
    <!DOCTYPE plist PUBLIC \"-//Apple//DTD PLIST 1.0//EN\" \"http://www.apple.com/DTDs/PropertyList-1.0.dtd\">\n";

/// One of both accounts.
#[derive(Clone, Copy)]
struct Account {
    /// What the names of its keys begin with.
    prefix: &'static str,
    kind: &'static str,
}

const CALENDARS: Account = Account { prefix: "CalDAV", kind: "com.apple.caldav.account" };
const CONTACTS: Account = Account { prefix: "CardDAV", kind: "com.apple.carddav.account" };

/// The profile; without a password the system asks for it.
pub fn write(place: &Place, service: Service, password: Option<&SecretString>) -> String {
    let mut accounts = tag("array");
    for (part, account) in [(Service::Calendars, CALENDARS), (Service::Contacts, CONTACTS)] {
        if service.includes(part) {
            accounts = accounts.with(payload(place, account, password));
        }
    }
    let mut whole = named(tag("dict"), place, "profile", "Configuration");
    whole = pair(whole, "PayloadContent", accounts);
    whole = string(whole, "PayloadDescription", "moisson: calendars and contacts");
    whole = string(whole, "PayloadOrganization", place.host());
    whole = pair(whole, "PayloadRemovalDisallowed", tag("false"));
    format!("{PROLOGUE}{}\n", tag("plist").is("version", "1.0").with(whole).write())
}

fn payload(place: &Place, account: Account, password: Option<&SecretString>) -> Element {
    let key = |name: &str| format!("{}{name}", account.prefix);
    let mut dict = named(tag("dict"), place, account.prefix, account.kind);
    dict = string(dict, &key("AccountDescription"), &format!("moisson ({})", place.host()));
    dict = string(dict, &key("HostName"), place.host());
    dict = pair(dict, &key("Port"), tag("integer").text(place.port().to_string()));
    dict = pair(dict, &key("UseSSL"), tag(if place.is_secure() { "true" } else { "false" }));
    dict = string(dict, &key("PrincipalURL"), &place.principal_path());
    dict = string(dict, &key("Username"), place.user());
    match password {
        Some(password) => string(dict, &key("Password"), password.expose_secret()),
        None => dict,
    }
}

/// With what every payload has.
fn named(dict: Element, place: &Place, what: &str, kind: &str) -> Element {
    let dict = string(dict, "PayloadType", kind);
    let dict = pair(dict, "PayloadVersion", tag("integer").text("1"));
    let dict = string(dict, "PayloadIdentifier", &format!("moisson.{}.{}", place.host(), what.to_lowercase()));
    let dict = string(dict, "PayloadUUID", &uuid(&[place.base(), place.user(), what]));
    string(dict, "PayloadDisplayName", &format!("moisson ({})", place.host()))
}

fn string(dict: Element, key: &str, value: &str) -> Element {
    pair(dict, key, tag("string").text(value))
}

fn pair(dict: Element, key: &str, value: Element) -> Element {
    dict.with(tag("key").text(key)).with(value)
}

/// A UUID of version 8 (RFC 9562 §5.8): the start of a hash.
fn uuid(parts: &[&str]) -> String {
    let mut bytes: [u8; 32] = Sha256::digest(parts.join("\n")).into();
    bytes[6] = 0x80 | (bytes[6] & 0x0f);
    bytes[8] = 0x80 | (bytes[8] & 0x3f);
    let digits = hex(&bytes[..16]).to_uppercase();
    [&digits[..8], &digits[8..12], &digits[12..16], &digits[16..20], &digits[20..]].join("-")
}
