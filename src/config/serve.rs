//! `[serve]`: where the process that stays is spoken to, and under which names.

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::str::FromStr;

use serde::Deserialize;
use serde::de::{Deserializer, Error as _};

use super::Derived;

/// `[serve]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Serve {
    /// Where calendars, contacts, set-up pages, health and metrics are served.
    pub listen: SocketAddr,
    /// Most sources that are fetched at the same time.
    pub at_once: usize,
    /// The name that every device logs in with.
    #[serde(deserialize_with = "user")]
    pub user: String,
    /// Names that devices know this machine by, the one to show first: `dav.example.org`. Requests
    /// for any other are not answered.
    #[serde(deserialize_with = "names")]
    pub names: Vec<String>,
    /// Proxies that speak TLS for it, whose word about who calls is believed. When some are given,
    /// `listen` may be plain HTTP on a network, and only they may connect from there.
    pub proxies: Vec<Range>,
    /// Whether devices that ask for it are told of changes, by the push services that they name.
    pub push: bool,
    pub tls: Option<Tls>,
    /// What is made from the views and served too.
    pub derived: Derived,
}

/// `[serve.tls]`: files in PEM, read anew when they change.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tls {
    /// The certificate and those between it and the authority.
    pub certificate: PathBuf,
    /// Its private key.
    pub key: PathBuf,
}

/// Addresses that begin alike: `127.0.0.1`, `172.16.0.0/12`, `fd00::/8`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Range {
    address: IpAddr,
    n_bits: u8,
}

impl Default for Serve {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 4747)),
            at_once: 4,
            user: "moisson".to_owned(),
            names: Vec::new(),
            proxies: Vec::new(),
            push: true,
            tls: None,
            derived: Derived::default(),
        }
    }
}

impl Serve {
    /// Whether passwords would cross a network in the clear when it listens there.
    pub fn is_exposed(&self, listen: SocketAddr) -> bool {
        !listen.ip().to_canonical().is_loopback() && self.tls.is_none() && self.proxies.is_empty()
    }
}

impl Range {
    pub fn contains(&self, address: IpAddr) -> bool {
        match (self.address, address.to_canonical()) {
            (IpAddr::V4(own), IpAddr::V4(other)) => self.is_same(own.to_bits().into(), other.to_bits().into(), 32),
            (IpAddr::V6(own), IpAddr::V6(other)) => self.is_same(own.to_bits(), other.to_bits(), 128),
            _ => false,
        }
    }

    fn is_same(&self, one: u128, other: u128, width: u32) -> bool {
        let differing = one ^ other;
        let shift = width.saturating_sub(self.n_bits.into());
        differing.checked_shr(shift).unwrap_or(0) == 0
    }
}

impl FromStr for Range {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("`{text}` is neither an address nor a range such as `172.16.0.0/12`");
        let (address, n_bits) = text.split_once('/').map_or((text, None), |(address, bits)| (address, Some(bits)));
        let address = address.parse::<IpAddr>().map_err(|_| wrong())?.to_canonical();
        let most = if address.is_ipv4() { 32 } else { 128 };
        let n_bits = n_bits.map_or(Ok(most), |bits| bits.parse::<u8>().map_err(|_| wrong()))?;
        if n_bits > most { Err(wrong()) } else { Ok(Self { address, n_bits }) }
    }
}

impl fmt::Display for Range {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}/{}", self.address, self.n_bits)
    }
}

impl<'de> Deserialize<'de> for Range {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        String::deserialize(from)?.parse().map_err(D::Error::custom)
    }
}

/// A name that stands in addresses and headers as it is (RFC 7617 §2: without a colon).
fn user<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    let name = String::deserialize(from)?;
    let is_sign = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
    if !name.is_empty() && name.len() <= 64 && name.chars().all(is_sign) {
        return Ok(name);
    }
    Err(D::Error::custom(format!("`{name}` is not a name to log in with, expected letters, digits, `.`, `_` and `-`")))
}

/// Names of hosts, in lower case.
fn names<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<String>, D::Error> {
    let names = Vec::<String>::deserialize(from)?;
    names.into_iter().map(|name| host(&name).map_err(D::Error::custom)).collect()
}

fn host(name: &str) -> Result<String, String> {
    let is_label = |label: &str| {
        let is_sign = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        (1..=63).contains(&label.len()) && label.bytes().all(is_sign)
    };
    if name.len() <= 253 && name.split('.').all(is_label) {
        return Ok(name.to_ascii_lowercase());
    }
    Err(format!(
        "`{name}` is not the name of a machine, expected one such as `dav.example.org`, without scheme and port"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn within(range: &str, address: &str) -> bool {
        range.parse::<Range>().expect("a range").contains(address.parse().expect("an address"))
    }

    #[test]
    fn ranges_hold_what_begins_alike() {
        assert!(within("127.0.0.1", "127.0.0.1") && !within("127.0.0.1", "127.0.0.2"));
        assert!(within("172.16.0.0/12", "172.31.255.255") && !within("172.16.0.0/12", "172.32.0.0"));
        assert!(within("fd00::/8", "fdff::1") && !within("fd00::/8", "fe80::1"));
        assert!(within("127.0.0.1", "::ffff:127.0.0.1") && !within("::1", "127.0.0.1"));
        assert!(within("0.0.0.0/0", "203.0.113.1") && !within("0.0.0.0/0", "2001:db8::1"));
        for wrong in ["", "localhost", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/-1", "::/129"] {
            assert!(wrong.parse::<Range>().is_err(), "{wrong}");
        }
    }
}
