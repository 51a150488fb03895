//! Telling one account anew: its documents are read again from the archive, in the order of
//! their time, because one came that is older than another which is in.

use std::collections::{BTreeSet, HashMap};
use std::path::Path;

use jiff::Timestamp;

use crate::archive::{ArchiveError, Document, Seq};
use crate::config::Config;
use crate::connector::Catalogue;
use crate::connector::fit_of;
use crate::decode::glimpse::look;
use crate::warehouse::{Counts, DocumentInfo, Realign, Tally};

use super::pouring::{Nobody, Poured};
use super::walk::told_after;
use super::walker::{Walker, has_stable_ids};
use super::world::{ImportError, World};
use super::{Item, names, read};

/// Aligns an account anew; `present` is the document that is being walked, with its bytes. Gives
/// what became of its rows.
///
/// When one of its documents cannot be read any more, everything is left as it was and the account
/// waits: `checks.no_snapshot_is_set_aside` says so.
pub(super) fn account(world: &mut World, account: &str, present: Option<(&str, &[u8])>) -> Result<Counts, ImportError> {
    let told = told(world)?;
    let names = names::told(world)?;
    let World { archive, config, catalogue, warehouse, .. } = world;
    let mut documents = warehouse.documents_of(account)?;
    for info in &mut documents {
        take_name_of(info, account, names.get(&info.document), catalogue);
    }
    let untaken = warehouse.untaken_of(account)?;
    let realign = warehouse.begin_realign(account)?;
    let mut taken = Vec::new();
    for info in &documents {
        let bytes = match present {
            Some((sha256, bytes)) if sha256 == info.document => Ok(bytes.to_vec()),
            _ => archive.read(&info.document),
        };
        let counts = match bytes {
            Ok(bytes) => load(&realign, info, &bytes, (config, catalogue), told.get(&info.document))?,
            Err(ArchiveError::Missing { .. } | ArchiveError::Damaged { .. }) => None,
            Err(error) => return Err(error.into()),
        };
        let Some(counts) = counts else {
            tracing::warn!(document = info.document, "it cannot be read again: its account waits");
            return Ok(Counts::default());
        };
        if untaken.contains(&info.document) {
            taken.push((info.document.clone(), counts));
        }
    }
    realign.commit(&taken)?;
    let counts = taken.into_iter().find(|(document, _)| present.is_some_and(|(sha256, _)| sha256 == document));
    Ok(counts.map(|(_, counts)| counts).unwrap_or_default())
}

/// Gives a document that came in for several accounts the name that it came under for this one.
fn take_name_of(info: &mut DocumentInfo, account: &str, names: Option<&BTreeSet<String>>, catalogue: &Catalogue) {
    let Ok(connector) = catalogue.find(&info.connector) else { return };
    let is_of = |name: &&String| names::said(connector, name).get("account").is_some_and(|said| said.trim() == account);
    if let Some(name) = names.into_iter().flatten().find(is_of) {
        info.name.clone_from(name);
    }
}

/// Loads what one document shows of the account; nothing when it cannot be read as it was before.
fn load(
    realign: &Realign<'_>,
    info: &DocumentInfo,
    bytes: &[u8],
    (config, catalogue): (&Config, &Catalogue),
    told: Option<&(Timestamp, Document)>,
) -> Result<Option<Counts>, ImportError> {
    let walker = walker(info, bytes, told);
    let (Ok(look), Ok(connector)) = (look(bytes, Some(&info.name)), catalogue.find(&info.connector)) else {
        return Ok(None);
    };
    let Some(recognised) = fit_of(connector, &look.glimpse) else { return Ok(None) };
    let source = info.source.as_deref().and_then(|id| config.source(id)).cloned();
    let scene = walker.scene(config, source.as_ref(), &recognised);
    let mut load = realign.load(info)?;
    load.ids_are_stable = has_stable_ids(connector);
    load.is_partial = connector.layout.is_partial;
    let mut poured = Poured::default();
    let mut sink = |item: Item<'_>| poured.take(item, &mut load, &mut Nobody);
    let Ok(summary) = read(bytes, &look, &recognised, &scene, &mut sink) else { return Ok(None) };
    if let Some(error) = poured.stopped {
        return Err(error.into());
    }
    load.coverage = summary.coverage();
    Ok(Some(load.commit(&Tally::default())?))
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
        shows: document.and_then(|document| document.shows.clone()),
    }
}
