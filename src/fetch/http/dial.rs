//! Connections that are not HTTP (mailboxes, mail): by the same rules, with the same trust.
//!
//! It speaks no protocol: the greeting before STARTTLS is the caller's. Everything here is async,
//! for [`super::runtime`]. Timeouts other than that of the connection are the caller's too.

use std::net::SocketAddr;
use std::time::Duration;

use rustls::pki_types::ServerName;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;

use super::error::causes;
use super::guard::{self, Unresolved};
use super::refusal::{Distrust, Refusal};
use super::{Client, HttpError, trust};

/// A connection under TLS.
pub type Tls = tokio_rustls::client::TlsStream<TcpStream>;

/// Connects with TLS from the first byte (`imaps` 993, `submissions` 465).
pub async fn tls(client: &Client, host: &str, port: u16) -> Result<Tls, HttpError> {
    let stream = before_tls(client, host, port).await?;
    upgrade(client, host, port, stream).await
}

/// Connects without TLS, for good: hosts of the home only.
pub async fn plain(client: &Client, host: &str, port: u16) -> Result<TcpStream, HttpError> {
    let name = guard::name(host);
    if !client.guard.is_home(&name, port) {
        return Err(forbidden(&name, port, Refusal::Plain { host: name.clone() }));
    }
    before_tls(client, host, port).await
}

/// Connects without TLS, to speak no more than what is needed until [`upgrade`] (STARTTLS).
pub async fn before_tls(client: &Client, host: &str, port: u16) -> Result<TcpStream, HttpError> {
    let name = guard::name(host);
    client.guard.check_host(&name, port).map_err(|refusal| forbidden(&name, port, refusal))?;
    let connecting = async {
        let is_home = client.guard.is_home(&name, port);
        let found = client.guard.addresses(&name, is_home).await.map_err(|error| match error {
            Unresolved::Refused(refusal) => forbidden(&name, port, refusal),
            Unresolved::Unknown(error) => HttpError::unreachable(&name, &error),
        })?;
        let found: Vec<SocketAddr> = found.into_iter().map(|address| SocketAddr::new(address, port)).collect();
        TcpStream::connect(&*found).await.map_err(|error| HttpError::unreachable(&name, &error))
    };
    within(client.limits.connect, &name, connecting).await
}

/// Puts TLS over a connection that [`before_tls`] made to that host.
pub async fn upgrade(client: &Client, host: &str, port: u16, stream: TcpStream) -> Result<Tls, HttpError> {
    let name = guard::name(host);
    let bare = name.trim_matches(['[', ']']).to_owned();
    let server = ServerName::try_from(bare).map_err(|error| HttpError::unreachable(&name, &error))?;
    let connector = TlsConnector::from(client.tls.clone());
    let is_home = client.guard.is_home(&name, port);
    let connecting =
        async { connector.connect(server, stream).await.map_err(|error| untrusted(&name, is_home, &error)) };
    within(client.limits.connect, &name, connecting).await
}

async fn within<T>(
    limit: Duration,
    host: &str,
    doing: impl Future<Output = Result<T, HttpError>>,
) -> Result<T, HttpError> {
    let slow = |_| Err(HttpError::TooSlow { host: host.to_owned(), seconds: limit.as_secs().max(1) });
    timeout(limit, doing).await.unwrap_or_else(slow)
}

fn untrusted(host: &str, is_home: bool, error: &std::io::Error) -> HttpError {
    let tls = causes(error).find_map(|cause| cause.downcast_ref::<rustls::Error>());
    let why: Option<Distrust> = tls.and_then(|error| trust::distrust(error, is_home));
    match why {
        Some(why) => HttpError::Untrusted { host: host.to_owned(), why },
        None => HttpError::unreachable(host, error),
    }
}

fn forbidden(host: &str, port: u16, why: Refusal) -> HttpError {
    HttpError::Forbidden { url: format!("{host}:{port}"), why }
}
