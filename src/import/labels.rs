//! How many bank labels are understood: documents are read as an import reads them, and nothing
//! is kept.

use std::collections::{BTreeMap, BTreeSet};

use crate::connector::{Catalogue, Connector, recognise};
use crate::decode::DecodeError;
use crate::decode::glimpse::look;
use crate::decode::sniff::{Kind as Format, kind};
use crate::decode::zip;
use crate::label::Kind;
use crate::model::records::{AnyRecord, Transaction};

use super::golden::scene;
use super::{Item, read};

/// What was understood of the labels of some documents.
#[derive(Debug, Clone, Default)]
pub struct Coverage {
    /// By language and connector, in that order.
    pub banks: BTreeMap<(Tongue, String), Counts>,
    /// Labels whose kind or other party was not found, by connector.
    pub missed: BTreeSet<(String, String)>,
    /// Documents that hold no bank movements, or cannot be read.
    pub passed_over: u64,
}

/// The language that the banks of a country write labels in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Tongue {
    French,
    German,
    English,
    /// Banks of several countries, formats of every bank, and languages that no rule is for.
    Other,
}

/// Movements, and what was found of them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    pub movements: u64,
    /// Kind found.
    pub kinds: u64,
    /// Of a kind that has another party.
    pub with_party: u64,
    /// Other party found, of those.
    pub parties: u64,
}

impl Coverage {
    /// Reads a document and counts; of a zip, its members.
    pub fn add(&mut self, catalogue: &Catalogue, bytes: &[u8], name: &str) {
        let members = match kind(bytes) {
            Format::Zip => zip::members(bytes).unwrap_or_default(),
            _ => Vec::new(),
        };
        for member in &members {
            self.add_one(catalogue, &member.bytes, &member.name);
        }
        if members.is_empty() {
            self.add_one(catalogue, bytes, name);
        }
    }

    /// All of one language, or of all of them.
    pub fn total(&self, tongue: Option<Tongue>) -> Counts {
        let banks = self.banks.iter().filter(|((of, _), _)| tongue.is_none_or(|tongue| tongue == *of));
        banks.fold(Counts::default(), |sum, (_, counts)| sum.plus(*counts))
    }

    fn add_one(&mut self, catalogue: &Catalogue, bytes: &[u8], name: &str) {
        match movements(catalogue, bytes, name) {
            Ok(Some((connector, movements))) if !movements.is_empty() => {
                for movement in &movements {
                    self.count(connector, movement);
                }
            }
            Ok(_) | Err(_) => self.passed_over += 1,
        }
    }

    fn count(&mut self, connector: &Connector, movement: &Transaction) {
        let reading = &movement.reading;
        let has_kind = reading.label_kind.is_some_and(|kind| kind != Kind::Other.name());
        let needs_party = !NAMELESS.iter().any(|kind| reading.label_kind == Some(kind.name()));
        let has_party = reading.label_payee.as_deref().is_some_and(is_name);
        let counts = self.banks.entry((Tongue::of(connector), connector.id.clone())).or_default();
        counts.movements += 1;
        counts.kinds += u64::from(has_kind);
        counts.with_party += u64::from(needs_party);
        counts.parties += u64::from(needs_party && has_party);
        if !has_kind || (needs_party && !has_party) {
            self.missed.insert((connector.id.clone(), movement.raw_label.clone()));
        }
    }
}

/// Kinds that have no other party.
const NAMELESS: [Kind; 6] = [Kind::Withdrawal, Kind::Deposit, Kind::Cheque, Kind::Fee, Kind::Interest, Kind::Loan];

impl Tongue {
    /// By the country of the connector.
    fn of(connector: &Connector) -> Self {
        match connector.country.as_deref() {
            Some("FR") => Self::French,
            Some("DE") => Self::German,
            Some("GB" | "US" | "IE") => Self::English,
            _ => Self::Other,
        }
    }
}

impl Counts {
    fn plus(self, other: Self) -> Self {
        Self {
            movements: self.movements + other.movements,
            kinds: self.kinds + other.kinds,
            with_party: self.with_party + other.with_party,
            parties: self.parties + other.parties,
        }
    }
}

/// The bank movements of a document; nothing when no connector recognises it.
fn movements<'c>(
    catalogue: &'c Catalogue,
    bytes: &[u8],
    name: &str,
) -> Result<Option<(&'c Connector, Vec<Transaction>)>, DecodeError> {
    let look = look(bytes, Some(name))?;
    let Ok(recognised) = recognise(catalogue, &look.glimpse) else { return Ok(None) };
    let mut movements = Vec::new();
    read(bytes, &look, &recognised, &scene(recognised.connector), &mut |item| {
        if let Item::Record(AnyRecord::Transaction(movement), _) = item {
            movements.push(movement);
        }
    })?;
    Ok(Some((recognised.connector, movements)))
}

/// A name has letters, and more than one.
fn is_name(text: &str) -> bool {
    text.chars().filter(|c| c.is_alphabetic()).count() > 1
}
