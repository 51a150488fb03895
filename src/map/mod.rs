//! Rows to records. Pure: what a document says becomes typed records and faults, no I/O.

pub mod attendees;
pub mod calendar_objects;
pub mod card_identifiers;
pub mod card_names;
pub mod contacts;
pub mod events;
pub mod moments;
pub mod occurrences;
pub mod recurrence;
pub mod zone_rules;
pub mod zones;
