//! HTTP: who may come in and under which name, and the pages by which people set devices up.
//!
//! A request passes, in this order: [`listen`] (connections, TLS, bounds of time and size),
//! [`gate`] (is this host served here, who calls, is it another site's form), [`door`] (which
//! device is it), and then [`dav`] or whoever else answers.

pub mod accounts;
pub mod dav;
pub mod door;
pub mod gate;
pub mod limiter;
pub mod listen;
pub mod push;
pub mod setup;

use std::net::SocketAddr;

use axum::{Router, middleware};

use crate::config;
use gate::Gate;
use listen::{Limits, ListenError};

/// Bytes of the largest body that is read, and so of the largest object: properties promise it
/// (RFC 4791 §5.2.5, RFC 6352 §6.2.3).
pub const LARGEST_BODY: usize = 16 << 20;

/// Starts answering at `listen` on a runtime; gives the address, whose port is a free one when 0
/// was asked for. Every request that reaches `routes` has a [`gate::Caller`] in its extensions.
///
/// It ends with the runtime. What was answered before that is true: nobody else waits for it.
pub fn serve(
    runtime: &tokio::runtime::Handle,
    settings: &config::Serve,
    listen: SocketAddr,
    limits: Limits,
    routes: Router,
) -> Result<SocketAddr, ListenError> {
    let port = listen::open(settings, listen, limits)?;
    let address = port.address();
    let gate = Gate::new(settings, address);
    port.answer(runtime, routes.layer(middleware::from_fn_with_state(gate, gate::pass)));
    Ok(address)
}
