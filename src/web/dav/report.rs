//! REPORT (RFC 3253 §3.6): which one, and whether it is for this resource.

use std::sync::Arc;

use super::ask::Ask;
use super::place::Place;
use super::propfind::Writing;
use super::{Answer, Dav, bad, query, search, sync};
use crate::collections::Refusal;
use crate::dav::request::{self, Asked, Report};

pub fn answer(dav: &Arc<Dav>, ask: &Arc<Ask>) -> Answer {
    let report = request::report(&ask.body).map_err(bad)?;
    let place = dav.place(&ask.path, &ask.rights)?;
    let writing = |asked: Asked| Writing { asked: Arc::new(asked), is_minimal: ask.is_minimal() };
    match report {
        Report::PrincipalSearch { matches, is_any, asked } => search::principals(dav, &matches, is_any, writing(asked)),
        Report::PrincipalMatch { asked } => Ok(search::principal(dav, writing(asked))),
        Report::AclPrincipals { asked } => Ok(search::principal(dav, writing(asked))),
        Report::SearchProperties => Ok(search::properties()),
        Report::Expand { properties } => search::expand(dav, ask, &place, properties),
        Report::Sync { token, limit, asked } => sync::answer(dav, collection(place)?, &token, limit, writing(asked)),
        Report::Multiget { asked, hrefs } => query::multiget(dav, ask, collection(place)?, hrefs, writing(asked)),
        Report::CalendarQuery { asked, filter, timezone, limit } => {
            let wanted = query::Wanted { writing: writing(asked), limit };
            query::calendar(dav, ask, &collection(place)?, &filter, timezone.as_deref(), wanted)
        }
        Report::CardQuery { asked, filter, limit } => {
            let wanted = query::Wanted { writing: writing(asked), limit };
            query::cards(dav, ask, &collection(place)?, &filter, wanted)
        }
        Report::FreeBusy { start, end } => query::free_busy(dav, &collection(place)?, start.as_deref(), end.as_deref()),
    }
}

/// Reports about members are asked of their collection.
fn collection(place: Place) -> Result<String, super::Reply> {
    match place {
        Place::Collection(path) => Ok(path),
        // A report on one object means the object alone: asked of its collection it says the same.
        Place::Member { path, .. } => Ok(path),
        Place::Principal | Place::Principals => Err(Refusal::Absent.into()),
    }
}
