//! What people say themselves: verdicts on links, and things that they set.
//!
//! These are the payloads of journal lines, so that a field or a word that a newer version adds
//! is kept as it stands. Rows are named by their ids, and described in a few words beside: whoever
//! reads the journal knows what was meant, even when the row is gone.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// What a link joins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LinkKind {
    /// A bill and the movement that pays it.
    Bill,
    /// The two movements of a transfer between own accounts, the one that goes out first.
    Transfer,
    /// A movement and the one that refunds it.
    Refund,
    /// Two identities of one person.
    Person,
}

/// What was said of a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ruling {
    Confirmed,
    Rejected,
    /// An earlier verdict is taken back.
    Open,
}

/// What a person said of a link; the last verdict on a link counts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verdict {
    pub kind: LinkKind,
    /// Id of the row on its left: a bill, the movement that goes out.
    pub left_id: i64,
    /// Id of the row on its right: a movement.
    pub right_id: i64,
    pub state: Ruling,
    /// The two rows in words.
    pub about: String,
    /// What a newer version wrote beside.
    #[serde(flatten)]
    pub more: Map<String, Value>,
}

/// What something is set on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Subject {
    Transaction,
    Payee,
    Person,
    Number,
    Bill,
    Document,
}

/// What is set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Field {
    /// Code of a category.
    Category,
    /// What it is to be called.
    Name,
    /// Id of the person behind it.
    Person,
    /// `true`: no view shows it.
    Hidden,
    /// `true`: the document is to be believed, whatever looks odd about it.
    Accepted,
}

/// What a person set; the last choice for a field of a subject counts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Choice {
    pub subject: Subject,
    pub subject_id: String,
    pub field: Field,
    /// `None` takes an earlier choice back.
    pub value: Option<String>,
    /// The subject in words.
    pub about: String,
    /// What a newer version wrote beside.
    #[serde(flatten)]
    pub more: Map<String, Value>,
}

impl LinkKind {
    pub const ALL: [Self; 4] = [Self::Bill, Self::Transfer, Self::Refund, Self::Person];

    /// The word for it in the journal and in the views.
    pub fn code(self) -> &'static str {
        match self {
            Self::Bill => "bill",
            Self::Transfer => "transfer",
            Self::Refund => "refund",
            Self::Person => "person",
        }
    }

    /// The kind that a word names.
    pub fn of(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }
}

impl Ruling {
    /// The word for it in the journal and in the views.
    pub fn code(self) -> &'static str {
        match self {
            Self::Confirmed => "confirmed",
            Self::Rejected => "rejected",
            Self::Open => "open",
        }
    }
}

impl Subject {
    /// The word for it in the journal, in the views and before a colon on the command line.
    pub fn code(self) -> &'static str {
        match self {
            Self::Transaction => "transaction",
            Self::Payee => "payee",
            Self::Person => "person",
            Self::Number => "number",
            Self::Bill => "bill",
            Self::Document => "document",
        }
    }
}

impl Field {
    /// The word for it in the journal and in the views.
    pub fn code(self) -> &'static str {
        match self {
            Self::Category => "category",
            Self::Name => "name",
            Self::Person => "person",
            Self::Hidden => "hidden",
            Self::Accepted => "accepted",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_of_the_journal_are_those_of_the_views() {
        for kind in LinkKind::ALL {
            assert_eq!(serde_json::to_value(kind).expect("a word"), kind.code());
            assert_eq!(LinkKind::of(kind.code()), Some(kind));
        }
        for field in [Field::Category, Field::Name, Field::Person, Field::Hidden, Field::Accepted] {
            assert_eq!(serde_json::to_value(field).expect("a word"), field.code());
        }
        for ruling in [Ruling::Confirmed, Ruling::Rejected, Ruling::Open] {
            assert_eq!(serde_json::to_value(ruling).expect("a word"), ruling.code());
        }
    }

    #[test]
    fn fields_of_a_newer_version_are_kept() {
        let text =
            r#"{"about":"x","because":"a receipt","field":"name","subject":"payee","subject_id":"k","value":"Y"}"#;
        let choice: Choice = serde_json::from_str(text).expect("a choice");
        assert_eq!(choice.more["because"], "a receipt");
        let written: Value = serde_json::from_str(text).expect("a value");
        assert_eq!(serde_json::to_value(&choice).expect("a value"), written);
    }
}
