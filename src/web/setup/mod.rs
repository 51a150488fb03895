//! The pages by which people set devices up: which there are, one more, one less, and how each
//! program is told where everything is.
//!
//! Whoever logs in with a device that was given the pages sees them. They need no script. A form
//! counts only with the token of its page, sent by that page itself: passwords of HTTP are sent
//! by a browser with whatever any site makes it send. A password is shown once, on the page that
//! made it. What a device may do is held to elsewhere.

mod devices;
mod forms;
mod guides;
mod html;
mod language;
mod once;
mod page;
mod place;
mod profile;
pub mod qr;

use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE, LOCATION};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, get, post};
use jiff::tz::TimeZone;

use super::accounts::{AccountError, Added, Device};
use super::door::{Door, Refused};
use super::gate::Caller;
use forms::Tokens;
use once::Once;

pub use guides::{Guide, guides};
pub use language::Language;
pub use place::Place;

/// Larger than any form of these pages.
const LARGEST_FORM: usize = 16 << 10;
/// What Apple's programs take for a profile.
const PROFILE: &str = "application/x-apple-aspen-config";

/// What the pages need.
#[derive(Debug, Clone)]
pub struct Setup {
    door: Door,
    /// In which instants are shown.
    zone: TimeZone,
    tokens: Arc<Tokens>,
    once: Arc<Once>,
}

/// Who looks at a page, and from where.
struct Visit {
    device: Arc<Device>,
    caller: Caller,
    language: Language,
}

impl Setup {
    pub fn new(door: Door, zone: TimeZone) -> Self {
        Self { door, zone, tokens: Arc::default(), once: Arc::default() }
    }

    fn place(&self, caller: &Caller) -> Place {
        Place::new(&caller.base(), self.door.accounts.user())
    }

    /// Somebody who may see the pages, or what to answer instead.
    fn visit(&self, request: &Request) -> Result<Visit, Response> {
        let visit = self.known(request)?;
        if visit.device.scope.page { Ok(visit) } else { Err(page::forbidden(visit.language)) }
    }

    /// Any device.
    fn known(&self, request: &Request) -> Result<Visit, Response> {
        let headers = request.headers();
        let caller = request.extensions().get::<Caller>().cloned();
        let caller = caller.ok_or_else(|| Refused::Unknown.into_response())?;
        let device = self.door.enter(&caller, headers).map_err(IntoResponse::into_response)?;
        Ok(Visit { device, caller, language: Language::of(headers) })
    }
}

/// `/`, and everything below `/setup/`. `others` answers `/` to methods that are no browser's.
pub fn routes(setup: Setup, others: MethodRouter<Setup>) -> Router {
    Router::new()
        .route("/", others.get(front))
        .route("/setup/devices", post(add))
        .route("/setup/devices/revoke", post(revoke))
        .route("/setup/moisson.mobileconfig", get(profile))
        .with_state(setup)
}

async fn front(State(setup): State<Setup>, request: Request) -> Response {
    match setup.visit(&request) {
        Ok(visit) => page::front(&setup, &visit, None),
        Err(response) => response,
    }
}

async fn add(State(setup): State<Setup>, request: Request) -> Response {
    let (visit, form) = match posted(&setup, request).await {
        Ok(posted) => posted,
        Err(response) => return response,
    };
    let (accounts, now) = (Arc::clone(&setup.door.accounts), (setup.door.clock)());
    let (name, scope) = (forms::value(&form, "name").to_owned(), forms::scope(&form));
    match changed(move || accounts.add(&name, scope, now)).await {
        Ok(added) => {
            tracing::info!(device = added.device.id, by = visit.device.id, "a device was added");
            let token = keep_profile(&setup, &visit, &added);
            page::added(&setup, &visit, &added, token.as_deref())
        }
        Err(error) => page::front(&setup, &visit, Some(&error.said())),
    }
}

