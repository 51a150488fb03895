//! OVHcloud (signed calls, one a phone call), a FRITZ!Box (Digest, SOAP, a list behind a session) and
//! Twilio (pages by paths).

use base64::Engine as _;
use moisson::model::run::Class;
use ring::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};
use serde_json::json;

use crate::bench::{Bench, asked, names, read_by, shows_none_of, text};
use crate::simulator::{Answer, Seen, Simulator};

const LINE: &str = "0033199004455";

/// Its clock is an hour ahead, and a signature of another time is refused.
pub fn ovh(ids: impl Fn() -> Vec<u32> + Send + 'static) -> Simulator {
    let mut base = String::new();
    Simulator::start(move |seen| {
        base.clone_from(&format!("http://{}", seen.header("host")));
        if seen.path == "/1.0/auth/time" {
            return Answer::json(200, &json!(1_774_954_800));
        }
        if let Some(refused) = refused(seen, &base) {
            return refused;
        }
        let calls = format!("/1.0/telephony/nic-1/service/{LINE}/voiceConsumption");
        match seen.path.as_str() {
            "/1.0/telephony" => Answer::json(200, &json!(["nic-1"])),
            "/1.0/telephony/nic-1/service" => Answer::json(200, &json!([LINE])),
            path if path == calls => Answer::json(200, &json!(ids())),
            path => match path.strip_prefix(&format!("{calls}/")) {
                Some(id) => Answer::json(
                    200,
                    &json!({"consumptionId": id.parse::<u32>().expect("a number"), "creationDatetime": "2026-03-30T10:00:00+02:00",
                        "calling": LINE, "called": "0033639984141", "wayType": "outgoing", "duration": 65,
                        "priceWithoutTax": {"value": 0, "currencyCode": "EUR"}}),
                ),
                None => Answer::json(404, &json!({"errorCode": "NOT_FOUND"})),
            },
        }
    })
}

/// `$1$` and SHA-1 over secret, consumer key, method, address, body and time.
fn refused(seen: &Seen, base: &str) -> Option<Answer> {
    if seen.header("x-ovh-application") != "app-1" {
        return Some(Answer::json(403, &json!({"errorCode": "INVALID_KEY"})));
    }
    let time = seen.header("x-ovh-timestamp");
    let signed = format!("canary-s3cret+canary-ck+GET+{base}{}++{time}", seen.path);
    let hash = digest(&SHA1_FOR_LEGACY_USE_ONLY, signed.as_bytes());
    let hash = hash.as_ref().iter().fold(String::new(), |text, byte| format!("{text}{byte:02x}"));
    let is_right = seen.header("x-ovh-signature") == format!("$1${hash}") && time == "1774954800";
    (!is_right).then(|| Answer::json(400, &json!({"errorCode": "INVALID_SIGNATURE"})))
}

pub fn ovh_bench(simulator: &Simulator, key: &str, secret: &str) -> Bench {
    let bench = Bench::new("phone/ovh", &format!("{}/1.0", simulator.base())).field("app_key", key);
    bench.secret("app_secret", secret).secret("consumer_key", "canary-ck")
}

#[test]
fn the_calls_of_a_run_are_one_document_and_each_is_asked_for_once() {
    let ids = std::sync::Arc::new(std::sync::Mutex::new(vec![11, 12]));
    let told = ids.clone();
    let simulator = ovh(move || told.lock().expect("ids").clone());
    let mut bench = ovh_bench(&simulator, "app-1", "canary-s3cret");
    let harvest = bench.harvest();
    let name = format!("ovh-{LINE}-2026-03-31.json");
    assert_eq!(names(&harvest), [name.as_str()]);
    let calls: serde_json::Value = serde_json::from_str(&text(&harvest, &name)).expect("JSON");
    assert_eq!((calls[0]["consumptionId"].as_u64(), calls[1]["consumptionId"].as_u64()), (Some(11), Some(12)));
    assert_eq!(read_by(&harvest), ["phone/ovh"]);
    shows_none_of(&["canary-s3cret", "canary-ck"], &harvest, &bench.state);
    simulator.take_seen();

    assert!(bench.harvest().documents.is_empty(), "nothing new");
    *ids.lock().expect("ids") = vec![12, 13];
    let harvest = bench.harvest();
    assert!(text(&harvest, &name).contains("13") && !text(&harvest, &name).contains("12,"));
    let details: Vec<_> = asked(&simulator).into_iter().filter(|asked| asked.contains("voiceConsumption/")).collect();
    assert_eq!(details, [format!("GET /1.0/telephony/nic-1/service/{LINE}/voiceConsumption/13")]);
    let state = serde_json::to_string(&bench.state).expect("JSON");
    assert!(!state.contains("/11\""), "what is no longer listed is forgotten");
}

#[test]
fn what_is_wrong_with_keys_and_signatures_is_a_matter_of_settings() {
    let simulator = ovh(Vec::new);
    for (key, secret) in [("app-2", "canary-s3cret"), ("app-1", "wr0ng")] {
        let failure = ovh_bench(&simulator, key, secret).run().expect_err("refused");
        assert_eq!(failure.class, Class::Config, "{failure:?}");
        assert!(!format!("{failure:?}").contains("wr0ng"));
    }
}

