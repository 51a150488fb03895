//! One document on its walk: its bytes kept, recognised, told to the journal, read and loaded.
//!
//! What comes before and after the documents (which of them, the layers, the snapshot) is the
//! business of `walk`.

use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use jiff::civil::Date;
use jiff::tz::{Offset, TimeZone};
use jiff::{Timestamp, ToSpan};

use crate::archive::{self, Document, Kept, Shows};
use crate::config::Source;
use crate::connector::{Catalogue, Connector, Recognised, fit_of, recognise};
use crate::decode::glimpse::{Look, look};
use crate::decode::read::encoding;
use crate::decode::sniff::Kind;
use crate::decode::zip;
use crate::map::{Bound, Scene};
use crate::warehouse::{Counts, DocumentInfo, Quarantine, Tally};

use super::known::{Fingerprint, KnownDocument};
use super::pouring::{self, Poured};
use super::report::{DocumentReport, Outcome, Read, Refusal};
use super::walk::{OWN, Progress};
use super::world::{ImportError, World};
use super::{names, pointing, read, realign, shows};

/// A document on its walk.
pub(super) struct Walker<'a> {
    pub name: &'a str,
    pub path: Option<&'a Path>,
    pub bytes: &'a [u8],
    pub as_of: Timestamp,
    pub learned_at: Timestamp,
    pub parent: Option<&'a str>,
    /// A walk that repeats the journal writes nothing into it.
    pub is_replay: bool,
    pub source: Option<String>,
    pub connector: Option<String>,
    /// What it may take away: for a replay what the journal says, else where its source does not.
    pub shows: Option<Shows>,
}

