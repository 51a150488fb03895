//! A message handed to a mail server (RFC 5321) over a connection of `fetch::http::dial`.
//!
//! STARTTLS (RFC 3207) is spoken here rather than by the library, so that the connection and the
//! certificate go by the same rules as every other, and nothing that came before TLS is read
//! after it (the command injection of CVE-2011-0411).

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use lettre::Message;
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::{AsyncSmtpConnection, AsyncTokioStream};
use lettre::transport::smtp::extension::ClientId;
use secrecy::{ExposeSecret as _, SecretString};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::config::{Security, Smtp};
use crate::fetch::http::{Client, dial, runtime};

/// Sends one message, within a minute. Blocks.
pub fn send(message: &Message, way: &Smtp, password: Option<&SecretString>, client: &Client) -> Result<(), String> {
    // A timeout is made within the runtime, whose clock it goes by.
    let sent =
        runtime().block_on(async { timeout(Duration::from_secs(60), deliver(message, way, password, client)).await });
    sent.unwrap_or_else(|_| Err(format!("{} did not take the message in 60 s", way.host)))
}

async fn deliver(
    message: &Message,
    way: &Smtp,
    password: Option<&SecretString>,
    client: &Client,
) -> Result<(), String> {
    let hello = ClientId::default();
    let stream = connected(way, client).await?;
    let said = |error: lettre::transport::smtp::Error| told(&way.host, &error);
    let mut session = AsyncSmtpConnection::connect_with_transport(stream, &hello).await.map_err(said)?;
    if let (Some(user), Some(password)) = (&way.user, password) {
        let credentials = Credentials::new(user.clone(), password.expose_secret().to_owned());
        session.auth(&[Mechanism::Plain, Mechanism::Login], &credentials).await.map_err(said)?;
    }
    session.send(message.envelope(), &message.formatted()).await.map_err(said)?;
    // The message is taken; whether the goodbye is heard changes nothing.
    let _ = session.quit().await;
    Ok(())
}

async fn connected(way: &Smtp, client: &Client) -> Result<Box<dyn AsyncTokioStream>, String> {
    let host = &way.host;
    let said = |error: crate::fetch::http::HttpError| error.to_string();
    Ok(match way.security {
        Security::Tls => Box::new(Line::new(dial::tls(client, host, way.port.unwrap_or(465)).await.map_err(said)?)),
        Security::None => Box::new(dial::plain(client, host, way.port.unwrap_or(25)).await.map_err(said)?),
        Security::Starttls => {
            let port = way.port.unwrap_or(587);
            let mut plain = dial::before_tls(client, host, port).await.map_err(said)?;
            ask_for_tls(&mut plain).await.map_err(|error| format!("{host} does not start TLS: {error}"))?;
            let stream = dial::upgrade(client, host, port, plain).await.map_err(said)?;
            Box::new(Line { pending: GREETING, ..Line::new(stream) })
        }
    })
}

/// What the server said before TLS, for the library, which waits for it.
const GREETING: &[u8] = b"220 ready\r\n";

/// Speaks until the server waits for TLS.
async fn ask_for_tls(stream: &mut TcpStream) -> io::Result<()> {
    answered(stream, 220).await?;
    stream.write_all(b"EHLO localhost\r\n").await?;
    let offers = answered(stream, 250).await?;
    if !offers.to_ascii_uppercase().contains("STARTTLS") {
        return Err(io::Error::other("it does not offer it"));
    }
    stream.write_all(b"STARTTLS\r\n").await?;
    answered(stream, 220).await.map(drop)
}

/// An answer of several lines, of that code. It is read byte by byte: what follows it belongs to
/// whoever speaks next.
async fn answered(stream: &mut TcpStream, code: u16) -> io::Result<String> {
    let mut text = String::new();
    loop {
        let from = text.len();
        while !text.ends_with('\n') || text.len() == from {
            text.push(char::from(stream.read_u8().await?));
            if text.len() > 16 * 1024 {
                return Err(io::Error::other("its answer has no end"));
            }
        }
        let line = &text[from..];
        if line.as_bytes().get(3) != Some(&b'-') {
            let is_expected = line.get(..3) == Some(code.to_string().as_str());
            return if is_expected { Ok(text) } else { Err(io::Error::other("it answers with another code")) };
        }
    }
}

/// What an error says, without what was sent: an answer to a login may repeat it.
fn told(host: &str, error: &lettre::transport::smtp::Error) -> String {
    match error.status() {
        Some(code) if matches!(u16::from(code), 530 | 534 | 535 | 538) => {
            format!("{host} does not accept the user or the password (code {code})")
        }
        Some(code) => format!("{host} refuses the message (code {code})"),
        None if error.is_client() => format!("{host} offers no login that is known here"),
        None => format!("{host} broke off the conversation"),
    }
}

/// A connection under TLS, as the library wants it: with an address, and with bytes that come
/// before those of the connection.
#[derive(Debug)]
struct Line {
    pending: &'static [u8],
    stream: dial::Tls,
}

impl Line {
    fn new(stream: dial::Tls) -> Self {
        Self { pending: b"", stream }
    }
}

impl AsyncTokioStream for Line {
    fn peer_addr(&self) -> io::Result<SocketAddr> {
        self.stream.get_ref().0.peer_addr()
    }
}

impl AsyncRead for Line {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        if self.pending.is_empty() {
            return Pin::new(&mut self.stream).poll_read(cx, buffer);
        }
        let (now, later) = self.pending.split_at(self.pending.len().min(buffer.remaining()));
        buffer.put_slice(now);
        self.pending = later;
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Line {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
