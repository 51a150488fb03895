//! Access by OAuth 2 (RFC 6749): a token that is valid now, and the consent it comes from.
//!
//! A person allows it once, on a page of the service that comes back to this machine (RFC 7636,
//! RFC 8252) or with a code typed elsewhere (RFC 8628); from then on tokens are refreshed without
//! anybody. They live in the vault, as the secret `<source>/oauth`, and nowhere else. What a token
//! is good for is not known here.

mod device;
mod grant;
mod kept;
mod page;
#[cfg(test)]
mod tests;

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use secrecy::{ExposeSecret, SecretString};

use self::grant::Refusal;
use self::kept::Tokens;
use super::{Ask, Failure, Order};
use crate::connector::fetch::OauthAuth;
use crate::model::run::{Class, Said};

/// A token that ends sooner than this is refreshed before it is used.
const SOON: SignedDuration = SignedDuration::from_secs(60);
/// How long a person has to allow it.
const PATIENCE: Duration = Duration::from_secs(300);

/// A token that the service takes now: the one that is kept, or a fresh one.
///
/// Refresh tokens rotate, so what comes is kept before it is used. Where nothing can be refreshed,
/// a person is asked to allow it; without one the failure says what to do.
pub fn token(order: &Order<'_>, auth: &OauthAuth) -> Result<SecretString, Failure> {
    let known = kept::find(order)?;
    if let Some(tokens) = known.as_ref().filter(|tokens| tokens.holds_at(order.now + SOON)) {
        return Ok(tokens.access_token.clone());
    }
    let refreshing = known.as_ref().and_then(|tokens| tokens.refresh_token.as_ref());
    match refreshing {
        Some(refresh) if !auth.client_credentials => match grant::refreshed(order, auth, refresh) {
            Ok(granted) => keep(order, granted.or_as_before(known.as_ref())),
            Err(Refusal::Over) => again(order, auth),
            Err(Refusal::Failed(failure)) => Err(failure),
        },
        _ => again(order, auth),
    }
}

/// Notes that the service refused the token that is kept: the next one is a fresh one.
pub fn expire(order: &Order<'_>) -> Result<(), Failure> {
    match kept::find(order)? {
        Some(tokens) => kept::keep(order, &Tokens { expires_at: Some(Timestamp::UNIX_EPOCH), ..tokens }),
        None => Ok(()),
    }
}

/// Until when the service lets us in without a person, where it said so or its connector does.
pub fn consent_until(order: &Order<'_>) -> Option<Timestamp> {
    kept::find(order).ok().flatten()?.consent_until
}

/// Has a person allow it, with the device flow where the service has one, else on a page of this
/// machine; the tokens are kept.
pub fn consent(order: &Order<'_>, auth: &OauthAuth, person: &dyn Ask) -> Result<SecretString, Failure> {
    let granted = if auth.device_url.is_some() {
        device::consent(order, auth, person, &mut std::thread::sleep)?
    } else {
        page::consent(order, auth, person, PATIENCE)?
    };
    keep(order, with_span(order, granted))
}

/// A fresh start: the machine's own grant, or a person's.
fn again(order: &Order<'_>, auth: &OauthAuth) -> Result<SecretString, Failure> {
    if auth.client_credentials {
        return match grant::of_client(order, auth) {
            Ok(granted) => keep(order, granted),
            Err(refusal) => Err(refusal.into_failure(order)),
        };
    }
    match order.person {
        Some(person) => consent(order, auth, person),
        None => Err(needs_consent(order)),
    }
}

fn keep(order: &Order<'_>, tokens: Tokens) -> Result<SecretString, Failure> {
    kept::keep(order, &tokens)?;
    tracing::debug!(source = order.source.id, "an access token was granted");
    Ok(tokens.access_token)
}

/// The connector's own word on how long a consent holds, where the service said nothing.
fn with_span(order: &Order<'_>, tokens: Tokens) -> Tokens {
    let span = order.service.fetch.consent;
    let until = || Some(order.now.to_zoned(order.zone.clone()).checked_add(span?).ok()?.timestamp());
    Tokens { consent_until: tokens.consent_until.or_else(until), ..tokens }
}

/// What only a person can mend.
fn needs_consent(order: &Order<'_>) -> Failure {
    let id = &order.source.id;
    Failure::new(
        Class::User,
        Said::new(
            format!("the consent is missing, over or withdrawn: run `moisson sync {id}` at a terminal and allow it"),
            format!(
                "l'accord manque, est échu ou a été retiré : lancer `moisson sync {id}` dans un terminal et accepter"
            ),
        ),
    )
}

/// Whether two secrets are the same, in a time that does not tell where they differ.
fn is_same(one: &SecretString, other: &str) -> bool {
    let (one, other) = (one.expose_secret().as_bytes(), other.as_bytes());
    one.len() == other.len() && one.iter().zip(other).fold(0, |differing, (a, b)| differing | (a ^ b)) == 0
}
