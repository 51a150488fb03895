//! Tokens from a simulated server: bought, kept, refreshed, refused.

mod server;

use std::sync::Mutex;
use std::time::Duration;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use secrecy::{ExposeSecret, SecretString};

use self::server::Server;
use super::*;
use crate::config::{Network, Setting, Source};
use crate::connector::{Catalogue, Service};
use crate::fetch::http::{Client, runtime};
use crate::vault::Vault;

/// A source at the simulated server.
struct World {
    server: Server,
    source: Source,
    service: Service,
    vault: Vault,
    network: Network,
    client: Client,
    now: Timestamp,
    zone: TimeZone,
    person: Option<Person>,
}

/// Somebody who opens every page that is shown.
#[derive(Default)]
struct Person {
    told: Mutex<Vec<(String, Option<String>)>>,
    answers: Mutex<Vec<String>>,
}

impl Ask for Person {
    fn ask(&self, _: &Said, _: bool) -> Option<String> {
        None
    }

    fn tell(&self, what: &Said, link: Option<&str>) {
        self.told.lock().expect("alone").push((what.en.clone(), link.map(str::to_owned)));
        let Some(link) = link.filter(|link| link.contains("/authorize")) else { return };
        let answer = runtime().block_on(async { reqwest::get(link).await?.text().await });
        self.answers.lock().expect("alone").push(answer.expect("the page answers"));
    }
}

const SETTINGS: &str = r#"
    token_url = "/token"
    authorize_url = "/authorize"
    client_id = "{client_id}"
    client_secret = "{client_secret}"
    scope = "meters read"
    extra = { access_type = "offline" }
"#;

fn world(settings: &str) -> World {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let server = Server::start();
    let text = format!(
        r#"
        name = "Invented"
        version = 1
        [fetch]
        transport = "http"
        base = "{}"
        consent = "P90D"
        needs.client_id = {{ kind = "text", label.en = "client" }}
        needs.client_secret = {{ kind = "secret", label.en = "secret" }}
        [fetch.auth]
        kind = "oauth2"
        {settings}
        "#,
        server.base
    );
    let mut catalogue = Catalogue::default();
    catalogue.add("energy/invented", &text, "invented.toml").expect("a connector");
    let network = Network { home_hosts: vec!["127.0.0.1".to_owned()], ..Network::default() };
    let mut source = Source { id: "home".to_owned(), ..Source::default() };
    source.fetch.insert("client_id".to_owned(), Setting::Text("CLIENT".to_owned()));
    let vault = Vault::in_memory();
    vault.keep("home/client_secret", "CLIENT-SECRET".into()).expect("kept");
    World {
        client: Client::new(&network).expect("a client"),
        service: catalogue.service("energy/invented").expect("there").clone(),
        now: "2026-03-01T08:00:00Z".parse().expect("an instant"),
        person: None,
        zone: TimeZone::UTC,
        server,
        source,
        vault,
        network,
    }
}

impl World {
    fn order(&self) -> Order<'_> {
        Order {
            source: &self.source,
            service: &self.service,
            zone: &self.zone,
            now: self.now,
            network: &self.network,
            vault: &self.vault,
            client: &self.client,
            person: self.person.as_ref().map(|person| person as &dyn Ask),
        }
    }

    fn auth(&self) -> &OauthAuth {
        match &self.service.fetch.auth {
            crate::connector::fetch::Auth::Oauth2(auth) => auth,
            _ => panic!("the connector of these tests says oauth2"),
        }
    }

    fn token(&self) -> Result<String, Failure> {
        token(&self.order(), self.auth()).map(|token| token.expose_secret().to_owned())
    }

    /// Tokens as an earlier run left them.
    fn has(&self, access: &str, refresh: &str, expires_in_s: i64) {
        let expires_at = Some(self.now + SignedDuration::from_secs(expires_in_s));
        let refresh_token = (!refresh.is_empty()).then(|| SecretString::from(refresh));
        let tokens = Tokens { access_token: access.into(), refresh_token, expires_at, consent_until: None };
        kept::keep(&self.order(), &tokens).expect("kept");
        self.server.sim().refresh = Some(refresh.to_owned());
    }

    fn kept(&self) -> String {
        self.vault.find("home/oauth").expect("readable").expect("kept").expose_secret().to_owned()
    }

    fn polls(&self) -> (Result<Tokens, Failure>, Vec<u64>) {
        let mut pauses = Vec::new();
        let mut pause = |time: Duration| pauses.push(time.as_secs());
        let person = self.person.as_ref().expect("somebody is there");
        let got = device::consent(&self.order(), self.auth(), person, &mut pause);
        (got, pauses)
    }
}

