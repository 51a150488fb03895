//! What the one HTTP client does with a hostile network, and bad weather.
#![allow(clippy::print_stdout, reason = "tests tell what they measure")]

#[path = "network/addresses.rs"]
mod addresses;
#[path = "network/bodies.rs"]
mod bodies;
#[path = "support/chaos.rs"]
mod chaos;
#[path = "network/client.rs"]
mod client;
#[path = "network/redirects.rs"]
mod redirects;
#[path = "network/tls.rs"]
mod tls;
#[path = "network/traces.rs"]
mod traces;
#[path = "network/weather.rs"]
mod weather;
