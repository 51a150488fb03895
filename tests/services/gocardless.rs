//! Tokens that are bought and revoked, a consent that ends, four calls a day for each account.

use moisson::fetch::Fetched;
use moisson::model::run::Class;
use serde_json::{Value, json};

use crate::bench::{Bench, asked, names, shows_none_of, text};
use crate::simulator::{Answer, Seen, Simulator};

/// What the server does besides answering.
#[derive(Clone, Copy, Default)]
struct Mood {
    /// The first token is revoked after so many calls.
    revoked_after: Option<usize>,
    /// No token is ever taken.
    takes_none: bool,
    /// The second account's consent has ended.
    second_is_expired: bool,
    /// The second account is asked for too often.
    second_is_limited: bool,
}

fn server(mood: Mood) -> Simulator {
    let (mut n_tokens, mut n_calls) = (0, 0);
    Simulator::start(move |seen| {
        if seen.path == "/token/new/" {
            n_tokens += 1;
            assert_eq!(seen.json(), json!({"secret_id": "id-1", "secret_key": "canary-k3y"}));
            let body = json!({"access": format!("tok{n_tokens}"), "access_expires": 86_400, "refresh": "r", "refresh_expires": 2_592_000});
            return Answer::json(200, &body);
        }
        n_calls += 1;
        let is_revoked = mood.revoked_after.is_some_and(|after| n_calls > after) && n_tokens == 1;
        if mood.takes_none || is_revoked || seen.header("authorization") != format!("Bearer tok{n_tokens}") {
            return Answer::json(
                401,
                &json!({"summary": "Invalid token", "detail": "Token is invalid or expired", "status_code": 401}),
            );
        }
        answer(seen, mood)
    })
}

fn answer(seen: &Seen, mood: Mood) -> Answer {
    match seen.path.as_str() {
        "/requisitions/req-1/" => Answer::json(
            200,
            &json!({"id": "req-1", "status": "LN", "agreement": "agr-1", "accounts": ["acc-1", "acc-2"]}),
        ),
        "/agreements/enduser/agr-1/" => {
            Answer::json(200, &json!({"id": "agr-1", "accepted": "2026-02-01T08:00:00Z", "access_valid_for_days": 90}))
        }
        path if path.starts_with("/accounts/acc-2/") && mood.second_is_expired => Answer::json(
            401,
            &json!({
                "summary": "End User Agreement (EUA) agr-1 has expired", "detail": "EUA was valid for 90 days", "type": "AccessExpiredError", "status_code": 401
            }),
        ),
        path if path.starts_with("/accounts/acc-2/") && mood.second_is_limited => {
            let body = json!({"summary": "Rate limit exceeded", "detail": "Please try again in 7200 seconds", "status_code": 429});
            Answer::json(429, &body).header("http_x_ratelimit_account_success_reset", "7200")
        }
        path if path.ends_with("/transactions/") => {
            Answer::json(200, &transactions(seen)).header("http_x_ratelimit_account_success_remaining", "3")
        }
        path if path.ends_with("/balances/") => Answer::json(
            200,
            &json!({"balances": [{
                "balanceAmount": {"amount": if path.contains("acc-1") { "657.49" } else { "12.00" }, "currency": "EUR"}, "balanceType": "interimAvailable", "referenceDate": "2026-03-31"
            }]}),
        ),
        _ => Answer::json(404, &json!({"summary": "Not found.", "status_code": 404})),
    }
}

fn transactions(seen: &Seen) -> Value {
    json!({"transactions": {
        "booked": [{
            "transactionId": format!("T1 of {}", seen.path), "bookingDate": seen.query("date_to"), "valueDate": seen.query("date_to"),
            "transactionAmount": {"amount": "-45.00", "currency": "EUR"}, "remittanceInformationUnstructured": "EPICERIE DU COIN"
        }],
        "pending": [{"transactionAmount": {"amount": "-9.90", "currency": "EUR"}, "remittanceInformationUnstructured": "CINEMA"}]
    }})
}

/// All that the banks have.
pub fn documents() -> Vec<Fetched> {
    bench(&server(Mood::default())).harvest().documents
}

fn bench(simulator: &Simulator) -> Bench {
    Bench::new("bank/gocardless", &simulator.base())
        .field("requisition", "req-1")
        .secret("secret_id", "id-1")
        .secret("secret_key", "canary-k3y")
}

