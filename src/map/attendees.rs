//! Who takes part in an event: ORGANIZER and ATTENDEE (RFC 5545 §3.8.4).

use std::collections::HashMap;

use super::card_names::plain_text;
use crate::decode::{Component, Property};
use crate::model::records::Attendee;

/// The people of an event, each address once; the organizer first.
pub fn attendees(event: &Component, calendar: &str, uid: &str, recurrence_id: Option<&str>) -> Vec<Attendee> {
    let mut all: Vec<Attendee> = Vec::new();
    let mut places: HashMap<String, usize> = HashMap::new();
    let people = event.properties_named("ORGANIZER").chain(event.properties_named("ATTENDEE"));
    for person in people {
        let Some(address) = address(person) else { continue };
        let answer = person.parameter("PARTSTAT").map(str::to_lowercase);
        let name = person.parameter("CN").map(str::trim).filter(|name| !name.is_empty()).map(str::to_owned);
        if let Some(known) = places.get(&address).and_then(|at| all.get_mut(*at)) {
            known.answer = known.answer.take().or(answer);
            known.name = known.name.take().or(name);
            continue;
        }
        places.insert(address.clone(), all.len());
        all.push(Attendee {
            calendar: calendar.to_owned(),
            uid: uid.to_owned(),
            recurrence_id: recurrence_id.map(str::to_owned),
            address,
            name,
            role: role(person).to_owned(),
            answer,
        });
    }
    all
}

/// The calendar address, lower case, without `mailto:`; the EMAIL beside one that is no e-mail.
pub fn address(person: &Property) -> Option<String> {
    let written = plain_text(person).to_lowercase();
    let address = written.strip_prefix("mailto:").unwrap_or(&written).trim();
    let address = match person.parameter("EMAIL") {
        Some(email) if !address.contains('@') => email.trim().to_lowercase(),
        _ => address.to_owned(),
    };
    (!address.is_empty()).then_some(address)
}

fn role(person: &Property) -> &'static str {
    if person.name == "ORGANIZER" {
        return "organizer";
    }
    match person.parameter("ROLE").unwrap_or_default().to_ascii_uppercase().as_str() {
        "CHAIR" => "chair",
        "OPT-PARTICIPANT" => "optional",
        "NON-PARTICIPANT" => "non-participant",
        _ => "required",
    }
}
