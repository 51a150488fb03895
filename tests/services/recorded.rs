//! Recordings: made against the servers of the other tests, kept under `fixtures`, and played.
//!
//! `MOISSON_BLESS=1 cargo test --test services recorded` renews the ones that are made here.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use moisson::connector::Catalogue;
use moisson::fetch::case::Case;
use moisson::model::run::Class;
use serde_json::json;

use crate::bench::Bench;
use crate::simulator::{Answer, Simulator};
use crate::{enable_banking, energy_france, simplefin, telephony};

/// A recording that is made here.
struct Made {
    /// Its folder under `fixtures`; one that is not kept has none.
    fixture: Option<&'static str>,
    bench: Bench,
    base: String,
    days: u32,
    secrets: Vec<&'static str>,
}

fn made() -> Vec<Made> {
    let twilio = telephony::twilio();
    let ovh = telephony::ovh(|| vec![11, 12]);
    let gateway = energy_france::gateway(1);
    let banks = enable_banking::server("AUTHORIZED");
    let bridge = simplefin::server(&[]);
    let fritzbox = telephony::fritzbox(true);
    let made = |fixture, bench, simulator: &Simulator, days, secrets: &[&'static str]| Made {
        fixture,
        bench,
        base: simulator.base(),
        days,
        secrets: secrets.to_vec(),
    };
    vec![
        made(
            Some("phone/twilio/recorded_over_two_pages"),
            telephony::twilio_bench(&twilio, "canary-auth"),
            &twilio,
            30,
            &["canary-auth"],
        ),
        made(
            Some("phone/ovh/recorded_with_signed_calls"),
            telephony::ovh_bench(&ovh, "app-1", "canary-s3cret"),
            &ovh,
            30,
            &["canary-s3cret", "canary-ck"],
        ),
        made(
            Some("energy/enedis_data_connect/recorded_with_a_token_that_is_revoked"),
            energy_france::data_connect(&gateway, "canary-secret"),
            &gateway,
            2,
            &["canary-secret", "TOKEN-1", "TOKEN-2"],
        ),
        made(
            Some("bank/enable_banking/recorded_with_a_signed_token"),
            enable_banking::bench(&banks),
            &banks,
            30,
            &["PRIVATE KEY", "eyJ"],
        ),
        made(None, simplefin::bench(&bridge), &bridge, 30, &["canary-p4ss", "T0KEN"]),
        made(None, telephony::fritzbox_bench(&fritzbox), &fritzbox, 30, &["canary-pw", "canary5id"]),
    ]
}

#[test]
fn what_is_recorded_holds_no_secret_and_plays_as_it_went() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    for made in made() {
        let recorded = made.bench.record(Some(made.days)).expect("a recording");
        assert!(recorded.n_struck > 0, "{:?}", made.fixture);
        let folder = tempfile::tempdir().expect("a folder");
        recorded.case.write(folder.path()).expect("written");
        let files = files(folder.path());
        made.secrets.iter().for_each(|secret| shows_nowhere(secret, &files));
        let read = Case::read(folder.path()).expect("a recording");
        assert_eq!(read, recorded.case);
        assert_eq!(read.play(&made.bench.service).expect("played"), [], "{:?}", made.fixture);
        if let Some(fixture) = made.fixture {
            compare(&root.join(fixture), &moved(files, &made.base));
        }
    }
}

/// The same with an address that does not change from run to run.
fn moved(files: BTreeMap<String, String>, base: &str) -> BTreeMap<String, String> {
    let moved =
        |text: String| text.replace(base, "https://api.example.org").replace("home_hosts = [\"127.0.0.1\"]\n", "");
    files.into_iter().map(|(name, text)| (name, moved(text))).collect()
}

fn compare(fixture: &Path, expected: &BTreeMap<String, String>) {
    if std::env::var_os("MOISSON_BLESS").is_some() {
        let _ = fs::remove_dir_all(fixture);
        for (name, text) in expected {
            let path = fixture.join(name);
            fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
            fs::write(path, text).expect("a file");
        }
    }
    assert_eq!(files(fixture), *expected, "{}", fixture.display());
}

