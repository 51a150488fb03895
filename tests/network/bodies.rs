//! Bodies that are too large, too short, or not what they say.

use std::io::Write as _;
use std::time::Instant;

use flate2::Compression;
use flate2::write::GzEncoder;
use moisson::fetch::http::{HttpError, failure};
use moisson::model::run::Class;

use crate::chaos::{Server, reply};
use crate::client::{at_home, get};

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut to = GzEncoder::new(Vec::new(), Compression::best());
    to.write_all(bytes).and_then(|()| to.finish()).expect("gzip")
}

/// Kilobytes of a line of `/proc/self/status`.
fn memory(line: &str) -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let found = status.lines().find_map(|found| found.strip_prefix(line))?;
    found.trim_start_matches(':').trim().trim_end_matches(" kB").parse().ok()
}

#[test]
fn ten_gigabytes_of_zeros_in_ten_megabytes_stop_at_the_limit() {
    // A gzip file may be several, one after the other (RFC 1952 §2.2).
    let member = gzip(&vec![0; 16 << 20]);
    let bomb = member.repeat(640);
    println!("{} bytes of gzip for {} of zeros", bomb.len(), 640_u64 * (16 << 20));
    let server = Server::answering(reply("200 OK", &[("content-encoding", "gzip")], &bomb));
    let client = at_home(&["127.0.0.1"]);
    let (before, began) = (memory("VmRSS"), Instant::now());
    let refused = client.send(&get(&server.url("/"))).expect_err("a refusal");
    let peak = memory("VmHWM");
    assert!(matches!(refused, HttpError::TooLarge { limit: 67_108_864, .. }), "{refused:?}");
    assert_eq!(failure(&refused).class, Class::Changed);
    println!("stopped after {} ms; {before:?} kB resident before, {peak:?} at most", began.elapsed().as_millis());
    if let (Some(before), Some(peak)) = (before, peak) {
        assert!(peak < before + 160 * 1024, "{before} kB before, {peak} kB at most");
    }
}

#[test]
fn a_compressed_body_is_counted_as_it_came() {
    let text = b"one line of many\n".repeat(1000);
    let wire = gzip(&text);
    let server = Server::answering(reply("200 OK", &[("content-encoding", "gzip")], &wire));
    let answer = at_home(&["127.0.0.1"]).send(&get(&server.url("/"))).expect("an answer");
    assert_eq!((answer.body, answer.n_wire), (text, wire.len() as u64));
    assert!(server.heard()[0].contains("accept-encoding: gzip, deflate, br"));
}

#[test]
fn half_an_answer_is_none() {
    let packed = gzip(&b"a line that does not repeat 0123456789\n".repeat(50));
    let half = &packed[..packed.len() / 2];
    let chunked = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n";
    let table: [(&str, Vec<u8>); 6] = [
        ("fewer bytes than told", b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhello".to_vec()),
        ("no last chunk", chunked.to_vec()),
        ("half a gzip, told to be whole", reply("200 OK", &[("content-encoding", "gzip")], half)),
        ("no gzip at all", reply("200 OK", &[("content-encoding", "gzip")], b"<html>")),
        ("an encoding that nobody asked for", reply("200 OK", &[("content-encoding", "zstd")], b"x")),
        ("two lengths", b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\ncontent-length: 3\r\n\r\nhello".to_vec()),
    ];
    for (what, bytes) in table {
        let server = Server::answering(bytes);
        let refused = at_home(&["127.0.0.1"]).send(&get(&server.url("/"))).expect_err(what);
        assert!(matches!(refused, HttpError::Cut { .. }), "{what}: {refused:?}");
        assert_eq!(failure(&refused).class, Class::Retry, "{what}");
    }
}

#[test]
fn what_comes_after_the_length_told_belongs_to_no_answer() {
    let smuggled = b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhelloHTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nevil";
    let server = Server::answering(smuggled.to_vec());
    let client = at_home(&["127.0.0.1"]);
    for _ in 0..3 {
        assert_eq!(client.send(&get(&server.url("/"))).expect("an answer").body, b"hello");
    }
    assert_eq!(server.n_connections(), 3, "a connection with something left over is not used again");
}

#[test]
fn what_http_cannot_carry_is_refused_and_not_shown() {
    let server = Server::answering(reply("200 OK", &[], b""));
    let request = get(&server.url("/")).secret_header("x-key", "canary\r\nx-other: 1");
    let refused = at_home(&["127.0.0.1"]).send(&request).expect_err("a refusal").to_string();
    assert!(refused.contains("the header x-key cannot be sent") && !refused.contains("canary"), "{refused}");
    assert_eq!(server.n_connections(), 0);
}
