//! The second half of a run: documents imported, views joined and published, state kept.
//!
//! The order is what makes a crash harmless: documents, then what the run leaves, then its line
//! in the log. Cut anywhere, the next run asks again for what it has, and finds it known.

use std::time::{Duration, Instant};

use jiff::Span;

use super::fetching::{self, Fetched};
use super::mirror::Mirror;
use super::outcome::{self, Came, Expected};
use super::{Ended, Outfit, state};
use crate::archive::{self, Archive, ArchiveError, Entry};
use crate::fetch::{Failure, State, folder};
use crate::import::{self, DocumentReport, ImportError, Input, Outcome, Silent, Wish, World};
use crate::model::run::{Class, Part, Run, Said};
use crate::warehouse::WarehouseError;

/// How long a run waits for another process to leave the home.
const PATIENCE: Duration = Duration::from_secs(600);

pub(super) fn store(outfit: &Outfit, fetched: Fetched, run: Run) -> Result<Ended, ArchiveError> {
    let run = with_costs(run, &fetched);
    if fetched.harvest.documents.is_empty() {
        return Ok(finish_empty(outfit, fetched, run));
    }
    // What was spent of a budget is spent, whatever becomes of the documents.
    fetching::keep(outfit, &run.source, &fetched.state.clone().spent(&fetched.earlier));
    match import_all(outfit, &fetched, run.clone()) {
        Ok(run) => Ok(Ended { run, is_told: true }),
        Err(ImportError::Archive(error)) if !is_passing(&error) => Err(error),
        Err(error) => Ok(outcome::of_failure(run, of_import(&error), (outfit.clock)())),
    }
}

fn with_costs(mut run: Run, fetched: &Fetched) -> Run {
    run.failed.clone_from(&fetched.harvest.failed);
    run.failed.extend(fetched.pushed.failed.iter().cloned());
    run.n_requests = fetched.harvest.n_requests + fetched.pushed.n_requests;
    run.n_bytes = fetched.harvest.n_bytes + fetched.pushed.n_bytes;
    run.quota_left = fetched.harvest.quota_left;
    run.consent_until = fetched.state.consent_until;
    run
}

/// Nothing came: the warehouse is not even opened.
fn finish_empty(outfit: &Outfit, mut fetched: Fetched, mut run: Run) -> Ended {
    let within = within(&fetched);
    let expected = expected(&mut fetched.state, within, Vec::new(), &Came::default(), &run);
    // Files whose move failed after an earlier run are tried again.
    run.failed.extend(folder::finish(&fetched.harvest));
    if let Ok(archive) = archive::open(&outfit.home.data) {
        run.failed.extend(mirror(outfit, &fetched, &archive));
    }
    let mut run = outcome::of_import(run, &Came::default(), &expected, fetched.service.fetch.transport);
    run.ended_at = (outfit.clock)();
    fetching::keep(outfit, &run.source, &fetched.state);
    match publish_what_waits(outfit) {
        Ok(()) => Ended { run, is_told: false },
        Err(error) => outcome::of_failure(run, of_import(&error), (outfit.clock)()),
    }
}

/// Brings the collections of the source to what came; they are served whether or not that succeeds.
fn mirror(outfit: &Outfit, fetched: &Fetched, archive: &Archive) -> Vec<Part> {
    let Some(collections) = outfit.collections() else { return Vec::new() };
    let transport = fetched.service.fetch.transport;
    let mirror = Mirror { outfit, collections, source: &fetched.source, transport };
    if mirror.kind().is_none() {
        return Vec::new();
    }
    mirror.take(archive, &fetched.state).unwrap_or_else(|error| {
        tracing::error!(source = fetched.source.id, %error, "what came is not in the collections yet");
        Vec::new()
    })
}

/// Publishes what an earlier run brought in and could not publish.
fn publish_what_waits(outfit: &Outfit) -> Result<(), ImportError> {
    if !state::is_unpublished(&outfit.home.data) {
        return Ok(());
    }
    let mut world = open(outfit)?;
    import::import(&mut world, &[], &Wish::default(), &mut Silent)?;
    import::refresh(world)?;
    state::published(&outfit.home.data);
    Ok(())
}

