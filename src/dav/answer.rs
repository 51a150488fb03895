//! What answers say: `multistatus` and `error` bodies.
//!
//! Prefixes are fixed, and declared once: `D` for WebDAV, `C` for CalDAV, `R` for CardDAV, `S` for
//! calendarserver.org, `A` for Apple, `P` for push. In each response the properties that are there
//! come first, as `HTTP/1.1 200 OK`: one client reads no further (RFC 4918 §14.24 leaves it open).

use std::fmt::Write as _;

use super::xml::{Name, Space, escaped};

/// Namespaces of every answer.
const SPACES: &str = "xmlns:D=\"DAV:\" xmlns:C=\"urn:ietf:params:xml:ns:caldav\" \
     xmlns:R=\"urn:ietf:params:xml:ns:carddav\" xmlns:S=\"http://calendarserver.org/ns/\" \
     xmlns:A=\"http://apple.com/ns/ical/\" xmlns:P=\"https://bitfire.at/webdav-push\"";

/// What stands at the beginning of a `multistatus`.
pub fn begin(to: &mut String) {
    let _ = write!(to, "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<D:multistatus {SPACES}>");
}

/// What stands at its end; `token` is the sync token of the whole (RFC 6578 §6.4).
pub fn end(token: Option<&str>, to: &mut String) {
    if let Some(token) = token {
        let _ = write!(to, "<D:sync-token>{}</D:sync-token>", escaped(token));
    }
    to.push_str("</D:multistatus>\n");
}

/// One response while it is written.
#[derive(Debug, Default)]
pub struct Response {
    /// Properties that are there, written.
    pub found: String,
    /// Names of those that are not.
    pub missing: Vec<Name>,
}

impl Response {
    /// Writes it; what is missing is not named when the client wants little (RFC 8144 §2.1).
    pub fn write(&self, href: &str, is_minimal: bool, to: &mut String) {
        let _ = write!(to, "<D:response><D:href>{}</D:href>", escaped(href));
        let is_bare = self.missing.is_empty() || is_minimal;
        if !self.found.is_empty() || is_bare {
            let _ = write!(
                to,
                "<D:propstat><D:prop>{}</D:prop><D:status>HTTP/1.1 200 OK</D:status></D:propstat>",
                self.found
            );
        }
        if !is_bare {
            to.push_str("<D:propstat><D:prop>");
            self.missing.iter().for_each(|name| empty(name, to));
            to.push_str("</D:prop><D:status>HTTP/1.1 404 Not Found</D:status></D:propstat>");
        }
        to.push_str("</D:response>");
    }
}

/// A response that has a status of its own and no properties.
pub fn status(href: &str, status: &str, condition: Option<&str>, to: &mut String) {
    let _ = write!(to, "<D:response><D:href>{}</D:href><D:status>HTTP/1.1 {status}</D:status>", escaped(href));
    if let Some(condition) = condition {
        let _ = write!(to, "<D:error>{condition}</D:error>");
    }
    to.push_str("</D:response>");
}

/// Properties that share a status, of a PROPPATCH or a failed MKCOL.
pub fn propstat<'a>(names: impl Iterator<Item = &'a Name>, status: &str, condition: Option<&str>, to: &mut String) {
    to.push_str("<D:propstat><D:prop>");
    names.for_each(|name| empty(name, to));
    let _ = write!(to, "</D:prop><D:status>HTTP/1.1 {status}</D:status>");
    if let Some(condition) = condition {
        let _ = write!(to, "<D:error>{condition}</D:error>");
    }
    to.push_str("</D:propstat>");
}

/// The body of an error, with the condition that was not met (RFC 4918 §16): never empty, for one
/// client takes an empty one for something else.
pub fn error(condition: &str, to: &mut String) {
    let _ = write!(to, "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<D:error {SPACES}>{condition}</D:error>\n");
}

/// A whole answer of another kind, with XML in it that is written already.
pub fn document(root: &Name, inner: &str, to: &mut String) {
    let (open, close) = tags(root);
    let open = open.trim_end_matches('>');
    let _ = write!(to, "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n{open} {SPACES}>{inner}{close}\n");
}

/// The opening and the closing tag of a property.
pub fn tags(name: &Name) -> (String, String) {
    match prefix(&name.space) {
        Some(prefix) => (format!("<{prefix}:{}>", name.local), format!("</{prefix}:{}>", name.local)),
        None if name.space.uri().is_empty() => (format!("<{} xmlns=\"\">", name.local), format!("</{}>", name.local)),
        None => {
            let uri = escaped(name.space.uri());
            (format!("<x:{} xmlns:x=\"{uri}\">", name.local), format!("</x:{}>", name.local))
        }
    }
}

/// An element with text in it.
pub fn text(name: &Name, value: &str, to: &mut String) {
    let (open, close) = tags(name);
    let _ = write!(to, "{open}{}{close}", escaped(value));
}

/// An element with XML in it, that is written already.
pub fn holding(name: &Name, inner: &str, to: &mut String) {
    let (open, close) = tags(name);
    let _ = write!(to, "{open}{inner}{close}");
}

/// An element with nothing in it.
pub fn empty(name: &Name, to: &mut String) {
    let (open, _) = tags(name);
    let _ = write!(to, "{}/>", open.trim_end_matches('>'));
}

/// An href as a property holds it.
pub fn href(path: &str) -> String {
    format!("<D:href>{}</D:href>", escaped(path))
}

fn prefix(space: &Space) -> Option<&'static str> {
    match space {
        Space::Dav => Some("D"),
        Space::CalDav => Some("C"),
        Space::CardDav => Some("R"),
        Space::CalendarServer => Some("S"),
        Space::Apple => Some("A"),
        Space::Push => Some("P"),
        Space::Other(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::xml;
    use super::*;

    fn answered(missing: Vec<Name>, is_minimal: bool) -> String {
        let mut text = String::new();
        begin(&mut text);
        let response = Response { found: "<D:getetag>\"a\"</D:getetag>".to_owned(), missing };
        response.write("/dav/é&/", is_minimal, &mut text);
        end(Some("urn:x"), &mut text);
        text
    }

    #[test]
    fn answers_are_well_formed_and_what_is_there_comes_first() {
        let other = Name { space: Space::Other("urn:<x>".to_owned()), local: "y".into() };
        let bare = Name { space: Space::Other(String::new()), local: "z".into() };
        let text = answered(vec![other.clone(), bare.clone()], false);
        let root = xml::read(text.as_bytes()).expect("well-formed");
        let response = root.child(&Space::Dav, "response").expect("a response");
        let propstats: Vec<_> = response.children(&Space::Dav, "propstat").collect();
        assert_eq!(propstats[0].child(&Space::Dav, "status").expect("a status").text(), "HTTP/1.1 200 OK");
        let missing = propstats[1].child(&Space::Dav, "prop").expect("a prop");
        assert_eq!(missing.elements().map(|it| it.name.clone()).collect::<Vec<_>>(), [other.clone(), bare]);
        assert!(!answered(vec![other], true).contains("404"));
    }

    #[test]
    fn errors_are_well_formed() {
        let mut text = String::new();
        error("<C:valid-calendar-data/>", &mut text);
        let root = xml::read(text.as_bytes()).expect("well-formed");
        assert!(root.child(&Space::CalDav, "valid-calendar-data").is_some());
    }
}
