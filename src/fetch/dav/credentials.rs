//! What shows a calendar server who asks, filled in from settings and secrets.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use secrecy::{ExposeSecret, SecretString};

use crate::connector::fetch::{Auth, NeedKind};
use crate::fetch::{Failure, Order};
use crate::model::run::{Class, Said};

/// See the module.
pub(super) enum Credentials {
    Nobody,
    /// Sent at once (RFC 7617), or as a digest where the server wants one.
    Password { user: String, password: SecretString },
    /// RFC 6750.
    Bearer(SecretString),
}

impl Credentials {
    /// Those of the source.
    pub(super) fn of(order: &Order<'_>) -> Result<Self, Failure> {
        match &order.service.fetch.auth {
            Auth::None => Ok(Self::Nobody),
            Auth::Basic { user, password } | Auth::Digest { user, password } => Ok(Self::Password {
                user: fill(order, user)?.expose_secret().to_owned(),
                password: fill(order, password)?,
            }),
            Auth::Bearer { token } => Ok(Self::Bearer(fill(order, token)?)),
            Auth::Oauth2(_)
            | Auth::Header { .. }
            | Auth::Headers { .. }
            | Auth::Query { .. }
            | Auth::AccessUrl { .. }
            | Auth::Jwt(_)
            | Auth::Signed(_)
            | Auth::Token(_) => Err(Failure::new(
                Class::Config,
                Said::new(
                    "calendar servers are shown a name and a password, or a token",
                    "un serveur d'agendas demande un nom et un mot de passe, ou un jeton",
                ),
            )),
        }
    }

    /// The value of `Authorization`.
    pub(super) fn header(&self) -> Option<SecretString> {
        match self {
            Self::Nobody => None,
            Self::Password { user, password } => {
                let pair = STANDARD.encode(format!("{user}:{}", password.expose_secret()));
                Some(SecretString::from(format!("Basic {pair}")))
            }
            Self::Bearer(token) => Some(SecretString::from(format!("Bearer {}", token.expose_secret()))),
        }
    }
}

/// A template such as `{user}` with the source's own values; what is secret comes from the vault.
pub(super) fn fill(order: &Order<'_>, template: &str) -> Result<SecretString, Failure> {
    let mut out = String::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        let Some((name, tail)) = after.split_once('}') else { break };
        out.push_str(before);
        out.push_str(value(order, name)?.expose_secret());
        rest = tail;
    }
    out.push_str(rest);
    Ok(SecretString::from(out))
}

fn value(order: &Order<'_>, name: &str) -> Result<SecretString, Failure> {
    let need = order.service.fetch.needs.get(name);
    if need.is_some_and(|need| matches!(need.kind, NeedKind::Secret | NeedKind::Code)) {
        return order.vault.secret_of(order.source, name).map_err(|error| missing(name, &error.to_string()));
    }
    let set = order.source.fetch.get(name).and_then(|setting| setting.texts().into_iter().next());
    let text = set.or_else(|| need.and_then(|need| need.default.clone()));
    text.map(SecretString::from).ok_or_else(|| missing(name, "it is not set"))
}

fn missing(name: &str, why: &str) -> Failure {
    let en = format!("`{name}` is needed: {why}");
    Failure::new(Class::Config, Said::new(en, format!("il manque `{name}`")))
}
