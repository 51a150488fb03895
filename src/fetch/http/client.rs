//! Sends requests by the rules, follows where they lead, and takes in answers whole.
//!
//! Neither environment variables nor settings of the system name a proxy here: it would resolve
//! names in our place. Nothing is logged but one line a request, without query and secrets.

use std::sync::Arc;
use std::time::{Duration, Instant};

use reqwest::cookie::Jar;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use reqwest::redirect::Policy;
use rustls::ClientConfig;
use tokio::time::{Instant as Deadline, timeout, timeout_at};
use url::Url;

use super::allowance::Allowance;
use super::body::{self, Body, Spoilt};
use super::error::causes;
use super::guard::{self, Guard, Unresolved};
use super::record::Recording;
use super::refusal::Refusal;
use super::replay::Replay;
use super::resolve::{Guarded, Lookup};
use super::{HttpError, Request, Response, redirect, runtime, shown, trust};
use crate::config::Network;

/// Who we say that we are.
pub const USER_AGENT: &str =
    concat!("moisson/", env!("CARGO_PKG_VERSION"), " (personal data, runs at its owner's home)");

/// What an exchange may take, and what all those of a run may.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of a decompressed body.
    pub body: u64,
    /// From the first request to the last byte, redirects included.
    pub total: Duration,
    /// Until the next bytes come.
    pub read: Duration,
    /// Until a connection stands, with its TLS.
    pub connect: Duration,
    /// How many redirects are followed.
    pub redirects: usize,
    /// All requests of one run, from the first on.
    pub run: Duration,
    /// Bytes of all decompressed bodies of one run: it holds them until they are taken in.
    pub run_bytes: u64,
    /// A conversation with a mail server, from the connection to the goodbye.
    pub conversation: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            body: 64 << 20,
            total: Duration::from_secs(60),
            read: Duration::from_secs(10),
            connect: Duration::from_secs(10),
            redirects: 5,
            run: Duration::from_secs(3600),
            run_bytes: 256 << 20,
            conversation: Duration::from_secs(600),
        }
    }
}

/// The client. One for the process; cheap to clone.
#[derive(Clone)]
pub struct Client {
    pub(super) guard: Guard,
    pub(super) limits: Limits,
    pub(super) tls: Arc<ClientConfig>,
    /// For all hosts but those of the home.
    world: reqwest::Client,
    /// For hosts of the home; see [`Guarded`].
    home: reqwest::Client,
    recorder: Option<Recording>,
    replay: Option<Replay>,
    /// What is left to the run that it is for.
    allowance: Option<Allowance>,
}

impl Client {
    /// A client that may call what `network` allows.
    pub fn new(network: &Network) -> Result<Self, HttpError> {
        Self::with_limits(network, Limits::default())
    }

    /// The same, within other limits.
    pub fn with_limits(network: &Network, limits: Limits) -> Result<Self, HttpError> {
        let tls = Arc::new(trust::settings(network)?);
        Self::build(Guard::new(network, Lookup::System), limits, tls)
    }

    /// The same, with names looked up in another way.
    pub fn with_lookup(&self, lookup: Lookup) -> Result<Self, HttpError> {
        let fresh = Self::build(self.guard.with_lookup(lookup), self.limits, Arc::clone(&self.tls))?;
        Ok(fresh.alike(self))
    }

    /// The same, for one source: it may call `hosts` only (`*.example.org` is any host below, and
    /// a port may be given), and keeps cookies of its own.
    pub fn restricted_to(&self, hosts: &[String]) -> Self {
        let guard = self.guard.restricted_to(hosts);
        match Self::build(guard.clone(), self.limits, Arc::clone(&self.tls)) {
            Ok(fresh) => fresh.alike(self),
            // It was built once with the same settings, so it can be built again; were it not so,
            // the rules would still hold, as every hop is checked before it is sent.
            Err(_) => Self { guard, ..self.clone() },
        }
    }

    /// The same, for one run that begins now: it and all that are made of it share what a run may
    /// take.
    pub fn for_one_run(&self) -> Self {
        let allowance = Allowance::new(self.limits.run, self.limits.run_bytes);
        Self { allowance: Some(allowance), ..self.clone() }
    }

    /// What its exchanges may take.
    pub fn limits(&self) -> Limits {
        self.limits
    }

    /// The same; each exchange is handed over, redacted, as it ends.
    pub fn recording(&self, recording: Recording) -> Self {
        Self { recorder: Some(recording), ..self.clone() }
    }

    /// The same; answers come from a recording, and no connection is opened. What may be called
    /// and where redirects may lead is held to all the same.
    pub fn replaying(&self, replay: Replay) -> Self {
        Self { replay: Some(replay), ..self.clone() }
    }

