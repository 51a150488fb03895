//! One calendar object, written as RFC 5545 wants it.

use jiff::civil::{Date, DateTime};

use crate::dav::card::{Parameter, Property};

/// Who writes these objects.
pub(super) const PRODUCT: &str = "-//moisson//derived//EN";

/// An object while it is written.
pub(super) struct Object {
    component: &'static str,
    out: Vec<u8>,
}

impl Object {
    /// Begins an event or a journal entry. `stamp` is of the data, in UTC: it changes with them only.
    pub(super) fn new(component: &'static str, uid: &str, stamp: DateTime) -> Self {
        let mut object = Self { component, out: Vec::new() };
        object.line("BEGIN", "VCALENDAR");
        object.line("VERSION", "2.0");
        object.line("PRODID", PRODUCT);
        object.line("BEGIN", component);
        object.line("UID", uid);
        object.line("DTSTAMP", &instant(stamp));
        object
    }

    /// A property whose value stands as it is.
    pub(super) fn line(&mut self, name: &str, value: &str) {
        self.write(name, Vec::new(), value.to_owned());
    }

    /// A property whose value is text.
    pub(super) fn text(&mut self, name: &str, text: &str) {
        self.write(name, Vec::new(), escaped(text));
    }

    /// It takes the whole day, and nobody is busy for it.
    pub(super) fn all_day(&mut self, day: Date) {
        self.day("DTSTART", day);
        if let Ok(next) = day.tomorrow() {
            self.day("DTEND", next);
        }
        self.line("TRANSP", "TRANSPARENT");
    }

    /// An alarm at nine in the morning, so many days before the day.
    pub(super) fn alarm(&mut self, days_before: u8, text: &str) {
        let trigger = match days_before {
            0 => "PT9H".to_owned(),
            days => format!("-PT{}H", u32::from(days) * 24 - 9),
        };
        self.line("BEGIN", "VALARM");
        self.line("ACTION", "DISPLAY");
        self.line("TRIGGER", &trigger);
        self.text("DESCRIPTION", text);
        self.line("END", "VALARM");
    }

    pub(super) fn finish(mut self) -> Vec<u8> {
        let component = self.component;
        self.line("END", component);
        self.line("END", "VCALENDAR");
        self.out
    }

    fn day(&mut self, name: &str, day: Date) {
        let value = day.strftime("%Y%m%d").to_string();
        self.write(name, vec![Parameter::new("VALUE", "DATE")], value);
    }

    fn write(&mut self, name: &str, parameters: Vec<Parameter>, value: String) {
        let property = Property { group: None, name: name.to_owned(), parameters, value: value.into() };
        property.write("\r\n", &mut self.out);
    }
}

/// `20260305T100000Z` of an instant in UTC.
pub(super) fn instant(utc: DateTime) -> String {
    utc.strftime("%Y%m%dT%H%M%SZ").to_string()
}

/// A text as it stands in a value (RFC 5545 §3.3.11, RFC 6350 §3.4).
pub(super) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\\' | ';' | ',' => out.extend(['\\', c]),
            '\n' => out.push_str("\\n"),
            c if c.is_control() => {}
            c => out.push(c),
        }
    }
    out
}
