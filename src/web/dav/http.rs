//! Between HTTP and the methods: who asks, a bounded body, an answer that may be long.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::Router;
use axum::body::{Body as HttpBody, Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{MethodRouter, any};
use http_body::Frame;
use tokio::sync::mpsc::{Receiver, channel};
use tokio::sync::oneshot;

use super::{Ask, Body, Dav, ROOT, Reply, Rights, Sink, answer, options};
use crate::web::LARGEST_BODY;
use crate::web::door::Door;
use crate::web::gate::Caller;
use crate::web::listen::Cut;

/// Bytes of a body that is XML.
const LARGEST_XML: usize = 10 << 20;
/// Pieces of an answer that wait for a slow client; the writer waits with them.
const PIECES: usize = 4;

/// What the routes share.
#[derive(Clone)]
struct Desk {
    dav: Arc<Dav>,
    door: Door,
}

/// The routes of CalDAV and CardDAV, for devices.
pub fn routes(dav: Arc<Dav>, door: Door) -> Router {
    let desk = Desk { dav, door };
    Router::new()
        .route("/dav", any(serve))
        .route("/dav/", any(serve))
        .route("/dav/{*path}", any(serve))
        .route("/.well-known/caldav", any(well_known))
        .route("/.well-known/carddav", any(well_known))
        .with_state(desk)
}

/// What answers `/` to clients that were given the host alone: it is the root by another name.
/// GET is left to others.
pub fn root<S: Clone + Send + Sync + 'static>(dav: Arc<Dav>, door: Door) -> MethodRouter<S> {
    any(move |request: Request| at_root(dav, door, request))
}

async fn at_root(dav: Arc<Dav>, door: Door, request: Request) -> Response {
    if !is_dav(request.method()) {
        let allow = HeaderValue::from_static("GET, HEAD, OPTIONS, PROPFIND, PROPPATCH, REPORT");
        return (StatusCode::METHOD_NOT_ALLOWED, [(header::ALLOW, allow)]).into_response();
    }
    respond(dav, &door, request).await
}

/// Methods that are no browser's.
fn is_dav(method: &Method) -> bool {
    matches!(method.as_str(), "PROPFIND" | "OPTIONS" | "REPORT" | "PROPPATCH")
}

/// RFC 6764 §5, for every method and before anybody says who it is.
async fn well_known() -> Response {
    let location = HeaderValue::from_static(ROOT);
    let cache = HeaderValue::from_static("max-age=86400");
    (StatusCode::MOVED_PERMANENTLY, [(header::LOCATION, location), (header::CACHE_CONTROL, cache)]).into_response()
}

async fn serve(State(desk): State<Desk>, request: Request) -> Response {
    respond(desk.dav, &desk.door, request).await
}

/// Answers a request of a device.
async fn respond(dav: Arc<Dav>, door: &Door, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let Some(caller) = parts.extensions.get::<Caller>() else { return StatusCode::FORBIDDEN.into_response() };
    let is_open = parts.method == Method::OPTIONS && !parts.headers.contains_key(header::AUTHORIZATION);
    if is_open {
        return whole(options(&dav));
    }
    let rights = match door.enter(caller, &parts.headers) {
        Ok(device) => Rights {
            device: Some(device.name.clone()),
            device_id: Some(device.id.clone()),
            scope: device.scope.clone(),
        },
        Err(refused) => return refused.into_response(),
    };
    let largest = if parts.method == Method::PUT { LARGEST_BODY } else { LARGEST_XML };
    let body = match to_bytes(body, largest).await {
        Ok(body) => body,
        Err(error) => return unread(&parts.method, parts.uri.path(), Cut::of(&error)),
    };
    let ask = Ask {
        method: parts.method,
        host: caller.host.clone(),
        path: parts.uri.path().to_owned(),
        headers: parts.headers,
        body: Arc::from(&body[..]),
        rights,
    };
    // Clients keep the address of a registration as it is told.
    let base = (ask.method == Method::POST).then(|| caller.base());
    let (sender, receiver) = oneshot::channel();
    tokio::task::spawn_blocking(move || {
        let is_head = ask.method == Method::HEAD;
        let reply = answer(&dav, ask);
        send(if let Some(base) = base { reply.located(&base) } else { reply }, is_head, sender);
    });
    receiver.await.unwrap_or_else(|_| StatusCode::INTERNAL_SERVER_ERROR.into_response())
}

