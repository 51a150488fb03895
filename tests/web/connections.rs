//! Connections that dawdle, flood, or ask for what is not here.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use moisson::config::Serve;
use moisson::web::accounts::Scope;
use moisson::web::listen::{self, Limits, ListenError};

use super::world::{World, answer};

fn hasty() -> Limits {
    Limits {
        head: Duration::from_millis(300),
        piece: Duration::from_millis(300),
        body: Duration::from_millis(900),
        answer: Duration::from_millis(300),
        handshake: Duration::from_millis(300),
        body_bytes: 1 << 20,
        ..Limits::default()
    }
}

/// How long it takes until the other side closes.
fn until_closed(stream: &mut TcpStream, mut say: impl FnMut(&mut TcpStream) -> bool) -> Duration {
    let start = Instant::now();
    let mut buffer = [0; 4096];
    stream.set_read_timeout(Some(Duration::from_millis(50))).expect("a timeout");
    while start.elapsed() < Duration::from_secs(10) {
        let is_said = say(stream);
        match stream.read(&mut buffer) {
            Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {}
            Ok(1..) if is_said => {}
            Ok(_) | Err(_) => break,
        }
    }
    start.elapsed()
}

#[test]
fn who_says_a_letter_at_a_time_is_closed() {
    let world = World::with(&Serve::default(), hasty());
    let mut letters = "GET / HTTP/1.1\r\nX-Padding: ".bytes().chain(std::iter::repeat(b'x'));
    let slow = until_closed(&mut world.connect(), |stream| stream.write_all(&[letters.next().unwrap_or(b'x')]).is_ok());
    assert!(slow < Duration::from_secs(3), "a slow head: {slow:?}");
    let silent = until_closed(&mut world.connect(), |_| true);
    assert!(silent < Duration::from_secs(3), "nothing said: {silent:?}");
    let mut idle = world.connect();
    idle.write_all(format!("GET /dav/ HTTP/1.1\r\nHost: {}\r\n\r\n", world.address).as_bytes()).expect("a request");
    let idle = until_closed(&mut idle, |_| true);
    assert!((Duration::from_millis(200)..Duration::from_secs(3)).contains(&idle), "nothing more said: {idle:?}");
}

#[test]
fn a_body_comes_in_time_and_is_not_too_large() {
    let world = World::with(&Serve::default(), hasty());
    let phone = world.device("phone", Scope::all());
    let head = |rest: &str| {
        format!("PUT /dav/a HTTP/1.1\r\nHost: {}\r\nAuthorization: {phone}\r\n{rest}\r\n\r\n", world.address)
    };
    let mut stalled = world.connect();
    stalled.write_all(head("Content-Length: 100").as_bytes()).expect("a request");
    assert!(answer(&mut stalled).body.contains("does not come"));
    let mut dripping = world.connect();
    dripping.write_all(head("Content-Length: 100000").as_bytes()).expect("a request");
    let start = Instant::now();
    let closed = until_closed(&mut dripping, |stream| stream.write_all(b"x").is_err());
    assert!(closed < Duration::from_secs(3), "dripping: {:?}", start.elapsed());
    let large = world.ask("PUT", "/dav/a", &[("Authorization", &phone)], &"x".repeat(1 << 20));
    assert_eq!(large.body, format!("phone {}", 1 << 20));
    let mut larger = world.connect();
    larger.write_all(head("Connection: close\r\nContent-Length: 1048577").as_bytes()).expect("a request");
    assert!(answer(&mut larger).body.contains("larger than 1048576 bytes"), "refused before it is sent");
    let mut chunked = world.connect();
    let piece = format!("10000\r\n{}\r\n", "x".repeat(0x10000));
    let _ = chunked.write_all(format!("{}{}", head("Transfer-Encoding: chunked"), piece.repeat(17)).as_bytes());
    assert!(answer(&mut chunked).body.contains("larger than"));
}

#[test]
fn who_does_not_read_the_answer_is_closed() {
    let world = World::with(&Serve::default(), hasty());
    let mut deaf = world.connect();
    deaf.write_all(format!("GET /large HTTP/1.1\r\nHost: {}\r\n\r\n", world.address).as_bytes()).expect("a request");
    deaf.set_write_timeout(Some(Duration::from_secs(5))).expect("a timeout");
    let start = Instant::now();
    // Nothing is read until the server has given up: writing tells when it has.
    while start.elapsed() < Duration::from_secs(10) {
        match deaf.write_all(b"\r\n") {
            Ok(()) => std::thread::yield_now(),
            Err(_) => break,
        }
    }
    assert!(start.elapsed() < Duration::from_secs(5), "{:?}", start.elapsed());
}

