//! What is looked at before anything is answered: the name that was asked for, who really calls,
//! and whether another site sent it.
//!
//! A page in a browser must not reach this machine under a name of its own (DNS rebinding): only
//! names of `[serve]`, `localhost` and addresses are answered. What a proxy says of the caller
//! counts only when it comes from an address under `proxies`. Nothing here knows of devices.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::header::{CONTENT_SECURITY_POLICY, HOST, X_CONTENT_TYPE_OPTIONS};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};

use crate::config::{self, Range};

/// What a browser may do with an answer that says nothing of it: show it, and nothing more.
const NOTHING: HeaderValue = HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'; sandbox");

/// What proxies add to a request that they pass on.
const RELAYS: [&str; 4] = ["forwarded", "via", "x-forwarded-for", "x-real-ip"];

/// The connection that a request came by.
#[derive(Debug, Clone, Copy)]
pub struct Peer {
    pub address: SocketAddr,
    /// Whether it is TLS of our own.
    pub is_tls: bool,
}

/// Who calls, as far as it can be believed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// The client's, behind the proxies that are known.
    pub address: IpAddr,
    /// Whether the client speaks TLS.
    pub is_secure: bool,
    /// The host as the client names it, with its port when it gave one. It is one of ours.
    pub host: String,
    /// Whether somebody says to have passed it on, believed or not.
    pub is_relayed: bool,
}

/// What is answered, and who is believed.
#[derive(Debug, Clone)]
pub struct Gate {
    names: Arc<[String]>,
    proxies: Arc<[Range]>,
    address: SocketAddr,
}

/// Why a request goes no further.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stopped {
    /// The host is none of ours (RFC 9110 §15.5.20).
    Host,
    /// A form or script of another site sent it.
    Site,
}

impl Caller {
    /// `https://dav.example.org`, without a slash at its end.
    pub fn base(&self) -> String {
        format!("{}://{}", if self.is_secure { "https" } else { "http" }, self.host)
    }

    /// Whether it is a program of this machine, and no proxy stands in between: one of this machine
    /// that nobody named under `proxies` must not lend its address to the world.
    pub fn is_local(&self) -> bool {
        !self.is_relayed && self.address.to_canonical().is_loopback()
    }
}

impl Gate {
    pub fn new(settings: &config::Serve, address: SocketAddr) -> Self {
        Self { names: settings.names.clone().into(), proxies: settings.proxies.clone().into(), address }
    }

    /// Who calls, or why it is not answered.
    pub fn look(&self, peer: Peer, request: &Request) -> Result<Caller, Stopped> {
        let headers = request.headers();
        let host = one(headers, HOST.as_str()).unwrap_or_default();
        // The address of the request line wins over the header (RFC 9112 §3.2.2).
        let authority = request.uri().authority().map(axum::http::uri::Authority::as_str);
        if !self.is_ours(host) || authority.is_some_and(|authority| !self.is_ours(authority)) {
            return Err(Stopped::Host);
        }
        let caller = self.behind(peer, headers, authority.unwrap_or(host));
        if !self.is_ours(&caller.host) {
            return Err(Stopped::Host);
        }
        if is_foreign(request.method(), headers) { Err(Stopped::Site) } else { Ok(caller) }
    }

    fn behind(&self, peer: Peer, headers: &HeaderMap, host: &str) -> Caller {
        let plain = Caller {
            address: peer.address.ip().to_canonical(),
            is_secure: peer.is_tls,
            host: host.to_lowercase(),
            is_relayed: RELAYS.iter().any(|name| headers.contains_key(*name)),
        };
        if !self.is_proxy(plain.address) {
            return plain;
        }
        let proto = rightmost(headers, "x-forwarded-proto");
        let host = rightmost(headers, "x-forwarded-host");
        Caller {
            address: self.client(headers).unwrap_or(plain.address),
            is_secure: proto.map_or(plain.is_secure, |proto| proto.eq_ignore_ascii_case("https")),
            host: host.map_or(plain.host, str::to_lowercase),
            is_relayed: plain.is_relayed,
        }
    }

