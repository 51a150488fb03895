//! Somebody at the other end of the socket, asked through it.

use std::sync::{Mutex, PoisonError};

use super::control::{Event, Hearing, Line, Request, Speaking};
use crate::fetch::Ask;
use crate::model::run::Said;

/// A conversation that more than one thread writes into, one whole line at a time. Whoever waits
/// for an answer keeps nobody from writing.
pub struct Caller {
    hearing: Mutex<Hearing>,
    speaking: Mutex<Speaking>,
}

impl Caller {
    pub fn new(line: Line) -> Self {
        let (hearing, speaking) = line.split();
        Self { hearing: Mutex::new(hearing), speaking: Mutex::new(speaking) }
    }

    /// Tells the caller something; one who has gone away is no error.
    pub fn tell(&self, event: &Event) {
        let mut speaking = self.speaking.lock().unwrap_or_else(PoisonError::into_inner);
        if let Err(error) = speaking.send(event) {
            tracing::debug!(%error, "the caller has gone away");
        }
    }
}

impl Ask for Caller {
    fn ask(&self, question: &Said, is_secret: bool) -> Option<String> {
        // One question at a time, so that answers are not mixed up.
        let mut hearing = self.hearing.lock().unwrap_or_else(PoisonError::into_inner);
        Caller::tell(self, &Event::Question { question: question.clone(), is_secret });
        match hearing.receive().ok()? {
            Request::Answer { text } => text,
            Request::Sync { .. }
            | Request::Pause { .. }
            | Request::Resume { .. }
            | Request::Settle { .. }
            | Request::Ping => None,
        }
    }

    fn tell(&self, what: &Said, link: Option<&str>) {
        Caller::tell(self, &Event::Told { what: what.clone(), link: link.map(str::to_owned) });
    }
}
