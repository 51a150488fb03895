//! What people say: into the journal first, from there into the warehouse, then shown.
//!
//! The tables of facts are replaced whole by what the journal tells: there are few of them.

use jiff::tz::Offset;

use crate::archive::Entry;
use crate::model::said::{Field, Subject};
use crate::warehouse::{Facts, Told};

use super::report::{DocumentReport, Outcome};
use super::walk::{Progress, again, catch_up, refresh};
use super::world::{ImportError, World};

/// Writes what somebody said into the journal, and shows it: the layers run, the snapshot is
/// published. A document that is vouched for is read again.
///
/// Reports are of documents that an interrupted import left, and of those that are read again.
pub fn say(
    mut world: World,
    said: &[Entry],
    progress: &mut dyn Progress,
) -> Result<(World, Vec<DocumentReport>), ImportError> {
    let mut reports = catch_up(&mut world, progress)?;
    world.archive.journal.append_all(world.now, said)?;
    load(&mut world)?;
    for sha256 in said.iter().filter_map(vouched_for) {
        reports.extend(again(&mut world, sha256, progress)?);
    }
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
            Entry::Document(_) | Entry::Note(_) | Entry::Unknown { .. } => {}
        }
    }
    Ok(world.warehouse.set_facts(&facts)?)
}

/// The document that an entry says is to be believed.
fn vouched_for(entry: &Entry) -> Option<&str> {
    match entry {
        Entry::Choice(choice) if choice.subject == Subject::Document && choice.field == Field::Accepted => {
            Some(&choice.subject_id)
        }
        _ => None,
    }
}
