//! Requests as they stand in a file: parts between lines of `---`, each with remarks, a first
//! line, headers, an empty line and a body.

/// A request; `{{token}}`, `{{etag}}` and `{{escaped etag}}` stand for what came last.
#[derive(Debug)]
pub struct Asked {
    pub remarks: Vec<String>,
    pub method: String,
    pub path: String,
    pub headers: Vec<(String, String)>,
    pub body: String,
}

pub fn read(text: &str) -> Vec<Asked> {
    text.split("\n---\n").map(one).collect()
}

fn one(text: &str) -> Asked {
    let (head, body) = text.split_once("\n\n").unwrap_or((text, ""));
    let (remarks, lines): (Vec<&str>, Vec<&str>) = head.lines().partition(|line| line.starts_with('#'));
    let (method, path) = lines[0].split_once(' ').expect("a method and a path");
    let headers = lines[1..].iter().map(|line| {
        let (name, value) = line.split_once(": ").expect("a name and a value");
        (name.to_owned(), value.to_owned())
    });
    let headers: Vec<_> = headers.collect();
    let is_object =
        headers.iter().any(|(_, value)| value.starts_with("text/calendar") || value.starts_with("text/vcard"));
    let body = body.trim_end_matches('\n');
    Asked {
        remarks: remarks.into_iter().map(str::to_owned).collect(),
        method: method.to_owned(),
        path: path.to_owned(),
        headers,
        // Calendar objects and cards end their lines as RFC 5545 and RFC 6350 say.
        body: if is_object { body.replace('\n', "\r\n") + "\r\n" } else { body.to_owned() },
    }
}
