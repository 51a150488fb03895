//! Commands and answers of IMAP on a connection (RFC 3501 §2.2), with bounds on both.
//!
//! Nothing that goes over it is logged at any level: commands hold passwords, answers letters.

use std::time::Duration;

use imap_proto::Response;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

/// What a connection can do.
pub trait Link: AsyncRead + AsyncWrite + Unpin + Send {}

impl<T: AsyncRead + AsyncWrite + Unpin + Send> Link for T {}

/// Most bytes of one answer beside its literals: a list of a million numbers still fits.
const LINE_LIMIT: usize = 8 << 20;
/// Most bytes of one reading.
const CHUNK: usize = 16 << 10;
/// The server may be silent for so long.
const SILENCE: Duration = Duration::from_secs(30);

/// Why a command has no good answer.
#[derive(Debug, thiserror::Error)]
pub enum WireError {
    #[error("the connection was closed")]
    Lost,
    #[error("no answer in time")]
    TooSlow,
    /// All commands together, rather than one.
    #[error("the conversation lasts too long")]
    TooLong,
    #[error(transparent)]
    Failed(#[from] std::io::Error),
    #[error("an answer is no IMAP")]
    Garbled,
    #[error("an answer is too large")]
    TooLarge,
    /// `NO` or `BAD`, with the server's words.
    #[error("refused: {0}")]
    Refused(String),
}

/// One connection.
pub struct Wire<S> {
    stream: S,
    /// Where a reading lands: on the heap, since futures are moved.
    chunk: Vec<u8>,
    /// What came and was not looked at yet.
    buffer: Vec<u8>,
    /// Most bytes of the literals of one answer.
    limit: usize,
    pub n_commands: u32,
    pub n_bytes: u64,
    /// Answers that could not be read, and whose content is unknown.
    pub n_unread: u32,
}

impl<S: Link> Wire<S> {
    /// A connection on which the literals of an answer have no more than `limit` bytes together.
    pub fn new(stream: S, limit: usize) -> Self {
        Self { stream, chunk: vec![0; CHUNK], buffer: Vec::new(), limit, n_commands: 0, n_bytes: 0, n_unread: 0 }
    }

    /// Waits for the greeting; a server that refuses says BYE.
    pub async fn greeting(&mut self) -> Result<(), WireError> {
        let greeting = self.answer().await?;
        if greeting.starts_with(b"* OK") { Ok(()) } else { Err(WireError::Garbled) }
    }

