//! What people say: into the journal first, from there into the warehouse, then shown.
//!
//! The tables of facts are replaced whole by what the journal tells: there are few of them.

use jiff::tz::Offset;

use crate::archive::Entry;
use crate::warehouse::{Facts, Told};

use super::realign;
use super::report::{DocumentReport, Outcome};
use super::walk::{Progress, catch_up, refresh};
use super::world::{ImportError, World};

/// Writes what somebody said into the journal, and shows it: the layers run, the snapshot is
/// published. The accounts of a document that is vouched for are
/// told anew.
///
/// Reports are of documents that an interrupted import left.
pub fn say(
    mut world: World,
    said: &[Entry],
    progress: &mut dyn Progress,
) -> Result<(World, Vec<DocumentReport>), ImportError> {
    let mut reports = catch_up(&mut world, progress)?;
    world.archive.journal.append_all(world.now, said)?;
    load(&mut world)?;
    realign::waiting(&mut world)?;
    reports.retain(|report| !matches!(report.outcome, Outcome::Known { .. }));
    Ok((refresh(world)?.0, reports))
}

/// Loads what the journal tells of people's words. A rehearsal has no journal of its own and
/// keeps what its copy holds.
pub(super) fn load(world: &mut World) -> Result<(), ImportError> {
    if world.is_rehearsal() {
        return Ok(());
    }
    let mut facts = Facts::default();
    for line in world.archive.journal.entries()? {
        let line = line?;
        let (seq, at) = (line.seq.0, Offset::UTC.to_datetime(line.at));
        match line.entry {
            Entry::Verdict(said) => facts.verdicts.push(Told { seq, at, said }),
            Entry::Choice(said) => facts.choices.push(Told { seq, at, said }),
            Entry::Document(_)
            | Entry::Note(_)
            | Entry::Unknown { .. }
            | Entry::Started(_)
            | Entry::Run(_)
            | Entry::Paused(_)
            | Entry::Defined(_)
            | Entry::Told(_)
            | Entry::Collection(_) => {}
        }
    }
    Ok(world.warehouse.set_facts(&facts)?)
}
