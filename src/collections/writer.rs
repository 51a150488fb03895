//! The one thread that writes: it takes what has come meanwhile, decides, writes it with one sync,
//! and only then shows it and answers.

use std::collections::HashSet;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, PoisonError, RwLock};

use jiff::Timestamp;
use tokio::sync::oneshot;

use super::apply_or_tell;
use super::decide::{Done, Refusal, What, Write, decide};
use super::state::State;
use crate::archive::{ArchiveError, Entry, Log};
use crate::model::collection::Change;

/// Writes that share one sync.
const MOST_AT_ONCE: usize = 256;
/// Changes of moisson's own that share a line.
const MOST_TOGETHER: usize = 100;

pub(super) struct Writer {
    sender: Sender<Job>,
}

struct Job {
    write: Write,
    answer: oneshot::Sender<Result<Done, Refusal>>,
}

impl Writer {
    /// Starts the thread; it ends when the last handle is dropped.
    pub fn start(log: Log, state: Arc<RwLock<State>>, clock: fn() -> Timestamp) -> Self {
        let (sender, receiver) = channel();
        let mut desk = Desk { log, state, clock, waiting: None };
        let started = std::thread::Builder::new().name("collections".to_owned()).spawn(move || desk.work(&receiver));
        if let Err(error) = started {
            tracing::error!(%error, "no thread to write in");
        }
        Self { sender }
    }

    /// Hands over a write; the answer comes when it is on the disk. Without a writer it never does.
    pub fn send(&self, write: Write) -> oneshot::Receiver<Result<Done, Refusal>> {
        let (answer, receiver) = oneshot::channel();
        let _ = self.sender.send(Job { write, answer });
        receiver
    }
}

struct Desk {
    log: Log,
    state: Arc<RwLock<State>>,
    clock: fn() -> Timestamp,
    /// A job that must see what those before it come to.
    waiting: Option<Job>,
}

impl Desk {
    fn work(&mut self, jobs: &Receiver<Job>) {
        loop {
            let Some(first) = self.waiting.take().or_else(|| jobs.recv().ok()) else { return };
            let batch = self.batch(first, jobs);
            self.write(batch);
        }
    }

    /// What can be decided together: no two about one collection's same member or UID, and nothing
    /// beside a change of a collection as a whole.
    fn batch(&mut self, first: Job, jobs: &Receiver<Job>) -> Vec<Job> {
        let mut touched = HashSet::new();
        let mut batch = vec![first];
        let Some(claims) = claims(&batch[0].write) else { return batch };
        touched.extend(claims);
        while batch.len() < MOST_AT_ONCE {
            let Ok(next) = jobs.try_recv() else { break };
            match self::claims(&next.write) {
                Some(claims) if claims.iter().all(|claim| !touched.contains(claim)) => {
                    touched.extend(claims);
                    batch.push(next);
                }
                _ => {
                    self.waiting = Some(next);
                    break;
                }
            }
        }
        batch
    }

    fn write(&mut self, batch: Vec<Job>) {
        let mut changes = Vec::new();
        let mut answers = Vec::new();
        {
            let state = self.state.read().unwrap_or_else(PoisonError::into_inner);
            for job in batch {
                let (wanted, answer) = decide(&state, &job.write);
                let is_written = !wanted.is_empty();
                changes.extend(as_lines(&job.write.what, wanted));
                answers.push((job.answer, answer, is_written));
            }
        }
        let written = self.append(&changes);
        for (asker, answer, is_written) in answers {
            // Also what is refused may have left something to keep: a version that lost.
            let answer = match &written {
                Err(refusal) if is_written => Err(refusal.clone()),
                _ => answer,
            };
            let _ = asker.send(answer);
        }
    }

    fn append(&mut self, changes: &[Change]) -> Result<(), Refusal> {
        if changes.is_empty() {
            return Ok(());
        }
        let at = (self.clock)();
        let entries: Vec<Entry> = changes.iter().map(|change| Entry::Collection(Box::new(change.clone()))).collect();
        self.log.append_all(at, &entries).map_err(|error| {
            tracing::error!(%error, "the log of collections cannot be written");
            match error {
                ArchiveError::NoRoom { .. } => Refusal::NoRoom,
                error => Refusal::Failed(error.to_string()),
            }
        })?;
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        for change in changes {
            apply_or_tell(&mut state, change, at);
        }
        Ok(())
    }
}

/// The changes of one write as lines of the log: a line is there whole or not at all. What moisson
/// makes itself in hundreds can be made again, and stands in lines of its own.
fn as_lines(what: &What, changes: Vec<Change>) -> Vec<Change> {
    let is_remade = matches!(what, What::Own(_) | What::OwnSince { .. }) && changes.len() > MOST_TOGETHER;
    if changes.len() < 2 || is_remade { changes } else { vec![Change::Together { changes }] }
}

/// What a write is about, where others may be decided beside it.
fn claims(write: &Write) -> Option<Vec<(String, String)>> {
    match &write.what {
        What::Put { path, name, object } => {
            let mut claims = vec![(path.clone(), name.clone())];
            claims.extend(object.uid.iter().map(|uid| (path.clone(), format!("uid {uid}"))));
            Some(claims)
        }
        What::Delete { path, name } => Some(vec![(path.clone(), name.clone())]),
        What::DeleteCollection { .. }
        | What::MakeCollection { .. }
        | What::SetProperties { .. }
        | What::Carry { .. }
        | What::CarryCollection { .. }
        | What::Own(_)
        | What::OwnSince { .. } => None,
    }
}
