//! The log of runs, poured into `landing.runs`.

use crate::archive::{self, Entry};

use super::{ImportError, World};

/// Adds what the log tells and the warehouse does not know yet.
pub(super) fn load(world: &mut World) -> Result<(), ImportError> {
    // A rehearsal has no log of its own.
    if world.is_rehearsal() {
        return Ok(());
    }
    let known = world.warehouse.last_run()?;
    let mut runs = Vec::new();
    for line in archive::logged(&world.home.data, archive::LogOf::Runs)?.into_iter().flatten() {
        // A damaged log of runs is told by `verify`; it keeps no document out.
        let Ok(line) = line.inspect_err(|error| tracing::warn!(%error, "a line of the log of runs is damaged")) else {
            continue;
        };
        if let (true, Entry::Run(run)) = (line.seq.0 > known, line.entry) {
            runs.push((line.seq.0, *run));
        }
    }
    Ok(world.warehouse.add_runs(&runs)?)
}
