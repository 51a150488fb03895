//! The connection to a mail server, by the rules of every connection.

use tokio::time::timeout_at;

use super::login::Login;
use super::wire::{Link, Wire, WireError};
use super::{Mailbox, broken, folder, harvest};
use crate::config::Security;
use crate::fetch::http::{HttpError, dial};
use crate::fetch::order::{Failure, Harvest, Order};
use crate::fetch::refusal;
use crate::fetch::state::State;
use crate::model::run::{Class, Said};

/// Connects as the source says, and harvests. After STARTTLS was refused nothing more is said.
pub async fn and_harvest(
    order: &Order<'_>,
    mailbox: &Mailbox,
    login: &Login,
    state: &mut State,
) -> Result<Harvest, Failure> {
    let (host, port) = (mailbox.host.as_str(), mailbox.port);
    let client = order.client.restricted_to(&[host.to_owned()]);
    match mailbox.security {
        Security::Tls => {
            let stream = dial::tls(&client, host, port).await.map_err(|error| unanswered(&error))?;
            harvest(greeted(stream, mailbox).await?, order, mailbox, login, state).await
        }
        Security::None => {
            let stream = dial::plain(&client, host, port).await.map_err(|error| unanswered(&error))?;
            harvest(greeted(stream, mailbox).await?, order, mailbox, login, state).await
        }
        Security::Starttls => {
            let stream = dial::before_tls(&client, host, port).await.map_err(|error| unanswered(&error))?;
            let mut wire = greeted(stream, mailbox).await?;
            let asking = timeout_at(mailbox.until, wire.command("STARTTLS", |_| ())).await;
            asking.unwrap_or(Err(WireError::TooLong)).map_err(|error| plain(host, &error))?;
            let stream = wire.into_stream().map_err(|error| broken(host, &error))?;
            let stream = dial::upgrade(&client, host, port, stream).await.map_err(|error| unanswered(&error))?;
            harvest(Wire::new(stream, folder::LITERAL_LIMIT), order, mailbox, login, state).await
        }
    }
}

async fn greeted<S: Link>(stream: S, mailbox: &Mailbox) -> Result<Wire<S>, Failure> {
    let mut wire = Wire::new(stream, folder::LITERAL_LIMIT);
    let greeting = timeout_at(mailbox.until, wire.greeting()).await.unwrap_or(Err(WireError::TooLong));
    greeting.map_err(|error| broken(&mailbox.host, &error))?;
    Ok(wire)
}

/// A server that has no TLS to offer here.
fn plain(host: &str, error: &WireError) -> Failure {
    if !matches!(error, WireError::Refused(_)) {
        return broken(host, error);
    }
    let en = format!("the mail server {host} has no STARTTLS here: set `security` and `port`");
    let fr = format!("le serveur de courrier {host} n'a pas STARTTLS ici : voir `security` et `port`");
    Failure::new(Class::Config, Said::new(en, fr))
}

fn unanswered(error: &HttpError) -> Failure {
    refusal::of_error(error)
}
