//! Who we are to push services (VAPID, RFC 8292), and what collections are called there.
//!
//! One key pair a home, made once, in `push.key` of the data folder: devices restrict their
//! subscriptions to it, so that another pair would make them all void.

use std::fs;
use std::io;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::{SignedDuration, Timestamp};
use ring::error::Unspecified;
use ring::hmac;
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use url::Url;

use super::{Kinds, PushError};
use crate::web::accounts;

/// How long a token is good; RFC 8292 §2 allows a day.
const LIFE: SignedDuration = SignedDuration::from_hours(12);

/// The key pair and what is drawn from it. No `Debug`: it is a secret.
pub struct Keys {
    pair: EcdsaKeyPair,
    public: String,
    names: hmac::Key,
}

impl Keys {
    /// The keys of a data folder; makes them where there are none.
    pub fn open(data: &Path) -> Result<Self, PushError> {
        let path = data.join("push.key");
        let document = match fs::read(&path) {
            Ok(document) => document,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let made = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new())?;
                accounts::put(&path, made.as_ref(), true).map_err(PushError::file(&path))?;
                made.as_ref().to_vec()
            }
            Err(error) => return Err(PushError::file(&path)(error)),
        };
        Self::of(&document).map_err(|_| PushError::Key { path })
    }

    fn of(document: &[u8]) -> Result<Self, Unspecified> {
        let random = SystemRandom::new();
        let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, document, &random)?;
        let public = URL_SAFE_NO_PAD.encode(pair.public_key().as_ref());
        Ok(Self { pair, public, names: hmac::Key::new(hmac::HMAC_SHA256, document) })
    }

    /// The public key: an uncompressed point in base64 for addresses.
    pub fn public(&self) -> &str {
        &self.public
    }

    /// What a collection is called in messages: always the same, and nothing can be told from it.
    pub fn topic(&self, collection: &str) -> String {
        accounts::hex(self.named(&format!("topic {collection}")).as_ref().get(..16).unwrap_or_default())
    }

    /// By which a message that waits is replaced by a later one that says as much (RFC 8030 §5.4).
    pub fn slot(&self, collection: &str, kinds: Kinds) -> String {
        let name = self.named(&format!("slot {} {} {collection}", kinds.content, kinds.properties));
        URL_SAFE_NO_PAD.encode(name.as_ref().get(..24).unwrap_or_default())
    }

    /// The header that proves who sends to a resource (RFC 8292 §3). `subject` says whom to write
    /// to about it.
    pub fn authorization(&self, to: &Url, subject: Option<&str>, now: Timestamp) -> Result<String, Unspecified> {
        let until = now.checked_add(LIFE).map_err(|_| Unspecified)?;
        let mut claims = serde_json::json!({ "aud": to.origin().ascii_serialization(), "exp": until.as_second() });
        if let Some(subject) = subject {
            claims["sub"] = subject.into();
        }
        let parts = [r#"{"typ":"JWT","alg":"ES256"}"#, &claims.to_string()].map(|part| URL_SAFE_NO_PAD.encode(part));
        let signed = parts.join(".");
        let signature = self.pair.sign(&SystemRandom::new(), signed.as_bytes())?;
        let signature = URL_SAFE_NO_PAD.encode(signature.as_ref());
        Ok(format!("vapid t={signed}.{signature}, k={}", self.public))
    }

    fn named(&self, what: &str) -> hmac::Tag {
        hmac::sign(&self.names, what.as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use ring::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};

    use super::*;

    #[test]
    fn keys_stay_and_are_nobody_elses() {
        let home = tempfile::tempdir().expect("a folder");
        let keys = Keys::open(home.path()).expect("keys");
        let again = Keys::open(home.path()).expect("keys");
        assert_eq!((keys.public(), keys.topic("a")), (again.public(), again.topic("a")));
        assert_ne!(keys.topic("a"), keys.topic("b"));
        let mode = fs::metadata(home.path().join("push.key")).expect("a file").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        let other = Keys::open(tempfile::tempdir().expect("a folder").path()).expect("keys");
        assert_ne!(keys.topic("a"), other.topic("a"));
        fs::write(home.path().join("push.key"), "else").expect("written");
        assert!(matches!(Keys::open(home.path()), Err(PushError::Key { .. })));
    }

    #[test]
    fn a_token_is_for_one_service_and_half_a_day() {
        let home = tempfile::tempdir().expect("a folder");
        let keys = Keys::open(home.path()).expect("keys");
        let to = Url::parse("https://push.example.org:8443/x/y?z").expect("an address");
        let now: Timestamp = "2026-03-01T12:00:00Z".parse().expect("an instant");
        let header = keys.authorization(&to, Some("https://dav.example.org"), now).expect("a header");
        let (token, public) = header.strip_prefix("vapid t=").and_then(|it| it.split_once(", k=")).expect("two parts");
        let (signed, signature) = token.rsplit_once('.').expect("a signature");
        let decoded = |text: &str| URL_SAFE_NO_PAD.decode(text).expect("base64");
        let public = UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, decoded(public));
        public.verify(signed.as_bytes(), &decoded(signature)).expect("it is signed");
        let claims = decoded(signed.split_once('.').expect("two parts").1);
        let claims: serde_json::Value = serde_json::from_slice(&claims).expect("JSON");
        let until = now.as_second() + 12 * 3600;
        let expected =
            serde_json::json!({"aud": "https://push.example.org:8443", "exp": until, "sub": "https://dav.example.org"});
        assert_eq!(claims, expected);
    }
}
