//! The page of this machine that a service sends the person back to (RFC 6749 §4.1, RFC 8252 §7.3).
//!
//! It listens on the loopback address only, at a port that is free, for one answer; who asks with
//! another `state` or by another name gets nothing. PKCE (RFC 7636, S256) is always used.

use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Html;
use axum::routing::get;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use tokio::net::TcpListener;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;
use url::Url;

use super::super::http::runtime;
use super::super::{Ask, Failure, Order, fill};
use super::grant;
use super::is_same;
use super::kept::Tokens;
use crate::connector::fetch::OauthAuth;
use crate::model::run::{Class, Said};

/// What the person's browser brings back (§4.1.2).
#[derive(Default)]
struct Brought {
    state: String,
    code: Option<String>,
    error: Option<String>,
}

/// What the page knows.
struct Page {
    state: SecretString,
    /// The only name it answers to, against pages elsewhere that point a name of theirs here.
    host: String,
    answer: mpsc::Sender<Brought>,
}

/// Shows the person where to allow it, waits for the answer that long, and buys the tokens.
pub fn consent(order: &Order<'_>, auth: &OauthAuth, person: &dyn Ask, patience: Duration) -> Result<Tokens, Failure> {
    let (state, verifier) = (random()?, random()?);
    let listener = runtime().block_on(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))).map_err(no_page)?;
    let port = listener.local_addr().map_err(no_page)?.port();
    let back = format!("http://127.0.0.1:{port}/callback");
    let link = link(order, auth, &back, &state, &verifier)?;
    let (sender, answers) = mpsc::channel(1);
    let page = Page { state, host: format!("127.0.0.1:{port}"), answer: sender };
    let (close, closed) = oneshot::channel::<()>();
    let closing = async { drop(closed.await) };
    let serving = axum::serve(listener, routes(page)).with_graceful_shutdown(closing);
    let serving = runtime().spawn(serving.into_future());
    person.tell(&what_to_do(port), Some(link.as_str()));
    let brought = wait(answers, patience);
    drop(close);
    end(serving);
    let code = code_of(order, brought)?;
    let shown = [
        ("grant_type", "authorization_code"),
        ("code", code.expose_secret()),
        ("redirect_uri", &back),
        ("code_verifier", verifier.expose_secret()),
    ];
    grant::granted(order, auth, &shown).map_err(|refusal| refusal.into_failure(order))
}

/// The page of the service, with what ties its answer to this request.
fn link(
    order: &Order<'_>,
    auth: &OauthAuth,
    back: &str,
    state: &SecretString,
    verifier: &SecretString,
) -> Result<Url, Failure> {
    let mut url = fill::address(order, auth.authorize_url.as_deref().unwrap_or_default())?;
    let client_id = fill::own(order, &auth.client_id)?;
    let scope = grant::own(order, auth.scope.as_deref())?;
    let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.expose_secret().as_bytes()));
    let mut query = url.query_pairs_mut();
    query.append_pair("response_type", "code").append_pair("client_id", &client_id);
    query.append_pair("redirect_uri", back).append_pair("state", state.expose_secret());
    query.append_pair("code_challenge", &challenge).append_pair("code_challenge_method", "S256");
    query.extend_pairs(scope.iter().map(|scope| ("scope", scope)));
    for (name, value) in &auth.extra {
        query.append_pair(name, &fill::own(order, value)?);
    }
    drop(query);
    Ok(url)
}

fn routes(page: Page) -> Router {
    Router::new().route("/callback", get(callback)).with_state(Arc::new(page))
}

async fn callback(
    State(page): State<Arc<Page>>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> (StatusCode, Html<&'static str>) {
    let brought = brought(query.as_deref().unwrap_or_default());
    let is_named = headers.get("host").and_then(|host| host.to_str().ok()) == Some(page.host.as_str());
    if !is_named || !is_same(&page.state, &brought.state) {
        return (StatusCode::BAD_REQUEST, Html("<p>This is not the answer that was waited for.</p>"));
    }
    match page.answer.try_send(brought) {
        Ok(()) => (StatusCode::OK, Html("<p>Thank you / merci. This page can be closed.</p>")),
        Err(_) => (StatusCode::GONE, Html("<p>The answer is already in.</p>")),
    }
}

fn brought(query: &str) -> Brought {
    let mut brought = Brought::default();
    for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
        match name.as_ref() {
            "state" => brought.state = value.into_owned(),
            "code" => brought.code = Some(value.into_owned()),
            "error" => brought.error = Some(value.into_owned()),
            _ => {}
        }
    }
    brought
}

/// The one answer, if it comes in time.
fn wait(mut answers: mpsc::Receiver<Brought>, patience: Duration) -> Option<Brought> {
    let first = async { tokio::time::timeout(patience, answers.recv()).await.ok().flatten() };
    runtime().block_on(first)
}

/// Lets the page say its last word, but not for long.
fn end(mut serving: JoinHandle<std::io::Result<()>>) {
    let last = async { tokio::time::timeout(Duration::from_secs(2), &mut serving).await.is_err() };
    if runtime().block_on(last) {
        serving.abort();
    }
}

fn code_of(order: &Order<'_>, brought: Option<Brought>) -> Result<SecretString, Failure> {
    let id = &order.source.id;
    let (en, fr) = match brought {
        Some(Brought { code: Some(code), error: None, .. }) => return Ok(code.into()),
        Some(_) => ("access was not allowed", "l'accès n'a pas été accordé"),
        None => ("nobody allowed it in time", "personne n'a accepté à temps"),
    };
    let en = format!("{en}: run `moisson sync {id}` to be asked again");
    let fr = format!("{fr} : lancer `moisson sync {id}` pour recommencer");
    Err(Failure::new(Class::User, Said::new(en, fr)))
}

fn what_to_do(port: u16) -> Said {
    Said::new(
        format!(
            "open this page in a browser of this machine and allow it (from another one: \
             `ssh -L {port}:127.0.0.1:{port}` first)"
        ),
        format!(
            "ouvrir cette page dans un navigateur de cette machine et accepter (depuis une autre : \
             d'abord `ssh -L {port}:127.0.0.1:{port}`)"
        ),
    )
}

/// 256 bits that nobody can guess, as 43 characters (RFC 7636 §4.1).
fn random() -> Result<SecretString, Failure> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(no_page)?;
    Ok(URL_SAFE_NO_PAD.encode(bytes).into())
}

fn no_page(error: impl std::fmt::Display) -> Failure {
    Failure::new(
        Class::Retry,
        Said::new(
            format!("the page to come back to cannot be opened: {error}"),
            format!("la page de retour ne peut être ouverte : {error}"),
        ),
    )
}