async fn revoke(State(setup): State<Setup>, request: Request) -> Response {
    let (visit, form) = match posted(&setup, request).await {
        Ok(posted) => posted,
        Err(response) => return response,
    };
    let (accounts, now) = (Arc::clone(&setup.door.accounts), (setup.door.clock)());
    let id = forms::value(&form, "device").to_owned();
    let revoked = id.clone();
    match changed(move || accounts.revoke_id(&revoked, now)).await {
        Ok(_) => {
            tracing::info!(device = id, by = visit.device.id, "a device was revoked");
            (StatusCode::SEE_OTHER, [(LOCATION, "/")]).into_response()
        }
        Err(error) => page::front(&setup, &visit, Some(&error.said())),
    }
}

/// Changes devices on a thread that may wait for the lock and the disk: others are answered meanwhile.
async fn changed<T: Send + 'static>(
    change: impl FnOnce() -> Result<T, AccountError> + Send + 'static,
) -> Result<T, AccountError> {
    tokio::task::spawn_blocking(change).await.unwrap_or(Err(AccountError::Busy))
}

/// A profile without a password, for any device; or, for whoever has the link, the one that was
/// made with a new device, once.
async fn profile(State(setup): State<Setup>, request: Request) -> Response {
    if let Some(token) = forms::query(request.uri().query(), "once") {
        return one_time(&setup, &request, &token);
    }
    match setup.known(&request) {
        Ok(visit) => {
            let place = setup.place(&visit.caller);
            downloaded(profile::write(&place, visit.device.scope.service, None).into_bytes())
        }
        Err(response) => response,
    }
}

/// The link alone lets in: it is for a phone that knows nothing yet. A wrong one is a guess.
fn one_time(setup: &Setup, request: &Request, token: &str) -> Response {
    let Some(caller) = request.extensions().get::<Caller>() else { return Refused::Unknown.into_response() };
    let now = (setup.door.clock)();
    let attempt = match setup.door.limiter.ask(caller.address, now) {
        Ok(attempt) => attempt,
        Err(wait) => return Refused::Later(wait).into_response(),
    };
    // What only looks must not use it up.
    let found = if request.method() == Method::GET { setup.once.take(token, now) } else { None };
    match found {
        Some(bytes) => {
            attempt.succeeded();
            downloaded(bytes.to_vec())
        }
        None => page::gone(Language::of(request.headers())),
    }
}

fn keep_profile(setup: &Setup, visit: &Visit, added: &Added) -> Option<String> {
    let place = setup.place(&visit.caller);
    let profile = profile::write(&place, added.device.scope.service, Some(&added.password));
    setup.once.keep(profile.into_bytes(), (setup.door.clock)())
}

fn downloaded(bytes: Vec<u8>) -> Response {
    let name = "attachment; filename=\"moisson.mobileconfig\"";
    let headers = [(CONTENT_TYPE, PROFILE), (CONTENT_DISPOSITION, name), page::NO_STORE];
    (headers, Body::from(bytes)).into_response()
}

/// A form of our own page, from somebody who may see it.
async fn posted(setup: &Setup, request: Request) -> Result<(Visit, forms::Form), Response> {
    let visit = setup.visit(&request)?;
    let is_own = is_own(request.headers(), &visit.caller);
    let body = to_bytes(request.into_body(), LARGEST_FORM).await;
    let body = body.map_err(|_| StatusCode::PAYLOAD_TOO_LARGE.into_response())?;
    let form = forms::read(&body);
    if is_own && setup.tokens.fits(&visit.device.id, forms::value(&form, "token")) {
        return Ok((visit, form));
    }
    Err(page::stale(visit.language))
}

/// Whether the browser says that this page sent it. One that says nothing has the token to show.
fn is_own(headers: &HeaderMap, caller: &Caller) -> bool {
    let text = |name: &str| headers.get(name).map(|value| value.to_str().unwrap_or("?"));
    match (text("sec-fetch-site"), text("origin")) {
        (Some(site), _) if site != "same-origin" => false,
        // The scheme may be one that a proxy has taken away.
        (_, Some(origin)) => origin.split_once("://").is_some_and(|(_, host)| host.eq_ignore_ascii_case(&caller.host)),
        (_, None) => true,
    }
}
