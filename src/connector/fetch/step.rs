//! `[[fetch.steps]]`: what to ask, for which days, page by page. Data only.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer};

/// One request, or one for each of what an earlier one told: `[[fetch.steps]]`.
///
/// Texts take the placeholders `{from} {to} {cursor} {page} {offset} {today}`, the fields of
/// `needs`, and `{name}` for what a step of that `for_each` runs over.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    pub name: String,
    #[serde(default)]
    pub method: Method,
    /// Below `base`, or a whole address; on a page, absent to go on with the page that is open.
    #[serde(default)]
    pub path: String,
    #[serde(default)]
    pub query: BTreeMap<String, String>,
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    /// Sent as a form; on a page, the fields to fill in.
    #[serde(default)]
    pub form: BTreeMap<String, String>,
    /// Sent as it stands, placeholders put in as JSON texts or as XML.
    #[serde(default)]
    pub body: Option<String>,
    #[serde(default)]
    pub content_type: Option<String>,
    /// One request for each of these.
    #[serde(default)]
    pub for_each: Option<ForEach>,
    /// Only asked when that field is given, or when that other step told something.
    #[serde(default)]
    pub when: Option<String>,
    #[serde(default)]
    pub windows: Option<Windows>,
    #[serde(default)]
    pub pages: Option<Pages>,
    /// What later steps may use: a name, and a JSON pointer, `<Name>` for the text of an XML
    /// element, or (on a page) a CSS selector with `@attribute`. Three names say how long the
    /// service lets us in: `consent_until` (an instant or a day), or `consent_since` with
    /// `consent_days`.
    #[serde(default)]
    pub tells: BTreeMap<String, String>,
    /// Whether the answers of one run become one document, for services that tell each thing by a
    /// call of its own; what came once is not asked for again.
    #[serde(default)]
    pub gather: bool,
    /// Name under which the answer is a document; absent for steps that only prepare.
    #[serde(default)]
    pub document: Option<String>,
    /// JSON pointers of the rows of a document, one or several: an answer without any row is not
    /// kept.
    #[serde(default, deserialize_with = "one_or_several")]
    pub rows: Vec<String>,
    /// Whether the answer is asked for only when it has changed (RFC 9110 §13).
    #[serde(default)]
    pub conditional: bool,
    /// On a page: the form to fill in.
    #[serde(default)]
    pub submit: Option<String>,
    /// On a page: the links to follow, each a document or one page more.
    #[serde(default)]
    pub follow: Option<String>,
    /// On a page: what has to be there, else the page has changed.
    #[serde(default)]
    pub expects: Option<String>,
    /// On a page: what tells that the login was refused.
    #[serde(default)]
    pub refused: Option<String>,
    /// Whether what one of `for_each` refuses leaves the others.
    #[serde(default)]
    pub is_account: bool,
}

/// The method of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Method {
    #[default]
    Get,
    Post,
}

/// What a step runs over.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ForEach {
    /// The step that tells them; the fields of `needs` when absent.
    #[serde(default)]
    pub of: Option<String>,
    /// JSON pointer (`*` is any one step) into its answer, or the name of a field.
    pub at: String,
    /// What each is called in texts.
    pub name: String,
}

/// A step that is asked for days.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Windows {
    /// Most days in one call; everything in one call when absent.
    #[serde(default)]
    pub days: Option<u32>,
    /// How `{from}` and `{to}` are written: `%Y-%m-%d` and the like, `epoch`, `rfc3339`.
    #[serde(default)]
    pub format: Option<String>,
    /// Whether the day `{to}` itself is left out by the service.
    #[serde(default)]
    pub is_exclusive: bool,
}

/// How an answer says that there is more.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "snake_case", tag = "kind")]
pub enum Pages {
    /// `{page}` counts up from `first` until a page has no rows, or the last is reached.
    Page {
        #[serde(default = "one")]
        first: u32,
        /// JSON pointer to the number of pages.
        #[serde(default)]
        last: Option<String>,
        rows: String,
    },
    /// `{offset}` grows by the rows that came, until fewer than `size` come.
    Offset { size: u32, rows: String },
    /// `{cursor}` is what the answer holds there, until it holds none.
    Cursor {
        at: String,
        /// JSON pointer to whether there is more.
        #[serde(default)]
        more: Option<String>,
        /// Whether the last cursor is where the next run starts.
        #[serde(default)]
        is_kept: bool,
        /// The cursor of the very first page; none when absent.
        #[serde(default)]
        first: Option<String>,
    },
    /// The address of the next page, in the answer, or in `Link` (RFC 8288) when absent.
    Link {
        #[serde(default)]
        at: Option<String>,
    },
}

fn one() -> u32 {
    1
}

fn one_or_several<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<String>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Texts {
        One(String),
        Several(Vec<String>),
    }
    Ok(match Texts::deserialize(from)? {
        Texts::One(text) => vec![text],
        Texts::Several(texts) => texts,
    })
}
