//! Somebody at the other end of the socket, asked through it.

use std::sync::{Mutex, PoisonError};

use super::control::{Event, Line, Request};
use crate::fetch::Ask;
use crate::model::run::Said;

/// A conversation that more than one thread writes into, one whole line at a time.
pub struct Caller {
    line: Mutex<Line>,
}

impl Caller {
    pub fn new(line: Line) -> Self {
        Self { line: Mutex::new(line) }
    }

    /// Tells the caller something; one who has gone away is no error.
    pub fn tell(&self, event: &Event) {
        let mut line = self.line.lock().unwrap_or_else(PoisonError::into_inner);
        if let Err(error) = line.send(event) {
            tracing::debug!(%error, "the caller has gone away");
        }
    }
}

impl Ask for Caller {
    fn ask(&self, question: &Said, is_secret: bool) -> Option<String> {
        let mut line = self.line.lock().unwrap_or_else(PoisonError::into_inner);
        line.send(&Event::Question { question: question.clone(), is_secret }).ok()?;
        match line.receive().ok()? {
            Request::Answer { text } => text,
            Request::Sync { .. } | Request::Pause { .. } | Request::Resume { .. } | Request::Ping => None,
        }
    }

    fn tell(&self, what: &Said, link: Option<&str>) {
        Caller::tell(self, &Event::Told { what: what.clone(), link: link.map(str::to_owned) });
    }
}
