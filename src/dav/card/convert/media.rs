//! Photos, logos, sounds and keys: inline as base64 of vCard 3.0, a `data:` address in 4.0.

use super::super::parameters::{Parameter, Property};

/// Writes what stands inline as a `data:` address (RFC 6350 §6.2.4); whether it was changed.
pub(super) fn to_address(property: &mut Property<'_>) -> bool {
    let kind = property.parameters.iter().filter(|one| one.is("TYPE")).flat_map(|one| &one.values);
    let kind = kind.filter(|kind| !is_encoding(kind)).map(|kind| media_type(&property.name, kind)).next();
    if !is_inline(property) {
        return address_to_four(property, kind);
    }
    for name in ["ENCODING", "TYPE", "VALUE"] {
        property.drop_parameter(name);
    }
    let value = property.value.replace([' ', '\t'], "");
    // Some programs send an address and call it base64.
    let is_address = value.get(..5).is_some_and(|start| start.eq_ignore_ascii_case("data:"));
    let kind = kind.unwrap_or_else(|| sniffed(&value).to_owned());
    property.value = if is_address { value } else { format!("data:{kind};base64,{value}") }.into();
    true
}

/// Writes a `data:` address inline (RFC 2426 §3.1.4); whether it was changed.
pub(super) fn to_inline(property: &mut Property<'_>) -> bool {
    let value = property.value.replace("\\,", ",").replace("\\;", ";");
    let split = value.strip_prefix("data:").and_then(|rest| rest.split_once(','));
    let Some((kind, data)) = split.and_then(|(kind, data)| Some((kind.strip_suffix(";base64")?, data))) else {
        return address_to_three(property);
    };
    for name in ["VALUE", "MEDIATYPE", "TYPE"] {
        property.drop_parameter(name);
    }
    property.parameters.insert(0, Parameter::new("ENCODING", "b"));
    if let Some(kind) = short_type(kind) {
        property.parameters.insert(1, Parameter::new("TYPE", &kind));
    }
    property.value = data.to_owned().into();
    true
}

fn is_inline(property: &Property<'_>) -> bool {
    let words = property.parameters.iter().filter(|one| one.is("ENCODING") || one.name.is_empty());
    words.flat_map(|one| &one.values).any(|value| is_encoding(value))
}

fn is_encoding(word: &str) -> bool {
    word.eq_ignore_ascii_case("b") || word.eq_ignore_ascii_case("base64")
}

fn address_to_four(property: &mut Property<'_>, kind: Option<String>) -> bool {
    let is_named = property.drop_value("VALUE", "uri") | property.drop_value("VALUE", "url");
    let Some(kind) = kind.filter(|_| property.value.contains(':')) else { return is_named };
    property.drop_parameter("TYPE");
    property.parameters.push(Parameter::new("MEDIATYPE", &kind));
    true
}

fn address_to_three(property: &mut Property<'_>) -> bool {
    if property.parameter("VALUE").is_some() || !property.value.contains(':') {
        return false;
    }
    property.parameters.insert(0, Parameter::new("VALUE", "uri"));
    if let Some(kind) = property.parameter("MEDIATYPE").and_then(short_type) {
        property.drop_parameter("MEDIATYPE");
        property.parameters.push(Parameter::new("TYPE", &kind));
    }
    true
}

/// `image/jpeg` of the `JPEG` of a photo.
fn media_type(property: &str, kind: &str) -> String {
    let kind = kind.to_ascii_lowercase();
    if kind.contains('/') {
        return kind;
    }
    match (property.to_ascii_uppercase().as_str(), kind.as_str()) {
        ("KEY", "pgp") => "application/pgp-keys".to_owned(),
        ("KEY", "x509") => "application/pkix-cert".to_owned(),
        ("KEY", kind) => format!("application/{kind}"),
        ("SOUND", kind) => format!("audio/{kind}"),
        (_, "jpg") => "image/jpeg".to_owned(),
        (_, kind) => format!("image/{kind}"),
    }
}

/// `JPEG` of `image/jpeg`; nothing of what says nothing.
fn short_type(kind: &str) -> Option<String> {
    match kind {
        "" | "application/octet-stream" => None,
        "application/pgp-keys" => Some("PGP".to_owned()),
        "application/pkix-cert" => Some("X509".to_owned()),
        kind => kind.rsplit('/').next().map(str::to_ascii_uppercase),
    }
}

/// What the first bytes say it is, when nothing else does.
fn sniffed(base64: &str) -> &'static str {
    match base64 {
        text if text.starts_with("/9j/") => "image/jpeg",
        text if text.starts_with("iVBOR") => "image/png",
        text if text.starts_with("R0lG") => "image/gif",
        text if text.starts_with("UklGR") => "image/webp",
        _ => "application/octet-stream",
    }
}
