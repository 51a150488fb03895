//! Answers from a recording instead of the network.
//!
//! A request is answered by the first exchange with its method, address and body that was not used
//! yet. Headers are not compared, as proofs in them change with the clock, but for `Depth`, which
//! says what a request of WebDAV asks for. Where something was struck
//! out, anything may stand, but for what would begin another part of the address or the body.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use url::Url;

use super::forms::STRUCK;
use super::record::Exchange;
use super::{Request, Response};

/// A recording on its way; cheap to clone, and all clones are the same.
#[derive(Clone)]
pub struct Replay(Arc<Mutex<Playing>>);

struct Playing {
    /// Each with whether it was used.
    exchanges: Vec<(Exchange, bool)>,
    strangers: Vec<Request>,
}

/// Characters at which a part of an address ends, and a part of a body.
const ENDS: [&str; 2] = ["/?&#", "&\"<> \n"];

impl Replay {
    pub fn new(exchanges: Vec<Exchange>) -> Self {
        let exchanges = exchanges.into_iter().map(|exchange| (exchange, false)).collect();
        Self(Arc::new(Mutex::new(Playing { exchanges, strangers: Vec::new() })))
    }

    /// The exchanges that nothing asked for.
    pub fn unused(&self) -> Vec<Exchange> {
        self.held().exchanges.iter().filter(|(_, is_used)| !is_used).map(|(exchange, _)| exchange.clone()).collect()
    }

    /// The requests that nothing answered, in order.
    pub fn strangers(&self) -> Vec<Request> {
        self.held().strangers.clone()
    }

    /// The recorded answer; none for a request that was not made then.
    pub(super) fn answer(&self, request: &Request) -> Option<Response> {
        let mut playing = self.held();
        let known = playing.exchanges.iter_mut().find(|(exchange, is_used)| !is_used && is_of(exchange, request));
        let Some((exchange, is_used)) = known else {
            playing.strangers.push(request.clone());
            return None;
        };
        *is_used = true;
        Some(Response {
            status: exchange.status,
            headers: exchange.answer_headers.clone(),
            body: exchange.answer.clone(),
            url: request.url.clone(),
            n_wire: exchange.answer.len() as u64,
        })
    }

    fn held(&self) -> MutexGuard<'_, Playing> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether a request is the one of an exchange.
fn is_of(exchange: &Exchange, request: &Request) -> bool {
    let [in_address, in_body] = ENDS;
    exchange.method == request.method
        && depth(&exchange.headers) == depth(&request.headers)
        && fits(&exchange.url, Url::as_str(&request.url), in_address)
        && fits(&String::from_utf8_lossy(&exchange.body), &String::from_utf8_lossy(&request.body), in_body)
}

/// RFC 4918 §10.2.
fn depth(headers: &[(String, String)]) -> Option<&str> {
    headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("depth")).map(|(_, value)| value.as_str())
}

/// Whether a text is as it was recorded; a struck place takes what has none of `ends`.
fn fits(recorded: &str, text: &str, ends: &str) -> bool {
    let Some((before, rest)) = recorded.split_once(STRUCK) else { return recorded == text };
    let Some(text) = text.strip_prefix(before) else { return false };
    let most = text.find(|c| ends.contains(c)).unwrap_or(text.len());
    let places = text.char_indices().map(|(at, _)| at).chain([text.len()]);
    places.take_while(|at| *at <= most).any(|at| fits(rest, &text[at..], ends))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exchange(url: &str, body: &str, answer: &str) -> Exchange {
        Exchange {
            method: "GET".to_owned(),
            url: url.to_owned(),
            headers: Vec::new(),
            body: body.into(),
            status: 200,
            answer_headers: Vec::new(),
            answer: answer.into(),
        }
    }

    fn request(url: &str, body: &str) -> Request {
        Request::new("GET", Url::parse(url).expect("an address")).body(body)
    }

    #[test]
    fn what_was_struck_out_may_be_anything_within_its_part() {
        let table = [
            ("https://a.example.org/x?k=REDACTED&p=2", "https://a.example.org/x?k=abc.d%3D&p=2", true),
            ("https://a.example.org/x?k=REDACTED&p=2", "https://a.example.org/x?k=abc&q=1&p=2", false),
            ("https://a.example.org/x?k=REDACTED&p=2", "https://a.example.org/x?k=abc&p=3", false),
            ("https://a.example.org/REDACTED/feed", "https://a.example.org/k/feed", true),
            ("https://a.example.org/REDACTED/feed", "https://a.example.org/k/deeper/feed", false),
            ("https://a.example.org/REDACTED-REDACTED", "https://a.example.org/1-2-3", true),
            ("https://a.example.org/x", "https://a.example.org/x?p=1", false),
        ];
        for (recorded, asked, expected) in table {
            let replay = Replay::new(vec![exchange(recorded, "", "")]);
            assert_eq!(replay.answer(&request(asked, "")).is_some(), expected, "{recorded} {asked}");
        }
    }

    #[test]
    fn the_same_question_is_answered_in_the_order_of_the_recording_and_no_further() {
        let there = "https://a.example.org/x";
        let replay = Replay::new(vec![
            exchange(there, "", "one"),
            exchange(there, "a=REDACTED&b=1", "other"),
            exchange(there, "", "two"),
        ]);
        let ask = |body: &str| replay.answer(&request(there, body)).map(|answer| answer.body);
        assert_eq!(ask(""), Some(b"one".to_vec()));
        assert_eq!(ask(""), Some(b"two".to_vec()));
        assert_eq!(ask(""), None);
        assert_eq!(replay.unused().len(), 1);
        assert_eq!(ask("a=secret&b=2"), None, "another body is another question");
        assert_eq!(ask("a=secret&b=1"), Some(b"other".to_vec()));
        assert_eq!((replay.unused().len(), replay.strangers().len()), (0, 2));
    }
}
