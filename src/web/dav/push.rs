//! WebDAV-Push: POST on a collection registers, DELETE of what was registered takes it back, and
//! every write tells.

use std::sync::Arc;

use axum::http::{StatusCode, header};

use super::ask::Ask;
use super::place::{self, Place};
use super::reply::Reply;
use super::resource::{http_date, is_synced};
use super::{Answer, Dav, not_served};
use crate::collections::What;
use crate::dav::push::{self, Unfit};
use crate::dav::xml::escaped;
use crate::web::push::{Kinds, Push, PushError, Refused};

/// Registrations of all devices. No collection can be there: the root takes none.
const REGISTRATIONS: &str = "/dav/push/";

const CONTENT: Kinds = Kinds { content: true, properties: false };
const PROPERTIES: Kinds = Kinds { content: false, properties: true };

/// Takes a registration: 201 when it is new, 204 when the device had it.
pub fn register(dav: &Arc<Dav>, ask: &Arc<Ask>) -> Answer {
    let push = dav.push.as_deref().ok_or_else(|| not_served(dav))?;
    if ask.header("content-type").is_some_and(|kind| !kind.contains("xml")) {
        return Err(Reply::told(StatusCode::UNSUPPORTED_MEDIA_TYPE, "the body is no XML"));
    }
    let wanted = push::register(&ask.body).map_err(|unfit| match unfit {
        Unfit::Request(error) => error.into(),
        Unfit::Subscription(what) => unmet("invalid-subscription", what),
        Unfit::Trigger => unmet("no-supported-trigger", "no content-update and no property-update is asked for"),
    })?;
    let place = dav.place(&ask.path, &ask.rights)?;
    let not_here = || unmet("push-not-available", "nothing is told of what is at this address");
    let device = ask.rights.device_id.as_deref().ok_or_else(not_here)?;
    let collection = match &place {
        Place::Collection(path) if is_synced(path) => dav.collections.state().collection(path).map(|it| it.id.clone()),
        Place::Collection(_) | Place::Member { .. } | Place::Principal | Place::Principals => None,
    };
    let registered = push.register(device, &collection.ok_or_else(not_here)?, &wanted).map_err(refused)?;
    let status = if registered.is_new { StatusCode::CREATED } else { StatusCode::NO_CONTENT };
    Ok(Reply::empty(status)
        .with(header::LOCATION, &format!("{REGISTRATIONS}{}", registered.id))
        .with(header::EXPIRES, &http_date(registered.expires_at)))
}

/// Whether an address is that of a registration, of anybody.
pub fn is_registration(address: &str) -> bool {
    id_in(address).is_some()
}

/// Takes a registration back; nobody but its device sees that it is there.
pub fn remove(dav: &Arc<Dav>, ask: &Arc<Ask>) -> Answer {
    let gone = || Reply::told(StatusCode::NOT_FOUND, "nothing is at this address");
    let push = dav.push.as_deref().ok_or_else(gone)?;
    let (Some(device), Some(id)) = (ask.rights.device_id.as_deref(), id_in(&ask.path)) else { return Err(gone()) };
    if push.remove(device, id).map_err(|error| failed(&error))? {
        Ok(Reply::empty(StatusCode::NO_CONTENT))
    } else {
        Err(gone())
    }
}

/// What a write touches, if anybody wants to know: ids of collections, before they are gone.
pub fn touched(dav: &Dav, what: &What) -> Vec<(String, Kinds)> {
    if !dav.push.as_deref().is_some_and(Push::is_wanted) {
        return Vec::new();
    }
    let paths: Vec<(&str, Kinds)> = match what {
        What::Put { path, .. } | What::Delete { path, .. } => vec![(path, CONTENT)],
        What::SetProperties { path, name: None, .. } => vec![(path, PROPERTIES)],
        What::Carry { from, to, is_copy: true, .. } if from.0 != to.0 => vec![(&to.0, CONTENT)],
        What::Carry { from, to, .. } if from.0 != to.0 => vec![(&from.0, CONTENT), (&to.0, CONTENT)],
        What::Carry { to, .. } => vec![(&to.0, CONTENT)],
        // Properties of members are not told; whole collections are found by looking.
        What::SetProperties { name: Some(_), .. }
        | What::DeleteCollection { .. }
        | What::MakeCollection { .. }
        | What::CarryCollection { .. }
        | What::Own(_)
        | What::OwnSince { .. } => Vec::new(),
    };
    let state = dav.collections.state();
    let ids = paths.into_iter().map(|(path, kinds)| Some((state.collection(path)?.id.clone(), kinds)));
    ids.flatten().collect()
}

/// Tells the others, except those that the request spares: addresses of registrations, or all.
pub fn tell(dav: &Dav, touched: &[(String, Kinds)], ask: &Ask) {
    let Some(push) = dav.push.as_deref().filter(|_| !touched.is_empty()) else { return };
    let values = ask.headers.get_all("push-dont-notify").iter().filter_map(|value| value.to_str().ok());
    let spared: Vec<&str> = values.flat_map(|value| value.split(',')).map(|one| one.trim().trim_matches('"')).collect();
    let is_spared = |id: &str| spared.iter().any(|one| *one == "*" || id_in(one) == Some(id));
    for (collection, kinds) in touched {
        push.wrote(collection, *kinds, ask.rights.device_id.as_deref(), &is_spared);
    }
}

/// The id at the end of an address, with or without the host.
fn id_in(address: &str) -> Option<&str> {
    let id = place::path_of(address).strip_prefix(REGISTRATIONS)?;
    (!id.is_empty() && id.bytes().all(|byte| byte.is_ascii_alphanumeric())).then_some(id)
}

fn refused(refused: Refused) -> Reply {
    match refused {
        Refused::Subscription(what) => unmet("invalid-subscription", &what),
        Refused::Full => Reply::told(StatusCode::INSUFFICIENT_STORAGE, refused.to_string()),
        Refused::Failed(error) => failed(&error),
    }
}

fn failed(error: &PushError) -> Reply {
    tracing::error!(%error, "a registration could not be written");
    Reply::told(StatusCode::INTERNAL_SERVER_ERROR, "the registration could not be written")
}

/// A condition that is not met, with what is wrong, for people.
fn unmet(condition: &str, what: &str) -> Reply {
    let what = escaped(what);
    let body = format!("<P:{condition}/><D:responsedescription>{what}</D:responsedescription>");
    Reply::unmet(StatusCode::FORBIDDEN, &body)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_registrations_are_known_with_their_host() {
        assert_eq!(id_in("/dav/push/0a1b"), Some("0a1b"));
        assert_eq!(id_in("https://dav.example.org/dav/push/0a1b"), Some("0a1b"));
        for other in ["/dav/push/", "/dav/push/a/b", "/dav/push/%2e", "/dav/calendars/a", "*"] {
            assert_eq!(id_in(other), None, "{other}");
        }
    }
}
