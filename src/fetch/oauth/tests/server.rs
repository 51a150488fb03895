//! A server that grants access as RFC 6749, 7636 and 8628 say, over HTTP on loopback.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard};

use axum::Router;
use axum::body::Bytes;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::fetch::http::runtime;

pub type Form = BTreeMap<String, String>;

/// What the server knows; tests set it and look at it.
#[derive(Default)]
pub struct Sim {
    n_tokens: u32,
    /// The one refresh token that is good.
    pub refresh: Option<String>,
    /// The challenge that came with the code.
    challenge: String,
    /// What the pages of people answer: a parameter in place of `code`, a state in place of theirs.
    pub denies: bool,
    pub other_state: bool,
    pub breaks_challenge: bool,
    /// What the device endpoint answers before it grants.
    pub pending: VecDeque<&'static str>,
    pub consent_s: Option<u32>,
    /// `expires_in` and `interval` of the device endpoint, if not 60 and 5.
    pub device_s: Option<(u64, u64)>,
    /// Forms that came to the token endpoint, with the header `Authorization`.
    pub asked: Vec<(Form, Option<String>)>,
    /// Answers with this instead of granting.
    pub fails: Option<(u16, &'static str)>,
}

#[derive(Clone)]
pub struct Server {
    sim: Arc<Mutex<Sim>>,
    pub base: String,
}

impl Server {
    pub fn start() -> Self {
        let listener = runtime().block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).expect("a port");
        let base = format!("http://{}", listener.local_addr().expect("an address"));
        let server = Self { sim: Arc::default(), base };
        let routes = Router::new()
            .route("/authorize", get(authorize))
            .route("/device", post(device))
            .route("/token", post(token))
            .with_state(server.clone());
        runtime().spawn(axum::serve(listener, routes).into_future());
        server
    }

    pub fn sim(&self) -> MutexGuard<'_, Sim> {
        self.sim.lock().expect("no test panics while it holds this")
    }
}

pub fn form(text: &str) -> Form {
    url::form_urlencoded::parse(text.as_bytes()).into_owned().collect()
}

/// The person says yes at once, or no.
async fn authorize(State(server): State<Server>, RawQuery(query): RawQuery) -> Redirect {
    let query = form(&query.unwrap_or_default());
    assert_eq!((query["response_type"].as_str(), query["code_challenge_method"].as_str()), ("code", "S256"));
    let mut sim = server.sim();
    sim.challenge.clone_from(&query["code_challenge"]);
    let state = if sim.other_state { "another" } else { &query["state"] };
    let outcome = if sim.denies { "error=access_denied" } else { "code=CODE-1" };
    Redirect::to(&format!("{}?state={state}&{outcome}", query["redirect_uri"]))
}

async fn device(State(server): State<Server>) -> Response {
    let base = &server.base;
    let (expires_s, interval_s) = server.sim().device_s.unwrap_or((60, 5));
    json(
        200,
        &json!({ "device_code": "DEVICE-1", "user_code": "WDJB-MJHT",
        "verification_uri": format!("{base}/activate"), "expires_in": expires_s, "interval": interval_s }),
    )
}

async fn token(State(server): State<Server>, headers: HeaderMap, body: Bytes) -> Response {
    let form = form(&String::from_utf8_lossy(&body));
    let authorization = headers.get("authorization").map(|value| value.to_str().expect("text").to_owned());
    let mut sim = server.sim();
    sim.asked.push((form.clone(), authorization));
    if let Some((status, error)) = sim.fails {
        return json(status, &json!({ "error": error, "error_description": format!("{form:?}") }));
    }
    match refusal(&mut sim, &form) {
        Some(error) => json(400, &json!({ "error": error })),
        None => json(200, &granted(&mut sim, &form)),
    }
}

fn refusal(sim: &mut Sim, form: &Form) -> Option<&'static str> {
    let is_good = match form["grant_type"].as_str() {
        "refresh_token" => sim.refresh.as_ref() == form.get("refresh_token"),
        "authorization_code" => {
            let proof = URL_SAFE_NO_PAD.encode(Sha256::digest(form["code_verifier"].as_bytes()));
            form["code"] == "CODE-1" && proof == sim.challenge && !sim.breaks_challenge
        }
        "client_credentials" => true,
        "urn:ietf:params:oauth:grant-type:device_code" => match sim.pending.pop_front() {
            Some(error) => return Some(error),
            None => form["device_code"] == "DEVICE-1",
        },
        _ => return Some("unsupported_grant_type"),
    };
    (!is_good).then_some("invalid_grant")
}

/// Refresh tokens rotate: the earlier one is worth nothing from here on.
fn granted(sim: &mut Sim, form: &Form) -> Value {
    sim.n_tokens += 1;
    let n = sim.n_tokens;
    let mut answer = json!({ "access_token": format!("ACCESS-{n}"), "token_type": "Bearer", "expires_in": 3600 });
    if form["grant_type"] != "client_credentials" {
        sim.refresh = Some(format!("REFRESH-{n}"));
        answer["refresh_token"] = json!(sim.refresh);
    }
    if let Some(seconds) = sim.consent_s {
        answer["refresh_token_expires_in"] = json!(seconds);
    }
    answer
}

fn json(status: u16, body: &Value) -> Response {
    let status = StatusCode::from_u16(status).expect("a status");
    (status, [("content-type", "application/json")], body.to_string()).into_response()
}
