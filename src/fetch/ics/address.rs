//! Where a calendar is. Often the address is all that protects it, and then it is a secret.

use sha2::{Digest, Sha256};
use url::Url;

use super::super::fill;
use super::super::order::{Failure, Order};
use super::super::settings;
use crate::model::run::{Class, Said};

/// The address of a calendar.
pub struct Address {
    pub url: Url,
    /// Whether it comes from the vault, and not from `moisson.toml`.
    is_secret: bool,
}

impl Address {
    /// What the source calls `url`. One that stands in `moisson.toml` is public, also where the
    /// service takes it for a secret.
    pub fn of(order: &Order<'_>) -> Result<Self, Failure> {
        let public = settings::text(order.source, order.service, "url");
        let is_secret = public.is_none();
        let text = match public {
            Some(text) => text,
            None => fill::field(order, "url")?,
        };
        let url = parsed(&text).ok_or_else(|| unreadable(&order.source.id))?;
        Ok(Self { url, is_secret })
    }

    pub fn host(&self) -> String {
        self.url.host_str().unwrap_or_default().to_owned()
    }

    /// For people: without what may be secret.
    pub fn shown(&self) -> String {
        let path = if self.is_secret { "/…" } else { self.url.path() };
        format!("{}://{}{path}", self.url.scheme(), self.host())
    }

    /// A text for people, with the host in place of the address.
    pub fn hidden_in(&self, text: &str) -> String {
        let text = text.replace(self.url.as_str(), &self.host());
        if self.url.path().len() > 1 { text.replace(self.url.path(), "/…") } else { text }
    }

    /// What the state knows it by; the address cannot be told from it.
    pub fn key(&self) -> String {
        Sha256::digest(self.url.as_str())
            .iter()
            .take(12)
            .fold("ics/".to_owned(), |key, byte| format!("{key}{byte:02x}"))
    }
}

/// `webcal` is what browsers hand to calendar programs, and means `https` today.
fn parsed(text: &str) -> Option<Url> {
    let text = text.trim();
    let rest = ["webcal://", "webcals://"].iter().find_map(|scheme| {
        let start = text.get(..scheme.len())?;
        start.eq_ignore_ascii_case(scheme).then(|| &text[scheme.len()..])
    });
    let url = Url::parse(&rest.map_or_else(|| text.to_owned(), |rest| format!("https://{rest}"))).ok()?;
    (matches!(url.scheme(), "http" | "https") && url.has_host()).then_some(url)
}

fn unreadable(source: &str) -> Failure {
    let en = format!("the address `url` of the source `{source}` is none: https://… or webcal://…");
    let fr = format!("l'adresse `url` de la source « {source} » n'en est pas une : https://… ou webcal://…");
    Failure::new(Class::Config, Said::new(en, fr))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_calendar_programs_are_those_of_the_web() {
        for (text, expected) in [
            ("webcal://example.org/a.ics", Some("https://example.org/a.ics")),
            (" WEBCAL://example.org/a.ics\n", Some("https://example.org/a.ics")),
            ("webcals://example.org:8443/a", Some("https://example.org:8443/a")),
            ("http://nas.example.org/a", Some("http://nas.example.org/a")),
            ("file:///etc/passwd", None),
            ("example.org/a.ics", None),
            ("wébcal://example.org", None),
        ] {
            assert_eq!(parsed(text).as_ref().map(Url::as_str), expected, "{text}");
        }
    }

    #[test]
    fn a_secret_address_is_never_shown() {
        let url = Url::parse("https://example.org/private-0123/basic.ics?key=4567").unwrap();
        let secret = Address { url: url.clone(), is_secret: true };
        assert_eq!(secret.shown(), "https://example.org/…");
        assert!(!secret.key().contains("0123"));
        let told = secret.hidden_in("error for https://example.org/private-0123/basic.ics?key=4567: no");
        assert_eq!(told, "error for example.org: no");
        assert_eq!(Address { url, is_secret: false }.shown(), "https://example.org/private-0123/basic.ics");
    }
}