    /// The rightmost address that is not a proxy's own: what stands left of it is hearsay.
    fn client(&self, headers: &HeaderMap) -> Option<IpAddr> {
        let mut found = None;
        for value in headers.get_all("x-forwarded-for").iter().rev() {
            for item in value.to_str().ok()?.rsplit(',') {
                let Some(address) = address(item.trim()) else { return found };
                found = Some(address);
                if !self.is_proxy(address) {
                    return found;
                }
            }
        }
        found
    }

    fn is_proxy(&self, address: IpAddr) -> bool {
        self.proxies.iter().any(|range| range.contains(address))
    }

    /// `dav.example.org`, `localhost:4747`, `[::1]:4747`, or an address that is listened at. An
    /// address cannot be bound to another name, so that any will do when all are listened at.
    fn is_ours(&self, host: &str) -> bool {
        let name = without_port(host);
        let here = self.address.ip().to_canonical();
        if let Ok(ip) = name.parse::<IpAddr>().map(|ip| ip.to_canonical()) {
            return ip.is_loopback() || ip == here || here.is_unspecified();
        }
        let name = name.strip_suffix('.').unwrap_or(name);
        name.eq_ignore_ascii_case("localhost") || self.names.iter().any(|own| own.eq_ignore_ascii_case(name))
    }
}

/// The layer around everything that is answered.
pub async fn pass(State(gate): State<Gate>, mut request: Request, next: Next) -> Response {
    let Some(peer) = request.extensions().get::<Peer>().copied() else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let mut response = match gate.look(peer, &request) {
        Ok(caller) => {
            request.extensions_mut().insert(caller);
            next.run(request).await
        }
        Err(Stopped::Host) => (StatusCode::MISDIRECTED_REQUEST, "this host is not served here\n").into_response(),
        Err(Stopped::Site) => (StatusCode::FORBIDDEN, "this was sent by another site\n").into_response(),
    };
    let headers = response.headers_mut();
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.entry(CONTENT_SECURITY_POLICY).or_insert(NOTHING);
    response
}

/// Whether a browser says that another site sends this (Fetch Metadata). Only POST is looked at:
/// no page can send PUT, DELETE and DAV's methods elsewhere without asking first, which is never
/// granted, and mail programs built on a browser call their own requests foreign.
fn is_foreign(method: &Method, headers: &HeaderMap) -> bool {
    let site = one(headers, "sec-fetch-site").unwrap_or("none");
    method == Method::POST && !matches!(site, "same-origin" | "none")
}

/// The header, when it is there once.
fn one<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let mut all = headers.get_all(name).iter();
    let first = all.next()?.to_str().ok()?;
    all.next().is_none().then_some(first)
}

fn rightmost<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let last = headers.get_all(name).iter().next_back()?.to_str().ok()?;
    last.rsplit(',').next().map(str::trim).filter(|item| !item.is_empty())
}

/// `192.0.2.1`, `192.0.2.1:4711`, `2001:db8::1`, `[2001:db8::1]:4711`.
fn address(text: &str) -> Option<IpAddr> {
    let whole = text.parse().or_else(|_| text.parse::<SocketAddr>().map(|address| address.ip()));
    let bracketed = || text.strip_prefix('[')?.strip_suffix(']')?.parse().ok();
    whole.ok().or_else(bracketed).map(|address: IpAddr| address.to_canonical())
}

fn without_port(host: &str) -> &str {
    let is_port = |port: &str| port.bytes().all(|byte| byte.is_ascii_digit());
    if let Some((inside, rest)) = host.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        let is_whole = rest.is_empty() || rest.strip_prefix(':').is_some_and(is_port);
        return if is_whole && inside.contains(':') { inside } else { "" };
    }
    match host.split_once(':') {
        Some((name, port)) if is_port(port) => name,
        // Either an IPv6 address without its brackets, or no host at all.
        _ => host,
    }
}

#[cfg(test)]
mod tests;
