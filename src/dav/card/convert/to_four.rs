//! What a property of vCard 3.0 is in 4.0.

use super::super::parameters::{Parameter, Property};
use super::{Around, Change, dates, media};

pub(super) fn change(property: &mut Property<'_>, around: &Around) -> Change {
    let is_changed = match property.name.to_ascii_uppercase().as_str() {
        "PHOTO" | "LOGO" | "SOUND" | "KEY" => media::to_address(property),
        "BDAY" | "ANNIVERSARY" | "REV" => is_day(property) && dates::to_basic(property),
        // There is one at most (RFC 6350 §6.2.6).
        "X-ANNIVERSARY" if !around.has_anniversary() => renamed(property, "ANNIVERSARY") | dates::to_basic(property),
        "X-ABDATE" if around.is_anniversary(property.group.as_deref()) => {
            renamed(property, "ANNIVERSARY") | dates::to_basic(property)
        }
        // The property's own name says it.
        "X-ABLABEL" if around.is_anniversary(property.group.as_deref()) => return Change::Dropped,
        "X-ADDRESSBOOKSERVER-KIND" => renamed(property, "KIND"),
        "X-ADDRESSBOOKSERVER-MEMBER" => renamed(property, "MEMBER"),
        "GEO" => geo(property),
        "UID" => uid(property),
        _ => false,
    };
    // Both are done: neither may be left out because the other has changed something.
    let is_changed = is_changed | words_named(property);
    if is_changed | preference(property) { Change::Rewritten } else { Change::None }
}

fn is_day(property: &Property<'_>) -> bool {
    !property.parameter("VALUE").is_some_and(|value| value.eq_ignore_ascii_case("text"))
}

fn renamed(property: &mut Property<'_>, name: &str) -> bool {
    name.clone_into(&mut property.name);
    true
}

/// `TYPE=pref` is `PREF=1` (RFC 6350 §5.3).
fn preference(property: &mut Property<'_>) -> bool {
    if !property.drop_value("TYPE", "pref") {
        return false;
    }
    if property.parameter("PREF").is_none() {
        property.parameters.push(Parameter::new("PREF", "1"));
    }
    true
}

/// The bare words of old cards get the name that they mean.
fn words_named(property: &mut Property<'_>) -> bool {
    let mut is_changed = false;
    for one in property.parameters.iter_mut().filter(|one| one.name.is_empty()) {
        let is_value = one.values.iter().any(|value| ["URL", "URI"].contains(&value.to_ascii_uppercase().as_str()));
        one.name.push_str(if is_value { "VALUE" } else { "TYPE" });
        is_changed = true;
    }
    is_changed
}

fn geo(property: &mut Property<'_>) -> bool {
    let Some((latitude, longitude)) = property.value.split_once(';') else { return false };
    property.value = format!("geo:{},{}", latitude.trim(), longitude.trim()).into();
    true
}

/// An identifier is an address unless it says otherwise (RFC 6350 §6.7.6).
fn uid(property: &mut Property<'_>) -> bool {
    if property.value.contains(':') || property.parameter("VALUE").is_some() {
        return false;
    }
    property.parameters.push(Parameter::new("VALUE", "text"));
    true
}
