//! The conductor of the walk: a document's bytes become archived, recognised, decoded, mapped,
//! and loaded. Each step is another room's; here is their order.

mod facts;
pub mod golden;
mod household;
pub mod inputs;
mod known;
pub mod labels;
mod names;
mod objects;
pub mod phone_totals;
mod place;
mod pointing;
mod pouring;
pub mod reading;
mod realign;
mod rebuild;
mod repeated;
pub mod report;
mod runs;
mod shows;
pub mod summary;
pub mod totals;
mod walk;
mod walker;
mod world;

pub use facts::say;
pub use inputs::Input;
pub use known::all_known;
pub use place::at_place;
pub use reading::{Item, read};
pub use rebuild::{rebuild, rebuild_diff};
pub use report::{DocumentReport, Outcome, Read, Refusal};
pub use summary::{AccountSum, Summary};
pub use walk::{OWN, Progress, Silent, Wish, import, publish, refresh, refresh_layers, replay};
pub use world::{ImportError, SNAPSHOT, WAREHOUSE, World};
