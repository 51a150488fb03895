//! The conductor of the walk: a document's bytes become archived, recognised, decoded, mapped,
//! and loaded. Each step is another room's; here is their order.

pub mod golden;
mod objects;
pub mod reading;
pub mod summary;

pub use reading::{Item, read};
pub use summary::{AccountSum, Summary};
