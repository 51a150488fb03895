//! Notices that are posted as JSON: to a topic of ntfy (its JSON publishing, as headers cannot
//! hold accents), and to a webhook.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Value, json};
use url::Url;

use super::{Notice, secret};
use crate::config::{Ntfy, Webhook};
use crate::fetch::http::{Client, Request};
use crate::vault::Vault;

/// Publishes to a topic. The secret `notify/ntfy` is a token, or `user:password`.
pub fn ntfy(notice: &Notice, way: &Ntfy, vault: &Vault, client: &Client) -> Result<(), String> {
    let mut url = address(&way.url)?;
    let topic = url.path_segments().and_then(|mut segments| segments.rfind(|segment| !segment.is_empty()));
    let topic = topic.ok_or("the address names no topic: https://HOST/TOPIC")?.to_owned();
    if let Ok(mut segments) = url.path_segments_mut() {
        segments.pop_if_empty().pop().push("");
    }
    let mut body = json!({
        "topic": topic,
        "title": notice.title(),
        "message": notice.text(),
        "priority": if notice.is_urgent { 4 } else { 3 },
    });
    if let Some(link) = &notice.link {
        body["click"] = Value::from(link.as_str());
    }
    post(url, &body, secret(vault, "notify/ntfy")?.as_ref(), client)
}

/// Posts an object with `title`, `text`, `link`, `is_urgent`, and each text by its language. The
/// secret `notify/webhook` is a bearer token.
pub fn webhook(notice: &Notice, way: &Webhook, vault: &Vault, client: &Client) -> Result<(), String> {
    let body = json!({
        "title": notice.title(),
        "text": notice.text(),
        "link": notice.link,
        "is_urgent": notice.is_urgent,
        "en": { "title": notice.title.en, "text": notice.text.en },
        "fr": { "title": notice.title.fr, "text": notice.text.fr },
    });
    post(address(&way.url)?, &body, secret(vault, "notify/webhook")?.as_ref(), client)
}

fn post(url: Url, body: &Value, secret: Option<&SecretString>, client: &Client) -> Result<(), String> {
    let hosts = [url.host_str().unwrap_or_default().to_owned()];
    let mut request = Request::new("POST", url).header("content-type", "application/json").body(body.to_string());
    if let Some(secret) = secret {
        request = request.secret_header("authorization", authorization(secret.expose_secret()));
    }
    let answer = client.restricted_to(&hosts).send(&request).map_err(|error| error.to_string())?;
    if (200..300).contains(&answer.status) {
        return Ok(());
    }
    Err(format!("{} answered with status {}", hosts[0], answer.status))
}

fn authorization(secret: &str) -> String {
    let secret = secret.trim();
    if secret.contains(':') { format!("Basic {}", STANDARD.encode(secret)) } else { format!("Bearer {secret}") }
}

fn address(text: &str) -> Result<Url, String> {
    // The address itself may be the secret of a webhook: it is not shown.
    Url::parse(text).map_err(|error| format!("its address cannot be read: {error}"))
}
