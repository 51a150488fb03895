//! Rebuilding: the warehouse again from the archive and the journal, and what that would change.

use crate::warehouse::{Mode, TableDiff, Warehouse, diff};

use super::known::Known;
use super::report::DocumentReport;
use super::walk::{Progress, publish, refresh_layers, replay};
use super::world::{ImportError, WAREHOUSE, World};

/// Replaces the warehouse by one made from scratch; gives the tables whose content changed.
pub fn rebuild(world: World, progress: &mut dyn Progress) -> Result<(Vec<DocumentReport>, Vec<String>), ImportError> {
    let before = world.warehouse.table_hashes()?;
    let world = World { known: Known::default(), ..world };
    forget(&world)?;
    let (world, reports) = build_beside(world, progress)?;
    let after = world.warehouse.table_hashes()?;
    let changed = after.iter().filter(|table| !before.contains(table)).map(|table| table.table.clone()).collect();
    let data = world.home.data.clone();
    let target = data.join(WAREHOUSE);
    drop(world.warehouse.publish(&target)?);
    Warehouse::remove(&data.join(BESIDE))?;
    let warehouse = Warehouse::open(&target, Mode::Write)?;
    publish(World { warehouse, ..world })?;
    Ok((reports, changed))
}

/// What [`rebuild`] would change; nothing is changed.
pub fn rebuild_diff(world: World, progress: &mut dyn Progress) -> Result<Vec<TableDiff>, ImportError> {
    let old = world.home.data.join(WAREHOUSE);
    let new = world.home.data.join(BESIDE);
    let (world, _) = build_beside(world, progress)?;
    drop(world.warehouse);
    let diffs = diff(&old, &new, ROWS_SHOWN);
    Warehouse::remove(&new)?;
    Ok(diffs?)
}

/// Rows of each kind that a diff lists of a table.
const ROWS_SHOWN: usize = 20;
const BESIDE: &str = "warehouse.rebuild.duckdb";

/// The same world over a fresh warehouse beside the present one, everything loaded.
fn build_beside(world: World, progress: &mut dyn Progress) -> Result<(World, Vec<DocumentReport>), ImportError> {
    let path = world.home.data.join(BESIDE);
    Warehouse::remove(&path)?;
    let fresh = Warehouse::open(&path, Mode::Write)?;
    let mut world = World { warehouse: fresh, ..world };
    let reports = replay(&mut world, progress)?;
    Ok((refresh_layers(world)?.0, reports))
}

fn forget(world: &World) -> Result<(), ImportError> {
    let path = world.home.data.clone();
    Known::forget(&path).map_err(|source| ImportError::Unreadable { path, source })
}
