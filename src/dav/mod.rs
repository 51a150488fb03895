//! CalDAV and CardDAV as data: what a request asks for, what an answer says, and what calendar
//! objects and cards mean to a query (RFC 4918, 4791, 6352, 6578).
//!
//! Nothing here does I/O, knows of files or of HTTP connections, or holds state: bytes and values
//! come in, bytes and values go out.

pub mod answer;
pub mod bundle;
pub mod calendar;
pub mod card;
mod ncname;
pub mod push;
pub mod request;
pub mod split;
pub mod text_match;
pub mod timezone;
pub mod xml;
