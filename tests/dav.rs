//! Calendars and address books over HTTP: the real program, spoken to as devices speak to it.

#[path = "support/device.rs"]
mod device;
#[path = "dav/doors.rs"]
mod doors;
#[path = "dav/durability.rs"]
mod durability;
#[path = "dav/push.rs"]
mod push;
#[path = "dav/samples.rs"]
mod samples;
#[path = "dav/server.rs"]
mod server;
#[path = "support/mod.rs"]
mod support;
