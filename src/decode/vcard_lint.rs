//! Whether one vCard 4.0 is what RFC 6350 asks for: a check, never a way in for data.

use vcard_parser::vcard::Vcard;

/// The checker's time grows with the square of the card; photos do not make a card more valid.
const LONGEST: usize = 64 * 1024;

/// Checks one card of version 4.0, and says what is wrong with it.
pub fn lint(card: &str) -> Result<(), String> {
    if card.len() > LONGEST {
        return Err(format!("the card is longer than {LONGEST} bytes and was not checked"));
    }
    let with_line_ends = format!("{}\r\n", card.trim_end().lines().collect::<Vec<_>>().join("\r\n"));
    Vcard::try_from(with_line_ends.as_str()).map(drop).map_err(|error| match error.parse_error() {
        detail if detail.is_empty() => error.to_string(),
        detail => detail,
    })
}

#[cfg(test)]
mod tests {
    use super::lint;

    #[test]
    fn a_card_needs_its_version_and_a_name() {
        assert_eq!(lint("BEGIN:VCARD\nVERSION:4.0\nFN:Claire Aubry\nEND:VCARD\n"), Ok(()));
        assert!(lint("BEGIN:VCARD\nVERSION:3.0\nFN:Claire Aubry\nEND:VCARD\n").is_err());
        assert!(lint("BEGIN:VCARD\nVERSION:4.0\nNOTE:x\nEND:VCARD\n").is_err());
        assert!(lint(&"x".repeat(70_000)).is_err());
    }
}
