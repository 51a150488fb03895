//! What a property of vCard 4.0 is in 3.0.

use super::super::parameters::{Parameter, Property};
use super::{Around, Change, dates, media};

pub(super) fn change(property: &mut Property<'_>, around: &mut Around) -> Change {
    let is_preferred = preference(property, around);
    let is_changed = match property.name.to_ascii_uppercase().as_str() {
        "PHOTO" | "LOGO" | "SOUND" | "KEY" => media::to_inline(property),
        "BDAY" | "REV" => is_day(property) && dates::to_extended(property),
        "ANNIVERSARY" => anniversary(property, around),
        "KIND" if property.value.trim().eq_ignore_ascii_case("group") => renamed(property, "X-ADDRESSBOOKSERVER-KIND"),
        "MEMBER" => renamed(property, "X-ADDRESSBOOKSERVER-MEMBER"),
        "GEO" => geo(property),
        "TEL" => telephone(property),
        "UID" => property.drop_value("VALUE", "text"),
        _ => false,
    };
    if is_changed | types_split(property) | is_preferred { Change::Rewritten } else { Change::None }
}

fn is_day(property: &Property<'_>) -> bool {
    !property.parameter("VALUE").is_some_and(|value| value.eq_ignore_ascii_case("text"))
}

fn renamed(property: &mut Property<'_>, name: &str) -> bool {
    name.clone_into(&mut property.name);
    true
}

/// The most preferred ones of a name are `TYPE=pref`; the order of the others has no word in 3.0.
fn preference(property: &mut Property<'_>, around: &Around) -> bool {
    let Some(own) = property.parameter("PREF").map(|pref| pref.parse::<u8>().ok()) else { return false };
    let lowest = around.preferred.get(&property.name.to_ascii_uppercase()).copied();
    property.drop_parameter("PREF");
    if own.is_some() && own == lowest {
        property.parameters.push(Parameter::new("TYPE", "pref"));
    }
    true
}

/// Apple's way of an anniversary: a date with a label, of a group of its own.
fn anniversary(property: &mut Property<'_>, around: &mut Around) -> bool {
    if !is_day(property) {
        return false;
    }
    let group = property.group.take().filter(|group| !around.labels.contains_key(&group.to_ascii_uppercase()));
    property.group = group.or_else(|| {
        around.last_item += 1;
        Some(format!("item{}", around.last_item))
    });
    dates::to_extended(property);
    renamed(property, "X-ABDATE")
}

/// `TYPE="home,voice"` is a list in 4.0 and one odd word in 3.0.
fn types_split(property: &mut Property<'_>) -> bool {
    let mut is_changed = false;
    for one in property.parameters.iter_mut().filter(|one| one.is("TYPE")) {
        if one.values.iter().any(|value| value.contains(',')) {
            one.values = one.values.iter().flat_map(|value| value.split(',')).map(str::to_owned).collect();
            is_changed = true;
        }
    }
    is_changed
}

fn geo(property: &mut Property<'_>) -> bool {
    let at = property.value.strip_prefix("geo:").and_then(|at| at.split(';').next()?.split_once(','));
    let Some((latitude, longitude)) = at else { return false };
    property.value = format!("{latitude};{longitude}").into();
    true
}

fn telephone(property: &mut Property<'_>) -> bool {
    let is_address = property.drop_value("VALUE", "uri");
    if let Some(number) = property.value.strip_prefix("tel:") {
        property.value = number.to_owned().into();
        return true;
    }
    is_address
}
