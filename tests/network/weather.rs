//! Bad weather: slow lines, cut lines, login pages in between. Never half an answer.

use std::sync::Arc;
use std::time::{Duration, Instant};

use moisson::config::Network;
use moisson::fetch::http::{Client, HttpError, Limits, Lookup, failure};
use moisson::model::run::Class;

use crate::chaos::{Mode, Server, reply};
use crate::client::get;

const MS: Duration = Duration::from_millis(1);

/// Everything of a real client, twenty times faster: 3 s in all, 500 ms for a read.
fn hurried() -> Client {
    let network = Network { home_hosts: vec!["127.0.0.1".to_owned(), "nas.lan".to_owned()], ..Network::default() };
    let limits = Limits { total: 3000 * MS, read: 500 * MS, connect: 500 * MS, ..Limits::default() };
    Client::with_limits(&network, limits).expect("a client")
}

/// What comes of a body of 100,000 bytes through a proxy that spoils it.
fn through(mode: Mode) -> Result<usize, HttpError> {
    let server = Server::answering(reply("200 OK", &[("content-type", "application/json")], &vec![b'x'; 100_000]));
    let proxy = Server::proxy(server.address, mode);
    hurried().send(&get(&proxy.url("/"))).map(|answer| answer.body.len())
}

#[test]
fn a_slow_line_is_waited_for_and_a_dead_one_is_not() {
    assert!(matches!(through(Mode::Clear), Ok(100_000)));
    // 5 s of latency in real time.
    let slow = through(Mode::Latency(100 * MS));
    assert!(matches!(slow, Ok(100_000) | Err(HttpError::TooSlow { .. })), "{slow:?}");
    let dead = through(Mode::Latency(5000 * MS));
    assert!(matches!(&dead, Err(HttpError::TooSlow { .. })), "{dead:?}");
    assert_eq!(failure(&dead.expect_err("a failure")).class, Class::Retry);
}

#[test]
fn a_byte_at_a_time_ends_with_the_whole_of_the_time() {
    let began = Instant::now();
    // 1 B/s in real time: no single read is too long, all of them together are.
    let trickled = through(Mode::Trickle(2 * MS));
    assert!(matches!(&trickled, Err(HttpError::TooSlow { seconds: 3, .. })), "{trickled:?}");
    assert!(began.elapsed() < Duration::from_secs(10));
}

#[test]
fn a_line_that_is_cut_gives_nothing() {
    for mode in [Mode::Reset(40_000), Mode::Truncate(40_000), Mode::Reset(200), Mode::Truncate(200)] {
        let cut = through(mode).expect_err("a failure");
        assert!(matches!(&cut, HttpError::Cut { .. }), "{mode:?}: {cut:?}");
        assert_eq!(failure(&cut).class, Class::Retry);
    }
    // Within the head, or before it.
    for mode in [Mode::Reset(10), Mode::Truncate(10), Mode::Reset(0), Mode::Truncate(0)] {
        let cut = through(mode).expect_err("a failure");
        assert_eq!(failure(&cut).class, Class::Retry, "{mode:?}: {cut:?}");
    }
}

#[test]
fn a_login_page_is_an_answer_that_callers_see_through_or_a_redirect_that_is_not_followed() {
    let server = Server::answering(reply("200 OK", &[("content-type", "application/json")], b"{}"));
    let portal = Server::proxy(server.address, Mode::PortalPage);
    let page = hurried().send(&get(&portal.url("/api"))).expect("an answer");
    assert_eq!((page.status, page.header("content-type")), (200, Some("text/html")));
    let portal = Server::proxy(server.address, Mode::PortalRedirect);
    let refused = hurried().send(&get(&portal.url("/api"))).expect_err("a refusal");
    assert!(matches!(refused, HttpError::Forbidden { .. }), "{refused:?}");
    // It is no fault of the settings: the next network has no such page.
    assert_eq!(failure(&refused).class, Class::Retry);
    assert_eq!(server.n_connections(), 0);
}

#[test]
fn no_names_and_nobody_there_are_worth_another_try() {
    let gone = |_: &str| Err(std::io::Error::other("no name server answers"));
    let client = hurried().with_lookup(Lookup::Given(Arc::new(gone))).expect("a client");
    let error = client.send(&get("http://nas.lan/")).expect_err("a failure");
    assert_eq!(error.to_string(), "nas.lan cannot be reached: no name server answers");
    assert_eq!(failure(&error).class, Class::Retry);
    let port = {
        let closed = Server::answering(Vec::new());
        closed.port()
    };
    let error = hurried().send(&get(&format!("http://127.0.0.1:{port}/"))).expect_err("a failure");
    assert_eq!(failure(&error).class, Class::Retry, "{error:?}");
}

#[test]
fn a_server_that_says_nothing_is_not_waited_for() {
    // The server takes the connection and says nothing.
    let silent = Server::raw(|stream| async move {
        let _kept = stream;
        std::future::pending::<()>().await;
    });
    let began = Instant::now();
    let error = hurried().send(&get(&silent.url("/"))).expect_err("a failure");
    assert!(matches!(error, HttpError::TooSlow { .. }), "{error:?}");
    assert!(began.elapsed() < Duration::from_secs(3), "{:?}", began.elapsed());
}
