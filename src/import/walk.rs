//! The walk of documents: kept, recognised, read, loaded; then the layers run and the snapshot
//! is published.
//!
//! The journal comes before the warehouse. What it names and the views do not show yet (the
//! machine stopped in between, the warehouse was thrown away) is loaded before anything else.

use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::Timestamp;

use crate::archive::{ArchiveError, Document, Entry, Seq, Shows};
use crate::link;
use crate::warehouse::{Timing, shipped_queries};

use super::facts;
use super::household::household;
use super::inputs::Input;
use super::realign;
use super::report::{DocumentReport, Outcome, Refusal};
use super::runs;
use super::walker::Walker;
use super::world::{ImportError, World};

/// What the user asks of an import.
#[derive(Debug, Clone, Default)]
pub struct Wish {
    /// Read with this connector, whatever the document looks like.
    pub connector: Option<String>,
    /// The documents belong to this source.
    pub source: Option<String>,
    /// What each document may take away, where its source does not say so.
    pub shows: Option<Shows>,
}

/// The source that the household's own collections are: nobody's in moisson.toml is called so.
pub const OWN: &str = "own";

/// Is told how far the import is.
pub trait Progress {
    fn document(&mut self, at: usize, of: usize, name: &str);
    fn rows(&mut self, n: u64);
}

/// Hears nothing.
pub struct Silent;

impl Progress for Silent {
    fn document(&mut self, _: usize, _: usize, _: &str) {}
    fn rows(&mut self, _: u64) {}
}

/// Imports documents one by one; a document that cannot be read stops no other.
///
/// Documents that an interrupted import left in the journal only are loaded first, and reported.
pub fn import(
    world: &mut World,
    inputs: &[Input],
    wish: &Wish,
    progress: &mut dyn Progress,
) -> Result<Vec<DocumentReport>, ImportError> {
    if let Some(id) = wish.source.as_ref().filter(|id| *id != OWN) {
        world.config.source(id).ok_or_else(|| ImportError::UnknownSource(id.clone()))?;
    }
    if let Some(id) = &wish.connector {
        world.catalogue.find(id)?;
    }
    let mut reports = catch_up(world, progress)?;
    let mut told: Vec<(usize, DocumentReport)> = Vec::new();
    for (done, at) in in_order_of_time(inputs).into_iter().enumerate() {
        let input = &inputs[at];
        let mut reports = Vec::new();
        progress.document(done, inputs.len(), &input.name);
        let bytes = match input.bytes() {
            Ok(bytes) => bytes,
            Err(error) => {
                told.push((at, closed(input, error)));
                continue;
            }
        };
        let walker = Walker {
            name: &input.name,
            path: input.path.as_deref(),
            bytes: &bytes,
            as_of: input.as_of,
            learned_at: world.now,
            parent: None,
            is_replay: false,
            source: wish.source.clone(),
            connector: input.connector.clone().or_else(|| wish.connector.clone()),
            shows: wish.shows.clone(),
        };
        walker.walk(world, progress, &mut reports)?;
        told.extend(reports.into_iter().map(|report| (at, report)));
    }
    // They are told as they were asked for.
    told.sort_by_key(|(at, _)| *at);
    reports.extend(told.into_iter().map(|(_, report)| report));
    Ok(reports)
}

/// Positions of the documents, the oldest first: an account is then told as it went.
fn in_order_of_time(inputs: &[Input]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..inputs.len()).collect();
    order.sort_by_key(|at| inputs[*at].as_of);
    order
}

/// Runs the layers over what is loaded, and publishes the snapshot; gives how long each file took.
pub fn refresh(world: World) -> Result<(World, Vec<Timing>), ImportError> {
    let (world, timings) = refresh_layers(world)?;
    Ok((publish(world)?, timings))
}

/// Publishes the snapshot; from here on the views show the whole journal.
pub fn publish(mut world: World) -> Result<World, ImportError> {
    runs::load(&mut world)?;
    let snapshot = world.snapshot();
    let mut warehouse = world.warehouse.publish(&snapshot)?;
    // The list is only a short cut: an import does not fail for want of it.
    if let Err(error) = world.known.write(&world.home.data) {
        tracing::warn!(%error, "the list of known documents was not written");
    }
    warehouse.set_shown(world.archive.journal.last().0)?;
    Ok(World { warehouse, ..world })
}