    /// Whether an address may be called, as far as can be told now: its name is looked up, and
    /// nothing is sent. A name that nobody knows may be: it is looked up again when it is called.
    /// Blocks; not to be called from async code.
    pub fn check(&self, url: &Url) -> Result<(), Refusal> {
        self.guard.check(url)?;
        let (host, port) = guard::place(url).ok_or(Refusal::Nowhere)?;
        let looking = self.guard.addresses(&host, self.guard.is_home(&host, port));
        match runtime().block_on(timeout(self.limits.connect, looking)) {
            Ok(Err(Unresolved::Refused(refusal))) => Err(refusal),
            Ok(Ok(_) | Err(Unresolved::Unknown(_))) | Err(_) => Ok(()),
        }
    }

    /// Sends a request, follows where it leads, and takes in the whole answer. Blocks; not to be
    /// called from async code.
    pub fn send(&self, request: &Request) -> Result<Response, HttpError> {
        runtime().block_on(self.follow(request, self.limits.redirects))
    }

    /// The same; a redirect is an answer as any other.
    pub fn send_once(&self, request: &Request) -> Result<Response, HttpError> {
        runtime().block_on(self.follow(request, 0))
    }

    fn build(guard: Guard, limits: Limits, tls: Arc<ClientConfig>) -> Result<Self, HttpError> {
        let jar = Arc::new(Jar::default());
        let one = |is_home: bool| {
            reqwest::Client::builder()
                .tls_backend_preconfigured((*tls).clone())
                .dns_resolver(Guarded { guard: guard.clone(), is_home })
                .cookie_provider(Arc::clone(&jar))
                .redirect(Policy::none())
                .no_proxy()
                .referer(false)
                .user_agent(USER_AGENT)
                .connect_timeout(limits.connect)
                .pool_idle_timeout(Duration::from_secs(30))
                .build()
                .map_err(|error| HttpError::unreachable("TLS", &error))
        };
        let (world, home) = (one(false)?, one(true)?);
        Ok(Self { guard, limits, tls, world, home, recorder: None, replay: None, allowance: None })
    }

    /// Kept by whom `other` is kept by, and for the same run.
    fn alike(self, other: &Self) -> Self {
        let (recorder, replay) = (other.recorder.clone(), other.replay.clone());
        Self { recorder, replay, allowance: other.allowance.clone(), ..self }
    }

    async fn follow(&self, request: &Request, most: usize) -> Result<Response, HttpError> {
        let whole = Deadline::now() + self.limits.total;
        let deadline = self.allowance.as_ref().map_or(whole, |run| run.sooner(whole));
        let mut request = redirect::without_credentials(request);
        for n_followed in 0.. {
            let answered = self.exchange(&request, deadline).await;
            let response = if n_followed == 0 { answered? } else { answered.map_err(led)? };
            let next = match redirect::target(&response) {
                Some(target) if most > 0 => redirect::next(&request, response.status, target),
                _ => return Ok(response),
            };
            if n_followed == most {
                return Err(forbidden(&request, Refusal::Redirects { limit: most }));
            }
            request = next.map_err(|refusal| led(forbidden(&request, refusal)))?;
        }
        unreachable!("the loop ends by returning")
    }

    /// One request and its answer.
    async fn exchange(&self, request: &Request, deadline: Deadline) -> Result<Response, HttpError> {
        let began = Instant::now();
        let answered = timeout_at(deadline, self.answer(request)).await;
        let answered = answered.unwrap_or_else(|_| {
            self.is_within(request)?;
            Err(slow(request, self.limits.total))
        });
        tell(request, &answered, began.elapsed());
        if let (Some(recorder), Ok(response)) = (&self.recorder, &answered) {
            recorder.keep(request, response);
        }
        answered
    }

    async fn answer(&self, request: &Request) -> Result<Response, HttpError> {
        self.is_within(request)?;
        self.guard.check(&request.url).map_err(|refusal| forbidden(request, refusal))?;
        let (host, port) = guard::place(&request.url).ok_or_else(|| forbidden(request, Refusal::Nowhere))?;
        let is_home = self.guard.is_home(&host, port);
        let building = self.building(request, is_home).map_err(|refusal| forbidden(request, refusal))?;
        if let Some(replay) = &self.replay {
            return replay.answer(request).ok_or_else(|| HttpError::Unrecorded { url: shown(&request.url) });
        }
        // The connection has a limit of its own.
        let patience = self.limits.connect + self.limits.read;
        let sent = timeout(patience, building.send()).await.map_err(|_| slow(request, patience))?;
        let mut answer = sent.map_err(|error| self.broken(request, is_home, &error))?;
        let headers = texts(answer.headers());
        let encoding = headers.iter().find(|(name, _)| name == "content-encoding").map(|(_, value)| value.as_str());
        let mut body = Body::new(encoding, self.most()).map_err(|spoilt| self.spoilt(request, spoilt))?;
        loop {
            let read = timeout(self.limits.read, answer.chunk()).await;
            let piece = read.map_err(|_| slow(request, self.limits.read))?.map_err(|error| cut(request, &error))?;
            let Some(piece) = piece else { break };
            body.push(&piece).map_err(|spoilt| self.spoilt(request, spoilt))?;
        }
        let n_wire = body.n_wire;
        let body = body.end().map_err(|spoilt| self.spoilt(request, spoilt))?;
        if let Some(run) = &self.allowance {
            run.take(body.len());
        }
        let as_it_is = |(name, _): &(String, String)| !matches!(name.as_str(), "content-encoding" | "content-length");
        let status = answer.status().as_u16();
        let headers = headers.into_iter().filter(as_it_is).collect();
        Ok(Response { status, headers, body, url: request.url.clone(), n_wire })
    }

