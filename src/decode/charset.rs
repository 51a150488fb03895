//! The character set a document names for itself: an XML prolog or an HTML page's `meta`.
//!
//! Only a declaration: `text::encoding` passes over one that the bytes contradict.

/// The label named in the first kibibyte, or none.
pub fn declared(bytes: &[u8]) -> Option<String> {
    let head = String::from_utf8_lossy(&bytes[..bytes.len().min(1024)]).to_ascii_lowercase();
    let head = head.trim_start_matches('\u{feff}').trim_start();
    if head.starts_with("<?xml") {
        let prolog = &head[..head.find("?>")?];
        return label(prolog, "encoding");
    }
    head.match_indices("<meta").find_map(|(at, _)| {
        let tag = &head[at..];
        label(&tag[..tag.find('>').unwrap_or(tag.len())], "charset")
    })
}

fn label(text: &str, key: &str) -> Option<String> {
    let value = text.split_once(key)?.1.trim_start().strip_prefix('=')?;
    let value = value.trim_start_matches([' ', '"', '\'']);
    let end = value.find(|c: char| !c.is_ascii_alphanumeric() && !matches!(c, '-' | '_')).unwrap_or(value.len());
    Some(value[..end].to_owned()).filter(|label| !label.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prologs_and_pages_name_their_charset() {
        for (text, expected) in [
            ("<?xml version='1.0' encoding='ISO-8859-15'?><a encoding=\"x\"/>", Some("iso-8859-15")),
            ("<?xml version='1.0'?><a encoding=\"x\"/>", None),
            (
                "<html><META http-equiv=\"Content-Type\" content=\"text/html; charset=windows-1252\">",
                Some("windows-1252"),
            ),
            ("<meta name=viewport><meta charset=utf-8>", Some("utf-8")),
            ("charset=utf-8", None),
            ("<?xml", None),
        ] {
            assert_eq!(declared(text.as_bytes()).as_deref(), expected, "{text}");
        }
    }
}
