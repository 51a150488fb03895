//! Objects as a server holds them, and the filters asked of them.

use jiff::tz::TimeZone;
use moisson::dav::calendar::{Facts, Filter, Object, Times, Unmet, check, times};
use moisson::dav::xml;

/// An object with what is kept of it.
pub struct Stored {
    pub bytes: Vec<u8>,
    pub facts: Facts,
    pub times: Times,
    pub zone: TimeZone,
}

impl Stored {
    pub fn new(bytes: &[u8], zone: &TimeZone) -> Self {
        let facts = check(bytes).unwrap();
        Self { bytes: bytes.to_vec(), facts, times: times(bytes, zone), zone: zone.clone() }
    }

    /// An object of these components.
    pub fn of(components: &str) -> Self {
        Self::new(calendar(components).as_bytes(), &TimeZone::get("Europe/Paris").unwrap())
    }

    pub fn object(&self) -> Object<'_> {
        Object { bytes: &self.bytes, facts: &self.facts, times: &self.times, zone: &self.zone }
    }

    /// Whether it is found by what stands in the comp-filter VCALENDAR; `C:` is left out.
    pub fn is_found(&self, inner: &str) -> bool {
        filter(inner).unwrap().matches(&self.object())
    }

    /// Whether it is found in a range of its own kind: two times in UTC, `-` for an open end.
    pub fn is_in(&self, range: &str) -> bool {
        let kind = self.facts.kind.component();
        self.is_found(&format!("<comp-filter name='{kind}'>{}</comp-filter>", time_range(range)))
    }
}

pub fn calendar(components: &str) -> String {
    let text = format!("BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//Maison//Agenda//FR\n{components}\nEND:VCALENDAR\n");
    text.replace('\n', "\r\n")
}

pub fn filter(inner: &str) -> Result<Filter, Unmet> {
    let body = format!(
        "<filter xmlns='urn:ietf:params:xml:ns:caldav'><comp-filter name='VCALENDAR'>{inner}</comp-filter></filter>"
    );
    Filter::read(&xml::read(body.as_bytes()).unwrap())
}

pub fn time_range(range: &str) -> String {
    let (start, end) = range.split_once(' ').unwrap();
    let attribute = |name: &str, at: &str| if at == "-" { String::new() } else { format!(" {name}='{at}'") };
    format!("<time-range{}{}/>", attribute("start", start), attribute("end", end))
}
