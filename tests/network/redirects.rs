//! Where an answer sends us on, and what goes along.

use moisson::fetch::http::{HttpError, Refusal, Request, failure};
use moisson::model::run::Class;

use crate::chaos::{Server, reply};
use crate::client::{at_home, get};

/// A server that sends `/from` on to an address, and answers anything else.
fn sending_on(status: &'static str, target: &str) -> Server {
    let target = target.to_owned();
    Server::by(move |heard| {
        let is_from = heard.split(' ').nth(1) == Some("/from");
        if is_from { reply(status, &[("location", &target)], b"on") } else { reply("200 OK", &[], b"there") }
    })
}

fn with_secrets(url: &str) -> Request {
    get(url).header("accept", "text/plain").header("Authorization", "Bearer plain").secret_header("x-key", "canary-1")
}

#[test]
fn secrets_stay_with_their_origin() {
    let other = Server::answering(reply("200 OK", &[], b"other"));
    let server = sending_on("302 Found", &other.url("/to?x=1"));
    let answer = at_home(&["127.0.0.1"]).send(&with_secrets(&server.url("/from"))).expect("an answer");
    assert_eq!((answer.body.as_slice(), answer.url.as_str()), (b"other".as_slice(), other.url("/to?x=1").as_str()));
    let (near, far) = (server.heard(), other.heard());
    assert!(near[0].contains("x-key: canary-1") && near[0].contains("authorization: Bearer plain"), "{near:?}");
    assert!(!far[0].contains("canary-1") && !far[0].contains("Bearer"), "{far:?}");
    assert!(far[0].contains("accept: text/plain"), "{far:?}");
}

#[test]
fn secrets_go_along_within_their_origin() {
    let server = sending_on("301 Moved Permanently", "/to");
    at_home(&["127.0.0.1"]).send(&with_secrets(&server.url("/from"))).expect("an answer");
    assert!(server.heard()[1].contains("x-key: canary-1"), "{:?}", server.heard());
}

#[test]
fn a_post_is_repeated_as_browsers_do() {
    let table = [
        ("301 Moved Permanently", "POST", "GET", ""),
        ("302 Found", "POST", "GET", ""),
        ("303 See Other", "POST", "GET", ""),
        ("307 Temporary Redirect", "POST", "POST", "a=b"),
        ("308 Permanent Redirect", "POST", "POST", "a=b"),
        ("301 Moved Permanently", "PROPFIND", "PROPFIND", "a=b"),
        ("303 See Other", "PUT", "GET", ""),
    ];
    for (status, method, repeated, body) in table {
        let server = sending_on(status, "/to");
        let request = Request::new(method, server.url("/from").parse().expect("an address"));
        let request = request.header("content-type", "application/x-www-form-urlencoded").body("a=b");
        assert_eq!(at_home(&["127.0.0.1"]).send(&request).expect("an answer").body, b"there");
        let heard = server.heard();
        assert!(heard[1].starts_with(&format!("{repeated} /to ")), "{status}: {heard:?}");
        assert!(heard[1].ends_with(&format!("\r\n\r\n{body}")), "{status}: {heard:?}");
        assert_eq!(heard[1].contains("content-type"), !body.is_empty(), "{status}: {heard:?}");
    }
}

#[test]
fn what_was_posted_is_not_handed_over_to_another_origin() {
    let other = Server::answering(reply("200 OK", &[], b"other"));
    let server = sending_on("307 Temporary Redirect", &other.url("/"));
    let request = Request::new("POST", server.url("/from").parse().expect("an address")).body("password=canary");
    let refused = at_home(&["127.0.0.1"]).send(&request).expect_err("a refusal");
    assert!(matches!(&refused, HttpError::Forbidden { why: Refusal::Handover { .. }, .. }), "{refused:?}");
    assert_eq!((failure(&refused).class, other.n_connections()), (Class::Changed, 0));
}

#[test]
fn a_loop_is_left_after_five_redirects() {
    let server = sending_on("302 Found", "/from");
    let refused = at_home(&["127.0.0.1"]).send(&get(&server.url("/from"))).expect_err("a refusal");
    assert!(matches!(&refused, HttpError::Forbidden { why: Refusal::Redirects { limit: 5 }, .. }), "{refused:?}");
    assert_eq!(server.heard().len(), 6);
}

#[test]
fn a_redirect_may_be_asked_for_as_it_is() {
    let server = sending_on("302 Found", "/to");
    let answer = at_home(&["127.0.0.1"]).send_once(&get(&server.url("/from"))).expect("an answer");
    assert_eq!((answer.status, answer.header("location")), (302, Some("/to")));
}

#[test]
fn a_name_and_password_in_an_address_become_a_header() {
    let server = sending_on("302 Found", "/to");
    let url = server.url("/from").replace("http://", "http://me:p%40ss%2Bword@");
    let answer = at_home(&["127.0.0.1"]).send(&get(&url)).expect("an answer");
    // me:p@ss+word
    assert!(server.heard()[0].contains("authorization: Basic bWU6cEBzcyt3b3Jk"), "{:?}", server.heard());
    assert!(!answer.url.as_str().contains("me"), "{}", answer.url);
}

#[test]
fn cookies_are_kept_for_a_source_and_for_no_other() {
    let server = Server::answering(reply("200 OK", &[("set-cookie", "session=canary; Path=/")], b""));
    let home = at_home(&["127.0.0.1"]);
    let hosts = ["127.0.0.1".to_owned()];
    let (one, other) = (home.restricted_to(&hosts), home.restricted_to(&hosts));
    for client in [&one, &one, &other] {
        client.send(&get(&server.url("/"))).expect("an answer");
    }
    let has_cookie: Vec<bool> = server.heard().iter().map(|text| text.contains("cookie: session=canary")).collect();
    assert_eq!(has_cookie, [false, true, false]);
}
