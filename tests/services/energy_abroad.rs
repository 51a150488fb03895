//! Octopus (pages by links, newest first unless asked), Tibber (GraphQL, refusals with status 200)
//! and Home Assistant (an action that answers, in the home).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use moisson::model::run::Class;
use serde_json::{Value, json};

use crate::bench::{Bench, asked, names, read_by, shows_none_of, text};
use crate::simulator::{Answer, Seen, Simulator};

const OCTOPUS_PATH: &str = "/v1/electricity-meter-points/1012345678901/meters/21E1234567/consumption/";

/// Three half-hours, two a page.
fn octopus() -> Simulator {
    Simulator::start(|seen| {
        if seen.header("authorization") != format!("Basic {}", STANDARD.encode("sk_canary:")) {
            return Answer::json(401, &json!({"detail": "Invalid API key."}));
        }
        if seen.path != OCTOPUS_PATH {
            return Answer::json(404, &json!({"detail": "Not found."}));
        }
        let row = |hour: u32| {
            json!({"consumption": 0.25, "interval_start": format!("2026-03-29T{hour:02}:00:00Z"),
                "interval_end": format!("2026-03-29T{hour:02}:30:00Z")})
        };
        let (rows, next) = match seen.query("page") {
            "" => (vec![row(8), row(9)], Some(next_of(seen))),
            _ => (vec![row(10)], None),
        };
        Answer::json(200, &json!({"count": 3, "next": next, "previous": null, "results": rows}))
    })
}

fn next_of(seen: &Seen) -> String {
    let (from, to) = (seen.query("period_from"), seen.query("period_to"));
    let query = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs([("page", "2"), ("period_from", from), ("period_to", to)])
        .finish();
    format!("http://{}{OCTOPUS_PATH}?{query}", seen.header("host"))
}

fn octopus_bench(simulator: &Simulator, serial: &str, key: &str) -> Bench {
    let bench = Bench::new("energy/octopus", &format!("{}/v1", simulator.base())).field("mpan", "1012345678901");
    let mut bench = bench.field("serial", serial).secret("api_key", key);
    bench.service.fetch.history = Some("P30D".parse().expect("a span"));
    bench
}

#[test]
fn half_hours_come_over_all_pages_with_the_key_as_the_user() {
    let simulator = octopus();
    let mut bench = octopus_bench(&simulator, "21E1234567", "sk_canary");
    let harvest = bench.harvest();
    assert_eq!(names(&harvest), ["octopus-electricity-1012345678901-2026-03-01-2026-03-30.json"]);
    let pages: Value = serde_json::from_slice(&harvest.documents[0].bytes).expect("JSON");
    assert_eq!(pages[1]["results"][0]["interval_start"], "2026-03-29T10:00:00Z");
    assert_eq!(read_by(&harvest), ["energy/octopus"]);
    let seen = simulator.take_seen();
    assert_eq!(seen.len(), 2);
    assert!(seen[0].query("period_from").starts_with("2026-0"), "an instant: {}", seen[0].query("period_from"));
    shows_none_of(&["sk_canary"], &harvest, &bench.state);
}

#[test]
fn a_wrong_key_is_for_a_person_and_a_wrong_meter_a_matter_of_settings() {
    let simulator = octopus();
    let failure = octopus_bench(&simulator, "21E1234567", "sk_wr0ng").run().expect_err("refused");
    assert_eq!(failure.class, Class::User);
    assert!(!format!("{failure:?}").contains("wr0ng"));
    assert_eq!(octopus_bench(&simulator, "X", "sk_canary").run().expect_err("unknown").class, Class::Config);
}

/// Two pages of hours after the cursor; refusals in the body.
fn tibber() -> Simulator {
    Simulator::start(|seen| {
        let error = |code: &str| json!({"errors": [{"message": "no", "extensions": {"code": code}}], "data": null});
        match seen.header("authorization") {
            "Bearer canary-token" => {}
            "Bearer busy" => return Answer::json(200, &error("TOO_MANY_REQUESTS")),
            _ => return Answer::json(200, &error("UNAUTHENTICATED")),
        }
        let asked = seen.json();
        let is_late = asked["query"].as_str().expect("a query").contains("last:");
        let (hours, cursor, more) = match asked["variables"]["after"].as_str() {
            _ if is_late => (&["09", "10"][..], Value::Null, false),
            Some("C2") => (&[][..], Value::Null, false),
            Some("C1") => (&["10"][..], json!("C2"), false),
            Some(first) => {
                let first = STANDARD.decode(first).expect("a cursor is Base64");
                assert!(first.starts_with(b"2016-01-01T00:00:00"), "where nothing was");
                (&["08", "09"][..], json!("C1"), true)
            }
            None => return Answer::json(400, &error("BAD_USER_INPUT")),
        };
        let node = |hour: &&str| {
            json!({"from": format!("2026-03-29T{hour}:00:00.000+01:00"),
            "to": format!("2026-03-29T{hour}:59:59.000+01:00"), "consumption": 1.5, "consumptionUnit": "kWh"})
        };
        let nodes: Vec<Value> = hours.iter().map(node).collect();
        let consumption = json!({"pageInfo": {"endCursor": cursor, "hasNextPage": more}, "nodes": nodes});
        Answer::json(200, &json!({"data": {"viewer": {"homes": [{"id": "h1", "consumption": consumption}]}}}))
    })
}

