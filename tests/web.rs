//! Who comes in over HTTP, and who does not: devices, guesses, slow connections, certificates.

#[path = "web/bodies.rs"]
mod bodies;
#[path = "web/connections.rs"]
mod connections;
#[path = "web/guesses.rs"]
mod guesses;
#[path = "web/pages.rs"]
mod pages;
#[path = "web/profiles.rs"]
mod profiles;
#[path = "web/rights.rs"]
mod rights;
#[path = "web/routes.rs"]
mod routes;
#[path = "web/shelf.rs"]
mod shelf;
#[path = "web/tls.rs"]
mod tls;
#[path = "web/world.rs"]
mod world;
