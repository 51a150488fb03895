//! Linky and gas meters: what the day before used is there in the morning, the end of a period is
//! left out, a load curve comes by the week, and a consent may be withdrawn.

use std::collections::BTreeMap;

use moisson::model::run::Class;
use serde_json::{Value, json};

use crate::bench::{Bench, asked, names, read_by, shows_none_of, text};
use crate::simulator::{Answer, Seen, Simulator};

const PRM: &str = "01234567890123";
const CONSO: &str = "energy/conso_api";
const DATA_CONNECT: &str = "energy/enedis_data_connect";

fn day(text: &str) -> jiff::civil::Date {
    text.parse().expect("a day")
}

/// One row a day from `start`, without the day `end`; nothing of the days after `last`.
fn daily(prm: &str, start: &str, end: &str, last: &str) -> Answer {
    let (start, end, last) = (day(start), day(end), day(last));
    let days = start.series(jiff::Span::new().days(1)).take_while(|day| *day < end && *day <= last);
    let rows: Vec<Value> = days.map(|day| json!({"value": "12500", "date": day.to_string()})).collect();
    if rows.is_empty() {
        let error = json!({"error": "no_data_found", "error_description": "no measure found for this usage point"});
        return Answer::json(404, &error);
    }
    Answer::json(
        200,
        &json!({"meter_reading": {
            "usage_point_id": prm, "start": start.to_string(), "end": end.to_string(), "quality": "BRUT",
            "reading_type": {"unit": "Wh", "measurement_kind": "energy", "aggregate": "sum", "measuring_period": "P1D"},
            "interval_reading": rows
        }}),
    )
}

/// Half-hours, of at most seven days; each stamped with its end on the wall clock.
fn curve(prm: &str, start: &str, end: &str) -> Answer {
    let (from, to) = (day(start), day(end));
    if from.until(to).expect("days").get_days() > 7 {
        let error = json!({"error": "invalid_request", "error_description": "the period exceeds 7 days"});
        return Answer::json(400, &error);
    }
    let row = |day: jiff::civil::Date| json!({"value": "260", "date": format!("{day} 00:30:00"), "interval_length": "PT30M", "measure_type": "B"});
    let days = from.series(jiff::Span::new().days(1)).take_while(|day| *day < to);
    Answer::json(
        200,
        &json!({"meter_reading": {
            "usage_point_id": prm, "start": start, "end": end, "quality": "BRUT",
            "reading_type": {"unit": "W", "measurement_kind": "power", "aggregate": "average"},
            "interval_reading": days.map(row).collect::<Vec<_>>()
        }}),
    )
}

fn conso(last: &'static str) -> Simulator {
    Simulator::start(move |seen| {
        if seen.header("authorization") != "Bearer canary-jwt" {
            return Answer::json(401, &json!({"error": "invalid_token"}));
        }
        if seen.query("prm") != PRM {
            return Answer::json(403, &json!({"error": "ADAM-DC-0008", "error_description": "no consent"}));
        }
        let (start, end) = (seen.query("start"), seen.query("end"));
        match seen.path.as_str() {
            "/api/daily_consumption" => daily(PRM, start, end, last),
            "/api/consumption_load_curve" => curve(PRM, start, end),
            _ => Answer::json(404, &json!({})),
        }
    })
}

fn conso_bench(simulator: &Simulator, token: &str) -> Bench {
    let mut bench = Bench::new(CONSO, &format!("{}/api", simulator.base())).field("prms", PRM).secret("token", token);
    bench.service.fetch.history = Some("P21D".parse().expect("a span"));
    bench
}

