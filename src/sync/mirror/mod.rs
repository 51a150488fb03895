//! What sources pull from calendar and address book servers, and from published calendars, served
//! beside the household's own.
//!
//! A collection of a source is told from the documents that the journal names: what came since the
//! last time, and everything where that is not known any more. So it can be cut anywhere, thrown
//! away, or begun years after the first run. Only what changed is written. A document that states
//! no more than a part takes nothing away, and a run of which nothing came changes nothing.

mod apply;
mod fold;
mod known;
mod naming;
mod push;

use std::collections::BTreeSet;

use self::apply::{Decided, Place, Seen, apply};
use self::fold::{Heard, Upstream, hear};
use self::known::{Known, Mirrored};
use super::{Outfit, state};
use crate::archive::{self, Archive, ArchiveError, Document, Entry, LogOf, Seq};
use crate::collections::{Collections, Conditions, Refusal, State, What, Write, made};
use crate::config::{self, Config, ConfigError, Source};
use crate::connector::fetch::Transport;
use crate::connector::{Catalogue, ConnectorError};
use crate::dav::bundle::Kind;
use crate::fetch::dav;
use crate::model::collection::{Change, Origin};
use crate::model::run::{Class, Part, Said};

pub(super) use push::{Pushed, push};

/// How often it is decided anew when people write at the same time.
const MOST_TRIES: usize = 20;

