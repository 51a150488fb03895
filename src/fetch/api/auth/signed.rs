//! Requests that carry a hash of themselves and of a secret.

use ring::{digest, hmac};

use crate::connector::fetch::SignedAuth;
use crate::fetch::api::broken::Broken;
use crate::fetch::api::line::Line;
use crate::fetch::api::request::absolute;
use crate::fetch::api::values::{Escape, Value, Values, fill};
use crate::fetch::http::Request;

/// Signs a request: its method, address and body as they are sent, and the server's time.
pub fn prove(line: &mut Line<'_>, how: &SignedAuth, mut request: Request) -> Result<Request, Broken> {
    let timestamp = line.now().as_second() + ahead(line, how)?;
    let mut values = line.values.clone();
    let open = |text: &str| Value::open(text);
    values.insert("method".to_owned(), open(&request.method));
    values.insert("url".to_owned(), open(request.url.as_str()));
    values.insert("body".to_owned(), open(&String::from_utf8_lossy(&request.body)));
    values.insert("timestamp".to_owned(), open(&timestamp.to_string()));
    values.insert("signature".to_owned(), open(&signature(how, &values)));
    for (name, template) in &how.headers {
        request = request.secret_header(name, fill(template, &values, Escape::None).text);
    }
    Ok(request)
}

/// The hash of the message, in hexadecimal digits.
fn signature(how: &SignedAuth, values: &Values) -> String {
    let message = fill(&how.message, values, Escape::None).text;
    let hash = |algorithm| hex(digest::digest(algorithm, message.as_bytes()).as_ref());
    match how.hash.as_str() {
        "sha1" => hash(&digest::SHA1_FOR_LEGACY_USE_ONLY),
        "hmac_sha256" => {
            let key = fill(how.key.as_deref().unwrap_or_default(), values, Escape::None).text;
            let key = hmac::Key::new(hmac::HMAC_SHA256, key.as_bytes());
            hex(hmac::sign(&key, message.as_bytes()).as_ref())
        }
        _ => hash(&digest::SHA256),
    }
}

/// By how many seconds the server is ahead; asked once a run, where it tells.
fn ahead(line: &mut Line<'_>, how: &SignedAuth) -> Result<i64, Broken> {
    let Some(path) = &how.time_path else { return Ok(0) };
    if let Some(known) = line.session.ahead_s {
        return Ok(known);
    }
    let url = absolute(&line.base, path).map_err(Broken::run)?;
    let response = line.exchange(&Request::new("GET", url))?;
    let told: Option<i64> = std::str::from_utf8(&response.body).ok().and_then(|text| text.trim().parse().ok());
    // A server that does not tell is taken to have our time.
    let ahead = told.map_or(0, |told| told - line.now().as_second());
    line.session.ahead_s = Some(ahead);
    Ok(ahead)
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut out, byte| {
        let _ = write!(out, "{byte:02x}");
        out
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn signed(hash: &str, key: Option<&str>) -> String {
        let how = SignedAuth {
            hash: hash.to_owned(),
            message: "$1${secret}+{method}".to_owned(),
            key: key.map(str::to_owned),
            headers: std::collections::BTreeMap::new(),
            time_path: None,
        };
        let values = [("secret", Value::secret("abc")), ("method", Value::open("GET"))];
        signature(&how, &values.map(|(name, value)| (name.to_owned(), value)).into())
    }

    #[test]
    fn a_message_is_hashed_as_the_service_wants_it() {
        // printf '$1$abc+GET' | sha1sum; sha256sum; openssl dgst -sha256 -hmac abc
        assert_eq!(signed("sha1", None), "6a88208f1103687d8bb113c13399b64dbe0dbb93");
        assert_eq!(signed("sha256", None), "6d5c3cffbebea07d69827c9f91f20f217737eb4f9c7a1cc1aa4bcdcf2d03e554");
        assert_eq!(
            signed("hmac_sha256", Some("{secret}")),
            "f69cc5fa0d4fd525ed454bd5768ae10282242f19ef4c33f6a291dc762fe94835"
        );
    }
}
