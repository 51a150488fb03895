//! Portals, pages made for people, each a simulator on loopback that behaves as such portals do.
//! Real HTTP, a fixed clock, invented data.

#[path = "pages/portal.rs"]
mod portal;
#[path = "pages/server.rs"]
mod server;
#[path = "pages/world.rs"]
mod world;
