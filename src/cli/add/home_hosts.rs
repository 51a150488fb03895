//! Hosts of the home: an address that leads to a private one, or without TLS, has to be allowed.

use std::net::IpAddr;

use secrecy::ExposeSecret as _;
use toml::de::{DeTable, DeValue};
use url::{Host, Url};

use crate::config::{self, Config};

use super::super::error::{CONFIG, CliError};
use super::super::person::Terminal;
use super::Plan;
use super::block::quoted;

/// Endings of names that only mean something at home.
const HOME_NAMES: [&str; 7] = ["local", "lan", "home", "internal", "localdomain", "localhost", "box"];

/// The hosts that the source calls and that `[network]` does not allow yet.
pub fn wanted(config: &Config, plan: &Plan<'_>) -> Vec<String> {
    let texts = plan.answers.fields.values().flat_map(config::Setting::texts);
    // Of an address that is a secret, no more than the host is told.
    let secrets = plan.answers.secrets.values().map(|secret| secret.expose_secret().to_owned());
    let addresses = texts.chain(secrets).chain(base(plan)).filter_map(|text| Url::parse(&text).ok());
    let mut hosts: Vec<String> = addresses.filter(is_of_home).filter_map(|url| host(&url)).collect();
    hosts.sort();
    hosts.dedup();
    let is_known = |host: &String| {
        let bare = host.rsplit_once(':').map_or(host.as_str(), |(bare, _)| bare);
        config.network.home_hosts.iter().any(|known| known == host || known == bare)
    };
    hosts.retain(|host| !is_known(host));
    hosts
}

/// Asks whether they are those of the home.
pub fn allow(hosts: &[String], person: Option<&Terminal>) -> bool {
    let hosts = hosts.join(", ");
    person.is_some_and(|person| {
        person.agrees(
            &format!("{hosts} is at home or not encrypted. Allow moisson to call it?"),
            &format!("{hosts} est chez vous ou n'est pas chiffré. Autoriser moisson à l'appeler ?"),
            true,
        )
    })
}

pub fn refused(hosts: &[String]) -> CliError {
    let hosts = hosts.join(", ");
    CliError::new(
        CONFIG,
        format!("{hosts} may not be called: it is at home or not encrypted"),
        format!("{hosts} ne peut pas être appelé : c'est chez vous ou ce n'est pas chiffré"),
    )
    .hint("--home-host allows it", "--home-host l'autorise")
}

/// The text in which `[network]` allows them too.
pub fn add(text: &str, hosts: &[String]) -> Result<String, CliError> {
    if hosts.is_empty() {
        return Ok(text.to_owned());
    }
    let before = config::parse(text, "moisson.toml").map_err(config::ConfigError::from)?.network.home_hosts;
    let expected: Vec<&String> = before.iter().chain(hosts).collect();
    let is_right = |text: &String| {
        config::parse(text, "moisson.toml").is_ok_and(|config| config.network.home_hosts.iter().eq(expected.clone()))
    };
    written(text, hosts).filter(is_right).ok_or_else(|| by_hand(hosts))
}

fn written(text: &str, hosts: &[String]) -> Option<String> {
    let items: Vec<String> = hosts.iter().map(|host| quoted(host)).collect();
    let items = items.join(", ");
    let table = DeTable::parse(text).ok()?;
    let Some(network) = table.get_ref().get("network") else {
        let end = if text.is_empty() || text.ends_with('\n') { "" } else { "\n" };
        return Some(format!("{text}{end}\n[network]\nhome_hosts = [{items}]\n"));
    };
    let DeValue::Table(keys) = network.get_ref() else { return None };
    if let Some(list) = keys.get("home_hosts") {
        let DeValue::Array(known) = list.get_ref() else { return None };
        let end = list.span().end.checked_sub(1)?;
        let comma = if known.is_empty() { "" } else { ", " };
        let before = text[..end].trim_end().trim_end_matches(',');
        return Some(format!("{before}{comma}{items}{}", &text[end..]));
    }
    // The span of a table is its header.
    let line_end = text[network.span().end..].find('\n').map_or(text.len(), |at| network.span().end + at);
    Some(format!("{}\nhome_hosts = [{items}]{}", &text[..line_end], &text[line_end..]))
}

