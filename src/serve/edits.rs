//! What devices wrote comes into the views, and what the views say comes to devices: a thread that
//! waits until nobody writes any more, and does both. What fails is tried again.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant};

use super::derived::{self, MadeFrom};
use crate::collections::Collections;
use crate::sync::{Outfit, own};

/// So long nobody has written when a device is done.
const QUIET: Duration = Duration::from_secs(5);
/// So long the views may lag behind devices that never stop.
const LONGEST: Duration = Duration::from_secs(60);
/// How often it looks whether the day or the views are others: they may be published by hand.
const LOOK: Duration = Duration::from_secs(60);

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
    let working = move || {
        let mut edits = Edits { outfit, collections, is_pending: false, made_from: None };
        edits.renew();
        while edits.turn(&receiver) {}
    };
    if let Err(error) = std::thread::Builder::new().name("edits".to_owned()).spawn(working) {
        tracing::error!(%error, "no thread to take in what devices write");
    }
    sender
}

struct Edits {
    outfit: Arc<Outfit>,
    collections: Arc<Collections>,
    /// Whether something that devices wrote is not in the views yet.
    is_pending: bool,
    made_from: Option<MadeFrom>,
}

impl Edits {
    /// Waits for news, or a while, and does what there is to do; whether to go on.
    fn turn(&mut self, news: &Receiver<News>) -> bool {
        match news.recv_timeout(LOOK) {
            Ok(first) => self.is_pending |= settled(first, news),
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return false,
        }
        if self.is_pending {
            self.is_pending = !self.take_in();
        }
        self.renew();
        true
    }

    /// Whether the views have all that devices wrote.
    fn take_in(&self) -> bool {
        let taking = || own::take_in(&self.outfit, &self.collections);
        match catch_unwind(AssertUnwindSafe(taking)) {
            Ok(Ok(_)) => return true,
            Ok(Err(error)) => tracing::error!(%error, "what devices wrote is not in the views yet"),
            Err(_) => tracing::error!("taking in what devices wrote broke off"),
        }
        false
    }

    fn renew(&mut self) {
        let renewing = || derived::renew(&self.outfit, &self.collections, &mut self.made_from);
        match catch_unwind(AssertUnwindSafe(renewing)) {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::error!(%error, "collections made from the views are not renewed"),
            Err(_) => tracing::error!("renewing collections made from the views broke off"),
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
