//! JSON documents: the elements of an array become named rows.
//!
//! Nothing is built in memory but the level that is looked at, and numbers keep the text they have
//! in the document: a kilowatt-hour never passes through a float. No schema is checked.

mod level;
mod lines;
mod pointer;

use serde_json::value::RawValue;

use crate::decode::{DecodeError, NamedRow, text};
use crate::model::Place;
use crate::model::text::is_blank;
use level::Level;
pub use lines::joined;
use pointer::{Pointer, Wanted};

const WHAT: &str = "the JSON document";
/// Largest document, in bytes.
pub const MAX_BYTES: u64 = 256 << 20;
/// Deepest nesting of arrays and objects.
pub const MAX_DEPTH: u64 = 64;

/// A document that an interface gave in several answers is the list of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pages {
    /// The document is one answer.
    One,
    /// Each element of the document is an answer, and read as if it stood alone.
    List,
}

/// Gives a row for each element of what stands at the pointers (RFC 6901; `""` is the whole
/// document); says whether anything stands there.
///
/// There may stand an array, an object of objects (each value a row), or one object (one row); an
/// absent last member is an empty list. A segment `*` goes through every element or member. The
/// row's kind is the pointer of the array, its place its own.
///
/// Each of `wanted` names a field and says where it is: `/a/b` from the row, `//a/b` from the root
/// (its `*` are where the row's are), `#` the row's own key or index, `""` or `/.` the row itself. A `*`
/// from the row gives the field once for each. `//#` is the name or index that the last `*` of the
/// row's pointer stood for. Absent values are no fields, null ones are empty,
/// arrays and objects are given as JSON.
pub fn rows(
    bytes: &[u8],
    pages: Pages,
    pointers: &[String],
    wanted: &[String],
    sink: &mut dyn FnMut(NamedRow),
) -> Result<bool, DecodeError> {
    if bytes.len() as u64 > MAX_BYTES {
        return Err(DecodeError::TooLarge { what: WHAT, limit: MAX_BYTES >> 20, unit: "MiB" });
    }
    let text = text::text(bytes, &text::encoding(bytes, None));
    if text.trim_matches(is_blank).is_empty() {
        return Err(DecodeError::Empty);
    }
    check_depth(&text)?;
    let several;
    let root: &RawValue = match serde_json::from_str(&text) {
        Ok(root) => root,
        Err(error) => {
            several = joined(&text).ok_or_else(|| damaged(&error))?;
            serde_json::from_str(&several).map_err(|error| damaged(&error))?
        }
    };
    let wanted: Vec<Wanted<'_>> = wanted.iter().map(|name| Wanted::new(name)).collect();
    let pointers: Vec<Pointer> = pointers.iter().map(|pointer| Pointer::new(pointer)).collect();
    let mut is_found = false;
    for (at, page) in answers(root, pages)? {
        let mut reader = Reader { root: Level::of(page)?, wanted: &wanted, sink, n_found: 0 };
        for pointer in &pointers {
            let has_star = reader.descend(page, pointer.segments(), &at, &mut Vec::new())?;
            is_found |= has_star || reader.n_found > 0;
        }
    }
    Ok(is_found)
}

/// The refusal of a document that holds no rows where its connector looks for them.
pub fn nothing_at(pointer: &str) -> DecodeError {
    DecodeError::Damaged { what: WHAT, place: Place::pointer(pointer), detail: "there is nothing there".to_owned() }
}

/// The answers that a document holds, each with its place.
fn answers(root: &RawValue, pages: Pages) -> Result<Vec<(String, &RawValue)>, DecodeError> {
    Ok(match pages {
        Pages::One => vec![(String::new(), root)],
        Pages::List => Level::of(root)?.children().into_iter().map(|(key, page)| (below("", &key), page)).collect(),
    })
}

struct Reader<'a> {
    root: Level<'a>,
    wanted: &'a [Wanted<'a>],
    sink: &'a mut dyn FnMut(NamedRow),
    /// Places that the pointer led to.
    n_found: u64,
}

