//! Tokens at rest: one JSON object in the vault, the secret `<source>/oauth`.

use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};

use super::super::{Failure, Order, fill};

/// What a service granted.
#[derive(Clone)]
pub struct Tokens {
    pub access_token: SecretString,
    /// What buys the next one; often only once.
    pub refresh_token: Option<SecretString>,
    /// When the access token ends; `None` where the service does not say.
    pub expires_at: Option<Timestamp>,
    /// When the refresh token ends, and a person is needed again.
    pub consent_until: Option<Timestamp>,
}

impl Tokens {
    /// Whether the access token still holds then.
    pub fn holds_at(&self, then: Timestamp) -> bool {
        self.expires_at.is_none_or(|end| then < end)
    }

    /// These, with what a refresh did not tell anew as it was before (RFC 6749 §6).
    pub fn or_as_before(self, before: Option<&Self>) -> Self {
        let refresh_before = || before.and_then(|before| before.refresh_token.clone());
        let consent_before = || before.and_then(|before| before.consent_until);
        Self {
            refresh_token: self.refresh_token.or_else(refresh_before),
            consent_until: self.consent_until.or_else(consent_before),
            ..self
        }
    }
}

/// The tokens of a source, if it has any.
pub fn find(order: &Order<'_>) -> Result<Option<Tokens>, Failure> {
    let found = order.vault.find(&name(order)).map_err(|error| fill::no_secret(&error))?;
    Ok(found.and_then(|text| read(text.expose_secret())))
}

/// Keeps them in place of earlier ones.
pub fn keep(order: &Order<'_>, tokens: &Tokens) -> Result<(), Failure> {
    let stored = Stored {
        access_token: tokens.access_token.expose_secret().to_owned(),
        refresh_token: tokens.refresh_token.as_ref().map(|token| token.expose_secret().to_owned()),
        expires_at: tokens.expires_at,
        consent_until: tokens.consent_until,
    };
    let text = serde_json::to_string(&stored).expect("texts and instants can be written as JSON");
    order.vault.keep(&name(order), SecretString::from(text)).map_err(|error| fill::no_secret(&error))
}

/// The object as it is written. Never logged: it has no `Debug`.
#[derive(Serialize, Deserialize)]
struct Stored {
    access_token: String,
    #[serde(default)]
    refresh_token: Option<String>,
    #[serde(default)]
    expires_at: Option<Timestamp>,
    #[serde(default)]
    consent_until: Option<Timestamp>,
}

fn name(order: &Order<'_>) -> String {
    format!("{}/oauth", order.source.id)
}

/// Something else under that name counts as nothing: a person is asked again.
fn read(text: &str) -> Option<Tokens> {
    let stored: Stored = serde_json::from_str(text).ok()?;
    Some(Tokens {
        access_token: stored.access_token.into(),
        refresh_token: stored.refresh_token.map(SecretString::from),
        expires_at: stored.expires_at,
        consent_until: stored.consent_until,
    })
}
