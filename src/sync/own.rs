//! What people write into the household's own collections, taken into the views.
//!
//! Each collection that changed gives one document, in the form that a server's collections are
//! kept in, and it is imported like any other: the journal has it, and a rebuilt warehouse too.
//! What was taken in is kept in `state/collections` once the views show it; cut anywhere
//! before, the same comes again and is found known. To-dos make no rows.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, PoisonError};

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::{Outfit, state, storing};
use crate::archive::Shows;
use crate::collections::{Changed, Changes, Collection, Collections, Member, Token};
use crate::dav::bundle::{self, Found, Kind};
use crate::dav::xml;
use crate::import::{self, ImportError, Input, OWN, Silent, Wish};
use crate::model::collection::{CollectionKind, Origin};

/// What was taken in of each collection, by its path.
type Known = BTreeMap<String, TakenIn>;

/// See [`Known`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct TakenIn {
    /// The sync token up to which it was.
    token: String,
    /// When that document was true: the next one is later, whatever the clock says.
    as_of: Timestamp,
}

/// A collection that the views do not show as it stands.
struct News {
    path: String,
    kind: Kind,
    /// What people call it, else the last part of its path.
    name: String,
    token: String,
    is_whole: bool,
    gone: Vec<String>,
    members: Vec<Arc<Member>>,
}

/// Takes in what changed in the household's own calendars and address books; whether anything did.
///
/// It waits for imports that go on; to be called from a thread that may.
pub fn take_in(outfit: &Outfit, collections: &Collections) -> Result<bool, ImportError> {
    let _turn = outfit.importing.lock().unwrap_or_else(PoisonError::into_inner);
    let known: Known = state::read_own(&outfit.home.data);
    let news = news(collections, &known);
    if news.is_empty() {
        return Ok(false);
    }
    let now = (outfit.clock)();
    let mut after = known.clone();
    let mut inputs = Vec::new();
    for one in &news {
        let before = known.get(&one.path);
        let as_of = before.map_or(now, |before| now.max(before.as_of + SignedDuration::from_micros(1)));
        // Of an empty collection that nobody knows there is nothing to tell.
        if before.is_some() || !one.members.is_empty() {
            inputs.push(input(collections, one, as_of)?);
        }
        after.insert(one.path.clone(), TakenIn { token: one.token.clone(), as_of });
    }
    after.retain(|path, _| !news.iter().any(|one| one.path == *path && one.token.is_empty()));
    if !inputs.is_empty() {
        import_all(outfit, &inputs)?;
    }
    if let Err(error) = state::write_own(&outfit.home.data, &after) {
        tracing::warn!(%error, "what was taken in of the collections cannot be written");
    }
    Ok(!inputs.is_empty())
}

fn import_all(outfit: &Outfit, inputs: &[Input]) -> Result<(), ImportError> {
    let mut world = storing::open(outfit)?;
    state::unpublished(&outfit.home.data);
    let shows = Some(Shows::Collections(OWN.to_owned()));
    let wish = Wish { source: Some(OWN.to_owned()), connector: None, shows };
    import::import(&mut world, inputs, &wish, &mut Silent)?;
    import::refresh(world)?;
    state::published(&outfit.home.data);
    Ok(())
}

/// How collections stand beside what is known of them.
fn news(collections: &Collections, known: &Known) -> Vec<News> {
    let state = collections.state();
    let own = |path: &str| state.collection(path).filter(|collection| collection.origin == Origin::Own);
    let changed = state.collections().filter(|(path, _)| own(path).is_some());
    let mut news: Vec<News> =
        changed.filter_map(|(path, collection)| of_collection(path, collection, known.get(path))).collect();
    let removed = known.keys().filter(|path| own(path).is_none());
    news.extend(removed.map(|path| farewell(path)));
    news
}

fn of_collection(path: &str, collection: &Collection, known: Option<&TakenIn>) -> Option<News> {
    let kind = kind_of(collection.kind)?;
    let token = collection.token().to_string();
    if known.is_some_and(|known| known.token == token) {
        return None;
    }
    let since = known.and_then(|known| Token::parse(&known.token));
    // What has no UID is known by what it says: only the whole tells that it changed or went.
    let partly = since.and_then(|since| collection.changes(Some(&since), None)).filter(has_uids);
    let is_whole = partly.is_none();
    let changes = partly.or_else(|| collection.changes(None, None))?;
    let name = name_of(path, collection);
    let mut news = News { path: path.to_owned(), kind, name, token, is_whole, gone: Vec::new(), members: Vec::new() };
    for changed in changes.changed {
        match changed {
            Changed::Live(member) => {
                let former = member.former_uids.iter().filter(|uid| collection.name_of_uid(uid).is_none());
                news.gone.extend(former.cloned());
                news.members.push(member);
            }
            // What only has another name has not gone.
            Changed::Gone { uid: Some(uid), .. } if collection.name_of_uid(&uid).is_none() => news.gone.push(uid),
            Changed::Gone { .. } => {}
        }
    }
    Some(news)
}

fn has_uids(changes: &Changes) -> bool {
    changes.changed.iter().all(|changed| match changed {
        Changed::Live(member) => member.uid.is_some(),
        Changed::Gone { uid, .. } => uid.is_some(),
    })
}

/// A collection that is not there any more.
fn farewell(path: &str) -> News {
    let kind = if path.starts_with("books/") { Kind::Cards } else { Kind::Calendars };
    let (name, gone, members) = (last_of(path).to_owned(), Vec::new(), Vec::new());
    News { path: path.to_owned(), kind, name, token: String::new(), is_whole: true, gone, members }
}

fn name_of(path: &str, collection: &Collection) -> String {
    let given = collection.property("DAV:", "displayname").and_then(|property| xml::read(property.xml.as_bytes()).ok());
    given
        .map(|name| name.text().trim().to_owned())
        .filter(|name| !name.is_empty())
        .unwrap_or_else(|| last_of(path).to_owned())
}

fn last_of(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

fn kind_of(kind: CollectionKind) -> Option<Kind> {
    match kind {
        CollectionKind::Calendar => Some(Kind::Calendars),
        CollectionKind::AddressBook => Some(Kind::Cards),
        CollectionKind::Plain => None,
    }
}

fn input(collections: &Collections, news: &News, as_of: Timestamp) -> Result<Input, ImportError> {
    let slug = last_of(&news.path);
    let bytes: Vec<Arc<[u8]>> =
        news.members.iter().map(|member| collections.bytes(member)).collect::<Result<_, _>>()?;
    let found = Found {
        key: &format!("{OWN}/{slug}"),
        name: &news.name,
        colour: None,
        taken_at: as_of,
        stands: Some(&news.token),
        is_whole: news.is_whole,
        gone: news.gone.clone(),
        objects: bytes.iter().map(AsRef::as_ref).collect(),
    };
    let (extension, connector) = match news.kind {
        Kind::Calendars => ("ics", "calendar/icalendar"),
        Kind::Cards => ("vcf", "contacts/vcard"),
    };
    Ok(Input {
        name: format!("{slug}.{extension}"),
        path: Some(PathBuf::from(&news.path)),
        as_of,
        held: Some(bundle::write(news.kind, &found)),
        connector: Some(connector.to_owned()),
    })
}
