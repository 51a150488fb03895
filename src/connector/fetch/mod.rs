//! `[fetch]`: how the documents of a service come by themselves.
//!
//! Data only: what to ask for, with closed placeholders, and how to tell one kind of refusal from
//! another. What a placeholder stands for, and every request, is the business of `fetch`.

mod auth;
mod check;
mod step;
pub mod text;

use std::collections::BTreeMap;

use jiff::Span;
use serde::Deserialize;

use super::Help;

pub use auth::{Auth, JwtAuth, OauthAuth, SignedAuth, TokenAuth};
pub use check::check;
pub use step::{ForEach, Method, Pages, Step, Windows};

/// A place that documents are fetched from, `connectors/<family>/<id>.toml` with a `[fetch]`.
#[derive(Debug, Clone)]
pub struct Service {
    /// `<family>/<id>`, as that of a connector.
    pub id: String,
    pub name: String,
    pub help: Help,
    pub fetch: Fetch,
    /// Whether it lies in the user's own folder.
    pub is_own: bool,
}

/// `[fetch]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fetch {
    pub transport: Transport,
    /// Start of every address, `https://api.example.org`; `{server}` takes the field of that
    /// name. A source may name another one: `base` under its `[sources.fetch]`.
    #[serde(default)]
    pub base: Option<String>,
    /// Further hosts that may be called; that of `base` always may. `*.example.org` is any
    /// host below.
    #[serde(default)]
    pub hosts: Vec<String>,
    /// Whether it runs without a person.
    #[serde(default)]
    pub unattended: Unattended,
    /// Connectors that may read what comes; any when empty.
    #[serde(default)]
    pub documents: Vec<String>,
    /// What has to be known about my account, by name of the field.
    #[serde(default)]
    pub needs: BTreeMap<String, Need>,
    #[serde(default)]
    pub auth: Auth,
    /// What to ask, in order; for `transport = "http"` and `"web"`.
    #[serde(default)]
    pub steps: Vec<Step>,
    /// Which answers mean what, before what a status means anyway: the first that fits counts.
    #[serde(default)]
    pub errors: Vec<ErrorRule>,
    #[serde(default)]
    pub quota: Option<Quota>,
    /// Something new is expected within this time: `P3D`.
    #[serde(default)]
    pub expects_within: Option<Span>,
    /// How far back the first run asks; one year when absent.
    #[serde(default)]
    pub history: Option<Span>,
    /// Days before now that are asked for again at every run, for rows that come late.
    #[serde(default)]
    pub lag: Option<Span>,
    /// How late the service is: days after now minus this are not asked for yet.
    #[serde(default)]
    pub delay: Option<Span>,
    /// How long a consent holds once given, when the service does not say: `P90D`.
    #[serde(default)]
    pub consent: Option<Span>,
    /// A schedule to propose: five fields of a crontab, `@daily`…
    #[serde(default)]
    pub schedule: Option<String>,
}

/// How bytes come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Transport {
    /// Files that appear in a folder of this machine.
    Folder,
    /// Requests to an interface made for programs.
    Http,
    /// Pages made for people: forms are filled in, links followed.
    Web,
    /// One calendar file at an address.
    Ics,
    Caldav,
    Carddav,
    /// Attachments of messages, over IMAP.
    Mailbox,
}

/// Whether a source runs without a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Unattended {
    #[default]
    Yes,
    UntilConsentExpires,
    /// Each run asks a person for something, such as a code sent by SMS.
    No,
}

/// One thing that has to be known, `[fetch.needs.<name>]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Need {
    pub kind: NeedKind,
    pub label: Help,
    /// Where people find it.
    #[serde(default)]
    pub help: Help,
    /// What holds when nothing is given; a field without it must be given, unless optional.
    #[serde(default)]
    pub default: Option<String>,
    #[serde(default)]
    pub optional: bool,
    /// The values it may have, when they are a closed set.
    #[serde(default)]
    pub one_of: Vec<String>,
}

/// What kind of thing is needed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum NeedKind {
    Text,
    Number,
    Day,
    /// `https://…`
    Url,
    /// A folder of this machine.
    Folder,
    /// Several texts.
    List,
    /// Kept in the vault, never in moisson.toml.
    Secret,
    /// A one-time code: asked for at each run, never kept.
    Code,
}

/// An answer that means something of its own: all that is given has to fit.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ErrorRule {
    #[serde(default)]
    pub status: Option<u16>,
    /// JSON pointer (`*` is any one step) into the answer; that it is there counts.
    #[serde(default)]
    pub at: Option<String>,
    /// What the text there contains.
    #[serde(default)]
    pub contains: Option<String>,
    /// Outcome class: `retry`, `quota`, `user`, `changed`, `config`, or `empty` for no rows.
    pub class: RuleClass,
    /// What to do about it, for people.
    #[serde(default)]
    pub say: Help,
    #[serde(default)]
    pub link: Option<String>,
}

/// See [`ErrorRule::class`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RuleClass {
    Retry,
    Quota,
    User,
    Changed,
    Config,
    /// Told as a part that failed; the rest of the answer counts.
    Partial,
    /// Nothing there, and nothing wrong.
    Empty,
    /// The cursor is no longer good: start again from the last one that was kept.
    Restart,
}

/// How many calls a service takes.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Quota {
    pub calls: u32,
    /// In that time.
    pub per: Per,
    /// Least time between two calls, in milliseconds.
    #[serde(default)]
    pub pause_ms: u32,
    /// Whether each account has a budget of its own, for each step, or all share one.
    #[serde(default)]
    pub of: QuotaOf,
    /// Header of an answer that tells how many calls are left.
    #[serde(default)]
    pub left: Option<String>,
    /// Header of an answer that tells in how many seconds calls are taken again.
    #[serde(default)]
    pub resets: Option<String>,
}

/// See [`Quota::of`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum QuotaOf {
    #[default]
    Service,
    Account,
}

/// See [`Quota::per`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Per {
    Minute,
    Hour,
    /// A day in UTC.
    Day,
}
