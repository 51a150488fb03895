//! Patterns of file names: `*` and `?` inside a name, `**` across folders.

use std::path::Path;

/// Whether a pattern names a path.
///
/// A pattern that starts at the root must match the whole path. Any other matches from any
/// folder on, so `bank/*.csv` names `/home/claire/Documents/bank/march.csv`; a leading `~/` or
/// `./` says nothing more.
pub fn names(pattern: &str, path: &Path) -> bool {
    let path = path.to_string_lossy();
    let pattern = pattern.strip_prefix("~/").or_else(|| pattern.strip_prefix("./")).unwrap_or(pattern);
    let pattern: Vec<char> = pattern.chars().collect();
    if pattern.starts_with(&['/']) {
        return matches(&pattern, &path);
    }
    let starts = std::iter::once(0).chain(path.match_indices('/').map(|(at, _)| at + 1));
    starts.into_iter().any(|start| matches(&pattern, &path[start..]))
}

/// One pass with a list of open states, so that no pattern takes exponential time.
fn matches(pattern: &[char], path: &str) -> bool {
    let mut states = closure(pattern, vec![0]);
    for c in path.chars() {
        let mut next = Vec::new();
        for &at in &states {
            match pattern.get(at) {
                Some('*') if c != '/' || pattern.get(at + 1) == Some(&'*') => next.push(at),
                Some('?') if c != '/' => next.push(at + 1),
                Some(wanted) if *wanted == c && !matches!(wanted, '*' | '?') => next.push(at + 1),
                _ => {}
            }
        }
        next.sort_unstable();
        next.dedup();
        states = closure(pattern, next);
    }
    states.contains(&pattern.len())
}

/// Adds the states reached by letting stars stand for nothing.
fn closure(pattern: &[char], mut states: Vec<usize>) -> Vec<usize> {
    let mut index = 0;
    while let Some(&at) = states.get(index) {
        index += 1;
        if pattern.get(at) != Some(&'*') {
            continue;
        }
        let is_deep = pattern.get(at + 1) == Some(&'*');
        let after = at + if is_deep { 2 } else { 1 };
        for next in [Some(after), (is_deep && pattern.get(after) == Some(&'/')).then_some(after + 1)] {
            states.extend(next.filter(|next| !states.contains(next)));
        }
    }
    states
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_name_paths() {
        for (pattern, path, is_named) in [
            ("bank/*.csv", "bank/march.csv", true),
            ("bank/*.csv", "/home/zoe/bank/march.csv", true),
            ("bank/*.csv", "/home/zoe/piggybank/march.csv", false),
            ("bank/*.csv", "bank/2026/march.csv", false),
            ("bank/**/*.csv", "bank/2026/03/march.csv", true),
            ("bank/**/*.csv", "bank/march.csv", true),
            ("bank/**", "bank/2026/march.ofx", true),
            ("commun_*.csv", "x/commun_2026.csv", true),
            ("commun_*.csv", "x/thomas_2026.csv", false),
            ("~/Downloads/*.csv", "/home/zoe/Downloads/a.csv", true),
            ("/srv/*.csv", "/home/srv/a.csv", false),
            ("/srv/*.csv", "/srv/a.csv", true),
            ("rel?v.csv", "relevé.csv", false),
            ("relev?.csv", "relevé.csv", true),
            ("a*b*c", "a--b--c", true),
            ("a*b*c", "a--c--b", false),
            ("*", "", true),
            ("", "", true),
            ("", "a", false),
        ] {
            assert_eq!(names(pattern, Path::new(path)), is_named, "{pattern} {path}");
        }
    }

    #[test]
    fn many_stars_take_no_time() {
        let pattern = "*a".repeat(40);
        assert!(!names(&pattern, Path::new(&"a".repeat(39))));
        assert!(!names(&pattern, Path::new(&"ab".repeat(500))));
    }
}
