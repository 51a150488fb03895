//! A home with collections and an outfit to run its sources.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use jiff::{SignedDuration, Timestamp};
use moisson::archive::{self, LogOf};
use moisson::collections::{self, Collections, CollectionsError, Conditions, Done, New, Refusal, What, Write};
use moisson::config::locate;
use moisson::dav::bundle;
use moisson::sync::Outfit;
use moisson::vault::Vault;

use crate::homes::{TestHome, now};

pub struct House {
    pub home: TestHome,
    pub collections: Arc<Collections>,
    pub outfit: Outfit,
}

impl House {
    pub fn new(settings: &str) -> Self {
        Self::at(TestHome::new(), settings, Vault::in_memory())
    }

    pub fn at(home: TestHome, settings: &str, vault: Vault) -> Self {
        std::fs::write(home.path().join("moisson.toml"), settings).expect("settings");
        let place = locate(Some(home.path()), &|_| None).expect("a home");
        let log = archive::log(&place.data, LogOf::Runs).expect("a log");
        let collections = Arc::new(opened(&home));
        let outfit = Outfit::new(place, vault, log, now);
        outfit.hold(Arc::clone(&collections));
        Self { home, collections, outfit }
    }

    /// With a clock that goes on by an hour whenever it is looked at.
    pub fn ticking(mut self) -> Self {
        self.outfit.clock = ticking;
        self
    }

    pub fn put(&self, path: &str, name: &str, text: &str) -> Result<Done, Refusal> {
        let component = ["VCARD", "VEVENT", "VTODO"].into_iter().find(|it| text.contains(&format!("BEGIN:{it}")));
        let (uid, component) = (bundle::uid(text.as_bytes()), component.map(str::to_owned));
        let new = New { bytes: text.as_bytes().into(), uid, component, media: None };
        let (object, _) = self.collections.object(new).expect("kept");
        self.write(What::Put { path: path.to_owned(), name: name.to_owned(), object })
    }

    pub fn delete(&self, path: &str, name: &str) -> Result<Done, Refusal> {
        self.write(What::Delete { path: path.to_owned(), name: name.to_owned() })
    }

    pub fn write(&self, what: What) -> Result<Done, Refusal> {
        self.collections.write(Write { what, conditions: Conditions::default(), by: Some("phone".to_owned()) })
    }
}

fn ticking() -> Timestamp {
    static TICKS: AtomicI64 = AtomicI64::new(0);
    now() + SignedDuration::from_hours(TICKS.fetch_add(1, Ordering::Relaxed))
}

/// The writer's thread of an earlier one lets go of the lock a moment after it is dropped.
fn opened(home: &TestHome) -> Collections {
    loop {
        match collections::open(home.path(), now, &|_| Vec::new()) {
            Err(CollectionsError::Archive(archive::ArchiveError::Busy { .. })) => std::thread::yield_now(),
            other => return other.expect("it opens"),
        }
    }
}
