//! Tells when something has settled in a folder, so that it need not wait for its schedule.
//!
//! Where the system does not watch folders, or has no watch left to give, nothing is told and
//! the schedule does it all.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant};

use notify::{Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher};

use super::Folder;

/// Folders are watched until this is dropped.
#[derive(Debug)]
pub struct Watch {
    // The thread that waits ends when the sender inside goes.
    _watcher: RecommendedWatcher,
    /// The folders that cannot be watched, with why; they have their schedule only.
    pub unwatched: Vec<(PathBuf, String)>,
}

/// Watches folders; `tell` is given the id of a source when nothing was written in its folder
/// for `quiet`, after something was. A little more than [`super::QUIET`] lets a run take it all.
pub fn watch(folders: Vec<Folder>, quiet: Duration, tell: impl Fn(&str) + Send + 'static) -> Option<Watch> {
    let (sender, receiver) = channel();
    let folders: Vec<(PathBuf, Folder)> = folders.into_iter().map(|folder| (real(&folder.path), folder)).collect();
    let mut watcher = notify::recommended_watcher(listener(folders.clone(), sender)).ok()?;
    let mut unwatched = Vec::new();
    for (path, folder) in &folders {
        let mode = if folder.has_subfolders { RecursiveMode::Recursive } else { RecursiveMode::NonRecursive };
        if let Err(error) = watcher.watch(path, mode) {
            tracing::warn!(source = folder.source, %error, "a folder cannot be watched");
            unwatched.push((path.clone(), error.to_string()));
        }
    }
    let waiting = std::thread::Builder::new().name("folders".to_owned());
    waiting.spawn(move || settle(&receiver, quiet, &tell)).ok()?;
    Some(Watch { _watcher: watcher, unwatched })
}

/// Events name real paths, so that of the folder has to be real too.
fn real(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| path.to_path_buf())
}

/// Sends the source of each event that is about a file to take.
fn listener(folders: Vec<(PathBuf, Folder)>, sender: Sender<String>) -> impl FnMut(notify::Result<Event>) {
    move |event: notify::Result<Event>| {
        let Ok(event) = event else { return };
        if matches!(event.kind, EventKind::Access(_) | EventKind::Remove(_)) {
            return;
        }
        let takes = |root: &Path, folder: &Folder| {
            event.paths.iter().filter_map(|path| path.strip_prefix(root).ok()).any(|path| folder.takes(path))
        };
        for (_, folder) in folders.iter().filter(|(root, folder)| takes(root, folder)) {
            let _ = sender.send(folder.source.clone());
        }
    }
}

/// Waits until each source that something happened to is quiet.
fn settle(events: &Receiver<String>, quiet: Duration, tell: &impl Fn(&str)) {
    let mut due: BTreeMap<String, Instant> = BTreeMap::new();
    loop {
        let next = due.values().min().map(|at| at.saturating_duration_since(Instant::now()));
        let event = match next {
            Some(wait) => events.recv_timeout(wait),
            None => events.recv().map_err(|_| RecvTimeoutError::Disconnected),
        };
        match event {
            Ok(source) => drop(due.insert(source, Instant::now() + quiet)),
            Err(RecvTimeoutError::Disconnected) => return,
            Err(RecvTimeoutError::Timeout) => {
                let now = Instant::now();
                due.iter().filter(|(_, at)| **at <= now).for_each(|(source, _)| tell(source));
                due.retain(|_, at| *at > now);
            }
        }
    }
}
