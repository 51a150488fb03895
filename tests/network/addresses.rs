//! Addresses that must not be called (server-side request forgery): each is refused before
//! anything connects. A canary listens on every address of this machine.

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use moisson::config::Network;
use moisson::fetch::http::{Client, HttpError, Lookup, Refusal, dial, failure, runtime};
use moisson::model::run::Class;

use crate::chaos::{Server, reply};
use crate::client::{at_home, get};

/// Addresses written in the URL; `PORT` is the canary's.
const LITERALS: &[&str] = &[
    "127.0.0.1:PORT",
    "127.1:PORT",
    "127.0.0.1.:PORT",
    "2130706433:PORT",
    "0x7f000001:PORT",
    "0x7f.1:PORT",
    "0177.0.0.1:PORT",
    "017700000001:PORT",
    "%31%32%37.0.0.1:PORT",
    "\u{ff11}\u{ff12}\u{ff17}.0.0.1:PORT",
    "127\u{3002}0\u{3002}0\u{3002}1:PORT",
    "0.0.0.0:PORT",
    "0:PORT",
    "[::1]:PORT",
    "[0:0:0:0:0:0:0:1]:PORT",
    "[::]:PORT",
    "[::ffff:127.0.0.1]:PORT",
    "[::ffff:7f00:1]:PORT",
    "[::ffff:0:127.0.0.1]:PORT",
    "[::127.0.0.1]:PORT",
    "[64:ff9b::127.0.0.1]:PORT",
    "[64:ff9b:1::127.0.0.1]:PORT",
    "[64:ff9b::a9fe:a9fe]",
    "[2002:7f00:1::1]:PORT",
    "[2001:0:7f00:1::1]:PORT",
    "[2001:0:808:808::80ff:fffe]:PORT",
    "[fe80::5efe:127.0.0.1]:PORT",
    "[fe80::1]",
    "[fc00::1]",
    "[fd12:3456:789a::1]",
    "[fec0::1]",
    "[ff02::1]",
    "[2001:db8::1]",
    "[fd00:ec2::254]",
    "10.0.0.1",
    "172.16.0.1",
    "172.31.255.254",
    "192.168.0.1",
    "100.64.0.1",
    "100.100.100.200",
    "169.254.169.254",
    "169.254.1.1",
    "192.0.2.1",
    "198.18.0.1",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "localhost:PORT",
    "LocalHost:PORT",
    "localhost.:PORT",
    "a.localhost:PORT",
    "me:secret@127.0.0.1:PORT",
    "www.example.org@127.0.0.1:PORT",
    "www.example.org:443@127.0.0.1:PORT",
    "127.0.0.1:PORT\\@www.example.org",
];

/// Names, and what they resolve to.
const NAMES: &[(&str, &[&str])] = &[
    ("one.example.org", &["127.0.0.1"]),
    ("two.example.org", &["::1"]),
    ("three.example.org", &["::ffff:127.0.0.1"]),
    ("four.example.org", &["192.168.1.1"]),
    ("five.example.org", &["169.254.169.254"]),
    ("six.example.org", &["9.9.9.9", "127.0.0.1"]),
    ("seven.example.org", &["127.0.0.1", "9.9.9.9"]),
    ("eight.example.org", &["2620:fe::fe", "fd00::1"]),
    ("nine.example.org", &["64:ff9b::127.0.0.1"]),
    ("127.0.0.1.example.org", &["127.0.0.1"]),
];

fn table(host: &str) -> std::io::Result<Vec<IpAddr>> {
    let found = NAMES.iter().find(|(name, _)| *name == host).ok_or(std::io::ErrorKind::NotFound)?;
    Ok(found.1.iter().map(|address| address.parse().expect("an address")).collect())
}

/// A client that nobody at home belongs to, and that looks names up in the table.
fn stranger() -> Client {
    let client = Client::new(&Network::default()).expect("a client");
    client.with_lookup(Lookup::Given(Arc::new(table))).expect("a client")
}

fn refusal(client: &Client, url: &str) -> Refusal {
    match client.send(&get(url)) {
        Err(error @ HttpError::Forbidden { .. }) => {
            let class = failure(&error).class;
            let HttpError::Forbidden { why, .. } = error else { unreachable!("it was matched") };
            let is_led = matches!(why, Refusal::Led(_));
            assert_eq!(class, if is_led { Class::Retry } else { Class::Config }, "{url}");
            why
        }
        other => panic!("{url} was not refused: {other:?}"),
    }
}

