//! COPY and MOVE (RFC 4918 §9.8, §9.9).

use std::sync::Arc;

use axum::http::StatusCode;

use super::ask::{Ask, Depth};
use super::place::{self, Place};
use super::reply::Reply;
use super::{Answer, Dav, wrong_depth};
use crate::collections::{Refusal, What};

pub fn answer(dav: &Arc<Dav>, ask: &Arc<Ask>) -> Answer {
    let is_copy = ask.method.as_str() == "COPY";
    let destination = destination(ask)?;
    let from = dav.place(&ask.path, &ask.rights)?;
    let to = dav.place(&destination, &ask.rights)?;
    let depth = ask.depth(Depth::Infinity).ok_or_else(wrong_depth)?;
    let overwrites = ask.overwrites();
    let what = match (from, to) {
        (Place::Member { path, name }, Place::Member { path: to_path, name: to_name }) => {
            dav.check_write(&to_path, &destination, &ask.rights)?;
            if !is_copy {
                dav.check_write(&path, &ask.path, &ask.rights)?;
            }
            What::Carry { from: (path, name), to: (to_path, to_name), is_copy, overwrites }
        }
        (Place::Member { path, name }, Place::Collection(to)) => {
            dav.check_make(&to, &destination, &ask.rights)?;
            if !is_copy {
                dav.check_write(&path, &ask.path, &ask.rights)?;
            }
            let (to_path, to_name) = crate::collections::parent_of(&to);
            What::Carry { from: (path, name), to: (to_path.to_owned(), to_name.to_owned()), is_copy, overwrites }
        }
        (Place::Collection(from), Place::Collection(to)) => collection(dav, ask, from, to, (is_copy, depth))?,
        (Place::Collection(from), Place::Member { path, name }) => {
            let to = if path.is_empty() { name } else { format!("{path}/{name}") };
            collection(dav, ask, from, to, (is_copy, depth))?
        }
        (Place::Principal | Place::Principals, _) | (_, Place::Principal | Place::Principals) => {
            return Err(Refusal::Fixed.into());
        }
    };
    match dav.write(what, ask) {
        Ok(done) => Ok(Reply::empty(if done.is_new { StatusCode::CREATED } else { StatusCode::NO_CONTENT })),
        Err(refusal) => Err(refused(dav, ask, &destination, refusal)),
    }
}

fn collection(dav: &Dav, ask: &Ask, from: String, to: String, (is_copy, depth): (bool, Depth)) -> Result<What, Reply> {
    dav.check_make(&to, &ask.path, &ask.rights)?;
    if !is_copy {
        dav.check_make(&from, &ask.path, &ask.rights)?;
    }
    Ok(What::CarryCollection { from, to, is_copy, overwrites: ask.overwrites(), is_shallow: depth == Depth::Zero })
}

fn refused(dav: &Dav, ask: &Ask, destination: &str, refusal: Refusal) -> Reply {
    match refusal {
        Refusal::UidTaken { name } => super::object::uid_taken(dav, destination, &ask.rights, &name),
        refusal => refusal.into(),
    }
}

/// A host without its port, which proxies change.
fn without_port(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    }
}

/// The path of the destination; it must be on this server.
fn destination(ask: &Ask) -> Result<String, Reply> {
    let Some(stated) = ask.header("destination") else {
        return Err(Reply::told(StatusCode::BAD_REQUEST, "there is no Destination"));
    };
    let named = stated.split_once("://").map(|(_, rest)| rest.split('/').next().unwrap_or_default());
    if named.is_some_and(|named| !without_port(named).eq_ignore_ascii_case(without_port(&ask.host))) {
        return Err(Reply::told(StatusCode::BAD_GATEWAY, "the destination is on another server"));
    }
    Ok(place::path_of(stated).to_owned())
}
