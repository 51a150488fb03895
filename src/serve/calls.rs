//! Calls over the socket: each is taken by a thread of its own and handed to the loop.

use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::Sender;
use std::time::Duration;

use super::ServeError;
use super::control::{self, Event, Line, Request};
use super::daemon::Message;
use super::person::Caller;
use crate::model::run::Said;

/// How long somebody may think about an answer.
const PATIENCE: Duration = Duration::from_secs(600);

/// Takes calls at the socket of a home; one that a process left when it died is replaced.
pub(super) fn take(data: &Path, sender: &Sender<Message>) -> Result<(), ServeError> {
    let path = control::socket_of(data);
    let failed = |source| ServeError::Socket { address: path.display().to_string(), source };
    match std::fs::remove_file(&path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(failed(error)),
        _ => {}
    }
    let listener = UnixListener::bind(&path).map_err(failed)?;
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).map_err(failed)?;
    let sender = sender.clone();
    let accepting = move || {
        for stream in listener.incoming().flatten() {
            let sender = sender.clone();
            let answering = move || answer(stream, &sender);
            // Without a thread to spare the caller finds the line closed.
            let _ = std::thread::Builder::new().name("call".to_owned()).spawn(answering);
        }
    };
    let accepting = std::thread::Builder::new().name("socket".to_owned()).spawn(accepting);
    accepting.map_err(failed).map(|_| ())
}

fn answer(stream: UnixStream, sender: &Sender<Message>) {
    let _ = stream.set_read_timeout(Some(PATIENCE));
    let Ok(mut line) = Line::of(stream) else { return };
    let Ok(request) = line.receive() else { return };
    let caller = Arc::new(Caller::new(line));
    let message = match request {
        Request::Sync { sources, has_person } => Message::Asked { sources, has_person, caller: Arc::clone(&caller) },
        Request::Pause { source } => Message::Paused { source, is_paused: true, caller: Arc::clone(&caller) },
        Request::Resume { source } => Message::Paused { source, is_paused: false, caller: Arc::clone(&caller) },
        Request::Settle { conflict, takes } => Message::Settle { conflict, takes, caller: Arc::clone(&caller) },
        Request::Ping => return caller.tell(&Event::Done),
        Request::Answer { .. } => {
            let message = Said::new("nothing was asked", "rien n'a été demandé");
            return caller.tell(&Event::Refused { message });
        }
    };
    if sender.send(message).is_err() {
        let message = Said::new("the daemon is on its way out", "le service s'arrête");
        caller.tell(&Event::Refused { message });
    }
}
