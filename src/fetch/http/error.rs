//! Why there is no answer, and what that means for a run.
//!
//! Captive portals are seen by the callers: a page where data was expected is worth another try.

use std::error::Error;
use std::io;

use jiff::Timestamp;

use super::Response;
use super::allowance::Bound;
use super::refusal::{Distrust, Refusal};
use crate::fetch::Failure;
use crate::model::run::{Class, Said};

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum HttpError {
    /// The address, or one that it led to, may not be called.
    #[error("{url} may not be called: {why}")]
    Forbidden { url: String, why: Refusal },
    #[error("{host} cannot be reached: {why}")]
    Unreachable { host: String, why: String },
    /// Its certificate, or its version of TLS, is refused.
    #[error("{host} does not prove who it is: {why}")]
    Untrusted { host: String, why: Distrust },
    #[error("{host} did not answer in {seconds} s")]
    TooSlow { host: String, seconds: u64 },
    #[error("{host} answered with more than {limit} bytes")]
    TooLarge { host: String, limit: u64 },
    /// The answer ended too early, or cannot be decompressed.
    #[error("the answer of {host} is cut: {why}")]
    Cut { host: String, why: String },
    /// Answers come from a recording, and none in it fits.
    #[error("nothing recorded answers {url}")]
    Unrecorded { url: String },
    /// The run has taken all the time or memory that one run may.
    #[error("asking {host} was ended after {}", bound.said().en)]
    Over { host: String, bound: Bound },
    /// The authority that the household names for a host cannot be read.
    #[error("the authority of {host}, {file}, cannot be read: {why}")]
    Authority { host: String, file: String, why: String },
}

impl HttpError {
    /// A host that cannot be reached, with the innermost cause.
    pub(super) fn unreachable(host: &str, error: &(dyn Error + 'static)) -> Self {
        let why = causes(error).last().map(ToString::to_string).unwrap_or_default();
        Self::Unreachable { host: host.to_owned(), why }
    }
}

/// What it means for a run that there was no answer.
///
/// Networks mend themselves: another try. So do certificates that expired, as those who keep the
/// server are told by others, and certificates of nobody, which is what the login page of a
/// network looks like; nothing was sent by then. So does a redirect to where we may not go. An address that may not be called, an authority
/// that cannot be read, a host of the home whose authority is not named, and a server that only
/// speaks old TLS stay as they are until somebody changes the settings. An answer that is too
/// large is no longer what the connector was made for. A run that took too much goes on another
/// time.
pub fn failure(error: &HttpError) -> Failure {
    let class = match error {
        HttpError::Untrusted { why, .. } if is_set(why) => Class::Config,
        HttpError::Unreachable { .. }
        | HttpError::Unrecorded { .. }
        | HttpError::TooSlow { .. }
        | HttpError::Cut { .. }
        | HttpError::Over { .. }
        | HttpError::Untrusted { .. }
        | HttpError::Forbidden { why: Refusal::Led(_), .. } => Class::Retry,
        HttpError::TooLarge { .. }
        | HttpError::Forbidden { why: Refusal::Redirects { .. } | Refusal::Handover { .. }, .. } => Class::Changed,
        HttpError::Forbidden { .. } | HttpError::Authority { .. } => Class::Config,
    };
    Failure::new(class, said(error))
}

/// What a status means for a run whatever the service; `None` when it is no failure (up to 399).
///
/// 401 and 403: a person lets us in again. 429: later. 408, 425 and 5xx: another try. 404, 410,
/// and the other 4xx: the service is no longer as the connector says.
pub fn status_failure(response: &Response, now: Timestamp) -> Option<Failure> {
    let class = match response.status {
        ..=399 => return None,
        401 | 403 | 407 => Class::User,
        429 => Class::Quota,
        408 | 425 | 500..=599 => Class::Retry,
        _ => Class::Changed,
    };
    let host = response.url.host_str().unwrap_or_default();
    let retry_at = matches!(class, Class::Quota | Class::Retry).then(|| response.retry_after(now)).flatten();
    Some(Failure::new(class, said_of_status(class, host, response.status)).retry_at(retry_at))
}

/// Whether it stays so until somebody changes the settings.
fn is_set(why: &Distrust) -> bool {
    matches!(why, Distrust::OldTls | Distrust::UnknownIssuer { is_home: true })
}

fn said_of_status(class: Class, host: &str, status: u16) -> Said {
    match class {
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
        _ if matches!(status, 404 | 410) => Said::new(
            format!("{host} does not know this address any more (status {status})"),
            format!("{host} ne connaît plus cette adresse (statut {status})"),
        ),
        _ => Said::new(
            format!("{host} does not accept the request as it is made (status {status})"),
            format!("{host} n'accepte pas la demande telle qu'elle est faite (statut {status})"),
        ),
    }
}

impl Bound {
    /// What was reached, and what becomes of the rest.
    fn said(self) -> Said {
        let (en, fr) = match self {
            Self::Time(time) if time.as_secs() < 60 => {
                (format!("{} s", time.as_secs()), format!("{} s", time.as_secs()))
            }
            Self::Time(time) => (format!("{} min", time.as_secs() / 60), format!("{} min", time.as_secs() / 60)),
            Self::Bytes(bytes) => (format!("{} MiB", bytes >> 20), format!("{} Mio", bytes >> 20)),
        };
        Said::new(
            format!(
                "{en}: what came by then stays, and the next run goes on; if each one ends so, let the source ask \
                 for less (fewer accounts, collections or years)"
            ),
            format!(
                "{fr} : ce qui est venu reste, et la prochaine exécution continue ; si chacune finit ainsi, que la \
                 source demande moins (moins de comptes, de collections ou d'années)"
            ),
        )
    }
}

fn said(error: &HttpError) -> Said {
    let fr = match error {
        HttpError::Forbidden { url, why } => format!("{url} ne peut pas être appelée : {}", why.said().fr),
        HttpError::Unreachable { host, why } => format!("{host} est injoignable : {why}"),
        HttpError::Untrusted { host, why } => format!("{host} ne prouve pas qui il est : {}", why.said().fr),
        HttpError::TooSlow { host, seconds } => format!("{host} n'a pas répondu en {seconds} s"),
        HttpError::TooLarge { host, limit } => format!("{host} a répondu par plus de {limit} octets"),
        HttpError::Cut { host, why } => format!("la réponse de {host} est coupée : {why}"),
        HttpError::Unrecorded { url } => format!("rien d'enregistré ne répond à {url}"),
        HttpError::Over { host, bound } => format!("les demandes à {host} ont été arrêtées après {}", bound.said().fr),
        HttpError::Authority { host, file, why } => format!("l'autorité de {host}, {file}, est illisible : {why}"),
    };
    Said::new(error.to_string(), fr)
}

/// An error, what caused it, and so on; also what stands within an I/O error, which is not told
/// as its cause.
pub(super) fn causes<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |error| cause(*error))
}

fn cause<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a (dyn Error + 'static)> {
    match error.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
        Some(within) => Some(within),
        None => error.source(),
    }
}
