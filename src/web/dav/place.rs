//! Addresses and what they name.
//!
//! `/dav/` is the root; below it lie `principals/<user>/`, `calendars/<name>/<object>`,
//! `books/<name>/<object>` and `files/…`. A collection is known with and without the slash at its
//! end, a name in any percent-encoding; what is written has one spelling.

use std::borrow::Cow;
use std::fmt::Write as _;

use percent_encoding::percent_decode_str;

use crate::collections::{self, State};

/// Where everything lies.
pub const ROOT: &str = "/dav/";

/// What an address names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// The principals, all of them.
    Principals,
    /// The household.
    Principal,
    /// A collection that is there; the root is the empty path.
    Collection(String),
    /// A member, or a name that nothing has yet, of a collection or of nothing.
    Member { path: String, name: String },
}

/// What the path of an address names; none when it is not below the root, or not UTF-8.
pub fn of(address: &str, user: &str, state: &State) -> Option<Place> {
    let parts = parts(address)?;
    let path = parts.join("/");
    match parts.split_first() {
        Some((first, [])) if first == "principals" => Some(Place::Principals),
        Some((first, [name])) if first == "principals" => name.eq_ignore_ascii_case(user).then_some(Place::Principal),
        Some((first, _)) if first == "principals" => None,
        _ if state.collection(&path).is_some() => Some(Place::Collection(path)),
        _ => {
            let (above, name) = collections::parent_of(&path);
            Some(Place::Member { path: above.to_owned(), name: name.to_owned() })
        }
    }
}

/// The address of a collection; of the root when `path` is empty.
pub fn of_collection(path: &str) -> String {
    let mut out = ROOT.to_owned();
    for part in path.split('/').filter(|part| !part.is_empty()) {
        encode(part, &mut out);
        out.push('/');
    }
    out
}

/// The address of a member.
pub fn of_member(path: &str, name: &str) -> String {
    let mut out = of_collection(path);
    encode(name, &mut out);
    out
}

/// The address of the principal.
pub fn of_principal(user: &str) -> String {
    let mut out = format!("{ROOT}principals/");
    encode(user, &mut out);
    out.push('/');
    out
}

/// The path of an address that may be absolute, with a host: hrefs and `Destination` have either.
pub fn path_of(address: &str) -> &str {
    let rest = match address.split_once("://") {
        Some((_, rest)) => rest.find('/').map_or("/", |at| &rest[at..]),
        None => address,
    };
    rest.split(['?', '#']).next().unwrap_or(rest)
}

/// The parts below the root, decoded.
fn parts(address: &str) -> Option<Vec<String>> {
    let below = match address.strip_prefix(ROOT) {
        Some(below) => below,
        None if matches!(address, "/" | "/dav") => "",
        None => return None,
    };
    let below = below.strip_suffix('/').unwrap_or(below);
    if below.is_empty() {
        return Some(Vec::new());
    }
    below.split('/').map(|part| percent_decode_str(part).decode_utf8().ok().map(Cow::into_owned)).collect()
}

/// One part of a path: what RFC 3986 §3.3 lets stand, stands.
fn encode(part: &str, to: &mut String) {
    for byte in part.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' => to.push(char::from(byte)),
            b'-' | b'.' | b'_' | b'~' | b'!' | b'$' | b'\'' | b'(' | b')' | b'*' | b'+' | b',' | b'=' | b':' | b'@' => {
                to.push(char::from(byte));
            }
            byte => {
                let _ = write!(to, "%{byte:02X}");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_place() {
        let state = State::default();
        let place = |address: &str| of(address, "Anna", &state);
        let member = |path: &str, name: &str| Some(Place::Member { path: path.to_owned(), name: name.to_owned() });
        assert_eq!(place("/dav/calendars/a%40b/x%20y.ics"), member("calendars/a@b", "x y.ics"));
        assert_eq!(place("/dav/calendars/a@b/x%20y.ics"), member("calendars/a@b", "x y.ics"));
        assert_eq!(place("/dav/principals/anna"), Some(Place::Principal));
        assert_eq!(place("/dav/principals/else/"), None);
        assert_eq!(place("/dav/%ff"), None);
        assert_eq!(place("/else/"), None);
        assert_eq!(of_member("calendars/a@b", "é %.ics"), "/dav/calendars/a@b/%C3%A9%20%25.ics");
    }

    #[test]
    fn paths_of_absolute_addresses() {
        assert_eq!(path_of("http://h:1/dav/a?b"), "/dav/a");
        assert_eq!(path_of("/dav/a#b"), "/dav/a");
        assert_eq!(path_of("https://h"), "/");
    }
}
