//! `/healthz`, `/readyz` and `/metrics`, for programs of this machine.

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::Response;
use axum::routing::get;
use jiff::{SignedDuration, Timestamp};

use super::board::{self, Board};
use crate::web::gate::Caller;

/// The loop comes round at least this often, unless it hangs.
const SILENCE: SignedDuration = SignedDuration::from_secs(180);

/// What the pages need.
#[derive(Clone)]
struct Seen {
    board: Board,
    clock: fn() -> Timestamp,
}

/// The routes; behind [`crate::web::gate`].
pub fn routes(board: Board, clock: fn() -> Timestamp) -> Router {
    Router::new()
        .route("/healthz", get(health))
        .route("/readyz", get(readiness))
        .route("/metrics", get(metrics))
        .layer(middleware::from_fn(only_this_machine))
        .with_state(Seen { board, clock })
}

async fn health(State(seen): State<Seen>) -> (StatusCode, &'static str) {
    let ticked_at = seen.board.look().ticked_at;
    let is_alive = ticked_at.is_none_or(|at| at.duration_until((seen.clock)()) < SILENCE);
    if is_alive { (StatusCode::OK, "ok\n") } else { (StatusCode::SERVICE_UNAVAILABLE, "the scheduler hangs\n") }
}

async fn readiness(State(seen): State<Seen>) -> (StatusCode, &'static str) {
    let is_ready = seen.board.look().is_ready;
    if is_ready { (StatusCode::OK, "ready\n") } else { (StatusCode::SERVICE_UNAVAILABLE, "not ready\n") }
}

async fn metrics(State(seen): State<Seen>) -> ([(header::HeaderName, &'static str); 1], String) {
    let text = board::metrics(&seen.board.look());
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], text)
}

/// What runs here is nobody else's business, also where devices come from the network.
async fn only_this_machine(request: Request, next: Next) -> Result<Response, StatusCode> {
    let is_local = request.extensions().get::<Caller>().is_some_and(Caller::is_local);
    if is_local { Ok(next.run(request).await) } else { Err(StatusCode::NOT_FOUND) }
}