/// No message holds anything that opens a door.
fn is_discreet(failure: &Failure) -> bool {
    let said = format!("{failure:?}");
    ["ACCESS-", "REFRESH-", "CODE-", "DEVICE-", "CLIENT-SECRET"].iter().all(|secret| !said.contains(secret))
}

#[test]
fn a_token_that_holds_is_used_without_a_call() {
    let world = world(SETTINGS);
    world.has("ACCESS-0", "REFRESH-0", 61);
    assert_eq!(world.token().expect("a token"), "ACCESS-0");
    assert!(world.server.sim().asked.is_empty());
}

#[test]
fn a_token_that_ends_soon_is_refreshed_and_the_new_refresh_token_is_kept() {
    let mut world = world(SETTINGS);
    world.has("ACCESS-0", "REFRESH-0", 59);
    assert_eq!(world.token().expect("a token"), "ACCESS-1");
    assert!(world.kept().contains("REFRESH-1"), "what rotates is kept");
    let (form, authorization) = world.server.sim().asked[0].clone();
    assert_eq!((form["client_id"].as_str(), form["client_secret"].as_str()), ("CLIENT", "CLIENT-SECRET"));
    assert_eq!(authorization, None);
    world.now += SignedDuration::from_hours(2);
    assert_eq!(world.token().expect("the rotated one is good"), "ACCESS-2");
}

#[test]
fn a_refresh_token_that_was_withdrawn_needs_a_person() {
    let world = world(SETTINGS);
    world.has("ACCESS-0", "REFRESH-0", 0);
    world.server.sim().refresh = None;
    let failure = world.token().expect_err("it was withdrawn");
    assert_eq!(failure.class, Class::User);
    assert!(failure.message.en.contains("`moisson sync home`"), "{}", failure.message.en);
    assert!(is_discreet(&failure));
}

#[test]
fn a_token_refused_in_mid_run_is_refreshed_once() {
    let world = world(SETTINGS);
    world.has("ACCESS-0", "REFRESH-0", 3000);
    expire(&world.order()).expect("noted");
    assert_eq!(world.token().expect("a fresh one"), "ACCESS-1");
}

#[test]
fn the_answers_of_the_endpoint_say_whose_turn_it_is() {
    for (status, error, class) in [
        (401, "invalid_client", Class::Config),
        (400, "invalid_scope", Class::Config),
        (503, "temporarily_unavailable", Class::Retry),
        (500, "server_error", Class::Retry),
        (429, "rate", Class::Quota),
    ] {
        let world = world(SETTINGS);
        world.has("ACCESS-0", "REFRESH-0", 0);
        world.server.sim().fails = Some((status, error));
        let failure = world.token().expect_err("it fails");
        assert_eq!(failure.class, class, "{status} {error}");
        assert!(is_discreet(&failure), "{failure:?}");
        assert!(world.kept().contains("REFRESH-0"), "what may still be good is not thrown away");
    }
}

#[test]
fn a_machine_of_its_own_right_buys_tokens_alone() {
    let settings = "token_url = \"/token\"\nclient_id = \"{client_id}\"\nclient_secret = \"{client_secret}\"\n\
                    client_credentials = true\nbasic = true";
    let mut world = world(settings);
    assert_eq!(world.token().expect("a token"), "ACCESS-1");
    assert_eq!(world.token().expect("the same"), "ACCESS-1");
    let (form, authorization) = world.server.sim().asked[0].clone();
    assert_eq!(form.get("client_secret"), None, "it stands in the header");
    assert_eq!(authorization.as_deref(), Some("Basic Q0xJRU5UOkNMSUVOVC1TRUNSRVQ="));
    world.now += SignedDuration::from_hours(1);
    assert_eq!(world.token().expect("the next"), "ACCESS-2");
    assert_eq!(consent_until(&world.order()), None);
}

#[test]
fn a_person_allows_it_on_a_page_of_this_machine() {
    let mut world = world(SETTINGS);
    world.person = Some(Person::default());
    assert_eq!(world.token().expect("allowed"), "ACCESS-1");
    let person = world.person.as_ref().expect("there");
    assert!(person.answers.lock().expect("alone")[0].contains("can be closed"));
    let told = person.told.lock().expect("alone")[0].clone();
    let link = told.1.expect("a link");
    assert!(link.contains("access_type=offline") && link.contains("scope=meters+read"), "{link}");
    let form = world.server.sim().asked[0].0.clone();
    assert!(form["redirect_uri"].starts_with("http://127.0.0.1:"));
    // The connector says 90 days, the service says nothing.
    assert_eq!(consent_until(&world.order()), Some("2026-05-30T08:00:00Z".parse().expect("an instant")));
    let closed = runtime().block_on(reqwest::get(&form["redirect_uri"]));
    assert!(closed.is_err(), "the page is gone after its one answer");
}