#[test]
fn days_come_in_one_call_and_the_curve_by_the_week_the_end_left_out() {
    let simulator = conso("2026-03-30");
    let mut bench = conso_bench(&simulator, "canary-jwt");
    let harvest = bench.harvest();
    let prefix = format!("linky-{PRM}");
    assert_eq!(
        names(&harvest),
        [
            format!("{prefix}-daily-2026-03-10-2026-03-30.json"),
            format!("{prefix}-curve-2026-03-10-2026-03-16.json"),
            format!("{prefix}-curve-2026-03-17-2026-03-23.json"),
            format!("{prefix}-curve-2026-03-24-2026-03-30.json"),
        ]
    );
    let seen = simulator.take_seen();
    assert_eq!((seen[0].query("start"), seen[0].query("end")), ("2026-03-10", "2026-03-31"));
    let weeks: Vec<_> = seen[1..].iter().map(|seen| (seen.query("start"), seen.query("end"))).collect();
    assert_eq!(weeks[0], ("2026-03-24", "2026-03-31"), "the newest first");
    assert!(text(&harvest, &format!("{prefix}-daily-2026-03-10-2026-03-30.json")).contains("2026-03-30"));
    assert_eq!(read_by(&harvest), ["energy/enedis_api_daily", "energy/enedis_api_load_curve"]);
    shows_none_of(&["canary-jwt"], &harvest, &bench.state);
}

#[test]
fn a_day_that_is_not_there_yet_is_asked_for_again() {
    let simulator = conso("2026-03-30");
    let mut bench = conso_bench(&simulator, "canary-jwt");
    bench.harvest();
    // Early in the morning yesterday is not there: the days before it are, again.
    bench.at("2026-04-01T05:00:00Z");
    let harvest = bench.harvest();
    assert_eq!(names(&harvest)[0], format!("linky-{PRM}-daily-2026-03-25-2026-03-31.json"));
    simulator.take_seen();
    bench.at("2026-04-05T08:00:00Z");
    bench.harvest();
    let seen = simulator.take_seen();
    assert!(seen[0].query("start") <= "2026-03-29", "late days are asked for again: {}", seen[0].query("start"));
}

#[test]
fn no_data_is_nothing_wrong() {
    let simulator = conso("2025-01-01");
    let mut bench = conso_bench(&simulator, "canary-jwt");
    let harvest = bench.harvest();
    assert!(names(&harvest).iter().all(|name| name.contains("curve")) && harvest.failed.is_empty());
}

#[test]
fn a_token_that_is_not_taken_and_a_meter_without_consent_are_for_a_person() {
    let simulator = conso("2026-03-30");
    let failure = conso_bench(&simulator, "wr0ng").run().expect_err("refused");
    assert_eq!(failure.class, Class::User);
    assert!(!format!("{failure:?}").contains("wr0ng"));

    let mut bench = conso_bench(&simulator, "canary-jwt").field("prms", "99999999999999");
    let failure = bench.run().expect_err("no consent");
    assert_eq!((failure.class, failure.link.as_deref()), (Class::User, Some("https://conso.boris.sh/")));
}

/// A gateway whose token is revoked in mid-run.
pub fn gateway(revoked_after: usize) -> Simulator {
    let (mut n_tokens, mut n_calls) = (0, 0);
    Simulator::start(move |seen| {
        if seen.path == "/oauth2/v3/token" {
            n_tokens += 1;
            return token(seen, n_tokens);
        }
        n_calls += 1;
        let is_revoked = n_tokens == 1 && n_calls > revoked_after;
        if is_revoked || seen.header("authorization") != format!("Bearer TOKEN-{n_tokens}") {
            return Answer::json(401, &json!({"error": "invalid_token", "error_description": "Invalid token"}));
        }
        let (prm, start, end) = (seen.query("usage_point_id"), seen.query("start"), seen.query("end"));
        match seen.path.as_str() {
            "/metering_data_dc/v5/daily_consumption" => daily(prm, start, end, "2026-03-30"),
            "/metering_data_clc/v5/consumption_load_curve" => curve(prm, start, end),
            _ => Answer::json(404, &json!({})),
        }
    })
}

/// RFC 6749 §4.4, with name and secret in the form.
fn token(seen: &Seen, n_tokens: usize) -> Answer {
    let form: BTreeMap<String, String> = url::form_urlencoded::parse(seen.body.as_bytes()).into_owned().collect();
    if form["grant_type"] != "client_credentials" || form["client_secret"] != "canary-secret" {
        return Answer::json(401, &json!({"error": "invalid_client"}));
    }
    Answer::json(
        200,
        &json!({"access_token": format!("TOKEN-{n_tokens}"), "expires_in": 12600, "token_type": "Bearer"}),
    )
}

