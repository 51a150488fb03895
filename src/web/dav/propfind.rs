//! PROPFIND (RFC 4918 §9.1).

use std::sync::Arc;

use axum::http::StatusCode;

use super::ask::{Ask, Depth};
use super::place::{self, Place};
use super::reply::{Reply, Sink};
use super::resource::{Resource, View};
use super::{Answer, Dav, bad, wrong_depth};
use crate::collections::{Collection, Member};
use crate::dav::answer::Response;
use crate::dav::request::{self, Asked};
use crate::dav::xml::Name;
use crate::model::collection::CollectionKind;

/// How a response to what is asked is written.
#[derive(Clone)]
pub struct Writing {
    pub asked: Arc<Asked>,
    pub is_minimal: bool,
}

pub fn answer(dav: &Arc<Dav>, ask: &Arc<Ask>) -> Answer {
    let asked = request::propfind(&ask.body).map_err(bad)?;
    let depth = ask.depth(Depth::Zero).ok_or_else(wrong_depth)?;
    let place = dav.place(&ask.path, &ask.rights)?;
    if let Place::Member { path, name } = &place {
        let state = dav.collections.state();
        if state.collection(path).and_then(|it| it.member(name)).is_none() {
            return Err(Reply::told(StatusCode::NOT_FOUND, "nothing is at this address"));
        }
    }
    let is_leaf = matches!(place, Place::Member { .. } | Place::Principal);
    if depth == Depth::Infinity && !is_leaf {
        return Err(Reply::unmet(StatusCode::FORBIDDEN, "<D:propfind-finite-depth/>"));
    }
    let writing = Writing { asked: Arc::new(asked), is_minimal: ask.is_minimal() };
    let with_root = !(depth == Depth::One && ask.prefers("depth-noroot"));
    let (dav, ask) = (Arc::clone(dav), Arc::clone(ask));
    Ok(Reply::multistatus(move |sink| {
        let find = Find { dav: &dav, ask: &ask, writing: &writing };
        find.write(&place, depth != Depth::Zero, with_root, sink);
        None
    }))
}

struct Find<'a> {
    dav: &'a Dav,
    ask: &'a Ask,
    writing: &'a Writing,
}

impl Find<'_> {
    fn write(&self, place: &Place, is_deep: bool, with_root: bool, sink: &mut Sink<'_>) {
        match place {
            Place::Principal => self.principal(sink),
            Place::Principals => {
                if with_root {
                    let view = self.dav.view(false);
                    let href = format!("{}principals/", place::ROOT);
                    self.writing.write(&Resource::Principals, &href, &view, &mut sink.text);
                }
                if is_deep {
                    self.principal(sink);
                }
            }
            Place::Member { path, name } => {
                let found = {
                    let state = self.dav.collections.state();
                    let collection = state.collection(path);
                    collection.and_then(|it| Some((it.kind, self.may_write(path, it), Arc::clone(it.member(name)?))))
                };
                if let Some((kind, may_write, member)) = found {
                    self.members(path, kind, may_write, &[member], sink);
                }
            }
            Place::Collection(path) => self.collection(path, is_deep, with_root, sink),
        }
    }

    fn principal(&self, sink: &mut Sink<'_>) {
        let view = self.dav.view(false);
        let href = place::of_principal(&self.dav.user);
        let state = self.dav.collections.state();
        self.writing.write(&Resource::principal(&state), &href, &view, &mut sink.text);
    }

    fn collection(&self, path: &str, is_deep: bool, with_root: bool, sink: &mut Sink<'_>) {
        let (kind, may_write, members) = {
            let state = self.dav.collections.state();
            let Some(collection) = state.collection(path) else { return };
            let may_write = self.may_write(path, collection);
            if with_root {
                // Some clients ask where they come in, and look for that address in the answer.
                let href = if self.ask.path == "/" { "/".to_owned() } else { place::of_collection(path) };
                self.one(&href, path, collection, sink);
            }
            if is_deep {
                let children = state.children(path).filter(|(path, _)| self.ask.rights.see(path));
                children.for_each(|(path, it)| self.one(&place::of_collection(path), path, it, sink));
            }
            let members: Vec<_> = if is_deep { collection.members().cloned().collect() } else { Vec::new() };
            (collection.kind, may_write, members)
        };
        self.members(path, kind, may_write, &members, sink);
    }

    fn one(&self, href: &str, path: &str, collection: &Collection, sink: &mut Sink<'_>) {
        let view = self.dav.view(self.may_write(path, collection));
        self.writing.write(&Resource::Collection { path, collection }, href, &view, &mut sink.text);
    }

    fn members(&self, path: &str, kind: CollectionKind, may_write: bool, members: &[Arc<Member>], sink: &mut Sink<'_>) {
        let view = self.dav.view(may_write);
        for member in members {
            let href = place::of_member(path, &member.name);
            self.writing.write(&Resource::Member { kind, member }, &href, &view, &mut sink.text);
            if !sink.pause() {
                return;
            }
        }
    }

    fn may_write(&self, path: &str, collection: &Collection) -> bool {
        self.dav.may_write(path, collection, &self.ask.rights)
    }
}

impl Writing {
    /// Writes the response for a resource.
    pub fn write(&self, resource: &Resource<'_>, href: &str, view: &View<'_>, to: &mut String) {
        self.response(resource, view, |_, _| false).write(href, self.is_minimal, to);
    }

    /// The properties of a resource; `more` writes those that only a report tells.
    pub fn response(
        &self,
        resource: &Resource<'_>,
        view: &View<'_>,
        mut more: impl FnMut(&Name, &mut String) -> bool,
    ) -> Response {
        let mut response = Response::default();
        let these = match &*self.asked {
            Asked::Names => {
                resource.names(view).iter().for_each(|name| crate::dav::answer::empty(name, &mut response.found));
                return response;
            }
            Asked::All { include } => {
                resource.write_all(view, &mut response.found);
                include
            }
            Asked::These(these) => these,
        };
        for element in these {
            let name = &element.name;
            if !more(name, &mut response.found) && !resource.write(name, view, &mut response.found) {
                response.missing.push(name.clone());
            }
        }
        response
    }
}
