//! Balances that every row of a document repeats: stated once an account, for its last day.

use std::collections::BTreeMap;

use crate::model::Place;
use crate::model::records::{AnyRecord, Balance};

/// The balances seen so far, by account and currency, with the row that states each.
#[derive(Debug, Default)]
pub struct Repeated {
    latest: BTreeMap<(String, String), (Balance, Place)>,
}

impl Repeated {
    /// Takes the balances out of what a row gave; the others stay.
    pub fn take(&mut self, records: &mut Vec<AnyRecord>, place: &Place) {
        records.retain(|record| match record {
            AnyRecord::Balance(balance) => {
                self.keep(balance, place);
                false
            }
            _ => true,
        });
    }

    /// What is left to state, in the order of accounts.
    pub fn into_records(self) -> impl Iterator<Item = (AnyRecord, Place)> {
        self.latest.into_values().map(|(balance, place)| (balance.into(), place))
    }

    fn keep(&mut self, balance: &Balance, place: &Place) {
        let known = self
            .latest
            .iter_mut()
            .find(|((account, currency), _)| *account == balance.account && *currency == balance.currency);
        match known {
            Some((_, (known, _))) if known.stated_on >= balance.stated_on => {}
            Some((_, latest)) => *latest = (balance.clone(), place.clone()),
            None => {
                let key = (balance.account.clone(), balance.currency.clone());
                self.latest.insert(key, (balance.clone(), place.clone()));
            }
        }
    }
}