/// RFC 7616 with MD5, as the box does it; the list lies behind a session of its own.
pub fn fritzbox(has_right: bool) -> Simulator {
    Simulator::start(move |seen| match seen.path.as_str() {
        "/upnp/control/x_contact" => {
            if !seen.header("authorization").starts_with("Digest username=\"me\"") {
                let challenge = "Digest realm=\"HTTPS Access\", nonce=\"5A5A\", algorithm=MD5, qop=\"auth\"";
                return Answer::text(401, "text/html", "").header("www-authenticate", challenge);
            }
            assert!(seen.header("soapaction").ends_with("X_AVM-DE_OnTel:1#GetCallList"));
            assert!(seen.body.contains("<u:GetCallList"));
            if !has_right {
                let fault = "<s:Fault><detail><UPnPError><errorCode>606</errorCode></UPnPError></detail></s:Fault>";
                return Answer::text(500, "text/xml", fault);
            }
            let list = format!("http://{}/calllist.lua?sid=canary5id&amp;x=1", seen.header("host"));
            let body = format!(
                "<s:Envelope xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\"><s:Body>\
                 <u:GetCallListResponse xmlns:u=\"urn:dslforum-org:service:X_AVM-DE_OnTel:1\">\
                 <NewCallListURL>{list}</NewCallListURL></u:GetCallListResponse></s:Body></s:Envelope>"
            );
            Answer::text(200, "text/xml", &body)
        }
        "/calllist.lua" if seen.query("sid") == "canary5id" && seen.query("x") == "1" => Answer::text(
            200,
            "text/xml",
            "<?xml version=\"1.0\"?><root><timestamp>1</timestamp><Call><Id>1</Id><Type>1</Type>\
             <Caller>0199004455</Caller><Called>SIP: 0261914242</Called><Name/><Device/><Port/>\
             <Date>30.03.26 10:00</Date><Duration>0:05</Duration></Call></root>",
        ),
        _ => Answer::text(404, "text/html", ""),
    })
}

pub fn fritzbox_bench(simulator: &Simulator) -> Bench {
    Bench::new("phone/fritzbox_tr064", &simulator.base()).field("user", "me").secret("password", "canary-pw")
}

#[test]
fn the_list_of_the_box_lies_where_its_answer_says() {
    let simulator = fritzbox(true);
    let mut bench = fritzbox_bench(&simulator);
    let harvest = bench.harvest();
    assert_eq!(names(&harvest), ["fritzbox-2026-03-31.xml"]);
    assert!(text(&harvest, "fritzbox-2026-03-31.xml").contains("<Caller>0199004455"));
    assert_eq!(read_by(&harvest), ["phone/fritzbox_xml"]);
    shows_none_of(&["canary5id", "canary-pw"], &harvest, &bench.state);
    let asked = asked(&simulator);
    assert_eq!(asked[..2], ["POST /upnp/control/x_contact", "POST /upnp/control/x_contact"]);
}

#[test]
fn a_user_without_the_right_is_for_a_person() {
    let failure = fritzbox_bench(&fritzbox(false)).run().expect_err("no right");
    assert_eq!(failure.class, Class::User, "{failure:?}");
}

/// Two pages of calls, no message.
pub fn twilio() -> Simulator {
    let login = base64::engine::general_purpose::STANDARD.encode("AC01:canary-auth");
    Simulator::start(move |seen| {
        if seen.header("authorization") != format!("Basic {login}") {
            return Answer::json(401, &json!({"code": 20003, "message": "Authenticate", "status": 401}));
        }
        let calls = "/2010-04-01/Accounts/AC01/Calls.json";
        let call = |sid: &str| {
            json!({"sid": sid, "from": "+33199004455", "to": "+33639984141", "direction": "inbound",
            "start_time": "Mon, 30 Mar 2026 08:00:00 +0000", "duration": "65", "price": null, "price_unit": "USD", "status": "completed"})
        };
        match (seen.path.as_str(), seen.query("Page")) {
            (path, "") if path == calls => {
                let next = format!("{calls}?PageSize=1000&Page=1&PageToken=PA1");
                Answer::json(200, &json!({"first_page_uri": calls, "next_page_uri": next, "calls": [call("CA1")]}))
            }
            (path, _) if path == calls => {
                Answer::json(200, &json!({"first_page_uri": calls, "next_page_uri": null, "calls": [call("CA2")]}))
            }
            ("/2010-04-01/Accounts/AC01/Messages.json", _) => {
                Answer::json(200, &json!({"first_page_uri": "/", "next_page_uri": null, "messages": []}))
            }
            _ => Answer::json(404, &json!({"code": 20404, "status": 404})),
        }
    })
}

pub fn twilio_bench(simulator: &Simulator, token: &str) -> Bench {
    let bench = Bench::new("phone/twilio", &format!("{}/2010-04-01", simulator.base())).field("account_sid", "AC01");
    let mut bench = bench.secret("auth_token", token);
    bench.service.fetch.history = Some("P30D".parse().expect("a span"));
    bench
}

#[test]
fn calls_come_over_pages_that_are_named_by_paths() {
    let simulator = twilio();
    let mut bench = twilio_bench(&simulator, "canary-auth");
    let harvest = bench.harvest();
    assert_eq!(names(&harvest), ["twilio-calls-2026-03-01-2026-03-31.json"]);
    let all = text(&harvest, "twilio-calls-2026-03-01-2026-03-31.json");
    assert!(all.contains("CA1") && all.contains("CA2"));
    assert_eq!(read_by(&harvest), ["phone/twilio"]);
    let seen = simulator.take_seen();
    assert_eq!((seen[0].query("StartTime>"), seen[0].query("StartTime<")), ("2026-03-01", "2026-04-01"));
    shows_none_of(&["canary-auth"], &harvest, &bench.state);
}

#[test]
fn a_token_that_was_rotated_is_for_a_person() {
    assert_eq!(twilio_bench(&twilio(), "old").run().expect_err("refused").class, Class::User);
}
