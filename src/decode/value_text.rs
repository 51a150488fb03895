//! The text escapes of iCalendar and vCard values: `\n`, `\,`, `\;`, `\\`.

/// Undoes the escapes; an unknown one keeps its letter.
pub fn unescape(value: &str) -> String {
    let mut out = String::with_capacity(value.len());
    let mut rest = value.chars();
    while let Some(c) = rest.next() {
        match c {
            '\\' => match rest.next() {
                Some('n' | 'N') => out.push('\n'),
                Some(other) => out.push(other),
                None => out.push('\\'),
            },
            _ => out.push(c),
        }
    }
    out
}

/// The parts of a structured value, still escaped: `N` is split at `;`, lists at `,`.
pub fn split(value: &str, separator: char) -> impl Iterator<Item = &str> {
    let mut is_escaped = false;
    value.split(move |c| {
        let is_separator = c == separator && !is_escaped;
        is_escaped = c == '\\' && !is_escaped;
        is_separator
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_hide_separators() {
        let parts: Vec<_> = split(r"a\;b;c\\;;d", ';').map(unescape).collect();
        assert_eq!(parts, ["a;b", r"c\", "", "d"]);
        assert_eq!(unescape(r"x\Ny\,\"), "x\ny,\\");
    }
}
