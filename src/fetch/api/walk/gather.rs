//! Many small answers that become one document: `gather`. What came once is not asked for again.
//!
//! For services that list ids and tell each thing by a call of its own. What is no longer listed is
//! forgotten, so the state does not grow.

use std::collections::BTreeMap;

use super::super::super::{Fetched, Object, http};
use super::{Reach, Stretch, Turn, Walk, Whole, document};
use crate::connector::fetch::Step;

/// The answers that came, by the name of their document.
type Gathered = BTreeMap<String, Vec<Vec<u8>>>;

impl Walk<'_> {
    /// Asks for each turn that did not come before; documents hold what came of this run.
    pub(super) fn gather(&mut self, step: &Step, turns: &[Turn]) -> Reach {
        let known = self.state.objects.remove(&step.name).unwrap_or_default();
        let mut gathered = Gathered::new();
        let mut reach = Reach::Call;
        for turn in turns {
            if !known.contains_key(&turn.item) {
                match self.gather_one(step, turn, &mut gathered) {
                    Ok(true) => {}
                    Ok(false) => continue,
                    Err(failed) => {
                        reach = failed;
                        break;
                    }
                }
            }
            self.state.objects.entry(step.name.clone()).or_default().insert(turn.item.clone(), Object::default());
        }
        // A run that was cut short still knows what it did not get to look at.
        if reach == Reach::Run {
            self.state.objects.entry(step.name.clone()).or_default().extend(known);
        }
        let origin = super::super::request::absolute(&self.line.base, "").map(|url| http::shown(&url));
        for (name, bodies) in gathered {
            self.harvest.documents.push(Fetched {
                name,
                bytes: document::bytes(bodies),
                as_of: self.line.order.now,
                origin: origin.clone().unwrap_or_default(),
                connectors: self.line.fetch.documents.clone(),
            });
        }
        reach
    }

    /// Whether the turn came; a failure of one leaves the others, unless it concerns the run.
    fn gather_one(&mut self, step: &Step, turn: &Turn, gathered: &mut Gathered) -> Result<bool, Reach> {
        let stretch = Stretch { step, turn, key: &step.name, days: None };
        match self.pages(&stretch, &turn.values) {
            Ok(Some(Whole { pages, .. })) => {
                let name = document::name(step.document.as_deref().unwrap_or_default(), &turn.values, None);
                gathered.entry(name).or_default().extend(pages.into_iter().map(|answer| answer.response.body));
                self.is_good = true;
                Ok(true)
            }
            Ok(None) => Ok(true),
            Err(broken) => match self.failed(step, None, broken) {
                Reach::Run => Err(Reach::Run),
                Reach::Call => Ok(false),
            },
        }
    }
}