/// Why collections could not be brought to what a source has.
#[derive(Debug, thiserror::Error)]
pub enum MirrorError {
    #[error(transparent)]
    Archive(#[from] ArchiveError),
    #[error(transparent)]
    Config(#[from] ConfigError),
    #[error(transparent)]
    Connector(#[from] ConnectorError),
    #[error("collections cannot be written: {0}")]
    Refused(#[from] Refusal),
}

/// One source and what it fills.
pub(super) struct Mirror<'a> {
    pub outfit: &'a Outfit,
    pub collections: &'a Collections,
    pub source: &'a Source,
    pub transport: Transport,
}

/// The source that fills the collection at a path: it is to run soon when people change something
/// in there.
pub fn source_of(state: &State, path: &str) -> Option<String> {
    match &state.collection(path)?.origin {
        Origin::Source { source, .. } => Some(source.clone()),
        Origin::Own | Origin::Derived { .. } => None,
    }
}

/// Brings the collections of all sources to what the journal tells, and takes those away whose
/// source is not in moisson.toml any more: when the daemon starts, and when settings change.
pub fn renew(outfit: &Outfit, collections: &Collections) -> Result<(), MirrorError> {
    let config = config::read(&outfit.home.config)?;
    let catalogue = Catalogue::shipped()?.with_folder(&outfit.home.connectors)?;
    let archive = archive::open(&outfit.home.data)?;
    let _turn = outfit.importing.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    remove_strangers(outfit, collections, &config)?;
    for source in &config.sources {
        let service = source.connector.as_deref().and_then(|id| catalogue.service(id).ok());
        let Some(transport) = service.map(|service| service.fetch.transport) else { continue };
        let mirror = Mirror { outfit, collections, source, transport };
        if mirror.kind().is_none() {
            continue;
        }
        // One that fails stops no other.
        if let Err(error) = mirror.take(&archive, &state::read(&outfit.home.data, &source.id)) {
            tracing::error!(source = source.id, %error, "what it pulled is not in the collections yet");
        }
    }
    Ok(())
}

impl Mirror<'_> {
    /// What the source's collections hold; none for sources that fill none.
    pub fn kind(&self) -> Option<Kind> {
        match self.transport {
            Transport::Caldav | Transport::Ics => Some(Kind::Calendars),
            Transport::Carddav => Some(Kind::Cards),
            Transport::Folder | Transport::Http | Transport::Web | Transport::Mailbox => None,
        }
    }

    /// Brings the collections to what the journal tells; what is to be told of it. `fetched` is what
    /// runs of the source left: it names collections in which there is nothing.
    pub fn take(&self, archive: &Archive, fetched: &crate::fetch::State) -> Result<Vec<Part>, MirrorError> {
        let last = archive.journal.last();
        let known: Known = state::read_mirror(&self.outfit.home.data, &self.source.id);
        let mut known = known.held_against(&self.collections.state(), last.0);
        let mut upstream = if known.seq < last.0 { self.hear(archive, Seq(known.seq))? } else { Upstream::new() };
        self.add_empty(fetched, &known, &mut upstream);
        let before = known.clone();
        let mut told = Vec::new();
        for (slug, heard) in &upstream {
            told.extend(self.write(slug, heard, &mut known)?);
        }
        known.seq = last.0;
        if known != before {
            self.keep(&known);
        }
        Ok(told)
    }

    fn known(&self) -> Known {
        let known: Known = state::read_mirror(&self.outfit.home.data, &self.source.id);
        known.held_against(&self.collections.state(), u64::MAX)
    }

    fn keep(&self, known: &Known) {
        if let Err(error) = state::write_mirror(&self.outfit.home.data, &self.source.id, known) {
            tracing::warn!(source = self.source.id, %error, "what is known of its collections cannot be written");
        }
    }

    /// What documents after a line of the journal tell.
    fn hear(&self, archive: &Archive, after: Seq) -> Result<Upstream, MirrorError> {
        let is_published = self.transport == Transport::Ics;
        let mut upstream = Upstream::new();
        for document in self.documents(archive, after)? {
            match archive.read(&document.sha256) {
                Ok(bytes) => hear(&mut upstream, &bytes, document.shows.as_ref(), is_published),
                // `verify` tells of it; what the others tell is enough to go on.
                Err(error) => tracing::warn!(source = self.source.id, %error, "a document is not there"),
            }
        }
        Ok(upstream)
    }

    fn documents(&self, archive: &Archive, after: Seq) -> Result<Vec<Document>, MirrorError> {
        let mut documents = Vec::new();
        for line in archive.journal.entries()? {
            let line = line?;
            if let (true, Entry::Document(document)) = (line.seq > after, line.entry)
                && document.source.as_ref() == Some(&self.source.id)
            {
                documents.push(document);
            }
        }
        Ok(documents)
    }

    /// Collections in which nothing ever was: people may want to write there.
    fn add_empty(&self, fetched: &crate::fetch::State, known: &Known, upstream: &mut Upstream) {
        let (Some(kind), true) = (self.kind(), self.transport != Transport::Ics) else { return };
        let slugs: BTreeSet<&str> = known.collections.values().map(|it| it.slug.as_str()).collect();
        let new = dav::collections_of(fetched).into_iter().filter(|(slug, _)| !slugs.contains(slug));
        let new: Vec<_> = new.filter(|(slug, _)| !upstream.contains_key(*slug)).collect();
        upstream.extend(new.into_iter().map(|(slug, name)| (slug.to_owned(), Heard::empty(kind, name))));
    }

    /// Writes what has changed in one collection, however often people write meanwhile.
    fn write(&self, slug: &str, heard: &Heard, known: &mut Known) -> Result<Option<Part>, MirrorError> {
        for _ in 0..MOST_TRIES {
            let (path, seen) = self.look(slug, heard.kind);
            let mut mirrored = known.collections.get(&path).cloned().unwrap_or_default();
            let is_known = known.collections.contains_key(&path);
            let place = Place {
                path: &path,
                collection: seen.as_ref(),
                is_two_way: self.is_two_way(),
                is_published: self.transport == Transport::Ics,
                is_lost: seen.is_some() && !is_known,
            };
            let decided = apply(&place, heard, &mut mirrored, self.collections)?;
            let changes = self.changes(&place, slug, heard, &mut mirrored, &decided);
            let what = What::OwnSince { path: path.clone(), seq: seen.as_ref().map(|seen| seen.seq), changes };
            match self.collections.write(Write { what, conditions: Conditions::default(), by: None }) {
                Ok(_) => {
                    mirrored.token = self.token(&path);
                    known.collections.insert(path, mirrored);
                    return Ok(told(heard.name.as_deref().unwrap_or(slug), &decided));
                }
                Err(Refusal::Precondition) => {}
                Err(refusal) => return Err(refusal.into()),
            }
        }
        Err(Refusal::Precondition.into())
    }

    fn token(&self, path: &str) -> String {
        self.collections.state().collection(path).map(|collection| collection.token().to_string()).unwrap_or_default()
    }

    fn is_two_way(&self) -> bool {
        self.source.two_way && self.transport != Transport::Ics
    }

    fn look(&self, slug: &str, kind: Kind) -> (String, Option<Seen>) {
        let state = self.collections.state();
        let path = naming::path(&state, kind, &self.source.id, slug);
        let seen = state.collection(&path).map(Seen::of);
        (path, seen)
    }

    /// What was decided of the members, and what is new of the collection itself.
    fn changes(
        &self,
        place: &Place<'_>,
        slug: &str,
        heard: &Heard,
        mirrored: &mut Mirrored,
        decided: &Decided,
    ) -> Vec<Change> {
        let mut changes = Vec::new();
        let properties = |name, colour| naming::properties(name, colour);
        let (name, colour) = (heard.name.as_deref(), heard.colour.as_deref());
        if let Some(seen) = place.collection {
            mirrored.id.clone_from(&seen.id);
            let new_name = name.filter(|name| mirrored.name.as_deref() != Some(name));
            let new_colour = colour.filter(|colour| mirrored.colour.as_deref() != Some(colour));
            let set = properties(new_name, new_colour);
            let (path, name, removed) = (place.path.to_owned(), None, Vec::new());
            changes.extend((!set.is_empty()).then_some(Change::Set { path, name, set, removed }));
        } else {
            let named = name.unwrap_or(if slug.is_empty() { &self.source.id } else { slug });
            let origin = naming::origin(&self.source.id, slug);
            let change = made(place.path, naming::of(heard.kind), origin, properties(Some(named), colour));
            if let Change::Made { id, .. } = &change {
                mirrored.id.clone_from(id);
            }
            changes.push(change);
        }
        slug.clone_into(&mut mirrored.slug);
        mirrored.name = heard.name.clone().or(mirrored.name.take());
        mirrored.colour = heard.colour.clone().or(mirrored.colour.take());
        changes.extend(decided.changes.iter().map(|change| self.with_device(change)));
        changes
    }

    /// A conflict names the device that wrote what lost; only the log knows it.
    fn with_device(&self, change: &Change) -> Change {
        let mut change = change.clone();
        if let Change::Conflict { path, name, by, .. } = &mut change {
            *by = device(&self.outfit.home.data, path, name);
        }
        change
    }
}

/// Who last wrote or deleted a member.
fn device(data: &std::path::Path, at: &str, member: &str) -> Option<String> {
    let mut last = None;
    for line in archive::logged(data, LogOf::Collections).ok()??.flatten() {
        if let Entry::Collection(change) = line.entry
            && let Change::Put { path, name, by, .. } | Change::Gone { path, name, by } = *change
            && path == at
            && name == member
        {
            last = by;
        }
    }
    last
}

fn remove_strangers(outfit: &Outfit, collections: &Collections, config: &Config) -> Result<(), MirrorError> {
    let mut removed = Vec::new();
    let mut sources = BTreeSet::new();
    for (path, collection) in collections.state().collections() {
        if let Origin::Source { source, .. } = &collection.origin
            && config.source(source).is_none()
        {
            removed.push(Change::Removed { path: path.to_owned() });
            sources.insert(source.clone());
        }
    }
    if removed.is_empty() {
        return Ok(());
    }
    collections.write(Write { what: What::Own(removed), conditions: Conditions::default(), by: None })?;
    for source in &sources {
        state::forget_mirror(&outfit.home.data, source);
    }
    Ok(())
}

fn told(name: &str, decided: &Decided) -> Option<Part> {
    let n = decided.conflicts.len();
    let message = Said::new(
        format!("{n} changed both here and at the server: both versions are kept, see `moisson conflict list`"),
        format!("{n} ont changé ici et sur le serveur : les deux versions sont gardées, voir `moisson conflict list`"),
    );
    (n > 0).then(|| Part { name: name.to_owned(), outcome: Class::Expectation, message })
}
