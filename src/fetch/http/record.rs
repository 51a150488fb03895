//! Exchanges as they may be kept: with every secret struck out.
//!
//! Struck out are: the values of headers that hold secrets (by their place in the request, or by
//! name), every value that is known to be secret, wherever and however it stands (as it is,
//! percent-encoded, in JSON, in HTML or XML, in hexadecimal, in base64 also as a part), and what answers and forms
//! name as a secret (`access_token`, `password`…). It keeps nothing itself: a sink does. Personal
//! data that is no secret (names, amounts) is left: a recording is not for others as it is.

use std::sync::{Arc, Mutex, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use secrecy::{ExposeSecret as _, SecretSlice, SecretString};
use url::Url;

use super::forms::{self, STRUCK};
use super::redirect::{plain, unescaped};
use super::{Request, Response, is_plain};

/// A request and its answer, redacted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exchange {
    pub method: String,
    pub url: String,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
    pub status: u16,
    pub answer_headers: Vec<(String, String)>,
    pub answer: Vec<u8>,
}

/// Where exchanges go, and what is struck out of them.
#[derive(Clone)]
pub struct Recording {
    pub redaction: Redaction,
    pub sink: Arc<dyn Fn(Exchange) + Send + Sync>,
}

/// What is known to be secret. It learns more as exchanges go by; cheap to clone, and all clones
/// know the same.
#[derive(Clone, Default)]
pub struct Redaction {
    known: Arc<Mutex<Vec<Known>>>,
}

/// A form of a secret.
struct Known {
    form: SecretSlice<u8>,
    /// What stands in its place.
    instead: String,
}

/// A secret of fewer characters is not looked for.
pub const LEAST: usize = 4;

/// Headers whose values are never kept.
const HEADERS: [&str; 6] = ["authorization", "proxy-authorization", "cookie", "set-cookie", "x-api-key", "api-key"];

impl Redaction {
    pub fn new(secrets: &[SecretString]) -> Self {
        let redaction = Self::default();
        for secret in secrets {
            redaction.learn(secret.expose_secret());
        }
        redaction
    }

    /// From now on this is struck out too. Less than four characters are not: they would be found
    /// everywhere. Of an address only its host stays, and so do words in it that say nothing.
    pub fn learn(&self, secret: &str) {
        if let Some(url) = forms::address(secret) {
            self.learn_address(secret.trim(), &url);
        } else {
            self.strike(secret, STRUCK);
            // Some are given with blanks around them, which are left out where they are sent.
            self.strike(secret.trim(), STRUCK);
        }
        // A calendar is called otherwise than it is written.
        let called = secret.trim().strip_prefix("webcals://").or_else(|| secret.trim().strip_prefix("webcal://"));
        for scheme in ["https", "http"].iter().filter(|_| called.is_some()) {
            self.learn(&format!("{scheme}://{}", called.unwrap_or_default()));
        }
        // Some one-time tokens are addresses in base64.
        let decoded = STANDARD.decode(secret.trim()).ok().and_then(|bytes| String::from_utf8(bytes).ok());
        if let Some((text, url)) = decoded.and_then(|text| forms::address(&text).map(|url| (text, url))) {
            self.learn_address(text.trim(), &url);
        }
    }

    /// A text with what is known struck out.
    pub fn text(&self, text: &str) -> String {
        String::from_utf8_lossy(&self.bytes(text.as_bytes())).into_owned()
    }

