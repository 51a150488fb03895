//! A server on this machine with a folder of its own, and what is said to it by hand.

use std::io::Write as _;
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::Request;
use axum::http::StatusCode;
use axum::routing::{any, get};
use axum::{Extension, Router, middleware};
use base64::Engine as _;
use jiff::Timestamp;
use moisson::config::Serve;
use moisson::web::accounts::{Accounts, Device, Scope};
use moisson::web::door::{self, Door};
use moisson::web::listen::Limits;
use moisson::web::setup::{self, Setup};
use secrecy::ExposeSecret as _;
use tokio::runtime::Runtime;

pub struct World {
    pub folder: tempfile::TempDir,
    pub accounts: Arc<Accounts>,
    pub address: SocketAddr,
    _runtime: Runtime,
}

/// What came back: status, head, body.
#[derive(Debug, Clone)]
pub struct Answer {
    pub status: u16,
    pub head: String,
    pub body: String,
}

pub fn now() -> Timestamp {
    "2026-05-04T08:00:00Z".parse().expect("an instant")
}

impl World {
    pub fn new() -> Self {
        Self::with(&Serve::default(), Limits::default())
    }

    pub fn with(settings: &Serve, limits: Limits) -> Self {
        Self::serving(settings, limits, |_, door| routes(door))
    }

    /// `routes` is given the folder.
    pub fn serving(settings: &Serve, limits: Limits, routes: impl FnOnce(&Path, Door) -> Router) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let accounts = Arc::new(Accounts::open(folder.path(), &settings.user));
        let door = Door::new(accounts.clone(), now);
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().expect("a runtime");
        let listen = "127.0.0.1:0".parse().expect("an address");
        let address = moisson::web::serve(runtime.handle(), settings, listen, limits, routes(folder.path(), door))
            .expect("a port");
        Self { folder, accounts, address, _runtime: runtime }
    }

    /// A new device; gives what stands in its header.
    pub fn device(&self, name: &str, scope: Scope) -> String {
        let added = self.accounts.add(name, scope, now()).expect("a device");
        basic("moisson", added.password.expose_secret())
    }

    pub fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(self.address).expect("a connection");
        stream.set_read_timeout(Some(Duration::from_secs(20))).expect("a timeout");
        stream
    }

    /// A request with these headers; `Host` is this machine unless one of them is.
    pub fn ask(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        let has_host = headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("host"));
        let host = if has_host { String::new() } else { format!("Host: {}\r\n", self.address) };
        let headers: Vec<String> = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
        let headers = headers.concat();
        let text = format!(
            "{method} {path} HTTP/1.1\r\n{host}{headers}Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
            body.len()
        );
        let mut stream = self.connect();
        // Who is refused early may find the connection closed before all is said.
        let _ = stream.write_all(text.as_bytes());
        answer(&mut stream)
    }

    pub fn get(&self, path: &str, authorization: &str) -> Answer {
        self.ask("GET", path, &[("Authorization", authorization)], "")
    }
}

pub fn answer(stream: &mut impl std::io::Read) -> Answer {
    let mut bytes = Vec::new();
    let mut piece = [0; 4096];
    while let Ok(n @ 1..) = stream.read(&mut piece) {
        bytes.extend_from_slice(&piece[..n]);
    }
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0);
    Answer { status, head: head.to_owned(), body: body.to_owned() }
}

impl Answer {
    pub fn header(&self, name: &str) -> Option<&str> {
        let lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines.into_iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }
}

pub fn basic(user: &str, password: &str) -> String {
    format!("Basic {}", base64::engine::general_purpose::STANDARD.encode(format!("{user}:{password}")))
}

/// A page for devices, which says who came and how much was sent.
fn routes(door: Door) -> Router {
    let devices = Router::new()
        .fallback(|Extension(device): Extension<Arc<Device>>, request: Request| async move {
            match axum::body::to_bytes(request.into_body(), usize::MAX).await {
                Ok(body) => format!("{} {}", device.name, body.len()),
                Err(error) => error.to_string(),
            }
        })
        .layer(middleware::from_fn_with_state(door.clone(), door::devices_only));
    let pages =
        setup::routes(Setup::new(door, jiff::tz::TimeZone::UTC), any(|| async { StatusCode::METHOD_NOT_ALLOWED }));
    pages.nest_service("/dav", devices).route("/large", get(|| async { "x".repeat(64 << 20) }))
}
