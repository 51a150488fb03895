//! What stands for a secret in a recording: something of the same shape, so that the connector can
//! use it, and that opens nothing.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use serde_json::Value;
use url::Url;

use super::super::http::{self, STRUCK};
use crate::connector::Service;
use crate::connector::fetch::Auth;

/// Keys of nobody, made for this.
const RSA: &str = include_str!("nobody.rsa.pem");
const EC: &str = include_str!("nobody.ec.pem");

/// What is written instead of a secret: of an address its host stays, of an object its names and
/// instants.
pub fn of(secret: &str) -> String {
    if let Some(url) = http::address(secret) {
        return http::struck_address(&url).to_string();
    }
    if let Some(url) = once(secret) {
        return STANDARD.encode(http::struck_address(&url).as_str());
    }
    match serde_json::from_str(secret) {
        Ok(Value::Object(fields)) => struck(Value::Object(fields)).to_string(),
        _ => STRUCK.to_owned(),
    }
}

/// The texts within a secret that are secret each for itself; the whole when it is one thing.
pub fn parts(secret: &str) -> Vec<String> {
    match serde_json::from_str(secret) {
        Ok(Value::Object(fields)) => {
            let mut found = Vec::new();
            texts(&Value::Object(fields), &mut found);
            found
        }
        _ => vec![secret.to_owned()],
    }
}

/// What the connector is given for it when a recording is played: a key where one must sign.
pub fn usable(service: &Service, field: &str, written: &str) -> String {
    let Auth::Jwt(how) = &service.fetch.auth else { return written.to_owned() };
    let is_key = written == STRUCK && how.key.trim_matches(['{', '}']) == field;
    match how.algorithm.as_str() {
        "RS256" if is_key => RSA.to_owned(),
        "ES256" if is_key => EC.to_owned(),
        _ => written.to_owned(),
    }
}

/// The address that a one-time token is in base64.
fn once(secret: &str) -> Option<Url> {
    let bytes = STANDARD.decode(secret.trim()).ok()?;
    http::address(std::str::from_utf8(&bytes).ok()?)
}

fn struck(value: Value) -> Value {
    match value {
        Value::Object(fields) => fields.into_iter().map(|(name, value)| (name, struck(value))).collect(),
        Value::Array(items) => items.into_iter().map(struck).collect(),
        Value::String(text) if text.parse::<Timestamp>().is_err() => Value::from(STRUCK),
        other => other,
    }
}

fn texts(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(fields) => fields.values().for_each(|value| texts(value, found)),
        Value::Array(items) => items.iter().for_each(|item| texts(item, found)),
        Value::String(text) if text.parse::<Timestamp>().is_err() => found.push(text.clone()),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_placeholder_has_the_shape_of_the_secret_and_nothing_of_it() {
        let table = [
            ("canary", STRUCK.to_owned()),
            (
                "https://me:canary@a.example.org/x/canary",
                "https://REDACTED:REDACTED@a.example.org/REDACTED/REDACTED".to_owned(),
            ),
            (
                r#"{"access_token":"canary","expires_at":"2026-03-31T11:00:00Z","refresh_token":null}"#,
                r#"{"access_token":"REDACTED","expires_at":"2026-03-31T11:00:00Z","refresh_token":null}"#.to_owned(),
            ),
            (
                &STANDARD.encode("https://a.example.org/claim/canary"),
                STANDARD.encode("https://a.example.org/REDACTED/REDACTED"),
            ),
        ];
        for (secret, expected) in table {
            assert_eq!(of(secret), expected);
        }
        assert_eq!(parts(r#"{"access_token":"canary","expires_at":"2026-03-31T11:00:00Z"}"#), ["canary"]);
    }
}
