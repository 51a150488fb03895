//! Where everything is, as a program is told.

use std::net::SocketAddr;

use secrecy::{ExposeSecret as _, SecretString};

use crate::config::Serve;

/// The start of every address, and the name to log in with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    base: String,
    user: String,
}

impl Place {
    /// `base` is `https://dav.example.org`, without a slash at its end.
    pub fn new(base: &str, user: &str) -> Self {
        Self { base: base.to_owned(), user: user.to_owned() }
    }

    /// What the settings tell of it: the first name; TLS when there is a certificate or a proxy.
    pub fn of_settings(settings: &Serve, listen: SocketAddr) -> Self {
        let is_proxied = settings.tls.is_none() && !settings.proxies.is_empty();
        let is_secure = settings.tls.is_some() || is_proxied;
        let own =
            if listen.ip().is_unspecified() { format!("localhost:{}", listen.port()) } else { listen.to_string() };
        let host = match (settings.names.first(), listen.port()) {
            (None, _) => own,
            (Some(name), _) if is_proxied => name.clone(),
            (Some(name), 443) if is_secure => name.clone(),
            (Some(name), 80) if !is_secure => name.clone(),
            (Some(name), port) => format!("{name}:{port}"),
        };
        Self::new(&format!("{}://{host}", if is_secure { "https" } else { "http" }), &settings.user)
    }

    /// `https://dav.example.org`
    pub fn base(&self) -> &str {
        &self.base
    }

    pub fn user(&self) -> &str {
        &self.user
    }

    /// What most programs are given.
    pub fn dav(&self) -> String {
        format!("{}/dav/", self.base)
    }

    pub fn principal_path(&self) -> String {
        format!("/dav/principals/{}/", self.user)
    }

    /// `https://…/setup/moisson.mobileconfig`
    pub fn profile(&self) -> String {
        format!("{}/setup/moisson.mobileconfig", self.base)
    }

    pub fn is_secure(&self) -> bool {
        self.base.starts_with("https://")
    }

    /// Without scheme and port.
    pub fn host(&self) -> &str {
        self.authority().0
    }

    pub fn port(&self) -> u16 {
        self.authority().1.unwrap_or(if self.is_secure() { 443 } else { 80 })
    }

    /// What opens `DAVx5` with everything filled in: `davx5:` stands for https, `caldav:` for http.
    pub fn davx5(&self, password: Option<&SecretString>) -> String {
        let scheme = if self.is_secure() { "davx5" } else { "caldav" };
        let rest = self.base.split_once("://").map_or(self.base.as_str(), |(_, rest)| rest);
        let password = password.map(|password| format!(":{}", password.expose_secret())).unwrap_or_default();
        format!("{scheme}://{}{password}@{rest}/dav/", self.user)
    }

    fn authority(&self) -> (&str, Option<u16>) {
        let rest = self.base.split_once("://").map_or(self.base.as_str(), |(_, rest)| rest);
        match rest.rsplit_once(':') {
            Some((host, port)) if !port.ends_with(']') => (host, port.parse().ok()),
            _ => (rest, None),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(names: &[&str], proxies: &[&str], listen: &str) -> Place {
        let settings = Serve {
            names: names.iter().map(ToString::to_string).collect(),
            proxies: proxies.iter().map(|range| range.parse().expect("a range")).collect(),
            ..Serve::default()
        };
        Place::of_settings(&settings, listen.parse().expect("an address"))
    }

    #[test]
    fn addresses_are_what_clients_can_reach() {
        assert_eq!(of(&[], &[], "127.0.0.1:4747").base(), "http://127.0.0.1:4747");
        assert_eq!(of(&[], &["10.0.0.1"], "0.0.0.0:4747").base(), "https://localhost:4747");
        assert_eq!(of(&["dav.example.org"], &["10.0.0.1"], "0.0.0.0:4747").base(), "https://dav.example.org");
        assert_eq!(of(&["dav.example.org"], &[], "127.0.0.1:80").base(), "http://dav.example.org");
        let place = Place::new("https://dav.example.org:8443", "moisson");
        assert_eq!((place.host(), place.port()), ("dav.example.org", 8443));
        let place = Place::new("http://[::1]", "moisson");
        assert_eq!((place.host(), place.port()), ("[::1]", 80));
    }

    #[test]
    fn a_link_opens_the_phone_with_everything_filled_in() {
        let password = SecretString::from("abcd-efgh");
        let place = Place::new("https://dav.example.org:8443", "moisson");
        assert_eq!(place.davx5(Some(&password)), "davx5://moisson:abcd-efgh@dav.example.org:8443/dav/");
        let place = Place::new("http://127.0.0.1:4747", "moisson");
        assert_eq!(place.davx5(None), "caldav://moisson@127.0.0.1:4747/dav/");
    }
}
