//! All accounts in one list, its pages by links; banks that need their owner.

use moisson::fetch::Fetched;
use moisson::model::run::Class;
use serde_json::json;

use crate::bench::{Bench, names, shows_none_of, text};
use crate::simulator::{Answer, Simulator};

fn server(fails_at: &'static str) -> Simulator {
    Simulator::start(move |seen| {
        if seen.header("authorization") != "Bearer canary-t0ken" {
            return Answer::json(401, &json!({"code": "unauthorized"}));
        }
        let (from, offset) = (seen.query("min_date"), seen.query("offset"));
        match seen.path.as_str() {
            "/users/me/connections" => Answer::json(
                200,
                &json!({"connections": [
                    {"id": 1, "state": null, "expire": null}, {"id": 2, "state": "SCARequired", "expire": "2026-04-12 00:00:00"}
                ]}),
            ),
            "/users/me/accounts" => Answer::json(
                200,
                &json!({"accounts": [{"id": 7, "id_connection": 1, "original_name": "Compte", "balance": 12.5}], "total": 1}),
            ),
            "/users/me/transactions" if from == fails_at => {
                Answer::text(503, "text/html", "<!DOCTYPE html><h1>Maintenance</h1>")
            }
            "/users/me/transactions" if offset.is_empty() => {
                let query: Vec<String> = seen.query.iter().map(|(name, value)| format!("{name}={value}")).collect();
                let next =
                    format!("http://{}/users/me/transactions?{}&offset=500", seen.header("host"), query.join("&"));
                Answer::json(
                    200,
                    &json!({"transactions": [{"id": from.replace('-', "").parse::<u32>().expect("a day"), "id_account": 7, "date": from, "value": -4.2, "original_wording": "PAIN", "coming": false, "deleted": null}], "_links": {"next": {"href": next}}}),
                )
            }
            "/users/me/transactions" => Answer::json(200, &json!({"transactions": [], "_links": {"next": null}})),
            _ => Answer::json(404, &json!({"code": "notFound"})),
        }
    })
}

/// All that the banks have.
pub fn documents() -> Vec<Fetched> {
    bench(&server("never")).harvest().documents
}

fn bench(simulator: &Simulator) -> Bench {
    Bench::new("bank/powens", &simulator.base()).field("domain", "house").secret("token", "canary-t0ken")
}

#[test]
fn links_are_followed_until_there_is_none() {
    let simulator = server("never");
    let mut bench = bench(&simulator);
    let harvest = bench.harvest();
    assert_eq!(
        names(&harvest),
        [
            "powens-2026-03-31-2026-03-31.json",
            "powens-2025-03-31-2025-06-28.json",
            "powens-2025-06-29-2025-09-28.json",
            "powens-2025-09-29-2025-12-29.json",
            "powens-2025-12-30-2026-03-31.json",
        ]
    );
    let both: serde_json::Value =
        serde_json::from_str(&text(&harvest, "powens-2025-12-30-2026-03-31.json")).expect("JSON");
    assert_eq!(both[0]["transactions"][0]["original_wording"], "PAIN");
    assert_eq!(both[1]["transactions"], json!([]));
    shows_none_of(&["canary-t0ken"], &harvest, &bench.state);
    let failed: Vec<_> = harvest.failed.iter().map(|part| (part.name.as_str(), part.outcome)).collect();
    assert_eq!(failed, [("connections", Class::Partial)]);
}

#[test]
fn days_that_fail_leave_the_others_and_are_asked_for_again() {
    let simulator = server("2025-09-29");
    let mut bench = bench(&simulator);
    let harvest = bench.harvest();
    assert_eq!(harvest.documents.len(), 4);
    assert_eq!((harvest.failed[1].name.as_str(), harvest.failed[1].outcome), ("transactions", Class::Retry));
    // A connection is said to fail: what it did not give is in none of these days.
    assert_eq!(bench.state.covered.get("transactions"), None);
    simulator.take_seen();
    bench.run().expect("the rest");
    let asked: Vec<String> = simulator
        .take_seen()
        .iter()
        .map(|seen| seen.query("min_date").to_owned())
        .filter(|from| !from.is_empty())
        .collect();
    assert_eq!(
        asked,
        ["2025-12-30", "2025-12-30", "2025-09-29", "2025-06-29", "2025-06-29", "2025-03-31", "2025-03-31"]
    );
}

#[test]
fn a_token_that_is_refused_is_for_a_person() {
    let failure = bench(&server("never")).secret("token", "wr0ng").run().expect_err("refused");
    assert_eq!(failure.class, Class::User);
    assert!(!format!("{failure:?}").contains("wr0ng"));
}
