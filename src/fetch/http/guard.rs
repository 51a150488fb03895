//! Whom a client may call (server-side request forgery, CWE-918).
//!
//! Every address that is connected to was looked at here: the literal ones of a URL by
//! [`Guard::check`], the others by [`Guard::addresses`] within the resolver, so that nothing
//! resolves a name a second time between the look and the connection. It opens no connection.

use std::net::IpAddr;
use std::sync::Arc;

use url::{Host, Url};

use super::address::{Reach, reach};
use super::refusal::Refusal;
use super::resolve::Lookup;
use crate::config::Network;

/// The rules of one client.
#[derive(Clone)]
pub struct Guard {
    /// Private addresses and plain HTTP are allowed for these.
    home: Arc<[Place]>,
    /// Nobody else may be called; `None` is anybody.
    only: Option<Arc<[Place]>>,
    lookup: Lookup,
}

/// A host as it is written in settings: `nas.lan`, `nas.lan:5232`, `[fd12::1]:80`, `*.example.org`.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Place {
    host: String,
    port: Option<u16>,
    /// Any host below it, not itself.
    is_below: bool,
}

impl Guard {
    pub fn new(network: &Network, lookup: Lookup) -> Self {
        Self { home: network.home_hosts.iter().map(|text| Place::new(text)).collect(), only: None, lookup }
    }

    /// The same, for these hosts only.
    pub fn restricted_to(&self, hosts: &[String]) -> Self {
        Self { only: Some(hosts.iter().map(|text| Place::new(text)).collect()), ..self.clone() }
    }

    /// The same, with names looked up in another way.
    pub fn with_lookup(&self, lookup: Lookup) -> Self {
        Self { lookup, ..self.clone() }
    }

    /// Whether a URL may be called, as far as the URL tells: its scheme, host, port, and its
    /// address where it is written in the URL. What its name resolves to is looked at later.
    pub fn check(&self, url: &Url) -> Result<(), Refusal> {
        if !matches!(url.scheme(), "https" | "http") {
            return Err(Refusal::Scheme(url.scheme().to_owned()));
        }
        let (host, port) = place(url).ok_or(Refusal::Nowhere)?;
        self.check_host(&host, port)?;
        if url.scheme() == "http" && !self.is_home(&host, port) {
            return Err(Refusal::Plain { host });
        }
        Ok(())
    }

    /// Whether a host may be called on a port, as far as their text tells. `host` is as [`name`]
    /// gives it.
    pub fn check_host(&self, host: &str, port: u16) -> Result<(), Refusal> {
        if port == 0 || host.is_empty() {
            return Err(Refusal::Nowhere);
        }
        if self.only.as_ref().is_some_and(|only| !only.iter().any(|place| place.is(host, port))) {
            return Err(Refusal::Undeclared { host: host.to_owned() });
        }
        if let Ok(address) = host.trim_matches(['[', ']']).parse() {
            return self.check_address(host, address, self.is_home(host, port));
        }
        let is_local = host == "localhost" || host.ends_with(".localhost");
        if is_local && !self.is_home(host, port) {
            return Err(self.stranger(host, None, "an address of this machine"));
        }
        Ok(())
    }

    /// Whether it is a host of the home, on that port.
    pub fn is_home(&self, host: &str, port: u16) -> bool {
        self.home.iter().any(|place| place.is(host, port))
    }

    /// The addresses of a host that may be connected to. One that may not spoils all: a name that
    /// leads here and there is not to be trusted. `is_home` is what [`Guard::is_home`] says.
    pub async fn addresses(&self, host: &str, is_home: bool) -> Result<Vec<IpAddr>, Unresolved> {
        let found = match host.trim_matches(['[', ']']).parse() {
            Ok(literal) => vec![literal],
            Err(_) => self.lookup.addresses(host).await.map_err(Unresolved::Unknown)?,
        };
        for address in &found {
            self.check_address(host, *address, is_home).map_err(Unresolved::Refused)?;
        }
        Ok(found)
    }

    fn check_address(&self, host: &str, address: IpAddr, is_home: bool) -> Result<(), Refusal> {
        match reach(address) {
            Reach::World => Ok(()),
            Reach::Never(what) => Err(Refusal::Never { host: host.to_owned(), address, what }),
            Reach::Home(_) if is_home => Ok(()),
            Reach::Home(what) => Err(self.stranger(host, Some(address), what)),
        }
    }

    fn stranger(&self, host: &str, address: Option<IpAddr>, what: &'static str) -> Refusal {
        let host = host.to_owned();
        if self.home.iter().any(|place| place.host == host) {
            return Refusal::Port { host };
        }
        Refusal::Home { host, address, what }
    }
}

/// Why a name gave no addresses.
#[derive(Debug)]
pub enum Unresolved {
    Refused(Refusal),
    Unknown(std::io::Error),
}

/// Host and port of a URL, in the form that rules are held against.
pub fn place(url: &Url) -> Option<(String, u16)> {
    Some((name(url.host_str()?), url.port_or_known_default()?))
}

/// A host in one form: lower case, without a final dot, IPv6 in brackets, and an IPv4 address in
/// its usual form however it was written (`0x7f.1`, `2130706433`).
pub fn name(host: &str) -> String {
    let bare = host.strip_suffix('.').unwrap_or(host);
    if let Ok(address) = bare.parse::<std::net::Ipv6Addr>() {
        return format!("[{address}]");
    }
    match Host::parse(bare) {
        Ok(Host::Domain(domain)) => domain.strip_suffix('.').unwrap_or(&domain).to_owned(),
        Ok(other) => other.to_string(),
        Err(_) => bare.to_lowercase(),
    }
}

impl Place {
    fn new(text: &str) -> Self {
        let (text, is_below) = text.trim().strip_prefix("*.").map_or((text.trim(), false), |below| (below, true));
        let is_bare_v6 = text.parse::<std::net::Ipv6Addr>().is_ok();
        let split =
            text.rsplit_once(':').filter(|(host, _)| !is_bare_v6 && (!host.starts_with('[') || host.ends_with(']')));
        match split.and_then(|(host, port)| Some((host, port.parse().ok()?))) {
            Some((host, port)) => Self { host: name(host), port: Some(port), is_below },
            None => Self { host: name(text), port: None, is_below },
        }
    }

    fn is(&self, host: &str, port: u16) -> bool {
        let fits = if self.is_below {
            host.strip_suffix(&self.host).is_some_and(|rest| rest.len() > 1 && rest.ends_with('.'))
        } else {
            host == self.host
        };
        fits && self.port.is_none_or(|own| own == port)
    }
}
