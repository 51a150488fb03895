//! Quoted-printable values of vCard 2.1 and vCalendar 1.0 (RFC 2045 §6.7), with their charset.
//!
//! Soft breaks are undone by `decode::content_lines`; a damaged escape stays as it is written.

use std::borrow::Cow;

use encoding_rs::{Encoding, UTF_8, WINDOWS_1252};

/// Decodes `=C3=A9` escapes; the bytes are in `charset` when they decode in it, else in UTF-8,
/// else in Windows-1252.
pub fn decode(value: &str, charset: Option<&str>) -> String {
    let bytes = unescape(value.as_bytes());
    let declared = charset.and_then(|label| Encoding::for_label(label.trim().as_bytes()));
    let strict = |encoding: &'static Encoding| encoding.decode_without_bom_handling_and_without_replacement(&bytes);
    declared
        .and_then(strict)
        .or_else(|| strict(UTF_8))
        .map_or_else(|| WINDOWS_1252.decode_without_bom_handling(&bytes).0.into_owned(), Cow::into_owned)
}

fn unescape(value: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(value.len());
    let mut at = 0;
    while at < value.len() {
        match value[at..] {
            [b'=', high, low, ..] if high.is_ascii_hexdigit() && low.is_ascii_hexdigit() => {
                out.push(digit(high) << 4 | digit(low));
                at += 3;
            }
            [b'='] => at += 1,
            _ => {
                out.push(value[at]);
                at += 1;
            }
        }
    }
    out
}

fn digit(hex: u8) -> u8 {
    match hex {
        b'0'..=b'9' => hex - b'0',
        b'a'..=b'f' => hex - b'a' + 10,
        _ => hex.wrapping_sub(b'A').wrapping_add(10),
    }
}

#[cfg(test)]
mod tests {
    use super::decode;

    #[test]
    fn charsets_are_believed_when_the_bytes_agree() {
        assert_eq!(decode("Lef=E8vre;Chlo=E9", Some("ISO-8859-1")), "Lefèvre;Chloé");
        assert_eq!(decode("Lef=C3=A8vre", None), "Lefèvre");
        assert_eq!(decode("Lef=E8vre", Some("UTF-8")), "Lefèvre");
        assert_eq!(decode("100=25 =ZZ=", None), "100% =ZZ");
    }
}