impl Walker<'_> {
    /// Walks it to its end, and says in `reports` what became of it and of what it holds.
    pub fn walk(
        &self,
        world: &mut World,
        progress: &mut dyn Progress,
        reports: &mut Vec<DocumentReport>,
    ) -> Result<(), ImportError> {
        let started = Instant::now();
        let kept = self.keep(world)?;
        let (kind, outcome) = match self.known_as(world, &kept.sha256)? {
            Some(connector) => (None, Outcome::Known { connector }),
            None => self.take_in(world, &kept, progress, reports)?,
        };
        // A member's path is that of the file which holds it: it would mislead.
        let path = self.path.filter(|_| self.parent.is_none());
        reports.push(DocumentReport {
            name: self.name.to_owned(),
            path: path.map(Path::to_path_buf),
            size: kept.size,
            sha256: kept.sha256,
            kind,
            outcome,
            took: started.elapsed(),
        });
        Ok(())
    }

    /// What bytes that were not known are, and what became of them.
    fn take_in(
        &self,
        world: &mut World,
        kept: &Kept,
        progress: &mut dyn Progress,
        reports: &mut Vec<DocumentReport>,
    ) -> Result<(Option<Kind>, Outcome), ImportError> {
        let look = match look(self.bytes, Some(self.name)) {
            Ok(look) => look,
            Err(error) => return Ok((None, self.set_aside(world, kept, "", Outcome::Refused(error.into()))?)),
        };
        let outcome = match look.kind {
            Kind::Zip => self.open_members(world, kept, progress, reports)?,
            kind @ (Kind::Pdf | Kind::Binary) => {
                self.set_aside(world, kept, kind.description(), Outcome::Refused(Refusal::NoReader(kind)))?
            }
            _ => self.read_table(world, kept, &look, progress)?,
        };
        Ok((Some(look.kind), outcome))
    }

    /// The document in the archive, where it is kept unless this is a rehearsal.
    fn keep(&self, world: &World) -> Result<Kept, ImportError> {
        if world.is_rehearsal() || self.is_replay {
            let size = self.bytes.len() as u64;
            return Ok(Kept { sha256: archive::name_of(self.bytes), size, is_new: false });
        }
        Ok(world.archive.keep(self.bytes)?)
    }

    /// The connector under which these bytes are loaded already, for the same source and under a name
    /// that tells it the same.
    fn known_as(&self, world: &mut World, sha256: &str) -> Result<Option<String>, ImportError> {
        for (connector, source, name) in world.warehouse.loaded_as(sha256)? {
            // The warehouse has the last name only; the journal, but for a replay, what is in.
            if source == self.source_id(world, &connector)
                && (names::is_among(&world.catalogue, &connector, self.name, std::iter::once(&*name))
                    || !self.is_replay && world.has_told(sha256, self.name, &connector)?)
            {
                return Ok(Some(connector));
            }
        }
        Ok(None)
    }

    fn source_id(&self, world: &World, connector: &str) -> Option<String> {
        self.source.clone().or_else(|| self.source_of(world, connector).map(|source| source.id.clone()))
    }

    pub(super) fn source_of<'w>(&self, world: &'w World, connector: &str) -> Option<&'w Source> {
        match &self.source {
            Some(id) => world.config.source(id),
            None => world.config.source_for(self.path.unwrap_or(Path::new(self.name)), connector),
        }
    }

    /// Writes into the journal that the document came in, unless a line says so already.
    fn note(
        &self,
        world: &mut World,
        kept: &Kept,
        source: Option<&str>,
        shows: Option<Shows>,
        connector: Option<&str>,
    ) -> Result<(), ImportError> {
        if world.is_rehearsal() || self.is_replay {
            return Ok(());
        }
        let document = Document {
            sha256: kept.sha256.clone(),
            size: kept.size,
            name: self.name.to_owned(),
            as_of: self.as_of,
            source: source.map(str::to_owned),
            connector: self.connector.clone(),
            parent: self.parent.map(str::to_owned),
            origin: self.path.map(|path| path.display().to_string()),
            shows,
        };
        if kept.is_new || !world.has_noted(&document, connector)? {
            world.note(self.learned_at, document)?;
        }
        Ok(())
    }

    /// Members of an archive file walk like documents of their own; a replay meets them by itself.
    /// The file's own line comes last: once it is there, everything in it is.
    fn open_members(
        &self,
        world: &mut World,
        kept: &Kept,
        progress: &mut dyn Progress,
        reports: &mut Vec<DocumentReport>,
    ) -> Result<Outcome, ImportError> {
        let members = match zip::members(self.bytes) {
            Ok(members) => members,
            Err(error) => {
                return self.set_aside(world, kept, Kind::Zip.description(), Outcome::Refused(error.into()));
            }
        };
        if !self.is_replay {
            for member in &members {
                let inner = Walker {
                    name: &member.name,
                    bytes: &member.bytes,
                    parent: Some(&kept.sha256),
                    connector: self.connector.clone(),
                    source: self.source.clone(),
                    shows: None,
                    ..*self
                };
                inner.walk(world, progress, reports)?;
            }
        }
        self.note(world, kept, None, None, None)?;
        Ok(Outcome::Opened { members: members.len() })
    }

    fn read_table(
        &self,
        world: &mut World,
        kept: &Kept,
        look: &Look,
        progress: &mut dyn Progress,
    ) -> Result<Outcome, ImportError> {
        let sha256 = &kept.sha256;
        let catalogue = Arc::clone(&world.catalogue);
        let found = match &self.connector {
            Some(id) => {
                fit_of(catalogue.find(id)?, &look.glimpse).ok_or_else(|| Outcome::Refused(Refusal::Unfit(id.clone())))
            }
            None => recognise(&catalogue, &look.glimpse).map_err(|unknown| Outcome::Unrecognised(Box::new(unknown))),
        };
        let recognised = match found {
            Ok(recognised) => recognised,
            Err(outcome) => return self.set_aside(world, kept, look.kind.description(), outcome),
        };
        let source = self.source_of(world, &recognised.connector.id).cloned();
        let mut scene = self.scene(&world.config, source.as_ref(), &recognised);
        let shows = self.shows(&catalogue, source.as_ref());
        let source_id = self.source.as_deref().or(source.as_ref().map(|source| source.id.as_str()));
        shows::bind(shows.as_ref(), source_id, &mut scene.bound);
        self.note(world, kept, source_id, shows, Some(recognised.connector.id.as_str()))?;
        self.load(world, sha256, look, &recognised, &scene, source, progress)
    }

    pub(super) fn scene<'c>(
        &self,
        config: &crate::config::Config,
        source: Option<&Source>,
        recognised: &Recognised<'c>,
    ) -> Scene<'c> {
        let bound = source.map_or_else(Bound::default, |source| Bound {
            account: source.account.clone(),
            line: source.line.clone(),
            meter: source.meter.clone(),
            book: source.book.clone(),
            calendar: source.calendar.clone(),
            is_whole: false,
            collections: None,
        });
        let line_region = bound
            .line
            .as_ref()
            .and_then(|line| config.lines.iter().find(|known| known.number == *line)?.region.clone());
        let zone =
            source.and_then(|source| source.time_zone.clone()).unwrap_or_else(|| config.household.time_zone.clone());
        Scene {
            connector: recognised.connector,
            as_of: self.as_of.to_zoned(zone.clone()).date(),
            zone,
            region: line_region.unwrap_or_else(|| config.household.region.clone()),
            currency: config.household.currency.clone(),
            window: window_around(self.as_of),
            bound,
        }
    }

    #[expect(clippy::too_many_arguments, reason = "the walk's state, taken apart for the borrow of the warehouse")]
    fn load(
        &self,
        world: &mut World,
        sha256: &str,
        look: &Look,
        recognised: &Recognised<'_>,
        scene: &Scene<'_>,
        source: Option<Source>,
        progress: &mut dyn Progress,
    ) -> Result<Outcome, ImportError> {
        let info = self.info(sha256, look, recognised, source.as_ref());
        let is_rehearsal = world.is_rehearsal();
        let mut load = world.warehouse.begin(&info)?;
        // The archive of a rehearsal is empty: there is nothing to align anew from.
        load.is_latest = is_rehearsal;
        load.ids_are_stable = has_stable_ids(recognised.connector);
        load.is_partial = recognised.connector.layout.is_partial;
        let mut poured = Poured::default();
        let result = read(self.bytes, look, recognised, scene, &mut |item| poured.take(item, &mut load, progress));
        if let Some(error) = poured.stopped {
            return Err(error.into());
        }
        let summary = match result {
            Ok(summary) => summary,
            Err(error) => {
                load.abandon();
                return self.write_aside(world, sha256, look.kind.description(), Outcome::Refused(error.into()));
            }
        };
        if look.kind.is_text() {
            pointing::point(&mut poured.faults, self.bytes, &encoding(self.bytes, recognised.connector));
        }
        load.document.encoding.clone_from(&summary.encoding);
        load.document.decimal_mark.clone_from(&summary.decimal_mark);
        load.document.date_order.clone_from(&summary.date_order);
        load.document.covered_from = summary.covered_from;
        load.document.covered_to = summary.covered_to;
        load.coverage = summary.coverage();
        let mut counts: Counts = load.commit(&pouring::tally(&summary))?;
        for account in std::mem::take(&mut counts.waiting) {
            counts.add_realigned(&realign::account(world, &account, Some((sha256, self.bytes)))?);
        }
        poured.tell(counts.quarantined.iter().map(Quarantine::fault));
        self.remember(world, sha256, recognised.connector, source.as_ref());
        Ok(Outcome::Read(Box::new(Read {
            connector: recognised.connector.id.clone(),
            connector_name: recognised.connector.name.clone(),
            reason: recognised.reason.clone(),
            source: source.map(|source| source.id),
            summary,
            counts,
            faults: poured.faults,
            n_faults: poured.n_faults,
        })))
    }

    /// What it may take away, by its source where nobody says it; a replay does what was done.
    fn shows(&self, catalogue: &Catalogue, source: Option<&Source>) -> Option<Shows> {
        let said = || shows::of_source(catalogue, source?);
        if self.is_replay { self.shows.clone() } else { self.shows.clone().or_else(said) }
    }

    /// A document that cannot be read stays in the archive, in the journal and in sight.
    fn set_aside(&self, world: &mut World, kept: &Kept, kind: &str, outcome: Outcome) -> Result<Outcome, ImportError> {
        let source = self.source.as_deref().and_then(|id| world.config.source(id));
        let shows = self.shows(&world.catalogue, source);
        self.note(world, kept, self.source.as_deref(), shows, None)?;
        self.write_aside(world, &kept.sha256, kind, outcome)
    }

    fn write_aside(
        &self,
        world: &mut World,
        sha256: &str,
        kind: &str,
        outcome: Outcome,
    ) -> Result<Outcome, ImportError> {
        let reason = match &outcome {
            Outcome::Refused(refusal) => refusal.to_string(),
            _ => "no connector recognises it".to_owned(),
        };
        let code = if matches!(outcome, Outcome::Refused(_)) { "refused" } else { "unrecognised" };
        let info = DocumentInfo { connector: String::new(), kind: kind.to_owned(), reason, ..self.bare_info(sha256) };
        world.warehouse.begin(&info)?.commit(&Tally { outcome: code.to_owned(), ..Tally::default() })?;
        Ok(outcome)
    }

    /// Only what its bytes alone tell is known by them.
    fn remember(&self, world: &mut World, sha256: &str, connector: &Connector, source: Option<&Source>) {
        if self.connector.is_some() || !names::said(connector, self.name).is_empty() {
            return;
        }
        let document = KnownDocument {
            sha256: sha256.to_owned(),
            connector: connector.id.clone(),
            source: source.map(|source| source.id.clone()),
        };
        world.known.add(Fingerprint::of(self.bytes), document);
    }

    fn info(&self, sha256: &str, look: &Look, recognised: &Recognised<'_>, source: Option<&Source>) -> DocumentInfo {
        DocumentInfo {
            kind: format!("{:?}", look.kind).to_lowercase(),
            connector: recognised.connector.id.clone(),
            connector_version: recognised.connector.version,
            reason: recognised.reason.to_string(),
            source: source.map(|source| source.id.clone()).or_else(|| self.source.clone().filter(|id| id == OWN)),
            ..self.bare_info(sha256)
        }
    }

    fn bare_info(&self, sha256: &str) -> DocumentInfo {
        DocumentInfo {
            document: sha256.to_owned(),
            name: self.name.to_owned(),
            size: self.bytes.len() as u64,
            // The store keeps microseconds: finer times would not compare equal to themselves.
            as_of: Offset::UTC
                .to_datetime(Timestamp::from_microsecond(self.as_of.as_microsecond()).unwrap_or(self.as_of)),
            learned_at: Offset::UTC.to_datetime(self.learned_at),
            parent: self.parent.map(str::to_owned),
            ..DocumentInfo::default()
        }
    }
}

/// Whether the connector says that the bank's identifiers of movements can be relied on.
pub(super) fn has_stable_ids(connector: &Connector) -> bool {
    let mut movements = connector.sections.iter().flat_map(|section| &section.columns.transactions.0);
    movements.any(|columns| columns.has_stable_ids)
}

/// Recurring events are expanded from twenty years before the document to five years after it.
fn window_around(as_of: Timestamp) -> (Date, Date) {
    let day = as_of.to_zoned(TimeZone::UTC).date();
    (day.saturating_sub(20.years()), day.saturating_add(5.years()))
}
