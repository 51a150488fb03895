//! What it means that no answer came, or one that refuses: whose turn it is (`Class`).
//!
//! The general rule only, which is that of [`http`](super::http); what an answer of one service
//! means beyond its status is data of its connector.

use jiff::Timestamp;

use super::Failure;
use super::http::{self, HttpError, Response};
use crate::model::run::{Class, Said};

/// The failure of a request that had no answer.
pub fn of_error(error: &HttpError) -> Failure {
    http::failure(error)
}

/// The failure of an answer that is not the one expected, by its status alone (RFC 9110 §15).
pub fn of_status(answer: &Response, now: Timestamp) -> Failure {
    http::status_failure(answer, now).unwrap_or_else(|| {
        let (host, status) = (answer.url.host_str().unwrap_or_default(), answer.status);
        let en = format!("{host} answered with status {status}, which was not expected");
        let fr = format!("{host} a répondu par le statut {status}, qui n'était pas attendu");
        Failure::new(Class::Changed, Said::new(en, fr))
    })
}
