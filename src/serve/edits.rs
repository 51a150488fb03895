//! What devices wrote comes into the views, and what the views say comes to devices: a thread that
//! waits until nobody writes any more, and does both.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant};

use super::derived;
use crate::collections::Collections;
use crate::sync::{Outfit, own};

/// So long nobody has written when a device is done.
const QUIET: Duration = Duration::from_secs(5);
/// So long the views may lag behind devices that never stop.
const LONGEST: Duration = Duration::from_secs(60);

/// What the thread is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum News {
    /// A device wrote.
    Edited,
    /// The views were published anew.
    Published,
}

/// Starts the thread; it ends when the sender is dropped.
pub(super) fn start(outfit: Arc<Outfit>, collections: Arc<Collections>) -> Sender<News> {
    let (sender, receiver) = channel();
    // What was written before the last stop, and views of before it.
    let _ = sender.send(News::Edited);
    let _ = sender.send(News::Published);
    let working = move || work(&outfit, &collections, &receiver);
    if let Err(error) = std::thread::Builder::new().name("edits".to_owned()).spawn(working) {
        tracing::error!(%error, "no thread to take in what devices write");
    }
    sender
}

fn work(outfit: &Outfit, collections: &Collections, news: &Receiver<News>) {
    let mut made_from = None;
    while let Ok(first) = news.recv() {
        let is_edited = settled(first, news);
        if is_edited && let Err(error) = own::take_in(outfit, collections) {
            tracing::error!(%error, "what devices wrote is not in the views yet");
        }
        if let Err(error) = derived::renew(outfit, collections, &mut made_from) {
            tracing::error!(%error, "collections made from the views are not renewed");
        }
    }
}

/// Waits until nothing more comes; whether devices wrote.
fn settled(first: News, news: &Receiver<News>) -> bool {
    let since = Instant::now();
    let mut is_edited = first == News::Edited;
    loop {
        let wait = if is_edited { QUIET.min(LONGEST.saturating_sub(since.elapsed())) } else { Duration::ZERO };
        match news.recv_timeout(wait) {
            Ok(more) => is_edited |= more == News::Edited,
            Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => return is_edited,
        }
        if since.elapsed() >= LONGEST {
            return is_edited;
        }
    }
}
