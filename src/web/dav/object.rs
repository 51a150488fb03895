//! Single objects: GET, HEAD, PUT, DELETE.

use std::fmt::Write as _;
use std::sync::Arc;

use axum::body::Bytes;
use axum::http::{StatusCode, header};

use super::ask::{Ask, Depth, Rights};
use super::place::{self, Place};
use super::reply::{Body, Reply};
use super::resource::{content_type, http_date};
use super::{Answer, Dav, denied, query, wrong_depth};
use crate::collections::{Collection, Match, New, Refusal, What};
use crate::dav::{answer, calendar, card};
use crate::model::collection::CollectionKind;

/// GET and HEAD. A collection shows what is in it, for people.
pub fn show(dav: &Arc<Dav>, ask: &Arc<Ask>) -> Answer {
    let (path, name) = match dav.place(&ask.path, &ask.rights)? {
        Place::Member { path, name } => (path, name),
        Place::Collection(path) => return Ok(listing(dav, &path, &ask.rights)),
        Place::Principal | Place::Principals => return Ok(Reply::told(StatusCode::OK, "a principal")),
    };
    let found = {
        let state = dav.collections.state();
        let collection = state.collection(&path);
        collection.and_then(|collection| Some((collection.kind, Arc::clone(collection.member(&name)?))))
    };
    let (kind, member) = found.ok_or(Refusal::Absent)?;
    let etag = member.etag();
    let conditions = ask.conditions();
    let is_seen = conditions.if_none_match.is_some() && !conditions.hold(Some(&etag));
    let reply = if matches!(&conditions.if_match, Some(Match::Tags(tags)) if !tags.contains(&etag)) {
        return Err(Refusal::Precondition.into());
    } else if is_seen {
        Reply::empty(StatusCode::NOT_MODIFIED)
    } else {
        let bytes = dav.collections.bytes(&member)?;
        Reply { body: Body::Whole(Bytes::from_owner(bytes)), ..Reply::empty(StatusCode::OK) }
    };
    Ok(reply
        .with(header::CONTENT_TYPE, &content_type(kind, &member))
        .with(header::ETAG, &etag)
        .with(header::LAST_MODIFIED, &http_date(member.changed_at))
        // What people stored is shown by no browser as a page of ours.
        .with(header::CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox")
        .with(header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
}

pub fn put(dav: &Arc<Dav>, ask: &Arc<Ask>) -> Answer {
    let (path, name) = match dav.place(&ask.path, &ask.rights)? {
        Place::Member { path, name } => (path, name),
        Place::Collection(_) | Place::Principal | Place::Principals => return Err(Refusal::Taken.into()),
    };
    dav.check_write(&path, &ask.path, &ask.rights)?;
    let kind = dav.collections.state().collection(&path).map(|it| it.kind).ok_or(Refusal::NoParent)?;
    if ask.headers.contains_key(header::CONTENT_RANGE) {
        return Err(Reply::told(StatusCode::BAD_REQUEST, "a part of an object cannot be written"));
    }
    let new = match kind {
        CollectionKind::Calendar => calendar_object(ask)?,
        CollectionKind::AddressBook => card_object(ask)?,
        CollectionKind::Plain => New {
            bytes: Arc::clone(&ask.body),
            uid: None,
            component: None,
            media: ask.header("content-type").map(str::to_owned),
        },
    };
    let (object, _) = dav.collections.object(new)?;
    let done = match dav.write(What::Put { path: path.clone(), name: name.clone(), object }, ask) {
        Ok(done) => done,
        Err(Refusal::UidTaken { name }) => return Err(uid_taken(dav, &ask.path, &ask.rights, &name)),
        Err(Refusal::Taken) => return Err(Reply::told(StatusCode::CONFLICT, "a collection has this name")),
        Err(refusal) => return Err(refusal.into()),
    };
    if kind == CollectionKind::Calendar {
        query::prepare(dav, &path, &name);
    }
    let status = if done.is_new { StatusCode::CREATED } else { StatusCode::NO_CONTENT };
    let reply = Reply::empty(status).with(header::ETAG, &done.etag.unwrap_or_default());
    if !ask.prefers("return=representation") {
        return Ok(reply);
    }
    // RFC 8144 §3: what was stored, with the status that says whether it is new.
    let status = if done.is_new { StatusCode::CREATED } else { StatusCode::OK };
    let media = match kind {
        CollectionKind::Calendar => "text/calendar; charset=utf-8",
        CollectionKind::AddressBook => "text/vcard; charset=utf-8",
        CollectionKind::Plain => ask.header("content-type").unwrap_or("application/octet-stream"),
    };
    let body = Body::Whole(Bytes::from_owner(Arc::clone(&ask.body)));
    let reply = Reply { status, body, ..reply };
    Ok(reply.with(header::CONTENT_TYPE, media).with(header::CONTENT_LOCATION, &place::of_member(&path, &name)))
}

pub fn delete(dav: &Arc<Dav>, ask: &Arc<Ask>) -> Answer {
    let what = match dav.place(&ask.path, &ask.rights)? {
        Place::Principal | Place::Principals => return Err(denied(&ask.path, "D:unbind")),
        Place::Member { path, name } => {
            dav.check_write(&path, &ask.path, &ask.rights)?;
            What::Delete { path, name }
        }
        Place::Collection(path) => {
            if ask.depth(Depth::Infinity).ok_or_else(wrong_depth)? != Depth::Infinity {
                return Err(wrong_depth());
            }
            dav.check_make(&path, &ask.path, &ask.rights)?;
            What::DeleteCollection { path }
        }
    };
    dav.write(what, ask)?;
    Ok(Reply::empty(StatusCode::NO_CONTENT))
}

/// Another object of the collection has the UID (RFC 4791 §5.3.2.1, RFC 6352 §6.3.2.1).
pub fn uid_taken(dav: &Dav, address: &str, rights: &Rights, name: &str) -> Reply {
    let Ok(Place::Member { path, .. }) = dav.place(address, rights) else { return Refusal::Fixed.into() };
    let prefix = if path.starts_with("books") { "R" } else { "C" };
    let href = answer::href(&place::of_member(&path, name));
    let condition = format!("<{prefix}:no-uid-conflict>{href}</{prefix}:no-uid-conflict>");
    Reply::unmet(StatusCode::CONFLICT, &condition)
}

fn calendar_object(ask: &Ask) -> Result<New, Reply> {
    fits_type(ask, &["text/calendar"], "<C:supported-calendar-data/>")?;
    let facts = calendar::check(&ask.body).map_err(|invalid| said("C:valid-calendar-data", &invalid.to_string()))?;
    let component = facts.kind.component();
    let bytes = Arc::clone(&ask.body);
    Ok(New { bytes, uid: Some(facts.uid), component: Some(component.to_owned()), media: None })
}

fn card_object(ask: &Ask) -> Result<New, Reply> {
    fits_type(ask, &["text/vcard", "text/x-vcard", "text/directory"], "<R:supported-address-data/>")?;
    let facts = card::check(&ask.body).map_err(|invalid| said("R:valid-address-data", &invalid.to_string()))?;
    let bytes = Arc::clone(&ask.body);
    Ok(New { bytes, uid: facts.uid, component: Some("VCARD".to_owned()), media: None })
}

/// Refuses what says that it is something else; nothing said is well said.
fn fits_type(ask: &Ask, types: &[&str], condition: &str) -> Result<(), Reply> {
    let stated = ask.header("content-type").unwrap_or_default();
    let stated = stated.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let is_open = stated.is_empty() || stated == "application/octet-stream";
    if is_open || types.contains(&stated.as_str()) {
        return Ok(());
    }
    Err(Reply::unmet(StatusCode::UNSUPPORTED_MEDIA_TYPE, condition))
}

/// A condition with what is wrong, for people.
fn said(condition: &str, what: &str) -> Reply {
    let what = crate::dav::xml::escaped(what).into_owned();
    let body = format!("<{condition}/><D:responsedescription>{what}</D:responsedescription>");
    Reply::unmet(StatusCode::FORBIDDEN, &body)
}

/// What is in a collection, a line each.
fn listing(dav: &Dav, path: &str, rights: &Rights) -> Reply {
    let state = dav.collections.state();
    let mut text = String::new();
    for (path, _) in state.children(path).filter(|(path, _)| rights.see(path)) {
        let _ = writeln!(text, "{}", place::of_collection(path));
    }
    for member in state.collection(path).into_iter().flat_map(Collection::members) {
        let _ = writeln!(text, "{}", place::of_member(path, &member.name));
    }
    Reply::told(StatusCode::OK, text.trim_end())
}
