//! A step and its values become a request, and an address that people may see.

use url::Url;

use super::super::Failure;
use super::super::http::{self, Request};
use super::broken;
use super::values::{Escape, Values, fill};
use crate::connector::fetch::text::{Piece, pieces};
use crate::connector::fetch::{Method, Step};

/// A request, not signed yet.
#[derive(Debug, Clone)]
pub struct Built {
    pub request: Request,
    /// Its address without anything secret.
    pub shown: String,
    /// What messages say instead of it: the address as the step writes it, with nobody's account.
    pub said: String,
}

/// Builds the request of a step; `link` is the address of a further page. A parameter or header
/// with a name that has no value is left out.
pub fn build(base: &Url, step: &Step, values: &Values, link: Option<&Url>) -> Result<Built, Failure> {
    let (url, shown) = match link {
        Some(link) => (link.clone(), shown(link)),
        None => address(base, step, values)?,
    };
    let method = match step.method {
        Method::Get => "GET",
        Method::Post => "POST",
    };
    let mut request = Request::new(method, url);
    if let Some((body, kind)) = body(step, values) {
        request = request.header("content-type", kind).body(body);
    }
    let has_accept = step.headers.keys().any(|name| name.eq_ignore_ascii_case("accept"));
    if !has_accept && expects_json(step) {
        request = request.header("accept", "application/json");
    }
    for (name, template) in &step.headers {
        let filled = fill(template, values, Escape::None);
        request = match (filled.lacks, filled.is_secret) {
            (true, _) => request,
            (false, true) => request.secret_header(name, filled.text),
            (false, false) => request.header(name, filled.text),
        };
    }
    Ok(Built { request, shown, said: said(base, step) })
}

/// The address of a step with its placeholders as they are written.
fn said(base: &Url, step: &Step) -> String {
    if step.path.starts_with("https://") || step.path.starts_with("http://") {
        return step.path.split('?').next().unwrap_or_default().to_owned();
    }
    let base = http::shown(base);
    format!("{}/{}", base.trim_end_matches('/'), step.path.trim_start_matches('/'))
}

/// Whether a step wants a page made for people, by the name of its document or what it accepts.
pub fn expects_page(step: &Step) -> bool {
    let kind = step.document.as_deref().and_then(|name| name.rsplit_once('.')).map(|(_, kind)| kind);
    let accepts = |(name, value): (&String, &String)| name.eq_ignore_ascii_case("accept") && value.contains("html");
    matches!(kind, Some("html" | "htm")) || step.headers.iter().any(accepts)
}

/// Whether a step can only go on with JSON.
pub fn expects_json(step: &Step) -> bool {
    use crate::connector::fetch::Pages;
    let is_paged = !matches!(step.pages, None | Some(Pages::Link { at: None }));
    let is_named =
        step.document.as_ref().is_some_and(|name| name.rsplit_once('.').is_some_and(|(_, kind)| kind == "json"));
    is_paged || is_named || !step.rows.is_empty() || step.tells.values().any(|at| at.starts_with('/'))
}

/// An address without its parameters, name and password.
pub fn shown(url: &Url) -> String {
    let mut bare = url.clone();
    bare.set_query(None);
    bare.set_fragment(None);
    // Only addresses that cannot hold them refuse this.
    let _ = bare.set_username("").and_then(|()| bare.set_password(None));
    bare.to_string()
}

/// `base`, a path below it, and whether the path is a whole address.
pub fn absolute(base: &Url, path: &str) -> Result<Url, Failure> {
    let unusable = |_| {
        let (en, fr) =
            (format!("the path {path} makes no address"), format!("le chemin {path} ne fait pas une adresse"));
        broken::config(en, fr)
    };
    if path.starts_with("https://") || path.starts_with("http://") {
        return Url::parse(path).map_err(unusable);
    }
    let mut above = base.clone();
    above.set_query(None);
    let joined = format!("{}/{}", above.as_str().trim_end_matches('/'), path.trim_start_matches('/'));
    Url::parse(if path.is_empty() { above.as_str() } else { &joined }).map_err(unusable)
}

