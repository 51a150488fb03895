//! Why an address may not be called, or a server is not believed, in words for people.
//!
//! It decides nothing: [`super::guard`] and [`super::trust`] do.

use std::fmt;
use std::net::IpAddr;

use crate::model::run::Said;

/// Why an address may not be called. Nothing of it is secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// Neither `https` nor `http`.
    Scheme(String),
    /// `http` to a host that is not of the home.
    Plain { host: String },
    /// A redirect from `https` to `http`.
    Downgrade { host: String },
    /// A redirect whose address holds a user's name or password.
    Credentials { host: String },
    /// Port 0, or no host at all.
    Nowhere,
    /// A host that the connector does not declare.
    Undeclared { host: String },
    /// An address of the home for a host that is not of the home.
    Home { host: String, address: Option<IpAddr>, what: &'static str },
    /// A host of the home on a port that is not allowed there.
    Port { host: String },
    /// An address that nobody may call.
    Never { host: String, address: IpAddr, what: &'static str },
    /// More redirects than are followed, or one to where it came from.
    Redirects { limit: usize },
    /// A redirect that would show what was posted to another origin.
    Handover { host: String },
    /// It was called, and sent us on to where this forbids to go.
    Led(Box<Refusal>),
    /// A method, or a header of this name, that HTTP cannot carry.
    Unsendable(String),
}

/// Why a server is not believed to be who it says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Distrust {
    Expired,
    NotYetValid,
    WrongName,
    /// Signed by itself, or by nobody who is known.
    UnknownIssuer {
        is_home: bool,
    },
    /// It speaks TLS 1.1 or older.
    OldTls,
    /// What answers is not TLS.
    NotTls,
    /// In the words of the library.
    Other(String),
}

/// Both are told in two languages, and shown in English.
impl Refusal {
    /// What happened and which line would allow it.
    pub fn said(&self) -> Said {
        match self {
            Self::Scheme(scheme) => {
                Said::new(format!("{scheme} is neither https nor http"), format!("{scheme} n'est ni https ni http"))
            }
            Self::Plain { host } => Said::new(
                format!(
                    "{host} would be called without TLS; use https, or, if it is at home, add \"{host}\" to home_hosts under [network] in moisson.toml"
                ),
                format!(
                    "{host} serait appelé sans TLS ; mettez https, ou, s'il est chez vous, ajoutez \"{host}\" à home_hosts sous [network] dans moisson.toml"
                ),
            ),
            Self::Downgrade { host } => Said::new(
                format!("it leads from https to http on {host}, which would be read on the way"),
                format!("elle mène de https à http sur {host}, ce qui serait lu en chemin"),
            ),
            Self::Credentials { host } => Said::new(
                format!("it leads to {host} with a name or password in the address"),
                format!("elle mène à {host} avec un nom ou un mot de passe dans l'adresse"),
            ),
            Self::Nowhere => Said::new("it has no host or no port", "elle n'a pas d'hôte ou pas de port"),
            Self::Undeclared { host } => Said::new(
                format!(
                    "{host} is not a host of this source; if it should be, add \"{host}\" to hosts under [fetch] in the connector"
                ),
                format!(
                    "{host} n'est pas un hôte de cette source ; s'il doit l'être, ajoutez \"{host}\" à hosts sous [fetch] dans le connecteur"
                ),
            ),
            Self::Home { host, address, what } => home(host, *address, what),
            Self::Port { host } => Said::new(
                format!(
                    "{host} is at home, but not allowed on this port; add it with the port to home_hosts under [network] in moisson.toml if it should be"
                ),
                format!(
                    "{host} est chez vous, mais pas permis sur ce port ; ajoutez-le avec le port à home_hosts sous [network] dans moisson.toml s'il doit l'être"
                ),
            ),
            Self::Never { host, address, what } => Said::new(
                format!("{host} is at {address}, {what}, which is never called"),
                format!("{host} est à {address}, {}, qui n'est jamais appelée", in_french(what)),
            ),
            Self::Redirects { limit } => Said::new(
                format!("it was sent on more than {limit} times"),
                format!("elle a été renvoyée plus de {limit} fois"),
            ),
            Self::Handover { host } => Said::new(
                format!("what was posted would be handed over to {host}"),
                format!("ce qui a été posté serait remis à {host}"),
            ),
            Self::Led(why) => {
                let Said { en, fr } = why.said();
                Said::new(format!("a redirect led there; {en}"), format!("une redirection y menait ; {fr}"))
            }
            Self::Unsendable(name) => Said::new(
                format!("{name} cannot be sent over HTTP"),
                format!("{name} ne peut pas être envoyé par HTTP"),
            ),
        }
    }
}

