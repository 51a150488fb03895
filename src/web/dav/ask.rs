//! A request as the methods see it: whose it is, what it names, what its headers demand.

use std::sync::Arc;

use axum::http::{HeaderMap, Method};

use crate::collections::{Conditions, Match};
use crate::web::accounts::{Access, Scope, Service};

/// What somebody who asks may see and change: the device's [`Scope`], asked by path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rights {
    /// The device, for the log.
    pub device: Option<String>,
    /// Its id, which no other ever has.
    pub device_id: Option<String>,
    pub scope: Scope,
}

/// Where a path leads, as scopes know it.
enum Part<'a> {
    /// The root, and what nobody serves.
    Above,
    /// What holds the calendars, or the address books.
    Home(Service),
    /// A collection, or a place for one.
    Collection(Service, &'a str),
}

/// One request.
#[derive(Debug)]
pub struct Ask {
    pub method: Method,
    /// The host as the client names it.
    pub host: String,
    /// The path of its address, as it came.
    pub path: String,
    pub headers: HeaderMap,
    pub body: Arc<[u8]>,
    pub rights: Rights,
}

/// How deep a request goes (RFC 4918 §10.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Depth {
    Zero,
    One,
    Infinity,
}

impl Rights {
    /// Everything.
    pub fn all() -> Self {
        Self { device: None, device_id: None, scope: Scope::all() }
    }

    /// Whether a collection may be seen; what lies above the collections always may.
    pub fn see(&self, path: &str) -> bool {
        match part(path) {
            Part::Above => true,
            Part::Home(service) => self.scope.serves(service),
            Part::Collection(service, name) => self.scope.may_read(service, name),
        }
    }

    /// Whether what is in a collection may be changed, and its properties. What lies above the
    /// collections is changed by whoever may make such, the root being everybody's.
    pub fn may_write(&self, path: &str) -> bool {
        match part(path) {
            Part::Above => self.scope.access == Access::Write && self.scope.collections.is_none(),
            Part::Home(service) => self.scope.may_make(service),
            Part::Collection(service, name) => self.scope.may_write(service, name),
        }
    }

    /// Whether a collection may be made at a path, removed from it, or replaced there.
    pub fn may_make(&self, path: &str) -> bool {
        match part(path) {
            Part::Above => self.may_write(path),
            Part::Home(service) | Part::Collection(service, _) => self.scope.may_make(service),
        }
    }
}

impl Ask {
    /// A header as text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// The depth; none when the header makes no sense.
    pub fn depth(&self, default: Depth) -> Option<Depth> {
        match self.header("depth").map(str::trim) {
            None => Some(default),
            Some("0") => Some(Depth::Zero),
            Some("1") => Some(Depth::One),
            Some(other) if other.eq_ignore_ascii_case("infinity") => Some(Depth::Infinity),
            Some(_) => None,
        }
    }

    /// Whether a preference is stated (RFC 7240).
    pub fn prefers(&self, preference: &str) -> bool {
        let all = self.headers.get_all("prefer").iter().filter_map(|value| value.to_str().ok());
        all.flat_map(|value| value.split([',', ';']))
            .any(|one| one.trim().replace('"', "").eq_ignore_ascii_case(preference))
    }

    /// Whether properties that are missing need not be told.
    pub fn is_minimal(&self) -> bool {
        self.prefers("return=minimal")
            || self.header("brief").is_some_and(|brief| brief.trim().eq_ignore_ascii_case("t"))
    }

    /// Whether what is at the destination may be replaced (RFC 4918 §10.6).
    pub fn overwrites(&self) -> bool {
        !self.header("overwrite").is_some_and(|value| value.trim().eq_ignore_ascii_case("f"))
    }

    /// What it demands of how things stand.
    pub fn conditions(&self) -> Conditions {
        Conditions { if_match: self.tags("if-match"), if_none_match: self.tags("if-none-match") }
    }

