//! Small servers that answer in a fixed way, and a proxy that spoils what passes through.
//!
//! They know no service. Everything runs on a runtime of its own, on the loopback, and ends when
//! the server is dropped.
#![allow(dead_code, reason = "each test binary uses its own part")]

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::{Builder, Runtime};
use tokio::task::JoinHandle;

/// A listener on the loopback that counts who connects.
pub struct Server {
    pub address: SocketAddr,
    n_connections: Arc<AtomicUsize>,
    heard: Arc<Mutex<Vec<String>>>,
    task: JoinHandle<()>,
}

/// How a proxy spoils what passes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Nothing.
    Clear,
    /// Each piece waits so long in either direction.
    Latency(Duration),
    /// A byte of the answer each time so long has passed.
    Trickle(Duration),
    /// The connection is reset after so many bytes of the answer.
    Reset(usize),
    /// The connection is closed in good order after so many bytes of the answer.
    Truncate(usize),
    /// A login page is answered in place of everything.
    PortalPage,
    /// Everything is sent on to a login page.
    PortalRedirect,
}

impl Server {
    /// Answers every request with these bytes, and closes.
    pub fn answering(bytes: impl Into<Vec<u8>>) -> Self {
        let bytes = Arc::new(bytes.into());
        Self::with(move |_, stream| {
            let bytes = Arc::clone(&bytes);
            async move { answer(stream, &bytes).await }
        })
    }

    /// Answers what a function makes of the request's text (head and body).
    pub fn by(reply: impl Fn(&str) -> Vec<u8> + Send + Sync + 'static) -> Self {
        Self::with(move |heard, stream| {
            let bytes = reply(&heard);
            async move { answer(stream, &bytes).await }
        })
    }

    /// Passes everything on to `upstream`, spoilt.
    pub fn proxy(upstream: SocketAddr, mode: Mode) -> Self {
        Self::raw(move |stream| async move {
            let _ = Box::pin(spoil(stream, upstream, mode)).await;
        })
    }

    /// Hands each connection over as it comes.
    pub fn raw<F: Future<Output = ()> + Send + 'static>(
        serve: impl Fn(TcpStream) -> F + Send + Sync + 'static,
    ) -> Self {
        Self::listen("127.0.0.1:0", Arc::default(), serve)
    }

    /// Counts who connects to any address of this machine, and answers that he should not have.
    pub fn canary() -> Self {
        Self::listen("[::]:0", Arc::default(), |stream| async move {
            answer(stream, &reply("200 OK", &[], b"a canary was called")).await;
        })
    }

    fn listen<F: Future<Output = ()> + Send + 'static>(
        bind: &str,
        heard: Arc<Mutex<Vec<String>>>,
        serve: impl Fn(TcpStream) -> F + Send + Sync + 'static,
    ) -> Self {
        let listener = runtime().block_on(TcpListener::bind(bind)).expect("a port");
        let address = listener.local_addr().expect("its address");
        let n_connections = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&n_connections);
        let task = runtime().spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                counter.fetch_add(1, Ordering::SeqCst);
                tokio::spawn(serve(stream));
            }
        });
        Self { address, n_connections, heard, task }
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    pub fn port(&self) -> u16 {
        self.address.port()
    }

    /// How many have connected so far.
    pub fn n_connections(&self) -> usize {
        self.n_connections.load(Ordering::SeqCst)
    }

    /// The requests so far, head and body.
    pub fn heard(&self) -> Vec<String> {
        self.heard.lock().expect("no test panicked with it").clone()
    }

    fn with<F: Future<Output = ()> + Send + 'static>(
        serve: impl Fn(String, TcpStream) -> F + Send + Sync + 'static,
    ) -> Self {
        let heard: Arc<Mutex<Vec<String>>> = Arc::default();
        let (noted, serve) = (Arc::clone(&heard), Arc::new(serve));
        Self::listen("127.0.0.1:0", heard, move |mut stream| {
            let (noted, serve) = (Arc::clone(&noted), Arc::clone(&serve));
            async move {
                let text = request(&mut stream).await;
                noted.lock().expect("no test panicked with it").push(text.clone());
                serve(text, stream).await;
            }
        })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// An answer with its head, closed after it.
pub fn reply(status: &str, headers: &[(&str, &str)], body: &[u8]) -> Vec<u8> {
    let mut head = format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\nconnection: close\r\n", body.len());
    head.extend(headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")));
    [head.as_bytes(), b"\r\n", body].concat()
}

/// The runtime of the servers.
pub fn runtime() -> &'static Runtime {
    static RUNTIME: OnceLock<Runtime> = OnceLock::new();
    RUNTIME.get_or_init(|| Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("threads"))
}

async fn answer(mut stream: TcpStream, bytes: &[u8]) {
    let _ = stream.write_all(bytes).await;
    let _ = stream.shutdown().await;
    // What still comes is read, or the close would reset what is under way.
    let mut rest = [0; 1024];
    while stream.read(&mut rest).await.is_ok_and(|n| n > 0) {}
}

/// A request: its head, and as much of a body as its length says.
async fn request(stream: &mut TcpStream) -> String {
    let (mut all, mut piece) = (Vec::new(), [0; 4096]);
    loop {
        let text = String::from_utf8_lossy(&all).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head
                .lines()
                .filter_map(|line| line.to_lowercase().strip_prefix("content-length:")?.trim().parse().ok());
            if body.len() >= length.max().unwrap_or(0) {
                return text;
            }
        }
        match stream.read(&mut piece).await {
            Ok(n) if n > 0 => all.extend_from_slice(&piece[..n]),
            _ => return text,
        }
    }
}