    /// Bytes with what is known struck out.
    pub fn bytes(&self, bytes: &[u8]) -> Vec<u8> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known
            .iter()
            .fold(bytes.to_vec(), |bytes, known| forms::struck(bytes, known.form.expose_secret(), &known.instead))
    }

    /// An exchange once more: with what was learnt since struck out too.
    pub fn again(&self, exchange: Exchange) -> Exchange {
        let headers = |headers: Vec<(String, String)>| {
            headers.into_iter().map(|(name, value)| (name, self.text(&value))).collect()
        };
        Exchange {
            url: self.text(&exchange.url),
            headers: headers(exchange.headers),
            body: self.bytes(&exchange.body),
            answer_headers: headers(exchange.answer_headers),
            answer: self.bytes(&exchange.answer),
            ..exchange
        }
    }

    /// An exchange with everything secret struck out.
    pub fn exchange(&self, request: &Request, response: &Response) -> Exchange {
        self.study(request, response);
        let secret = request.secret_headers.iter().map(|(name, _)| (name.clone(), STRUCK.to_owned()));
        let headers = self.headers(&request.headers).into_iter().chain(secret).collect();
        Exchange {
            method: request.method.clone(),
            url: self.text(request.url.as_str()),
            headers,
            body: self.bytes(&request.body),
            status: response.status,
            answer_headers: self.headers(&response.headers),
            answer: self.bytes(&response.body),
        }
    }

    /// Learns what the exchange itself tells to be secret.
    fn study(&self, request: &Request, response: &Response) {
        for (name, value) in request.secret_headers.iter().chain(&request.headers).chain(&response.headers) {
            let is_secret = HEADERS.contains(&name.to_ascii_lowercase().as_str());
            if is_secret || request.secret_headers.iter().any(|(known, _)| known == name) {
                self.learn_all(&forms::of_header(name, value));
            }
        }
        self.study_url(&request.url);
        for body in [&request.body, &response.body] {
            self.learn_all(&forms::named(body));
        }
        if let Some(target) = response.header("location").and_then(|location| response.url.join(location).ok()) {
            self.study_url(&target);
        }
    }

    fn learn_all(&self, secrets: &[String]) {
        for secret in secrets {
            self.learn(secret);
        }
    }

    fn strike(&self, secret: &str, instead: &str) {
        if secret.trim().chars().count() < LEAST || secret == instead || secret == STRUCK {
            return;
        }
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        for form in forms::of(secret) {
            if known.iter().all(|old| old.form.expose_secret() != form) {
                known.push(Known { form: SecretSlice::from(form), instead: instead.to_owned() });
            }
        }
        // The longest first, or a part would be struck out of a whole and leave the rest.
        known.sort_by_key(|known| std::cmp::Reverse(known.form.expose_secret().len()));
    }

    /// The address as it is written and as it is called, its start, and what in it is no word.
    fn learn_address(&self, secret: &str, url: &Url) {
        let struck = forms::struck_address(url);
        self.strike(secret, struck.as_str());
        self.strike(url.as_str(), struck.as_str());
        let mut start = plain(url);
        start.set_fragment(None);
        self.strike(start.as_str(), forms::struck_address(&start).as_str());
        start.set_query(None);
        if start.path() != "/" {
            let struck = forms::struck_address(&start);
            self.strike(start.as_str(), struck.as_str());
            // A short one is met in other addresses too.
            if start.path().len() > 16 {
                self.strike(start.path(), struck.path());
            }
        }
        let is_word = |segment: &&str| is_plain(segment) && segment.len() <= 12;
        let segments = url.path_segments().into_iter().flatten().filter(|segment| !is_word(segment));
        let access = [url.username(), url.password().unwrap_or_default()];
        let values = url.query_pairs().map(|(_, value)| value.into_owned());
        for part in segments.chain(access).map(unescaped).chain(values) {
            self.strike(&part, STRUCK);
        }
    }

    fn study_url(&self, url: &Url) {
        self.learn(&unescaped(url.password().unwrap_or_default()));
        for (name, value) in url.query_pairs() {
            if forms::is_secret_parameter(&name) {
                self.learn(&value);
            }
        }
    }

    fn headers(&self, headers: &[(String, String)]) -> Vec<(String, String)> {
        let redacted = |(name, value): &(String, String)| {
            let value = match name.to_ascii_lowercase().as_str() {
                name if HEADERS.contains(&name) => STRUCK.to_owned(),
                "www-authenticate" => self.text(&forms::challenge(value)),
                _ => self.text(value),
            };
            (name.clone(), value)
        };
        headers.iter().map(redacted).collect()
    }
}