#[test]
fn addresses_of_the_home_and_of_nobody_are_refused_however_they_are_written() {
    let canary = Server::canary();
    let client = stranger();
    let mut n_cases = 0;
    for scheme in ["http", "https"] {
        for place in LITERALS.iter().copied().chain(NAMES.iter().map(|(name, _)| *name)) {
            let place = place.replace("PORT", &canary.port().to_string());
            let why = refusal(&client, &format!("{scheme}://{place}/"));
            assert!(!why.to_string().contains("secret"), "{why}");
            n_cases += 1;
        }
    }
    println!("{n_cases} addresses refused");
    assert!(n_cases >= 80);
    assert_eq!(canary.n_connections(), 0);
}

#[test]
fn the_refusal_names_the_line_that_would_allow_it() {
    let client = stranger();
    let home = refusal(&client, "https://four.example.org/").to_string();
    assert_eq!(
        home,
        "four.example.org is at 192.168.1.1, a private address; if it is yours, add \"four.example.org\" to home_hosts under [network] in moisson.toml"
    );
    let restricted = client.restricted_to(&["api.example.org".to_owned()]);
    let undeclared = refusal(&restricted, "https://other.example.org/?token=canary").said();
    assert!(
        undeclared.en.contains("add \"other.example.org\" to hosts under [fetch] in the connector"),
        "{undeclared:?}"
    );
    assert!(undeclared.fr.contains("ajoutez \"other.example.org\" à hosts sous [fetch]"), "{undeclared:?}");
}

#[test]
fn other_schemes_plain_http_and_port_0_are_refused() {
    let client = stranger();
    for url in ["ftp://www.example.org/", "file:///etc/passwd", "gopher://127.0.0.1:70/", "data:text/plain,x"] {
        assert!(matches!(refusal(&client, url), Refusal::Scheme(_)), "{url}");
    }
    assert!(matches!(refusal(&client, "http://www.example.org/"), Refusal::Plain { .. }));
    assert!(matches!(refusal(&client, "https://www.example.org:0/"), Refusal::Nowhere));
}

#[test]
fn hosts_that_a_source_does_not_declare_are_refused() {
    let hosts = ["api.example.org", "*.example.net", "example.com:8443"].map(str::to_owned);
    let client = stranger().restricted_to(&hosts);
    for url in [
        "https://example.org/",
        "https://xapi.example.org/",
        "https://api.example.org.elsewhere.test/",
        "https://example.net/",
        "https://xexample.net/",
        "https://.example.net/",
        "https://example.com/",
        "https://api.example.org@elsewhere.test/",
    ] {
        match client.send(&get(url)) {
            Err(HttpError::Forbidden { why: Refusal::Undeclared { .. }, .. }) => {}
            other => panic!("{url}: {other:?}"),
        }
    }
    for url in [
        "https://api.example.org/",
        "https://API.example.org./",
        "https://a.b.example.net/",
        "https://example.com:8443/",
    ] {
        // They are not in the table of names, which is as far as they may get.
        assert!(matches!(client.send(&get(url)), Err(HttpError::Unreachable { .. })), "{url}");
    }
}

#[test]
fn a_host_of_the_home_is_allowed_on_its_port_only() {
    let (canary, server) = (Server::canary(), Server::answering(reply("200 OK", &[], b"mine")));
    let client = at_home(&[&format!("127.0.0.1:{}", server.port()), "[::1]:9"]);
    assert_eq!(client.send(&get(&server.url("/"))).expect("an answer").body, b"mine");
    for host in ["127.0.0.1", "[::1]"] {
        let why = refusal(&client, &format!("https://{host}:{}/", canary.port()));
        assert!(matches!(why, Refusal::Port { .. }), "{why:?}");
    }
    // What nobody may call stays so, named or not.
    let client = at_home(&["169.254.169.254", "0.0.0.0", "[::]"]);
    for host in ["169.254.169.254", "0.0.0.0", "[::]"] {
        let why = refusal(&client, &format!("http://{host}:{}/", canary.port()));
        assert!(matches!(why, Refusal::Never { .. }), "{why:?}");
    }
    assert_eq!(canary.n_connections(), 0);
}

