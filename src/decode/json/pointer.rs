//! JSON pointers (RFC 6901) with `*` for every element, and what a connector wants of a row.

/// The segments of a pointer, unescaped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pointer(Vec<String>);

impl Pointer {
    /// `""` has no segment; a missing first `/` is forgiven.
    pub fn new(pointer: &str) -> Self {
        let pointer = pointer.strip_prefix('/').map_or_else(|| (!pointer.is_empty()).then_some(pointer), Some);
        let unescape = |segment: &str| segment.replace("~1", "/").replace("~0", "~");
        Self(pointer.map_or_else(Vec::new, |pointer| pointer.split('/').map(unescape).collect()))
    }

    pub fn segments(&self) -> &[String] {
        &self.0
    }

    /// The segments with the first `*` replaced by the first key, the second by the second…
    pub fn bound_to(&self, keys: &[String]) -> Vec<String> {
        let mut keys = keys.iter();
        let bind =
            |segment: &String| if segment == "*" { keys.next().unwrap_or(segment).clone() } else { segment.clone() };
        self.0.iter().map(bind).collect()
    }
}

/// A field that is wanted, by the name it was asked for with.
pub enum Wanted<'a> {
    Key(&'a str),
    Itself(&'a str),
    /// What the last `*` of the row's pointer stood for.
    Star(&'a str),
    FromRoot(&'a str, Pointer),
    FromRow(&'a str, Pointer),
}

impl<'a> Wanted<'a> {
    pub fn new(name: &'a str) -> Self {
        match name.strip_prefix('/') {
            None if name == "#" => Self::Key(name),
            None if name.is_empty() => Self::Itself(name),
            Some("/#") => Self::Star(name),
            Some(".") => Self::Itself(name),
            Some(rest) if rest.starts_with('/') => Self::FromRoot(name, Pointer::new(rest)),
            _ => Self::FromRow(name, Pointer::new(name)),
        }
    }
}
