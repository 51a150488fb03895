//! IBANs and SEPA creditor identifiers, known by their check digits.

use super::words::Words;

/// Longest of each, ISO 13616 and EPC262-08.
const MOST_IBAN: usize = 34;
const MOST_CREDITOR: usize = 35;

/// An IBAN that begins at a word, written in one word or in groups, and how many words it takes.
pub(super) fn iban(words: &Words<'_>, at: usize) -> Option<(String, usize)> {
    if !has_head(words.bare(at)) {
        return None;
    }
    let mut text = String::new();
    for n in at..words.len() {
        let word = words.bare(n);
        if text.len() + word.len() > MOST_IBAN || !word.bytes().all(|b| b.is_ascii_alphanumeric()) {
            return None;
        }
        text.push_str(word);
        if text.len() >= 15 && text.parse::<iban::Iban>().is_ok() {
            return Some((text, n + 1 - at));
        }
    }
    None
}

/// A creditor identifier that stands in a word, check digits right.
pub(super) fn creditor(word: &str) -> Option<String> {
    let is_id = has_head(word)
        && (8..=MOST_CREDITOR).contains(&word.len())
        && word.bytes().all(|b| b.is_ascii_alphanumeric())
        && length_of(&word[..2]).is_none_or(|length| word.len() == length)
        && has_right_digits(word);
    is_id.then(|| word.to_owned())
}

/// Two letters of a country and two check digits.
fn has_head(word: &str) -> bool {
    let bytes = word.as_bytes();
    bytes.len() >= 4 && bytes[..2].iter().all(u8::is_ascii_uppercase) && bytes[2..4].iter().all(u8::is_ascii_digit)
}

/// Lengths that national schemes prescribe; others are between 8 and 35.
fn length_of(country: &str) -> Option<usize> {
    match country {
        "FR" => Some(13),
        "DE" => Some(18),
        "ES" => Some(16),
        "IT" => Some(23),
        "NL" => Some(19),
        "LU" => Some(26),
        _ => None,
    }
}

/// ISO 7064 mod 97-10 over the national part, the country and the check digits; the three
/// characters of the creditor's own business do not count (EPC262-08).
fn has_right_digits(word: &str) -> bool {
    let Some(national) = word.get(7..) else { return false };
    let digits = national.bytes().chain(word.bytes().take(4));
    let rest = digits.fold(0u32, |rest, b| match b {
        b'0'..=b'9' => (rest * 10 + u32::from(b - b'0')) % 97,
        _ => (rest * 100 + u32::from(b.to_ascii_uppercase() - b'A') + 10) % 97,
    });
    rest == 1
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Option<(String, usize)> {
        iban(&Words::of(text, &[]), 0)
    }

    #[test]
    fn ibans_are_found_in_one_word_and_in_groups() {
        assert_eq!(found("BE68 5390 0754 7034"), Some(("BE68539007547034".to_owned(), 4)));
        assert_eq!(found("FR7630006000011234567890189 LOYER"), Some(("FR7630006000011234567890189".to_owned(), 1)));
        assert_eq!(found("FR7630006000011234567890188"), None);
    }

    #[test]
    fn creditors_are_known_by_their_check_digits() {
        // The published example of the German scheme.
        assert_eq!(creditor("DE98ZZZ09999999999").as_deref(), Some("DE98ZZZ09999999999"));
        assert_eq!(creditor("DE97ZZZ09999999999"), None);
        assert_eq!(creditor("FR06ZZZ459003").as_deref(), Some("FR06ZZZ459003"));
        assert_eq!(creditor("PARIS"), None);
    }
}
