//! Folders, calendars at an address and mailboxes, as a source finds them: real files, and real
//! servers on the loopback; and what one run may take of time and memory.
//!
//! The clock is a value. A test waits for a condition with a deadline, never for time to pass.

#[path = "feeds/bounds.rs"]
mod bounds;
#[path = "feeds/calendars.rs"]
mod calendars;
#[path = "support/chaos.rs"]
mod chaos;
#[path = "feeds/dovecot.rs"]
mod dovecot;
#[path = "feeds/folders.rs"]
mod folders;
#[path = "feeds/mailboxes.rs"]
mod mailboxes;
#[path = "feeds/monologue.rs"]
mod monologue;
#[path = "support/peers.rs"]
mod peers;
#[path = "feeds/unattended.rs"]
mod unattended;
#[path = "feeds/world.rs"]
mod world;
