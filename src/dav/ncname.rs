//! Which texts are names in XML. The reader of `xml` takes whatever has neither space nor bracket for
//! one; what is written with it would not be XML.

/// Whether a text may be the name of an element or attribute without its prefix (Namespaces in
/// XML 1.0 §3, `NCName`).
pub fn is_ncname(text: &str) -> bool {
    text.chars().next().is_some_and(starts_name) && text.chars().all(continues_name)
}

fn starts_name(c: char) -> bool {
    matches!(c, 'A'..='Z' | '_' | 'a'..='z' | '\u{c0}'..='\u{d6}' | '\u{d8}'..='\u{f6}' | '\u{f8}'..='\u{2ff}'
        | '\u{370}'..='\u{37d}' | '\u{37f}'..='\u{1fff}' | '\u{200c}'..='\u{200d}' | '\u{2070}'..='\u{218f}'
        | '\u{2c00}'..='\u{2fef}' | '\u{3001}'..='\u{d7ff}' | '\u{f900}'..='\u{fdcf}' | '\u{fdf0}'..='\u{fffd}'
        | '\u{10000}'..='\u{effff}')
}

fn continues_name(c: char) -> bool {
    let more = matches!(c, '-' | '.' | '0'..='9' | '\u{b7}' | '\u{300}'..='\u{36f}' | '\u{203f}'..='\u{2040}');
    starts_name(c) || more
}

#[cfg(test)]
mod tests {
    use crate::dav::xml::{XmlError, read};

    #[test]
    fn names_are_names() {
        for right in ["<é/>", "<a-b.c_1/>", "<x:a xmlns:x='urn:x' x:b='1'/>"] {
            assert!(read(right.as_bytes()).is_ok(), "{right}");
        }
        for wrong in [
            "<a xmlns:x='urn:x'><x:a&b/></a>",
            "<1/>",
            "<a\"b/>",
            "<a b&c='1'/>",
            "<x:a:b xmlns:x='urn:x'/>",
            "<-a/>",
            "<x: xmlns:x='urn:x'/>",
        ] {
            assert!(matches!(read(wrong.as_bytes()), Err(XmlError::Malformed(_))), "{wrong}");
        }
    }
}
