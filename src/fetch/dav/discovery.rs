//! Where the collections of an account lie (RFC 6764 §6), and which there are.
//!
//! What was found is kept: as long as it answers, nothing is looked for again, and one request
//! tells of all collections whether they have changed. Names of the DNS are not asked (SRV).

use std::collections::BTreeMap;

use url::Url;

use super::kind::Kind;
use super::multistatus::{Member, Props};
use super::path;
use super::session::{Session, Trouble, failure};
use crate::fetch::{Failure, State};
use crate::model::run::{Class, Said};

/// Where the collections were found the last time, and how deep below.
const HOMES: &str = "dav/homes";
const DEPTH: &str = "dav/depth";

/// A collection of an account.
#[derive(Debug)]
pub(super) struct Collection {
    pub(super) url: Url,
    /// Its path, decoded, with no slash at its end: what it is known by.
    pub(super) path: String,
    /// What people call it.
    pub(super) name: String,
    /// What tells it from the account's other collections.
    pub(super) slug: String,
    pub(super) colour: Option<String>,
    pub(super) token: Option<String>,
    pub(super) ctag: Option<String>,
}

/// The collections of the account at `start` that hold what is asked for and may be read.
pub(super) fn collections(
    session: &mut Session<'_>,
    kind: Kind,
    start: &Url,
    state: &mut State,
) -> Result<Vec<Collection>, Failure> {
    if let Some(known) = remembered(state) {
        match list(session, kind, &known) {
            Ok(found) if !found.is_empty() => return Ok(found),
            Err(trouble) if !trouble.is_refusal() => return Err(failure(&trouble)),
            // It has moved, or is gone: looked for anew.
            Ok(_) | Err(_) => {}
        }
    }
    let known = find(session, kind, start)?;
    let found = list(session, kind, &known).map_err(|trouble| failure(&trouble))?;
    remember(state, &known);
    Ok(found)
}

/// Addresses to be asked, and how deep.
struct Homes {
    urls: Vec<Url>,
    depth: &'static str,
}

fn remembered(state: &State) -> Option<Homes> {
    let urls: Vec<Url> = state.cursors.get(HOMES)?.split('\n').filter_map(|url| url.parse().ok()).collect();
    let depth = if state.cursors.get(DEPTH).is_some_and(|depth| depth == "0") { "0" } else { "1" };
    (!urls.is_empty()).then_some(Homes { urls, depth })
}

/// Where collections were found the last time.
pub(super) fn homes_of(state: &State) -> Vec<Url> {
    remembered(state).map(|homes| homes.urls).unwrap_or_default()
}

fn remember(state: &mut State, homes: &Homes) {
    let urls: Vec<&str> = homes.urls.iter().map(Url::as_str).collect();
    state.cursors.insert(HOMES.to_owned(), urls.join("\n"));
    state.cursors.insert(DEPTH.to_owned(), homes.depth.to_owned());
}

/// Asks at the address itself, then where the service says that it lies, then at the root.
fn find(session: &mut Session<'_>, kind: Kind, start: &Url) -> Result<Homes, Failure> {
    let mut first_trouble = None;
    for url in [start.clone(), below_root(start, kind.well_known()), below_root(start, "/")] {
        match ask_at(session, kind, &url) {
            Ok(Some(homes)) => return Ok(homes),
            Ok(None) => {}
            Err(trouble) if trouble.is_refusal() => {
                first_trouble.get_or_insert(trouble);
            }
            Err(trouble) => return Err(failure(&trouble)),
        }
    }
    Err(first_trouble.map_or_else(|| nowhere(start), |trouble| failure(&trouble)))
}

/// Whether an address is a collection, knows the home, or knows who we are.
fn ask_at(session: &mut Session<'_>, kind: Kind, url: &Url) -> Result<Option<Homes>, Trouble> {
    let (url, props) = about(session, kind, url)?;
    if is_wanted(kind, &props) {
        return Ok(Some(Homes { urls: vec![url], depth: "0" }));
    }
    if let Some(homes) = homes(&url, &props) {
        return Ok(Some(homes));
    }
    let Some(principal) = props.principal.as_deref().and_then(|href| url.join(href).ok()) else { return Ok(None) };
    let (url, props) = about(session, kind, &principal)?;
    Ok(homes(&url, &props))
}

fn about(session: &mut Session<'_>, kind: Kind, url: &Url) -> Result<(Url, Props), Trouble> {
    let mut props = Props::default();
    let (url, _) = session.ask("PROPFIND", url, "0", &kind.who(), &mut |member| props = member.props)?;
    Ok((url, props))
}

fn homes(url: &Url, props: &Props) -> Option<Homes> {
    let urls: Vec<Url> = props.homes.iter().filter_map(|href| url.join(href).ok()).collect();
    (!urls.is_empty()).then_some(Homes { urls, depth: "1" })
}

fn list(session: &mut Session<'_>, kind: Kind, homes: &Homes) -> Result<Vec<Collection>, Trouble> {
    let mut found = Vec::new();
    for home in &homes.urls {
        let mut members = Vec::new();
        let body = kind.collections();
        let (url, _) = session.ask("PROPFIND", home, homes.depth, &body, &mut |member| members.push(member))?;
        let is_ours = |member: &Member| is_wanted(kind, &member.props) && is_of_use(kind, &member.props);
        found.extend(members.into_iter().filter(is_ours).filter_map(|member| collection(&url, member)));
    }
    tell_apart(&mut found);
    Ok(found)
}

fn is_wanted(kind: Kind, props: &Props) -> bool {
    match kind {
        Kind::Calendars => props.is_calendar,
        Kind::Cards => props.is_book,
    }
}

/// May be read, and holds events where it says what it holds: to-dos make no records.
fn is_of_use(kind: Kind, props: &Props) -> bool {
    let components = &props.components;
    let has_events = components.is_empty() || components.iter().any(|name| name == "VEVENT");
    props.is_readable != Some(false) && (kind == Kind::Cards || has_events)
}

fn collection(base: &Url, member: Member) -> Option<Collection> {
    let url = base.join(&member.href).ok()?;
    let path = path::decoded(&url);
    let slug = path.rsplit('/').find(|part| !part.is_empty())?.to_owned();
    let props = member.props;
    let name = props.name.clone().unwrap_or_else(|| slug.clone());
    Some(Collection { url, path, name, slug, colour: props.colour, token: props.token, ctag: props.ctag })
}

/// Two collections of one name in different homes are known by their whole paths.
fn tell_apart(collections: &mut [Collection]) {
    let mut n_of: BTreeMap<String, u32> = BTreeMap::new();
    for collection in collections.iter() {
        *n_of.entry(collection.slug.clone()).or_default() += 1;
    }
    for collection in collections.iter_mut().filter(|collection| n_of[&collection.slug] > 1) {
        collection.path.trim_start_matches('/').clone_into(&mut collection.slug);
    }
}

fn below_root(url: &Url, path: &str) -> Url {
    let mut url = url.clone();
    url.set_path(path);
    url.set_query(None);
    url
}

fn nowhere(start: &Url) -> Failure {
    let host = start.host_str().unwrap_or_default();
    Failure::new(
        Class::Config,
        Said::new(
            format!("{host} names no calendar or address book of this account; give the address of one of them"),
            format!("{host} n'indique ni agenda ni carnet pour ce compte ; donnez l'adresse de l'un d'eux"),
        ),
    )
}
