//! How a request proves whose it is: what `[fetch.auth]` says becomes headers, a parameter, or a
//! signature. Tokens that are bought or signed are kept for the run, in memory only.

mod bought;
mod claim;
mod digest;
mod jwt;
mod signed;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use digest_auth::WwwAuthenticateHeader;
use secrecy::{ExposeSecret, SecretString};

use super::super::http::{Request, Response};
use super::super::oauth;
use super::broken::Broken;
use super::line::Line;
use super::values::{Escape, fill};
use crate::connector::fetch::Auth;

pub use claim::claim;

/// What a run has been given to prove whose it is.
#[derive(Default)]
pub struct Session {
    token: Option<SecretString>,
    /// Name and password that stood in an address.
    access: Option<(String, SecretString)>,
    challenge: Option<WwwAuthenticateHeader>,
    /// Seconds by which the server's clock is ahead of ours.
    ahead_s: Option<i64>,
}

/// Whether a token can be had anew when the service no longer takes the one we have.
pub fn is_bought(auth: &Auth) -> bool {
    matches!(auth, Auth::Token(_) | Auth::Oauth2(_) | Auth::Jwt(_))
}

/// Puts the proof on a request.
pub fn prove(line: &mut Line<'_>, mut request: Request) -> Result<Request, Broken> {
    let put = |template: &str, line: &Line<'_>| fill(template, &line.values, Escape::None);
    match &line.fetch.auth {
        Auth::None => Ok(request),
        Auth::Bearer { token } => {
            let filled = put(token, line);
            Ok(if filled.lacks { request } else { bearer(request, &filled.text) })
        }
        Auth::Basic { user, password } => Ok(basic(request, &put(user, line).text, &put(password, line).text)),
        Auth::Digest { user, password } => {
            let (user, password) = (put(user, line).text, put(password, line).text);
            Ok(digest::prove(line.session.challenge.as_mut(), request, &user, &password))
        }
        Auth::Header { name, value } => Ok(header(request, line, name, value)),
        Auth::Headers { headers } => {
            Ok(headers.iter().fold(request, |request, (name, value)| header(request, line, name, value)))
        }
        Auth::Query { name, value } => {
            request.url.query_pairs_mut().append_pair(name, &put(value, line).text);
            Ok(request)
        }
        Auth::AccessUrl { .. } => Ok(match &line.session.access {
            Some((user, password)) => basic(request, user, password.expose_secret()),
            None => request,
        }),
        Auth::Signed(how) => signed::prove(line, how, request),
        Auth::Jwt(_) | Auth::Token(_) | Auth::Oauth2(_) => {
            let token = token(line)?;
            Ok(bearer(request, token.expose_secret()))
        }
    }
}

/// Takes in what a refusal tells: whether the same request may well be taken with it.
pub fn learn(line: &mut Line<'_>, response: &Response) -> bool {
    if response.status != 401 {
        return false;
    }
    let is_digest = matches!(line.fetch.auth, Auth::Digest { .. });
    let challenge = is_digest.then(|| digest::challenge(response)).flatten();
    let is_new = challenge.is_some();
    line.session.challenge = challenge.or_else(|| line.session.challenge.take());
    is_new
}

/// The token at hand is not taken any more: another one is bought with the next request.
pub fn forget(line: &mut Line<'_>) -> Result<(), Broken> {
    line.session.token = None;
    match line.fetch.auth {
        Auth::Oauth2(_) => oauth::expire(line.order).map_err(Broken::run),
        _ => Ok(()),
    }
}

impl Session {
    /// What was learnt of a name and password in an address.
    pub fn with_access(user: &str, password: &str) -> Self {
        Self { access: Some((user.to_owned(), SecretString::from(password.to_owned()))), ..Self::default() }
    }
}

fn token(line: &mut Line<'_>) -> Result<SecretString, Broken> {
    if let Some(token) = &line.session.token {
        return Ok(token.clone());
    }
    let token = match &line.fetch.auth {
        Auth::Jwt(how) => jwt::sign(how, &line.values, line.now()).map_err(Broken::run)?,
        Auth::Token(how) => bought::buy(line, how)?,
        Auth::Oauth2(how) => oauth::token(line.order, how).map_err(Broken::run)?,
        _ => SecretString::default(),
    };
    line.session.token = Some(token.clone());
    Ok(token)
}

fn bearer(request: Request, token: &str) -> Request {
    request.secret_header("authorization", format!("Bearer {token}"))
}

/// RFC 7617.
fn basic(request: Request, user: &str, password: &str) -> Request {
    let both = STANDARD.encode(format!("{user}:{password}"));
    request.secret_header("authorization", format!("Basic {both}"))
}

fn header(request: Request, line: &Line<'_>, name: &str, value: &str) -> Request {
    let filled = fill(value, &line.values, Escape::None);
    if filled.lacks { request } else { request.secret_header(name, filled.text) }
}
