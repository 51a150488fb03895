//! Which device it is: a name and a password with every request (RFC 7617), within the limiter.
//!
//! Whoever sends no password is asked for one, as often as they like. A wrong one counts; that of
//! a device that was revoked does not, so that a phone in a drawer locks nobody out. A right one is
//! let through whatever came from its address before: nobody guesses 140 random bits, and devices
//! of a household share an address. What the device may see is not looked at here.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Request, State};
use axum::http::header::{AUTHORIZATION, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use secrecy::zeroize::Zeroizing;

use super::accounts::{Accounts, Device};
use super::gate::Caller;
use super::limiter::Limiter;

const CHALLENGE: HeaderValue = HeaderValue::from_static("Basic realm=\"moisson\", charset=\"UTF-8\"");

/// What it takes to know a device.
#[derive(Debug, Clone)]
pub struct Door {
    pub accounts: Arc<Accounts>,
    pub limiter: Arc<Limiter>,
    pub clock: fn() -> Timestamp,
}

/// Why nobody comes in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refused {
    /// No password, or not one of ours.
    Unknown,
    /// Not one of ours, and too many such came from there.
    Later(Duration),
}

impl Door {
    pub fn new(accounts: Arc<Accounts>, clock: fn() -> Timestamp) -> Self {
        Self { accounts, limiter: Arc::default(), clock }
    }

    /// The device that a request comes from.
    pub fn enter(&self, caller: &Caller, headers: &HeaderMap) -> Result<Arc<Device>, Refused> {
        let credentials = headers.get(AUTHORIZATION).and_then(basic).ok_or(Refused::Unknown)?;
        let (user, password) = credentials.split_once(':').ok_or(Refused::Unknown)?;
        let now = (self.clock)();
        let Some(device) = self.accounts.known(user, password) else {
            let _counted = self.limiter.ask(caller.address, now).map_err(Refused::Later)?;
            tracing::warn!(address = %caller.address, "a wrong login");
            return Err(Refused::Unknown);
        };
        if device.is_revoked() {
            tracing::info!(address = %caller.address, device = device.id, "a revoked device tries to log in");
            return Err(Refused::Unknown);
        }
        self.accounts.note(&device, now, caller.address);
        Ok(device)
    }
}

/// A layer that lets devices through and nobody else, with the [`Device`] in the extensions.
pub async fn devices_only(State(door): State<Door>, mut request: Request, next: Next) -> Response {
    let Some(caller) = request.extensions().get::<Caller>() else { return Refused::Unknown.into_response() };
    match door.enter(caller, request.headers()) {
        Ok(device) => {
            request.extensions_mut().insert(device);
            next.run(request).await
        }
        Err(refused) => refused.into_response(),
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        match self {
            Self::Unknown => {
                (StatusCode::UNAUTHORIZED, [(WWW_AUTHENTICATE, CHALLENGE)], "a device logs in here\n").into_response()
            }
            Self::Later(wait) => {
                let seconds = HeaderValue::from(wait.as_secs() + 1);
                let text = "too many wrong logins: wait, then try again\n";
                (StatusCode::TOO_MANY_REQUESTS, [(RETRY_AFTER, seconds)], text).into_response()
            }
        }
    }
}

/// `Basic bW9pc3Nvbjp…` → `moisson:…`
fn basic(value: &HeaderValue) -> Option<Zeroizing<String>> {
    let (scheme, encoded) = value.to_str().ok()?.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let bytes = STANDARD.decode(encoded.trim()).ok()?;
    String::from_utf8(bytes).ok().map(Zeroizing::new)
}
