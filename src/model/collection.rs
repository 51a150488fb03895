//! Calendars, address books and folders that clients write in: what happened to them.
//!
//! These are the payloads of lines of the log of collections; how collections stand is what the
//! lines come to, told in order. A path is that of a collection below the household's root, without
//! slashes at its ends: `calendars/family`, `books/people`, `files/notes/2026`.

use serde::{Deserialize, Serialize};

/// One thing that happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "change", rename_all = "snake_case")]
pub enum Change {
    /// A collection was made.
    Made {
        path: String,
        /// What sync tokens of the collection hold: never used again, whatever is made at the path.
        id: String,
        kind: CollectionKind,
        #[serde(default)]
        origin: Origin,
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        properties: Vec<Property>,
    },
    /// Properties were set on a collection, or on one of its members.
    Set {
        path: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        name: Option<String>,
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        set: Vec<Property>,
        /// Names of those that were taken away.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        removed: Vec<PropertyName>,
    },
    /// A member was written.
    Put {
        path: String,
        name: String,
        #[serde(flatten)]
        object: Object,
        /// The device that wrote it; none when moisson did.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        by: Option<String>,
        /// Its dead properties, where it brings some along.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        properties: Vec<Property>,
    },
    /// A member was deleted.
    Gone {
        path: String,
        name: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        by: Option<String>,
    },
    /// A collection was deleted with everything below it.
    Removed { path: String },
    /// A collection has another path, with everything below it.
    Moved { from: String, to: String },
    /// A version that lost against another one, kept for a person to look at.
    Conflict {
        path: String,
        name: String,
        /// The version that lost; none where it was a deletion.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        lost: Option<Object>,
        why: ConflictKind,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        by: Option<String>,
    },
    /// A person has looked at the conflicts of a member.
    Settled { path: String, name: String },
    /// All of these or none: a line is whole or was never acknowledged.
    Together { changes: Vec<Change> },
}

/// What a collection holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CollectionKind {
    Calendar,
    AddressBook,
    /// Files and further collections.
    Plain,
}

/// Whose contents a collection has.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "of", rename_all = "snake_case")]
pub enum Origin {
    /// The household's own.
    #[default]
    Own,
    /// Made from the views.
    Derived { what: String },
    /// What a source pulls from elsewhere; `collection` as the source calls it.
    Source { source: String, collection: String },
}

/// Why a version lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ConflictKind {
    /// A client wrote over a version that it had not seen.
    Stale,
    /// It was changed here and at its source.
    Elsewhere,
}

/// The bytes of a member, and what is known of them without reading them again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Object {
    /// The bytes, where they are text and few.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// SHA-256 of the bytes, hexadecimal; where there is no `text`, the archive has them under it.
    pub sha256: String,
    /// Number of bytes.
    pub size: u64,
    /// UID of the calendar object or card.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uid: Option<String>,
    /// `VEVENT`, `VTODO`, `VJOURNAL`, `VCARD`; none for files.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub component: Option<String>,
    /// Its media type as the client gave it, where it is not the collection's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub media: Option<String>,
}

/// A property that a client set: the element as XML that declares its own namespaces.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Property {
    #[serde(flatten)]
    pub name: PropertyName,
    pub xml: String,
}

/// The name of a property.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct PropertyName {
    /// Namespace.
    pub ns: String,
    /// Local name.
    pub local: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_come_back() {
        let object = Object {
            text: Some("BEGIN:VCARD\r\n".to_owned()),
            sha256: "00".to_owned(),
            size: 13,
            uid: None,
            component: Some("VCARD".to_owned()),
            media: None,
        };
        let put = Change::Put {
            path: "books/people".to_owned(),
            name: "a.vcf".to_owned(),
            object: object.clone(),
            by: Some("phone".to_owned()),
            properties: vec![Property {
                name: PropertyName { ns: "urn:x".to_owned(), local: "y".to_owned() },
                xml: "<x:y xmlns:x=\"urn:x\"/>".to_owned(),
            }],
        };
        let written = serde_json::to_value(&put).expect("a value");
        assert_eq!(written["change"], "put");
        assert_eq!(written["sha256"], "00");
        assert_eq!(serde_json::from_value::<Change>(written).expect("a change"), put);
    }
}