#[test]
fn one_address_does_not_take_all_connections() {
    let limits = Limits { per_address: 4, ..Limits::default() };
    let world = World::with(&Serve::default(), limits);
    let held: Vec<TcpStream> = (0..4).map(|_| world.connect()).collect();
    let mut fifth = world.connect();
    assert_eq!(fifth.read(&mut [0; 1]).unwrap_or(0), 0, "closed");
    drop(held);
    let start = Instant::now();
    while world.ask("GET", "/dav/", &[], "").status != 401 {
        assert!(start.elapsed() < Duration::from_secs(5), "room again");
    }
}

#[test]
fn further_connections_wait_for_their_turn() {
    let limits = Limits { connections: 2, head: Duration::from_millis(300), ..Limits::default() };
    let world = World::with(&Serve::default(), limits);
    let _held: Vec<TcpStream> = (0..2).map(|_| world.connect()).collect();
    let start = Instant::now();
    assert_eq!(world.ask("GET", "/dav/", &[], "").status, 401, "when the first two were closed");
    assert!(start.elapsed() > Duration::from_millis(200));
}

#[test]
fn only_names_of_this_machine_are_answered() {
    let settings = Serve { names: vec!["dav.example.org".to_owned()], ..Serve::default() };
    let world = World::with(&settings, Limits::default());
    for (host, status) in [
        ("dav.example.org", 401),
        ("localhost", 401),
        ("evil.example.org", 421),
        ("127.0.0.1.example.org", 421),
        ("", 421),
    ] {
        for path in ["/dav/", "/nowhere", "/"] {
            let expected = if status == 401 && path == "/nowhere" { 404 } else { status };
            let answer = world.ask("GET", path, &[("Host", host)], "");
            assert_eq!(answer.status, expected, "{host} {path}");
            assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
        }
    }
    let posted = world.ask("POST", "/dav/", &[("Sec-Fetch-Site", "cross-site")], "");
    assert_eq!(posted.status, 403);
}

#[test]
fn passwords_do_not_cross_a_network_in_the_clear() {
    let everywhere = "0.0.0.0:0".parse().expect("an address");
    let opened = |settings: &Serve| listen::open(settings, everywhere, Limits::default());
    assert!(matches!(opened(&Serve::default()), Err(ListenError::Exposed { .. })));
    let behind = Serve { proxies: vec!["10.0.0.1".parse().expect("a range")], ..Serve::default() };
    assert!(opened(&behind).is_ok());
    let wrong = moisson::config::parse("[serve]\nlisten = \"0.0.0.0:4747\"\n", "moisson.toml").expect_err("exposed");
    assert!(wrong.to_string().contains("[serve.tls]"), "{wrong}");
    let right = "[serve]\nlisten = \"0.0.0.0:4747\"\n[serve.tls]\ncertificate = \"c.pem\"\nkey = \"/etc/k.pem\"\n";
    assert!(moisson::config::parse(right, "moisson.toml").is_ok());
}

#[test]
fn who_is_refused_can_ask_again_on_the_same_connection() {
    let world = World::new();
    let mut stream = world.connect();
    for _ in 0..3 {
        let head = format!("PROPFIND /dav/ HTTP/1.1\r\nHost: {}\r\nContent-Length: 11\r\n\r\n", world.address);
        stream.write_all(head.as_bytes()).expect("it is still open");
        // The body comes a moment after the head, as many clients send it.
        stream.set_read_timeout(Some(Duration::from_millis(200))).expect("a timeout");
        assert!(stream.peek(&mut [0]).is_err(), "the answer waits for the body");
        stream.write_all(b"<propfind/>").expect("it is still open");
        stream.set_read_timeout(Some(Duration::from_secs(20))).expect("a timeout");
        let mut seen = String::new();
        let mut piece = [0; 1024];
        while !seen.ends_with("a device logs in here\n") {
            let n = stream.read(&mut piece).expect("an answer");
            assert!(n > 0, "it was closed after {seen:?}");
            seen.push_str(&String::from_utf8_lossy(&piece[..n]));
        }
        assert!(seen.starts_with("HTTP/1.1 401 "), "{seen}");
    }
}
