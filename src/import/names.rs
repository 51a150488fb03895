//! What a document's name says that its bytes do not: for connectors that read it, the same bytes
//! under another name are another account's.
//!
//! The days that were asked for stand in names too; they make no document another one.

use std::collections::{BTreeMap, BTreeSet};

use crate::archive::{ArchiveError, Entry};
use crate::connector::{Catalogue, Connector};

use super::world::World;

/// What a name says to a connector, by placeholder; nothing to one that does not read names.
pub(super) fn said(connector: &Connector, name: &str) -> BTreeMap<String, String> {
    let said = connector.layout.file_name.as_ref().and_then(|template| template.matches(name));
    let is_kept = |(hole, _): &(String, String)| hole != "_" && !hole.starts_with("asked_");
    said.into_iter().flatten().filter(is_kept).collect()
}

/// Whether a name tells the connector nothing, or what one of `others` tells it too.
pub(super) fn is_among<'n>(
    catalogue: &Catalogue,
    connector: &str,
    name: &str,
    mut others: impl Iterator<Item = &'n str>,
) -> bool {
    let Ok(connector) = catalogue.find(connector) else { return true };
    let own = said(connector, name);
    own.is_empty() || others.any(|other| said(connector, other) == own)
}

/// The names under which the journal tells that each document came in.
pub(super) fn told(world: &World) -> Result<BTreeMap<String, BTreeSet<String>>, ArchiveError> {
    let mut names: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for line in world.archive.journal.entries()? {
        if let Entry::Document(document) = line?.entry {
            names.entry(document.sha256).or_default().insert(document.name);
        }
    }
    Ok(names)
}
