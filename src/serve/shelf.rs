//! What devices sync with: collections opened, and everything that is answered over HTTP.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::Sender;

use jiff::Timestamp;

use super::ServeError;
use super::board::Board;
use super::daemon::Message;
use super::edits::{self, News};
use super::health;
use super::mirrored::Mirrored;
use crate::collections::{self, Collections};
use crate::config::{Config, Household, Language};
use crate::dav::xml::escaped;
use crate::fetch::http::runtime;
use crate::model::collection::{Property, PropertyName};
use crate::sync::Outfit;
use crate::web::accounts::Accounts;
use crate::web::dav::{self, Dav};
use crate::web::door::Door;
use crate::web::setup::{self, Setup};
use crate::web::{self, listen};

/// What is served, for as long as the daemon lives.
pub(super) struct Shelf {
    pub address: SocketAddr,
    news: Sender<News>,
    mirrored: Mirrored,
    accounts: Arc<Accounts>,
}

impl Drop for Shelf {
    /// When devices came last is written down once a minute, and once more here.
    fn drop(&mut self) {
        self.accounts.flush();
    }
}

impl Shelf {
    /// The views were published anew.
    pub fn published(&self) {
        let _ = self.news.send(News::Published);
    }

    /// Something was written in the collection at this path.
    pub fn changed(&self, path: &str) {
        let _ = self.news.send(News::Edited);
        self.mirrored.changed(path);
    }

    /// Settings that hold from now on.
    pub fn set(&self, config: &Config) {
        self.mirrored.set(config);
    }
}

/// Opens the collections and begins to answer.
pub(super) fn start(
    outfit: &Arc<Outfit>,
    config: &Config,
    listen: SocketAddr,
    board: Board,
    daemon: Sender<Message>,
) -> Result<Shelf, ServeError> {
    let collections = Arc::new(open(&outfit.home.data, config, outfit.clock)?);
    outfit.hold(Arc::clone(&collections));
    let mirrored = Mirrored::start(Arc::clone(outfit), Arc::clone(&collections), config, daemon);
    let news = edits::start(Arc::clone(outfit), Arc::clone(&collections));
    let (edited, changed) = (news.clone(), mirrored.clone());
    let has_changed = move |path: &str| {
        let _ = edited.send(News::Edited);
        changed.changed(path);
    };
    let accounts = Arc::new(Accounts::open(&outfit.home.data, &config.serve.user));
    let push = push(outfit, config, &collections, &accounts).map(Arc::new);
    let dav = Dav { push, ..dav(config, collections, mirrored.clone(), has_changed) };
    let address = answer(Arc::clone(&accounts), config, listen, board, dav, outfit.clock)?;
    Ok(Shelf { address, news, mirrored, accounts })
}

/// Opens the collections of a home. The first ones are called what the household calls such.
fn open(home: &Path, config: &Config, clock: fn() -> Timestamp) -> Result<Collections, ServeError> {
    let is_french = is_french(&config.household);
    let named = |path: &str| {
        let name = match (path, is_french) {
            ("calendars/personal", true) => "Agenda",
            ("calendars/personal", false) => "Calendar",
            ("books/contacts", _) => "Contacts",
            _ => return Vec::new(),
        };
        vec![property("DAV:", "displayname", name)]
    };
    Ok(collections::open(home, clock, &named)?)
}

/// Answers devices, browsers and whoever watches, at `listen`.
fn answer(
    accounts: Arc<Accounts>,
    config: &Config,
    listen: SocketAddr,
    board: Board,
    dav: Dav,
    clock: fn() -> Timestamp,
) -> Result<SocketAddr, ServeError> {
    let dav = Arc::new(dav);
    let stored = Arc::clone(&dav);
    // Queries are quick from the first on; whoever asks before that waits for their own answer only.
    let _ = std::thread::Builder::new().name("calendars".to_owned()).spawn(move || dav::prepare_all(&stored));
    let door = Door::new(accounts, clock);
    let setup = Setup::new(door.clone(), config.household.time_zone.clone());
    let pages = setup::routes(setup, dav::http::root(dav.clone(), door.clone()));
    let routes = health::routes(board, clock).merge(dav::http::routes(dav, door)).merge(pages);
    Ok(web::serve(runtime().handle(), &config.serve, listen, listen::Limits::default(), routes)?)
}

/// Tells devices of changes, where that is not turned off. Without it they ask by themselves.
fn push(
    outfit: &Outfit,
    config: &Config,
    collections: &Arc<Collections>,
    accounts: &Arc<Accounts>,
) -> Option<web::push::Push> {
    let setup = web::push::Setup {
        data: &outfit.home.data,
        serve: &config.serve,
        network: &config.network,
        collections: Arc::clone(collections),
        accounts: Arc::clone(accounts),
        clock: outfit.clock,
    };
    let started = config.serve.push.then(|| web::push::start(setup))?;
    started.inspect_err(|error| tracing::error!(%error, "devices are not told of changes")).ok()
}

/// What DAV methods need to know of the household.
fn dav(
    config: &Config,
    collections: Arc<Collections>,
    mirrored: Mirrored,
    has_changed: impl Fn(&str) + Send + Sync + 'static,
) -> Dav {
    let members = &config.members;
    let names: Vec<&str> = members.iter().map(|member| member.name.as_str()).collect();
    let addresses = members.iter().flat_map(|member| &member.emails).map(|email| format!("mailto:{email}")).collect();
    Dav {
        collections,
        user: config.serve.user.clone(),
        name: if names.is_empty() { config.serve.user.clone() } else { names.join(", ") },
        addresses,
        zone: config.household.time_zone.clone(),
        is_two_way: Box::new(move |source| mirrored.is_two_way(source)),
        has_changed: Box::new(has_changed),
        push: None,
    }
}

/// A daemon has no locale to go by: where no language is set, that of the region.
pub(super) fn is_french(household: &Household) -> bool {
    match household.language {
        Language::Fr => true,
        Language::En => false,
        Language::Auto => household.region == "FR",
    }
}

/// A property with text in it.
pub(super) fn property(ns: &str, local: &str, text: &str) -> Property {
    let text = escaped(text);
    Property {
        name: PropertyName { ns: ns.to_owned(), local: local.to_owned() },
        xml: format!("<x:{local} xmlns:x=\"{ns}\">{text}</x:{local}>"),
    }
}
