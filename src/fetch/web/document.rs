//! Documents behind links: their names, and which were taken in before.

use sha2::{Digest, Sha256};
use url::Url;

use super::super::http::{self, Response};

/// The name under which a state remembers a link. Links may hold what is secret: the name is a hash.
pub fn key(step: &str, url: &Url) -> String {
    use std::fmt::Write as _;
    let hash = Sha256::digest(url.as_str().as_bytes());
    hash[..8].iter().fold(format!("{step}/"), |mut key, byte| {
        let _ = write!(key, "{byte:02x}");
        key
    })
}

/// The name that the answer gives its content (RFC 6266 §4.3), else the last step of its path.
pub fn file_name(answer: &Response) -> String {
    let told = answer.header("content-disposition").and_then(disposed);
    let of_path = || answer.url.path_segments().and_then(|mut steps| steps.next_back()).map(str::to_owned);
    let name = told.or_else(of_path).unwrap_or_default();
    let name = name.rsplit(['/', '\\']).next().unwrap_or_default();
    safe(if name.is_empty() { "document" } else { name })
}

/// A name without what would mean something in a path.
pub fn safe(name: &str) -> String {
    let kept = |c: char| if c.is_control() || "/\\:*?\"<>|".contains(c) { '_' } else { c };
    name.trim_start_matches('.').chars().map(kept).take(120).collect()
}

/// Where it came from, for people: without parameters or parts of the path that may hold a session.
pub fn origin(url: &Url) -> String {
    http::shown(url)
}

/// Whether an answer is a page rather than a document.
pub fn is_page(answer: &Response) -> bool {
    let is_attached =
        answer.header("content-disposition").is_some_and(|told| told.trim_start().starts_with("attachment"));
    !is_attached && answer.header("content-type").is_some_and(|kind| kind.to_ascii_lowercase().contains("html"))
}

/// `filename*` wins over `filename` (§4.3).
fn disposed(header: &str) -> Option<String> {
    let parts = || header.split(';').skip(1).filter_map(|part| part.split_once('='));
    let named =
        |wanted: &str| parts().find(|(name, _)| name.trim().eq_ignore_ascii_case(wanted)).map(|(_, value)| value);
    let extended = named("filename*").and_then(|value| value.trim().rsplit('\'').next()).map(decoded);
    extended.or_else(|| named("filename").map(|value| value.trim().trim_matches('"').to_owned()))
}

/// RFC 8187 §3.2.1, for the charset that it prescribes.
fn decoded(text: &str) -> String {
    let form = text.replace('+', "%2B");
    let pairs = url::form_urlencoded::parse(form.as_bytes());
    pairs.map(|(name, _)| name.into_owned()).next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(disposition: Option<&str>, url: &str) -> String {
        let headers = disposition.map(|value| ("content-disposition".to_owned(), value.to_owned()));
        let headers = headers.into_iter().collect();
        let url = Url::parse(url).expect("an address");
        file_name(&Response { status: 200, headers, body: Vec::new(), url, n_wire: 0 })
    }

    #[test]
    fn names_are_those_of_the_answer_and_mean_nothing_in_a_path() {
        let link = "https://portal.example.org/bills/march.csv?session=1";
        assert_eq!(name(None, link), "march.csv");
        assert_eq!(name(Some("attachment; filename=\"facture 03.pdf\""), link), "facture 03.pdf");
        assert_eq!(name(Some("attachment; filename=x; filename*=UTF-8''re%C3%A7u%20+1.pdf"), link), "reçu +1.pdf");
        assert_eq!(name(Some("attachment; filename=\"../../etc/passwd\""), link), "passwd");
        assert_eq!(name(Some("attachment"), "https://portal.example.org/"), "document");
    }

    #[test]
    fn a_remembered_link_does_not_say_what_it_was() {
        let url = Url::parse("https://portal.example.org/b?token=S3CRET").expect("an address");
        let key = key("bills", &url);
        assert!(key.starts_with("bills/") && !key.contains("S3CRET"));
        assert_eq!(origin(&url), "https://portal.example.org/b");
        let path = Url::parse("https://portal.example.org/b/jsessionid=canary-4d11/march.csv").expect("an address");
        assert_eq!(origin(&path), "https://portal.example.org/b/…/march.csv");
    }
}