/// What is answered when a body was not read to its end; the connection is of no use any more.
fn unread(method: &Method, path: &str, cut: Option<Cut>) -> Response {
    let reply = match cut {
        Some(Cut::TooSlow) => Reply::told(StatusCode::REQUEST_TIMEOUT, "the body did not come in time"),
        Some(Cut::Broken) => Reply::told(StatusCode::BAD_REQUEST, "the body broke off"),
        Some(Cut::TooLarge(_)) | None => too_large(method, path),
    };
    let mut response = whole(reply);
    response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    response
}

/// An object that is larger than `max-resource-size` (RFC 4791 §5.3.2.1, RFC 6352 §6.3.2.1).
fn too_large(method: &Method, path: &str) -> Reply {
    let condition = match path.strip_prefix(ROOT).and_then(|below| below.split('/').next()) {
        Some("calendars") if method == Method::PUT => "<C:max-resource-size/>",
        Some("books") if method == Method::PUT => "<R:max-resource-size/>",
        _ => return Reply::told(StatusCode::PAYLOAD_TOO_LARGE, "the body is too large"),
    };
    Reply::unmet(StatusCode::PAYLOAD_TOO_LARGE, condition)
}

/// Sends an answer: a short one whole, with its length; a long one piece by piece while it is
/// written.
fn send(reply: Reply, is_head: bool, to: oneshot::Sender<Response>) {
    let Reply { status, headers, body } = reply;
    let head = |body: HttpBody| {
        let mut response = Response::new(body);
        *response.status_mut() = status;
        *response.headers_mut() = headers;
        response
    };
    let written = match body {
        Body::Whole(bytes) => {
            let mut response = head(HttpBody::empty());
            if is_head {
                response.headers_mut().insert(header::CONTENT_LENGTH, HeaderValue::from(bytes.len()));
            } else {
                *response.body_mut() = HttpBody::from(bytes);
            }
            let _ = to.send(response);
            return;
        }
        Body::Written(written) => written,
    };
    let (pieces, receiver) = channel(PIECES);
    let mut first: Option<String> = None;
    let mut waiting = Some((to, receiver, head));
    let mut take = |piece: String| {
        // The answer begins when a second piece is there: a single one goes with its length.
        let Some(before) = first.replace(piece) else { return true };
        if let Some((to, receiver, head)) = waiting.take()
            && to.send(head(HttpBody::new(Pieces(receiver)))).is_err()
        {
            return false;
        }
        pieces.blocking_send(Bytes::from(before)).is_ok()
    };
    written(&mut Sink::new(&mut take));
    let last = Bytes::from(first.unwrap_or_default());
    match waiting {
        Some((to, _, head)) => drop(to.send(head(HttpBody::from(last)))),
        None => drop(pieces.blocking_send(last)),
    }
}

/// An answer that is written already.
fn whole(reply: Reply) -> Response {
    let body = match reply.body {
        Body::Whole(bytes) => HttpBody::from(bytes),
        Body::Written(_) => HttpBody::empty(),
    };
    let mut response = Response::new(body);
    *response.status_mut() = reply.status;
    *response.headers_mut() = reply.headers;
    response
}

/// The pieces of an answer, as they come.
struct Pieces(Receiver<Bytes>);

impl http_body::Body for Pieces {
    type Data = Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Self::Data>, Self::Error>>> {
        self.0.poll_recv(context).map(|piece| piece.map(|piece| Ok(Frame::data(piece))))
    }
}
