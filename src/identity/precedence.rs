//! Which of two documents is believed when they state one row differently.

use jiff::civil::DateTime;

/// The standing of a document: the greater one wins, whatever the order in which they came.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Precedence {
    /// The instant, UTC, at which the document says how things stood.
    pub as_of: DateTime,
    /// The document's sha256, which settles the rare tie.
    pub document: String,
}

impl Precedence {
    /// Whether a row of `self` gives way to a row of `incoming`; a document renews its own rows.
    pub fn gives_way_to(&self, incoming: &Self) -> bool {
        self <= incoming
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::datetime;

    fn standing(day: i8, document: &str) -> Precedence {
        Precedence { as_of: datetime(2026, 3, day, 0, 0, 0, 0), document: document.to_owned() }
    }

    #[test]
    fn the_later_document_wins_and_ties_are_settled() {
        assert!(standing(1, "b").gives_way_to(&standing(2, "a")));
        assert!(!standing(2, "a").gives_way_to(&standing(1, "b")));
        assert!(standing(2, "a").gives_way_to(&standing(2, "b")));
        assert!(!standing(2, "b").gives_way_to(&standing(2, "a")));
        assert!(standing(2, "b").gives_way_to(&standing(2, "b")));
    }
}
