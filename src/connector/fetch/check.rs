//! What a `[fetch]` must not say: names that nothing gives, steps that are not there, secrets where
//! people would see them. Found when the connector is read, not in the night of its first run.

use std::collections::BTreeSet;

use super::{Auth, Fetch, NeedKind, Pages, Step, Transport, text};

/// Names that every step has; `{cursor} {page} {offset}` where its pages have them.
const DAYS: [&str; 3] = ["from", "to", "today"];

/// On pages also what stands on a link, and the name that an answer has.
const ON_PAGES: [&str; 2] = ["text", "file"];

/// Says what is wrong, in one sentence that names the step and the key.
pub fn check(fetch: &Fetch) -> Result<(), String> {
    if !matches!(fetch.transport, Transport::Http | Transport::Web) {
        return Ok(());
    }
    let needs: BTreeSet<&str> = fetch.needs.keys().map(String::as_str).collect();
    if let Some(base) = &fetch.base {
        known(base, &needs, "fetch.base")?;
        without_secret(fetch, base, "fetch.base")?;
    }
    auth(fetch, &needs)?;
    steps(fetch, needs)?;
    rules(fetch)
}

fn auth(fetch: &Fetch, needs: &BTreeSet<&str>) -> Result<(), String> {
    let mut names = needs.clone();
    let texts: Vec<&String> = match &fetch.auth {
        Auth::None => Vec::new(),
        Auth::Bearer { token } => vec![token],
        Auth::Basic { user, password } | Auth::Digest { user, password } => vec![user, password],
        Auth::Header { value, .. } | Auth::Query { value, .. } => vec![value],
        Auth::Headers { headers } => headers.values().collect(),
        Auth::AccessUrl { url, claim } => [url].into_iter().chain(claim).collect(),
        Auth::Jwt(jwt) => [&jwt.key, &jwt.key_id].into_iter().chain(jwt.claims.values()).collect(),
        Auth::Signed(signed) => {
            names.extend(["method", "url", "body", "timestamp", "signature"]);
            [&signed.message].into_iter().chain(&signed.key).chain(signed.headers.values()).collect()
        }
        Auth::Token(token) => [&token.path].into_iter().chain(token.json.values()).collect(),
        Auth::Oauth2(oauth) => [&oauth.client_id].into_iter().chain(&oauth.client_secret).collect(),
    };
    texts.into_iter().try_for_each(|text| known(text, &names, "fetch.auth"))
}

fn steps<'a>(fetch: &'a Fetch, mut names: BTreeSet<&'a str>) -> Result<(), String> {
    names.extend(DAYS);
    if fetch.transport == Transport::Web {
        names.extend(ON_PAGES);
    }
    let mut earlier: BTreeSet<&str> = BTreeSet::new();
    for step in &fetch.steps {
        let place = format!("step `{}`", step.name);
        if step.name.is_empty() || earlier.contains(step.name.as_str()) {
            return Err(format!("{place}: every step needs a `name` of its own"));
        }
        for_each(fetch, step, &earlier, &place)?;
        names.extend(step.for_each.iter().map(|each| each.name.as_str()));
        names.extend(step.tells.keys().map(String::as_str));
        let mut here = names.clone();
        here.extend(page_name(step));
        texts(step).try_for_each(|(text, key)| known(text, &here, &format!("{place}, `{key}`")))?;
        for text in [Some(&step.path), step.document.as_ref()].into_iter().flatten() {
            without_secret(fetch, text, &place)?;
        }
        if fetch.transport == Transport::Http {
            document(step, &place)?;
        }
        earlier.insert(&step.name);
    }
    Ok(())
}

fn for_each(fetch: &Fetch, step: &Step, earlier: &BTreeSet<&str>, place: &str) -> Result<(), String> {
    if let Some(when) = step.when.as_deref().filter(|when| !earlier.contains(when) && !fetch.needs.contains_key(*when))
    {
        return Err(format!("{place}: `when` names {when}, which is no earlier step and no field of `needs`"));
    }
    let Some(each) = &step.for_each else { return Ok(()) };
    match &each.of {
        Some(of) if !earlier.contains(of.as_str()) => {
            Err(format!("{place}: `for_each` runs over the step {of}, which is not before it"))
        }
        None if !fetch.needs.contains_key(&each.at) => {
            Err(format!("{place}: `for_each` runs over the field {}, which `needs` has not", each.at))
        }
        _ => Ok(()),
    }
}

