//! What every service may do, shown by services that are made up: each proof of who we are, pages
//! that stop half-way, budgets that run out, networks that answer with a page of their own.

use moisson::fetch::Validator;
use moisson::model::run::Class;
use serde_json::json;

use crate::bench::{Bench, asked, names, text};
use crate::simulator::{Answer, Simulator};

const ROWS: &str = r#"
    [[fetch.steps]]
    name = "rows"
    path = "/rows"
    document = "rows.json"
    rows = "/rows"
"#;

/// Always the same row.
fn rows() -> Answer {
    Answer::json(200, &json!({"rows": [1]}))
}

#[test]
fn a_page_for_people_is_tried_again_and_other_surprises_are_told_with_their_place() {
    let class = |answer: Answer| {
        let simulator = Simulator::start(move |_| answer.clone());
        let failure = Bench::made_up(ROWS, &simulator.base()).run().expect_err("no rows");
        (failure.class, failure.message.en.replace(&simulator.base(), ""))
    };
    let (portal, said) = class(Answer::text(200, "text/html", "<!DOCTYPE html><form>Wi-Fi</form>"));
    assert_eq!((portal, said.contains("captive portal")), (Class::Retry, true), "{said}");
    let (cut, said) = class(Answer::text(200, "application/json", "{\"rows\": [\n1,"));
    assert_eq!((cut, said.as_str()), (Class::Changed, "/rows: the answer is no JSON, from line 2, column 2 on"));
    let (other, said) = class(Answer::json(200, &json!({"lines": [], "total": 0})));
    assert_eq!((other, said.as_str()), (Class::Changed, "/rows: /rows is not in the answer; there is lines, total"));
    assert_eq!(class(Answer::json(503, &json!({}))).0, Class::Retry);
    assert_eq!(class(Answer::json(403, &json!({}))).0, Class::User);
    assert_eq!(class(Answer::json(410, &json!({}))).0, Class::Changed);
}

