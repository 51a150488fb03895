//! What an answer means: first by the service's own rules, then by its status. Pure.

use jiff::Timestamp;
use serde_json::Value as Json;

use super::super::http::Response;
use super::super::{Failure, refusal};
use super::{broken, pointer, quota};
use crate::connector::fetch::{ErrorRule, Fetch, RuleClass};
use crate::model::run::{Class, Said};

/// What an answer means.
#[derive(Debug)]
pub enum Verdict {
    /// It counts; what it says is missing stands beside it.
    Good { partial: Vec<Said> },
    /// Nothing there, and nothing wrong.
    Empty,
    /// The cursor is no longer good.
    Restart,
    /// Who we are is not accepted, and the service says nothing more of it.
    Unproven,
    /// No.
    Refused(Failure),
}

/// Judges an answer. `shown` is its address for people.
pub fn judge(fetch: &Fetch, response: &Response, json: Option<&Json>, shown: &str, now: Timestamp) -> Verdict {
    let mut partial = Vec::new();
    for rule in fetch.errors.iter().filter(|rule| fits(rule, response, json)) {
        match rule.class {
            RuleClass::Partial => partial.push(broken::said(&rule.say, Class::Partial, shown)),
            RuleClass::Empty => return Verdict::Empty,
            RuleClass::Restart => return Verdict::Restart,
            RuleClass::Retry => return refused(fetch, rule, Class::Retry, response, shown, now),
            RuleClass::Quota => return refused(fetch, rule, Class::Quota, response, shown, now),
            RuleClass::User => return refused(fetch, rule, Class::User, response, shown, now),
            RuleClass::Changed => return refused(fetch, rule, Class::Changed, response, shown, now),
            RuleClass::Config => return refused(fetch, rule, Class::Config, response, shown, now),
        }
    }
    match response.status {
        200..300 | 304 => Verdict::Good { partial },
        401 => Verdict::Unproven,
        _ => {
            let failure = refusal::of_status(response, now);
            let at = retry_at(fetch, failure.class, response, now);
            Verdict::Refused(failure.retry_at(at))
        }
    }
}

fn refused(fetch: &Fetch, rule: &ErrorRule, class: Class, response: &Response, shown: &str, now: Timestamp) -> Verdict {
    let mut failure =
        Failure::new(class, broken::said(&rule.say, class, shown)).retry_at(retry_at(fetch, class, response, now));
    failure.link.clone_from(&rule.link);
    Verdict::Refused(failure)
}

/// When another try is worth it, as the server says, or else as the budget does.
fn retry_at(fetch: &Fetch, class: Class, response: &Response, now: Timestamp) -> Option<Timestamp> {
    if !matches!(class, Class::Quota | Class::Retry) {
        return None;
    }
    let budget = fetch.quota.as_ref();
    let told = || {
        let seconds: i64 = response.header(budget?.resets.as_deref()?)?.trim().parse().ok()?;
        now.checked_add(jiff::SignedDuration::from_secs(seconds)).ok()
    };
    let usual = || budget.filter(|_| class == Class::Quota).map(|budget| quota::returns(budget.per, now));
    response.retry_after(now).or_else(told).or_else(usual)
}

fn fits(rule: &ErrorRule, response: &Response, json: Option<&Json>) -> bool {
    if rule.status.is_some_and(|status| status != response.status) {
        return false;
    }
    match (&rule.at, &rule.contains) {
        (Some(at), contains) => json.is_some_and(|json| is_there(json, at, contains.as_deref())),
        (None, Some(contains)) => holds(&String::from_utf8_lossy(&response.body), contains),
        (None, None) => true,
    }
}

fn is_there(json: &Json, at: &str, contains: Option<&str>) -> bool {
    let found = pointer::find(json, at).unwrap_or_default();
    let text = |value: &Json| pointer::text(value).unwrap_or_else(|| value.to_string());
    found.into_iter().any(|value| !value.is_null() && contains.is_none_or(|contains| holds(&text(value), contains)))
}

fn holds(text: &str, part: &str) -> bool {
    text.to_lowercase().contains(&part.to_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    const FETCH: &str = r#"
        transport = "http"
        quota = { calls = 4, per = "day", resets = "x-resets" }
        [[errors]]
        at = "/errors/*"
        class = "partial"
        say = { en = "a bank is missing" }
        [[errors]]
        status = 401
        at = "/type"
        contains = "Expired"
        class = "user"
        link = "https://example.org/again"
        [[errors]]
        at = "/code"
        contains = "no_data"
        class = "empty"
    "#;

    fn verdict(status: u16, body: &str, headers: &[(&str, &str)]) -> Verdict {
        let fetch: Fetch = toml::from_str(FETCH).expect("a [fetch]");
        let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let url = url::Url::parse("https://api.example.org/rows").expect("a URL");
        let response = Response { status, headers, body: body.into(), url, n_wire: 0 };
        let json = serde_json::from_str(body).ok();
        judge(
            &fetch,
            &response,
            json.as_ref(),
            "https://api.example.org/rows",
            "2026-03-31T22:00:00Z".parse().expect("now"),
        )
    }

    fn refusal(status: u16, body: &str, headers: &[(&str, &str)]) -> Failure {
        match verdict(status, body, headers) {
            Verdict::Refused(failure) => failure,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn the_rules_of_the_service_come_before_the_status() {
        let failure = refusal(401, r#"{"type":"AccessExpired"}"#, &[]);
        assert_eq!((failure.class, failure.link.as_deref()), (Class::User, Some("https://example.org/again")));
        assert!(matches!(verdict(401, "{}", &[]), Verdict::Unproven));
        assert!(matches!(verdict(404, r#"{"code":"no_data_found"}"#, &[]), Verdict::Empty));
        assert!(matches!(verdict(200, r#"{"errors":["x"]}"#, &[]), Verdict::Good { partial } if partial.len() == 1));
        assert!(matches!(verdict(200, r#"{"errors":[]}"#, &[]), Verdict::Good { partial } if partial.is_empty()));
    }

    #[test]
    fn a_budget_returns_when_the_server_says_or_at_its_next_period() {
        let at = |failure: Failure| failure.retry_at.map(|at| at.to_string()).unwrap_or_default();
        assert_eq!(at(refusal(429, "", &[("retry-after", "60")])), "2026-03-31T22:01:00Z");
        assert_eq!(at(refusal(429, "", &[("x-resets", "120")])), "2026-03-31T22:02:00Z");
        assert_eq!(at(refusal(429, "", &[])), "2026-04-01T00:00:00Z");
        assert_eq!(refusal(503, "", &[]).retry_at, None);
        assert_eq!(refusal(503, "", &[]).class, Class::Retry);
        assert_eq!(refusal(404, "", &[]).class, Class::Changed);
    }
}