    fn building(&self, request: &Request, is_home: bool) -> Result<reqwest::RequestBuilder, Refusal> {
        let method = reqwest::Method::from_bytes(request.method.as_bytes());
        let method = method.map_err(|_| Refusal::Unsendable("the method".to_owned()))?;
        let mut headers = HeaderMap::new();
        headers.insert("accept-encoding", HeaderValue::from_static(body::ACCEPTED));
        for (name, value) in &request.headers {
            add(&mut headers, name, value, false)?;
        }
        for (name, value) in &request.secret_headers {
            add(&mut headers, name, value, true)?;
        }
        let client = if is_home { &self.home } else { &self.world };
        let building = client.request(method, redirect::plain(&request.url)).headers(headers);
        Ok(if request.body.is_empty() { building } else { building.body(request.body.clone()) })
    }

    fn broken(&self, request: &Request, is_home: bool, error: &reqwest::Error) -> HttpError {
        let host = host(request);
        if let Some(refusal) = causes(error).find_map(|cause| cause.downcast_ref::<Refusal>()) {
            return forbidden(request, refusal.clone());
        }
        let tls = causes(error).find_map(|cause| cause.downcast_ref::<rustls::Error>());
        if let Some(why) = tls.and_then(|error| trust::distrust(error, is_home)) {
            return HttpError::Untrusted { host, why };
        }
        if error.is_timeout() {
            return slow(request, self.limits.connect);
        }
        if error.is_connect() {
            return HttpError::unreachable(&host, error);
        }
        cut(request, error)
    }

    /// Most bytes that the next body may have.
    fn most(&self) -> u64 {
        self.allowance.as_ref().map_or(self.limits.body, |run| run.left().min(self.limits.body))
    }

    /// Nothing more is asked for a run that has taken what it may.
    fn is_within(&self, request: &Request) -> Result<(), HttpError> {
        match self.allowance.as_ref().and_then(Allowance::reached) {
            Some(bound) => Err(HttpError::Over { host: host(request), bound }),
            None => Ok(()),
        }
    }

    fn spoilt(&self, request: &Request, spoilt: Spoilt) -> HttpError {
        match spoilt {
            Spoilt::TooLarge => match self.allowance.as_ref().filter(|run| run.left() < self.limits.body) {
                Some(run) => HttpError::Over { host: host(request), bound: run.spent() },
                None => HttpError::TooLarge { host: host(request), limit: self.limits.body },
            },
            Spoilt::Cut(why) => HttpError::Cut { host: host(request), why },
        }
    }
}

fn add(headers: &mut HeaderMap, name: &str, value: &str, is_secret: bool) -> Result<(), Refusal> {
    let unsendable = || Refusal::Unsendable(format!("the header {name}"));
    let known = HeaderName::from_bytes(name.as_bytes()).map_err(|_| unsendable())?;
    let mut value = HeaderValue::from_str(value).map_err(|_| unsendable())?;
    value.set_sensitive(is_secret);
    headers.append(known, value);
    Ok(())
}

fn texts(headers: &HeaderMap) -> Vec<(String, String)> {
    let text = |value: &HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    headers.iter().map(|(name, value)| (name.as_str().to_owned(), text(value))).collect()
}

fn host(request: &Request) -> String {
    guard::place(&request.url).map(|(host, _)| host).unwrap_or_default()
}

fn forbidden(request: &Request, why: Refusal) -> HttpError {
    HttpError::Forbidden { url: shown(&request.url), why }
}

/// What a redirect led to, rather than whoever asked.
fn led(error: HttpError) -> HttpError {
    match error {
        HttpError::Forbidden { url, why: why @ (Refusal::Redirects { .. } | Refusal::Handover { .. }) } => {
            HttpError::Forbidden { url, why }
        }
        HttpError::Forbidden { url, why } => HttpError::Forbidden { url, why: Refusal::Led(Box::new(why)) },
        other => other,
    }
}

fn slow(request: &Request, limit: Duration) -> HttpError {
    HttpError::TooSlow { host: host(request), seconds: limit.as_secs().max(1) }
}

fn cut(request: &Request, error: &reqwest::Error) -> HttpError {
    let why = causes(error).last().map(ToString::to_string).unwrap_or_default();
    HttpError::Cut { host: host(request), why }
}

/// The one line a request.
fn tell(request: &Request, answered: &Result<Response, HttpError>, took: Duration) {
    let (method, ms) = (&request.method, took.as_millis());
    let (host, path) = (host(request), super::shown_path(&request.url));
    match answered {
        Ok(response) => {
            tracing::debug!(method, host, path, status = response.status, bytes = response.n_wire, ms, "asked");
        }
        Err(error) => tracing::debug!(method, host, path, ms, %error, "asked in vain"),
    }
}
