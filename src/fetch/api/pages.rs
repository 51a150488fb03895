//! Page by page: what to ask after an answer, until nothing is left. Pure.

use std::collections::BTreeSet;

use serde_json::Value as Json;

use super::pointer::{self, Missing};
use crate::connector::fetch::Pages;

/// More than any account has; a service that gives more goes in a circle.
const MOST: usize = 10_000;

/// Where the asking is.
#[derive(Debug, Clone)]
pub struct Walk {
    place: Place,
    /// Everything that was asked for, to notice a circle.
    seen: BTreeSet<String>,
}

/// One page, by what names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// The only page, or the first.
    First,
    Number(u32),
    Offset(u64),
    Cursor(String),
    /// Another address.
    Link(String),
}

/// What comes after an answer.
#[derive(Debug, PartialEq, Eq)]
pub enum Next {
    /// That page.
    More,
    /// Nothing. `is_void` tells that this page holds no row, and only said that.
    End { is_void: bool },
}

/// Why the pages do not end well.
#[derive(Debug, PartialEq, Eq)]
pub enum Astray {
    /// The same page was to be asked twice, or there are too many.
    Circle,
    Missing(Missing),
}

impl Walk {
    /// At the first page; `cursor` is where an earlier run ended.
    pub fn begin(pages: Option<&Pages>, cursor: Option<&str>) -> Self {
        let place = match pages {
            Some(Pages::Page { first, .. }) => Place::Number(*first),
            Some(Pages::Offset { .. }) => Place::Offset(0),
            Some(Pages::Cursor { is_kept, first, .. }) => {
                let cursor = cursor.filter(|_| *is_kept).or(first.as_deref());
                cursor.map_or(Place::First, |cursor| Place::Cursor(cursor.to_owned()))
            }
            _ => Place::First,
        };
        Self { place, seen: BTreeSet::new() }
    }

    pub fn place(&self) -> &Place {
        &self.place
    }

    /// What a run that ends here leaves to the next: the last cursor.
    pub fn cursor(&self) -> Option<&str> {
        match &self.place {
            Place::Cursor(cursor) => Some(cursor),
            _ => None,
        }
    }

    /// Takes an answer in, with its `Link` header when it has one.
    pub fn after(&mut self, pages: Option<&Pages>, answer: &Json, link: Option<&str>) -> Result<Next, Astray> {
        let Some(pages) = pages else { return Ok(Next::End { is_void: false }) };
        match pages {
            Pages::Page { last, rows, .. } => self.numbered(last.as_deref(), rows, answer),
            Pages::Offset { size, rows } => self.offset(*size, rows, answer),
            Pages::Cursor { at, more, is_kept, .. } => self.cursored(at, more.as_deref(), *is_kept, answer),
            Pages::Link { at: Some(at) } => {
                let next = pointer::first(answer, at).and_then(pointer::text).filter(|next| !next.is_empty());
                self.linked(next)
            }
            Pages::Link { at: None } => self.linked(link.and_then(next_in)),
        }
    }

    fn numbered(&mut self, last: Option<&str>, rows: &str, answer: &Json) -> Result<Next, Astray> {
        let Place::Number(page) = self.place else { return Ok(Next::End { is_void: false }) };
        let last = last.and_then(|last| pointer::first(answer, last)).and_then(Json::as_u64);
        let n_rows = pointer::count(answer, rows).map_err(Astray::Missing)?;
        if n_rows == 0 || last.is_some_and(|last| u64::from(page) >= last) {
            return Ok(Next::End { is_void: n_rows == 0 });
        }
        self.go(Place::Number(page + 1), page.to_string())
    }

    fn offset(&mut self, size: u32, rows: &str, answer: &Json) -> Result<Next, Astray> {
        let Place::Offset(offset) = self.place else { return Ok(Next::End { is_void: false }) };
        let n_rows = pointer::count(answer, rows).map_err(Astray::Missing)? as u64;
        if n_rows < u64::from(size) {
            return Ok(Next::End { is_void: n_rows == 0 });
        }
        self.go(Place::Offset(offset + n_rows), offset.to_string())
    }

    fn cursored(&mut self, at: &str, more: Option<&str>, is_kept: bool, answer: &Json) -> Result<Next, Astray> {
        let cursor = pointer::first(answer, at).and_then(pointer::text).filter(|cursor| !cursor.is_empty());
        let is_more = more.is_none_or(|more| pointer::first(answer, more).and_then(Json::as_bool).unwrap_or(false));
        match cursor {
            Some(cursor) if is_more => {
                let key = cursor.clone();
                self.go(Place::Cursor(cursor), key)
            }
            // The last cursor of a service that keeps them is where the next run starts.
            Some(cursor) if is_kept => {
                self.place = Place::Cursor(cursor);
                Ok(Next::End { is_void: false })
            }
            // An empty list says that there is nothing, and nothing else.
            _ => Ok(Next::End { is_void: answer.as_array().is_some_and(Vec::is_empty) }),
        }
    }