impl<'a> Reader<'a> {
    /// Follows the pointer from a value; says whether a `*` was met, which may lead nowhere.
    fn descend(
        &mut self,
        value: &'a RawValue,
        path: &[String],
        at: &str,
        stars: &mut Vec<String>,
    ) -> Result<bool, DecodeError> {
        let Some((segment, rest)) = path.split_first() else {
            self.n_found += 1;
            self.give(value, at, stars)?;
            return Ok(false);
        };
        let level = Level::of(value)?;
        if segment != "*" {
            let Some(child) = level.child(segment) else {
                // A list that is empty is often left out.
                self.n_found += u64::from(rest.is_empty() && level.is_object());
                return Ok(false);
            };
            return self.descend(child, rest, &below(at, segment), stars);
        }
        for (key, child) in level.children() {
            stars.push(key.clone());
            self.descend(child, rest, &below(at, &key), stars)?;
            stars.pop();
        }
        Ok(true)
    }

    /// Gives the rows of an array or object.
    fn give(&mut self, value: &'a RawValue, at: &str, stars: &[String]) -> Result<(), DecodeError> {
        let context = self.context(stars)?;
        match Level::of(value)? {
            Level::Leaf("null") => Ok(()),
            Level::Leaf(_) => {
                let detail = "there is a single value where rows were expected".to_owned();
                Err(DecodeError::Damaged { what: WHAT, place: Place::pointer(at), detail })
            }
            level if level.is_list() => {
                for (key, row) in level.children() {
                    self.row(row, &key, at, &below(at, &key), &context)?;
                }
                Ok(())
            }
            _ => self.row(
                value,
                at.rsplit('/').next().unwrap_or_default(),
                at,
                if at.is_empty() { "/" } else { at },
                &context,
            ),
        }
    }

    /// The values wanted from the root: the same for all rows of an array.
    fn context(&self, stars: &[String]) -> Result<Vec<(usize, String)>, DecodeError> {
        let mut context = Vec::new();
        for (index, wanted) in self.wanted.iter().enumerate() {
            if let (Wanted::Star(_), Some(star)) = (wanted, stars.last()) {
                context.push((index, star.clone()));
            }
            if let Wanted::FromRoot(_, pointer) = wanted {
                let values = self.root.find(&pointer.bound_to(stars))?;
                context.extend(values.into_iter().map(|value| (index, level::text(value))));
            }
        }
        Ok(context)
    }

    fn row(
        &mut self,
        value: &RawValue,
        key: &str,
        kind: &str,
        at: &str,
        context: &[(usize, String)],
    ) -> Result<(), DecodeError> {
        let level = Level::of(value)?;
        let mut fields = Vec::with_capacity(self.wanted.len());
        for (index, wanted) in self.wanted.iter().enumerate() {
            match wanted {
                Wanted::Key(name) => fields.push(((*name).to_owned(), key.to_owned())),
                Wanted::Itself(name) => fields.push(((*name).to_owned(), level::text(value))),
                Wanted::FromRoot(name, _) | Wanted::Star(name) => {
                    let values = context.iter().filter(|(of, _)| *of == index);
                    fields.extend(values.map(|(_, value)| ((*name).to_owned(), value.clone())));
                }
                Wanted::FromRow(name, pointer) => {
                    let values = level.find(pointer.segments())?;
                    fields.extend(values.into_iter().map(|value| ((*name).to_owned(), level::text(value))));
                }
            }
        }
        (self.sink)(NamedRow { kind: kind.to_owned(), place: Place::pointer(at), fields });
        Ok(())
    }
}

fn below(at: &str, segment: &str) -> String {
    format!("{at}/{}", segment.replace('~', "~0").replace('/', "~1"))
}

/// Counts open brackets outside strings.
fn check_depth(text: &str) -> Result<(), DecodeError> {
    let (mut depth, mut is_string, mut is_escaped) = (0_u64, false, false);
    for b in text.bytes() {
        match b {
            _ if is_escaped => is_escaped = false,
            b'\\' if is_string => is_escaped = true,
            b'"' => is_string = !is_string,
            _ if is_string => {}
            b'[' | b'{' => depth += 1,
            b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > MAX_DEPTH {
            return Err(DecodeError::TooLarge { what: WHAT, limit: MAX_DEPTH, unit: "nested arrays and objects" });
        }
    }
    Ok(())
}

fn damaged(error: &serde_json::Error) -> DecodeError {
    let place = Place::line(error.line() as u64).at_column(error.column() as u64);
    let message = error.to_string();
    let detail = message.split(" at line ").next().unwrap_or(&message).to_owned();
    DecodeError::Damaged { what: WHAT, place, detail }
}

#[cfg(test)]
mod tests;