    /// Sends a command and gives each of its untagged answers to `on`.
    pub async fn command(&mut self, text: &str, mut on: impl FnMut(&Response<'_>) + Send) -> Result<(), WireError> {
        self.steps(text, &[], &mut on).await
    }

    /// Sends a command whose further parts are sent one by one, when the server asks for them.
    pub async fn with_parts(&mut self, text: &str, parts: &[Vec<u8>]) -> Result<(), WireError> {
        self.steps(text, parts, &mut |_| ()).await
    }

    /// Takes the connection back for TLS. What came in plain after that was agreed is nobody's
    /// word (CVE-2011-0411), so there may be nothing left.
    pub fn into_stream(self) -> Result<S, WireError> {
        if self.buffer.is_empty() { Ok(self.stream) } else { Err(WireError::Garbled) }
    }

    /// Says goodbye; whether it is heard matters to nobody.
    pub async fn leave(mut self) {
        let _ = self.command("LOGOUT", |_| ()).await;
    }

    async fn steps(
        &mut self,
        text: &str,
        parts: &[Vec<u8>],
        on: &mut (impl FnMut(&Response<'_>) + Send),
    ) -> Result<(), WireError> {
        self.n_commands += 1;
        let tag = format!("m{}", self.n_commands);
        let mut parts = parts.iter();
        self.send(format!("{tag} {text}\r\n").as_bytes()).await?;
        loop {
            let answer = self.answer().await?;
            if answer.starts_with(b"+") {
                // A refusal under way is explained, and acknowledged with an empty line.
                let part = parts.next().map(Vec::as_slice).unwrap_or_default();
                self.send(&[part, b"\r\n"].concat()).await?;
            } else if let Some(end) = answer.strip_prefix(tag.as_bytes()) {
                return ended(end);
            } else if let Ok((_, response)) = Response::parse(&answer) {
                on(&response);
            } else {
                self.n_unread += 1;
            }
        }
    }

    async fn send(&mut self, bytes: &[u8]) -> Result<(), WireError> {
        let sending = async {
            self.stream.write_all(bytes).await?;
            self.stream.flush().await
        };
        Ok(tokio::time::timeout(SILENCE, sending).await.map_err(|_| WireError::TooSlow)??)
    }

    /// One whole answer: a line, and for each literal that it announces its bytes and another line.
    async fn answer(&mut self) -> Result<Vec<u8>, WireError> {
        let (mut end, mut n_literal) = (0, 0);
        loop {
            end = self.line_end(end, n_literal).await?;
            let Some(n) = literal(&self.buffer[..end]) else { break };
            if n > self.limit.saturating_sub(n_literal) {
                return Err(WireError::TooLarge);
            }
            n_literal += n;
            end += n;
            while self.buffer.len() < end {
                self.more().await?;
            }
        }
        let rest = self.buffer.split_off(end);
        Ok(std::mem::replace(&mut self.buffer, rest))
    }

    /// Where the line that starts at `from` ends, behind its line break.
    async fn line_end(&mut self, from: usize, n_literal: usize) -> Result<usize, WireError> {
        let mut looked = from;
        loop {
            if let Some(at) = self.buffer[looked..].iter().position(|byte| *byte == b'\n') {
                return Ok(looked + at + 1);
            }
            looked = self.buffer.len();
            if looked > LINE_LIMIT + n_literal {
                return Err(WireError::TooLarge);
            }
            self.more().await?;
        }
    }

    async fn more(&mut self) -> Result<(), WireError> {
        let reading = self.stream.read(&mut self.chunk);
        let n = tokio::time::timeout(SILENCE, reading).await.map_err(|_| WireError::TooSlow)??;
        self.n_bytes += n as u64;
        self.buffer.extend_from_slice(&self.chunk[..n]);
        if n == 0 { Err(WireError::Lost) } else { Ok(()) }
    }
}

/// ` OK …`, ` NO …` or ` BAD …` behind the tag.
fn ended(answer: &[u8]) -> Result<(), WireError> {
    let text = String::from_utf8_lossy(answer);
    let text = text.trim();
    let (status, words) = text.split_once(' ').unwrap_or((text, ""));
    match status.to_ascii_uppercase().as_str() {
        "OK" => Ok(()),
        "NO" | "BAD" => Err(WireError::Refused(words.to_owned())),
        _ => Err(WireError::Garbled),
    }
}

/// How many bytes follow a line that ends in `{n}`.
fn literal(line: &[u8]) -> Option<usize> {
    let line = line.strip_suffix(b"\n")?;
    let line = line.strip_suffix(b"\r").unwrap_or(line).strip_suffix(b"}")?;
    let start = line.iter().rposition(|byte| *byte == b'{')?;
    std::str::from_utf8(&line[start + 1..]).ok()?.trim_end_matches('+').parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a command makes of an answer that comes in pieces of `n` bytes.
    fn answered(server: &str, n: usize) -> (Result<(), WireError>, Vec<String>) {
        crate::fetch::http::runtime().block_on(async {
            let (client, mut far) = tokio::io::duplex(n);
            let server = server.as_bytes().to_vec();
            let sending = tokio::spawn(async move {
                let mut asked = [0; 64];
                let _ = far.read(&mut asked).await;
                let _ = far.write_all(&server).await;
                let _ = far.read_to_end(&mut Vec::new()).await;
            });
            let mut wire = Wire::new(client, 100);
            let mut seen = Vec::new();
            let done = wire.command("X", |response| seen.push(format!("{response:?}"))).await;
            drop(wire);
            let _ = sending.await;
            (done, seen)
        })
    }

    #[test]
    fn answers_come_in_pieces_and_with_literals() {
        for n in [1, 7, 4_096] {
            let server = "* 1 FETCH (UID 7 BODY[] {8}\r\nm1 OK\r\n\n)\r\n* nonsense\r\n* 3 EXISTS\r\nm1 OK done\r\n";
            let (done, seen) = answered(server, n.max(8));
            assert!(done.is_ok(), "{done:?}");
            assert_eq!(seen.len(), 2, "{seen:?}");
            assert!(seen[0].contains("Uid(7)"), "{seen:?}");
        }
    }

    #[test]
    fn parts_are_sent_when_they_are_asked_for() {
        crate::fetch::http::runtime().block_on(async {
            let (client, mut far) = tokio::io::duplex(1_024);
            far.write_all(b"+ \r\n+ \r\n+ eyJzdGF0dXMiOiI0MDEifQ==\r\nm1 NO no\r\n").await.unwrap();
            let mut wire = Wire::new(client, 100);
            let refused = wire.with_parts("LOGIN {6}", &[b"claire {3}".to_vec(), b"abc".to_vec()]).await;
            assert!(matches!(refused, Err(WireError::Refused(_))));
            drop(wire);
            let mut sent = String::new();
            far.read_to_string(&mut sent).await.unwrap();
            assert_eq!(sent, "m1 LOGIN {6}\r\nclaire {3}\r\nabc\r\n\r\n");
        });
    }

    #[test]
    fn refusals_and_endless_answers_end() {
        assert!(matches!(answered("m1 NO [AUTHENTICATIONFAILED] no\r\n", 64).0, Err(WireError::Refused(_))));
        assert!(matches!(answered("m1 WHAT\r\n", 64).0, Err(WireError::Garbled)));
        assert!(matches!(answered("* 1 FETCH (BODY[] {101}\r\n", 64).0, Err(WireError::TooLarge)));
        let many = format!("* 1 FETCH (BODY[1] {{60}}\r\n{} BODY[2] {{60}}\r\n", "x".repeat(60));
        assert!(matches!(answered(&many, 256).0, Err(WireError::TooLarge)), "the sum counts");
        assert!(matches!(answered(&"x".repeat(LINE_LIMIT + 20_000), 1 << 20).0, Err(WireError::TooLarge)));
    }
}
