//! In which forms a secret may stand in an exchange, and what is one by its name.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use encoding_rs::WINDOWS_1252;
use serde_json::Value;
use url::Url;

/// What stands in the place of a secret.
pub const STRUCK: &str = "REDACTED";

/// Names of fields that hold a secret in answers and forms (RFC 6749, `OpenID` Connect), and the
/// ends of such names.
const NAMES: [&str; 16] = [
    "password",
    "passcode",
    "passphrase",
    "passwd",
    "secret",
    "token",
    "assertion",
    "code_verifier",
    "device_code",
    "user_code",
    "otp",
    "pin",
    "apikey",
    "api_key",
    "signature",
    "code",
];

/// Names that end so and hold none.
const OPEN: [&str; 6] = ["status_code", "postal_code", "country_code", "currency_code", "error_code", "bank_code"];

/// Names of parameters of addresses that hold a session or a key; rows of answers use some of them
/// for other things.
const PARAMETERS: [&str; 11] = [
    "sid",
    "session",
    "session_id",
    "sessionid",
    "jsessionid",
    "phpsessid",
    "sig",
    "key",
    "credential",
    "auth",
    "authorization",
];

/// Names of fields of JSON that end with `code` and hold a secret: others say which error, which
/// category, which currency.
const CODES: [&str; 8] = [
    "passcode",
    "device_code",
    "user_code",
    "auth_code",
    "authorization_code",
    "otp_code",
    "sms_code",
    "verification_code",
];

/// Every form of a secret that is looked for; [`struck`] finds the percent-encoded ones of each.
/// Forms of pages are sent in the charset of the page, which may be the one of western Europe.
pub fn of(secret: &str) -> Vec<Vec<u8>> {
    let quoted = Value::from(secret).to_string();
    let in_json = quoted[1..quoted.len() - 1].to_owned();
    let in_xml = secret.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let mut texts = vec![in_xml.replace('"', "&quot;"), in_xml];
    texts.extend([in_ascii(&in_json), in_json.replace('/', "\\/"), in_json]);
    let mut forms: Vec<Vec<u8>> = texts.into_iter().map(String::into_bytes).collect();
    let (western, ..) = WINDOWS_1252.encode(secret);
    for bytes in [secret.as_bytes(), &western] {
        forms.extend([bytes.to_vec(), STANDARD.encode(bytes).into_bytes()]);
        forms.extend([hex(bytes).into_bytes(), hex(bytes).to_uppercase().into_bytes()]);
        if bytes.len() >= 6 {
            forms.extend((0..3).flat_map(|shift| parts_in_base64(bytes, shift)).map(String::into_bytes));
        }
    }
    forms.retain(|form| form.len() >= 4);
    forms.sort();
    forms.dedup();
    forms
}

/// What of a header's value is secret: the value, what follows `Bearer`, both halves of `Basic`,
/// the values of cookies.
pub fn of_header(name: &str, value: &str) -> Vec<String> {
    let name = name.to_ascii_lowercase();
    if name.ends_with("cookie") {
        let pairs = value.split(';').take(if name == "set-cookie" { 1 } else { usize::MAX });
        return pairs.filter_map(|pair| Some(pair.split_once('=')?.1.trim().to_owned())).collect();
    }
    if name == "www-authenticate" {
        return Vec::new();
    }
    let mut found = vec![value.to_owned()];
    if let Some((scheme, rest)) = value.split_once(' ') {
        found.push(rest.to_owned());
        let pair = scheme.eq_ignore_ascii_case("basic").then(|| STANDARD.decode(rest).ok()).flatten();
        let pair = pair.and_then(|bytes| String::from_utf8(bytes).ok());
        found.extend(pair.as_deref().and_then(|pair| pair.split_once(':')).map(|(_, password)| password.to_owned()));
    }
    found
}

/// The values that a body names as secrets: a JSON object, or a form.
pub fn named(body: &[u8]) -> Vec<String> {
    let mut found = Vec::new();
    match serde_json::from_slice(body) {
        Ok(value) => named_in(&value, &mut found),
        Err(_) if body.len() < 64 * 1024 && body.contains(&b'=') && !body.contains(&b'<') => {
            let pairs = url::form_urlencoded::parse(body);
            found.extend(pairs.filter(|(name, _)| is_secret(name)).map(|(_, value)| value.into_owned()));
        }
        Err(_) => {}
    }
    found
}