#[test]
fn a_span_that_the_service_tells_wins() {
    let mut world = world(SETTINGS);
    world.person = Some(Person::default());
    world.server.sim().consent_s = Some(86400);
    world.token().expect("allowed");
    assert_eq!(consent_until(&world.order()), Some("2026-03-02T08:00:00Z".parse().expect("an instant")));
}

#[test]
fn a_person_may_say_no() {
    let mut world = world(SETTINGS);
    world.person = Some(Person::default());
    world.server.sim().denies = true;
    let failure = world.token().expect_err("denied");
    assert_eq!(failure.class, Class::User);
    assert!(world.server.sim().asked.is_empty(), "nothing is bought with a refusal");
}

#[test]
fn an_answer_with_another_state_is_no_answer() {
    let mut world = world(SETTINGS);
    world.person = Some(Person::default());
    world.server.sim().other_state = true;
    let person = world.person.as_ref().expect("there");
    let got = page::consent(&world.order(), world.auth(), person, Duration::from_millis(50));
    let failure = got.map(|_| ()).expect_err("nobody answered");
    assert_eq!(failure.class, Class::User);
    assert!(person.answers.lock().expect("alone")[0].contains("not the answer"));
    assert!(world.server.sim().asked.is_empty(), "the code of somebody else is not used");
}

#[test]
fn a_code_that_another_program_would_show_is_worth_nothing() {
    let mut world = world(SETTINGS);
    world.person = Some(Person::default());
    world.server.sim().breaks_challenge = true;
    let failure = world.token().expect_err("the proof does not fit");
    assert_eq!(failure.class, Class::User);
    assert!(is_discreet(&failure));
}

const DEVICE: &str = r#"
    token_url = "/token"
    device_url = "/device"
    client_id = "{client_id}"
"#;

#[test]
fn the_device_flow_shows_a_code_and_asks_no_faster_than_it_may() {
    let mut world = world(DEVICE);
    world.person = Some(Person::default());
    world.server.sim().pending = ["authorization_pending", "slow_down", "authorization_pending"].into();
    let (got, pauses) = world.polls();
    assert_eq!(got.map_err(|failure| failure.message.en).expect("allowed").access_token.expose_secret(), "ACCESS-1");
    assert_eq!(pauses, [5, 5, 10, 10]);
    let told = world.person.as_ref().expect("there").told.lock().expect("alone")[0].clone();
    assert!(told.0.contains("WDJB-MJHT"));
    assert_eq!(told.1, Some(format!("{}/activate", world.server.base)));
}

#[test]
fn a_code_that_nobody_types_ends() {
    for (pending, n_pauses) in
        [(vec!["authorization_pending", "expired_token"], 2), (vec!["authorization_pending"; 99], 12)]
    {
        let mut world = world(DEVICE);
        world.person = Some(Person::default());
        world.server.sim().pending = pending.into();
        let (got, pauses) = world.polls();
        let failure = got.map(|_| ()).expect_err("too late");
        assert_eq!((failure.class, pauses.len()), (Class::User, n_pauses));
        assert!(is_discreet(&failure));
    }
}

#[test]
fn no_service_makes_a_person_wait_for_as_long_as_it_likes() {
    for (device_s, slowest, longest) in [((u64::MAX, u64::MAX), 60, 900), ((90, 3_600), 60, 90), ((86_400, 0), 1, 900)]
    {
        let mut world = world(DEVICE);
        world.person = Some(Person::default());
        world.server.sim().device_s = Some(device_s);
        world.server.sim().pending = vec!["authorization_pending"; 2_000].into();
        let (got, pauses) = world.polls();
        assert_eq!(got.map(|_| ()).expect_err("too late").class, Class::User);
        assert_eq!(pauses.iter().max(), Some(&slowest), "{device_s:?}");
        assert!((longest / 2..=longest).contains(&pauses.iter().sum::<u64>()), "{device_s:?}: {pauses:?}");
    }
    let mut world = world(DEVICE);
    world.person = Some(Person::default());
    world.server.sim().device_s = Some((900, 50));
    world.server.sim().pending = vec!["slow_down"; 99].into();
    assert!(world.polls().1.iter().all(|seconds| *seconds <= 60), "told to slow down for ever");
}

#[test]
fn a_service_that_cannot_be_reached_is_tried_again() {
    let mut world = world(SETTINGS);
    world.has("ACCESS-0", "REFRESH-0", 0);
    world.source.fetch.insert("base".to_owned(), Setting::Text("http://127.0.0.1:9".to_owned()));
    assert_eq!(world.token().expect_err("nobody there").class, Class::Retry);
}
