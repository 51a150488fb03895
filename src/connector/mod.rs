//! Connectors: what a document looks like, as data.
//!
//! A connector is a TOML file, `connectors/<family>/<id>.toml`. It says where the rows are and
//! which column is which; it holds no expression. This room reads and checks connectors and tells
//! which one a document belongs to. It reads no document itself: it is shown a [`Glimpse`].

mod catalogue;
pub mod columns;
pub mod fetch;
pub mod fields;
pub mod layout;
pub mod meter_fields;
mod reason;
mod recognise;
pub mod recognise_header;
pub mod social_fields;
pub mod template;

use serde::Deserialize;

pub use catalogue::{Catalogue, ConnectorError};
pub use fetch::{Fetch, Service};
pub use layout::{Format, Layout, Section};
pub use reason::Reason;
pub use recognise::{Glimpse, Recognised, Unrecognised, fit_of, is_list_of_answers, recognise};

use fields::Columns;

/// A validated connector.
#[derive(Debug, Clone)]
pub struct Connector {
    /// `<family>/<id>`, from the file's place: `bank/example`.
    pub id: String,
    /// Name shown to people.
    pub name: String,
    /// Raised when the meaning of a document changes; stored beside every row.
    pub version: u32,
    /// ISO 3166 country of the provider.
    pub country: Option<String>,
    /// Where people find the document.
    pub help: Help,
    pub layout: Layout,
    /// What to find in the document, in order; never empty.
    pub sections: Vec<Section>,
    /// Whether it lies in the user's own folder: those win.
    pub is_own: bool,
    /// The TOML text itself, for `connector show`.
    pub text: String,
}

impl Connector {
    /// The family: `bank`, `phone`, `energy`, `calendar`, `contacts`, `bills`, `social` or `generic`.
    pub fn family(&self) -> &str {
        self.id.split('/').next().unwrap_or(&self.id)
    }

    /// The last part of the id.
    pub fn short_id(&self) -> &str {
        self.id.rsplit('/').next().unwrap_or(&self.id)
    }

    /// What the landing tables store: `bank/example@3`.
    pub fn stamp(&self) -> String {
        format!("{}@{}", self.id, self.version)
    }
}

/// Where people find the document, in the languages that are shown.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Help {
    #[serde(default)]
    pub en: String,
    #[serde(default)]
    pub fr: String,
}

/// The file as written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ConnectorFile {
    name: String,
    version: u32,
    country: Option<String>,
    #[serde(default)]
    help: Help,
    /// Absent where documents only come from, read by other connectors.
    layout: Option<Layout>,
    columns: Option<Columns>,
    #[serde(default)]
    sections: Vec<Section>,
    fetch: Option<Fetch>,
}
