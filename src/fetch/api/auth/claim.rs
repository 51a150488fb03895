//! An address that is a secret: it holds name and password. A one-time token is exchanged for it
//! the first time, and the address is kept in the vault before it is used: the token is gone then.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use secrecy::SecretString;
use url::Url;

use super::Session;
use crate::config::SecretPlace;
use crate::connector::fetch::text;
use crate::fetch::api::broken::{self, Broken};
use crate::fetch::api::line::Line;
use crate::fetch::api::values::{Escape, Value, fill};
use crate::fetch::http::Request;
use crate::fetch::{Failure, Order};
use crate::model::run::{Class, Said};

/// Finds the address, or claims it; from then on it is the base of the line.
pub fn claim(line: &mut Line<'_>, url: &str, claim: Option<&str>) -> Result<(), Failure> {
    let known = fill(url, &line.values, Escape::None);
    let address = match claim {
        Some(claim) if known.lacks => exchange(line, url, claim)?,
        _ => known.text,
    };
    let mut base = Url::parse(address.trim()).map_err(|_| unusable())?;
    let decode = |text: &str| {
        url::form_urlencoded::parse(format!("a={}", text.replace('+', "%2B")).as_bytes())
            .next()
            .map(|(_, value)| value.into_owned())
    };
    let user = decode(base.username()).unwrap_or_default();
    let password = base.password().and_then(decode).unwrap_or_default();
    base.set_username("").and_then(|()| base.set_password(None)).map_err(|()| unusable())?;
    line.session = Session::with_access(&user, &password);
    line.base = base;
    Ok(())
}

fn exchange(line: &mut Line<'_>, url: &str, claim: &str) -> Result<String, Failure> {
    let token = fill(claim, &line.values, Escape::None);
    if token.lacks {
        return Err(used());
    }
    let bytes = STANDARD.decode(token.text.trim()).map_err(|_| unusable())?;
    let place = std::str::from_utf8(&bytes).ok().and_then(|text| Url::parse(text.trim()).ok()).ok_or_else(unusable)?;
    let response = line.exchange(&Request::new("POST", place)).map_err(|Broken { failure, .. }| failure)?;
    let address = String::from_utf8_lossy(&response.body).trim().to_owned();
    match response.status {
        200..300 if Url::parse(&address).is_ok() => {
            keep(line.order, url, &address)?;
            for name in text::names(url) {
                line.values.insert(name.to_owned(), Value::secret(&*address));
            }
            Ok(address)
        }
        500.. => {
            let (en, fr) = ("the service could not exchange the token", "le service n'a pas pu échanger le jeton");
            Err(Failure::new(Class::Retry, Said::new(en, fr)))
        }
        _ => Err(used()),
    }
}

/// Keeps the address where the source's secret of that name is looked for.
fn keep(order: &Order<'_>, url: &str, address: &str) -> Result<(), Failure> {
    for field in text::names(url) {
        let name = match order.source.secrets.get(field) {
            Some(SecretPlace::Vault(name)) => name.clone(),
            _ => format!("{}/{field}", order.source.id),
        };
        order.vault.keep(&name, SecretString::from(address.to_owned())).map_err(|error| {
            broken::config(
                format!("the secret {name} cannot be kept: {error}"),
                format!("le secret {name} ne peut être gardé : {error}"),
            )
        })?;
    }
    Ok(())
}

fn used() -> Failure {
    let en = "the one-time token is used up or wrong: ask the service for a new one and set it again";
    let fr = "le jeton à usage unique est épuisé ou faux : demandez-en un nouveau au service et réglez-le";
    Failure::new(Class::User, Said::new(en, fr))
}

fn unusable() -> Failure {
    broken::config(
        "the secret is no address, or no token that stands for one",
        "le secret n'est ni une adresse ni un jeton qui en tienne lieu",
    )
}
