//! What is known about the account: the fields of `needs`, from the source's settings and the vault.

use std::collections::BTreeMap;

use secrecy::ExposeSecret;

use super::super::{Failure, Order};
use super::broken;
use super::values::{Value, Values};
use crate::connector::fetch::{Auth, Need, NeedKind, text};
use crate::vault::VaultError;

/// The fields that are given.
#[derive(Debug, Default)]
pub struct Fields {
    /// By name; of several texts, all of them with commas in between.
    pub values: Values,
    /// Each text by itself, for steps that run over a field.
    pub lists: BTreeMap<String, Vec<String>>,
}

/// Reads them; a field that must be given and is not is said with the way to give it.
pub fn read(order: &Order<'_>) -> Result<Fields, Failure> {
    let mut fields = Fields::default();
    for (name, need) in &order.service.fetch.needs {
        match need.kind {
            NeedKind::Code => {}
            NeedKind::Secret => secret(order, name, need, &mut fields)?,
            NeedKind::Text | NeedKind::Number | NeedKind::Day | NeedKind::Url | NeedKind::Folder | NeedKind::List => {
                open(order, name, need, &mut fields)?;
            }
        }
    }
    Ok(fields)
}

fn secret(order: &Order<'_>, name: &str, need: &Need, fields: &mut Fields) -> Result<(), Failure> {
    match order.vault.secret_of(order.source, name) {
        Ok(secret) => {
            fields.values.insert(name.to_owned(), Value::secret(secret.expose_secret()));
            Ok(())
        }
        Err(VaultError::Missing { .. }) if need.optional || is_claimed(&order.service.fetch.auth, name) => Ok(()),
        Err(error) => Err(super::super::fill::no_secret(&error)),
    }
}

/// Whether a secret is what a one-time token is exchanged for, or that token.
fn is_claimed(auth: &Auth, name: &str) -> bool {
    let Auth::AccessUrl { url, claim: Some(claim) } = auth else { return false };
    [url, claim].into_iter().any(|text| text::names(text).any(|known| known == name))
}

fn open(order: &Order<'_>, name: &str, need: &Need, fields: &mut Fields) -> Result<(), Failure> {
    let given = order.source.fetch.get(name).map(crate::config::Setting::texts).filter(|texts| !texts.is_empty());
    let Some(texts) = given.or_else(|| need.default.clone().map(|text| vec![text])) else {
        let id = &order.source.id;
        let en = format!("the source {id} does not say its {name}: give it under [sources.fetch]");
        let fr = format!("la source {id} ne dit pas son {name} : donnez-le sous [sources.fetch]");
        return if need.optional { Ok(()) } else { Err(broken::config(en, fr)) };
    };
    fields.values.insert(name.to_owned(), Value::open(texts.join(",")));
    fields.lists.insert(name.to_owned(), texts);
    Ok(())
}
