//! The one HTTP client: every request of the program leaves through it.
//!
//! What it holds to, whoever asks: TLS 1.2 or later by rustls, never unverified; no address that
//! [`guard`] does not allow, at no hop; bounds of size and time ([`Limits`]), for one exchange and for a
//! whole run; half an answer is none. It knows no service and reads no body.
//!
//! The libraries below log cookies, commands and headers of their own accord at `debug` and
//! `trace` (`cookie_store`, `lettre`, `async_imap`, `rustls`, `hyper`): whoever sets up a
//! subscriber lets the targets of this program through and no others.

mod address;
mod allowance;
mod body;
mod client;
pub mod dial;
mod error;
mod forms;
mod guard;
mod record;
mod redirect;
mod refusal;
mod replay;
mod resolve;
mod retry_after;
mod trust;

use jiff::Timestamp;
use url::Url;

pub use allowance::Bound;
pub use client::{Client, Limits, USER_AGENT};
pub use error::{HttpError, failure, status_failure};
pub use forms::{STRUCK, address, struck_address};
pub use record::{Exchange, LEAST, Recording, Redaction};
pub use refusal::{Distrust, Refusal};
pub use replay::Replay;
pub use resolve::Lookup;

/// A request.
#[derive(Debug, Clone)]
pub struct Request {
    /// `GET`, `POST`, `PROPFIND`, `REPORT`…
    pub method: String,
    /// A name and password in it are sent as a header, to its origin only.
    pub url: Url,
    pub headers: Vec<(String, String)>,
    /// Headers that hold secrets: sent to this origin only, never logged, shown or kept.
    pub secret_headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

/// An answer, whatever its status, with its whole body decompressed.
#[derive(Debug, Clone)]
pub struct Response {
    pub status: u16,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
    /// Where it came from at last, after redirects.
    pub url: Url,
    /// Bytes of the body as they came over the wire.
    pub n_wire: u64,
}

impl Request {
    pub fn new(method: &str, url: Url) -> Self {
        Self { method: method.to_owned(), url, headers: Vec::new(), secret_headers: Vec::new(), body: Vec::new() }
    }

    pub fn header(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.to_owned(), value.into()));
        self
    }

    pub fn secret_header(mut self, name: &str, value: impl Into<String>) -> Self {
        self.secret_headers.push((name.to_owned(), value.into()));
        self
    }

    pub fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self
    }
}

impl Response {
    /// The first header of that name, given in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// Whether it is a page made for people: what captive portals and servers under maintenance
    /// answer whatever was asked.
    pub fn is_page(&self) -> bool {
        let body = self.body.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&self.body).trim_ascii_start();
        let begins = |start: &[u8]| body.get(..start.len()).is_some_and(|head| head.eq_ignore_ascii_case(start));
        let is_called = self.header("content-type").is_some_and(|kind| kind.to_ascii_lowercase().contains("html"));
        // Some servers call whatever they send a page.
        let is_other = begins(b"<?xml") || begins(b"{") || begins(b"[") || begins(b"BEGIN:");
        (is_called && !is_other) || begins(b"<!doctype html") || begins(b"<html")
    }

    /// Not before then does the server want to be asked again (RFC 9110 §10.2.3): a number of
    /// seconds or a date; at most a week from now, never in the past.
    pub fn retry_after(&self, now: Timestamp) -> Option<Timestamp> {
        retry_after::instant(self.header("retry-after")?, now)
    }
}

/// An address for people and logs: without query, name and password, and without the parts of its
/// path that look like a key. `https://calendar.example.org/ical/…/basic.ics`
pub fn shown(url: &Url) -> String {
    let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
    format!("{}://{}{port}{}", url.scheme(), url.host_str().unwrap_or_default(), shown_path(url))
}

/// The path of an address; see [`shown`].
fn shown_path(url: &Url) -> String {
    let Some(segments) = url.path_segments() else { return String::new() };
    segments.map(|segment| if is_plain(segment) { format!("/{segment}") } else { "/…".to_owned() }).collect()
}

/// Whether a part of a path says what it is about, rather than who asks: a short word, `v2`,
/// `basic.ics`. Ids of accounts are left out too.
fn is_plain(segment: &str) -> bool {
    let n_digits = segment.bytes().filter(u8::is_ascii_digit).count();
    let is_word = segment.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte));
    is_word && segment.len() <= 24 && n_digits <= 2
}

/// The runtime of everything that waits for the network.
pub fn runtime() -> &'static tokio::runtime::Runtime {
    static RUNTIME: std::sync::OnceLock<tokio::runtime::Runtime> = std::sync::OnceLock::new();
    RUNTIME.get_or_init(|| {
        let mut building = tokio::runtime::Builder::new_multi_thread();
        building.worker_threads(1).enable_all().thread_name("network");
        building.build().expect("a thread can be started")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_shown_without_what_could_be_a_key() {
        let table = [
            ("https://a.example.org/v2/accounts?token=abc", "https://a.example.org/v2/accounts"),
            ("https://me:pw@a.example.org:8443/x", "https://a.example.org:8443/x"),
            ("https://a.example.org/ical/private-0a1b2c3d4e/basic.ics", "https://a.example.org/ical/…/basic.ics"),
            ("https://a.example.org/bot123456:AAF/send", "https://a.example.org/…/send"),
            ("https://a.example.org", "https://a.example.org/"),
        ];
        for (url, expected) in table {
            assert_eq!(shown(&Url::parse(url).expect("an address")), expected);
        }
    }
}
