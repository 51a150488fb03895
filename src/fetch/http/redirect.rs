//! Where an answer sends us on, and what goes along (RFC 9110 §15.4, Fetch §4.4).
//!
//! It sends nothing: the next hop is checked as the first one was, by [`super::guard`].

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use url::Url;

use super::refusal::Refusal;
use super::{Request, Response};

/// The address that an answer sends us to, if it does.
pub fn target(response: &Response) -> Option<Url> {
    if !matches!(response.status, 301 | 302 | 303 | 307 | 308) {
        return None;
    }
    let location = response.header("location")?;
    response.url.join(location).ok()
}

/// The request for that address, after an answer of that status. Secrets stay with the origin
/// that they were meant for, and so does what was posted, which may hold some.
pub fn next(request: &Request, status: u16, target: Url) -> Result<Request, Refusal> {
    let host = target.host_str().unwrap_or_default().to_owned();
    if request.url.scheme() == "https" && target.scheme() == "http" {
        return Err(Refusal::Downgrade { host });
    }
    if !target.username().is_empty() || target.password().is_some() {
        return Err(Refusal::Credentials { host });
    }
    let is_elsewhere = request.url.origin() != target.origin();
    let mut next = as_get(status, Request { url: target, ..request.clone() });
    if is_elsewhere {
        next.secret_headers.clear();
        next.headers.retain(|(name, _)| !is_credential(name));
    }
    let hands_over = is_elsewhere && !next.body.is_empty() && next.method.eq_ignore_ascii_case("POST");
    if hands_over { Err(Refusal::Handover { host }) } else { Ok(next) }
}

/// 303 turns all but HEAD into GET; 301 and 302 turn POST into GET, as browsers do.
fn as_get(status: u16, mut next: Request) -> Request {
    let becomes_get = match status {
        303 => !next.method.eq_ignore_ascii_case("HEAD"),
        301 | 302 => next.method.eq_ignore_ascii_case("POST"),
        _ => false,
    };
    if becomes_get {
        "GET".clone_into(&mut next.method);
        next.body.clear();
        next.headers.retain(|(name, _)| !name.to_ascii_lowercase().starts_with("content-"));
    }
    next
}

/// A name and password in an address become a header: they are secrets, and addresses are shown.
pub fn without_credentials(request: &Request) -> Request {
    let mut request = request.clone();
    let (user, password) = (request.url.username().to_owned(), request.url.password().unwrap_or_default().to_owned());
    if user.is_empty() && password.is_empty() {
        return request;
    }
    request.url = plain(&request.url);
    let pair = format!("{}:{}", unescaped(&user), unescaped(&password));
    let has_one = request.secret_headers.iter().chain(&request.headers).any(|(name, _)| is_credential(name));
    if has_one {
        return request;
    }
    request.secret_header("authorization", format!("Basic {}", STANDARD.encode(pair)))
}

/// An address without name and password, and without the final dot of its host, which the
/// certificate would not have.
pub fn plain(url: &Url) -> Url {
    let mut url = url.clone();
    let _ = url.set_username("");
    let _ = url.set_password(None);
    if let Some(host) = url.host_str().and_then(|host| host.strip_suffix('.')).map(str::to_owned) {
        let _ = url.set_host(Some(&host));
    }
    url
}

/// A part of an address as it was before it was percent-encoded.
pub fn unescaped(text: &str) -> String {
    let joined = text.replace('+', "%2B").replace('&', "%26").replace('=', "%3D");
    url::form_urlencoded::parse(joined.as_bytes()).map(|(name, _)| name.into_owned()).collect()
}

fn is_credential(name: &str) -> bool {
    ["authorization", "cookie", "proxy-authorization"].iter().any(|known| name.eq_ignore_ascii_case(known))
}
