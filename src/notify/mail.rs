//! Notices as mail (RFC 5322), in plain text.

use lettre::Message;
use lettre::message::Mailbox;
use lettre::message::header::ContentType;

use super::{Notice, secret, smtp};
use crate::config::Smtp;
use crate::fetch::http::Client;
use crate::vault::Vault;

/// Sends a message to everybody of the way. The secret `notify/smtp` is the user's password.
pub fn send(notice: &Notice, way: &Smtp, vault: &Vault, client: &Client) -> Result<(), String> {
    let message = message(notice, way)?;
    let password = match &way.user {
        Some(_) => Some(secret(vault, "notify/smtp")?.ok_or("the secret notify/smtp is missing")?),
        None => None,
    };
    smtp::send(&message, way, password.as_ref(), client)
}

fn message(notice: &Notice, way: &Smtp) -> Result<Message, String> {
    let from = mailbox(&way.from)?;
    let mut building = Message::builder()
        .message_id(Some(id(from.email.domain())?))
        .subject(notice.title())
        // RFC 3834 §5: nobody answers a program that he is on holiday.
        .raw_header(header("Auto-Submitted", "auto-generated"))
        .header(ContentType::TEXT_PLAIN);
    if notice.is_urgent {
        building = building.raw_header(header("Importance", "high"));
    }
    for to in &way.to {
        building = building.to(mailbox(to)?);
    }
    let link = notice.link.as_ref().map(|link| format!("\n\n{link}")).unwrap_or_default();
    building.from(from).body(format!("{}{link}\n", notice.text())).map_err(|error| format!("no message: {error}"))
}

fn header(name: &'static str, value: &str) -> lettre::message::header::HeaderValue {
    let name = lettre::message::header::HeaderName::new_from_ascii_str(name);
    lettre::message::header::HeaderValue::new(name, value.to_owned())
}

fn mailbox(text: &str) -> Result<Mailbox, String> {
    text.parse().map_err(|error| format!("{text} is no mail address: {error}"))
}

/// An identifier that no other message has (RFC 5322 §3.6.4).
fn id(domain: &str) -> Result<String, String> {
    let mut random = [0; 16];
    getrandom::fill(&mut random).map_err(|error| format!("no random numbers: {error}"))?;
    Ok(format!("<{:032x}@{domain}>", u128::from_be_bytes(random)))
}