pub fn data_connect(simulator: &Simulator, secret: &str) -> Bench {
    let bench = Bench::new(DATA_CONNECT, &simulator.base()).field("prms", PRM).field("client_id", "app");
    let mut bench = bench.secret("client_secret", secret);
    bench.service.fetch.history = Some("P14D".parse().expect("a span"));
    bench
}

#[test]
fn a_token_revoked_in_mid_run_is_bought_anew_once() {
    let simulator = gateway(2);
    let mut bench = data_connect(&simulator, "canary-secret");
    let harvest = bench.harvest();
    assert_eq!(harvest.documents.len(), 3);
    assert!(harvest.failed.is_empty(), "{:?}", harvest.failed);
    let asked = asked(&simulator);
    assert_eq!(asked.iter().filter(|asked| *asked == "POST /oauth2/v3/token").count(), 2);
    shows_none_of(&["canary-secret", "TOKEN-"], &harvest, &bench.state);
    // The token that is kept is good for the next run.
    bench.at("2026-03-31T11:00:00Z");
    bench.harvest();
    assert!(simulator.take_seen().iter().all(|seen| seen.path != "/oauth2/v3/token"));
}

#[test]
fn an_application_that_is_not_known_is_a_matter_of_settings() {
    let failure = data_connect(&gateway(99), "wr0ng").run().expect_err("refused");
    assert_eq!(failure.class, Class::Config);
    assert!(failure.message.en.contains("invalid_client") && !format!("{failure:?}").contains("wr0ng"));
}

const SSO: &str = "https://sofit-sso-oidc.grdf.fr";

/// One JSON object a line, as the interface writes them.
fn gas() -> Simulator {
    Simulator::start(|seen| match seen.path.as_str() {
        "/openam/oauth2/realms/externeGrdf/access_token" => token(seen, 1),
        _ if seen.header("authorization") != "Bearer TOKEN-1" => Answer::text(401, "text/plain", ""),
        "/pce/GI000001/donnees_consos_informatives" => {
            let line = |day: &str, kwh: f32| {
                json!({
                    "pce": {"id_pce": "GI000001"},
                    "periode": {"date_debut": seen.query("date_debut"), "date_fin": seen.query("date_fin"), "valeur": null},
                    "consommation": {
                        "date_debut_consommation": format!("{day}T06:00:00+02:00"), "journee_gaziere": day,
                        "energie": kwh, "volume_brut": 3, "type_qualif_conso": "Mesuré"
                    },
                    "statut_restitution": null
                })
            };
            let lines = format!("{}\n{}\n", line("2026-03-28", 33.5), line("2026-03-29", 31.25));
            Answer::text(200, "application/nd-json", &lines)
        }
        "/pce/GI000001/donnees_consos_publiees" => {
            Answer::json(404, &json!({"statut_restitution": {"code": "4040001"}}))
        }
        _ => Answer::json(403, &json!({"code_statut_traitement": "1000008", "message": "no right of access"})),
    })
}

fn adict(simulator: &Simulator, pce: &str) -> Bench {
    let bench = Bench::moved("energy/grdf_adict", &simulator.base(), SSO).field("pces", pce);
    bench.field("client_id", "app").secret("client_secret", "canary-secret")
}

#[test]
fn gas_days_come_line_by_line_and_what_is_not_published_is_nothing_wrong() {
    let simulator = gas();
    let mut bench = adict(&simulator, "GI000001");
    let harvest = bench.harvest();
    assert_eq!(names(&harvest), ["grdf-GI000001-informative-2025-03-31-2026-03-30.ndjson"]);
    assert!(harvest.failed.is_empty(), "{:?}", harvest.failed);
    let document = text(&harvest, "grdf-GI000001-informative-2025-03-31-2026-03-30.ndjson");
    assert_eq!(document.lines().count(), 2);
    assert_eq!(read_by(&harvest), ["energy/grdf_adict"]);
    shows_none_of(&["canary-secret", "TOKEN-1"], &harvest, &bench.state);
}

#[test]
fn a_gas_meter_without_consent_is_for_a_person() {
    let failure = adict(&gas(), "GI000002").run().expect_err("no consent");
    assert_eq!((failure.class, failure.link.as_deref()), (Class::User, Some("https://monespace.grdf.fr/")));
}
