//! moisson: a household's own data, harvested into a local DuckDB and joined into personal views.
//!
//! Each module is a room of the house; `ARCHITECTURE.md` draws them and the arrows allowed
//! between them.

pub mod archive;
pub mod cli;
pub mod collections;
pub mod config;
pub mod connector;
pub mod dav;
pub mod decode;
pub mod derive;
pub mod fetch;
pub mod identity;
pub mod import;
pub mod label;
pub mod link;
pub mod map;
pub mod model;
pub mod notify;
pub mod schedule;
pub mod serve;
pub mod sync;
pub mod vault;
pub mod warehouse;
pub mod web;
