//! The walk of documents: kept, recognised, read, loaded; then the layers run and the snapshot
//! is published.

use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use jiff::civil::Date;
use jiff::tz::{Offset, TimeZone};
use jiff::{Timestamp, ToSpan};

use crate::archive::{Document, Entry};
use crate::config::Source;
use crate::connector::{Recognised, fit_of, recognise};
use crate::decode::glimpse::{Look, look};
use crate::decode::sniff::Kind;
use crate::decode::zip;
use crate::map::{Bound, Scene};
use crate::model::Fault;
use crate::warehouse::{Counts, DocumentInfo, Tally, shipped_queries};

use super::household::household;
use super::inputs::Input;
use super::known::{Fingerprint, KnownDocument};
use super::report::{DocumentReport, FAULTS_SHOWN, Outcome, Read};
use super::world::{ImportError, World};
use super::{Item, Summary, read};

/// What the user asks of an import.
#[derive(Debug, Clone, Default)]
pub struct Wish {
    /// Show what would happen and change nothing.
    pub is_rehearsal: bool,
    /// Read with this connector, whatever the document looks like.
    pub connector: Option<String>,
    /// The documents belong to this source.
    pub source: Option<String>,
}

/// Is told how far the import is.
pub trait Progress {
    fn document(&mut self, at: usize, of: usize, name: &str);
    fn rows(&mut self, n: u64);
}

/// A document on its walk.
struct Walker<'a> {
    name: &'a str,
    path: Option<&'a Path>,
    bytes: &'a [u8],
    as_of: Timestamp,
    learned_at: Timestamp,
    parent: Option<&'a str>,
    /// A walk that repeats the journal writes nothing into it.
    is_replay: bool,
    source: Option<String>,
    connector: Option<String>,
    is_rehearsal: bool,
}

/// Imports documents one by one; a document that cannot be read stops no other.
pub fn import(
    world: &mut World,
    inputs: &[Input],
    wish: &Wish,
    progress: &mut dyn Progress,
) -> Result<Vec<DocumentReport>, ImportError> {
    if let Some(id) = &wish.source {
        world.config.source(id).ok_or_else(|| ImportError::UnknownSource(id.clone()))?;
    }
    if let Some(id) = &wish.connector {
        world.catalogue.find(id)?;
    }
    let mut reports = Vec::new();
    for (at, input) in inputs.iter().enumerate() {
        progress.document(at, inputs.len(), &input.name);
        let bytes = input.bytes()?;
        let walker = Walker {
            name: &input.name,
            path: input.path.as_deref(),
            bytes: &bytes,
            as_of: input.as_of,
            learned_at: world.now,
            parent: None,
            is_replay: false,
            source: wish.source.clone(),
            connector: wish.connector.clone(),
            is_rehearsal: wish.is_rehearsal,
        };
        walker.walk(world, progress, &mut reports)?;
    }
    Ok(reports)
}

/// Runs the layers over what is loaded, and publishes the snapshot.
pub fn refresh(world: World) -> Result<World, ImportError> {
    let world = refresh_layers(world)?;
    let snapshot = world.snapshot();
    let warehouse = world.warehouse.publish(&snapshot)?;
    // The list is only a short cut: an import does not fail for want of it.
    if let Err(error) = world.known.write(&world.home.data) {
        tracing::warn!(%error, "the list of known documents was not written");
    }
    Ok(World { warehouse, ..world })
}

/// Runs the layers over what is loaded.
pub(super) fn refresh_layers(mut world: World) -> Result<World, ImportError> {
    world.warehouse.set_household(&household(&world.config, world.now))?;
    world.warehouse.refresh(&shipped_queries())?;
    Ok(world)
}

