//! Tells a person what only a person can do: by ntfy, a webhook, mail.
//!
//! It does not decide what is worth telling, nor remember what was told or try again. Texts are
//! told in English and in French, once where both are the same. Every way goes by the rules of
//! `fetch::http`: without TLS, or to a private address, for hosts of the home only.

mod mail;
mod post;
mod smtp;

use secrecy::SecretString;

use crate::config::Notify;
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

/// Sends a notice by every way that is set; gives what failed, by way (`ntfy`, `webhook`,
/// `smtp`), without anything secret. Blocks for a minute a way at most; not to be called from
/// async code.
pub fn tell(notice: &Notice, ways: &Notify, vault: &Vault, client: &Client) -> Vec<(&'static str, String)> {
    let sent = [
        ("ntfy", ways.ntfy.as_ref().map(|way| post::ntfy(notice, way, vault, client))),
        ("webhook", ways.webhook.as_ref().map(|way| post::webhook(notice, way, vault, client))),
        ("smtp", ways.smtp.as_ref().map(|way| mail::send(notice, way, vault, client))),
    ];
    sent.into_iter().filter_map(|(way, sent)| Some((way, sent?.err()?))).collect()
}

impl Notice {
    fn title(&self) -> String {
        both(&self.title, " · ")
    }

    fn text(&self) -> String {
        both(&self.text, "\n\n")
    }
}

fn both(said: &Said, between: &str) -> String {
    if said.en == said.fr { said.en.clone() } else { format!("{}{between}{}", said.en, said.fr) }
}

/// The secret of a way, if it has one.
fn secret(vault: &Vault, name: &str) -> Result<Option<SecretString>, String> {
    vault.find(name).map_err(|error| format!("the secret {name} cannot be read: {error}"))
}