#[test]
fn the_accounts_of_a_requisition_come_with_their_names_in_the_documents() {
    let simulator = server(Mood::default());
    let mut bench = bench(&simulator);
    let harvest = bench.harvest();
    assert_eq!(
        asked(&simulator),
        [
            "POST /token/new/",
            "GET /requisitions/req-1/",
            "GET /agreements/enduser/agr-1/",
            "GET /accounts/acc-1/transactions/",
            "GET /accounts/acc-2/transactions/",
            "GET /accounts/acc-1/balances/",
            "GET /accounts/acc-2/balances/",
        ]
    );
    assert_eq!(
        names(&harvest),
        [
            "gocardless-acc-1-2025-12-31-2026-03-31.json",
            "gocardless-acc-2-2025-12-31-2026-03-31.json",
            "gocardless-acc-1-2026-03-31-2026-03-31.json",
            "gocardless-acc-2-2026-03-31-2026-03-31.json",
        ]
    );
    assert!(text(&harvest, names(&harvest)[0]).starts_with(r#"{"transactions":{"booked":["#));
    assert!(
        harvest.documents[0].origin.ends_with("/accounts/acc-1/transactions/?date_from=2025-12-31&date_to=2026-03-31")
    );
    assert_eq!(harvest.documents[0].connectors, ["bank/gocardless"]);
    assert_eq!(harvest.quota_left, Some(3));
    assert_eq!(bench.state.consent_until, Some("2026-05-02T08:00:00Z".parse().expect("an instant")));
    shows_none_of(&["canary-k3y", "tok1"], &harvest, &bench.state);
}

#[test]
fn the_next_day_asks_for_the_last_days_and_a_hole_is_refilled() {
    let simulator = server(Mood::default());
    let mut bench = bench(&simulator);
    bench.harvest();
    let covered = bench.state.covered.get_mut("transactions/acc-1").expect("days");
    let whole = covered[0];
    let (left, right) = ("2026-01-09".parse().expect("a day"), "2026-01-15".parse().expect("a day"));
    *covered = vec![moisson::fetch::Days { to: left, ..whole }, moisson::fetch::Days { from: right, ..whole }];
    bench.at("2026-04-01T10:00:00Z");
    let harvest = bench.harvest();
    assert_eq!(
        names(&harvest)[..3],
        [
            "gocardless-acc-1-2026-01-10-2026-01-14.json",
            "gocardless-acc-1-2026-03-23-2026-04-01.json",
            "gocardless-acc-2-2026-03-23-2026-04-01.json",
        ]
    );
    assert_eq!(bench.state.covered["transactions/acc-1"].len(), 1);
}

#[test]
fn a_token_revoked_in_mid_run_is_bought_anew_and_the_run_goes_on() {
    let simulator = server(Mood { revoked_after: Some(3), ..Mood::default() });
    let harvest = bench(&simulator).harvest();
    assert_eq!((harvest.documents.len(), harvest.failed.len()), (4, 0));
    let asked = asked(&simulator);
    assert_eq!(asked.iter().filter(|asked| *asked == "POST /token/new/").count(), 2);
    assert_eq!(
        asked[4..7],
        ["GET /accounts/acc-2/transactions/", "POST /token/new/", "GET /accounts/acc-2/transactions/"]
    );
}

#[test]
fn secrets_that_are_refused_twice_are_for_a_person_and_not_tried_again() {
    let simulator = server(Mood { takes_none: true, ..Mood::default() });
    let failure = bench(&simulator).run().expect_err("refused");
    assert_eq!(failure.class, Class::User);
    assert_eq!(asked(&simulator).len(), 4);
}

#[test]
fn an_account_whose_consent_has_ended_leaves_the_other() {
    let simulator = server(Mood { second_is_expired: true, ..Mood::default() });
    let harvest = bench(&simulator).harvest();
    assert_eq!(
        names(&harvest),
        ["gocardless-acc-1-2025-12-31-2026-03-31.json", "gocardless-acc-1-2026-03-31-2026-03-31.json"]
    );
    let failed: Vec<_> = harvest.failed.iter().map(|part| (part.name.as_str(), part.outcome)).collect();
    assert_eq!(failed, [("acc-2", Class::User), ("acc-2", Class::User)]);
    assert_eq!(
        asked(&simulator).iter().filter(|asked| asked.contains("token")).count(),
        1,
        "a new token would not help"
    );
}

#[test]
fn an_account_asked_too_often_waits_and_leaves_the_other() {
    let simulator = server(Mood { second_is_limited: true, ..Mood::default() });
    let mut bench = bench(&simulator);
    let harvest = bench.harvest();
    assert_eq!(harvest.documents.len(), 2);
    assert!(harvest.failed.iter().all(|part| part.outcome == Class::Quota && part.name == "acc-2"));
    assert!(!bench.state.covered.contains_key("transactions/acc-2"));
}

#[test]
fn the_fifth_call_of_a_day_is_not_made() {
    let simulator = server(Mood::default());
    let mut bench = bench(&simulator);
    for _ in 0..4 {
        bench.harvest();
    }
    simulator.take_seen();
    let failure = bench.run().expect_err("the budget is used up");
    assert_eq!(
        (failure.class, failure.retry_at),
        (Class::Quota, Some("2026-04-01T00:00:00Z".parse().expect("an instant")))
    );
    assert!(asked(&simulator).iter().all(|asked| !asked.contains("/accounts/")));
    bench.at("2026-04-01T00:00:00Z");
    assert_eq!(bench.harvest().documents.len(), 4);
}
