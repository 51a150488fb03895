//! A one-time token becomes an address with name and password; errors come with status 200.

use base64::Engine as _;
use moisson::fetch::Fetched;
use moisson::model::run::Class;
use secrecy::ExposeSecret as _;
use serde_json::json;

use crate::bench::{Bench, asked, names, shows_none_of};
use crate::simulator::{Answer, Seen, Simulator};

const PASSWORD: &str = "canary-p4ss";

/// Claims once; refuses more than 90 days; tells of a bank that needs its owner.
pub fn server(errors: &'static [&'static str]) -> Simulator {
    let mut is_claimed = false;
    Simulator::start(move |seen| match (seen.method.as_str(), seen.path.as_str()) {
        ("POST", "/simplefin/claim/T0KEN") if !is_claimed => {
            is_claimed = true;
            Answer::text(200, "text/plain", &format!("http://us%40er:{PASSWORD}@{}/simplefin", seen.header("host")))
        }
        ("POST", "/simplefin/claim/T0KEN") => Answer::text(403, "text/plain", "Forbidden"),
        ("GET", "/simplefin/accounts") => accounts(seen, errors),
        _ => Answer::text(404, "text/plain", ""),
    })
}

fn accounts(seen: &Seen, errors: &[&str]) -> Answer {
    let login = base64::engine::general_purpose::STANDARD.encode(format!("us@er:{PASSWORD}"));
    if seen.header("authorization") != format!("Basic {login}") {
        return Answer::text(403, "text/plain", "Forbidden");
    }
    let day = |name: &str| seen.query(name).parse::<i64>().expect("seconds");
    assert!(day("end-date") - day("start-date") <= 90 * 86_400, "more than 90 days were asked for");
    Answer::json(
        200,
        &json!({
            "errors": errors,
            "accounts": [{
                "org": {"domain": "bank.example.org", "name": "Example Bank", "sfin-url": "https://sfin.example.org"},
                "id": "ACT-1", "name": "Checking", "currency": "USD", "balance": "100.23", "balance-date": 1_774_900_000,
                "transactions": [{"id": format!("TRN-{}", seen.query("start-date")), "posted": day("start-date") + 3600, "amount": "-33.29", "description": "GROCERIES"}]
            }]
        }),
    )
}

/// All that the banks have.
pub fn documents() -> Vec<Fetched> {
    bench(&server(&[])).harvest().documents
}

pub fn bench(simulator: &Simulator) -> Bench {
    let claim = format!("{}/simplefin/claim/T0KEN", simulator.base());
    let token = base64::engine::general_purpose::STANDARD.encode(claim);
    Bench::new("bank/simplefin", &format!("{}/simplefin", simulator.base())).secret("setup_token", &token)
}

#[test]
fn the_token_is_exchanged_once_and_the_address_is_kept_in_the_vault() {
    let simulator = server(&[]);
    let mut bench = bench(&simulator);
    let harvest = bench.harvest();
    assert_eq!(asked(&simulator)[..2], ["POST /simplefin/claim/T0KEN", "GET /simplefin/accounts"]);
    let kept = bench.vault.find("mine/access_url").expect("a vault").expect("the address");
    assert!(kept.expose_secret().contains(PASSWORD));
    shows_none_of(&[PASSWORD, "T0KEN"], &harvest, &bench.state);
    bench.harvest();
    assert!(asked(&simulator).iter().all(|asked| asked.starts_with("GET")), "the token is gone");
}

#[test]
fn a_year_is_asked_in_calls_of_less_than_90_days_and_then_only_what_is_new() {
    let simulator = server(&[]);
    let mut bench = bench(&simulator);
    let harvest = bench.harvest();
    assert_eq!(
        names(&harvest),
        [
            "simplefin-2025-03-31-2025-04-09.json",
            "simplefin-2025-04-10-2025-07-07.json",
            "simplefin-2025-07-08-2025-10-04.json",
            "simplefin-2025-10-05-2026-01-01.json",
            "simplefin-2026-01-02-2026-03-31.json",
        ]
    );
    let seen = simulator.take_seen();
    // The newest days are asked first, and the end is left out by the service.
    assert_eq!((seen[1].query("start-date"), seen[1].query("end-date")), ("1767308400", "1774994400"));
    assert_eq!(seen[1].query("pending"), "1");
    bench.at("2026-04-01T10:00:00Z");
    assert_eq!(names(&bench.harvest()), ["simplefin-2026-03-23-2026-04-01.json"]);
}

#[test]
fn a_bank_that_needs_its_owner_is_told_beside_what_the_others_gave() {
    let simulator = server(&["Connection to Example Bank may need attention"]);
    let harvest = bench(&simulator).harvest();
    assert_eq!(harvest.documents.len(), 5);
    let [part] = &harvest.failed[..] else { panic!("{:?}", harvest.failed) };
    assert_eq!((part.name.as_str(), part.outcome), ("accounts", Class::Partial));
    assert!(!part.message.en.contains("Example Bank"), "what a bank is called is nobody's business");
}

#[test]
fn a_token_that_was_used_and_an_access_that_was_revoked_are_for_a_person() {
    let simulator = server(&[]);
    bench(&simulator).harvest();
    let failure = bench(&simulator).run().expect_err("the token is gone");
    assert_eq!(failure.class, Class::User);
    let wrong = simulator.base().replace("://", "://user:wr0ng@");
    let failure = bench(&simulator).secret("access_url", &format!("{wrong}/simplefin")).run().expect_err("revoked");
    assert_eq!((failure.class, failure.link.as_deref()), (Class::User, Some("https://bridge.simplefin.org/")));
    assert!(!format!("{failure:?}").contains("wr0ng"));
}

#[test]
fn twenty_four_calls_a_day_and_not_one_more() {
    let simulator = server(&[]);
    let mut bench = bench(&simulator);
    bench.harvest();
    let rest = 24 - 5;
    for _ in 0..rest {
        bench.harvest();
    }
    simulator.take_seen();
    let failure = bench.run().expect_err("the budget is used up");
    assert_eq!(failure.class, Class::Quota);
    assert_eq!(failure.retry_at, Some("2026-04-01T00:00:00Z".parse().expect("an instant")));
    assert!(simulator.take_seen().is_empty());
}
