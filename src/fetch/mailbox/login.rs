//! Logging in: once, and never again when it is refused.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use imap_proto::{Capability, Response};
use secrecy::{ExposeSecret, SecretString};

use super::wire::{Link, Wire, WireError};
use super::{broken, wrong};
use crate::connector::fetch::Auth;
use crate::fetch::order::{Failure, Order};
use crate::fetch::{fill, oauth, settings};
use crate::model::run::{Class, Said};

/// Who logs in, and with what.
pub struct Login {
    user: String,
    secret: SecretString,
    pub is_token: bool,
}

impl Login {
    /// The password of the source, or a token where its service has OAuth.
    pub fn of(order: &Order<'_>) -> Result<Self, Failure> {
        let user = settings::needed(order.source, order.service, "user")?;
        if user.chars().any(char::is_control) {
            return Err(wrong("user", "one line", "une seule ligne"));
        }
        if let Auth::Oauth2(auth) = &order.service.fetch.auth {
            return Ok(Self { user, secret: oauth::token(order, auth)?, is_token: true });
        }
        let secret = order.vault.secret_of(order.source, "password").map_err(|error| fill::no_secret(&error))?;
        Ok(Self { user, secret, is_token: false })
    }

    /// The command and its parts, by what the server offers: `AUTHENTICATE XOAUTH2`,
    /// `AUTHENTICATE PLAIN` (RFC 4616), else `LOGIN` with literals, which takes any character.
    fn command(&self, offers: &Offers) -> (String, Vec<Vec<u8>>) {
        let (user, secret) = (&self.user, self.secret.expose_secret());
        if self.is_token {
            let text = STANDARD.encode(format!("user={user}\x01auth=Bearer {secret}\x01\x01"));
            ("AUTHENTICATE XOAUTH2".to_owned(), vec![text.into_bytes()])
        } else if offers.has_plain {
            let text = STANDARD.encode(format!("\0{user}\0{secret}"));
            ("AUTHENTICATE PLAIN".to_owned(), vec![text.into_bytes()])
        } else {
            let second = format!("{user} {{{}}}", secret.len()).into_bytes();
            (format!("LOGIN {{{}}}", user.len()), vec![second, secret.as_bytes().to_vec()])
        }
    }
}

/// Logs in.
pub async fn log_in<S: Link>(wire: &mut Wire<S>, login: &Login, host: &str) -> Result<(), Failure> {
    let mut offers = Offers::default();
    wire.command("CAPABILITY", |answer| offers.read(answer)).await.map_err(|error| broken(host, &error))?;
    if offers.is_disabled && !offers.has_plain && !login.is_token {
        return Err(no_way(host));
    }
    let (command, parts) = login.command(&offers);
    wire.with_parts(&command, &parts).await.map_err(|error| match &error {
        WireError::Refused(text) if !is_passing(text) => refused(host),
        _ => broken(host, &error),
    })
}

#[derive(Default)]
struct Offers {
    has_plain: bool,
    is_disabled: bool,
}

impl Offers {
    fn read(&mut self, answer: &Response<'_>) {
        let Response::Capabilities(offers) = answer else { return };
        for offer in offers {
            match offer {
                Capability::Auth(kind) => self.has_plain |= kind.eq_ignore_ascii_case("PLAIN"),
                Capability::Atom(atom) => self.is_disabled |= atom.eq_ignore_ascii_case("LOGINDISABLED"),
                Capability::Imap4rev1 => {}
            }
        }
    }
}

/// Whether the refusal is the server's own trouble (RFC 5530 §3).
fn is_passing(text: &str) -> bool {
    let text = text.to_ascii_uppercase();
    ["[UNAVAILABLE]", "[INUSE]", "[LIMIT]", "[SERVERBUG]"].iter().any(|code| text.starts_with(code))
}

fn refused(host: &str) -> Failure {
    let en = format!("the mail server {host} refuses the login: many want a password made for this program");
    let fr = format!("le serveur de courrier {host} refuse l'accès : beaucoup veulent un mot de passe d'application");
    Failure::new(Class::User, Said::new(en, fr))
}

fn no_way(host: &str) -> Failure {
    let en = format!("the mail server {host} takes no password on this connection: set `security`");
    let fr =
        format!("le serveur de courrier {host} n'accepte aucun mot de passe sur cette connexion : voir `security`");
    Failure::new(Class::Config, Said::new(en, fr))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn commanded(is_token: bool, has_plain: bool) -> (String, Vec<String>) {
        let login = Login { user: "claire".to_owned(), secret: "p\"{é}".to_owned().into(), is_token };
        let (command, parts) = login.command(&Offers { has_plain, is_disabled: false });
        (command, parts.into_iter().map(|part| String::from_utf8(part).unwrap()).collect())
    }

    #[test]
    fn a_password_needs_no_quotes_however_it_is_sent() {
        let (command, parts) = commanded(false, false);
        assert_eq!((command.as_str(), parts), ("LOGIN {6}", vec!["claire {6}".to_owned(), "p\"{é}".to_owned()]));
        let (command, parts) = commanded(false, true);
        assert_eq!(command, "AUTHENTICATE PLAIN");
        assert_eq!(STANDARD.decode(&parts[0]).unwrap(), "\0claire\0p\"{é}".as_bytes());
        let (command, parts) = commanded(true, true);
        assert_eq!(command, "AUTHENTICATE XOAUTH2");
        assert_eq!(STANDARD.decode(&parts[0]).unwrap(), "user=claire\x01auth=Bearer p\"{é}\x01\x01".as_bytes());
    }
}