impl Distrust {
    /// What is wrong with it and what to do.
    pub fn said(&self) -> Said {
        match self {
            Self::Expired => Said::new(
                "its certificate has expired (or the clock here is wrong)",
                "son certificat a expiré (ou l'horloge d'ici est fausse)",
            ),
            Self::NotYetValid => Said::new(
                "its certificate is not valid yet (or the clock here is wrong)",
                "son certificat n'est pas encore valable (ou l'horloge d'ici est fausse)",
            ),
            Self::WrongName => Said::new("its certificate is for another name", "son certificat est pour un autre nom"),
            Self::UnknownIssuer { is_home: true } => Said::new(
                "its certificate is signed by nobody who is known; name the authority's PEM file under [network.authorities] in moisson.toml",
                "son certificat n'est signé par personne de connu ; nommez le fichier PEM de l'autorité sous [network.authorities] dans moisson.toml",
            ),
            Self::UnknownIssuer { is_home: false } => Said::new(
                "its certificate is signed by nobody who is known; something may be answering in its place, such as the login page of a network",
                "son certificat n'est signé par personne de connu ; quelque chose répond peut-être à sa place, comme la page de connexion d'un réseau",
            ),
            Self::OldTls => Said::new(
                "it does not speak TLS 1.2 or 1.3, and older versions are not safe",
                "il ne parle ni TLS 1.2 ni 1.3, et les versions plus anciennes ne sont pas sûres",
            ),
            Self::NotTls => Said::new("what answers is not TLS", "ce qui répond n'est pas du TLS"),
            Self::Other(why) => Said::new(why, why),
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.said().en)
    }
}

impl std::error::Error for Refusal {}

impl fmt::Display for Distrust {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.said().en)
    }
}

fn home(host: &str, address: Option<IpAddr>, what: &str) -> Said {
    let at = |be: &str| match address {
        Some(address) if address.to_string() != host.trim_matches(['[', ']']) => format!("{be} {address}, "),
        _ => String::new(),
    };
    Said::new(
        format!(
            "{host} is {}{what}; if it is yours, add \"{host}\" to home_hosts under [network] in moisson.toml",
            at("at")
        ),
        format!(
            "{host} est {}{} ; si c'est chez vous, ajoutez \"{host}\" à home_hosts sous [network] dans moisson.toml",
            at("à"),
            in_french(what)
        ),
    )
}

/// The words of [`super::address`] in French.
fn in_french(what: &str) -> &str {
    match what {
        "a private address" => "une adresse privée",
        "an address of this machine" => "une adresse de cette machine",
        "a link-local address" => "une adresse de lien local",
        "a site-local address" => "une adresse de site local",
        "an address behind a carrier's translation" => "une adresse derrière la traduction d'un opérateur",
        "the address of a cloud's metadata" => "l'adresse des métadonnées d'un nuage",
        "an unspecified address" => "une adresse non spécifiée",
        "a multicast address" => "une adresse multicast",
        "the broadcast address" => "l'adresse de diffusion",
        "an address for documentation" => "une adresse de documentation",
        "an address for benchmarks" => "une adresse de banc d'essai",
        "an address of a 6to4 relay" => "une adresse de relais 6to4",
        "an address of a local translation" => "une adresse de traduction locale",
        "an address that discards" => "une adresse qui jette tout",
        _ => "une adresse réservée",
    }
}