/// The files below a folder, by name; all of these are text.
fn files(folder: &Path) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        let Ok(entries) = fs::read_dir(&next) else { continue };
        for path in entries.map(|entry| entry.expect("an entry").path()) {
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(folder).expect("below").display().to_string();
                found.insert(name, fs::read_to_string(&path).expect("text"));
            }
        }
    }
    found
}

/// Neither as it is, nor percent-encoded, nor in hexadecimal, nor in base64 whatever stands before.
fn shows_nowhere(secret: &str, files: &BTreeMap<String, String>) {
    let each = |write: fn(u8) -> String| secret.bytes().map(write).collect::<String>();
    let mut forms = vec![
        secret.to_owned(),
        each(|byte| format!("%{byte:02X}")),
        each(|byte| format!("%{byte:02x}")),
        each(|byte| format!("{byte:02x}")),
        each(|byte| format!("{byte:02X}")),
    ];
    for before in ["", "u", "u:"] {
        let whole = format!("{before}{secret}");
        let sure = (before.len() * 8).div_ceil(6)..whole.len() * 8 / 6;
        forms.push(STANDARD_NO_PAD.encode(&whole)[sure.clone()].to_owned());
        forms.push(URL_SAFE_NO_PAD.encode(&whole)[sure].to_owned());
    }
    for (name, text) in files {
        for form in forms.iter().filter(|form| form.len() > 3 || *form == secret) {
            assert!(!text.contains(form) && !name.contains(form), "{form} is in {name}: {text}");
        }
    }
}

const SECRET: &str = "canary/\"s3cret\" é&+";

/// Says its secret again in every way that it knows.
fn echo() -> Simulator {
    Simulator::start(|seen| {
        assert!(seen.headers.contains_key("x-key"));
        let key = SECRET;
        let percent: String = key.bytes().map(percent_of).collect();
        let hex: String = key.bytes().map(hex_of).collect();
        let pair = STANDARD_NO_PAD.encode(format!("me:{key}"));
        let in_form: String = url::form_urlencoded::byte_serialize(key.as_bytes()).collect();
        Answer::json(
            200,
            &json!({"rows": [{"plain": key, "percent": percent, "hex": hex, "pair": pair, "form": in_form, "day": "2026-03-30"}],
                "session_token": "canary-told", "again": "canary-told"}),
        )
        .header("etag", "\"canary-told\"")
        .header("set-cookie", "id=canary-cookie")
        .header("x-user", "canary-user")
    })
}

fn echo_bench(simulator: &Simulator) -> Bench {
    let fetch = "base = \"https://echo.example.org\"\n[fetch.needs.key]\nkind = \"secret\"\nlabel = { en = \"k\", fr = \"k\" }\n\
                 [fetch.auth]\nkind = \"header\"\nname = \"X-Key\"\nvalue = \"{key}\"\n\
                 [[fetch.steps]]\nname = \"rows\"\npath = \"/rows\"\nquery = { day = \"{today}\" }\n\
                 document = \"rows-{today}.json\"\nrows = \"/rows\"\n";
    Bench::made_up(fetch, &simulator.base()).secret("key", SECRET)
}

#[test]
fn a_secret_that_a_service_repeats_is_struck_out_in_every_form() {
    let simulator = echo();
    let recorded = echo_bench(&simulator).record(None).expect("a recording");
    let folder = tempfile::tempdir().expect("a folder");
    recorded.case.write(folder.path()).expect("written");
    let files = files(folder.path());
    for secret in [SECRET, "canary-told", "canary-cookie", "canary-user"] {
        shows_nowhere(secret, &files);
    }
    assert!(!files.values().any(|text| text.contains("s3cret")), "{files:?}");
    assert!(files["exchange.jsonl"].contains("2026-03-30") && files["documents/rows-2026-03-31.json"].contains("hex"));
    assert_eq!(recorded.secrets, ["key"]);
    assert_eq!(recorded.case.play(&echo_bench(&simulator).service).expect("played"), []);
}

#[test]
fn of_a_secret_that_is_too_short_to_be_found_nothing_is_recorded() {
    let simulator = echo();
    let failure = echo_bench(&simulator).secret("key", "abc").record(None).expect_err("refused");
    assert_eq!(failure.class, Class::Config);
    assert!(failure.message.en.contains("the secret key") && failure.message.fr.contains("le secret key"));
    assert!(simulator.take_seen().is_empty(), "nothing was asked");
}

