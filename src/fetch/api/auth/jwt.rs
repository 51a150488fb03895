//! A token signed here (RFC 7519) with a private key that never leaves.

use jiff::Timestamp;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use secrecy::SecretString;
use serde_json::{Map, Value as Json};

use crate::connector::fetch::JwtAuth;
use crate::fetch::Failure;
use crate::fetch::api::broken;
use crate::fetch::api::values::{Escape, Values, fill};

/// Signs a token that holds from now on.
pub fn sign(how: &JwtAuth, values: &Values, now: Timestamp) -> Result<SecretString, Failure> {
    let put = |template: &str| fill(template, values, Escape::None).text;
    let (algorithm, key) = key(how, &secret(how, values)).ok_or_else(|| unusable(how))?;
    let mut claims: Map<String, Json> =
        how.claims.iter().map(|(name, value)| (name.clone(), Json::from(put(value)))).collect();
    claims.insert("iat".to_owned(), now.as_second().into());
    claims.insert("exp".to_owned(), (now.as_second() + i64::from(how.lifetime_s)).into());
    let mut header = Header::new(algorithm);
    header.kid = Some(put(&how.key_id)).filter(|id| !id.is_empty());
    jsonwebtoken::encode(&header, &claims, &key).map(SecretString::from).map_err(|_| unusable(how))
}

/// The key is named by its field, with or without braces.
fn secret(how: &JwtAuth, values: &Values) -> String {
    match values.get(&how.key) {
        Some(value) => value.text.clone(),
        None => fill(&how.key, values, Escape::None).text,
    }
}

fn key(how: &JwtAuth, secret: &str) -> Option<(Algorithm, EncodingKey)> {
    match how.algorithm.as_str() {
        "RS256" => Some((Algorithm::RS256, EncodingKey::from_rsa_pem(secret.as_bytes()).ok()?)),
        "ES256" => Some((Algorithm::ES256, EncodingKey::from_ec_pem(secret.as_bytes()).ok()?)),
        "HS256" => Some((Algorithm::HS256, EncodingKey::from_secret(secret.as_bytes()))),
        _ => None,
    }
}

fn unusable(how: &JwtAuth) -> Failure {
    let (key, algorithm) = (how.key.trim_matches(['{', '}']), &how.algorithm);
    let en = format!("the secret {key} is no private key for {algorithm} (PEM)");
    let fr = format!("le secret {key} n'est pas une clé privée pour {algorithm} (PEM)");
    broken::config(en, fr)
}
