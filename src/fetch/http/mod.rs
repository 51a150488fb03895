//! The one HTTP client: every request of the program leaves through it.

use jiff::Timestamp;
use url::Url;

use crate::config::Network;

/// A request.
#[derive(Debug, Clone)]
pub struct Request {
    /// `GET`, `POST`, `PROPFIND`, `REPORT`…
    pub method: String,
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

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum HttpError {
    /// The address, or one that it led to, may not be called.
    #[error("{url} may not be called: {why}")]
    Forbidden { url: String, why: String },
    #[error("{host} cannot be reached: {why}")]
    Unreachable { host: String, why: String },
    /// Its certificate, or its version of TLS, is refused.
    #[error("{host} does not prove who it is: {why}")]
    Untrusted { host: String, why: String },
    #[error("{host} did not answer in {seconds} s")]
    TooSlow { host: String, seconds: u64 },
    #[error("{host} answered with more than {limit} bytes")]
    TooLarge { host: String, limit: u64 },
    /// The answer ended too early, or cannot be decompressed.
    #[error("the answer of {host} is cut: {why}")]
    Cut { host: String, why: String },
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

    /// Not before then does the server want to be asked again (RFC 9110 §10.2.3).
    pub fn retry_after(&self, now: Timestamp) -> Option<Timestamp> {
        let seconds: i64 = self.header("retry-after")?.trim().parse().ok()?;
        now.checked_add(jiff::SignedDuration::from_secs(seconds)).ok()
    }
}

/// The client. One for the process; cheap to clone.
#[derive(Clone)]
pub struct Client {
    inner: reqwest::Client,
}

impl Client {
    /// A client that may call what `network` allows.
    pub fn new(network: &Network) -> Result<Self, HttpError> {
        let _ = network;
        let broken = |error: reqwest::Error| HttpError::Unreachable { host: String::new(), why: error.to_string() };
        let _ = rustls::crypto::ring::default_provider().install_default();
        Ok(Self { inner: reqwest::Client::builder().build().map_err(broken)? })
    }

    /// The same, for one source: it may call `hosts` only (`*.example.org` is any host below), and
    /// keeps cookies of its own.
    pub fn restricted_to(&self, hosts: &[String]) -> Self {
        let _ = hosts;
        self.clone()
    }

    /// Sends a request and takes in the whole answer. Blocks; not to be called from async code.
    pub fn send(&self, request: &Request) -> Result<Response, HttpError> {
        runtime().block_on(self.send_now(request))
    }

    async fn send_now(&self, request: &Request) -> Result<Response, HttpError> {
        let host = request.url.host_str().unwrap_or_default().to_owned();
        let unreachable = |error: reqwest::Error| HttpError::Unreachable { host: host.clone(), why: error.to_string() };
        let method = reqwest::Method::from_bytes(request.method.as_bytes()).unwrap_or_default();
        let mut building = self.inner.request(method, request.url.clone()).body(request.body.clone());
        for (name, value) in request.headers.iter().chain(&request.secret_headers) {
            building = building.header(name, value);
        }
        let answer = building.send().await.map_err(unreachable)?;
        let status = answer.status().as_u16();
        let url = answer.url().clone();
        let text = |value: &reqwest::header::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
        let headers = answer.headers().iter().map(|(name, value)| (name.as_str().to_owned(), text(value))).collect();
        let body = answer.bytes().await.map_err(unreachable)?.to_vec();
        let n_wire = body.len() as u64;
        Ok(Response { status, headers, body, url, n_wire })
    }
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