    fn tags(&self, name: &str) -> Option<Match> {
        let values: Vec<&str> = self.headers.get_all(name).iter().filter_map(|value| value.to_str().ok()).collect();
        if values.is_empty() {
            return None;
        }
        let tags: Vec<String> = values.iter().flat_map(|value| value.split(',')).map(plain_tag).collect();
        if tags.iter().any(|tag| tag == "*") { Some(Match::Any) } else { Some(Match::Tags(tags)) }
    }
}

fn part(path: &str) -> Part<'_> {
    let (first, rest) = path.split_once('/').unwrap_or((path, ""));
    match (first, rest) {
        ("calendars", "") => Part::Home(Service::Calendars),
        ("calendars", name) => Part::Collection(Service::Calendars, name),
        ("books", "") => Part::Home(Service::Contacts),
        ("books", name) => Part::Collection(Service::Contacts, name),
        ("files", name) => Part::Collection(Service::All, name),
        _ => Part::Above,
    }
}

/// An entity tag without what clients and proxies put around it: `W/`, escaped quotation marks, and
/// the mark of a compressed answer.
fn plain_tag(tag: &str) -> String {
    let tag = tag.trim();
    if tag == "*" {
        return tag.to_owned();
    }
    let tag = tag.strip_prefix("W/").unwrap_or(tag).replace('\\', "");
    let tag = tag.trim_matches('"');
    format!("\"{}\"", tag.strip_suffix("-gzip").unwrap_or(tag))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(headers: &[(&'static str, &'static str)]) -> Ask {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(*name, value.parse().expect("a value"));
        }
        Ask {
            method: Method::GET,
            host: String::new(),
            path: String::new(),
            headers: map,
            body: Arc::from([]),
            rights: Rights::all(),
        }
    }

    #[test]
    fn tags_are_read_as_clients_write_them() {
        let tags = |value| ask(&[("if-match", value)]).conditions().if_match;
        let one = Some(Match::Tags(vec!["\"a\"".to_owned()]));
        for value in ["\"a\"", "a", "W/\"a\"", "\\\"a\\\"", "\"a-gzip\""] {
            assert_eq!(tags(value), one, "{value}");
        }
        assert_eq!(tags(" * "), Some(Match::Any));
        assert_eq!(tags("\"a\", \"b\""), Some(Match::Tags(vec!["\"a\"".to_owned(), "\"b\"".to_owned()])));
    }

    #[test]
    fn preferences_and_depth() {
        let asked = ask(&[("prefer", "return=minimal, depth-noroot"), ("depth", "Infinity")]);
        assert!(asked.is_minimal() && asked.prefers("depth-noroot") && !asked.prefers("return=representation"));
        assert_eq!(asked.depth(Depth::Zero), Some(Depth::Infinity));
        assert_eq!(ask(&[("depth", "2")]).depth(Depth::Zero), None);
        assert!(ask(&[("brief", "t")]).is_minimal() && ask(&[]).overwrites());
    }

    #[test]
    fn rights_end_where_they_end() {
        let scope = Scope { service: Service::Calendars, collections: Some(["a".to_owned()].into()), ..Scope::all() };
        let only = Rights { scope, ..Rights::all() };
        assert!(only.see("") && only.see("calendars") && only.see("calendars/a"));
        assert!(!only.see("calendars/b") && !only.see("books") && !only.see("files") && !only.see("files/a"));
        assert!(only.may_write("calendars/a") && !only.may_make("calendars/a") && !only.may_make("calendars/c"));
        assert!(!only.may_write("") && !only.may_write("calendars") && !only.may_write("calendars/b"));
        let named = Rights { scope: Scope { service: Service::All, ..only.scope }, ..only };
        assert!(named.see("books/a") && !named.see("files") && !named.see("files/a"));
        let all = Rights::all();
        assert!(["", "calendars", "books/a", "files", "files/a/b"].iter().all(|path| all.may_make(path)));
    }
}
