//! What a person decides about versions that lost against others.
//!
//! Both are kept until somebody has looked: the one that lost is put back, and the one that stands
//! now goes, or the one that lost is dropped. Nothing else ever settles a conflict.

use std::fmt::Write as _;

use sha2::{Digest, Sha256};

use crate::collections::{Collection, Collections, Conditions, Conflict, Refusal, State, What, Write};
use crate::model::collection::Change;
use crate::model::run::Said;

/// How often it is decided anew when people write at the same time.
const MOST_TRIES: usize = 20;

/// Why a conflict is not settled.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SettleError {
    #[error("there is no such conflict any more")]
    Unknown,
    #[error("{name} has the same UID and stands in its place: delete it first")]
    UidTaken { name: String },
    #[error("its collection is not there any more")]
    NoCollection,
    #[error("collections cannot be written: {0}")]
    Refused(#[from] Refusal),
}

impl SettleError {
    /// In both languages.
    pub fn said(&self) -> Said {
        let fr = match self {
            Self::Unknown => "ce conflit n'existe plus".to_owned(),
            Self::UidTaken { name } => format!("{name} a le même UID et tient sa place : supprimez-le d'abord"),
            Self::NoCollection => "sa collection n'existe plus".to_owned(),
            Self::Refused(refusal) => format!("les collections ne peuvent être écrites : {refusal}"),
        };
        Said::new(self.to_string(), fr)
    }
}

/// What people name a conflict by: eight hexadecimal digits that stay the same.
pub fn id_of(conflict: &Conflict) -> String {
    let lost = conflict.lost.as_ref().map(|lost| lost.sha256.as_str()).unwrap_or_default();
    let text = format!("{}\n{}\n{lost}\n{}", conflict.path, conflict.name, conflict.at);
    Sha256::digest(text).iter().take(4).fold(String::new(), |mut id, byte| {
        let _ = write!(id, "{byte:02x}");
        id
    })
}

/// Settles the conflict of that id: puts the version that lost in the place of the one that stands
/// when it `takes` it, else lets it go. Other conflicts of the same object stay. `by` is the device
/// that asks. Gives the path of the collection; to be called from a thread that may wait.
pub fn settle(collections: &Collections, id: &str, takes: bool, by: Option<&str>) -> Result<String, SettleError> {
    for _ in 0..MOST_TRIES {
        let (path, what) = decide(&collections.state(), id, takes, by)?;
        match collections.write(Write { what, conditions: Conditions::default(), by: None }) {
            Ok(_) => return Ok(path),
            Err(Refusal::Precondition) => {}
            Err(refusal) => return Err(refusal.into()),
        }
    }
    Err(Refusal::Precondition.into())
}

fn decide(state: &State, id: &str, takes: bool, by: Option<&str>) -> Result<(String, What), SettleError> {
    let conflict = state.conflicts().iter().find(|conflict| id_of(conflict) == id).ok_or(SettleError::Unknown)?;
    let mut changes = if takes { taken(state, conflict, by)? } else { Vec::new() };
    let (path, name) = (conflict.path.clone(), conflict.name.clone());
    changes.push(Change::Settled { path: path.clone(), name });
    let is_other = |other: &&Conflict| *other != conflict && other.path == conflict.path && other.name == conflict.name;
    changes.extend(state.conflicts().iter().filter(is_other).map(again));
    let seq = state.collection(&path).map(Collection::seq);
    Ok((path.clone(), What::OwnSince { path, seq, changes }))
}

/// What puts the version that lost in its place.
fn taken(state: &State, conflict: &Conflict, by: Option<&str>) -> Result<Vec<Change>, SettleError> {
    let collection = state.collection(&conflict.path).ok_or(SettleError::NoCollection)?;
    let (path, name, by) = (conflict.path.clone(), conflict.name.clone(), by.map(str::to_owned));
    let Some(object) = conflict.lost.clone() else {
        let is_there = collection.member(&name).is_some();
        return Ok(if is_there { vec![Change::Gone { path, name, by }] } else { Vec::new() });
    };
    let holder = object.uid.as_deref().and_then(|uid| collection.name_of_uid(uid));
    if let Some(other) = holder.filter(|other| *other != name) {
        return Err(SettleError::UidTaken { name: other.to_owned() });
    }
    Ok(vec![Change::Put { path, name, object, by, properties: Vec::new() }])
}

fn again(conflict: &Conflict) -> Change {
    Change::Conflict {
        path: conflict.path.clone(),
        name: conflict.name.clone(),
        lost: conflict.lost.clone(),
        why: conflict.why,
        by: conflict.by.clone(),
    }
}
