//! What is typed into the pages, and the token that shows it was typed there.

use std::collections::BTreeSet;

use ring::hmac;

use crate::web::accounts::{Access, Scope, Service, hex, is_same};

/// Names and values of a form, in order.
pub type Form = Vec<(String, String)>;

/// Makes tokens: each device has its own for as long as the process lives.
pub struct Tokens {
    key: hmac::Key,
}

impl Default for Tokens {
    fn default() -> Self {
        let random = ring::rand::SystemRandom::new();
        let key = hmac::Key::generate(hmac::HMAC_SHA256, &random).expect("the system gives random numbers");
        Self { key }
    }
}

impl std::fmt::Debug for Tokens {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("Tokens(…)")
    }
}

impl Tokens {
    /// The token of pages that this device sees.
    pub fn of(&self, device: &str) -> String {
        hex(hmac::sign(&self.key, device.as_bytes()).as_ref())
    }

    pub fn fits(&self, device: &str, token: &str) -> bool {
        is_same(self.of(device).as_bytes(), token.as_bytes())
    }
}

/// A body of `application/x-www-form-urlencoded`.
pub fn read(body: &[u8]) -> Form {
    url::form_urlencoded::parse(body).into_owned().collect()
}

/// The first value of that name, or nothing.
pub fn value<'a>(form: &'a Form, name: &str) -> &'a str {
    form.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value.as_str())
}

/// A value of an address's query.
pub fn query(query: Option<&str>, name: &str) -> Option<String> {
    let mut all = url::form_urlencoded::parse(query?.as_bytes());
    all.find(|(known, _)| known == name).map(|(_, value)| value.into_owned())
}

/// What a new device is given; the least where the form says nothing that is known.
pub fn scope(form: &Form) -> Scope {
    let service = match value(form, "service") {
        "all" => Service::All,
        "contacts" => Service::Contacts,
        _ => Service::Calendars,
    };
    let access = if value(form, "access") == "write" { Access::Write } else { Access::Read };
    let names: BTreeSet<String> = value(form, "collections")
        .split(',')
        .map(str::trim)
        .filter(|name| !name.is_empty())
        .map(str::to_owned)
        .collect();
    let collections = (!names.is_empty()).then_some(names);
    Scope { service, access, collections, page: value(form, "page") == "yes" }
}
