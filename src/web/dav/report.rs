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
        Report::PrincipalSearch { matches, is_any, asked } => {
            Ok(search::principals(dav, &matches, is_any, writing(asked)))
        }
        Report::PrincipalMatch { asked } | Report::AclPrincipals { asked } => {
            Ok(search::principal(dav, writing(asked)))
        }
        Report::SearchProperties => Ok(search::properties()),
        Report::Expand { properties } => search::expand(dav, ask, &place, &properties),
        Report::Sync { token, limit, asked } => {
            sync::answer(dav, ask, collection(dav, place)?, &token, limit, writing(asked))
        }
        Report::Multiget { asked, hrefs } => query::multiget(dav, ask, collection(dav, place)?, hrefs, writing(asked)),
        Report::CalendarQuery { asked, filter, timezone, limit } => {
            let wanted = query::Wanted { writing: writing(asked), limit };
            query::calendar(dav, ask, &collection(dav, place)?, &filter, timezone.as_deref(), wanted)
        }
        Report::CardQuery { asked, filter, limit } => {
            let wanted = query::Wanted { writing: writing(asked), limit };
            query::cards(dav, ask, &collection(dav, place)?, &filter, wanted)
        }
        Report::FreeBusy { start, end } => {
            query::free_busy(dav, ask, &collection(dav, place)?, start.as_deref(), end.as_deref())
        }
    }
}

/// The collection that a report is about: that of the object, when it is asked of one.
fn collection(dav: &Dav, place: Place) -> Result<String, super::Reply> {
    match place {
        Place::Collection(path) => Ok(path),
        Place::Member { path, name } => {
            let state = dav.collections.state();
            let is_there = state.collection(&path).is_some_and(|collection| collection.member(&name).is_some());
            if is_there { Ok(path) } else { Err(Refusal::Absent.into()) }
        }
        Place::Principal | Place::Principals => Err(Refusal::Absent.into()),
    }
}