    fn linked(&mut self, next: Option<String>) -> Result<Next, Astray> {
        match next {
            Some(next) => self.go(Place::Link(next.clone()), next),
            None => Ok(Next::End { is_void: false }),
        }
    }

    fn go(&mut self, place: Place, key: String) -> Result<Next, Astray> {
        if !self.seen.insert(key) || self.seen.len() >= MOST {
            return Err(Astray::Circle);
        }
        self.place = place;
        Ok(Next::More)
    }
}

/// The target of `rel="next"` in a `Link` header (RFC 8288 §3).
fn next_in(header: &str) -> Option<String> {
    header.split(',').find_map(|link| {
        let (target, parameters) = link.trim().strip_prefix('<')?.split_once('>')?;
        let is_next = parameters.split(';').any(|parameter| {
            let Some((name, value)) = parameter.trim().split_once('=') else { return false };
            name.trim().eq_ignore_ascii_case("rel")
                && value.trim_matches(['"', ' ']).split(' ').any(|rel| rel == "next")
        });
        is_next.then(|| target.to_owned())
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn cursor(more: Option<&str>, is_kept: bool) -> Pages {
        Pages::Cursor { at: "/next".to_owned(), more: more.map(str::to_owned), is_kept, first: None }
    }

    #[test]
    fn pages_are_counted_until_one_is_empty_or_the_last_is_reached() {
        let pages = Pages::Page { first: 1, last: Some("/pages".to_owned()), rows: "/rows".to_owned() };
        let mut walk = Walk::begin(Some(&pages), None);
        assert_eq!(walk.after(Some(&pages), &json!({"rows": [1], "pages": 3}), None), Ok(Next::More));
        assert_eq!(walk.place(), &Place::Number(2));
        assert_eq!(walk.after(Some(&pages), &json!({"rows": []}), None), Ok(Next::End { is_void: true }));
        walk.place = Place::Number(3);
        assert_eq!(walk.after(Some(&pages), &json!({"rows": [1], "pages": 3}), None), Ok(Next::End { is_void: false }));
        assert!(matches!(walk.after(Some(&pages), &json!({"lines": []}), None), Err(Astray::Missing(_))));
    }

    #[test]
    fn an_offset_grows_by_what_came() {
        let pages = Pages::Offset { size: 2, rows: "/rows".to_owned() };
        let mut walk = Walk::begin(Some(&pages), None);
        assert_eq!(walk.after(Some(&pages), &json!({"rows": [1, 2]}), None), Ok(Next::More));
        assert_eq!(walk.place(), &Place::Offset(2));
        assert_eq!(walk.after(Some(&pages), &json!({"rows": [1]}), None), Ok(Next::End { is_void: false }));
    }

    #[test]
    fn a_kept_cursor_is_where_the_next_run_starts() {
        let pages = cursor(Some("/more"), true);
        let mut walk = Walk::begin(Some(&pages), Some("c0"));
        assert_eq!(walk.place(), &Place::Cursor("c0".to_owned()));
        assert_eq!(walk.after(Some(&pages), &json!({"next": "c1", "more": true}), None), Ok(Next::More));
        assert_eq!(
            walk.after(Some(&pages), &json!({"next": "c2", "more": false}), None),
            Ok(Next::End { is_void: false })
        );
        assert_eq!(walk.cursor(), Some("c2"));
        // One that is not kept starts anew.
        assert_eq!(Walk::begin(Some(&cursor(None, false)), Some("c0")).place(), &Place::First);
    }

    #[test]
    fn a_circle_is_noticed() {
        let pages = cursor(None, false);
        let mut walk = Walk::begin(Some(&pages), None);
        assert_eq!(walk.after(Some(&pages), &json!({"next": "a"}), None), Ok(Next::More));
        assert_eq!(walk.after(Some(&pages), &json!({"next": "b"}), None), Ok(Next::More));
        assert_eq!(walk.after(Some(&pages), &json!({"next": "a"}), None), Err(Astray::Circle));
        assert_eq!(walk.after(Some(&pages), &json!({"next": ""}), None), Ok(Next::End { is_void: false }));
    }

    #[test]
    fn links_stand_in_the_answer_or_in_its_header() {
        let header = r#"<https://a.example.org/?p=9>; rel="last", </rows?p=2>; title="x"; rel="next""#;
        let pages = Pages::Link { at: None };
        let mut walk = Walk::begin(Some(&pages), None);
        assert_eq!(walk.after(Some(&pages), &json!([]), Some(header)), Ok(Next::More));
        assert_eq!(walk.place(), &Place::Link("/rows?p=2".to_owned()));
        assert_eq!(walk.after(Some(&pages), &json!([]), None), Ok(Next::End { is_void: false }));
    }
}
