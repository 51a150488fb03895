//! What shows a calendar server who asks, filled in from settings and secrets.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use secrecy::{ExposeSecret, SecretString};

use crate::connector::fetch::Auth;
use crate::fetch::{Failure, Order, fill, oauth};
use crate::model::run::{Class, Said};

/// See the module.
pub(super) enum Credentials {
    Nobody,
    /// Sent at once (RFC 7617), or as a digest where the server wants one.
    Password {
        user: String,
        password: SecretString,
    },
    /// RFC 6750.
    Bearer(SecretString),
}

impl Credentials {
    /// Those of the source.
    pub(super) fn of(order: &Order<'_>) -> Result<Self, Failure> {
        match &order.service.fetch.auth {
            Auth::None => Ok(Self::Nobody),
            Auth::Basic { user, password } | Auth::Digest { user, password } => Ok(Self::Password {
                user: fill::own(order, user)?,
                password: SecretString::from(fill::own(order, password)?),
            }),
            Auth::Bearer { token } => Ok(Self::Bearer(SecretString::from(fill::own(order, token)?))),
            Auth::Oauth2(auth) => Ok(Self::Bearer(oauth::token(order, auth)?)),
            Auth::Header { .. }
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