fn import_all(outfit: &Outfit, fetched: &Fetched, mut run: Run) -> Result<Run, ImportError> {
    let mut world = open(outfit)?;
    state::unpublished(&outfit.home.data);
    let wish = Wish { source: Some(run.source.clone()), ..Wish::default() };
    let inputs: Vec<Input> = fetched.harvest.documents.iter().map(Input::fetched).collect();
    let reports = import::import(&mut world, &inputs, &wish, &mut Silent)?;
    run.failed.extend(mirror(outfit, fetched, &world.archive));
    let came = Came::of(&reports);
    let has_changed = reports.iter().any(is_change) || world.is_behind()?;
    let world = if has_changed { import::refresh_layers(world)?.0 } else { world };
    let broken = if has_changed { newly_broken(outfit, &world)? } else { Vec::new() };
    // What nobody could read is asked for again; files of people's own stay as they are.
    let is_read = came.unread.is_empty() || outcome::is_peoples(fetched.service.fetch.transport);
    let mut left = if is_read { fetched.state.clone() } else { fetched.state.clone().spent(&fetched.earlier) };
    let expected = expected(&mut left, within(fetched), broken, &came, &run);
    fetching::keep(outfit, &run.source, &left);
    run.failed.extend(folder::finish(&fetched.harvest));
    let mut run = outcome::of_import(run, &came, &expected, fetched.service.fetch.transport);
    run.ended_at = (outfit.clock)();
    outfit.tell(&Entry::Run(Box::new(run.clone())))?;
    if has_changed {
        import::publish(world)?;
    }
    state::published(&outfit.home.data);
    Ok(run)
}

/// Makes the views for the day, where there is anything to show.
pub fn renew(outfit: &Outfit) -> Result<(), ImportError> {
    if !outfit.home.data.join(import::SNAPSHOT).exists() {
        return Ok(());
    }
    let _turn = outfit.importing.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    import::refresh(open(outfit)?).map(|_| ())
}

/// Waits its turn: somebody may be importing by hand.
pub(super) fn open(outfit: &Outfit) -> Result<World, ImportError> {
    let since = Instant::now();
    loop {
        match World::open(outfit.home.clone(), (outfit.clock)()) {
            Err(error) if is_busy(&error) && since.elapsed() < PATIENCE => {
                std::thread::sleep(Duration::from_millis(200));
            }
            other => return other,
        }
    }
}

fn is_busy(error: &ImportError) -> bool {
    matches!(
        error,
        ImportError::Archive(ArchiveError::Busy { .. }) | ImportError::Warehouse(WarehouseError::Busy { .. })
    )
}

fn is_passing(error: &ArchiveError) -> bool {
    matches!(error, ArchiveError::Busy { .. } | ArchiveError::NoRoom { .. } | ArchiveError::Changed { .. })
}

fn is_change(report: &DocumentReport) -> bool {
    matches!(report.outcome, Outcome::Read(_) | Outcome::Unrecognised(_) | Outcome::Refused(_))
}

/// The checks that have more offenders than after the run before.
fn newly_broken(outfit: &Outfit, world: &World) -> Result<Vec<String>, ImportError> {
    let data = &outfit.home.data;
    let before = state::read_checks(data);
    let now: std::collections::BTreeMap<String, u64> =
        world.warehouse.checks()?.into_iter().map(|check| (check.name, check.offenders)).collect();
    let is_first = before.is_empty();
    let grown = now.iter().filter(|(name, n)| **n > before.get(*name).copied().unwrap_or_default());
    let broken = if is_first { Vec::new() } else { grown.map(|(name, _)| name.clone()).collect() };
    if let Err(error) = state::write_checks(data, &now) {
        tracing::warn!(%error, "what the checks came to cannot be written");
    }
    Ok(broken)
}

/// What is expected, and in `left` since when: the first run counts as having brought something.
fn expected(left: &mut State, within: Option<Span>, broken: Vec<String>, came: &Came, run: &Run) -> Expected {
    if came.rows_new + came.rows_amended > 0 || left.came_at.is_none() {
        left.came_at = Some(run.started_at);
    }
    Expected { broken, came_at: left.came_at, within }
}

/// Within which time something new is expected: what the source says goes before its service.
fn within(fetched: &Fetched) -> Option<Span> {
    fetched.source.expects_within.or(fetched.service.fetch.expects_within)
}

/// What stopped the import, and whose turn it is.
fn of_import(error: &ImportError) -> Failure {
    let class = match error {
        ImportError::Config(_) | ImportError::Connector(_) | ImportError::UnknownSource(_) => Class::Config,
        ImportError::Archive(_)
        | ImportError::Warehouse(_)
        | ImportError::Unreadable { .. }
        | ImportError::Unwritable { .. } => Class::Retry,
    };
    let what = error.to_string();
    let what = what.lines().next().unwrap_or_default();
    Failure::new(
        class,
        Said::new(format!("it could not be imported: {what}"), format!("l'import n'a pas pu se faire : {what}")),
    )
}
