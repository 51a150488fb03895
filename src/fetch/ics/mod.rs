//! A calendar at an address: one file that holds the whole of it, asked for again and again.
//!
//! A request says what is known, so that an unchanged calendar is not sent again. What comes is
//! kept only if it is a calendar, and all of it: a page, a file that ends in the middle and a
//! calendar that is suddenly empty would take appointments away. What the calendar says is not
//! read here.

mod address;
mod body;
mod seen;

use jiff::SignedDuration;

use super::fill;
use super::http::{HttpError, Request, Response};
use super::order::{Failure, Fetched, Harvest, Order};
use super::refusal;
use super::state::State;
use crate::connector::fetch::Auth;
use crate::model::run::{Class, Part, Said};

use address::Address;
use body::Body;
use seen::Seen;

/// A calendar of fewer entries than this may lose most of them.
const FEW: u64 = 10;
/// So long a calendar that became empty, or lost most of its entries, is taken for a mishap of its server, and told at each run;
/// then it is a document like any other.
const DISBELIEF: SignedDuration = SignedDuration::from_hours(7 * 24);
/// How much of the time for which a calendar says it stays as it is has to go by before it is
/// asked for again: slots are seldom on the second, and jitter moves them.
const PATIENCE: (i64, i64) = (3, 4);

/// The calendar of a source, if it is not as it was.
///
/// A calendar that says how long it stays as it is (`REFRESH-INTERVAL`, RFC 7986 §5.7, or
/// `X-PUBLISHED-TTL`; no more than a day is believed) is not asked for earlier by runs that
/// nobody watches: they end without a request and with nothing new.
pub fn fetch(order: &Order<'_>, state: &mut State) -> Result<Harvest, Failure> {
    let address = Address::of(order)?;
    let mut seen = Seen::of(state, &address.key());
    // No wait is longer than a day: a later instant was written by a clock that was ahead.
    let is_early = |at: jiff::Timestamp| order.now < at && at.duration_since(order.now) <= body::LONGEST;
    if order.person.is_none() && seen.again_at.is_some_and(is_early) {
        return Ok(Harvest::default());
    }
    let answer = ask(order, &address, &seen)?;
    let mut harvest = Harvest { n_requests: 1, n_bytes: answer.n_wire, ..Harvest::default() };
    match answer.status {
        304 => seen.wait_from(order.now),
        200 => take(order, &address, &answer, &mut seen, &mut harvest)?,
        _ => return Err(refused(order, &address, &answer)),
    }
    seen.keep(state, &address.key());
    Ok(harvest)
}

fn ask(order: &Order<'_>, address: &Address, seen: &Seen) -> Result<Response, Failure> {
    let mut request = Request::new("GET", address.url.clone()).header("Accept", "text/calendar, */*;q=0.1");
    if let Some(value) = authorization(order)? {
        request = request.secret_header("Authorization", value);
    }
    if let Some(etag) = &seen.validator.etag {
        request = request.header("If-None-Match", etag);
    }
    if let Some(date) = &seen.validator.last_modified {
        request = request.header("If-Modified-Since", date);
    }
    let hosts: Vec<String> = std::iter::once(address.host()).chain(order.service.fetch.hosts.iter().cloned()).collect();
    order.client.restricted_to(&hosts).send(&request).map_err(|error| unanswered(address, &error))
}

/// `Authorization`, when the source has a login: most calendars have none but their address.
fn authorization(order: &Order<'_>) -> Result<Option<String>, Failure> {
    use base64::Engine;
    let Auth::Basic { user, password } = &order.service.fetch.auth else { return Ok(None) };
    let (user, password) = (fill::own(order, user)?, fill::own(order, password)?);
    let pair = base64::engine::general_purpose::STANDARD.encode(format!("{user}:{password}"));
    Ok((!user.is_empty()).then(|| format!("Basic {pair}")))
}

