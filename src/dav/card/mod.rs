//! Cards as CardDAV sees them (RFC 6352): whether something is a card, whether a query means it,
//! and what of it an answer holds.
//!
//! A card is served as its bytes came. They are read where they stand, and written anew only when
//! a client asks for another version than the card has. No rule of vCard 4 decides what is taken:
//! telephones send what they send.

mod check;
mod convert;
mod filter;
mod lines;
mod parameters;
mod strict;
mod wanted;

pub use check::{Facts, Invalid, Version, check};
pub use filter::Filter;
pub use lines::{Line, lines};
pub use parameters::{Parameter, Property};
pub use strict::properties_in_four;
pub use wanted::{DataWanted, data, text};

use super::text_match::UnmetMatch;
use super::xml::{Name, Space};

/// Why a report cannot be answered: a precondition of RFC 6352 §8.6.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unmet {
    #[error("the collation `{0}` is not offered")]
    Collation(String),
    #[error("the filter cannot be answered: {0}")]
    Filter(String),
    #[error("cards are not offered as {0}")]
    AddressData(String),
}

impl Unmet {
    /// The element that stands in the error of the answer.
    pub fn element(&self) -> Name {
        Name::new(
            Space::CardDav,
            match self {
                Self::Collation(_) => "supported-collation",
                Self::Filter(_) => "supported-filter",
                Self::AddressData(_) => "supported-address-data",
            },
        )
    }
}

impl From<UnmetMatch> for Unmet {
    fn from(unmet: UnmetMatch) -> Self {
        match unmet {
            UnmetMatch::Collation(name) => Self::Collation(name),
            UnmetMatch::MatchType(_) => Self::Filter(unmet.to_string()),
        }
    }
}
