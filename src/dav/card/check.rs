//! Whether bytes are one card that can be stored (RFC 6352 §5.1, §5.3.2.1 `valid-address-data`).
//!
//! Only what would make the object unreadable is refused. Missing names, missing UIDs and
//! properties that no specification knows are let in.

use super::lines::{Line, lines};

/// The version that a card states.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Version {
    /// vCard 3.0, RFC 2426.
    Three,
    /// vCard 4.0, RFC 6350.
    Four,
}

/// What has to be known of a card that is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    /// As written; cards without one exist, and are known by the name of their file.
    pub uid: Option<String>,
    pub version: Version,
    /// It lists members: `KIND:group`, or Apple's property of the same meaning.
    pub is_group: bool,
}

/// Why bytes are not one card.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Invalid {
    #[error("it does not begin with BEGIN:VCARD")]
    NotACard,
    #[error("it holds more than one card; send each as an object of its own")]
    Several,
    #[error("the card has no END:VCARD; it may be cut short")]
    NotClosed,
    #[error("the card states no VERSION; it must say 3.0 or 4.0")]
    NoVersion,
    #[error("cards of version {0} are not taken; export it as version 3.0 or 4.0")]
    Version(String),
    #[error("line {0} is no property; a text may have been broken without the blank that marks a continued line")]
    NotAProperty(usize),
}

impl Version {
    /// `3.0` or `4.0`.
    pub fn text(self) -> &'static str {
        match self {
            Self::Three => "3.0",
            Self::Four => "4.0",
        }
    }

    /// The version that a text states.
    pub fn of(text: &str) -> Option<Self> {
        match text.trim() {
            "3.0" => Some(Self::Three),
            "4.0" => Some(Self::Four),
            _ => None,
        }
    }
}

/// Reads what has to be known of a card; its values are not copied, and not looked at.
pub fn check(card: &[u8]) -> Result<Facts, Invalid> {
    let mut lines = lines(card).filter(|line| !line.is_blank());
    if !lines.next().is_some_and(|line| is_mark(&line, "BEGIN")) {
        return Err(Invalid::NotACard);
    }
    let mut seen = Seen::default();
    for line in lines.by_ref() {
        if is_mark(&line, "END") {
            return if lines.next().is_some() { Err(Invalid::Several) } else { seen.facts() };
        }
        seen.take(&line)?;
    }
    Err(Invalid::NotClosed)
}

fn is_mark(line: &Line<'_>, mark: &str) -> bool {
    line.is(mark) && line.value().trim().eq_ignore_ascii_case("VCARD")
}

#[derive(Default)]
struct Seen {
    uid: Option<String>,
    version: Option<String>,
    is_group: bool,
}

impl Seen {
    fn take(&mut self, line: &Line<'_>) -> Result<(), Invalid> {
        let Some(name) = line.full_name() else { return Err(Invalid::NotAProperty(line.number)) };
        // Most lines are told by their first letter.
        match name.first().map(u8::to_ascii_uppercase) {
            Some(b'B') if is_mark(line, "BEGIN") => return Err(Invalid::NotClosed),
            Some(b'V') if line.is("VERSION") => {
                self.version.get_or_insert_with(|| line.value().trim().to_owned());
            }
            Some(b'U') if self.uid.is_none() && line.is("UID") => {
                self.uid = Some(line.value().trim().to_owned()).filter(|uid| !uid.is_empty());
            }
            Some(b'K' | b'X') if line.is("KIND") || line.is("X-ADDRESSBOOKSERVER-KIND") => {
                self.is_group |= line.value().trim().eq_ignore_ascii_case("group");
            }
            _ => {}
        }
        Ok(())
    }

    fn facts(self) -> Result<Facts, Invalid> {
        let stated = self.version.ok_or(Invalid::NoVersion)?;
        let version = Version::of(&stated).ok_or(Invalid::Version(stated))?;
        Ok(Facts { uid: self.uid, version, is_group: self.is_group })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn facts_of_a_card() {
        let card = "begin:vcard\r\nFN:Claire\r\nVersion:3.0\r\nUID:abc\r\n -1\r\nX-ADDRESSBOOKSERVER-KIND:group\r\n\
                    end:vcard\r\n\r\n";
        let facts = check(card.as_bytes()).expect("a card");
        assert_eq!(facts, Facts { uid: Some("abc-1".to_owned()), version: Version::Three, is_group: true });
        let bare = check(b"BEGIN:VCARD\nVERSION:4.0\nUID:\nEND:VCARD").expect("a card");
        assert_eq!(bare, Facts { uid: None, version: Version::Four, is_group: false });
    }

    #[test]
    fn what_is_no_card() {
        let of = |text: &str| check(text.as_bytes()).expect_err("no card");
        assert_eq!(of(""), Invalid::NotACard);
        assert_eq!(of("BEGIN:VCALENDAR\nEND:VCALENDAR"), Invalid::NotACard);
        assert_eq!(of("BEGIN:VCARD\nVERSION:3.0\nFN:x"), Invalid::NotClosed);
        assert_eq!(of("BEGIN:VCARD\nVERSION:3.0\nBEGIN:VCARD\nVERSION:3.0\nEND:VCARD\n"), Invalid::NotClosed);
        let one = "BEGIN:VCARD\nVERSION:3.0\nFN:x\nEND:VCARD\n";
        assert_eq!(of(&one.repeat(2)), Invalid::Several);
        assert_eq!(of("BEGIN:VCARD\nFN:x\nEND:VCARD"), Invalid::NoVersion);
        assert_eq!(of("BEGIN:VCARD\nVERSION:2.1\nEND:VCARD"), Invalid::Version("2.1".to_owned()));
        assert_eq!(of("BEGIN:VCARD\nVERSION:3.0\nNOTE:a\nand b\nEND:VCARD"), Invalid::NotAProperty(4));
    }
}
