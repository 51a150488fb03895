//! `transport = "web"`: pages made for people. Forms are filled in, links followed, documents kept.
//!
//! It does what the steps of the connector say and nothing else: it runs no script, guesses no
//! field, and sends a login once a run at most. A page that is not as the connector knows it ends
//! the run with the name of what is missing. Cookies live as long as the run.

mod document;
mod form;
mod names;
mod page;
mod rules;
mod run;
mod said;

use super::{Failure, Harvest, Order, State};
use crate::connector::fetch::{NeedKind, Unattended};
use crate::model::run::Part;

use run::Run;

/// The step that ends a session: done at last whatever came before, and never a reason to fail.
const LOGOUT: &str = "logout";

/// Walks the steps of the source's connector; documents whose links were taken in before are left.
///
/// What came stays when a later step fails: that step is told beside it.
pub fn fetch(order: &Order<'_>, state: &mut State) -> Result<Harvest, Failure> {
    asks_for_nothing_in_vain(order)?;
    let mut run = Run::new(order, state);
    let steps = || order.service.fetch.steps.iter();
    let mut failed = None;
    for step in steps().filter(|step| step.name != LOGOUT) {
        if let Err(failure) = run.step(step) {
            failed = Some((step.name.clone(), failure));
            break;
        }
    }
    if let Some(step) = steps().find(|step| step.name == LOGOUT).filter(|_| run.is_begun())
        && let Err(failure) = run.step(step)
    {
        tracing::debug!(source = order.source.id, class = failure.class.code(), "the session could not be ended");
    }
    let mut harvest = run.into_harvest();
    match failed {
        Some((_, failure)) if harvest.documents.is_empty() => Err(failure),
        Some((name, failure)) => {
            harvest.failed.push(Part { name, outcome: failure.class, message: failure.message });
            Ok(harvest)
        }
        None => Ok(harvest),
    }
}

/// A portal that asks for a code at each run sends one: it is not made to while nobody reads it.
fn asks_for_nothing_in_vain(order: &Order<'_>) -> Result<(), Failure> {
    let fetch = &order.service.fetch;
    let wants_code = fetch.needs.values().any(|need| need.kind == NeedKind::Code);
    match order.person {
        None if wants_code && fetch.unattended == Unattended::No => Err(said::needs_code(order)),
        _ => Ok(()),
    }
}
