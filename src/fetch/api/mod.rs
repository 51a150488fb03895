//! Interfaces made for programs: the steps of a connector's `[fetch]`, asked over HTTP.
//!
//! What to ask is data; here is how: which days, which page, with which proof, within which
//! budget, and what an answer means. Answers are handed over byte for byte: nothing here reads
//! what they say of money or meters. Everything but the sending is pure and lies in a file of
//! its own.

mod auth;
mod broken;
mod consent;
mod document;
mod fields;
mod line;
mod pages;
mod pointer;
mod quota;
mod request;
mod told;
mod validators;
mod values;
mod verdict;
mod walk;
mod windows;

use super::{Failure, Harvest, Order, State};

/// Asks a service for what it has that did not come before; see [`super::fetch`].
pub fn fetch(order: &Order<'_>, state: &mut State) -> Result<Harvest, Failure> {
    let mut fields = fields::read(order)?;
    let line = line::Line::open(order, &fields)?;
    fields.values.extend(line.values.clone());
    walk::run(order, fields, line, state)
}
