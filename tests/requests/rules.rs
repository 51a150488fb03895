//! What every answer keeps to, because some client breaks otherwise.

use crate::replay::Answer;
use crate::sequence::Asked;

/// Fails at the first rule that an answer breaks.
pub fn hold(asked: &Asked, answer: &Answer) {
    let what = format!("{} {}: {}\n{}", asked.method, asked.path, answer.first_line, answer.body);
    assert!(answer.first_line.starts_with("HTTP/1.1 "), "{what}");
    let status: u16 = answer.first_line[9..12].parse().expect("a status");
    assert!(status < 500, "{what}");
    if let Some(etag) = answer.header("etag") {
        assert!(etag.len() > 2 && etag.starts_with('"') && etag.ends_with('"'), "a strong tag: {etag}\n{what}");
    }
    if asked.method == "OPTIONS" && !asked.path.starts_with("/.well-known") {
        assert_eq!(status, 200, "other good ones are taken for a failure\n{what}");
        assert!(answer.header("dav").is_some_and(|dav| dav.starts_with('1')), "{what}");
    }
    if status == 207 {
        hold_multistatus(answer, &what);
    }
    // This element without anything in it is taken for a limit of requests.
    assert!(
        !answer.body.contains("error xmlns:D=\"DAV:\"/>") && !answer.body.contains("error xmlns=\"DAV:\"/>"),
        "{what}"
    );
}

fn hold_multistatus(answer: &Answer, what: &str) {
    assert!(answer.header("content-type").is_some_and(|kind| kind.starts_with("application/xml")), "{what}");
    let responses = elements(&answer.body, "response");
    for response in &responses {
        let hrefs = elements(response, "href");
        assert!(hrefs.first().is_some_and(|href| href.contains(">/")), "an absolute path first\n{what}");
        let statuses = elements(response, "status");
        let first = statuses.first().unwrap_or_else(|| panic!("a status\n{what}"));
        // Only the first is looked at, and only this spelling means well.
        let is_well = statuses.iter().any(|status| status.contains(" 200 "));
        assert!(!is_well || first.contains(">HTTP/1.1 200 OK<"), "{what}");
    }
    for token in elements(&answer.body, "sync-token").iter().filter(|token| token.ends_with("sync-token>")) {
        assert!(token.contains(':') || token.contains("sync-token><"), "a token is an address\n{what}");
    }
}

/// The elements of that name, whatever the prefix, with their tags.
fn elements<'a>(text: &'a str, name: &str) -> Vec<&'a str> {
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(open) = text[from..].find('<').map(|at| from + at) {
        let Some(close) = text[open..].find('>').map(|at| open + at + 1) else { break };
        let tag = &text[open + 1..close - 1];
        let local = tag.split([' ', '/']).next().unwrap_or_default();
        let full = local.to_owned();
        from = close;
        if tag.ends_with('/') || full.rsplit(':').next() != Some(name) {
            continue;
        }
        let end = format!("</{full}>");
        if let Some(length) = text[close..].find(&end) {
            found.push(&text[open..close + length + end.len()]);
            if name != "response" {
                from = close + length;
            }
        }
    }
    found
}