#[test]
fn a_digest_is_answered_and_counts_its_requests() {
    let simulator = Simulator::start(|seen| match seen.header("authorization") {
        "" => Answer::text(401, "text/plain", "")
            .header("www-authenticate", r#"Digest realm="box", nonce="n1", qop="auth", algorithm=MD5"#),
        proof if proof.contains(r#"username="me""#) && proof.contains("nc=0000000") && proof.contains("response=") => {
            rows()
        }
        _ => Answer::text(403, "text/plain", ""),
    });
    let needs = "[fetch.needs.password]\nkind = \"secret\"\nlabel = {}\n[fetch.auth]\nkind = \"digest\"\nuser = \"me\"\npassword = \"{password}\"";
    let fetch = format!(
        "{needs}\n{}{}",
        ROWS,
        ROWS.replace("rows\"\n    path", "more\"\n    path").replace("rows.json", "more.json")
    );
    let harvest = Bench::made_up(&fetch, &simulator.base()).secret("password", "canary").harvest();
    assert_eq!(names(&harvest), ["rows.json", "more.json"]);
    let seen = simulator.take_seen();
    assert_eq!(seen.len(), 3, "asked once, answered twice");
    assert!(
        seen[1].header("authorization").contains("nc=00000001")
            && seen[2].header("authorization").contains("nc=00000002")
    );
    assert!(!format!("{seen:?}").contains("canary"));
}

#[test]
fn a_request_is_signed_with_the_servers_time() {
    let simulator = Simulator::start(|seen| match seen.path.as_str() {
        "/time" => Answer::text(200, "text/plain", "1774952000\n"),
        _ if seen.header("x-time").parse::<i64>().is_ok_and(|time| (0..60).contains(&(time - 1_774_952_000))) => rows(),
        _ => Answer::text(403, "text/plain", ""),
    });
    let auth = r#"
        [fetch.needs.key]
        kind = "secret"
        label = {}
        [fetch.auth]
        kind = "signed"
        hash = "sha1"
        message = "{key}+{method}+{url}+{body}+{timestamp}"
        headers = { X-Time = "{timestamp}", X-Signature = "$1${signature}" }
        time_path = "/time"
    "#;
    let harvest = Bench::made_up(&format!("{auth}{ROWS}"), &simulator.base()).secret("key", "k3y").harvest();
    assert_eq!(harvest.documents.len(), 1);
    let seen = simulator.take_seen();
    let message = format!("k3y+GET+{}/rows++{}", simulator.base(), seen[1].header("x-time"));
    let hash = ring::digest::digest(&ring::digest::SHA1_FOR_LEGACY_USE_ONLY, message.as_bytes());
    let hex = hash.as_ref().iter().fold(String::new(), |text, byte| format!("{text}{byte:02x}"));
    assert_eq!(seen[1].header("x-signature"), format!("$1${hex}"));
}

#[test]
fn a_secret_in_the_address_stays_out_of_what_people_see() {
    let simulator =
        Simulator::start(
            |seen| if seen.query("apikey") == "canary/k3y" { rows() } else { Answer::json(500, &json!({})) },
        );
    let auth = "[fetch.needs.key]\nkind = \"secret\"\nlabel = {}\n[fetch.auth]\nkind = \"query\"\nname = \"apikey\"\nvalue = \"{key}\"";
    let mut bench = Bench::made_up(&format!("{auth}\n{ROWS}"), &simulator.base()).secret("key", "canary/k3y");
    let harvest = bench.harvest();
    assert_eq!(harvest.documents[0].origin, format!("{}/rows", simulator.base()));
    let failure = bench.secret("key", "canary/other").run().expect_err("refused");
    assert!(!format!("{failure:?}").contains("canary"), "{failure:?}");
}

#[test]
fn what_has_not_changed_is_not_sent_again() {
    let simulator = Simulator::start(|seen| match seen.header("if-none-match") {
        "\"v1\"" => Answer::text(304, "application/json", ""),
        _ => rows().header("etag", "\"v1\""),
    });
    let mut bench = Bench::made_up(&format!("{ROWS}    conditional = true"), &simulator.base());
    assert_eq!(bench.harvest().documents.len(), 1);
    let kept: Vec<&Validator> = bench.state.validators.values().collect();
    assert_eq!(kept, [&Validator { etag: Some("\"v1\"".to_owned()), last_modified: None }]);
    let again = bench.harvest();
    assert_eq!((again.documents.len(), again.failed.len(), again.n_requests), (0, 0, 1));
}

#[test]
fn pages_that_stop_half_way_leave_nothing_of_their_step() {
    let simulator = Simulator::start(|seen| match seen.query("page") {
        "1" => Answer::json(200, &json!({"rows": [1], "pages": 3})),
        "2" => Answer::json(200, &json!({"rows": [2], "pages": 3})),
        _ => Answer::json(502, &json!({})),
    });
    let paged = format!(
        "{ROWS}    query = {{ page = \"{{page}}\" }}\n    pages = {{ kind = \"page\", last = \"/pages\", rows = \"/rows\" }}"
    );
    let other = ROWS
        .replace("rows\"\n    path = \"/rows\"", "other\"\n    path = \"/other?page=1\"")
        .replace("rows.json", "other.json");
    let harvest = Bench::made_up(
        &format!("{paged}\n{}", other.replace("/other?page=1", "/other\"\n    query.page = \"1")),
        &simulator.base(),
    )
    .harvest();
    assert_eq!(names(&harvest), ["other.json"]);
    assert_eq!((harvest.failed[0].name.as_str(), harvest.failed[0].outcome), ("rows", Class::Retry));
}

#[test]
fn pages_that_go_in_a_circle_end() {
    let simulator = Simulator::start(|_| Answer::json(200, &json!({"rows": [1], "next": "same"})));
    let paged =
        format!("{ROWS}    query = {{ c = \"{{cursor}}\" }}\n    pages = {{ kind = \"cursor\", at = \"/next\" }}");
    let failure = Bench::made_up(&paged, &simulator.base()).run().expect_err("a circle");
    assert_eq!(failure.class, Class::Changed);
    assert_eq!(simulator.take_seen().len(), 2);
}

#[test]
fn a_budget_that_runs_out_leaves_the_newest_and_the_rest_comes_the_next_day() {
    let simulator = Simulator::start(|_| rows());
    let windows = r#"
        history = "P9D"
        quota = { calls = 2, per = "day" }
        [[fetch.steps]]
        name = "days"
        path = "/days"
        query = { from = "{from}", to = "{to}" }
        windows = { days = 3 }
        document = "days-{from}-{to}.json"
    "#;
    let mut bench = Bench::made_up(windows, &simulator.base());
    let first = bench.harvest();
    assert_eq!(names(&first), ["days-2026-03-26-2026-03-28.json", "days-2026-03-29-2026-03-31.json"]);
    assert_eq!((first.failed[0].outcome, first.quota_left), (Class::Quota, Some(0)));
    let none = bench.run().expect_err("nothing comes any more");
    assert_eq!(
        (none.class, none.retry_at.map(|at| at.to_string())),
        (Class::Quota, Some("2026-04-01T00:00:00Z".to_owned()))
    );
    simulator.take_seen();
    bench.at("2026-04-01T10:00:00Z");
    assert_eq!(names(&bench.harvest()), ["days-2026-03-23-2026-03-25.json", "days-2026-03-31-2026-04-01.json"]);
}

#[test]
fn steps_run_over_what_earlier_ones_told_and_over_that_again() {
    let simulator = Simulator::start(|seen| match seen.path.as_str() {
        "/homes" => Answer::json(200, &json!({"homes": [{"id": "h 1"}, {"id": "h2"}]})),
        path if path.ends_with("/meters") => Answer::json(200, &json!({"meters": [format!("m{}", path.len())]})),
        _ => rows(),
    });
    let steps = r#"
        [[fetch.steps]]
        name = "homes"
        path = "/homes"
        [[fetch.steps]]
        name = "meters"
        for_each = { of = "homes", at = "/homes/*/id", name = "home" }
        path = "/homes/{home}/meters"
        [[fetch.steps]]
        name = "values"
        for_each = { of = "meters", at = "/meters/*", name = "meter" }
        is_account = true
        path = "/homes/{home}/meters/{meter}"
        document = "{home}-{meter}.json"
    "#;
    let harvest = Bench::made_up(steps, &simulator.base()).harvest();
    assert_eq!(names(&harvest), ["h_1-m19.json", "h2-m16.json"]);
    assert_eq!(
        asked(&simulator)[1..],
        ["GET /homes/h%201/meters", "GET /homes/h2/meters", "GET /homes/h%201/meters/m19", "GET /homes/h2/meters/m16",]
    );
    assert_eq!(text(&harvest, "h2-m16.json"), r#"{"rows":[1]}"#);
}

#[test]
fn a_link_to_a_host_that_was_not_declared_is_not_followed() {
    let stranger = Simulator::start(|_| rows());
    // The same machine by another name.
    let next = stranger.base().replace("127.0.0.1", "localhost");
    let simulator = Simulator::start(move |_| Answer::json(200, &json!({"rows": [1], "next": next})));
    let paged = format!("{ROWS}    pages = {{ kind = \"link\", at = \"/next\" }}");
    let failure = Bench::made_up(&paged, &simulator.base()).run().expect_err("another host");
    assert_eq!(failure.class, Class::Config);
    assert!(stranger.take_seen().is_empty());
}

#[test]
fn what_the_source_lacks_is_told_with_the_way_to_give_it() {
    let needs = "[fetch.needs.meter]\nkind = \"text\"\nlabel = {}\n[fetch.needs.token]\nkind = \"secret\"\nlabel = {}\n[fetch.auth]\nkind = \"bearer\"\ntoken = \"{token}\"";
    let failure = Bench::made_up(&format!("{needs}\n{ROWS}"), "http://127.0.0.1:9").run().expect_err("no meter");
    assert_eq!((failure.class, failure.message.en.contains("does not say its meter")), (Class::Config, true));
    let failure = Bench::made_up(&format!("{needs}\n{ROWS}"), "http://127.0.0.1:9")
        .field("meter", "m")
        .run()
        .expect_err("no token");
    assert_eq!(failure.class, Class::Config);
    assert!(failure.message.en.contains("moisson secret set mine/token"), "{}", failure.message.en);
}

#[test]
fn days_of_which_a_part_is_missing_are_asked_for_again() {
    let windows = r#"
        history = "P9D"
        [[fetch.errors]]
        at = "/errors/*"
        class = "partial"
        [[fetch.steps]]
        name = "banks"
        path = "/banks"
        [[fetch.steps]]
        name = "days"
        path = "/days"
        query = { from = "{from}", to = "{to}" }
        windows = { days = 30 }
        document = "days-{from}-{to}.json"
    "#;
    for broken in ["/banks", "/days", ""] {
        let simulator = Simulator::start(move |seen| {
            let errors = if seen.path == broken { json!(["a bank does not answer"]) } else { json!([]) };
            Answer::json(200, &json!({"errors": errors}))
        });
        let mut bench = Bench::made_up(windows, &simulator.base());
        let first = bench.harvest();
        assert_eq!((first.documents.len(), first.failed.len()), (1, usize::from(!broken.is_empty())));
        let days =
            if broken.is_empty() { "days-2026-03-31-2026-03-31.json" } else { "days-2026-03-22-2026-03-31.json" };
        assert_eq!(names(&bench.harvest()), [days], "{broken}");
    }
}

#[test]
fn days_without_a_row_are_asked_for_again_for_five_weeks() {
    let simulator = Simulator::start(|_| Answer::json(200, &json!({"rows": []})));
    let windows = r#"
        history = "P60D"
        [[fetch.steps]]
        name = "days"
        path = "/days"
        query = { from = "{from}", to = "{to}" }
        windows = {}
        document = "days-{from}-{to}.json"
        rows = "/rows"
    "#;
    let mut bench = Bench::made_up(windows, &simulator.base());
    for from in ["2026-01-30", "2026-02-24"] {
        assert!(bench.harvest().documents.is_empty());
        assert_eq!(simulator.take_seen()[0].query("from"), from);
    }
}

#[test]
fn a_page_in_place_of_any_document_is_tried_again() {
    for name in ["rows.xml", "rows.ndjson", "rows.csv"] {
        let simulator = Simulator::start(|_| Answer::text(200, "text/html; charset=utf-8", "<html>Maintenance</html>"));
        let step = format!("[[fetch.steps]]\nname = \"rows\"\npath = \"/rows\"\ndocument = \"{name}\"");
        assert_eq!(Bench::made_up(&step, &simulator.base()).run().expect_err("a page").class, Class::Retry, "{name}");
    }
    let simulator = Simulator::start(|_| Answer::text(200, "text/html", "<html>Bill</html>"));
    let step = "[[fetch.steps]]\nname = \"rows\"\npath = \"/rows\"\ndocument = \"rows.html\"";
    assert_eq!(Bench::made_up(step, &simulator.base()).harvest().documents.len(), 1, "a page that is asked for");
}
