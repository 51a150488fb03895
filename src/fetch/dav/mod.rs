//! Calendars and address books on a server: CalDAV (RFC 4791) and CardDAV (RFC 6352), asked as a client.
//!
//! An account that has not changed costs one request. Of a collection that has, the changes are
//! asked for (RFC 6578), with the objects in the same answer where the server gives them. A run
//! gives one document a collection; what the server deleted is named in it, and a collection that
//! seems lost rather than tidied takes nothing away. Nothing is written to the server but what
//! people changed here, in sources that say so: [`push`].

mod credentials;
mod discovery;
mod kind;
mod listing;
mod multistatus;
mod objects;
mod path;
mod pull;
mod push;
mod session;

use std::collections::BTreeSet;

use url::Url;

use self::credentials::Credentials;
use self::discovery::Collection;
use self::kind::Kind;
use self::pull::Pull;
use self::session::{Session, failure};
use super::{Failure, Fetched, Harvest, Order, State, fill, http, settings};
use crate::connector::fetch::Transport;
use crate::model::run::{Class, Part, Said};

pub use push::{Edit, Sending, Sent, push};

/// Fetches what has changed in the collections of an account since `state`.
pub fn fetch(order: &Order<'_>, state: &mut State) -> Result<Harvest, Failure> {
    let kind = kind_of(order);
    let start = start(order)?;
    let hosts = hosts(order, &start);
    let mut session = Session::new(order, Credentials::of(order)?, &hosts);
    let found = discovery::collections(&mut session, kind, &start, state)?;
    let mut harvest = Harvest::default();
    let picked = pick(order, &found, &mut harvest.failed);
    let failure = each(&mut session, order, kind, &picked, state, &mut harvest);
    absent(order, kind, &found, state, &mut harvest);
    harvest.n_requests = session.n_requests;
    harvest.n_bytes = session.n_bytes;
    match failure {
        // Nothing came, of none of them.
        Some((failure, n_failed)) if n_failed == picked.len() && harvest.documents.is_empty() => Err(failure),
        _ => Ok(harvest),
    }
}

/// Pulls the collections; gives the first failure, and how many there were.
fn each(
    session: &mut Session<'_>,
    order: &Order<'_>,
    kind: Kind,
    picked: &[&Collection],
    state: &mut State,
    harvest: &mut Harvest,
) -> Option<(Failure, usize)> {
    let mut first = None;
    let mut n_failed = 0;
    for collection in picked {
        let is_vouched_for = listed(order, "emptied").iter().any(|name| collection.is_called(name));
        let key = format!("{}/{}", prefix(order, kind), collection.slug);
        let pull = Pull { kind, collection, key, now: order.now, is_vouched_for };
        match pull::pull(session, &pull, state) {
            Ok(pulled) => {
                state.cursors.insert(name_of(&collection.path), format!("{}\n{}", collection.slug, collection.name));
                let bytes = pulled.document;
                harvest.documents.extend(bytes.map(|bytes| fetched(order, kind, collection, bytes)));
                harvest.failed.extend(pulled.doubt.map(|doubt| doubted(collection, doubt)));
                harvest.failed.extend(pulled.failed.map(|(n, trouble)| missed(collection, n, &trouble)));
            }
            Err(trouble) => {
                let failure = failure(&trouble);
                let (outcome, message) = (failure.class, failure.message.clone());
                harvest.failed.push(Part { name: collection.name.clone(), outcome, message });
                first.get_or_insert(failure);
                n_failed += 1;
            }
        }
    }
    first.map(|failure| (failure, n_failed))
}

fn kind_of(order: &Order<'_>) -> Kind {
    match order.service.fetch.transport {
        Transport::Carddav => Kind::Cards,
        _ => Kind::Calendars,
    }
}

fn fetched(order: &Order<'_>, kind: Kind, collection: &Collection, bytes: Vec<u8>) -> Fetched {
    let is_plain = |c: char| !c.is_control() && !matches!(c, '/' | '\\');
    let name: String = collection.name.chars().map(|c| if is_plain(c) { c } else { '_' }).collect();
    Fetched {
        name: format!("{name}.{}", kind.extension()),
        bytes,
        as_of: order.now,
        origin: http::shown(&collection.url),
        connectors: order.service.fetch.documents.clone(),
    }
}

/// Where to begin: the address given, or the service's own.
fn start(order: &Order<'_>) -> Result<Url, Failure> {
    let given = ["base", "url"].into_iter().find_map(|name| listed(order, name).into_iter().next());
    let text = match (given, &order.service.fetch.base) {
        (Some(text), _) => text,
        (None, Some(base)) => fill::own(order, base)?,
        (None, None) => String::new(),
    };
    let text = if text.contains("://") { text } else { format!("https://{text}") };
    text.parse().ok().filter(Url::has_host).ok_or_else(|| {
        let said = Said::new(
            "`url` is no address of a server: https://dav.example.org",
            "`url` n'est pas l'adresse d'un serveur : https://dav.example.org",
        );
        Failure::new(Class::Config, said)
    })
}

fn hosts(order: &Order<'_>, start: &Url) -> Vec<String> {
    let own = start.host_str().map(str::to_owned);
    own.into_iter().chain(order.service.fetch.hosts.iter().cloned()).collect()
}

