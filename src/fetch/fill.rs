//! Placeholders: `{name}` in the texts of a connector, and what stands for it.
//!
//! Closed on purpose: a name is that of a field or a secret of the source, or one that the caller
//! knows. Nothing is computed. What is filled in may be secret, so no text made here is ever shown.

use secrecy::ExposeSecret;
use url::Url;

use super::{Failure, Order, settings};
use crate::connector::fetch::NeedKind;
use crate::connector::fetch::text::{Piece, pieces};
use crate::model::run::{Class, Said};
use crate::vault::VaultError;

/// The text with each `{name}` replaced by what `value` says of it; other braces are left as they are.
pub fn text(template: &str, mut value: impl FnMut(&str) -> Result<String, Failure>) -> Result<String, Failure> {
    let filled = pieces(template).into_iter().map(|piece| match piece {
        Piece::Plain(plain) => Ok(plain.to_owned()),
        Piece::Name(name) => value(name),
    });
    filled.collect()
}

/// The same, for texts whose placeholders are all fields or secrets of the source.
pub fn own(order: &Order<'_>, template: &str) -> Result<String, Failure> {
    text(template, |name| field(order, name))
}

/// What the source says for one of the fields that its connector needs: its setting, its secret,
/// or the default. A field that may be left out is empty.
pub fn field(order: &Order<'_>, name: &str) -> Result<String, Failure> {
    let need = order.service.fetch.needs.get(name);
    if need.is_some_and(|need| need.kind == NeedKind::Secret) {
        let is_optional = need.is_some_and(|need| need.optional);
        let found = order.vault.secret_of(order.source, name);
        if is_optional && matches!(found, Err(VaultError::Missing { .. })) {
            return Ok(String::new());
        }
        return found.map(|secret| secret.expose_secret().to_owned()).map_err(|error| no_secret(&error));
    }
    if need.is_some_and(|need| need.optional) {
        return Ok(settings::text(order.source, order.service, name).unwrap_or_default());
    }
    settings::needed(order.source, order.service, name)
}

/// A whole address, or one below the service's base, which the source may override.
pub fn address(order: &Order<'_>, path: &str) -> Result<Url, Failure> {
    let path = own(order, path)?;
    let whole = if path.contains("://") { path } else { joined(&base(order)?, &path) };
    let broken = |_| {
        Failure::new(
            Class::Config,
            Said::new(
                format!("an address of the source {} cannot be read", order.source.id),
                format!("une adresse de la source {} est illisible", order.source.id),
            ),
        )
    };
    Url::parse(&whole).map_err(broken)
}

/// The hosts that a source may call: that of its base, and those that its connector declares.
pub fn hosts(order: &Order<'_>) -> Vec<String> {
    let own = address(order, "/").ok().and_then(|url| url.host_str().map(str::to_owned));
    own.into_iter().chain(order.service.fetch.hosts.iter().cloned()).collect()
}

/// The failure of a secret that is not to be had. Errors of the vault name secrets and never hold them.
pub fn no_secret(error: &VaultError) -> Failure {
    Failure::new(error.class(), error.said())
}

fn base(order: &Order<'_>) -> Result<String, Failure> {
    match order.source.fetch.get("base") {
        Some(setting) => Ok(setting.texts().join("")),
        None => own(order, order.service.fetch.base.as_deref().unwrap_or_default()),
    }
}

fn joined(base: &str, path: &str) -> String {
    format!("{}/{}", base.trim_end_matches('/'), path.trim_start_matches('/'))
}
