//! Sends a file of requests to the program and gives the answers as one text.

use std::fmt::Write as _;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use base64::Engine as _;

use crate::plain::Plain;
use crate::rules;
use crate::sequence::{self, Asked};
use crate::server::{self, Server, USER};

/// What came back, as bytes on the wire had it.
pub struct Answer {
    /// `HTTP/1.1 207 Multi-Status`
    pub first_line: String,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    pub body: String,
}

impl Answer {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

pub fn replay(text: &str) -> String {
    let home = server::home();
    let password = server::password(home.path());
    let server = Server::start(home.path());
    let (mut token, mut etag) = (String::new(), String::new());
    let mut plain = Plain::default();
    let mut told = String::new();
    for asked in sequence::read(text) {
        let fill = |text: &str| {
            let escaped = etag.replace('"', "\\\"");
            text.replace("{{token}}", &token).replace("{{escaped etag}}", &escaped).replace("{{etag}}", &etag)
        };
        let answer = send((server.port, &password), &asked, fill);
        rules::hold(&asked, &answer);
        token = between(&answer.body, "sync-token>", "<").map_or(token, str::to_owned);
        etag = answer.header("etag").map_or(etag, str::to_owned);
        told += &plain.tell(&asked, &answer);
    }
    told
}

fn send((port, password): (u16, &str), asked: &Asked, fill: impl Fn(&str) -> String) -> Answer {
    let body = fill(&asked.body);
    let login = base64::engine::general_purpose::STANDARD.encode(format!("{USER}:{password}"));
    let mut head =
        format!("{} {} HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nConnection: close\r\n", asked.method, asked.path, port);
    if !asked.headers.iter().any(|(name, _)| name == "Authorization") {
        let _ = write!(head, "Authorization: Basic {login}\r\n");
    }
    for (name, value) in asked.headers.iter().filter(|(name, _)| name != "Authorization") {
        let _ = write!(head, "{name}: {}\r\n", fill(value));
    }
    let _ = write!(head, "Content-Length: {}\r\n\r\n", body.len());
    let mut stream = TcpStream::connect(("127.0.0.1", port)).expect("a connection");
    stream.set_read_timeout(Some(Duration::from_secs(30))).expect("a limit");
    stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(body.as_bytes())).expect("a request");
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).expect("an answer");
    read(&String::from_utf8(bytes).expect("text in UTF-8"))
}

fn read(text: &str) -> Answer {
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or_else(|| panic!("no answer: {text:?}"));
    let mut lines = head.split("\r\n");
    let first_line = lines.next().unwrap_or_default().to_owned();
    let headers: Vec<(String, String)> = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
        .collect();
    let is_chunked = headers.iter().any(|(name, value)| name == "transfer-encoding" && value == "chunked");
    let body = if is_chunked { joined(body) } else { body.to_owned() };
    Answer { first_line, headers, body }
}

/// The parts of a chunked body (RFC 9112 §7.1).
fn joined(mut text: &str) -> String {
    let mut whole = String::new();
    while let Some((size, rest)) = text.split_once("\r\n") {
        let size = usize::from_str_radix(size.trim(), 16).expect("the size of a part");
        if size == 0 {
            break;
        }
        whole += &rest[..size];
        text = &rest[size + 2..];
    }
    whole
}

/// The text between two others, the last time that it stands there.
fn between<'a>(text: &'a str, before: &str, after: &str) -> Option<&'a str> {
    // The name also ends the element: what comes before it then is no value.
    let at = text
        .match_indices(before)
        .map(|(at, _)| at)
        .filter(|at| !text[..*at].ends_with('/') && !is_end(text, *at))
        .last()?;
    text[at + before.len()..].split(after).next()
}

/// Whether the name at that place belongs to `</…>`.
fn is_end(text: &str, at: usize) -> bool {
    text[..at].rfind('<').is_some_and(|open| text[open..].starts_with("</"))
}
