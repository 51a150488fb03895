//! A mobile operator's portal: a session, a hidden field against forgery, a code by SMS, bills
//! month by month; and all that such portals do to those who come by program.

use axum::Router;
use axum::body::Bytes;
use axum::extract::{RawQuery, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use moisson::fetch::case::Case;
use moisson::model::run::Class;

use super::server::{Sim, answer, fields, serve};
use super::world::{Person, World, names, read_by, text_of};

const PASSWORD: &str = "Pa55&word é";
const HTML: &str = "text/html; charset=iso-8859-1";

/// What the portal knows, and what happens to it.
#[derive(Default)]
#[expect(clippy::struct_excessive_bools, reason = "what a test asks of a portal, each a switch of its own")]
struct Portal {
    n_logins: u32,
    n_codes: u32,
    n_downloads: u32,
    n_logouts: u32,
    /// Whether the session has passed the password, then the code.
    has_password: bool,
    is_in: bool,
    n_months: u32,
    /// After so many downloads the session is over.
    ends_after: Option<u32>,
    is_redesigned: bool,
    is_closed: bool,
    knows_machine: bool,
}

fn start(portal: Portal) -> (Sim<Portal>, String) {
    let sim = Sim::new(portal);
    let routes = Router::new()
        .route("/account/v2/login", get(login_page).post(login))
        .route("/account/v2/otp", post(code))
        .route("/account/conso-et-factures", get(bills))
        .route("/account/facture", get(bill))
        .route("/account/logout", get(logout))
        .with_state(sim.clone());
    (sim, serve(routes))
}

fn page(title: &str, body: &str) -> Response {
    let html = format!("<!DOCTYPE html><html><head><title>{title}</title></head><body>{body}</body></html>");
    let bytes: Vec<u8> = html.chars().map(|c| u8::try_from(u32::from(c)).expect("a letter of Latin-1")).collect();
    ([("content-type", HTML)], bytes).into_response()
}

async fn login_page(State(sim): State<Sim<Portal>>) -> Response {
    let portal = sim.look();
    if portal.is_closed {
        return page("Site en maintenance", "<p>Revenez plus tard.</p>");
    }
    let password = if portal.is_redesigned { "mot-de-passe" } else { "pwd-ident" };
    let form = format!(
        "<form method='post' action='/account/v2/login'><input type='hidden' name='_csrf' value='jeton&amp;1'>\
         <input name='login-ident'><input type='password' name='{password}'>\
         <input type='checkbox' name='stay' value='1'><button name='bt-login'>Se connecter</button></form>"
    );
    let mut response = page("Identification", &form);
    response.headers_mut().insert("set-cookie", "session=abc; Path=/; HttpOnly".parse().expect("a cookie"));
    response
}

/// Without its cookie or its hidden field nobody gets further.
fn is_session(headers: &HeaderMap) -> bool {
    headers.get("cookie").is_some_and(|cookie| cookie.to_str().expect("text").contains("session=abc"))
}

async fn login(State(sim): State<Sim<Portal>>, headers: HeaderMap, body: Bytes) -> Response {
    let form = fields_of_latin(&body);
    let mut portal = sim.look();
    portal.n_logins += 1;
    if !is_session(&headers) || form.get("_csrf").map(String::as_str) != Some("jeton&1") || form.contains_key("stay") {
        return answer(403, HTML, "forged");
    }
    if form["login-ident"] != "01234567" || form["pwd-ident"] != PASSWORD {
        let again = "<div class='alert-danger'>Identifiant ou mot de passe incorrect</div>";
        return page("Identification", again);
    }
    portal.has_password = true;
    portal.is_in = portal.knows_machine;
    if portal.is_in {
        return Redirect::to("/account/conso-et-factures").into_response();
    }
    portal.n_codes += 1;
    page("Code", CODE_FORM)
}

const CODE_FORM: &str =
    "<form method='post' action='otp'><input type='hidden' name='n' value='7'><input name='otp'></form>";

async fn code(State(sim): State<Sim<Portal>>, headers: HeaderMap, body: Bytes) -> Response {
    let form = fields_of_latin(&body);
    let mut portal = sim.look();
    portal.is_in = portal.has_password && is_session(&headers) && form["otp"] == "123456" && form["n"] == "7";
    if portal.is_in {
        return Redirect::to("/account/conso-et-factures").into_response();
    }
    let again = CODE_FORM.replace("<input name", "<p class='alert-danger'>Code erroné</p><input name");
    page("Code", &again)
}

/// Four months a page, the newest first.
async fn bills(State(sim): State<Sim<Portal>>, headers: HeaderMap, RawQuery(query): RawQuery) -> Response {
    let portal = sim.look();
    if !portal.is_in || !is_session(&headers) {
        return Redirect::to("/account/v2/login").into_response();
    }
    let at: u32 = fields(&query.unwrap_or_default()).get("page").and_then(|page| page.parse().ok()).unwrap_or(1);
    let months = (1..=portal.n_months).rev().skip(4 * (at as usize - 1)).take(4);
    let rows = months.map(|month| {
        format!(
            "<li><a href='/account/facture?mois=2026-{month:02}&amp;format=csv'>Détail</a>\
             <a href='/account/facture?mois=2026-{month:02}&amp;format=pdf'>Facture</a></li>"
        )
    });
    let rows: String = rows.collect();
    let next = if portal.n_months > 4 * at {
        format!("<a rel='next' href='?page={}'>suite</a>", at + 1)
    } else {
        String::new()
    };
    page("Factures", &format!("<a href='/account/logout'>Déconnexion</a><ul class='factures'>{rows}</ul>{next}"))
}

async fn bill(State(sim): State<Sim<Portal>>, headers: HeaderMap, RawQuery(query): RawQuery) -> Response {
    let mut portal = sim.look();
    let is_over = portal.ends_after.is_some_and(|most| portal.n_downloads >= most);
    if !portal.is_in || !is_session(&headers) || is_over {
        return Redirect::to("/account/v2/login").into_response();
    }
    portal.n_downloads += 1;
    let month = fields(&query.expect("a month"))["mois"].clone();
    let day = format!("03/{}/2026", &month[5..]);
    let csv = format!(
        "Votre numéro;06 39 98 40 04;;;;\r\nDate;Heure;Type;Correspondant;Durée ou volume;Montant TTC\r\n\
         {day};08:00:00;Appel voix;06 39 98 41 41;00h01m00s;Inclus\r\n"
    );
    let disposition = format!("attachment; filename=\"detail_{month}.csv\"");
    let bytes: Vec<u8> = csv.chars().map(|c| u8::try_from(u32::from(c)).expect("a letter of Latin-1")).collect();
    ([("content-type", "text/csv"), ("content-disposition", disposition.as_str())], bytes).into_response()
}

async fn logout(State(sim): State<Sim<Portal>>) -> Response {
    sim.look().n_logouts += 1;
    page("Au revoir", "")
}

/// The portal reads forms in the charset of its pages.
fn fields_of_latin(body: &[u8]) -> std::collections::BTreeMap<String, String> {
    let text = String::from_utf8_lossy(body).replace("%E9", "%C3%A9");
    fields(&text)
}

fn world(base: &str, password: &str, person: Option<Person>) -> World {
    let world = World::new("phone/free_mobile_portal", base, "login = \"01234567\"", "2026-07-05T07:00:00Z");
    World { person, ..world.secret("password", password) }
}

fn with_code() -> Person {
    Person::who_says(&[" 123456 "])
}

#[test]
fn bills_come_after_login_and_code_from_all_pages_once() {
    let (sim, base) = start(Portal { n_months: 6, ..Portal::default() });
    let mut world = world(&base, PASSWORD, Some(with_code()));
    let harvest = world.fetched();
    let months: Vec<_> = (1..=6).rev().map(|month| format!("detail_2026-{month:02}.csv")).collect();
    assert_eq!(names(&harvest), months);
    assert!(text_of(&harvest, "detail_2026-03.csv").contains("03/03/2026"));
    let document = &harvest.documents[0];
    assert_eq!(document.connectors, ["phone/detailed_bill"]);
    assert_eq!(read_by(document).as_deref(), Some("phone/detailed_bill"));
    assert_eq!(document.origin, format!("{base}/account/facture"));
    assert!(harvest.failed.is_empty());
    assert_eq!(sim.seen(|portal| (portal.n_logins, portal.n_codes, portal.n_logouts)), (1, 1, 1));

    // A month later only the new bill is downloaded.
    sim.look().n_months = 7;
    world.person = Some(with_code());
    assert_eq!(names(&world.fetched()), ["detail_2026-07.csv"]);
    assert_eq!(sim.look().n_downloads, 7);
}

#[test]
fn a_portal_is_recorded_without_password_code_and_session_and_played() {
    let (sim, base) = start(Portal { n_months: 6, ..Portal::default() });
    let recorded = world(&base, PASSWORD, Some(with_code())).recorded();
    assert_eq!((recorded.case.outcome, recorded.case.documents.len(), recorded.n_opaque), (Class::Ok, 6, 0));
    let folder = tempfile::tempdir().expect("a folder");
    recorded.case.write(folder.path()).expect("written");
    let text = |name: &str| std::fs::read_to_string(folder.path().join(name)).expect("text");
    for text in [text("exchange.jsonl"), text("case.toml")] {
        for secret in ["Pa55", "word+", "123456", "session=abc"] {
            assert!(!text.contains(secret), "{secret} is in {text}");
        }
    }
    assert!(text("exchange.jsonl").contains("Détail"), "pages can be read");
    assert_eq!(Case::read(folder.path()).expect("a recording"), recorded.case);
    sim.look().is_closed = true;
    let service = world(&base, PASSWORD, None).service;
    assert_eq!(recorded.case.play(&service).expect("played"), []);
}

#[test]
fn nobody_there_means_no_login_and_no_sms() {
    let (sim, base) = start(Portal::default());
    let failure = world(&base, PASSWORD, None).fetch().expect_err("a code is needed");
    assert_eq!(failure.class, Class::User);
    assert!(failure.message.en.contains("`moisson sync mine`"), "{}", failure.message.en);
    assert_eq!(sim.seen(|portal| (portal.n_logins, portal.n_codes)), (0, 0));
}

#[test]
fn a_wrong_password_is_tried_once_and_never_said() {
    let (sim, base) = start(Portal::default());
    let failure = world(&base, "wr0ng-pass", Some(with_code())).fetch().expect_err("refused");
    assert_eq!(failure.class, Class::User);
    assert!(failure.message.en.contains("login was refused"), "{}", failure.message.en);
    assert!(!format!("{failure:?}").contains("wr0ng"));
    assert_eq!(sim.seen(|portal| (portal.n_logins, portal.n_codes)), (1, 0));
}

#[test]
fn a_wrong_code_is_told_apart_from_a_wrong_password() {
    let (sim, base) = start(Portal::default());
    let failure = world(&base, PASSWORD, Some(Person::who_says(&["000000"]))).fetch().expect_err("refused");
    assert_eq!(failure.class, Class::User);
    assert!(failure.message.en.contains("code was refused"), "{}", failure.message.en);
    assert_eq!(sim.seen(|portal| (portal.n_logins, portal.n_codes)), (1, 1));
}

#[test]
fn no_answer_to_the_question_is_no_code() {
    let (_, base) = start(Portal::default());
    let failure = world(&base, PASSWORD, Some(Person::default())).fetch().expect_err("no code");
    assert_eq!(failure.class, Class::User);
}

#[test]
fn a_machine_that_is_known_is_not_asked_for_a_code() {
    let (sim, base) = start(Portal { n_months: 1, knows_machine: true, ..Portal::default() });
    let mut world = world(&base, PASSWORD, Some(Person::default()));
    assert_eq!(names(&world.fetched()), ["detail_2026-01.csv"]);
    assert!(world.person.expect("there").asked.lock().expect("alone").is_empty());
    assert_eq!(sim.look().n_codes, 0);
}

#[test]
fn a_changed_page_is_named_with_what_is_missing_from_it() {
    let (sim, base) = start(Portal { is_redesigned: true, ..Portal::default() });
    let failure = world(&base, PASSWORD, Some(with_code())).fetch().expect_err("changed");
    assert_eq!(failure.class, Class::Changed);
    assert!(failure.message.en.contains("/account/v2/login") && failure.message.en.contains("pwd-ident"));
    assert_eq!(sim.look().n_logins, 0, "nothing is typed into a form that is not known");
}

#[test]
fn a_session_that_ends_in_mid_run_leaves_what_came() {
    let (sim, base) = start(Portal { n_months: 6, ends_after: Some(2), ..Portal::default() });
    let mut world = world(&base, PASSWORD, Some(with_code()));
    let harvest = world.fetched();
    assert_eq!(names(&harvest), ["detail_2026-06.csv", "detail_2026-05.csv"]);
    assert_eq!((harvest.failed[0].name.as_str(), harvest.failed[0].outcome), ("bills", Class::Retry));
    assert_eq!(sim.look().n_logins, 1, "a login is not tried again by itself");

    sim.look().ends_after = None;
    world.person = Some(with_code());
    assert_eq!(world.fetched().documents.len(), 4, "the rest comes with the next run");
}

#[test]
fn a_portal_under_maintenance_is_tried_later() {
    let (_, base) = start(Portal { is_closed: true, ..Portal::default() });
    let failure = world(&base, PASSWORD, Some(with_code())).fetch().expect_err("closed");
    assert_eq!(failure.class, Class::Retry);
    assert!(failure.message.fr.contains("maintenance"));
}

#[test]
fn a_state_names_no_link() {
    let (_, base) = start(Portal { n_months: 2, ..Portal::default() });
    let mut world = world(&base, PASSWORD, Some(with_code()));
    world.fetched();
    let state = serde_json::to_string(&world.state).expect("a state");
    assert!(!state.contains("facture?") && !state.contains("abc"), "{state}");
}
