//! Telling one account anew: its documents are read again from the archive, in the order of
//! their time, because one came that is older than another which is in.

use std::collections::HashMap;
use std::path::Path;

use jiff::Timestamp;

use crate::archive::{Document, Seq};
use crate::connector::fit_of;
use crate::decode::glimpse::look;
use crate::warehouse::{Counts, DocumentInfo, Tally};

use super::pouring::{Nobody, Poured};
use super::walk::told_after;
use super::walker::{Walker, has_stable_ids};
use super::world::{ImportError, World};
use super::{Item, read};

/// Aligns an account anew; `present` is the document that is being walked, with its bytes. Gives
/// what became of its rows.
pub(super) fn account(world: &mut World, account: &str, present: Option<(&str, &[u8])>) -> Result<Counts, ImportError> {
    let told = told(world)?;
    let World { archive, config, catalogue, warehouse, .. } = world;
    let documents = warehouse.documents_of(account)?;
    let untaken = warehouse.untaken_of(account)?;
    let realign = warehouse.begin_realign(account)?;
    let mut taken = Vec::new();
    for info in &documents {
        let bytes = match present {
            Some((sha256, bytes)) if sha256 == info.document => bytes.to_vec(),
            _ => archive.read(&info.document)?,
        };
        let entry = told.get(&info.document);
        let walker = walker(info, &bytes, entry);
        // It was read with that connector before, so that it can be read with it again.
        let (Ok(look), Ok(connector)) = (look(&bytes, Some(&info.name)), catalogue.find(&info.connector)) else {
            continue;
        };
        let Some(recognised) = fit_of(connector, &look.glimpse) else { continue };
        let source = info.source.as_deref().and_then(|id| config.source(id)).cloned();
        let scene = walker.scene(config, source.as_ref(), &recognised);
        let mut load = realign.load(info)?;
        load.ids_are_stable = has_stable_ids(connector);
        let mut poured = Poured::default();
        let mut sink = |item: Item<'_>| poured.take(item, &mut load, &mut Nobody);
        let Ok(summary) = read(&bytes, &look, &recognised, &scene, &mut sink) else { continue };
        if let Some(error) = poured.stopped {
            return Err(error.into());
        }
        load.coverage = summary.coverage();
        let became = load.commit(&Tally::default())?;
        if untaken.contains(&info.document) {
            taken.push((info.document.clone(), became));
        }
    }
    realign.commit(&taken)?;
    let counts = taken.into_iter().find(|(document, _)| present.is_some_and(|(sha256, _)| sha256 == document));
    Ok(counts.map(|(_, counts)| counts).unwrap_or_default())
}

/// Aligns every account that waits: an import was cut short, or somebody vouched for a document.
pub(super) fn waiting(world: &mut World) -> Result<(), ImportError> {
    for name in world.warehouse.waiting()? {
        account(world, &name, None)?;
    }
    Ok(())
}

/// What the journal tells of each document, and when.
fn told(world: &World) -> Result<HashMap<String, (Timestamp, Document)>, ImportError> {
    let told = told_after(world, Seq(0))?;
    Ok(told.into_iter().map(|(at, document)| (document.sha256.clone(), (at, document))).collect())
}

fn walker<'a>(info: &'a DocumentInfo, bytes: &'a [u8], told: Option<&'a (Timestamp, Document)>) -> Walker<'a> {
    let document = told.map(|(_, document)| document);
    Walker {
        name: &info.name,
        path: document.and_then(|document| document.origin.as_deref()).map(Path::new),
        bytes,
        as_of: document.map(|document| document.as_of).unwrap_or_default(),
        learned_at: told.map(|(at, _)| *at).unwrap_or_default(),
        parent: info.parent.as_deref(),
        is_replay: true,
        source: info.source.clone(),
        connector: Some(info.connector.clone()),
    }
}
