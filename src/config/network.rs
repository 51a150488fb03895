//! `[network]` and `[notify]`: whom the program may talk to, and whom it tells.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::Deserialize;

/// `[network]`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Network {
    /// Hosts of the home that may be called although their address is a private one, and without
    /// TLS: `nas.lan`, `192.168.1.10`, `127.0.0.1:5232`. Without a port, any.
    pub home_hosts: Vec<String>,
    /// Further authorities to trust (PEM), by host.
    pub authorities: BTreeMap<String, PathBuf>,
}

/// `[notify]`: where what needs a person is told; everything that is given is used.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Notify {
    pub ntfy: Option<Ntfy>,
    pub webhook: Option<Webhook>,
    pub smtp: Option<Smtp>,
}

/// `[notify.ntfy]`: a topic of a ntfy server. Its token is the secret `notify/ntfy`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ntfy {
    /// `https://ntfy.example.org/topic`
    pub url: String,
}

/// `[notify.webhook]`: a JSON object is posted. A bearer token may be the secret `notify/webhook`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Webhook {
    pub url: String,
}

/// `[notify.smtp]`: a message is sent. The password is the secret `notify/smtp`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Smtp {
    pub host: String,
    pub port: Option<u16>,
    #[serde(default)]
    pub security: Security,
    pub user: Option<String>,
    pub from: String,
    pub to: Vec<String>,
}

/// How a connection to a mail server is secured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Security {
    /// TLS from the first byte.
    #[default]
    Tls,
    /// TLS after a plain greeting; never without.
    Starttls,
    /// None: only for hosts of the home.
    None,
}
