//! `/healthz`, `/readyz` and `/metrics`, over HTTP on this machine.
//!
//! A page in a browser must not reach them under a name of its own (DNS rebinding): only hosts
//! that are this machine's are answered.

use std::net::SocketAddr;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::Response;
use axum::routing::get;
use jiff::{SignedDuration, Timestamp};
use tokio::net::TcpListener;

use super::board::{self, Board};
use crate::fetch::http::runtime;

/// The loop comes round at least this often, unless it hangs.
const SILENCE: SignedDuration = SignedDuration::from_secs(180);

/// What the pages need.
#[derive(Clone)]
struct Seen {
    board: Board,
    clock: fn() -> Timestamp,
    address: SocketAddr,
}

/// Starts answering at `listen`; gives the address, whose port is a free one when 0 was asked for.
pub fn answer(listen: SocketAddr, board: Board, clock: fn() -> Timestamp) -> std::io::Result<SocketAddr> {
    let listener = runtime().block_on(TcpListener::bind(listen))?;
    let address = listener.local_addr()?;
    let seen = Seen { board, clock, address };
    let pages = Router::new()
        .route("/healthz", get(health))
        .route("/readyz", get(readiness))
        .route("/metrics", get(metrics))
        .layer(middleware::from_fn_with_state(seen.clone(), only_this_machine))
        .with_state(seen);
    runtime().spawn(async move {
        if let Err(error) = axum::serve(listener, pages).await {
            tracing::error!(%error, "health is no longer told");
        }
    });
    Ok(address)
}

async fn health(State(seen): State<Seen>) -> (StatusCode, &'static str) {
    let ticked_at = seen.board.look().ticked_at;
    let is_alive = ticked_at.is_none_or(|at| at.duration_until((seen.clock)()) < SILENCE);
    if is_alive { (StatusCode::OK, "ok\n") } else { (StatusCode::SERVICE_UNAVAILABLE, "the scheduler hangs\n") }
}

async fn readiness(State(seen): State<Seen>) -> (StatusCode, &'static str) {
    let is_ready = seen.board.look().is_ready;
    if is_ready { (StatusCode::OK, "ready\n") } else { (StatusCode::SERVICE_UNAVAILABLE, "not ready\n") }
}

async fn metrics(State(seen): State<Seen>) -> ([(header::HeaderName, &'static str); 1], String) {
    let text = board::metrics(&seen.board.look());
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], text)
}

async fn only_this_machine(
    State(seen): State<Seen>,
    headers: HeaderMap,
    request: Request,
    next: Next,
) -> Result<Response, (StatusCode, &'static str)> {
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    if is_ours(host, seen.address) {
        return Ok(next.run(request).await);
    }
    Err((StatusCode::MISDIRECTED_REQUEST, "this host is not served here\n"))
}

/// `127.0.0.1:4747`, `localhost`, `[::1]:4747`, or the address that is listened at.
fn is_ours(host: &str, address: SocketAddr) -> bool {
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) && !name.ends_with(':') => name,
        _ => host,
    };
    let name = name.trim_start_matches('[').trim_end_matches(']');
    name == "localhost"
        || name
            .parse()
            .is_ok_and(|ip: std::net::IpAddr| ip.is_loopback() || ip == address.ip() || address.ip().is_unspecified())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_of_this_machine_are_answered() {
        let here = "127.0.0.1:4747".parse().unwrap();
        for host in ["127.0.0.1:4747", "localhost:4747", "localhost", "[::1]:4747", "127.0.0.1"] {
            assert!(is_ours(host, here), "{host}");
        }
        for host in ["evil.example.org", "evil.example.org:4747", "", "127.0.0.1.example.org", "192.168.1.10:4747"] {
            assert!(!is_ours(host, here), "{host}");
        }
        assert!(is_ours("192.168.1.10:4747", "0.0.0.0:4747".parse().unwrap()));
    }
}
