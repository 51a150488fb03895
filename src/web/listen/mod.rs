//! Connections: accepted within bounds, encrypted when there is a certificate, read and written
//! only as long as the other side does its part.
//!
//! HTTP/1.1 only: no client of calendars or contacts needs more. Who calls and what they may do
//! is looked at further in.

mod body;
mod guests;
mod patient;
mod tls;

use std::convert::Infallible;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderValue, header};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service as _, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Handle;
use tokio::sync::Semaphore;
use tokio::time::timeout;

use super::gate::Peer;
use crate::config::{self, Range};
pub use body::Cut;
use body::{Bounded, Lent};
use guests::Guests;
use patient::Patient;
use tls::Certificates;

/// How much of what is put up with.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Connections at a time; further ones wait to be accepted.
    pub connections: usize,
    /// Of these, from one address that is no proxy; further ones are closed.
    pub per_address: usize,
    /// Until TLS stands.
    pub handshake: Duration,
    /// Until the head of a request is there, since the connection or the last answer.
    pub head: Duration,
    /// Between two pieces of a body.
    pub piece: Duration,
    /// For a whole body.
    pub body: Duration,
    /// Until something more of an answer is taken.
    pub answer: Duration,
    /// The largest body, in bytes; who answers may have smaller bounds.
    pub body_bytes: u64,
}

/// Why nothing is listened at.
#[derive(Debug, thiserror::Error)]
pub enum ListenError {
    #[error("cannot listen at {address}: {source}")]
    Bind { address: SocketAddr, source: io::Error },
    /// Passwords would cross a network in the clear.
    #[error("{address} is reached from other machines, and nothing encrypts what they say")]
    Exposed { address: SocketAddr },
    #[error("the certificate cannot be used: {}: {message}", path.display())]
    Certificate { path: PathBuf, message: String },
}

/// An open port that nobody answers at yet.
#[derive(Debug)]
pub struct Port {
    listener: std::net::TcpListener,
    address: SocketAddr,
    host: Host,
}

/// What all connections share.
#[derive(Debug)]
struct Host {
    limits: Limits,
    certificates: Option<Certificates>,
    proxies: Vec<Range>,
    /// Whether only this machine and the proxies may connect.
    is_private: bool,
    guests: Guests,
    slots: Arc<Semaphore>,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 512,
            per_address: 384,
            handshake: Duration::from_secs(10),
            head: Duration::from_secs(30),
            piece: Duration::from_secs(20),
            body: Duration::from_secs(300),
            answer: Duration::from_secs(60),
            body_bytes: super::LARGEST_BODY as u64,
        }
    }
}

/// Opens the port, and reads the certificate when there is one.
pub fn open(settings: &config::Serve, listen: SocketAddr, limits: Limits) -> Result<Port, ListenError> {
    if settings.is_exposed(listen) {
        return Err(ListenError::Exposed { address: listen });
    }
    let certificates = settings.tls.as_ref().map(Certificates::open).transpose()?;
    let failed = |source| ListenError::Bind { address: listen, source };
    let listener = std::net::TcpListener::bind(listen).map_err(failed)?;
    listener.set_nonblocking(true).map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    let host = Host {
        limits,
        proxies: settings.proxies.clone(),
        is_private: certificates.is_none(),
        certificates,
        guests: Guests::new(limits.per_address),
        slots: Arc::new(Semaphore::new(limits.connections)),
    };
    Ok(Port { listener, address, host })
}

impl Port {
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Accepts connections for as long as the runtime lives.
    pub fn answer(self, runtime: &Handle, routes: Router) {
        let host = Arc::new(self.host);
        runtime.spawn(async move {
            match TcpListener::from_std(self.listener) {
                Ok(listener) => accept(listener, host, routes).await,
                Err(error) => tracing::error!(%error, "nothing is answered"),
            }
        });
    }
}

async fn accept(listener: TcpListener, host: Arc<Host>, routes: Router) {
    while let Ok(slot) = host.slots.clone().acquire_owned().await {
        let (stream, address) = match listener.accept().await {
            Ok(accepted) => accepted,
            Err(error) => {
                // Too many files are open, most likely: some will be closed.
                tracing::warn!(%error, "a connection was not accepted");
                tokio::time::sleep(Duration::from_millis(100)).await;
                continue;
            }
        };
        let Some(guest) = host.admit(address.ip().to_canonical()) else { continue };
        let (host, routes) = (host.clone(), routes.clone());
        tokio::spawn(async move {
            host.talk(stream, address, routes).await;
            drop((guest, slot));
        });
    }
}

impl Host {
    /// A place for that address; `None`: it has too many, or none is meant for it.
    fn admit(&self, address: IpAddr) -> Option<guests::Guest> {
        let is_proxy = self.proxies.iter().any(|range| range.contains(address));
        if self.is_private && !is_proxy && !address.is_loopback() {
            tracing::debug!(%address, "only proxies may connect");
            return None;
        }
        self.guests.enter(address, is_proxy)
    }

    async fn talk(&self, stream: TcpStream, address: SocketAddr, routes: Router) {
        // Small answers must not wait for each other.
        let _ = stream.set_nodelay(true);
        let stream = Patient::new(stream, self.limits.answer);
        let Some(certificates) = &self.certificates else {
            return self.converse(stream, Peer { address, is_tls: false }, routes).await;
        };
        let acceptor = tokio_rustls::TlsAcceptor::from(certificates.current());
        match timeout(self.limits.handshake, acceptor.accept(stream)).await {
            Ok(Ok(stream)) => self.converse(stream, Peer { address, is_tls: true }, routes).await,
            Ok(Err(error)) => tracing::debug!(%address, %error, "no TLS came about"),
            Err(_) => tracing::debug!(%address, "no TLS came about in time"),
        }
    }

    async fn converse<S>(&self, stream: S, peer: Peer, routes: Router)
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        let limits = self.limits;
        let routes = TowerToHyperService::new(routes);
        let service = service_fn(move |request: Request<Incoming>| {
            let (parts, body) = request.into_parts();
            let body = Lent::new(Bounded::new(body, limits));
            // Who waits for a word before sending the body does not send it any more.
            let left = (!parts.headers.contains_key(header::EXPECT)).then(|| body.clone());
            let mut request = Request::from_parts(parts, Body::new(body));
            request.extensions_mut().insert(peer);
            let answering = routes.call(request);
            async move {
                let mut answer = answering.await?;
                if let Some(left) = left
                    && !left.finish().await
                {
                    answer.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
                }
                Ok::<_, Infallible>(answer)
            }
        });
        let mut http = http1::Builder::new();
        http.timer(TokioTimer::new()).header_read_timeout(limits.head).max_buf_size(64 << 10);
        if let Err(error) = http.serve_connection(TokioIo::new(stream), service).await {
            tracing::debug!(address = %peer.address, %error, "a connection ended");
        }
    }
}
