//! Attachments of messages in a mailbox, over IMAP (RFC 3501, RFC 9051).
//!
//! The mailbox is only looked at: folders are opened with EXAMINE and messages read with
//! BODY.PEEK, so nothing is marked as read, moved or deleted. Which messages count is decided
//! here, by their sender, subject and the names of their files, as servers search each in their
//! own way. Links in messages are not followed.

mod attachments;
mod connect;
mod folder;
mod login;
mod matching;
mod wire;
mod words;

use tokio::time::{Instant, timeout_at};

use super::order::{Failure, Harvest, Order};
use super::settings;
use super::state::State;
use super::{http, oauth};
use crate::config::Security;
use crate::model::run::{Class, Part, Said};

use login::Login;
use matching::Matching;
use wire::{Link, Wire, WireError};

/// A mailbox as a source sets it.
struct Mailbox {
    host: String,
    port: u16,
    security: Security,
    folders: Vec<String>,
    matching: Matching,
    /// A conversation that lasts longer is cut; what it saw by then counts.
    until: Instant,
}

/// The attachments of messages that were not looked at before.
pub fn fetch(order: &Order<'_>, state: &mut State) -> Result<Harvest, Failure> {
    let mailbox = Mailbox::of(order)?;
    // Asked for here, as a token may have to be fetched, which blocks.
    let login = Login::of(order)?;
    let mut run = |login: &Login| http::runtime().block_on(connect::and_harvest(order, &mailbox, login, state));
    match run(&login) {
        // A token may be withdrawn before its time; a fresh one is worth one more try.
        Err(failure) if login.is_token && failure.class == Class::User => {
            oauth::expire(order)?;
            run(&Login::of(order)?)
        }
        done => done,
    }
}

impl Mailbox {
    fn of(order: &Order<'_>) -> Result<Self, Failure> {
        let (source, service) = (order.source, order.service);
        let security = match settings::text(source, service, "security").as_deref() {
            None | Some("tls") => Security::Tls,
            Some("starttls") => Security::Starttls,
            Some("none") => Security::None,
            Some(_) => return Err(wrong("security", "`tls`, `starttls` or `none`", "`tls`, `starttls` ou `none`")),
        };
        let usual = if security == Security::Tls { 993 } else { 143 };
        let port = match settings::text(source, service, "port") {
            None => usual,
            Some(text) => text.parse().map_err(|_| wrong("port", "a number", "un nombre"))?,
        };
        let folders = settings::texts(source, service, "folders");
        Ok(Self {
            host: settings::needed(source, service, "host")?,
            port,
            security,
            folders: if folders.is_empty() { vec!["INBOX".to_owned()] } else { folders },
            matching: Matching::of(source, service)?,
            until: Instant::now() + order.client.limits().conversation,
        })
    }
}

/// Logs in and looks into each folder; one that fails does not keep the others from coming.
async fn harvest<S: Link>(
    wire: Wire<S>,
    order: &Order<'_>,
    mailbox: &Mailbox,
    login: &Login,
    state: &mut State,
) -> Result<Harvest, Failure> {
    let mut wire = wire;
    let logging_in = login::log_in(&mut wire, login, &mailbox.host);
    timeout_at(mailbox.until, logging_in).await.unwrap_or_else(|_| Err(broken(&mailbox.host, &WireError::TooLong)))?;
    let mut harvest = Harvest::default();
    let looking = look(&mut wire, order, mailbox, state, &mut harvest);
    let looked = timeout_at(mailbox.until, looking).await;
    let looked = looked.unwrap_or(Err(WireError::TooLong));
    harvest.n_requests = wire.n_commands;
    harvest.n_bytes = wire.n_bytes;
    match looked {
        // Whether it is heard matters to nobody, nor whether it is said in time.
        Ok(()) => timeout_at(mailbox.until, wire.leave()).await.unwrap_or_default(),
        Err(error) if harvest.documents.is_empty() => return Err(broken(&mailbox.host, &error)),
        // What came until then is whole, and the cursors say how far that is.
        Err(error) => harvest.failed.push(part(&mailbox.host, &broken(&mailbox.host, &error))),
    }
    Ok(harvest)
}

async fn look<S: Link>(
    wire: &mut Wire<S>,
    order: &Order<'_>,
    mailbox: &Mailbox,
    state: &mut State,
    harvest: &mut Harvest,
) -> Result<(), WireError> {
    for name in &mailbox.folders {
        let mut run = folder::Run { order, mailbox, name, harvest: &mut *harvest };
        match run.look(wire, state).await {
            Err(WireError::Refused(text)) => {
                tracing::debug!(source = order.source.id, text, "a folder is refused");
                harvest.failed.push(Part { name: name.clone(), outcome: Class::Config, message: no_folder(name) });
            }
            looked => looked?,
        }
    }
    Ok(())
}

/// The failure of a connection that broke, or of a server that speaks otherwise.
fn broken(host: &str, error: &WireError) -> Failure {
    let (en, fr) = match error {
        WireError::TooSlow => ("does not answer in time".to_owned(), "ne répond pas à temps".to_owned()),
        WireError::TooLong => (
            "took the whole time that a conversation may last: what came by then stays, and the next run goes on; \
             if each one ends so, name fewer `folders`"
                .to_owned(),
            "a pris tout le temps d'une conversation : ce qui est venu reste, et la prochaine exécution continue ; \
             si chacune finit ainsi, nommer moins de dossiers (`folders`)"
                .to_owned(),
        ),
        WireError::Lost => ("closed the connection".to_owned(), "a fermé la connexion".to_owned()),
        WireError::Failed(error) => (format!("is cut off: {error}"), format!("est coupé : {error}")),
        WireError::Garbled => ("does not speak IMAP".to_owned(), "ne parle pas IMAP".to_owned()),
        WireError::TooLarge => ("sends more than was asked for".to_owned(), "envoie plus que demandé".to_owned()),
        WireError::Refused(_) => ("refuses a command".to_owned(), "refuse une commande".to_owned()),
    };
    Failure::new(
        Class::Retry,
        Said::new(format!("the mail server {host} {en}"), format!("le serveur de courrier {host} {fr}")),
    )
}

fn part(name: &str, failure: &Failure) -> Part {
    Part { name: name.to_owned(), outcome: failure.class, message: failure.message.clone() }
}

fn no_folder(name: &str) -> Said {
    let en = format!("the folder {name} of the mailbox cannot be opened: see `folders` of the source");
    Said::new(en, format!("le dossier {name} de la boîte ne peut pas être ouvert : voir `folders` de la source"))
}

fn wrong(field: &str, en: &str, fr: &str) -> Failure {
    Failure::new(Class::Config, Said::new(format!("`{field}` must be {en}"), format!("`{field}` doit être {fr}")))
}
