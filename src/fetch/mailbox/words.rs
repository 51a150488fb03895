//! How names and texts are written in commands of IMAP.

use base64::Engine;
use base64::alphabet::IMAP_MUTF7;
use base64::engine::GeneralPurpose;
use base64::engine::general_purpose::NO_PAD;

/// The name of a folder, quoted: modified UTF-7 where it is not plain (RFC 3501 §5.1.3).
/// `None` when it holds what no name may.
pub fn folder(name: &str) -> Option<String> {
    if name.is_empty() || name.chars().any(char::is_control) {
        return None;
    }
    let written = utf7(name).replace('\\', "\\\\").replace('"', "\\\"");
    Some(format!("\"{written}\""))
}

fn utf7(name: &str) -> String {
    let mut written = String::new();
    let mut shifted: Vec<u8> = Vec::new();
    for c in name.chars() {
        if !(' '..='~').contains(&c) {
            shifted.extend(c.encode_utf16(&mut [0; 2]).iter().flat_map(|unit| unit.to_be_bytes()));
            continue;
        }
        shift(&mut written, &mut shifted);
        written.push(c);
        if c == '&' {
            written.push('-');
        }
    }
    shift(&mut written, &mut shifted);
    written
}

/// Writes what was gathered outside of ASCII: `&…-`.
fn shift(written: &mut String, shifted: &mut Vec<u8>) {
    if !shifted.is_empty() {
        let engine = GeneralPurpose::new(&IMAP_MUTF7, NO_PAD);
        written.push('&');
        engine.encode_string(&*shifted, written);
        written.push('-');
        shifted.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_folders_are_written_as_the_standard_says() {
        for (name, expected) in [
            ("INBOX", "\"INBOX\""),
            ("Tom & Jo", "\"Tom &- Jo\""),
            ("Éléments reçus", "\"&AMk-l&AOk-ments re&AOc-us\""),
            ("~peter/mail/台北/日本語", "\"~peter/mail/&U,BTFw-/&ZeVnLIqe-\""),
            ("a\"b\\c", "\"a\\\"b\\\\c\""),
        ] {
            assert_eq!(folder(name).as_deref(), Some(expected));
        }
        assert_eq!(folder("a\r\nm2 DELETE INBOX"), None);
        assert_eq!(folder(""), None);
    }
}
