//! WebDAV-Push (draft-bitfire-webdav-push-00) as data: what a device registers, and what it is
//! told later. The only transport is Web Push; what is sent there is encrypted elsewhere.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use super::request::RequestError;
use super::xml::{self, Element, Space, escaped};

/// What a `push-register` asks for. No `Debug`: whoever knows the resource can call it.
#[derive(Clone, PartialEq, Eq)]
pub struct Register {
    /// The address that messages are posted to.
    pub resource: String,
    /// The device's public key: a point on P-256, uncompressed (RFC 8291 §3.1).
    pub key: Vec<u8>,
    /// The secret that both share (RFC 8291 §3.2).
    pub auth: Vec<u8>,
    pub kinds: Kinds,
    /// How long the device wants to be told.
    pub expires_at: Option<Timestamp>,
}

/// What a device wants to be told of, or is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Kinds {
    /// Members came, changed or went.
    pub content: bool,
    /// Properties of the collection itself changed.
    pub properties: bool,
}

/// Why a registration is not understood.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unfit {
    #[error(transparent)]
    Request(#[from] RequestError),
    /// Condition `invalid-subscription`.
    #[error("{0}")]
    Subscription(&'static str),
    /// Condition `no-supported-trigger`.
    #[error("it names nothing that could be told")]
    Trigger,
}

/// What can be told of a collection, as the property `supported-triggers` holds it.
pub const TRIGGERS: &str = "<P:content-update><D:depth>1</D:depth></P:content-update>\
     <P:property-update><D:depth>0</D:depth></P:property-update>";

/// Bytes of an uncompressed point on P-256, and of the shared secret.
const KEY: usize = 65;
const AUTH: usize = 16;

impl Kinds {
    pub fn is_none(self) -> bool {
        !self.content && !self.properties
    }

    /// What is in both.
    pub fn and(self, other: Self) -> Self {
        Self { content: self.content && other.content, properties: self.properties && other.properties }
    }

    /// What is in either.
    pub fn or(self, other: Self) -> Self {
        Self { content: self.content || other.content, properties: self.properties || other.properties }
    }
}

/// Reads a registration. Depths are those that are supported, whatever is asked for, and which
/// properties count is not looked at: the draft leaves both to the server.
pub fn register(body: &[u8]) -> Result<Register, Unfit> {
    let root = xml::read(body).map_err(RequestError::from)?;
    if !root.name.is(&Space::Push, "push-register") {
        return Err(RequestError::Unexpected { found: root.name, wanted: "push-register" }.into());
    }
    let (resource, key, auth) = subscription(&root)?;
    let trigger = root.child(&Space::Push, "trigger");
    let has = |local| trigger.is_some_and(|trigger| trigger.child(&Space::Push, local).is_some());
    let kinds = Kinds { content: has("content-update"), properties: has("property-update") };
    if kinds.is_none() {
        return Err(Unfit::Trigger);
    }
    let expires_at = root.child(&Space::Push, "expires").and_then(|expires| date(expires.text().trim()));
    Ok(Register { resource, key, auth, kinds, expires_at })
}

/// What a device is told: the collection by its topic, and how it stands when its content changed.
pub fn message(topic: &str, token: Option<&str>, has_properties: bool) -> String {
    let mut text = "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n\
         <P:push-message xmlns:D=\"DAV:\" xmlns:P=\"https://bitfire.at/webdav-push\">"
        .to_owned();
    let _ = write!(text, "<P:topic>{}</P:topic>", escaped(topic));
    if let Some(token) = token {
        let token = escaped(token);
        let _ = write!(text, "<P:content-update><D:sync-token>{token}</D:sync-token></P:content-update>");
    }
    if has_properties {
        text.push_str("<P:property-update/>");
    }
    text.push_str("</P:push-message>\n");
    text
}

fn subscription(root: &Element) -> Result<(String, Vec<u8>, Vec<u8>), Unfit> {
    let subscription =
        root.child(&Space::Push, "subscription").and_then(|it| it.child(&Space::Push, "web-push-subscription"));
    let subscription = subscription.ok_or(Unfit::Subscription("there is no web-push-subscription"))?;
    let part = |local| subscription.child(&Space::Push, local);
    let text = |local| part(local).map(|it| it.text().trim().to_owned()).filter(|text| !text.is_empty());
    let resource = text("push-resource").ok_or(Unfit::Subscription("there is no push-resource"))?;
    if text("content-encoding").is_some_and(|encoding| encoding != "aes128gcm") {
        return Err(Unfit::Subscription("the only content-encoding is aes128gcm"));
    }
    let is_p256 = part("subscription-public-key").is_some_and(|it| it.attribute("type") == Some("p256dh"));
    let key = text("subscription-public-key").filter(|_| is_p256).and_then(|key| bytes(&key, KEY));
    let key = key.ok_or(Unfit::Subscription("there is no subscription-public-key of type p256dh"))?;
    let auth = text("auth-secret").and_then(|auth| bytes(&auth, AUTH));
    let auth = auth.ok_or(Unfit::Subscription("there is no auth-secret of 16 bytes"))?;
    Ok((resource, key, auth))
}

/// Base64 for addresses, with or without what fills it up, of so many bytes.
fn bytes(text: &str, n: usize) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text.trim_end_matches('=')).ok().filter(|bytes| bytes.len() == n)
}

