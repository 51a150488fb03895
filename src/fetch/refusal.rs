//! What it means that no answer came, or one that refuses: whose turn it is (`Class`).
//!
//! The general rule only; what an answer of one service means beyond its status is data of its
//! connector. Messages hold hosts and codes, never an address's parameters or an answer's text.

use jiff::Timestamp;

use super::Failure;
use super::http::{HttpError, Response};
use crate::model::run::{Class, Said};

/// The failure of a request that had no answer.
pub fn of_error(error: &HttpError) -> Failure {
    let en = error.to_string();
    let (class, fr) = match error {
        HttpError::Forbidden { url, why } => (Class::Config, format!("{url} ne peut être appelé : {why}")),
        HttpError::Untrusted { host, why } => (Class::Config, format!("{host} ne prouve pas son identité : {why}")),
        HttpError::Unreachable { host, why } => (Class::Retry, format!("{host} est injoignable : {why}")),
        HttpError::TooSlow { host, seconds } => (Class::Retry, format!("{host} n'a pas répondu en {seconds} s")),
        HttpError::TooLarge { host, limit } => (Class::Changed, format!("{host} a répondu par plus de {limit} octets")),
        HttpError::Cut { host, why } => (Class::Retry, format!("la réponse de {host} est coupée : {why}")),
    };
    Failure::new(class, Said::new(en, fr))
}

/// The failure of an answer that is not a success, by its status alone (RFC 9110 §15).
pub fn of_status(answer: &Response, now: Timestamp) -> Failure {
    let class = match answer.status {
        429 => Class::Quota,
        401 | 403 => Class::User,
        408 | 425 | 500.. => Class::Retry,
        _ => Class::Changed,
    };
    let host = answer.url.host_str().unwrap_or_default();
    let status = answer.status;
    let said = match class {
        Class::Quota => Said::new(
            format!("{host} takes no more calls for now (status {status})"),
            format!("{host} n'accepte plus d'appels pour le moment (statut {status})"),
        ),
        Class::User => Said::new(
            format!("{host} does not let us in (status {status}): check the login or the secret"),
            format!("{host} refuse l'accès (statut {status}) : vérifier l'identifiant ou le secret"),
        ),
        Class::Retry => Said::new(
            format!("{host} fails for now (status {status})"),
            format!("{host} est en panne pour le moment (statut {status})"),
        ),
        _ => Said::new(
            format!("{host} answered with status {status}, which was not expected"),
            format!("{host} a répondu par le statut {status}, qui n'était pas attendu"),
        ),
    };
    Failure::new(class, said).retry_at(answer.retry_after(now))
}
