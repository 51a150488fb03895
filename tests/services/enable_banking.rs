//! Tokens signed here, sessions that end, pages with a key to go on.

use moisson::fetch::Fetched;
use moisson::model::run::Class;
use serde_json::json;

use crate::bench::{Bench, names, text};
use crate::simulator::{Answer, Seen, Simulator};

/// A key pair of its own for the application: the private half as PEM, the public one as DER.
fn keys() -> (String, Vec<u8>) {
    // Made for these tests: `openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048`.
    let private = include_str!("rsa.pem");
    let public = include_str!("rsa.pub.pem");
    (private.to_owned(), public.as_bytes().to_vec())
}

/// Whether the token is signed by the application, for this service.
fn is_signed(seen: &Seen) -> bool {
    let Some(token) = seen.header("authorization").strip_prefix("Bearer ") else { return false };
    let mut wanted = jsonwebtoken::Validation::new(jsonwebtoken::Algorithm::RS256);
    wanted.set_audience(&["api.enablebanking.com"]);
    wanted.set_issuer(&["enablebanking.com"]);
    // The clock of the test stands.
    wanted.validate_exp = false;
    let key = jsonwebtoken::DecodingKey::from_rsa_pem(&keys().1).expect("a key");
    let Ok(token) = jsonwebtoken::decode::<serde_json::Value>(token, &key, &wanted) else { return false };
    let (iat, exp) = (token.claims["iat"].as_i64(), token.claims["exp"].as_i64());
    token.header.kid.as_deref() == Some("app-1") && exp == iat.map(|iat| iat + 3600)
}

pub fn server(session: &'static str) -> Simulator {
    Simulator::start(move |seen| {
        if !is_signed(seen) {
            return Answer::json(401, &json!({"code": 401, "message": "Wrong token", "error": "UNAUTHORIZED"}));
        }
        match (seen.path.as_str(), seen.query("continuation_key")) {
            ("/sessions/ses-1", _) => Answer::json(
                200,
                &json!({
                    "status": session, "accounts": ["uid-1", "uid-2"], "access": {"valid_until": "2026-06-30T00:00:00.000000+00:00"}
                }),
            ),
            ("/accounts/uid-1/transactions", "") => {
                Answer::text(200, "application/json", r#"{"transactions": [], "continuation_key": "k1"}"#)
            }
            ("/accounts/uid-1/transactions", "k1") => Answer::text(
                200,
                "application/json",
                r#"{"transactions": [{"transaction_amount": {"currency": "EUR", "amount": "12.50"}, "credit_debit_indicator": "DBIT", "status": "BOOK", "booking_date": "2026-03-30"}], "continuation_key": null}"#,
            ),
            ("/accounts/uid-2/transactions", _) => {
                Answer::json(429, &json!({"code": 429, "message": "Too many", "error": "ASPSP_RATE_LIMIT_EXCEEDED"}))
            }
            ("/accounts/uid-1/balances", _) => Answer::json(
                200,
                &json!({"balances": [{"balance_amount": {"currency": "EUR", "amount": "10.00"}, "balance_type": "CLBD"}]}),
            ),
            ("/accounts/uid-2/balances", _) => Answer::json(400, &json!({"code": 400, "error": "ASPSP_ERROR"})),
            _ => Answer::json(404, &json!({"error": "NOT_FOUND"})),
        }
    })
}

/// All that the banks have.
pub fn documents() -> Vec<Fetched> {
    bench(&server("AUTHORIZED")).harvest().documents
}

pub fn bench(simulator: &Simulator) -> Bench {
    Bench::new("bank/enable_banking", &simulator.base())
        .field("application", "app-1")
        .field("session", "ses-1")
        .secret("private_key", &keys().0)
}

#[test]
fn pages_are_one_document_and_a_page_without_rows_may_go_on() {
    let simulator = server("AUTHORIZED");
    let mut bench = bench(&simulator);
    let harvest = bench.harvest();
    assert_eq!(
        names(&harvest),
        ["enable_banking-uid-1-2025-12-31-2026-03-31.json", "enable_banking-uid-1-2026-03-31-2026-03-31.json"]
    );
    let both = text(&harvest, names(&harvest)[0]);
    assert!(both.starts_with(r#"[{"transactions": [], "continuation_key": "k1"},{"transactions": [{"#), "{both}");
    assert_eq!(bench.state.consent_until, Some("2026-06-30T00:00:00Z".parse().expect("an instant")));
    let seen = simulator.take_seen();
    assert!(seen.iter().all(|seen| !seen.headers.contains_key("psu-ip-address")), "nobody is present");
    let asked = seen.iter().find(|seen| seen.query("continuation_key") == "k1").expect("the second page");
    assert_eq!((asked.query("date_from"), asked.query("date_to")), ("2025-12-31", "2026-03-31"));
}

#[test]
fn each_refusal_of_a_bank_has_its_own_class() {
    let harvest = bench(&server("AUTHORIZED")).harvest();
    let failed: Vec<_> = harvest.failed.iter().map(|part| (part.name.as_str(), part.outcome)).collect();
    assert_eq!(failed, [("uid-2", Class::Quota), ("uid-2", Class::Retry)]);
}

#[test]
fn a_session_that_ended_and_a_key_that_is_none_are_told_apart() {
    let failure = bench(&server("EXPIRED")).run().expect_err("the session has ended");
    assert_eq!((failure.class, failure.link.as_deref()), (Class::User, Some("https://enablebanking.com/cp/")));
    let failure = bench(&server("AUTHORIZED")).secret("private_key", "no key").run().expect_err("no key");
    assert_eq!(failure.class, Class::Config);
    assert_eq!(failure.message.en, "the secret private_key is no private key for RS256 (PEM)");
}

#[test]
fn the_address_of_a_person_is_told_only_when_the_source_does() {
    let simulator = server("AUTHORIZED");
    bench(&simulator).field("psu_ip", "192.0.2.7").harvest();
    assert!(simulator.take_seen()[1..].iter().all(|seen| seen.header("psu-ip-address") == "192.0.2.7"));
}
