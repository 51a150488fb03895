//! The shapes in which a secret may be written somewhere.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};

/// As it is, for addresses and forms, in base64 wherever it begins, in hexadecimal digits.
pub fn of(secret: &str) -> Vec<String> {
    let bytes = secret.as_bytes();
    let hex = bytes.iter().fold(String::new(), |text, byte| format!("{text}{byte:02x}"));
    let percent = |upper: bool| -> String {
        let digit = |byte: u8| if upper { format!("%{byte:02X}") } else { format!("%{byte:02x}") };
        bytes.iter().map(|byte| if is_plain(*byte) { char::from(*byte).to_string() } else { digit(*byte) }).collect()
    };
    let form: String = url::form_urlencoded::byte_serialize(bytes).collect();
    let mut forms = vec![secret.to_owned(), percent(true), percent(false), form, hex.to_uppercase(), hex];
    for start in 0..3 {
        // Whole groups of three bytes look the same wherever they stand.
        let whole = &bytes[start..start + (bytes.len() - start) / 3 * 3];
        forms.extend([STANDARD_NO_PAD.encode(whole), URL_SAFE_NO_PAD.encode(whole)]);
    }
    forms.sort();
    forms.dedup();
    forms
}

pub fn contains(bytes: &[u8], form: &str) -> bool {
    let form = form.as_bytes();
    let mut rest = bytes;
    while let Some(at) = rest.iter().position(|byte| *byte == form[0]) {
        rest = &rest[at..];
        if rest.starts_with(form) {
            return true;
        }
        rest = &rest[1..];
    }
    false
}

fn is_plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~".contains(&byte)
}

#[test]
fn forms_are_found_where_they_stand() {
    let secret = "Zy8/token+q&=%7w!Q";
    for start in ["", "u:", "us:", "user:"] {
        let told = STANDARD_NO_PAD.encode(format!("{start}{secret}:end"));
        assert!(of(secret).iter().any(|form| contains(told.as_bytes(), form)), "{start}");
    }
    assert!(of(secret).iter().any(|form| contains(b"x=Zy8%2Ftoken%2Bq%26%3D%257w%21Q&", form)));
    assert!(!of(secret).iter().any(|form| contains(b"Zy8/token+q&=%7w", form)));
}