/// Several answers of one step must not be documents of one name.
fn document(step: &Step, place: &str) -> Result<(), String> {
    let Some(name) = &step.document else { return Ok(()) };
    let has = |wanted: &str| text::names(name).any(|name| name == wanted);
    if let Some(each) = step.for_each.as_ref().filter(|each| !step.gather && !has(&each.name)) {
        return Err(format!("{place}: its documents would all have one name: put {{{}}} into `document`", each.name));
    }
    if step.windows.is_some() && !has("from") {
        return Err(format!("{place}: its documents would all have one name: put {{from}} and {{to}} into `document`"));
    }
    Ok(())
}

fn rules(fetch: &Fetch) -> Result<(), String> {
    let blank =
        fetch.errors.iter().position(|rule| rule.status.is_none() && rule.at.is_none() && rule.contains.is_none());
    match blank {
        Some(at) => {
            Err(format!("`[[fetch.errors]]` number {} fits every answer: give `status`, `at` or `contains`", at + 1))
        }
        None => Ok(()),
    }
}

/// Every text of a step that takes placeholders, with its key.
fn texts(step: &Step) -> impl Iterator<Item = (&String, &'static str)> {
    let one = |text, key| std::iter::once((text, key));
    one(&step.path, "path")
        .chain(step.query.values().map(|text| (text, "query")))
        .chain(step.headers.values().map(|text| (text, "headers")))
        .chain(step.form.values().map(|text| (text, "form")))
        .chain(step.body.iter().map(|text| (text, "body")))
        .chain(step.document.iter().map(|text| (text, "document")))
}

fn page_name(step: &Step) -> Option<&'static str> {
    match step.pages.as_ref()? {
        Pages::Page { .. } => Some("page"),
        Pages::Offset { .. } => Some("offset"),
        Pages::Cursor { .. } => Some("cursor"),
        Pages::Link { .. } => None,
    }
}

fn known(text: &str, names: &BTreeSet<&str>, place: &str) -> Result<(), String> {
    match text::names(text).find(|name| !names.contains(name)) {
        Some(name) => {
            let known: Vec<&str> = names.iter().copied().collect();
            Err(format!("{place}: nothing gives {{{name}}}; known here: {}", known.join(", ")))
        }
        None => Ok(()),
    }
}

fn without_secret(fetch: &Fetch, text: &str, place: &str) -> Result<(), String> {
    let is_secret = |name: &&str| fetch.needs.get(*name).is_some_and(|need| need.kind == NeedKind::Secret);
    match text::names(text).find(is_secret) {
        Some(name) => Err(format!(
            "{place}: {{{name}}} is a secret, which an address or a name would show; put it into `auth`, a header, the query or the body"
        )),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn complaint(toml: &str) -> String {
        let fetch: Fetch = toml::from_str(toml).expect("a [fetch]");
        check(&fetch).expect_err("something is wrong")
    }

    const NEEDS: &str = r#"
        transport = "http"
        base = "https://api.example.org"
        needs.token = { kind = "secret", label = { en = "Token" } }
        needs.meter = { kind = "text", label = { en = "Meter" } }
    "#;

    #[test]
    fn a_name_that_nothing_gives_is_refused() {
        let said = complaint(&format!("{NEEDS}\nsteps = [{{ name = \"rows\", path = \"/rows/{{account}}\" }}]"));
        assert!(said.starts_with("step `rows`, `path`: nothing gives {account}"), "{said}");
        let said =
            complaint(&format!("{NEEDS}\nsteps = [{{ name = \"rows\", path = \"/rows\", query.c = \"{{cursor}}\" }}]"));
        assert!(said.contains("`query`: nothing gives {cursor}"), "{said}");
    }

    #[test]
    fn a_secret_does_not_go_where_people_see_it() {
        let said = complaint(&format!("{NEEDS}\nsteps = [{{ name = \"rows\", path = \"/{{token}}/rows\" }}]"));
        assert!(said.contains("{token} is a secret"), "{said}");
    }

    #[test]
    fn steps_refer_to_steps_before_them_and_rules_to_something() {
        let each = r#"for_each = { of = "later", at = "/a", name = "account" }"#;
        let said = complaint(&format!("{NEEDS}\nsteps = [{{ name = \"rows\", path = \"/\", {each} }}]"));
        assert!(said.contains("runs over the step later, which is not before it"), "{said}");
        let said = complaint(&format!(
            "{NEEDS}\nsteps = [{{ name = \"a\", path = \"/\" }}]\nerrors = [{{ class = \"user\" }}]"
        ));
        assert!(said.contains("number 1 fits every answer"), "{said}");
        let said = complaint(&format!(
            "{NEEDS}\nsteps = [{{ name = \"a\", path = \"/\", windows = {{}}, document = \"a.json\" }}]"
        ));
        assert!(said.contains("put {from} and {to}"), "{said}");
    }
}
