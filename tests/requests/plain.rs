//! Answers as a text that is the same in every run: tokens, tags, dates and ids are numbered.

use std::fmt::Write as _;

use crate::replay::Answer;
use crate::sequence::Asked;

/// Headers that clients look at; the others are the transport's.
const TOLD: [&str; 11] = [
    "allow",
    "accept-patch",
    "content-type",
    "dav",
    "etag",
    "last-modified",
    "location",
    "preference-applied",
    "retry-after",
    "schedule-tag",
    "www-authenticate",
];

const TOKEN: &str = "urn:moisson:sync:";

/// What was numbered so far, in the order in which it came.
#[derive(Default)]
pub struct Plain {
    known: Vec<(&'static str, String)>,
}

impl Plain {
    pub fn tell(&mut self, asked: &Asked, answer: &Answer) -> String {
        let mut told = asked.remarks.iter().map(|remark| remark.clone() + "\n").collect::<String>();
        let status = answer.first_line.trim_start_matches("HTTP/1.1 ");
        let _ = writeln!(told, "{} {}\n{status}", asked.method, asked.path);
        for name in TOLD {
            // What it can do is said with every answer; OPTIONS is where clients look.
            let is_told = name != "dav" || asked.method == "OPTIONS";
            if let Some(value) = answer.header(name).filter(|_| is_told) {
                let value = if name == "last-modified" { "[date]".to_owned() } else { self.plain(value) };
                let _ = writeln!(told, "{name}: {value}");
            }
        }
        let body = self.plain(&without_names(&answer.body).replace("><", ">\n<").replace('\r', ""));
        let _ = writeln!(told, "\n{}\n", body.trim_end());
        told
    }

    /// Every token, tag, date and id by a number of its own.
    fn plain(&mut self, text: &str) -> String {
        let mut plain = String::new();
        let mut rest = text;
        while let Some(at) = rest.find(is_sign) {
            plain += &rest[..at];
            let is_token = rest[at..].starts_with(TOKEN);
            let goes_on = |c: char| is_sign(c) || (is_token && c == '/');
            let end = rest[at..].find(|c| !goes_on(c)).map_or(rest.len(), |length| at + length);
            let word = &rest[at..end];
            match kind(word) {
                Some("date") => plain += "[date]",
                Some("stamp") => plain += "DTSTAMP:[date]",
                Some(kind) => {
                    let number = self.number(kind, word);
                    let _ = write!(plain, "[{kind} {number}]");
                }
                None => plain += word,
            }
            rest = &rest[end..];
        }
        plain + rest
    }

    fn number(&mut self, kind: &'static str, word: &str) -> usize {
        let of_kind = self.known.iter().filter(|(known, _)| *known == kind);
        if let Some(at) = of_kind.clone().position(|(_, known)| known == word) {
            return at + 1;
        }
        let number = of_kind.count() + 1;
        self.known.push((kind, word.to_owned()));
        number
    }
}

/// Without the declarations of the first element, which are always the same.
fn without_names(body: &str) -> String {
    let declarations = body.find(" xmlns:D=").filter(|_| body.starts_with("<?xml"));
    let Some(from) = declarations else { return body.to_owned() };
    let length = body[from..].find('>').unwrap_or(0);
    format!("{}{}", &body[..from], &body[from + length..])
}

fn is_sign(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '-' | ':' | '.' | '_' | '+')
}

fn kind(word: &str) -> Option<&'static str> {
    let is_hex = |least: usize| word.len() >= least && word.chars().all(|c| c.is_ascii_hexdigit());
    let is_moment = word.len() == 20 && word.ends_with('Z') && word.as_bytes()[10] == b'T' && word.starts_with("20");
    match () {
        () if word.starts_with(TOKEN) => Some("token"),
        () if is_moment => Some("date"),
        () if word.starts_with("DTSTAMP:") => Some("stamp"),
        () if is_hex(16) => Some("tag"),
        // A point on P-256 in base64.
        () if word.len() == 87 && word.starts_with('B') => Some("key"),
        () => None,
    }
}
