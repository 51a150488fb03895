//! Calls of the token endpoint (RFC 6749 §4-6), and what its answers mean.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::{SignedDuration, Timestamp};
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use url::form_urlencoded::Serializer;

use super::super::http::{Request, Response};
use super::super::{Failure, Order, fill, refusal};
use super::kept::Tokens;
use super::needs_consent;
use crate::connector::fetch::OauthAuth;
use crate::model::run::{Class, Said};

/// Why nothing was granted.
pub enum Refusal {
    /// `invalid_grant`: what was shown is over, withdrawn or used up.
    Over,
    Failed(Failure),
}

impl Refusal {
    pub fn into_failure(self, order: &Order<'_>) -> Failure {
        match self {
            Self::Over => needs_consent(order),
            Self::Failed(failure) => failure,
        }
    }
}

impl From<Failure> for Refusal {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

/// The next token, for a refresh token (§6).
pub fn refreshed(order: &Order<'_>, auth: &OauthAuth, refresh: &SecretString) -> Result<Tokens, Refusal> {
    granted(order, auth, &[("grant_type", "refresh_token"), ("refresh_token", refresh.expose_secret())])
}

/// The machine's own token (§4.4).
pub fn of_client(order: &Order<'_>, auth: &OauthAuth) -> Result<Tokens, Refusal> {
    let scope = own(order, auth.scope.as_deref())?;
    let scope = scope.as_deref().map(|scope| ("scope", scope));
    let form: Vec<_> = std::iter::once(("grant_type", "client_credentials")).chain(scope).collect();
    granted(order, auth, &form)
}

/// A token for what `form` shows.
pub fn granted(order: &Order<'_>, auth: &OauthAuth, form: &[(&str, &str)]) -> Result<Tokens, Refusal> {
    read_answer(order, &send(order, auth, &auth.token_url, form)?)
}

/// What an answer of the token endpoint grants.
pub fn read_answer(order: &Order<'_>, answer: &Response) -> Result<Tokens, Refusal> {
    let body: Option<Value> = serde_json::from_slice(&answer.body).ok();
    match body.as_ref().and_then(error_of) {
        None if answer.status == 200 => read(order, body.as_ref()).ok_or_else(|| not_a_token().into()),
        Some("invalid_grant") => Err(Refusal::Over),
        Some(code) => Err(told(order, code, answer).into()),
        None => Err(refusal::of_status(answer, order.now).into()),
    }
}

/// Posts a form to the service that lets clients in, with their name and secret.
pub fn send(order: &Order<'_>, auth: &OauthAuth, path: &str, form: &[(&str, &str)]) -> Result<Response, Failure> {
    let client_id = fill::own(order, &auth.client_id)?;
    let client_secret = own(order, auth.client_secret.as_deref())?.filter(|secret| !secret.is_empty());
    let mut body = Serializer::new(String::new());
    body.extend_pairs(form);
    let mut request = Request::new("POST", fill::address(order, path)?)
        .header("content-type", "application/x-www-form-urlencoded")
        .header("accept", "application/json");
    match client_secret {
        Some(secret) if auth.basic => request = request.secret_header("authorization", basic(&client_id, &secret)),
        other => {
            body.append_pair("client_id", &client_id);
            body.extend_pairs(other.iter().map(|secret| ("client_secret", secret)));
        }
    }
    let client = order.client.restricted_to(&fill::hosts(order));
    client.send(&request.body(body.finish())).map_err(|error| refusal::of_error(&error))
}

/// The `error` of an answer (§5.2), when it has the shape of a code: nothing else is ever shown.
pub fn error_of(body: &Value) -> Option<&str> {
    let code = body.get("error")?.as_str()?;
    let is_code = code.len() <= 60 && code.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
    Some(if is_code { code } else { "unknown" })
}

/// What an error of the endpoint means, but `invalid_grant`.
pub fn told(order: &Order<'_>, code: &str, answer: &Response) -> Failure {
    let id = &order.source.id;
    let said = Said::new(
        format!("the service that grants access refused: {code}"),
        format!("le service qui accorde l'accès a refusé : {code}"),
    );
    let is_passing = matches!(code, "temporarily_unavailable" | "server_error" | "slow_down");
    match code {
        _ if is_passing || answer.status >= 500 => Failure::new(Class::Retry, said),
        _ if answer.status == 429 => refusal::of_status(answer, order.now),
        "access_denied" => Failure::new(
            Class::User,
            Said::new(
                format!("access was not allowed: run `moisson sync {id}` to be asked again"),
                format!("l'accès n'a pas été accordé : lancer `moisson sync {id}` pour recommencer"),
            ),
        ),
        _ => Failure::new(Class::Config, said),
    }
}

/// A placeholder text that may be absent.
pub fn own(order: &Order<'_>, template: Option<&str>) -> Result<Option<String>, Failure> {
    template.map(|template| fill::own(order, template)).transpose()
}

/// The tokens of an answer (§5.1); spans are seconds, and some services write them as texts.
fn read(order: &Order<'_>, body: Option<&Value>) -> Option<Tokens> {
    let body = body?;
    let text = |name: &str| body.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
    let end = |name: &str| after(order.now, body.get(name)?);
    Some(Tokens {
        access_token: text("access_token")?.into(),
        refresh_token: text("refresh_token").map(SecretString::from),
        expires_at: end("expires_in"),
        consent_until: end("refresh_token_expires_in").or_else(|| end("refresh_expires_in")),
    })
}

fn after(now: Timestamp, seconds: &Value) -> Option<Timestamp> {
    let seconds = seconds.as_i64().or_else(|| seconds.as_str()?.trim().parse().ok())?;
    // A refresh token that ends in no time is one that has no end.
    (seconds > 0).then(|| now.checked_add(SignedDuration::from_secs(seconds)).ok()).flatten()
}

/// Name and secret are encoded as in a form first (§2.3.1).
fn basic(client_id: &str, client_secret: &str) -> String {
    let encoded = |text: &str| url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
    format!("Basic {}", STANDARD.encode(format!("{}:{}", encoded(client_id), encoded(client_secret))))
}

fn not_a_token() -> Failure {
    Failure::new(
        Class::Changed,
        Said::new(
            "the answer of the service that grants access holds no token",
            "la réponse du service qui accorde l'accès ne contient pas de jeton",
        ),
    )
}
