//! Collections that are made from the views: what differs from what devices have is written, and
//! nothing else, so that no device fetches again what it knows.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::SystemTime;

use jiff::civil::Date;

use super::ServeError;
use super::shelf::{is_french, property};
use crate::archive::ArchiveError;
use crate::collections::{self, Collection, Collections, Conditions, New, What, Write};
use crate::config::{self, Config, Derived, Language};
use crate::dav::{calendar, card};
use crate::derive::{self, Kind, Made};
use crate::import::SNAPSHOT;
use crate::model::collection::{Change, CollectionKind, Origin, Property};
use crate::sync::Outfit;

/// What the collections were last made from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct MadeFrom {
    published_at: Option<SystemTime>,
    today: Date,
    settings: Derived,
    is_french: bool,
}

/// Makes them anew, when the views, the day or the settings are not those of `last`.
pub(super) fn renew(outfit: &Outfit, collections: &Collections, last: &mut Option<MadeFrom>) -> Result<(), ServeError> {
    let config = config::read(&outfit.home.config)?;
    let snapshot = outfit.home.data.join(SNAPSHOT);
    let zone = &config.household.time_zone;
    let today = (outfit.clock)().to_zoned(zone.clone()).date();
    let from = MadeFrom {
        published_at: snapshot.metadata().and_then(|meta| meta.modified()).ok(),
        today,
        settings: config.serve.derived.clone(),
        is_french: is_french(&config.household),
    };
    if last.as_ref() == Some(&from) {
        return Ok(());
    }
    if from.published_at.is_none() {
        // Nothing was ever published, or it is not to be read: that takes nothing from devices.
        return Ok(());
    }
    let language = if from.is_french { Language::Fr } else { Language::En };
    let made = derive::make(&snapshot, today, zone, language, &from.settings)?;
    show(collections, &made, &config)?;
    *last = Some(from);
    Ok(())
}

fn show(collections: &Collections, made: &[Made], config: &Config) -> Result<(), ServeError> {
    let gone = unwanted(collections, made);
    if !gone.is_empty() {
        write(collections, What::Own(gone))?;
    }
    for one in made {
        let path = path_of(one);
        let seq = collections.state().collection(&path).map(Collection::seq);
        let changes = of_one(collections, one, config)?;
        if !changes.is_empty() {
            // Somebody may have made one of that name meanwhile.
            write(collections, What::OwnSince { path, seq, changes })?;
        }
    }
    Ok(())
}

fn write(collections: &Collections, what: What) -> Result<(), ServeError> {
    collections.write(Write { what, conditions: Conditions::default(), by: None })?;
    Ok(())
}

/// Takes away collections that the settings do not want any more.
fn unwanted(collections: &Collections, made: &[Made]) -> Vec<Change> {
    let wanted: BTreeSet<String> = made.iter().map(path_of).collect();
    let state = collections.state();
    let derived = state.collections().filter(|(_, it)| matches!(it.origin, Origin::Derived { .. }));
    let gone = derived.filter(|(path, _)| !wanted.contains(*path));
    gone.map(|(path, _)| Change::Removed { path: path.to_owned() }).collect()
}

fn of_one(collections: &Collections, made: &Made, config: &Config) -> Result<Vec<Change>, ArchiveError> {
    let path = path_of(made);
    let properties = properties(made, is_french(&config.household));
    let mut changes = Vec::new();
    let mut known = BTreeSet::new();
    {
        let state = collections.state();
        match state.collection(&path) {
            // Somebody has one of their own there.
            Some(there) if !matches!(there.origin, Origin::Derived { .. }) => {
                tracing::warn!(path, "this name is that of a collection made from the views");
                return Ok(Vec::new());
            }
            Some(there) => {
                known = there.members().map(|member| (member.name.to_string(), member.sha256.clone())).collect();
                changes.extend(other_properties(there, &path, properties));
            }
            None => {
                let origin = Origin::Derived { what: made.collection.to_owned() };
                changes.push(collections::made(&path, kind_of(made), origin, properties));
            }
        }
    }
    let names: BTreeSet<&str> = made.objects.iter().map(|(name, _)| name.as_str()).collect();
    for (name, _) in known.iter().filter(|(name, _)| !names.contains(name.as_str())) {
        changes.push(Change::Gone { path: path.clone(), name: name.clone(), by: None });
    }
    for (name, bytes) in &made.objects {
        if known.contains(&(name.clone(), crate::archive::name_of(bytes))) {
            continue;
        }
        let Some(new) = object(made.kind, bytes) else {
            tracing::error!(path, name, "an object made from the views is not valid");
            continue;
        };
        let (object, _) = collections.object(new)?;
        let (path, name) = (path.clone(), name.clone());
        changes.push(Change::Put { path, name, object, by: None, properties: Vec::new() });
    }
    Ok(changes)
}

/// Its name or colour, where they are not what they were.
fn other_properties(there: &Collection, path: &str, wanted: Vec<Property>) -> Option<Change> {
    let is_new = |property: &Property| there.properties.get(&property.name) != Some(property);
    let set: Vec<Property> = wanted.into_iter().filter(is_new).collect();
    let path = path.to_owned();
    (!set.is_empty()).then_some(Change::Set { path, name: None, set, removed: Vec::new() })
}

fn properties(made: &Made, is_french: bool) -> Vec<Property> {
    const CALDAV: &str = "urn:ietf:params:xml:ns:caldav";
    let name = if is_french { &made.name.fr } else { &made.name.en };
    let mut properties = vec![property("DAV:", "displayname", name)];
    let component = match made.kind {
        Kind::Events => "VEVENT",
        Kind::Journals => "VJOURNAL",
        Kind::Cards => return properties,
    };
    properties.push(property("http://apple.com/ns/ical/", "calendar-color", made.colour));
    let mut components = property(CALDAV, "supported-calendar-component-set", "");
    components.xml = format!(
        "<x:supported-calendar-component-set xmlns:x=\"{CALDAV}\"><x:comp name=\"{component}\"/>\
         </x:supported-calendar-component-set>"
    );
    properties.push(components);
    properties
}

fn object(kind: Kind, bytes: &[u8]) -> Option<New> {
    let (uid, component) = match kind {
        Kind::Events | Kind::Journals => {
            let facts = calendar::check(bytes).ok()?;
            (Some(facts.uid), facts.kind.component())
        }
        Kind::Cards => (card::check(bytes).ok()?.uid, "VCARD"),
    };
    Some(New { bytes: Arc::from(bytes), uid, component: Some(component.to_owned()), media: None })
}

fn kind_of(made: &Made) -> CollectionKind {
    match made.kind {
        Kind::Events | Kind::Journals => CollectionKind::Calendar,
        Kind::Cards => CollectionKind::AddressBook,
    }
}

fn path_of(made: &Made) -> String {
    match kind_of(made) {
        CollectionKind::AddressBook => format!("books/{}", made.collection),
        CollectionKind::Calendar | CollectionKind::Plain => format!("calendars/{}", made.collection),
    }
}
