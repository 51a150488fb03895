//! What the one HTTP client does with a hostile network.
#![allow(clippy::print_stdout, reason = "tests tell what they measure")]

#[path = "support/chaos.rs"]
mod chaos;
#[path = "network/client.rs"]
mod client;