/// RFC 9110 §5.6.7, in the form that is to be written.
fn date(text: &str) -> Option<Timestamp> {
    let read = DateTime::strptime("%a, %d %b %Y %H:%M:%S GMT", text).ok()?;
    read.to_zoned(TimeZone::UTC).ok().map(|at| at.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn body(subscription: &str, rest: &str) -> String {
        format!(
            "<push-register xmlns=\"https://bitfire.at/webdav-push\" xmlns:D=\"DAV:\"><subscription>\
             <web-push-subscription>{subscription}</web-push-subscription></subscription>{rest}</push-register>"
        )
    }

    fn subscription() -> String {
        let key = URL_SAFE_NO_PAD.encode([4; KEY]);
        format!(
            "<push-resource> https://push.example.org/a?b&amp;c </push-resource>\
             <content-encoding>aes128gcm</content-encoding>\
             <subscription-public-key type=\"p256dh\">{key}</subscription-public-key>\
             <auth-secret>AAAAAAAAAAAAAAAAAAAAAA==</auth-secret>"
        )
    }

    const TRIGGER: &str = "<trigger><content-update><D:depth>infinity</D:depth></content-update></trigger>";

    #[test]
    fn a_registration_is_read() {
        let rest = format!("{TRIGGER}<expires>Sun, 01 Mar 2026 13:00:00 GMT</expires>");
        let read = register(body(&subscription(), &rest).as_bytes()).unwrap_or_else(|unfit| panic!("{unfit}"));
        assert_eq!(read.resource, "https://push.example.org/a?b&c");
        assert_eq!((read.key, read.auth), (vec![4; KEY], vec![0; AUTH]));
        assert_eq!(read.kinds, Kinds { content: true, properties: false });
        assert_eq!(read.expires_at.map(|at| at.to_string()).as_deref(), Some("2026-03-01T13:00:00Z"));
    }

    #[test]
    fn what_lacks_something_is_refused_for_it() {
        let unfit = |text: String| register(text.as_bytes()).err();
        assert_eq!(unfit(body(&subscription(), "")), Some(Unfit::Trigger));
        assert_eq!(unfit(body(&subscription(), "<trigger/>")), Some(Unfit::Trigger));
        let wrong = [
            ("aes128gcm", "aesgcm"),
            ("p256dh", "p521"),
            ("AAAAAAAAAAAAAAAAAAAAAA==", "AAAA"),
            ("https://push.example.org/a?b&amp;c", ""),
        ];
        for (from, to) in wrong {
            let unfit = unfit(body(&subscription().replace(from, to), TRIGGER));
            assert!(matches!(unfit, Some(Unfit::Subscription(_))), "{from}: {unfit:?}");
        }
        assert!(matches!(unfit("<a/>".to_owned()), Some(Unfit::Request(RequestError::Unexpected { .. }))));
    }

    #[test]
    fn messages_are_well_formed() {
        let text = message("a<b", Some("urn:x&y"), true);
        let root = xml::read(text.as_bytes()).expect("well-formed");
        let child = |local| root.child(&Space::Push, local).expect("an element");
        assert_eq!(child("topic").text(), "a<b");
        assert_eq!(child("content-update").child(&Space::Dav, "sync-token").expect("a token").text(), "urn:x&y");
        assert!(root.child(&Space::Push, "property-update").is_some());
        assert!(!message("a", None, true).contains("content-update"));
    }
}
