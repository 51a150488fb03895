//! A server in many moods, most of them talkative.

use std::sync::{Arc, Mutex};

use super::loopback::{Answer, Loopback};
use super::sources::{self, of};

/// How the server answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mood {
    /// As it should.
    Good,
    /// 401, 400 and 500, the whole request repeated in the body and in a header.
    Refusing,
    Complaining,
    Broken,
    /// To another host, and elsewhere on its own, with all it knows in the address.
    SendingAway,
    SendingAround,
    /// It cuts the connection.
    Cutting,
}

pub const MOODS: [Mood; 7] = [
    Mood::Good,
    Mood::Refusing,
    Mood::Complaining,
    Mood::Broken,
    Mood::SendingAway,
    Mood::SendingAround,
    Mood::Cutting,
];

pub struct Peer {
    pub server: Loopback,
    mood: Arc<Mutex<Mood>>,
}

impl Peer {
    pub fn start() -> Self {
        let mood = Arc::new(Mutex::new(Mood::Good));
        let now = Arc::clone(&mood);
        let server = Loopback::start(move |request| answer(request, *now.lock().expect("no panic")));
        Self { server, mood }
    }

    pub fn be(&self, mood: Mood) {
        *self.mood.lock().expect("no panic") = mood;
    }
}

fn answer(request: &str, mood: Mood) -> Answer {
    let told: String = request.replace(['\r', '\n'], " ").replace('"', "'");
    let headers = [("x-echo", told.as_str()), ("content-type", "application/json")];
    let body = format!("{{\"error\": \"not with {told}\", \"access\": \"{told}\"}}");
    let escaped: String = url::form_urlencoded::byte_serialize(told.as_bytes()).collect();
    match mood {
        Mood::Good => good(request),
        Mood::Refusing => Answer::new(401, &headers, &body),
        Mood::Complaining => Answer::new(400, &headers, &body),
        Mood::Broken => Answer::new(500, &headers, &body),
        Mood::SendingAway => {
            Answer::new(302, &[("location", &format!("https://example.org/{escaped}?t={escaped}"))], "")
        }
        Mood::SendingAround if request.contains(" /around") => Answer::new(404, &headers, &body),
        Mood::SendingAround => Answer::new(302, &[("location", &format!("/around/{escaped}?t={escaped}"))], ""),
        Mood::Cutting => Answer::nothing(),
    }
}

fn good(request: &str) -> Answer {
    let json = [("content-type", "application/json")];
    let path = request.split_whitespace().nth(1).unwrap_or_default();
    let page = [("content-type", "text/html"), ("set-cookie", &format!("session={}; Path=/", of("cookie")))];
    match word(path) {
        "bought" if path.starts_with("/bought/token") => {
            Answer::new(200, &json, &format!("{{\"access\": \"{}\", \"lasts\": 3600}}", of("bought")))
        }
        "granting" if path.starts_with("/granting/token") => Answer::new(
            200,
            &json,
            &format!(
                "{{\"access_token\": \"{}\", \"refresh_token\": \"{}\", \"token_type\": \"bearer\", \"expires_in\": 3600}}",
                of("access_token"),
                of("next_refresh")
            ),
        ),
        "digest" if !request.to_lowercase().contains("authorization: digest") => {
            let asks = "Digest realm=\"x\", nonce=\"abc\", qop=\"auth\", algorithm=SHA-256";
            Answer::new(401, &[("www-authenticate", asks)], "")
        }
        "portal" if request.starts_with("GET /portal/login") => {
            let form = "<form id='in' method='post' action='/portal/in'><input name='who'><input name='pass'></form>";
            Answer::new(200, &page[..1], form)
        }
        "portal" if request.starts_with("POST") => Answer::new(200, &page, "<p class='in'>Welcome</p>"),
        "portal" => {
            Answer::new(200, &page[..1], "<p class='in'>Welcome</p><a class='bill' href='/portal/bill.ics'>b</a>")
        }
        "calendar" | "bill.ics" => Answer::new(200, &[("content-type", "text/calendar")], sources::CALENDAR),
        _ => Answer::new(200, &json, "{\"rows\": [{\"day\": \"2026-03-02\"}]}"),
    }
}

/// What tells one address from another.
fn word(path: &str) -> &str {
    if path.ends_with("bill.ics") { "bill.ics" } else { path.split(['/', '?']).nth(1).unwrap_or_default() }
}