fn address(base: &Url, step: &Step, values: &Values) -> Result<(Url, String), Failure> {
    let told = whole(&step.path, values);
    let path = fill(&step.path, values, if told { Escape::None } else { Escape::Path }).text;
    let mut url = absolute(base, &path)?;
    // What a service tells as an address may hold a session.
    let mut seen = if told { Url::parse(&shown(&url)).unwrap_or_else(|_| url.clone()) } else { url.clone() };
    let _ = seen.set_username("").and_then(|()| seen.set_password(None));
    for (name, template) in &step.query {
        let filled = fill(template, values, Escape::None);
        if !filled.lacks {
            url.query_pairs_mut().append_pair(name, &filled.text);
            seen.query_pairs_mut().append_pair(name, &filled.shown);
        }
    }
    Ok((url, seen.to_string()))
}

/// Whether a path begins with a name that stands for a whole address.
fn whole(path: &str, values: &Values) -> bool {
    let Some(Piece::Name(name)) = pieces(path).first().copied() else { return false };
    values.get(name).is_some_and(|value| value.text.starts_with("http://") || value.text.starts_with("https://"))
}

fn body(step: &Step, values: &Values) -> Option<(Vec<u8>, String)> {
    if let Some(template) = &step.body {
        let kind = step.content_type.clone().unwrap_or_else(|| usual_kind(template).to_owned());
        let escape = match kind.as_str() {
            kind if kind.contains("json") => Escape::Json,
            kind if kind.contains("xml") => Escape::Xml,
            _ => Escape::None,
        };
        return Some((fill(template, values, escape).text.into_bytes(), kind));
    }
    if step.form.is_empty() {
        return None;
    }
    let mut form = url::form_urlencoded::Serializer::new(String::new());
    for (name, template) in &step.form {
        let filled = fill(template, values, Escape::None);
        if !filled.lacks {
            form.append_pair(name, &filled.text);
        }
    }
    Some((form.finish().into_bytes(), "application/x-www-form-urlencoded".to_owned()))
}

fn usual_kind(body: &str) -> &'static str {
    match body.trim_start().chars().next() {
        Some('{' | '[') => "application/json",
        Some('<') => "text/xml; charset=utf-8",
        _ => "text/plain; charset=utf-8",
    }
}

#[cfg(test)]
mod tests {
    use super::super::values::Value;
    use super::*;

    fn built(step: &str) -> Built {
        let step: Step = toml::from_str(step).expect("a step");
        let texts = [("day", "2026-03-01"), ("odd", "a b/é"), ("there", "https://x.example.org/list?sid=5")];
        let open = texts.into_iter().map(|(name, text)| (name.to_owned(), Value::open(text)));
        let values = open.chain([("key".to_owned(), Value::secret("q\"k"))]).collect();
        build(&Url::parse("https://api.example.org/v2/").expect("a base"), &step, &values, None).expect("a request")
    }

    #[test]
    fn addresses_are_encoded_and_show_no_secret() {
        let one =
            built("name = \"a\"\npath = \"/rows/{odd}\"\nquery = { d = \"{day}\", k = \"{key}\", c = \"{cursor}\" }");
        assert_eq!(one.request.url.as_str(), "https://api.example.org/v2/rows/a%20b%2F%C3%A9?d=2026-03-01&k=q%22k");
        assert_eq!(one.shown, "https://api.example.org/v2/rows/a%20b%2F%C3%A9?d=2026-03-01&k=***");
        let told = built("name = \"a\"\npath = \"{there}\"");
        assert_eq!(told.request.url.as_str(), "https://x.example.org/list?sid=5");
        assert_eq!(told.shown, "https://x.example.org/list");
        assert_eq!(one.said, "https://api.example.org/v2/rows/{odd}", "messages name nobody's account");
    }

    #[test]
    fn bodies_and_headers_take_secrets() {
        let one = built(
            "name = \"a\"\nmethod = \"POST\"\npath = \"/\"\nbody = '{\"k\":\"{key}\"}'\nheaders = { X-K = \"{key}\", X-D = \"{day}\", X-N = \"{none}\" }",
        );
        assert_eq!(String::from_utf8_lossy(&one.request.body), r#"{"k":"q\"k"}"#);
        assert_eq!(one.request.secret_headers, [("X-K".to_owned(), "q\"k".to_owned())]);
        let names: Vec<&str> = one.request.headers.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["content-type", "X-D"]);
        let form = built("name = \"a\"\nmethod = \"POST\"\npath = \"/\"\nform = { a = \"{odd}\", b = \"{none}\" }");
        assert_eq!(String::from_utf8_lossy(&form.request.body), "a=a+b%2F%C3%A9");
    }
}