#[test]
fn a_redirect_is_held_to_the_same_rules() {
    let canary = Server::canary();
    let port = canary.port();
    let targets = [
        format!("http://127.0.0.1:{port}/"),
        format!("//127.0.0.1:{port}/"),
        format!("http://[::1]:{port}/"),
        format!("http://2130706433:{port}/"),
        format!("http://localhost:{port}/"),
        format!("https://one.example.org:{port}/"),
        format!("https://six.example.org:{port}/"),
        format!("https://me:secret@one.example.org:{port}/"),
        "http://169.254.169.254/latest/meta-data/".to_owned(),
        "https://[fd00:ec2::254]/".to_owned(),
        "http://www.example.org/".to_owned(),
        "file:///etc/passwd".to_owned(),
    ];
    for target in &targets {
        let server = Server::answering(reply("302 Found", &[("location", target)], b""));
        let client = at_home(&[&format!("127.0.0.1:{}", server.port())]);
        let client = client.with_lookup(Lookup::Given(Arc::new(table))).expect("a client");
        let why = refusal(&client, &server.url("/"));
        assert!(matches!(why, Refusal::Led(_)), "{target}: {why:?}");
    }
    assert_eq!(canary.n_connections(), 0);
}

#[test]
fn a_redirect_to_an_undeclared_host_is_refused_though_it_is_of_the_home() {
    let other = Server::answering(reply("200 OK", &[], b"other"));
    let server = Server::answering(reply("302 Found", &[("location", &other.url("/"))], b""));
    let client = at_home(&["127.0.0.1"]).restricted_to(&[format!("127.0.0.1:{}", server.port())]);
    let why = refusal(&client, &server.url("/"));
    assert!(matches!(&why, Refusal::Led(led) if matches!(**led, Refusal::Undeclared { .. })), "{why:?}");
    assert_eq!(other.n_connections(), 0);
}

#[test]
fn what_was_looked_at_is_what_is_connected_to() {
    let (canary, server) = (Server::canary(), Server::answering(reply("200 OK", &[], b"first")));
    // The name turns to another address each time it is asked for (DNS rebinding).
    let n_asked = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&n_asked);
    let turning = move |_: &str| {
        let turn = counter.fetch_add(1, Ordering::SeqCst);
        let address = if turn == 0 { "127.0.0.1" } else { "127.0.0.2" };
        Ok(vec![address.parse().expect("an address")])
    };
    let name = format!("nas.example.org:{}", server.port());
    let client = at_home(&[&name]).with_lookup(Lookup::Given(Arc::new(turning))).expect("a client");
    let answer = client.send(&get(&format!("http://{name}/"))).expect("an answer");
    assert_eq!((answer.body.as_slice(), n_asked.load(Ordering::SeqCst)), (b"first".as_slice(), 1));

    // A name that was the world's and turns to this machine is refused by what it is now.
    let rebound = |_: &str| Ok(vec!["127.0.0.1".parse().expect("an address")]);
    let client = stranger().with_lookup(Lookup::Given(Arc::new(rebound))).expect("a client");
    refusal(&client, &format!("https://www.example.org:{}/", canary.port()));
    assert_eq!(canary.n_connections(), 0);
}

#[test]
fn mailboxes_are_dialled_by_the_same_rules() {
    let canary = Server::canary();
    let client = stranger();
    for host in ["127.0.0.1", "::1", "localhost", "one.example.org", "six.example.org", "0x7f.1"] {
        let tls = runtime().block_on(dial::tls(&client, host, canary.port()));
        assert!(matches!(tls, Err(HttpError::Forbidden { .. })), "{host}");
        let plain = runtime().block_on(dial::plain(&client, host, canary.port()));
        assert!(matches!(plain, Err(HttpError::Forbidden { .. })), "{host}");
    }
    let restricted = at_home(&["127.0.0.1"]).restricted_to(&["mail.example.org".to_owned()]);
    let refused = runtime().block_on(dial::before_tls(&restricted, "127.0.0.1", canary.port()));
    assert!(matches!(refused, Err(HttpError::Forbidden { why: Refusal::Undeclared { .. }, .. })));
    assert_eq!(canary.n_connections(), 0);
}