fn listed(order: &Order<'_>, name: &str) -> Vec<String> {
    settings::texts(order.source, order.service, name)
}

/// What the source's calendars or books are called, before the name of the collection.
fn prefix<'o>(order: &'o Order<'_>, kind: Kind) -> &'o str {
    let named = match kind {
        Kind::Calendars => &order.source.calendar,
        Kind::Cards => &order.source.book,
    };
    named.as_deref().unwrap_or(&order.source.id)
}

/// The collections that the source wants: all, or those that `collections` names.
fn pick<'f>(order: &Order<'_>, found: &'f [Collection], failed: &mut Vec<Part>) -> Vec<&'f Collection> {
    let wanted = listed(order, "collections");
    for name in wanted.iter().filter(|name| !found.iter().any(|collection| collection.is_called(name))) {
        let there: Vec<&str> = found.iter().map(|collection| collection.name.as_str()).collect();
        let there = there.join(", ");
        let said = Said::new(
            format!("there is no collection of this name; there are: {there}"),
            format!("aucune collection ne porte ce nom ; il y a : {there}"),
        );
        failed.push(Part { name: name.clone(), outcome: Class::Config, message: said });
    }
    let is_wanted =
        |collection: &&Collection| wanted.is_empty() || wanted.iter().any(|name| collection.is_called(name));
    found.iter().filter(is_wanted).collect()
}

impl Collection {
    fn is_called(&self, name: &str) -> bool {
        is_same(&self.name, name) || is_same(&self.slug, name)
    }
}

fn is_same(one: &str, other: &str) -> bool {
    one.to_lowercase() == other.to_lowercase()
}

/// What tells the collections that runs have pulled from each other, and what they are called.
pub fn collections_of(state: &State) -> Vec<(&str, &str)> {
    let named = state.cursors.iter().filter(|(key, _)| key.starts_with(NAMED));
    named.filter_map(|(_, kept)| kept.split_once('\n')).collect()
}

/// Under which the state keeps the name and the slug of a collection.
fn name_of(path: &str) -> String {
    format!("{NAMED}{path}")
}

const NAMED: &str = "dav/name:";

/// Collections that were there once: what came from them stays, unless a person says otherwise.
fn absent(order: &Order<'_>, kind: Kind, found: &[Collection], state: &mut State, harvest: &mut Harvest) {
    let there: BTreeSet<&str> = found.iter().map(|collection| collection.path.as_str()).collect();
    let lost: Vec<String> = state.objects.keys().filter(|path| !there.contains(path.as_str())).cloned().collect();
    for path in lost {
        let kept = state.cursors.get(&name_of(&path)).cloned().unwrap_or_default();
        let (slug, name) = kept.split_once('\n').unwrap_or((&kept, &kept));
        let is_named = |list: &str| listed(order, list).iter().any(|one| is_same(one, slug) || is_same(one, name));
        let is_wanted = listed(order, "collections").is_empty() || is_named("collections");
        if is_named("emptied") {
            let key = format!("{}/{slug}", prefix(order, kind));
            let bytes = pull::farewell(kind, &key, name, order.now);
            harvest.documents.push(gone_for_good(order, kind, name, bytes));
            forget(state, &path);
        } else if is_wanted {
            harvest.failed.push(missing(name));
        }
    }
}

fn gone_for_good(order: &Order<'_>, kind: Kind, name: &str, bytes: Vec<u8>) -> Fetched {
    let name = format!("{}.{}", name.replace(['/', '\\'], "_"), kind.extension());
    let connectors = order.service.fetch.documents.clone();
    Fetched { name, bytes, as_of: order.now, origin: order.source.id.clone(), connectors }
}

fn forget(state: &mut State, path: &str) {
    state.objects.remove(path);
    for name in [listing::token_of(path), listing::ctag_of(path), pull::whole_at(path), name_of(path)] {
        state.cursors.remove(&name);
    }
}

fn doubted(collection: &Collection, (n_gone, n_known): (usize, usize)) -> Part {
    let name = collection.name.clone();
    let message = Said::new(
        format!(
            "{n_gone} of its {n_known} objects are not there any more: nothing was taken away; if that is meant, \
             name the collection under `emptied`"
        ),
        format!(
            "{n_gone} de ses {n_known} objets n'y sont plus : rien n'a été retiré ; si c'est voulu, nommez la \
             collection sous `emptied`"
        ),
    );
    Part { name, outcome: Class::Expectation, message }
}

fn missed(collection: &Collection, n: usize, trouble: &session::Trouble) -> Part {
    let why = failure(trouble).message;
    let message = Said::new(
        format!("{n} of its objects did not come, and are asked for again: {}", why.en),
        format!("{n} de ses objets ne sont pas venus, et seront redemandés : {}", why.fr),
    );
    Part { name: collection.name.clone(), outcome: Class::Retry, message }
}

fn missing(name: &str) -> Part {
    let message = Said::new(
        "the server does not show it any more: nothing was taken away; if that is meant, name it under `emptied`",
        "le serveur ne la montre plus : rien n'a été retiré ; si c'est voulu, nommez-la sous `emptied`",
    );
    Part { name: name.to_owned(), outcome: Class::Expectation, message }
}
