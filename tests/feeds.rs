//! Folders, calendars at an address and mailboxes, as a source finds them: real files, and real
//! servers on the loopback.
//!
//! The clock is a value. A test waits for a condition with a deadline, never for time to pass.

#[path = "feeds/calendars.rs"]
mod calendars;
#[path = "feeds/dovecot.rs"]
mod dovecot;
#[path = "feeds/folders.rs"]
mod folders;
#[path = "feeds/mailboxes.rs"]
mod mailboxes;
#[path = "support/peers.rs"]
mod peers;
#[path = "feeds/unattended.rs"]
mod unattended;
#[path = "feeds/world.rs"]
mod world;
