//! CalDAV, CardDAV and WebDAV over HTTP (RFC 4918, 4791, 6352, 6578): one method a file.
//!
//! What may be written is decided by `collections`, what objects and queries mean by `dav`; here
//! requests become questions to them, and what they say becomes answers. Who asks has been settled
//! before: see `web::accounts`.

pub mod ask;
mod carry;
mod data;
pub mod http;
mod make;
mod object;
mod place;
mod propfind;
mod proppatch;
mod push;
mod query;
mod reply;
mod report;
mod resource;
mod search;
mod sync;
mod tables;

use std::sync::Arc;

use axum::http::{HeaderName, StatusCode, header};
use jiff::tz::TimeZone;

use crate::collections::{Collection, Collections, What, Write};
use crate::dav::request::RequestError;
use crate::model::collection::Origin;
use crate::web::push::Push;

pub use ask::{Ask, Rights};
use place::Place;
pub use place::{ROOT, of_collection, of_principal};
pub use query::prepare_all;
pub use reply::{Body, Reply, Sink};
use resource::View;

/// What is served to whoever may come in.
pub struct Dav {
    pub collections: Arc<Collections>,
    /// The one user, as clients name it.
    pub user: String,
    /// What the household is called.
    pub name: String,
    /// `mailto:` addresses of the household.
    pub addresses: Vec<String>,
    /// The clock of floating times.
    pub zone: TimeZone,
    /// Whether edits of what a source pulls are sent back to where it comes from.
    pub is_two_way: Box<dyn Fn(&str) -> bool + Send + Sync>,
    /// Is told the path of a collection that has changed.
    pub has_changed: Box<dyn Fn(&str) + Send + Sync>,
    /// Tells devices that a collection has changed, unless it is turned off.
    pub push: Option<Arc<Push>>,
}

/// What this server is (RFC 4918 §10.1).
const COMPLIANCE: &str = "1, 3, extended-mkcol, access-control, calendar-access, addressbook";
/// The same with WebDAV-Push.
const COMPLIANCE_PUSH: &str = "1, 3, extended-mkcol, access-control, calendar-access, addressbook, webdav-push";
const METHODS: &str = "OPTIONS, GET, HEAD, PUT, DELETE, PROPFIND, PROPPATCH, MKCOL, MKCALENDAR, COPY, MOVE, REPORT";
const METHODS_PUSH: &str =
    "OPTIONS, GET, HEAD, PUT, DELETE, PROPFIND, PROPPATCH, MKCOL, MKCALENDAR, COPY, MOVE, REPORT, POST";

/// Answers a request; from a thread that may wait for the disk.
pub fn answer(dav: &Arc<Dav>, ask: Ask) -> Reply {
    let ask = Arc::new(ask);
    let reply = match ask.method.as_str() {
        "OPTIONS" => Ok(options(dav)),
        "POST" => push::register(dav, &ask),
        "DELETE" if push::is_registration(&ask.path) => push::remove(dav, &ask),
        "GET" | "HEAD" => object::show(dav, &ask),
        "PUT" => object::put(dav, &ask),
        "DELETE" => object::delete(dav, &ask),
        "PROPFIND" => propfind::answer(dav, &ask),
        "PROPPATCH" => proppatch::answer(dav, &ask),
        "MKCOL" => make::collection(dav, &ask),
        "MKCALENDAR" => make::calendar(dav, &ask),
        "COPY" | "MOVE" => carry::answer(dav, &ask),
        "REPORT" => report::answer(dav, &ask),
        _ => Err(not_served(dav)),
    };
    reply.unwrap_or_else(|refused| refused).with(HeaderName::from_static("dav"), dav.compliance())
}

/// What may be asked of any address, also by whoever has not said who it is.
pub fn options(dav: &Dav) -> Reply {
    let reply = Reply::empty(StatusCode::OK).with(header::ALLOW, dav.methods());
    reply.with(HeaderName::from_static("dav"), dav.compliance())
}

/// An answer, or why there is none.
type Answer = Result<Reply, Reply>;