#[test]
fn a_refusal_is_recorded_and_played_as_well() {
    let recorded = telephony::twilio_bench(&telephony::twilio(), "canary-old").record(Some(30)).expect("a recording");
    assert_eq!((recorded.case.outcome, recorded.case.exchanges.len()), (Class::User, 1));
    assert!(recorded.failure.is_some());
    let service = Bench::new("phone/twilio", "https://api.example.org").service;
    assert_eq!(recorded.case.play(&service).expect("played"), []);
}

#[test]
fn what_differs_is_said_with_what_was_expected() {
    let simulator = echo();
    let bench = echo_bench(&simulator);
    let case = bench.record(None).expect("a recording").case;
    simulator.take_seen();
    let told = |case: &Case, bench: &Bench| {
        let differences = case.play(&bench.service).expect("played");
        differences.iter().map(|said| said.en.clone()).collect::<Vec<_>>().join("\n")
    };
    let mut other = echo_bench(&simulator);
    other.service.fetch.steps[0].path = "/lines".to_owned();
    let said = told(&case, &other);
    assert!(said.contains("/lines?day=2026-03-31\n  expected: GET http://127.0.0.1"), "{said}");
    assert!(said.contains("was not asked any more") && said.contains("rows-2026-03-31.json did not come"), "{said}");
    assert!(said.contains("it ended with retry and not ok"), "{said}");

    let mut other = echo_bench(&simulator);
    other.service.fetch.steps[0].document = Some("lines-{today}.json".to_owned());
    let said = told(&case, &other);
    assert!(said.contains("lines-2026-03-31.json came and is not expected"), "{said}");

    let mut changed = case.clone();
    changed.documents.values_mut().for_each(|bytes| bytes.insert(2, b'x'));
    assert!(told(&changed, &bench).contains("rows-2026-03-31.json differs from byte 2 on"));
    let mut longer = case.clone();
    longer.exchanges.push(case.exchanges[0].clone());
    assert!(told(&longer, &bench).starts_with("was not asked any more: GET "));
    assert_eq!(told(&case, &bench), "");
    assert!(simulator.take_seen().is_empty(), "nothing goes over the network");
}

/// Folders with a recording, `fixtures/<family>/<id>/<case>`.
fn fixtures() -> Vec<PathBuf> {
    let below = |folder: PathBuf| {
        let entries = fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path());
        entries.filter(|path| path.is_dir()).collect::<Vec<_>>()
    };
    let families = below(Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures"));
    let cases = families.into_iter().flat_map(below).flat_map(below);
    cases.filter(|case| case.join("exchange.jsonl").is_file()).collect()
}

#[test]
fn every_recording_plays_and_what_came_is_read_by_those_that_its_service_names() {
    let catalogue = Catalogue::shipped().expect("the shipped connectors are valid");
    let folders = fixtures();
    assert!(folders.len() >= 2, "{folders:?}");
    let mut wrong = Vec::new();
    for folder in folders {
        let case = Case::read(&folder).unwrap_or_else(|error| panic!("{error}"));
        assert!(folder.display().to_string().contains(&case.connector), "{} lies elsewhere", folder.display());
        let service = catalogue.service(&case.connector).expect("a service");
        let differences = case.play(service).expect("played");
        wrong.extend(differences.into_iter().map(|said| format!("{}: {}", folder.display(), said.en)));
        for (name, bytes) in &case.documents {
            match moisson::import::golden::golden(&catalogue, bytes, name) {
                Ok(golden) if !service.fetch.documents.contains(&golden.connector) => {
                    wrong.push(format!("{}: {name} is read by {}", folder.display(), golden.connector));
                }
                Ok(golden) => wrong.extend(golden.faults.iter().map(|fault| format!("{name}: {fault}"))),
                Err(error) => wrong.push(format!("{}: {name}: {error}", folder.display())),
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn percent_of(byte: u8) -> String {
    format!("%{byte:02x}")
}

fn hex_of(byte: u8) -> String {
    format!("{byte:02X}")
}