fn by_hand(hosts: &[String]) -> CliError {
    let items: Vec<String> = hosts.iter().map(|host| quoted(host)).collect();
    let items = items.join(", ");
    CliError::new(
        CONFIG,
        format!("moisson.toml is written in a way that {items} cannot be added to it"),
        format!("moisson.toml est écrit d'une façon qui ne permet pas d'y ajouter {items}"),
    )
    .hint(
        format!("add {items} to home_hosts under [network], then run this again"),
        format!("ajoutez {items} à home_hosts sous [network], puis relancez la commande"),
    )
}

/// The start of all addresses, its fields filled in.
fn base(plan: &Plan<'_>) -> Option<String> {
    let base = plan.service.fetch.base.clone().filter(|_| !plan.answers.fields.contains_key("base"))?;
    let needs = &plan.service.fetch.needs;
    let said = |name: &str| plan.answers.fields.get(name).map(|value| value.texts().join(","));
    let filled = needs.iter().fold(base, |base, (name, need)| {
        let value = said(name).or_else(|| need.default.clone()).unwrap_or_default();
        base.replace(&format!("{{{name}}}"), &value)
    });
    Some(filled)
}

/// Without TLS, at a private address, or under a name of the home.
fn is_of_home(url: &Url) -> bool {
    if !["http", "https"].contains(&url.scheme()) {
        return false;
    }
    url.scheme() == "http"
        || match url.host() {
            Some(Host::Ipv4(address)) => is_private(IpAddr::V4(address)),
            Some(Host::Ipv6(address)) => is_private(IpAddr::V6(address)),
            Some(Host::Domain(name)) => {
                let last = name.trim_end_matches('.').rsplit('.').next().unwrap_or_default();
                !name.contains('.') || HOME_NAMES.contains(&last) || name.ends_with(".home.arpa")
            }
            None => false,
        }
}

fn is_private(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => address.is_private() || address.is_loopback() || address.is_link_local(),
        IpAddr::V6(address) => address.is_loopback() || address.is_unique_local() || address.is_unicast_link_local(),
    }
}

/// `nas.lan`, or `127.0.0.1:5232` where a port is given.
fn host(url: &Url) -> Option<String> {
    let name = url.host_str()?;
    Some(url.port().map_or_else(|| name.to_owned(), |port| format!("{name}:{port}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(text: &str) -> String {
        add(text, &["nas.lan".to_owned()]).expect("it can be added")
    }

    #[test]
    fn a_host_is_added_wherever_the_list_stands_and_nothing_else_moves() {
        assert_eq!(with("# mine"), "# mine\n\n[network]\nhome_hosts = [\"nas.lan\"]\n");
        assert_eq!(with("[network] # x\n[serve]\n"), "[network] # x\nhome_hosts = [\"nas.lan\"]\n[serve]\n");
        assert_eq!(with("[network]\nhome_hosts = []\n"), "[network]\nhome_hosts = [\"nas.lan\"]\n");
        assert_eq!(with("[network]\nhome_hosts = [\"a\",\n]\n"), "[network]\nhome_hosts = [\"a\", \"nas.lan\"]\n");
        assert_eq!(with("network.home_hosts = ['a']"), "network.home_hosts = ['a', \"nas.lan\"]");
        let commented = "[network]\nhome_hosts = [\"a\" # old\n]\n";
        assert!(add(commented, &["nas.lan".to_owned()]).is_err(), "it would end in the comment");
    }

    #[test]
    fn addresses_of_the_home_are_told_from_others() {
        for (address, expected) in [
            ("http://example.org", true),
            ("https://192.168.1.10:8443/dav", true),
            ("https://[fd00::1]/", true),
            ("https://nas/", true),
            ("https://nas.lan", true),
            ("https://example.org", false),
            ("https://8.8.8.8", false),
            ("mailto:zoe@example.org", false),
        ] {
            assert_eq!(is_of_home(&Url::parse(address).expect("an address")), expected, "{address}");
        }
    }
}
