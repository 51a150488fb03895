//! Bytes to rows. Pure: no file, no clock, no network; every limit is a constant of this room.
//!
//! Two shapes leave it. A *grid* (CSV, sheet, HTML table) is a sequence of physical rows, in which
//! the connector's layout finds preamble, header and footer. *Named rows* (OFX, QIF, JSON, XML)
//! say themselves what each value is. Calendars and address books are trees of components.

pub mod charset;
mod component_tree;
pub mod components;
pub mod content_lines;
pub mod csv;
mod entity;
pub mod glimpse;
pub mod html;
pub mod json;
mod markup;
pub mod names;
pub mod ofx;
pub mod property;
pub mod qif;
pub mod quoted_printable;
pub mod read;
pub mod row;
pub mod sheet;
pub mod sniff;
pub mod text;
pub mod value_text;
pub mod vcard_lint;
pub mod walker;
pub mod xml;
pub mod zip;

pub use components::{Component, Components, components};
pub use property::Property;
pub use row::{DecodeError, GridRow, NamedRow};
