//! A cursor that is kept from run to run; data that changes while it is asked for.

use moisson::fetch::Fetched;
use moisson::model::run::Class;
use serde_json::json;

use crate::bench::{Bench, names, shows_none_of, text};
use crate::simulator::{Answer, Simulator};

/// Two pages from the start, nothing new after; the data changes `n_changes` times in between.
fn server(n_changes: usize) -> Simulator {
    let mut changes = n_changes;
    Simulator::start(move |seen| {
        let asked = seen.json();
        if asked["secret"] != "canary-s3cret"
            || asked["access_token"] != "canary-acc3ss"
            || asked["client_id"] != "client"
        {
            return Answer::json(400, &json!({"error_type": "INVALID_INPUT", "error_code": "INVALID_API_KEYS"}));
        }
        let page = |added: serde_json::Value, next: &str, more: bool| {
            Answer::json(
                200,
                &json!({"accounts": [{"account_id": "A"}], "added": added, "modified": [], "removed": [], "next_cursor": next, "has_more": more}),
            )
        };
        match (seen.path.as_str(), asked["cursor"].as_str().unwrap_or_default()) {
            ("/item/get", _) => Answer::json(200, &json!({"item": {"error": null, "consent_expiration_time": null}})),
            ("/transactions/sync", "") => page(
                json!([{"transaction_id": "t1", "account_id": "A", "amount": 12.5, "iso_currency_code": "USD", "date": "2026-03-29", "name": "DINER", "pending": false}]),
                "c1",
                true,
            ),
            ("/transactions/sync", "c1") if changes > 0 => {
                changes -= 1;
                Answer::json(
                    400,
                    &json!({"error_type": "TRANSACTIONS_ERROR", "error_code": "TRANSACTIONS_SYNC_MUTATION_DURING_PAGINATION"}),
                )
            }
            ("/transactions/sync", "c1") => page(
                json!([{"transaction_id": "t2", "account_id": "A", "amount": -3, "iso_currency_code": "USD", "date": "2026-03-30", "name": "REFUND", "pending": false}]),
                "c2",
                false,
            ),
            ("/transactions/sync", "c2") => page(json!([]), "c2", false),
            _ => Answer::json(400, &json!({"error_type": "INVALID_REQUEST", "error_code": "INVALID_FIELD"})),
        }
    })
}

/// All that the banks have.
pub fn documents() -> Vec<Fetched> {
    bench(&server(0)).harvest().documents
}

fn bench(simulator: &Simulator) -> Bench {
    Bench::new("bank/plaid", &simulator.base())
        .field("client_id", "client")
        .secret("secret", "canary-s3cret")
        .secret("access_token", "canary-acc3ss")
}

fn cursors(simulator: &Simulator) -> Vec<String> {
    let seen = simulator.take_seen();
    seen.iter()
        .filter(|seen| seen.path == "/transactions/sync")
        .map(|seen| seen.json()["cursor"].as_str().unwrap_or_default().to_owned())
        .collect()
}

#[test]
fn a_run_goes_on_where_the_last_one_ended() {
    let simulator = server(0);
    let mut bench = bench(&simulator);
    let harvest = bench.harvest();
    assert_eq!(names(&harvest), ["plaid-2026-03-31.json"]);
    assert!(text(&harvest, "plaid-2026-03-31.json").starts_with(r#"[{"accounts":"#));
    assert_eq!(cursors(&simulator), ["", "c1"]);
    assert_eq!(bench.state.cursors["transactions"], "c2");
    shows_none_of(&["canary-s3cret", "canary-acc3ss"], &harvest, &bench.state);
    let again = bench.harvest();
    assert_eq!(cursors(&simulator), ["c2"]);
    assert!(again.documents.is_empty() && again.failed.is_empty());
}

#[test]
fn data_that_changed_between_pages_is_asked_for_again_from_the_kept_cursor() {
    let simulator = server(1);
    let mut bench = bench(&simulator);
    let harvest = bench.harvest();
    assert_eq!(cursors(&simulator), ["", "c1", "", "c1"]);
    assert_eq!(text(&harvest, "plaid-2026-03-31.json").matches("\"t1\"").count(), 1);
}

#[test]
fn data_that_never_settles_leaves_the_cursor_where_it_was() {
    let simulator = server(usize::MAX);
    let mut bench = bench(&simulator);
    bench.state.cursors.insert("transactions".to_owned(), "c1".to_owned());
    let failure = bench.run().expect_err("it never settles");
    assert_eq!(failure.class, Class::Retry);
    assert_eq!(cursors(&simulator), ["c1"; 4]);
    assert_eq!(bench.state.cursors["transactions"], "c1");
}

#[test]
fn a_bank_that_wants_its_owner_and_keys_that_are_wrong_are_told_apart() {
    let simulator = Simulator::start(|_| {
        Answer::json(400, &json!({"error_type": "ITEM_ERROR", "error_code": "ITEM_LOGIN_REQUIRED"}))
    });
    assert_eq!(bench(&simulator).run().expect_err("a login").class, Class::User);
    let failure = bench(&server(0)).secret("secret", "wr0ng").run().expect_err("wrong keys");
    assert_eq!(failure.class, Class::Config);
}
