//! The time zone that an iCalendar text defines (RFC 4791 §5.2.2 and §9.8).

use jiff::tz::TimeZone;

use crate::decode::components;
use crate::map::zones;

/// The zone of the first VTIMEZONE of a text, by its name; none when nobody knows that.
pub fn of_calendar(text: &str) -> Option<TimeZone> {
    let document = components(text.as_bytes()).ok()?;
    let within = document.roots.iter().flat_map(|root| std::iter::once(root).chain(&root.children));
    let zone = within.into_iter().find(|component| component.name == "VTIMEZONE")?;
    let named = |property: &str| zones::named(&zone.property(property)?.value);
    named("TZID").or_else(|| named("X-LIC-LOCATION"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zones_are_known_by_any_of_their_names() {
        let text =
            |id: &str| format!("BEGIN:VCALENDAR\r\nBEGIN:VTIMEZONE\r\nTZID:{id}\r\nEND:VTIMEZONE\r\nEND:VCALENDAR");
        let name = |id: &str| of_calendar(&text(id)).and_then(|zone| zone.iana_name().map(str::to_owned));
        for id in ["Europe/Paris", "/example.org/Europe/Paris", "Romance Standard Time"] {
            assert_eq!(name(id).as_deref(), Some("Europe/Paris"), "{id}");
        }
        assert_eq!(name("Elsewhere"), None);
        assert_eq!(of_calendar("junk"), None);
    }
}
