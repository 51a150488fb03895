//! The client in good weather.

use moisson::config::Network;
use moisson::fetch::http::{Client, HttpError, Request};

use crate::chaos::{Server, reply};

/// A client of a home that these hosts belong to.
pub fn at_home(hosts: &[&str]) -> Client {
    let network = Network { home_hosts: hosts.iter().map(ToString::to_string).collect(), ..Network::default() };
    Client::new(&network).expect("a client")
}

pub fn get(url: &str) -> Request {
    Request::new("GET", url.parse().expect("an address"))
}

#[test]
fn a_request_says_who_asks_and_the_answer_comes_whole() {
    let server = Server::answering(reply("200 OK", &[("X-Kind", "test")], b"hello"));
    let answer = at_home(&["127.0.0.1"]).send(&get(&server.url("/a?b=c"))).expect("an answer");
    assert_eq!((answer.status, answer.body.as_slice(), answer.n_wire), (200, b"hello".as_slice(), 5));
    assert_eq!(answer.header("x-kind"), Some("test"));
    let heard = server.heard();
    assert!(heard[0].starts_with("GET /a?b=c HTTP/1.1\r\n"), "{heard:?}");
    assert!(heard[0].contains("user-agent: moisson/"), "{heard:?}");
}

#[test]
fn nobody_at_home_is_called_unless_he_is_named() {
    let server = Server::answering(reply("200 OK", &[], b"hello"));
    let refused = at_home(&["nas.lan"]).send(&get(&server.url("/")));
    assert!(matches!(refused, Err(HttpError::Forbidden { .. })), "{refused:?}");
    assert_eq!(server.n_connections(), 0);
}
