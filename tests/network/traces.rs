//! What the program logs of a request: one line, and nothing secret, at any level.

use std::io::Write;
use std::sync::{Arc, Mutex};

use moisson::fetch::http::Request;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt as _;

use crate::chaos::{Server, reply};
use crate::client::at_home;

#[derive(Clone, Default)]
struct Pages(Arc<Mutex<Vec<u8>>>);

impl Write for Pages {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().expect("pages").write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// What is logged by these targets at every level while `doing`.
fn logged(targets: Targets, doing: impl FnOnce()) -> String {
    let pages = Pages::default();
    let writer = pages.clone();
    let layer = tracing_subscriber::fmt::layer().with_ansi(false).with_writer(move || writer.clone());
    let subscriber = tracing_subscriber::registry().with(targets).with(layer);
    tracing::subscriber::with_default(subscriber, doing);
    let bytes = pages.0.lock().expect("pages").clone();
    String::from_utf8(bytes).expect("text")
}

fn ask(server: &Server) {
    let url = server.url("/canary-1-0123456789/list?key=canary-2").replace("http://", "http://me:canary-3@");
    let request = Request::new("POST", url.parse().expect("an address"));
    let request = request.secret_header("x-key", "canary-4").header("cookie", "id=canary-5").body("pin=canary-6");
    at_home(&["127.0.0.1"]).send(&request).expect("an answer");
}

#[test]
fn one_line_a_request_and_nothing_secret_in_it() {
    let answer = reply("200 OK", &[("set-cookie", "id=canary-7"), ("x-id", "canary-8")], b"canary-9");
    let server = Server::answering(answer);
    let text = logged(Targets::new().with_target("moisson", LevelFilter::TRACE), || ask(&server));
    println!("{text}");
    assert_eq!(text.lines().count(), 1, "{text}");
    for part in ["asked", "method=\"POST\"", "host=\"127.0.0.1\"", "path=\"/…/list\"", "status=200", "bytes=8", "ms="]
    {
        assert!(text.contains(part), "{part} in {text}");
    }
    assert!(!text.contains("canary"), "{text}");
    let refused = logged(Targets::new().with_target("moisson", LevelFilter::TRACE), || {
        let url = "https://me:canary-3@127.0.0.1/x?key=canary-2".parse().expect("an address");
        let error = at_home(&[]).send(&Request::new("GET", url)).expect_err("a refusal");
        assert!(!format!("{error} {error:?}").contains("canary"), "{error:?}");
    });
    assert!(refused.contains("asked in vain") && !refused.contains("canary"), "{refused}");
}