fn tibber_bench(simulator: &Simulator, token: &str) -> Bench {
    Bench::new("energy/tibber", &simulator.base()).secret("token", token)
}

#[test]
fn hours_come_from_where_the_last_run_ended_and_the_late_ones_again() {
    let simulator = tibber();
    let mut bench = tibber_bench(&simulator, "canary-token");
    let harvest = bench.harvest();
    assert_eq!(names(&harvest), ["tibber-2026-03-31.json", "tibber-late-2026-03-31.json"]);
    assert!(text(&harvest, "tibber-2026-03-31.json").contains("T10:00"));
    assert_eq!(read_by(&harvest), ["energy/tibber"]);
    assert_eq!(simulator.take_seen().len(), 3);
    bench.at("2026-04-01T14:00:00Z");
    assert_eq!(names(&bench.harvest()), ["tibber-late-2026-04-01.json"]);
    assert_eq!(simulator.take_seen()[0].json()["variables"]["after"], "C2");
    shows_none_of(&["canary-token"], &harvest, &bench.state);
}

#[test]
fn a_refusal_with_status_200_is_one() {
    let simulator = tibber();
    assert_eq!(tibber_bench(&simulator, "wr0ng").run().expect_err("refused").class, Class::User);
    assert_eq!(tibber_bench(&simulator, "busy").run().expect_err("refused").class, Class::Quota);
}

/// Hours of one statistic, as the action answers when its answer is asked for.
fn home(statistic: &'static str) -> Simulator {
    Simulator::start(move |seen| {
        if seen.header("authorization") != "Bearer canary-token" {
            return Answer::text(401, "text/plain", "401: Unauthorized");
        }
        let asked = seen.json();
        let is_whole = seen.query.contains_key("return_response") && asked["types"] == json!(["change"]);
        if seen.path != "/api/services/recorder/get_statistics" || !is_whole {
            return Answer::json(400, &json!({"message": "Bad request"}));
        }
        let start: jiff::Timestamp = asked["start_time"].as_str().expect("a start").parse().expect("an instant");
        let row = json!({"start": start.to_string(), "end": (start + jiff::SignedDuration::from_hours(1)).to_string(), "change": 0.75});
        let rows = if asked["statistic_ids"][0] == statistic { json!({statistic: [row]}) } else { json!({}) };
        Answer::json(200, &json!({"changed_states": [], "service_response": {"statistics": rows}}))
    })
}

fn home_bench(simulator: &Simulator, token: &str) -> Bench {
    let bench = Bench::new("energy/home_assistant", &simulator.base()).field("server", &simulator.base());
    let mut bench = bench.field("statistics", "sensor.linky_east").secret("token", token);
    bench.service.fetch.history = Some("P30D".parse().expect("a span"));
    bench
}

#[test]
fn the_statistics_of_the_home_come_by_the_action_that_answers() {
    let simulator = home("sensor.linky_east");
    let mut bench = home_bench(&simulator, "canary-token");
    let harvest = bench.harvest();
    assert_eq!(names(&harvest), ["home-assistant-sensor.linky_east-2026-03-01-2026-03-30.json"]);
    assert_eq!(read_by(&harvest), ["energy/home_assistant"]);
    let seen = simulator.take_seen();
    assert_eq!(seen[0].json()["units"], json!({"energy": "kWh"}));
    let end: jiff::Timestamp = seen[0].json()["end_time"].as_str().expect("an end").parse().expect("an instant");
    assert_eq!(end, "2026-03-30T22:00:00Z".parse().expect("an instant"), "midnight in Paris, after the change");
    shows_none_of(&["canary-token"], &harvest, &bench.state);
    bench.harvest();
    assert_eq!(asked(&simulator).len(), 1, "only the last days again");
}

#[test]
fn a_token_that_was_deleted_is_for_a_person() {
    let simulator = home("sensor.linky_east");
    assert_eq!(home_bench(&simulator, "wr0ng").run().expect_err("refused").class, Class::User);
}