/// Loads every document of the journal into the world's warehouse, in the journal's order.
pub fn replay(world: &mut World, progress: &mut dyn Progress) -> Result<Vec<DocumentReport>, ImportError> {
    let lines: Vec<_> = world.archive.journal.entries()?.collect::<Result<_, _>>()?;
    let n = lines.len();
    let mut reports = Vec::new();
    for (at, line) in lines.into_iter().enumerate() {
        let Entry::Document(document) = line.entry else { continue };
        progress.document(at, n, &document.name);
        let bytes = world.archive.read(&document.sha256)?;
        let walker = Walker {
            name: &document.name,
            path: document.origin.as_deref().map(Path::new),
            bytes: &bytes,
            as_of: document.as_of,
            learned_at: line.at,
            parent: document.parent.as_deref(),
            is_replay: true,
            source: document.source.clone(),
            connector: document.connector.clone(),
            is_rehearsal: false,
        };
        walker.walk(world, progress, &mut reports)?;
    }
    Ok(reports)
}

impl Walker<'_> {
    fn walk(
        &self,
        world: &mut World,
        progress: &mut dyn Progress,
        reports: &mut Vec<DocumentReport>,
    ) -> Result<(), ImportError> {
        let started = Instant::now();
        let sha256 = self.keep(world)?;
        let looked = if let Some(connector) = self.known_as(world, &sha256)? {
            return self.report(reports, &sha256, "", Outcome::Known { connector }, started);
        } else {
            look(self.bytes, Some(self.name))
        };
        let look = match looked {
            Ok(look) => look,
            Err(error) => {
                let outcome = self.set_aside(world, &sha256, "", Outcome::Refused(error.to_string()))?;
                return self.report(reports, &sha256, "", outcome, started);
            }
        };
        let kind = look.kind.description();
        let outcome = match look.kind {
            Kind::Zip => self.open_members(world, &sha256, progress, reports)?,
            Kind::Pdf | Kind::Binary => {
                self.set_aside(world, &sha256, kind, Outcome::Refused(format!("moisson does not read {kind}")))?
            }
            _ => self.read_table(world, &sha256, &look, progress)?,
        };
        self.report(reports, &sha256, kind, outcome, started)
    }

    fn report(
        &self,
        reports: &mut Vec<DocumentReport>,
        sha256: &str,
        kind: &'static str,
        outcome: Outcome,
        started: Instant,
    ) -> Result<(), ImportError> {
        reports.push(DocumentReport {
            name: self.name.to_owned(),
            size: self.bytes.len() as u64,
            sha256: sha256.to_owned(),
            kind,
            outcome,
            took: started.elapsed(),
        });
        Ok(())
    }

    /// The document's name in the archive, where it is kept unless this is a rehearsal.
    fn keep(&self, world: &World) -> Result<String, ImportError> {
        if self.is_rehearsal || self.is_replay {
            return Ok(crate::archive::name_of(self.bytes));
        }
        Ok(world.archive.keep(self.bytes)?.sha256)
    }

    /// The connector under which these bytes are loaded already, for the same source.
    fn known_as(&self, world: &World, sha256: &str) -> Result<Option<String>, ImportError> {
        let loaded = world.warehouse.loaded_as(sha256)?;
        let is_same = |(connector, source): &&(String, Option<String>)| *source == self.source_id(world, connector);
        Ok(loaded.iter().find(is_same).map(|(connector, _)| connector.clone()))
    }

    fn source_id(&self, world: &World, connector: &str) -> Option<String> {
        self.source.clone().or_else(|| self.source_of(world, connector).map(|source| source.id.clone()))
    }

    fn source_of<'w>(&self, world: &'w World, connector: &str) -> Option<&'w Source> {
        match &self.source {
            Some(id) => world.config.source(id),
            None => world.config.source_for(self.path.unwrap_or(Path::new(self.name)), connector),
        }
    }

    /// Writes into the journal that the document came in.
    fn note(&self, world: &mut World, sha256: &str, source: Option<&str>) -> Result<(), ImportError> {
        if self.is_rehearsal || self.is_replay {
            return Ok(());
        }
        let entry = Entry::Document(Document {
            sha256: sha256.to_owned(),
            size: self.bytes.len() as u64,
            name: self.name.to_owned(),
            as_of: self.as_of,
            source: source.map(str::to_owned),
            connector: self.connector.clone(),
            parent: self.parent.map(str::to_owned),
            origin: self.path.map(|path| path.display().to_string()),
        });
        world.archive.journal.append(self.learned_at, &entry)?;
        Ok(())
    }

    /// Members of an archive file walk like documents of their own; a replay meets them by itself.
    fn open_members(
        &self,
        world: &mut World,
        sha256: &str,
        progress: &mut dyn Progress,
        reports: &mut Vec<DocumentReport>,
    ) -> Result<Outcome, ImportError> {
        let members = match zip::members(self.bytes) {
            Ok(members) => members,
            Err(error) => {
                return self.set_aside(world, sha256, Kind::Zip.description(), Outcome::Refused(error.to_string()));
            }
        };
        self.note(world, sha256, None)?;
        if !self.is_replay {
            for member in &members {
                let inner = Walker {
                    name: &member.name,
                    bytes: &member.bytes,
                    parent: Some(sha256),
                    connector: self.connector.clone(),
                    source: self.source.clone(),
                    ..*self
                };
                inner.walk(world, progress, reports)?;
            }
        }
        Ok(Outcome::Opened { members: members.len() })
    }

    fn read_table(
        &self,
        world: &mut World,
        sha256: &str,
        look: &Look,
        progress: &mut dyn Progress,
    ) -> Result<Outcome, ImportError> {
        let catalogue = Arc::clone(&world.catalogue);
        let chosen = match &self.connector {
            Some(id) => fit_of(catalogue.find(id)?, &look.glimpse),
            None => None,
        };
        let recognised = match chosen.map_or_else(|| recognise(&catalogue, &look.glimpse), Ok) {
            Ok(recognised) => recognised,
            Err(unknown) => {
                return self.set_aside(
                    world,
                    sha256,
                    look.kind.description(),
                    Outcome::Unrecognised(Box::new(unknown)),
                );
            }
        };
        world.warehouse.forget_unread(sha256)?;
        let source = self.source_of(world, &recognised.connector.id).cloned();
        let scene = self.scene(&world.config, source.as_ref(), &recognised);
        self.note(world, sha256, source.as_ref().map(|source| source.id.as_str()))?;
        self.load(world, sha256, look, &recognised, &scene, source, progress)
    }

    fn scene<'c>(
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
        });
        let line_region = bound
            .line
            .as_ref()
            .and_then(|line| config.lines.iter().find(|known| known.number == *line)?.region.clone());
        Scene {
            connector: recognised.connector,
            zone: source
                .and_then(|source| source.time_zone.clone())
                .unwrap_or_else(|| config.household.time_zone.clone()),
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
        let mut load = world.warehouse.begin(&info)?;
        let mut stopped = None;
        let mut faults: Vec<Fault> = Vec::new();
        let mut n_faults = 0;
        let mut n_records = 0_u64;
        let result = read(self.bytes, look, recognised, scene, &mut |item| {
            if stopped.is_some() {
                return;
            }
            let pushed = match item {
                Item::Record(record, place) => {
                    n_records += 1;
                    if n_records.is_multiple_of(4096) {
                        progress.rows(4096);
                    }
                    load.push(&record, place)
                }
                Item::Fault(fault) => {
                    n_faults += 1;
                    let pushed = load.fault(&fault);
                    if faults.len() < FAULTS_SHOWN {
                        faults.push(fault);
                    }
                    pushed
                }
            };
            stopped = pushed.err();
        });
        if let Some(error) = stopped {
            return Err(error.into());
        }
        let summary = match result {
            Ok(summary) => summary,
            Err(error) => {
                load.abandon();
                return self.write_aside(world, sha256, look.kind.description(), Outcome::Refused(error.to_string()));
            }
        };
        load.document.encoding = summary.encoding.clone();
        load.document.decimal_mark = summary.decimal_mark.clone();
        load.document.date_order = summary.date_order.clone();
        load.document.covered_from = summary.covered_from;
        load.document.covered_to = summary.covered_to;
        let tally = tally(&summary);
        let counts: Counts = if self.is_rehearsal { load.rehearse(&tally)? } else { load.commit(&tally)? };
        self.remember(world, sha256, &recognised.connector.id, source.as_ref());
        Ok(Outcome::Read(Box::new(Read {
            connector: recognised.connector.id.clone(),
            connector_name: recognised.connector.name.clone(),
            reason: recognised.reason.clone(),
            source: source.map(|source| source.id),
            summary,
            counts,
            faults,
            n_faults,
        })))
    }

    /// A document that cannot be read stays in the archive, in the journal and in sight.
    fn set_aside(&self, world: &mut World, sha256: &str, kind: &str, outcome: Outcome) -> Result<Outcome, ImportError> {
        self.note(world, sha256, None)?;
        self.write_aside(world, sha256, kind, outcome)
    }

    fn write_aside(
        &self,
        world: &mut World,
        sha256: &str,
        kind: &str,
        outcome: Outcome,
    ) -> Result<Outcome, ImportError> {
        let reason = match &outcome {
            Outcome::Refused(reason) => reason.clone(),
            _ => "no connector recognises it".to_owned(),
        };
        if !self.is_rehearsal {
            let word = if matches!(outcome, Outcome::Refused(_)) { "refused" } else { "unrecognised" };
            world.warehouse.forget_unread(sha256)?;
            let info =
                DocumentInfo { connector: String::new(), kind: kind.to_owned(), reason, ..self.bare_info(sha256) };
            world.warehouse.begin(&info)?.commit(&Tally { outcome: word.to_owned(), ..Tally::default() })?;
        }
        Ok(outcome)
    }

    fn remember(&self, world: &mut World, sha256: &str, connector: &str, source: Option<&Source>) {
        if self.is_rehearsal || self.connector.is_some() {
            return;
        }
        let document = KnownDocument {
            sha256: sha256.to_owned(),
            connector: connector.to_owned(),
            source: source.map(|source| source.id.clone()),
        };
        world.known.add(Fingerprint::of(self.bytes), document);
    }

    fn info(&self, sha256: &str, look: &Look, recognised: &Recognised<'_>, source: Option<&Source>) -> DocumentInfo {
        DocumentInfo {
            kind: format!("{:?}", look.kind).to_lowercase(),
            connector: recognised.connector.id.clone(),
            connector_version: recognised.connector.version,
            reason: recognised.reason.clone(),
            source: source.map(|source| source.id.clone()),
            ..self.bare_info(sha256)
        }
    }

    fn bare_info(&self, sha256: &str) -> DocumentInfo {
        DocumentInfo {
            document: sha256.to_owned(),
            name: self.name.to_owned(),
            size: self.bytes.len() as u64,
            as_of: Offset::UTC.to_datetime(self.as_of),
            learned_at: Offset::UTC.to_datetime(self.learned_at),
            parent: self.parent.map(str::to_owned),
            ..DocumentInfo::default()
        }
    }
}

fn tally(summary: &Summary) -> Tally {
    let outcome = match (summary.rows_read, summary.rows_rejected) {
        (0, _) => "empty",
        (_, 0) => "ok",
        _ => "partial",
    };
    Tally { rows_read: summary.rows_read, rows_skipped: summary.rows_skipped, outcome: outcome.to_owned() }
}

/// Recurring events are expanded from twenty years before the document to five years after it.
fn window_around(as_of: Timestamp) -> (Date, Date) {
    let day = as_of.to_zoned(TimeZone::UTC).date();
    (day.saturating_sub(20.years()), day.saturating_add(5.years()))
}