/// Looks at what came, and decides whether it is the calendar.
fn take(
    order: &Order<'_>,
    address: &Address,
    answer: &Response,
    seen: &mut Seen,
    harvest: &mut Harvest,
) -> Result<(), Failure> {
    let body = Body::of(&answer.body).map_err(|broken| no_calendar(address, answer, seen, broken))?;
    let is_believed = seen.empty_since.is_some_and(|since| order.now.duration_since(since) >= DISBELIEF);
    if is_doubtful(seen, &body) && !is_believed {
        // What was known of it stays, so that it is asked for in full again.
        seen.empty_since.get_or_insert(order.now);
        harvest.failed.push(emptied(address, body.n_objects, seen.n_objects));
        return Ok(());
    }
    if seen.fingerprint.as_deref() != Some(&body.fingerprint) {
        harvest.documents.push(Fetched {
            name: format!("{}.ics", order.source.id),
            bytes: answer.body.clone(),
            as_of: order.now,
            origin: address.shown(),
            connectors: order.service.fetch.documents.clone(),
        });
    }
    seen.learn(answer, &body, order.now);
    Ok(())
}

/// The address may be the secret, so it stands in no message.
fn unanswered(address: &Address, error: &HttpError) -> Failure {
    let mut failure = refusal::of_error(error);
    for text in [&mut failure.message.en, &mut failure.message.fr] {
        *text = address.hidden_in(text);
    }
    failure
}

/// A private address that was reset looks like one that never was.
fn refused(order: &Order<'_>, address: &Address, answer: &Response) -> Failure {
    if !matches!(answer.status, 404 | 410) {
        return refusal::of_status(answer, order.now);
    }
    let host = address.host();
    Failure::new(
        Class::User,
        Said::new(
            format!("{host} has no calendar at this address any more: copy its address again"),
            format!("{host} n'a plus d'agenda à cette adresse : copiez-en l'adresse à nouveau"),
        ),
    )
}

fn no_calendar(address: &Address, answer: &Response, seen: &Seen, broken: body::Broken) -> Failure {
    let host = address.host();
    // Without TLS, whoever stands in between may have answered; a page passes, as maintenance does.
    let class = match broken {
        body::Broken::Other if seen.fingerprint.is_none() => Class::Config,
        body::Broken::Other if address.url.scheme() == "https" && !answer.is_page() => Class::Changed,
        body::Broken::Cut | body::Broken::Other => Class::Retry,
    };
    let said = match broken {
        body::Broken::Cut => Said::new(
            format!("the calendar of {host} ends in the middle and is left aside"),
            format!("l'agenda de {host} s'arrête au milieu et est laissé de côté"),
        ),
        body::Broken::Other => Said::new(
            format!("{host} answered with something else than a calendar, such as a page to log in"),
            format!("{host} a répondu autre chose qu'un agenda, comme une page de connexion"),
        ),
    };
    Failure::new(class, said)
}

/// Whether a calendar seems to be lost rather than tidied: nothing is left, or less than half.
fn is_doubtful(seen: &Seen, body: &Body) -> bool {
    let is_empty = body.n_objects == 0 && seen.n_objects > 0;
    let is_halved = seen.n_objects >= FEW && body.n_objects * 2 < seen.n_objects;
    is_empty || is_halved
}

fn emptied(address: &Address, n_left: u64, n_known: u64) -> Part {
    let host = address.host();
    let said = if n_left == 0 {
        Said::new(
            format!("the calendar of {host} is suddenly empty: what was known of it stays"),
            format!("l'agenda de {host} est soudain vide : ce qu'on en savait reste"),
        )
    } else {
        Said::new(
            format!("the calendar of {host} suddenly has {n_left} of {n_known} entries: what was known of it stays"),
            format!("l'agenda de {host} n'a soudain que {n_left} entrées sur {n_known} : ce qu'on en savait reste"),
        )
    };
    Part { name: host, outcome: Class::Expectation, message: said }
}