impl Dav {
    /// What an address names, when whoever asks may see it.
    fn place(&self, address: &str, rights: &Rights) -> Result<Place, Reply> {
        let place = place::of(address, &self.user, &self.collections.state());
        let place = place.ok_or_else(|| Reply::told(StatusCode::NOT_FOUND, "nothing is at this address"))?;
        let is_seen = match &place {
            Place::Principals | Place::Principal => true,
            Place::Collection(path) => rights.see(path),
            Place::Member { path, name } => rights.see(path) || rights.see(&format!("{path}/{name}")),
        };
        if is_seen { Ok(place) } else { Err(denied(address, "D:read")) }
    }

    /// Whether whoever has these rights may write in a collection.
    fn may_write(&self, path: &str, collection: &Collection, rights: &Rights) -> bool {
        let is_open = match &collection.origin {
            Origin::Own => true,
            Origin::Derived { .. } => false,
            Origin::Source { source, .. } => (self.is_two_way)(source),
        };
        is_open && rights.may_write(path)
    }

    /// Refuses to write where whoever asks may not.
    fn check_write(&self, path: &str, address: &str, rights: &Rights) -> Result<(), Reply> {
        let state = self.collections.state();
        let may = state.collection(path).is_none_or(|collection| self.may_write(path, collection, rights));
        if may && rights.may_write(path) { Ok(()) } else { Err(denied(address, "D:write")) }
    }

    /// Refuses to make, replace or remove a collection where whoever asks may not.
    fn check_make(&self, path: &str, address: &str, rights: &Rights) -> Result<(), Reply> {
        self.check_write(path, address, rights)?;
        if rights.may_make(path) { Ok(()) } else { Err(denied(address, "D:unbind")) }
    }

    fn view(&self, may_write: bool) -> View<'_> {
        View {
            user: &self.user,
            name: &self.name,
            addresses: &self.addresses,
            zone: self.zone.iana_name(),
            may_write,
            push: self.push.as_deref(),
        }
    }

    fn write(&self, what: What, ask: &Ask) -> Result<crate::collections::Done, crate::collections::Refusal> {
        let paths = paths_of(&what);
        let touched = push::touched(self, &what);
        let write = Write { what, conditions: ask.conditions(), by: ask.rights.device.clone() };
        let done = self.collections.write(write)?;
        for path in &paths {
            (self.has_changed)(path);
        }
        push::tell(self, &touched, ask);
        Ok(done)
    }

    fn compliance(&self) -> &'static str {
        if self.push.is_some() { COMPLIANCE_PUSH } else { COMPLIANCE }
    }

    fn methods(&self) -> &'static str {
        if self.push.is_some() { METHODS_PUSH } else { METHODS }
    }
}

/// The collections that a write is about.
fn paths_of(what: &What) -> Vec<String> {
    match what {
        What::Put { path, .. }
        | What::Delete { path, .. }
        | What::DeleteCollection { path }
        | What::MakeCollection { path, .. }
        | What::SetProperties { path, .. } => vec![path.clone()],
        What::Carry { from, to, .. } => vec![from.0.clone(), to.0.clone()],
        What::CarryCollection { from, to, .. } => vec![from.clone(), to.clone()],
        What::Own(_) | What::OwnSince { .. } => Vec::new(),
    }
}

/// Whoever asks may not do this (RFC 3744 §7.1.1): with it, clients put their own copy back.
fn denied(address: &str, privilege: &str) -> Reply {
    let href = crate::dav::answer::href(place::path_of(address));
    let resource = format!("<D:resource>{href}<D:privilege><{privilege}/></D:privilege></D:resource>");
    Reply::unmet(StatusCode::FORBIDDEN, &format!("<D:need-privileges>{resource}</D:need-privileges>"))
}

fn not_served(dav: &Dav) -> Reply {
    Reply::told(StatusCode::METHOD_NOT_ALLOWED, "this method is not served").with(header::ALLOW, dav.methods())
}

fn wrong_depth() -> Reply {
    Reply::told(StatusCode::BAD_REQUEST, "the depth is none of 0, 1 and infinity")
}

fn bad(error: RequestError) -> Reply {
    Reply::from(error)
}
