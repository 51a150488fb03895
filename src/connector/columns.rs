//! The closed kinds of columns: how cells become dates, amounts, instants, choices.
//!
//! Every kind names its cells with references: a header name (`"Libellé"`), a list of them (the
//! first that is filled is taken), a position (`"#5"`, counted from 1), or a value that a line
//! around the table, the file's name or the source has given (`"{account}"`).

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer};

pub use crate::model::span::SpanUnit;

/// One value, or a list of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OneOrMany<T>(pub Vec<T>);

impl<T> Default for OneOrMany<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for OneOrMany<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(OneOrManyVisitor(std::marker::PhantomData))
    }
}

/// References to cells; see the module's words.
pub type Names = OneOrMany<String>;

/// A text: `"Libellé"`, `["Libellé", "Label"]` or `{ from = …, take = "all" }`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Text {
    pub from: Names,
    pub take: Take,
    /// What to call it → the document's words for it, whole cells; an empty text is no text.
    pub values: BTreeMap<String, OneOrMany<String>>,
    /// A fixed text, for what the document does not say.
    pub constant: Option<String>,
    /// What to take where no cell is filled.
    pub otherwise: Option<String>,
    /// For names that repeat in one row: the value that stands beside these ones.
    pub beside: BTreeMap<String, String>,
}

/// Which of several cells a text is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Take {
    /// The first that is filled.
    #[default]
    First,
    /// All that are filled, once each, with a blank between them.
    All,
}

/// A calendar day.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Date {
    pub from: Names,
    #[serde(default)]
    pub order: DateOrder,
    /// Words that stand for "no date yet" (`offen`).
    #[serde(default)]
    pub blank: OneOrMany<String>,
}

/// Order of day, month and year in numeric dates; ISO dates are read whatever it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DateOrder {
    /// Decided for the file, from any value that only one order can explain.
    #[default]
    Auto,
    Dmy,
    Mdy,
    Ymd,
    /// Seconds since 1970: the day on the clock of the source.
    #[serde(rename = "epoch_seconds")]
    EpochSeconds,
}

/// A number: the decimal mark is decided for the column over all rows unless it is given.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Number {
    pub from: Names,
    #[serde(default)]
    pub decimal: DecimalMark,
}

/// The decimal mark of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash, Deserialize)]
pub enum DecimalMark {
    /// Decided for the column, from any value that only one mark can explain.
    #[default]
    #[serde(rename = "auto")]
    Auto,
    #[serde(rename = ",")]
    Comma,
    #[serde(rename = ".")]
    Point,
    /// Comma or point, each value for itself: for formats that never group digits.
    #[serde(rename = "either")]
    Either,
}

/// A sum of money, positive when it comes in.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Amount {
    /// One column with its sign.
    Signed {
        from: Names,
        #[serde(default)]
        decimal: DecimalMark,
        /// A fee that is not in the amount and goes out as well, whatever its sign.
        #[serde(default)]
        fee: Names,
    },
    /// One column whose sign is that of a debt: positive when money goes out.
    Inverted {
        from: Names,
        #[serde(default)]
        decimal: DecimalMark,
    },
    /// One column for what goes out and one for what comes in; the sign inside them is ignored.
    DebitCredit {
        debit: Names,
        credit: Names,
        #[serde(default)]
        decimal: DecimalMark,
    },
    /// An unsigned column and one that tells the direction.
    Flagged {
        from: Names,
        flag: Names,
        /// Words that mean money going out; all others mean money coming in.
        out: OneOrMany<String>,
        #[serde(default)]
        decimal: DecimalMark,
        /// A fee that is not in the amount and goes out as well, whatever its sign.
        #[serde(default)]
        fee: Names,
    },
}

/// A point in time.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Instant {
    /// Wall-clock time of the source's zone: one cell, or a day and a time of day.
    Local {
        from: Names,
        #[serde(default)]
        time: Names,
        #[serde(default)]
        order: DateOrder,
    },
    /// ISO 8601 with its offset, or UTC; or as e-mails write it (RFC 2822).
    Offset { from: Names },
    /// With its offset where the text states one, else wall-clock time, else the start of a day.
    Any {
        from: Names,
        #[serde(default)]
        time: Names,
        #[serde(default)]
        order: DateOrder,
    },
    /// Seconds since 1970.
    EpochSeconds { from: Names },
    /// Milliseconds since 1970.
    EpochMilliseconds { from: Names },
}

