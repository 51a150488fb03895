//! Paths of collections and names of members.
//!
//! `calendars`, `books` and the root are always there and hold collections only.

/// Bytes that a name may have.
const LONGEST_NAME: usize = 255;
/// How deep folders may lie.
const DEEPEST: usize = 16;

/// The collection above, and the last part: of `calendars/family` they are `calendars` and
/// `family`; above what has one part is the root, which is empty.
pub fn parent_of(path: &str) -> (&str, &str) {
    path.rsplit_once('/').unwrap_or(("", path))
}

/// Whether a text may be the name of a member, or of a collection.
pub fn is_name(name: &str) -> bool {
    let is_clean = !name.chars().any(|c| c == '/' || c.is_control());
    !name.is_empty() && name.len() <= LONGEST_NAME && is_clean && name != "." && name != ".."
}

/// Whether a collection is always there.
pub(super) fn is_fixed(path: &str) -> bool {
    matches!(path, "" | "calendars" | "books")
}

/// Whether a path may be that of a collection.
pub(super) fn is_path(path: &str) -> bool {
    path.split('/').count() <= DEEPEST && path.split('/').all(is_name)
}

/// Whether `path` is `above` or lies below it.
pub(super) fn is_at_or_below(path: &str, above: &str) -> bool {
    path.strip_prefix(above).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        for good in ["a.ics", "é ü@x;y", "%2F", "…"] {
            assert!(is_name(good), "{good}");
        }
        let long = "a".repeat(256);
        for bad in ["", ".", "..", "a/b", "a\nb", &long] {
            assert!(!is_name(bad), "{bad}");
        }
        assert!(is_at_or_below("a/b", "a") && is_at_or_below("a", "a") && !is_at_or_below("ab", "a"));
        assert!(is_path("files/a/b") && !is_path("files//b") && !is_path(&"a/".repeat(20)));
    }
}