/// Runs the layers over what is loaded.
pub fn refresh_layers(mut world: World) -> Result<(World, Vec<Timing>), ImportError> {
    world.warehouse.set_household(&household(&world.config, world.now))?;
    let timings = world.warehouse.refresh(&shipped_queries(), &link::steps())?;
    Ok((world, timings))
}

/// Loads every document of the journal into the world's warehouse, in the journal's order.
pub fn replay(world: &mut World, progress: &mut dyn Progress) -> Result<Vec<DocumentReport>, ImportError> {
    facts::load(world)?;
    let told = told_after(world, Seq(0))?;
    let mut reports = Vec::new();
    for (at, (learned_at, document)) in told.iter().enumerate() {
        progress.document(at, told.len(), &document.name);
        replay_tolerantly(world, *learned_at, document, progress, &mut reports)?;
    }
    Ok(reports)
}

/// Loads what the journal names and the views do not show. Documents that are in already are
/// passed over; one that the archive lost is reported and stops nothing.
pub(super) fn catch_up(world: &mut World, progress: &mut dyn Progress) -> Result<Vec<DocumentReport>, ImportError> {
    let shown = Seq(world.warehouse.shown()?);
    if world.archive.journal.last() <= shown {
        return Ok(Vec::new());
    }
    facts::load(world)?;
    realign::waiting(world)?;
    let told = told_after(world, shown)?;
    let mut reports = Vec::new();
    for (at, (learned_at, document)) in told.iter().enumerate() {
        progress.document(at, told.len(), &document.name);
        replay_tolerantly(world, *learned_at, document, progress, &mut reports)?;
    }
    reports.retain(|report| !matches!(report.outcome, Outcome::Known { .. }));
    Ok(reports)
}

/// The documents that lines after `seq` tell of, each with the instant at which it came in.
pub(super) fn told_after(world: &World, seq: Seq) -> Result<Vec<(Timestamp, Document)>, ImportError> {
    let mut told = Vec::new();
    for line in world.archive.journal.entries()? {
        let line = line?;
        if let (true, Entry::Document(document)) = (line.seq > seq, line.entry) {
            told.push((line.at, document));
        }
    }
    Ok(told)
}

fn replay_one(
    world: &mut World,
    learned_at: Timestamp,
    document: &Document,
    progress: &mut dyn Progress,
    reports: &mut Vec<DocumentReport>,
) -> Result<(), ImportError> {
    let bytes = world.archive.read(&document.sha256)?;
    let walker = Walker {
        name: &document.name,
        path: document.origin.as_deref().map(Path::new),
        bytes: &bytes,
        as_of: document.as_of,
        learned_at,
        parent: document.parent.as_deref(),
        is_replay: true,
        source: document.source.clone(),
        connector: document.connector.clone(),
        shows: document.shows.clone(),
    };
    walker.walk(world, progress, reports)
}

/// A file that cannot be opened: nothing of it is kept.
fn closed(input: &Input, error: std::io::Error) -> DocumentReport {
    DocumentReport {
        name: input.name.clone(),
        path: input.path.clone(),
        size: 0,
        sha256: String::new(),
        kind: None,
        outcome: Outcome::Refused(Refusal::Closed(error)),
        took: Duration::ZERO,
    }
}

/// One document that the archive lost, or whose connector is gone, is reported and stops no other.
fn replay_tolerantly(
    world: &mut World,
    learned_at: Timestamp,
    document: &Document,
    progress: &mut dyn Progress,
    reports: &mut Vec<DocumentReport>,
) -> Result<(), ImportError> {
    match replay_one(world, learned_at, document, progress, reports) {
        Err(ImportError::Archive(error @ (ArchiveError::Missing { .. } | ArchiveError::Damaged { .. }))) => {
            reports.push(refused(document, Refusal::Lost(error)));
        }
        Err(ImportError::Connector(_)) => {
            let id = document.connector.clone().unwrap_or_default();
            reports.push(refused(document, Refusal::Unfit(id)));
        }
        other => other?,
    }
    Ok(())
}

fn refused(document: &Document, refusal: Refusal) -> DocumentReport {
    DocumentReport {
        name: document.name.clone(),
        path: document.origin.as_deref().map(PathBuf::from),
        size: document.size,
        sha256: document.sha256.clone(),
        kind: None,
        outcome: Outcome::Refused(refusal),
        took: Duration::ZERO,
    }
}