/// A word of the document that stands for a word of the model.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Choice {
    #[serde(default)]
    pub from: Names,
    /// The model's word → the document's words.
    #[serde(default)]
    pub values: BTreeMap<String, OneOrMany<String>>,
    /// How much of the cell has to agree.
    #[serde(default)]
    pub matching: Matching,
    /// What any other word means; a fault when absent.
    pub otherwise: Option<String>,
}

/// The model's word for rows that are left out, with a count, by the connector's own decision.
pub const SKIP: &str = "skip";

/// How much of a cell has to agree with a listed word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Matching {
    #[default]
    Whole,
    Start,
    Contains,
}

/// A duration, a volume or a count.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Span {
    pub from: Names,
    #[serde(default)]
    pub unit: SpanUnit,
}

/// A measured quantity and its unit.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Quantity {
    pub from: Names,
    pub unit: Unit,
    #[serde(default)]
    pub decimal: DecimalMark,
}

/// Units of measured quantities, as the document states them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub enum Unit {
    /// Mean power over the interval: the record holds watt-hours.
    W,
    VA,
    Wh,
    #[serde(rename = "kWh")]
    KWh,
    #[serde(rename = "m3")]
    CubicMetre,
    #[serde(rename = "dm3")]
    Litre,
}

impl Unit {
    /// The unit of that name, as connectors write it.
    pub fn parse(name: &str) -> Option<Self> {
        Self::deserialize(serde::de::value::StrDeserializer::<serde::de::value::Error>::new(name)).ok()
    }
}

mod one_or_many {
    use super::{Deserialize, OneOrMany};
    use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer, StrDeserializer};
    use serde::de::{self, Visitor};

    pub(super) struct OneOrManyVisitor<T>(pub(super) std::marker::PhantomData<T>);

    impl<'de, T: Deserialize<'de>> Visitor<'de> for OneOrManyVisitor<T> {
        type Value = OneOrMany<T>;

        fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("a text or a list of texts")
        }

        fn visit_str<E: de::Error>(self, value: &str) -> Result<Self::Value, E> {
            T::deserialize(StrDeserializer::new(value)).map(|one| OneOrMany(vec![one]))
        }

        fn visit_seq<A: de::SeqAccess<'de>>(self, seq: A) -> Result<Self::Value, A::Error> {
            Vec::deserialize(SeqAccessDeserializer::new(seq)).map(OneOrMany)
        }

        fn visit_map<A: de::MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
            T::deserialize(MapAccessDeserializer::new(map)).map(|one| OneOrMany(vec![one]))
        }
    }
}
use one_or_many::OneOrManyVisitor;

mod text {
    use std::collections::BTreeMap;

    use super::{Names, OneOrMany, Take, Text};
    use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
    use serde::de::{self, Visitor};
    use serde::{Deserialize, Deserializer};

    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Table {
        #[serde(default)]
        from: Names,
        #[serde(default)]
        take: Take,
        constant: Option<String>,
        #[serde(default)]
        values: BTreeMap<String, OneOrMany<String>>,
        otherwise: Option<String>,
        #[serde(default)]
        beside: BTreeMap<String, String>,
    }

    struct TextVisitor;

    impl<'de> Visitor<'de> for TextVisitor {
        type Value = Text;

        fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("a column name, a list of them, or a table with `from`, `take`, `values`, `constant`, `otherwise`, `beside`")
        }

        fn visit_str<E: de::Error>(self, value: &str) -> Result<Text, E> {
            Ok(Text { from: super::OneOrMany(vec![value.to_owned()]), ..Text::default() })
        }

        fn visit_seq<A: de::SeqAccess<'de>>(self, seq: A) -> Result<Text, A::Error> {
            let from = Vec::deserialize(SeqAccessDeserializer::new(seq))?;
            Ok(Text { from: super::OneOrMany(from), ..Text::default() })
        }

        fn visit_map<A: de::MapAccess<'de>>(self, map: A) -> Result<Text, A::Error> {
            let Table { from, take, constant, values, otherwise, beside } =
                Table::deserialize(MapAccessDeserializer::new(map))?;
            Ok(Text { from, take, values, constant, otherwise, beside })
        }
    }

    impl<'de> Deserialize<'de> for Text {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            deserializer.deserialize_any(TextVisitor)
        }
    }
}
