//! How collections stand.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, OnceLock};

use jiff::Timestamp;

use super::path::{is_at_or_below, parent_of};
use super::token::Token;
use crate::dav::calendar;
use crate::model::collection::{CollectionKind, ConflictKind, Object, Origin, Property, PropertyName};

/// All collections of a home.
#[derive(Debug, Default)]
pub struct State {
    pub(super) collections: BTreeMap<String, Collection>,
    pub(super) conflicts: Vec<Conflict>,
    /// Whether anything ever happened.
    pub(super) has_begun: bool,
}

/// A collection.
#[derive(Debug)]
pub struct Collection {
    pub id: String,
    pub kind: CollectionKind,
    pub origin: Origin,
    pub made_at: Timestamp,
    /// What clients set.
    pub properties: Properties,
    /// Live members by name.
    pub(super) members: BTreeMap<Arc<str>, Arc<Member>>,
    /// Members that went, for ever: a token of any age is answered.
    pub(super) tombs: HashMap<Arc<str>, Tomb>,
    /// The last change of each name, by number.
    pub(super) order: BTreeMap<u64, Arc<str>>,
    pub(super) uids: HashMap<String, Arc<str>>,
    /// The mark after each change; the first stands for none.
    pub(super) marks: Vec<u32>,
}

/// Properties by name.
pub type Properties = BTreeMap<PropertyName, Property>;

/// A live member.
#[derive(Debug, Clone)]
pub struct Member {
    pub name: Arc<str>,
    /// SHA-256 of its bytes, hexadecimal.
    pub sha256: String,
    /// Number of bytes.
    pub size: u64,
    pub body: Body,
    pub uid: Option<String>,
    pub component: Option<String>,
    pub media: Option<String>,
    pub properties: Properties,
    /// Number of the change that gave it these bytes.
    pub seq: u64,
    /// UIDs that it had before, without the one that it has.
    pub former_uids: Vec<String>,
    pub made_at: Timestamp,
    pub changed_at: Timestamp,
    /// What it means to queries, once somebody asked; none when it is no calendar object.
    pub reading: OnceLock<Option<Arc<Reading>>>,
}

/// What a calendar object means to queries, on the clock of its calendar.
#[derive(Debug)]
pub struct Reading {
    pub facts: calendar::Facts,
    pub times: calendar::Times,
}

/// Where bytes are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Body {
    Held(Arc<[u8]>),
    Archived,
}

/// A member that went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Tomb {
    pub seq: u64,
    pub uid: Option<String>,
}

/// A version that lost and that nobody has looked at yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conflict {
    pub at: Timestamp,
    pub path: String,
    pub name: String,
    pub lost: Option<Object>,
    pub why: ConflictKind,
    /// The device that wrote it.
    pub by: Option<String>,
}

impl State {
    /// A collection by its path.
    pub fn collection(&self, path: &str) -> Option<&Collection> {
        self.collections.get(path)
    }

    /// All collections in order of path.
    pub fn collections(&self) -> impl Iterator<Item = (&str, &Collection)> {
        self.collections.iter().map(|(path, collection)| (path.as_str(), collection))
    }

    /// The collections directly below a path.
    pub fn children<'a>(&'a self, path: &'a str) -> impl Iterator<Item = (&'a str, &'a Collection)> {
        self.below(path).filter(move |(below, _)| *below != path && parent_of(below).0 == path)
    }

    /// A collection and all below it.
    pub fn below<'a>(&'a self, path: &'a str) -> impl Iterator<Item = (&'a str, &'a Collection)> {
        let from = self.collections.range(path.to_owned()..);
        let within = from.take_while(move |(below, _)| below.starts_with(path));
        within
            .map(|(below, it)| (below.as_str(), it))
            .filter(move |(below, _)| is_at_or_below(below, path) || path.is_empty())
    }

    /// What lost and waits for a person.
    pub fn conflicts(&self) -> &[Conflict] {
        &self.conflicts
    }

    pub(super) fn is_new(&self) -> bool {
        !self.has_begun
    }
}

impl Collection {
    pub(super) fn new(id: String, kind: CollectionKind, origin: Origin, at: Timestamp) -> Self {
        Self {
            id,
            kind,
            origin,
            made_at: at,
            properties: Properties::new(),
            members: BTreeMap::new(),
            tombs: HashMap::new(),
            order: BTreeMap::new(),
            uids: HashMap::new(),
            marks: vec![0],
        }
    }

    /// A live member.
    pub fn member(&self, name: &str) -> Option<&Arc<Member>> {
        self.members.get(name)
    }

    /// All live members in order of name.
    pub fn members(&self) -> impl Iterator<Item = &Arc<Member>> {
        self.members.values()
    }

    pub fn n_members(&self) -> usize {
        self.members.len()
    }

    /// The name of the member that has a UID.
    pub fn name_of_uid(&self, uid: &str) -> Option<&str> {
        self.uids.get(uid).map(AsRef::as_ref)
    }

    /// Number of changes so far.
    pub fn seq(&self) -> u64 {
        self.marks.len() as u64 - 1
    }

    /// The token that says how it stands.
    pub fn token(&self) -> Token {
        self.token_at(self.seq())
    }

    pub(super) fn token_at(&self, seq: u64) -> Token {
        let mark = usize::try_from(seq).ok().and_then(|seq| self.marks.get(seq)).copied().unwrap_or_default();
        Token { id: self.id.clone(), seq, mark }
    }

    /// A property that a client set.
    pub fn property(&self, ns: &str, local: &str) -> Option<&Property> {
        self.properties.get(&PropertyName { ns: ns.to_owned(), local: local.to_owned() })
    }
}

impl Member {
    /// The entity tag: strong, the same wherever it is told, and in every rebuilt home.
    pub fn etag(&self) -> String {
        etag_of(&self.sha256)
    }
}

/// The entity tag of bytes with this SHA-256.
pub(super) fn etag_of(sha256: &str) -> String {
    format!("\"{}\"", sha256.get(..32).unwrap_or(sha256))
}
