//! Texts with placeholders, `{name}`: where the names are. What they stand for is not known here.

/// A piece of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Piece<'a> {
    Plain(&'a str),
    /// The name between braces.
    Name(&'a str),
}

/// The pieces of a text, in order. Braces around anything but a name (small letters, digits, `_`)
/// are plain: those of JSON and GraphQL mean nothing here.
pub fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut found = Vec::new();
    let (mut plain, mut at) = (0, 0);
    while let Some(open) = text[at..].find('{').map(|open| at + open) {
        let Some(name) = name_at(&text[open + 1..]) else {
            at = open + 1;
            continue;
        };
        found.extend((plain < open).then(|| Piece::Plain(&text[plain..open])));
        found.push(Piece::Name(name));
        at = open + name.len() + 2;
        plain = at;
    }
    found.extend((plain < text.len()).then(|| Piece::Plain(&text[plain..])));
    found
}

/// The names in a text, in order.
pub fn names(text: &str) -> impl Iterator<Item = &str> {
    pieces(text).into_iter().filter_map(|piece| match piece {
        Piece::Name(name) => Some(name),
        Piece::Plain(_) => None,
    })
}

fn name_at(after: &str) -> Option<&str> {
    let name = &after[..after.find('}')?];
    let is_letter = |c: char| c.is_ascii_lowercase() || c == '_';
    let fits = name.starts_with(is_letter) && name.chars().all(|c| is_letter(c) || c.is_ascii_digit());
    fits.then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_between_braces_are_placeholders() {
        let found: Vec<_> = names(r#"{"a":"{from}","b":{}, { x }{cursor}"}"#).collect();
        assert_eq!(found, ["from", "cursor"]);
        assert_eq!(pieces("a{b}c"), [Piece::Plain("a"), Piece::Name("b"), Piece::Plain("c")]);
        assert_eq!(pieces("{{b}"), [Piece::Plain("{"), Piece::Name("b")]);
        assert_eq!(pieces("{B}é{"), [Piece::Plain("{B}é{")]);
    }
}