impl Recording {
    pub(super) fn keep(&self, request: &Request, response: &Response) {
        (self.sink)(self.redaction.exchange(request, response));
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    const SECRET: &str = "pa&ss \"wörd\"/+é~*%";

    fn redaction() -> Redaction {
        Redaction::new(&[SecretString::from(SECRET.to_owned()), SecretString::from("123".to_owned())])
    }

    #[test]
    fn a_secret_is_struck_out_in_every_form() {
        let in_form: String = url::form_urlencoded::byte_serialize(SECRET.as_bytes()).collect();
        let pair = |before: &str| {
            use base64::Engine as _;
            base64::engine::general_purpose::STANDARD.encode(format!("{before}{SECRET}:after"))
        };
        let mut url = Url::parse("https://a.example.org/").expect("an address");
        url.query_pairs_mut().append_pair("q", SECRET);
        let in_path = {
            url.path_segments_mut().expect("a path").push(SECRET);
            url.path().trim_start_matches('/').to_owned()
        };
        let forms = [
            SECRET.to_owned(),
            in_form.clone(),
            in_form.replace('+', "%20"),
            in_form.to_lowercase(),
            url.query().expect("a query").trim_start_matches("q=").to_owned(),
            in_path,
            Value::from(SECRET).to_string(),
            Value::from(SECRET).to_string().replace('ö', "\\u00f6").replace('é', "\\u00e9"),
            pair(""),
            pair("u"),
            pair("us"),
            pair("user:"),
            forms::hex(SECRET.as_bytes()),
            forms::hex(SECRET.as_bytes()).to_uppercase(),
            // As a page of western Europe sends it.
            in_form.replace("%C3%B6", "%F6").replace("%C3%A9", "%e9"),
        ];
        let redaction = redaction();
        for form in forms {
            let clean = redaction.text(&format!("before {form} after"));
            assert!(
                clean.starts_with("before ") && clean.ends_with(" after") && clean.contains(STRUCK),
                "{form}: {clean}"
            );
            assert!(!clean.contains("wörd") && !clean.contains("%C3") && !clean.contains("%c3"), "{form}: {clean}");
        }
        assert_eq!(redaction.text("amount 123.45"), "amount 123.45", "three digits are everywhere");
    }

    #[test]
    fn an_exchange_is_kept_without_what_is_secret_by_place_or_by_name() {
        let url =
            Url::parse("https://me:canary-0@a.example.org/list?access_token=canary-1&page=2").expect("an address");
        let request = Request::new("POST", url.clone())
            .header("Authorization", "Basic bWU6Y2FuYXJ5LTI=")
            .header("accept", "application/json")
            .secret_header("x-key", "canary-3")
            .body("client_secret=canary-4&grant_type=refresh_token&state=canary-3");
        let answer = r#"{"access_token":"canary-5","deep":[{"refreshToken":"canary-6"}],"status_code":"closed","next":"https://a.example.org/?t=canary-5"}"#;
        let headers =
            [("set-cookie", "id=canary-7; Path=/"), ("location", "/on?code=canary-8"), ("x-echo", "canary-2 canary-7")];
        let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
        let response = Response { status: 302, headers, body: answer.into(), url, n_wire: 0 };
        let exchange = Redaction::default().exchange(&request, &response);
        let text = format!(
            "{} {:?} {} {:?} {}",
            exchange.url,
            exchange.headers,
            String::from_utf8_lossy(&exchange.body),
            exchange.answer_headers,
            String::from_utf8_lossy(&exchange.answer)
        );
        assert!(!text.contains("canary") && !text.contains("Y2FuYXJ5"), "{text}");
        for kept in [
            "page=2",
            "application/json",
            "grant_type=refresh_token",
            "\"status_code\":\"closed\"",
            "x-key",
            "/on?code=",
        ] {
            assert!(text.contains(kept), "{kept} in {text}");
        }
        assert!(serde_json::from_slice::<Value>(&exchange.answer).is_ok(), "it is still JSON");
    }

    #[test]
    fn of_a_secret_address_the_host_stays_and_it_is_still_an_address() {
        let redaction = Redaction::default();
        redaction.learn("https://me3:canary-1@a.example.org/api/7c9e6679f3ab/feed.ics?for=canary-2");
        let table = [
            (
                "https://a.example.org/api/7c9e6679f3ab/feed.ics?x=1",
                "https://a.example.org/REDACTED/REDACTED/REDACTED?x=1",
            ),
            (
                "see https://me3:canary-1@a.example.org/api/7c9e6679f3ab/feed.ics?for=canary-2.",
                "see https://REDACTED:REDACTED@a.example.org/REDACTED/REDACTED/REDACTED?for=REDACTED.",
            ),
            ("/api/7c9e6679f3ab/feed.ics and 7c9e6679f3ab", "/REDACTED/REDACTED/REDACTED and REDACTED"),
            ("canary-2 api canary-1", "REDACTED api REDACTED"),
        ];
        for (text, expected) in table {
            assert_eq!(redaction.text(text), expected);
        }
        let calendar = Redaction::default();
        calendar.learn("webcal://c.example.org/canary.ics");
        assert_eq!(calendar.text("https://c.example.org/canary.ics"), "https://c.example.org/REDACTED");
        let once = Redaction::default();
        once.learn(&STANDARD.encode("https://b.example.org/claim/canary-3-canary-3-canary-3"));
        assert_eq!(
            once.text("https://b.example.org/claim/canary-3-canary-3-canary-3"),
            "https://b.example.org/REDACTED/REDACTED"
        );
    }

    #[test]
    fn codes_of_errors_and_categories_are_no_secrets() {
        let text = r#"{"code":"NOT_FOUND","merchant_category_code":"5411","user_code":"canary"}"#;
        let url = Url::parse("https://a.example.org/back?code=canary-2").expect("an address");
        let response = Response { status: 200, headers: Vec::new(), body: text.into(), url: url.clone(), n_wire: 0 };
        let exchange = Redaction::default().exchange(&Request::new("GET", url), &response);
        assert_eq!(exchange.url, "https://a.example.org/back?code=REDACTED");
        assert_eq!(String::from_utf8_lossy(&exchange.answer), text.replace("canary", STRUCK));
    }

    #[test]
    fn a_challenge_stays_one_without_what_is_good_for_this_once() {
        let asked = "Digest realm=\"home\", nonce=\"canary\", opaque=\"canary\", algorithm=MD5, qop=\"auth\"";
        let kept = forms::challenge(asked);
        assert!(kept.contains("realm=\"home\"") && kept.ends_with("algorithm=MD5, qop=\"auth\""), "{kept}");
        assert!(!kept.contains("canary"), "{kept}");
        assert_eq!(forms::challenge("Negotiate canary"), STRUCK);
    }
}
