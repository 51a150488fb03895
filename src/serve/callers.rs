//! Those who asked for runs, and wait for how they end.

use std::sync::Arc;

use super::control::Event;
use super::person::Caller;
use crate::model::run::{Run, Said, Trigger};

/// See the module.
#[derive(Default)]
pub(super) struct Callers(Vec<Waiting>);

/// Somebody waits for runs.
struct Waiting {
    caller: Arc<Caller>,
    has_person: bool,
    /// Sources whose runs are not told yet.
    left: Vec<String>,
}

impl Callers {
    pub fn add(&mut self, caller: Arc<Caller>, has_person: bool, mut sources: Vec<String>) {
        sources.sort();
        sources.dedup();
        self.0.push(Waiting { caller, has_person, left: sources });
    }

    /// The sources that somebody waits for.
    pub fn asked(&self) -> Vec<String> {
        self.0.iter().flat_map(|waiting| waiting.left.clone()).collect()
    }

    /// Who can be asked during a run of that source.
    pub fn person_for(&self, source: &str) -> Option<Arc<Caller>> {
        let waits = |waiting: &&Waiting| waiting.has_person && waiting.left.iter().any(|left| left == source);
        self.0.iter().find(waits).map(|waiting| Arc::clone(&waiting.caller))
    }

    /// Tells those who wait for it of a run. One that nobody asked for is not the one they wait
    /// for: it began before they asked.
    pub fn ended(&mut self, run: &Run) {
        if run.trigger != Trigger::Asked {
            return;
        }
        for waiting in &mut self.0 {
            if let Some(at) = waiting.left.iter().position(|source| *source == run.source) {
                waiting.left.remove(at);
                waiting.caller.tell(&Event::Ended { run: Box::new(run.clone()) });
            }
        }
        for waiting in self.0.extract_if(.., |waiting| waiting.left.is_empty()) {
            waiting.caller.tell(&Event::Done);
        }
    }

    /// Sends away those whose wish `is_lost`.
    pub fn refuse(&mut self, message: &Said, is_lost: impl Fn(&str) -> bool) {
        for waiting in self.0.extract_if(.., |waiting| waiting.left.iter().any(|source| is_lost(source))) {
            waiting.caller.tell(&Event::Refused { message: message.clone() });
        }
    }
}