async fn spoil(mut near: TcpStream, upstream: SocketAddr, mode: Mode) -> std::io::Result<()> {
    if let Some(page) = portal(mode) {
        request(&mut near).await;
        answer(near, &page).await;
        return Ok(());
    }
    let far = TcpStream::connect(upstream).await?;
    let (mut from_far, mut to_far) = far.into_split();
    let (mut from_near, mut to_near) = near.into_split();
    let up = tokio::spawn(async move {
        let mut piece = [0; 16 * 1024];
        while let Ok(n @ 1..) = from_near.read(&mut piece).await {
            wait(mode).await;
            if to_far.write_all(&piece[..n]).await.is_err() {
                break;
            }
        }
    });
    let mut n_passed = 0;
    let mut piece = [0; 16 * 1024];
    while let Ok(n @ 1..) = from_far.read(&mut piece).await {
        wait(mode).await;
        let most = match mode {
            Mode::Reset(most) | Mode::Truncate(most) => most.saturating_sub(n_passed),
            _ => usize::MAX,
        };
        pass(&mut to_near, &piece[..n.min(most)], mode).await?;
        n_passed += n.min(most);
        if n > most {
            break;
        }
    }
    up.abort();
    let _ = up.await;
    if matches!(mode, Mode::Reset(_)) {
        // Closing with a linger of nothing sends a reset in place of an end.
        to_near.as_ref().set_zero_linger()?;
        to_near.forget();
    }
    Ok(())
}

async fn wait(mode: Mode) {
    if let Mode::Latency(latency) = mode {
        tokio::time::sleep(latency).await;
    }
}

async fn pass(to: &mut tokio::net::tcp::OwnedWriteHalf, bytes: &[u8], mode: Mode) -> std::io::Result<()> {
    let Mode::Trickle(pause) = mode else { return to.write_all(bytes).await };
    for byte in bytes {
        to.write_all(std::slice::from_ref(byte)).await?;
        tokio::time::sleep(pause).await;
    }
    Ok(())
}

fn portal(mode: Mode) -> Option<Vec<u8>> {
    let page = b"<!doctype html><title>Welcome</title><form action=/login>Your room and name</form>";
    match mode {
        Mode::PortalPage => Some(reply("200 OK", &[("content-type", "text/html")], page)),
        Mode::PortalRedirect => Some(reply("302 Found", &[("location", "http://portal.example.org/login")], page)),
        _ => None,
    }
}
