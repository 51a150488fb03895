//! What simulators share: a port, and what came to it.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};

use axum::Router;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use moisson::fetch::http::runtime;

/// The state of a simulator, shared with the test that looks at it.
pub struct Sim<S>(Arc<Mutex<S>>);

impl<S> Clone for Sim<S> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<S> Sim<S> {
    pub fn new(state: S) -> Self {
        Self(Arc::new(Mutex::new(state)))
    }

    pub fn look(&self) -> MutexGuard<'_, S> {
        self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

impl<S> Sim<S> {
    /// What a simulator saw. Two looks in one expression would wait for each other for ever.
    pub fn seen<T>(&self, tell: impl FnOnce(&S) -> T) -> T {
        tell(&self.look())
    }
}

/// Serves on a free port of the loopback; the address to call, without a slash at its end.
pub fn serve(router: Router) -> String {
    let listener = runtime().block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).expect("a port");
    let base = format!("http://{}", listener.local_addr().expect("an address"));
    runtime().spawn(axum::serve(listener, router).into_future());
    base
}

/// The fields of a query or of a form.
pub fn fields(text: &str) -> BTreeMap<String, String> {
    url::form_urlencoded::parse(text.as_bytes()).into_owned().collect()
}

/// An answer of that kind.
pub fn answer(status: u16, content_type: &'static str, body: impl Into<String>) -> Response {
    let status = StatusCode::from_u16(status).expect("a status");
    (status, [("content-type", content_type)], body.into()).into_response()
}
