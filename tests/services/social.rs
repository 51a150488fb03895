//! One's own posts from a Mastodon server, and what anybody can read of an actor of the fediverse.

use moisson::model::run::Class;
use serde_json::{Value, json};

use crate::bench::{Bench, asked, names, shows_none_of, text};
use crate::simulator::{Answer, Seen, Simulator};

fn status(id: u64) -> Value {
    json!({"id": id.to_string(), "created_at": "2026-03-30T08:00:00.000Z", "visibility": "public", "content": "<p>x</p>",
        "uri": format!("https://social.example.org/users/me/statuses/{id}"), "in_reply_to_id": null, "reblog": null})
}

/// Statuses 1 to `last`, three an answer here: those right above `min_id`, the newest first.
fn mastodon(last: impl Fn() -> u64 + Send + 'static) -> Simulator {
    Simulator::start(move |seen| {
        match seen.header("authorization") {
            "Bearer canary-token" => {}
            "Bearer busy" => {
                return Answer::json(429, &json!({"error": "Too many requests"})).header("retry-after", "300");
            }
            _ => return Answer::json(401, &json!({"error": "The access token is invalid"})),
        }
        match seen.path.as_str() {
            "/api/v1/accounts/verify_credentials" => Answer::json(200, &json!({"id": "7", "acct": "me"})),
            "/api/v1/accounts/7/statuses" => {
                let above: u64 = seen.query("min_id").parse().expect("min_id");
                let page: Vec<Value> = (above + 1..=last().min(above + 3)).rev().map(status).collect();
                Answer::json(200, &json!(page))
            }
            "/api/v1/accounts/7/following" => following(seen),
            "/api/v1/accounts/7/followers" => Answer::json(200, &json!([])),
            _ => Answer::json(404, &json!({"error": "Record not found"})),
        }
    })
}

/// RFC 8288: the next page is in the header.
fn following(seen: &Seen) -> Answer {
    let account = |id: &str| json!({"id": id, "acct": format!("{id}@social.example.org"), "url": "https://social.example.org/@a"});
    if seen.query("max_id") == "50" {
        return Answer::json(200, &json!([account("b")]));
    }
    let path = format!("http://{}/api/v1/accounts/7/following", seen.header("host"));
    let link = format!("<{path}?limit=80&max_id=50>; rel=\"next\", <{path}?since_id=9>; rel=\"prev\"");
    Answer::json(200, &json!([account("a")])).header("link", &link)
}

fn mastodon_bench(simulator: &Simulator, token: &str) -> Bench {
    let base = simulator.base();
    Bench::new("social/mastodon", &base).field("server", &base).secret("token", token)
}

#[test]
fn posts_come_upwards_from_the_last_one_and_accounts_page_by_page() {
    let last = std::sync::Arc::new(std::sync::atomic::AtomicU64::new(5));
    let told = last.clone();
    let simulator = mastodon(move || told.load(std::sync::atomic::Ordering::Relaxed));
    let mut bench = mastodon_bench(&simulator, "canary-token");
    let harvest = bench.harvest();
    assert_eq!(names(&harvest), ["mastodon-statuses-2026-03-31.json", "mastodon-following-2026-03-31.json"]);
    let statuses: Value = serde_json::from_str(&text(&harvest, "mastodon-statuses-2026-03-31.json")).expect("JSON");
    assert_eq!((statuses[0][0]["id"].as_str(), statuses[1][0]["id"].as_str()), (Some("3"), Some("5")));
    assert!(text(&harvest, "mastodon-following-2026-03-31.json").contains("b@social.example.org"));
    shows_none_of(&["canary-token"], &harvest, &bench.state);
    simulator.take_seen();

    last.store(6, std::sync::atomic::Ordering::Relaxed);
    let harvest = bench.harvest();
    assert!(text(&harvest, "mastodon-statuses-2026-03-31.json").contains("\"6\""));
    let asked: Vec<_> = simulator.take_seen().into_iter().filter(|seen| seen.path.ends_with("statuses")).collect();
    assert_eq!(asked[0].query("min_id"), "5");
}

#[test]
fn a_revoked_token_and_a_busy_server_are_told_apart() {
    let simulator = mastodon(|| 0);
    assert_eq!(mastodon_bench(&simulator, "revoked").run().expect_err("refused").class, Class::User);
    let failure = mastodon_bench(&simulator, "busy").run().expect_err("limited");
    assert_eq!(failure.class, Class::Quota);
    assert_eq!(failure.retry_at, Some("2026-03-31T10:05:00Z".parse().expect("an instant")));
}

/// An account of a server, its actor, its outbox and the pages of that.
fn fediverse() -> Simulator {
    Simulator::start(|seen| {
        let base = format!("http://{}", seen.header("host"));
        let note = |id: u32| {
            json!({"id": format!("{base}/notes/{id}/activity"), "type": "Create",
            "published": "2026-03-30T08:00:00Z", "object": {"id": format!("{base}/notes/{id}"), "type": "Note", "content": "<p>x</p>"}})
        };
        if seen.path != "/.well-known/webfinger" && seen.header("accept") != "application/activity+json" {
            return Answer::text(200, "text/html", "<!DOCTYPE html><title>me</title>");
        }
        match (seen.path.as_str(), seen.query("page")) {
            ("/.well-known/webfinger", _) if seen.query("resource") == "acct:me@social.example.org" => Answer::json(
                200,
                &json!({"subject": "acct:me@social.example.org", "links": [
                    {"rel": "http://webfinger.net/rel/profile-page", "type": "text/html", "href": format!("{base}/@me")},
                    {"rel": "self", "type": "application/activity+json", "href": format!("{base}/users/me")}
                ]}),
            ),
            ("/users/me", _) => Answer::json(
                200,
                &json!({"id": format!("{base}/users/me"), "type": "Person", "outbox": format!("{base}/users/me/outbox")}),
            ),
            ("/users/me/outbox", "") => Answer::json(
                200,
                &json!({"type": "OrderedCollection", "totalItems": 3, "first": format!("{base}/users/me/outbox?page=1")}),
            ),
            ("/users/me/outbox", "1") => Answer::json(
                200,
                &json!({"type": "OrderedCollectionPage", "next": format!("{base}/users/me/outbox?page=2"), "orderedItems": [note(3), note(2)]}),
            ),
            ("/users/me/outbox", "2") => {
                Answer::json(200, &json!({"type": "OrderedCollectionPage", "orderedItems": [note(1)]}))
            }
            _ => Answer::json(404, &json!({"error": "Not Found"})),
        }
    })
}

fn actor(simulator: &Simulator, account: &str) -> Bench {
    Bench::new("social/activitypub", &simulator.base()).field("host", "social.example.org").field("account", account)
}

#[test]
fn an_outbox_is_found_by_the_name_of_its_account() {
    let simulator = fediverse();
    let harvest = actor(&simulator, "me").harvest();
    assert_eq!(names(&harvest), ["activitypub-me-2026-03-31.json"]);
    let pages: Value = serde_json::from_slice(&harvest.documents[0].bytes).expect("JSON");
    assert_eq!(
        (pages[0]["orderedItems"].as_array().map(Vec::len), pages[1]["orderedItems"].as_array().map(Vec::len)),
        (Some(2), Some(1))
    );
    let paths = asked(&simulator);
    assert_eq!(paths[..3], ["GET /.well-known/webfinger", "GET /users/me", "GET /users/me/outbox"]);
}

#[test]
fn an_account_that_is_not_there_is_a_matter_of_settings() {
    assert_eq!(actor(&fediverse(), "nobody").run().expect_err("unknown").class, Class::Config);
}
