//! `sync-collection` (RFC 6578).

use std::sync::Arc;

use axum::http::StatusCode;

use super::place;
use super::propfind::Writing;
use super::query::Data;
use super::reply::Reply;
use super::resource::Resource;
use super::{Answer, Dav};
use crate::collections::{Changed, Refusal, Token};
use crate::dav::answer;

pub fn answer(dav: &Arc<Dav>, path: String, token: &str, limit: Option<usize>, writing: Writing) -> Answer {
    let invalid = || Reply::unmet(StatusCode::FORBIDDEN, "<D:valid-sync-token/>");
    let token = match token {
        "" => None,
        stated => Some(Token::parse(stated).ok_or_else(invalid)?),
    };
    let (kind, changes) = {
        let state = dav.collections.state();
        let collection = state.collection(&path).ok_or(Refusal::Absent)?;
        (collection.kind, collection.changes(token.as_ref(), limit).ok_or_else(invalid)?)
    };
    let data = Data::of(&writing.asked, kind)?;
    let dav = Arc::clone(dav);
    Ok(Reply::multistatus(move |sink| {
        let view = dav.view(false);
        for changed in &changes.changed {
            match changed {
                Changed::Live(member) => {
                    let href = place::of_member(&path, &member.name);
                    let resource = Resource::Member { kind, member };
                    let more = |name: &_, to: &mut String| data.write(&dav, member, name, to);
                    writing.response(&resource, &view, more).write(&href, writing.is_minimal, &mut sink.text);
                }
                Changed::Gone { name, .. } => {
                    answer::status(&place::of_member(&path, name), "404 Not Found", None, &mut sink.text);
                }
            }
            if !sink.pause() {
                return None;
            }
        }
        if changes.is_cut {
            let href = place::of_collection(&path);
            answer::status(
                &href,
                "507 Insufficient Storage",
                Some("<D:number-of-matches-within-limits/>"),
                &mut sink.text,
            );
        }
        Some(changes.token.to_string())
    }))
}
