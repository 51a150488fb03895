//! Collections that sources fill: brought up to date when the daemon starts and when settings
//! change; and what devices change in those that go both ways reaches its server soon.

use std::collections::BTreeSet;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

use super::daemon::Message;
use crate::collections::Collections;
use crate::config::Config;
use crate::sync::{Outfit, mirror};

/// So long nobody has written when a device is done.
const QUIET: Duration = Duration::from_secs(5);
/// So long a server may wait for what a device that never stops has changed.
const LONGEST: Duration = Duration::from_secs(60);

/// See the module.
#[derive(Clone)]
pub(super) struct Mirrored {
    collections: Arc<Collections>,
    two_way: Arc<RwLock<BTreeSet<String>>>,
    news: Sender<News>,
}

/// What the thread is told.
enum News {
    Settings,
    /// A device changed something that this source fills.
    Edited(String),
}

impl Mirrored {
    /// Starts the thread; it ends when all of these are dropped.
    pub fn start(outfit: Arc<Outfit>, collections: Arc<Collections>, config: &Config, daemon: Sender<Message>) -> Self {
        let (news, receiver) = channel();
        let mirrored = Self { collections: Arc::clone(&collections), two_way: Arc::default(), news };
        let working = move || work(&outfit, &collections, &receiver, &daemon);
        if let Err(error) = std::thread::Builder::new().name("mirror".to_owned()).spawn(working) {
            tracing::error!(%error, "no thread to bring collections up to date");
        }
        mirrored.set(config);
        mirrored
    }

    /// Settings that hold from now on.
    pub fn set(&self, config: &Config) {
        let two_way = config.sources.iter().filter(|source| source.two_way).map(|source| source.id.clone()).collect();
        *self.two_way.write().unwrap_or_else(PoisonError::into_inner) = two_way;
        let _ = self.news.send(News::Settings);
    }

    /// Whether what a source fills may be changed here.
    pub fn is_two_way(&self, source: &str) -> bool {
        self.two_way.read().unwrap_or_else(PoisonError::into_inner).contains(source)
    }

    /// A device changed something in the collection at this path.
    pub fn changed(&self, path: &str) {
        let source = mirror::source_of(&self.collections.state(), path);
        if let Some(source) = source.filter(|source| self.is_two_way(source)) {
            let _ = self.news.send(News::Edited(source));
        }
    }
}

fn work(outfit: &Outfit, collections: &Collections, news: &Receiver<News>, daemon: &Sender<Message>) {
    let mut waiting = BTreeSet::new();
    let mut since = Instant::now();
    loop {
        let told = if waiting.is_empty() {
            news.recv().map_err(RecvTimeoutError::from)
        } else {
            news.recv_timeout(QUIET.min(LONGEST.saturating_sub(since.elapsed())))
        };
        match told {
            Ok(News::Settings) => {
                if let Err(error) = mirror::renew(outfit, collections) {
                    tracing::error!(%error, "what sources pulled is not in the collections yet");
                }
            }
            Ok(News::Edited(source)) => {
                if waiting.is_empty() {
                    since = Instant::now();
                }
                waiting.insert(source);
            }
            Err(RecvTimeoutError::Timeout) => {
                for source in std::mem::take(&mut waiting) {
                    let _ = daemon.send(Message::Watched(source));
                }
            }
            Err(RecvTimeoutError::Disconnected) => return,
        }
    }
}
