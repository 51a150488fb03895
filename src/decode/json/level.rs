//! One level of a JSON value: its members or elements, unread.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::damaged;
use crate::decode::DecodeError;

/// A value with its children, each still text.
pub enum Level<'a> {
    Object(Vec<(String, &'a RawValue)>),
    Array(Vec<&'a RawValue>),
    /// The text of a string (with its quotes), number, boolean or null.
    Leaf(&'a str),
}

impl<'a> Level<'a> {
    pub fn of(value: &'a RawValue) -> Result<Self, DecodeError> {
        let text = value.get();
        match text.as_bytes().first() {
            Some(b'{') => serde_json::from_str(text).map(|Members(members)| Self::Object(members)),
            Some(b'[') => serde_json::from_str(text).map(Self::Array),
            _ => Ok(Self::Leaf(text)),
        }
        .map_err(|error| damaged(&error))
    }

    /// The child of that name or index; the first when a name stands twice.
    pub fn child(&self, key: &str) -> Option<&'a RawValue> {
        match self {
            Self::Object(members) => members.iter().find(|(name, _)| name == key).map(|(_, value)| *value),
            Self::Array(elements) => elements.get(key.parse::<usize>().ok()?).copied(),
            Self::Leaf(_) => None,
        }
    }

    /// Every child with its name or index.
    pub fn children(&self) -> Vec<(String, &'a RawValue)> {
        match self {
            Self::Object(members) => members.clone(),
            Self::Array(elements) => elements.iter().enumerate().map(|(at, value)| (at.to_string(), *value)).collect(),
            Self::Leaf(_) => Vec::new(),
        }
    }

    pub fn is_object(&self) -> bool {
        matches!(self, Self::Object(_))
    }

    /// An array, or an object that holds nothing but objects: each child is a row.
    pub fn is_list(&self) -> bool {
        match self {
            Self::Object(members) => {
                !members.is_empty() && members.iter().all(|(_, value)| value.get().starts_with('{'))
            }
            Self::Array(_) => true,
            Self::Leaf(_) => false,
        }
    }

    /// The values a path leads to: one at most, unless it holds a `*`.
    pub fn find(&self, path: &[String]) -> Result<Vec<&'a RawValue>, DecodeError> {
        let Some((segment, rest)) = path.split_first() else { return Ok(Vec::new()) };
        let children = match segment.as_str() {
            "*" => self.children().into_iter().map(|(_, child)| child).collect(),
            _ => self.child(segment).into_iter().collect::<Vec<_>>(),
        };
        if rest.is_empty() {
            return Ok(children);
        }
        let mut found = Vec::new();
        for child in children {
            found.extend(Level::of(child)?.find(rest)?);
        }
        Ok(found)
    }
}

/// A value as a cell: strings unescaped, numbers as written, null empty, the rest as JSON.
pub fn text(value: &RawValue) -> String {
    match value.get() {
        "null" => String::new(),
        string if string.starts_with('"') => serde_json::from_str(string).unwrap_or_else(|_| string.to_owned()),
        other => other.to_owned(),
    }
}

/// The members of an object in document order, repeated names too.
struct Members<'a>(Vec<(String, &'a RawValue)>);

impl<'de: 'a, 'a> Deserialize<'de> for Members<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(MembersVisitor)
    }
}

struct MembersVisitor;

impl<'de> Visitor<'de> for MembersVisitor {
    type Value = Members<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members<'de>, A::Error> {
        let mut members = Vec::new();
        while let Some(member) = map.next_entry()? {
            members.push(member);
        }
        Ok(Members(members))
    }
}
