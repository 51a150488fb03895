//! A mail server that answers one command without ever coming to an end: each line comes in time,
//! and no answer is too large.

use std::time::{Duration, Instant};

use jiff::Timestamp;
use moisson::fetch::http::Limits;
use moisson::model::run::Class;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;

use super::chaos::{Mode, Server};
use super::world::World;

/// Says yes to everything, and to `verb` more than that.
async fn talk(stream: TcpStream, verb: &'static str) {
    let (from, mut to) = stream.into_split();
    let mut lines = BufReader::new(from).lines();
    let mut tag = String::new();
    if to.write_all(b"* OK ready\r\n").await.is_err() {
        return;
    }
    while let Ok(Some(line)) = lines.next_line().await {
        if line.starts_with('m') {
            tag = line.split(' ').next().unwrap_or_default().to_owned();
        }
        while line.contains(verb) {
            if to.write_all(b"* 1 EXISTS\r\n").await.is_err() {
                return;
            }
        }
        let answer = if line.ends_with('}') { "+ go on\r\n".to_owned() } else { format!("{tag} OK done\r\n") };
        if to.write_all(answer.as_bytes()).await.is_err() {
            return;
        }
    }
}

fn world(port: u16, security: &str) -> World {
    let settings =
        format!("host = \"127.0.0.1\"\nport = {port}\nsecurity = \"{security}\"\nuser = \"claire\"\nsenders = [\"*\"]");
    let now: Timestamp = "2026-03-14T10:00:00Z".parse().expect("an instant");
    let mut world = World::new("generic/mailbox", &settings, now);
    world.vault.keep("mine/password", "secret".to_owned().into()).expect("kept");
    world.limits = Limits { conversation: Duration::from_millis(300), ..Limits::default() };
    world
}

fn is_left(mut world: World, stage: &str) {
    let began = Instant::now();
    let failure = world.fetch().expect_err(stage);
    assert!(began.elapsed() < Duration::from_secs(20), "{stage}: {:?}", began.elapsed());
    assert_eq!(failure.class, Class::Retry, "{stage}: {failure:?}");
    assert!(failure.message.en.contains("the whole time that a conversation may last"), "{stage}: {failure:?}");
    assert!(failure.message.fr.contains("tout le temps d'une conversation"), "{stage}: {failure:?}");
}

#[test]
fn a_conversation_ends_whichever_command_is_never_done() {
    for verb in ["CAPABILITY", "LOGIN", "EXAMINE"] {
        let server = Server::raw(move |stream| talk(stream, verb));
        is_left(world(server.port(), "none"), verb);
    }
    let server = Server::raw(|stream| talk(stream, "STARTTLS"));
    is_left(world(server.port(), "starttls"), "STARTTLS");
}

#[test]
fn a_greeting_that_comes_byte_by_byte_is_not_waited_for() {
    let server = Server::raw(|stream| talk(stream, "nothing"));
    let proxy = Server::proxy(server.address, Mode::Trickle(Duration::from_millis(100)));
    is_left(world(proxy.port(), "none"), "greeting");
}
