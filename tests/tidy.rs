//! Guards the house: what stands in `ARCHITECTURE.md` and in the project's habits is checked on
//! the files themselves.

#[path = "tidy/files.rs"]
mod files;
#[path = "tidy/fixtures.rs"]
mod fixtures;
#[path = "tidy/people.rs"]
mod people;
#[path = "tidy/queries.rs"]
mod queries;
#[path = "tidy/rooms.rs"]
mod rooms;
#[path = "tidy/words.rs"]
mod words;

/// Fails with one line an offender.
fn nobody(offenders: &[String]) {
    assert!(offenders.is_empty(), "\n{}\n", offenders.join("\n"));
}