/// A secret in hexadecimal digits.
pub fn hex(secret: &[u8]) -> String {
    use std::fmt::Write as _;
    secret.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Whether a field of that name holds a secret.
pub fn is_secret(name: &str) -> bool {
    let name = name.to_ascii_lowercase().replace('-', "_");
    let ends = |known: &str| {
        name == known || name.ends_with(&format!("_{known}")) || (known.len() > 4 && name.ends_with(known))
    };
    NAMES.iter().any(|known| ends(known)) && !OPEN.contains(&name.as_str())
}

/// Whether a parameter of an address holds a secret.
pub fn is_secret_parameter(name: &str) -> bool {
    is_secret(name) || PARAMETERS.contains(&name.to_ascii_lowercase().replace('-', "_").as_str())
}

/// What a server asks a proof with, without what is good for this once: the challenges that an
/// answer is made from (RFC 7616 §3.3) stay challenges.
pub fn challenge(value: &str) -> String {
    let scheme = value.split_whitespace().next().unwrap_or_default().to_ascii_lowercase();
    match scheme.as_str() {
        "basic" | "bearer" => value.to_owned(),
        "digest" => ["nonce=\"", "opaque=\""].iter().fold(value.to_owned(), |value, name| without(&value, name)),
        _ => STRUCK.to_owned(),
    }
}

/// The address that a secret is, if it is one: some services give one that lets in whoever has it.
pub fn address(secret: &str) -> Option<Url> {
    let url = Url::parse(secret.trim()).ok()?;
    (matches!(url.scheme(), "http" | "https" | "webcal" | "webcals") && url.has_host()).then_some(url)
}

/// An address of which only the host and the names of its parameters are left.
pub fn struck_address(url: &Url) -> Url {
    let mut struck = url.clone();
    struck.set_fragment(None);
    // Addresses with a host take all of this.
    let _ = if url.username().is_empty() { Ok(()) } else { struck.set_username(STRUCK) };
    let _ = url.password().map_or(Ok(()), |_| struck.set_password(Some(STRUCK)));
    let parts = url.path().split('/').map(|part| if part.is_empty() { part } else { STRUCK });
    struck.set_path(&parts.collect::<Vec<_>>().join("/"));
    let names: Vec<String> = url.query_pairs().map(|(name, _)| name.into_owned()).collect();
    if !names.is_empty() {
        struck.query_pairs_mut().clear().extend_pairs(names.iter().map(|name| (name, STRUCK)));
    }
    struck
}

/// Puts `instead` in every place where `form` stands, percent-encoded or not (RFC 3986 §2.1, and
/// the plus sign of forms).
pub fn struck(bytes: Vec<u8>, form: &[u8], instead: &str) -> Vec<u8> {
    let mut clean = Vec::new();
    let (mut at, mut from) = (0, 0);
    while at < bytes.len() {
        match length_of(&bytes[at..], form) {
            Some(length) => {
                clean.extend_from_slice(&bytes[from..at]);
                clean.extend_from_slice(instead.as_bytes());
                at += length;
                from = at;
            }
            None => at += 1,
        }
    }
    if from == 0 {
        return bytes;
    }
    clean.extend_from_slice(&bytes[from..]);
    clean
}

/// How many bytes `form` takes at the start of `bytes`, if it stands there.
fn length_of(bytes: &[u8], form: &[u8]) -> Option<usize> {
    let mut at = 0;
    for expected in form {
        at += match bytes.get(at)? {
            b'%' if bytes.get(at + 1..at + 3).and_then(encoded) == Some(*expected) => 3,
            byte if byte == expected => 1,
            b'+' if *expected == b' ' => 1,
            _ => return None,
        };
    }
    Some(at)
}

/// A text with the value after `name` struck out, up to the quotation mark that ends it.
fn without(text: &str, name: &str) -> String {
    // `cnonce` ends with `nonce`: the server does not send it.
    let Some((before, rest)) = text.split_once(name) else { return text.to_owned() };
    let after = rest.find('"').map_or("", |end| &rest[end..]);
    format!("{before}{name}{STRUCK}{after}")
}

/// Whether a field of JSON holds a secret.
fn is_secret_field(name: &str) -> bool {
    let name = name.to_ascii_lowercase().replace('-', "_");
    is_secret(&name) && (!name.ends_with("code") || CODES.contains(&name.as_str()))
}

fn encoded(digits: &[u8]) -> Option<u8> {
    u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
}

/// JSON as some write it: everything beyond ASCII escaped (RFC 8259 §7).
fn in_ascii(json: &str) -> String {
    let mut units = [0; 2];
    json.chars().fold(String::new(), |mut text, c| {
        if c.is_ascii() {
            text.push(c);
        } else {
            text.extend(c.encode_utf16(&mut units).iter().map(|unit| format!("\\u{unit:04x}")));
        }
        text
    })
}

/// The characters of base64 that depend on the secret alone when `shift` bytes stand before it.
fn parts_in_base64(secret: &[u8], shift: usize) -> [String; 2] {
    let shifted: Vec<u8> = std::iter::repeat_n(0, shift).chain(secret.iter().copied()).collect();
    let from = (shift * 8).div_ceil(6);
    let to = shifted.len() * 8 / 6;
    let part = |text: String| text.get(from..to).unwrap_or_default().to_owned();
    [part(STANDARD_NO_PAD.encode(&shifted)), part(URL_SAFE_NO_PAD.encode(&shifted))]
}

fn named_in(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                match value {
                    Value::String(text) if is_secret_field(name) => found.push(text.clone()),
                    other => named_in(other, found),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| named_in(item, found)),
        _ => {}
    }
}
