//! `sync-collection` (RFC 6578).

use std::sync::Arc;

use axum::http::StatusCode;

use super::ask::Ask;
use super::data::{Data, Telling};
use super::propfind::Writing;
use super::reply::Reply;
use super::{Answer, Dav, place, query};
use crate::collections::{Changed, Refusal, Token};
use crate::dav::answer;

pub fn answer(dav: &Arc<Dav>, ask: &Ask, path: String, token: &str, limit: Option<usize>, writing: Writing) -> Answer {
    let invalid = || Reply::unmet(StatusCode::FORBIDDEN, "<D:valid-sync-token/>");
    let token = match token {
        "" => None,
        stated => Some(Token::parse(stated).ok_or_else(invalid)?),
    };
    let (kind, changes, zone, may_write) = {
        let state = dav.collections.state();
        let collection = state.collection(&path).ok_or(Refusal::Absent)?;
        let changes = collection.changes(token.as_ref(), limit).ok_or_else(invalid)?;
        let may_write = dav.may_write(&path, collection, &ask.rights);
        (collection.kind, changes, query::zone_of(dav, collection), may_write)
    };
    let data = Data::read(&writing.asked, kind, &zone, &zone)?;
    let dav = Arc::clone(dav);
    Ok(Reply::multistatus(move |sink| {
        let (view, writing, data) = (dav.view(may_write), &writing, &data);
        let telling = Telling { dav: &dav, path: &path, kind, view, writing, data };
        for changed in &changes.changed {
            let goes_on = match changed {
                Changed::Live(member) => telling.member(member, &place::of_member(&path, &member.name), sink),
                Changed::Gone { name, .. } => {
                    answer::status(&place::of_member(&path, name), "404 Not Found", None, &mut sink.text);
                    sink.pause()
                }
            };
            if !goes_on {
                return None;
            }
        }
        if changes.is_cut {
            telling.cut(sink);
        }
        Some(changes.token.to_string())
    }))
}
