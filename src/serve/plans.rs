//! The sources of moisson.toml as the planner sees them.

use std::path::PathBuf;
use std::sync::PoisonError;
use std::time::SystemTime;

use jiff::Timestamp;
use xxhash_rust::xxh3::xxh3_64;

use crate::archive::Entry;
use crate::config::{self, Config, Home, Source};
use crate::connector::fetch::{Transport, Unattended};
use crate::connector::{Catalogue, Service};
use crate::fetch::folder::Folder;
use crate::schedule::{Limits, Plan, Planner};
use crate::sync::Outfit;

use super::ServeError;

/// Everything that is set.
pub(super) struct Settings {
    pub config: Config,
    pub plans: Vec<Plan>,
    /// Folders in which files appear.
    pub folders: Vec<Folder>,
    /// When the files that say so were last changed.
    stamp: Vec<(PathBuf, Option<SystemTime>)>,
}

impl Settings {
    /// Reads moisson.toml and the connectors.
    pub fn read(home: &Home) -> Result<Self, ServeError> {
        let stamp = stamp(home);
        let config = config::read(&home.config)?;
        let catalogue = Catalogue::shipped()?.with_folder(&home.connectors)?;
        let fetched: Vec<(&Source, &Service)> = config
            .sources
            .iter()
            .filter_map(|source| Some((source, catalogue.service(source.connector.as_deref()?).ok()?)))
            .collect();
        let plans = fetched.iter().map(|(source, service)| plan(&config, source, service)).collect();
        let is_folder = |service: &Service| service.fetch.transport == Transport::Folder;
        let folders = fetched
            .iter()
            .filter(|(_, service)| is_folder(service))
            .filter_map(|(source, service)| Folder::of(source, service).ok())
            .collect();
        Ok(Self { config, plans, folders, stamp })
    }

    /// Takes the files as they are now for read.
    pub fn is_seen(&mut self, home: &Home) {
        self.stamp = stamp(home);
    }

    /// Whether a file was changed since it was read.
    pub fn is_old(&self, home: &Home) -> bool {
        stamp(home) != self.stamp
    }
}

fn plan(config: &Config, source: &Source, service: &Service) -> Plan {
    let setting = format!("{source:?}{:?}{:?}", service.fetch, config.network);
    Plan {
        source: source.id.clone(),
        schedule: source.schedule.clone(),
        zone: source.time_zone.clone().unwrap_or_else(|| config.household.time_zone.clone()),
        jitter: source.jitter,
        after: source.after.clone(),
        hosts: hosts(source, service),
        is_attended_only: service.fetch.unattended == Unattended::No,
        setting: format!("{:016x}", xxh3_64(setting.as_bytes())),
    }
}

/// Whom a source calls: the host of its address, as far as it is known before it runs.
fn hosts(source: &Source, service: &Service) -> Vec<String> {
    let given = ["base", "url", "server", "host"].iter().find_map(|name| source.fetch.get(*name));
    let given = given.and_then(|value| value.texts().into_iter().next());
    let address = given.or_else(|| service.fetch.base.clone());
    let host = address.and_then(|address| match url::Url::parse(&address) {
        Ok(url) => url.host_str().map(|host| format!("{host}:{}", url.port_or_known_default().unwrap_or_default())),
        Err(_) => (!address.contains('{')).then_some(address),
    });
    host.into_iter().collect()
}

/// moisson.toml and the user's own connectors.
fn stamp(home: &Home) -> Vec<(PathBuf, Option<SystemTime>)> {
    let changed = |path: &PathBuf| std::fs::metadata(path).and_then(|data| data.modified()).ok();
    let families = std::fs::read_dir(&home.connectors).into_iter().flatten().flatten().map(|entry| entry.path());
    let files = families.flat_map(|family| std::fs::read_dir(family).into_iter().flatten().flatten());
    let mut paths: Vec<PathBuf> = files.map(|entry| entry.path()).chain([home.config.clone()]).collect();
    paths.sort();
    paths.into_iter().map(|path| (path.clone(), changed(&path))).collect()
}

/// The planner as the log of runs leaves it; `is_start` when no run can be going on.
pub(super) fn planner(outfit: &Outfit, settings: &Settings, is_start: bool) -> Result<Planner, ServeError> {
    let at_once = settings.config.serve.at_once.max(1);
    let limits = Limits { at_once, ..Limits::default() };
    let mut planner = Planner::new(settings.plans.clone(), limits).map_err(ServeError::Tangle)?;
    let log = outfit.log.lock().unwrap_or_else(PoisonError::into_inner);
    for line in log.entries()? {
        // A damaged line is told by `verify`; what the others tell is enough to go on.
        match line {
            Ok(line) => read(&mut planner, line.at, &line.entry),
            Err(error) => tracing::warn!(%error, "a line of the log of runs is damaged"),
        }
    }
    if is_start {
        planner.restarted();
    }
    Ok(planner)
}

/// Tells a planner a line of the log of runs.
pub(super) fn read(planner: &mut Planner, at: Timestamp, entry: &Entry) {
    match entry {
        Entry::Started(started) => planner.started(started),
        Entry::Run(run) => planner.ended(run),
        Entry::Paused(paused) => planner.paused(paused, at),
        Entry::Defined(defined) => planner.defined(defined, at),
        Entry::Told(told) => planner.told(told),
        Entry::Document(_)
        | Entry::Note(_)
        | Entry::Verdict(_)
        | Entry::Choice(_)
        | Entry::Collection(_)
        | Entry::Unknown { .. } => {}
    }
}
