//! The pages as their owner sees them.

use std::fs::File;
use std::io::Write as _;

use moisson::web::accounts::{Access, Scope, Service};
use scraper::{Html, Selector};

use super::world::{Answer, World, answer, basic, now};

const EVIL: &str = "\"><script>alert(1)</script>'&";

pub fn owner(world: &World) -> String {
    world.device("owner", Scope { page: true, ..Scope::all() })
}

fn all(page: &Html, selector: &str) -> Vec<String> {
    let selector = Selector::parse(selector).expect("a selector");
    page.select(&selector).map(|element| element.text().collect::<String>()).collect()
}

fn attribute(page: &Html, selector: &str, name: &str) -> Option<String> {
    let selector = Selector::parse(selector).expect("a selector");
    page.select(&selector).next().and_then(|element| element.attr(name)).map(str::to_owned)
}

/// The token of a page's forms.
pub fn token(answer: &Answer) -> String {
    attribute(&Html::parse_document(&answer.body), "input[name=token]", "value").unwrap_or_default()
}

/// Adds a device by the page's form.
pub fn add(world: &World, owner: &str, fields: &[(&str, &str)]) -> Answer {
    let mut form = url::form_urlencoded::Serializer::new(String::new());
    form.append_pair("token", &token(&world.get("/", owner)));
    let body = form.extend_pairs(fields).finish();
    world.ask("POST", "/setup/devices", &[("Authorization", owner), ("Sec-Fetch-Site", "same-origin")], &body)
}

#[test]
fn a_device_is_added_and_its_password_shown_once() {
    let world = World::new();
    let owner = owner(&world);
    let fields =
        [("name", "Zoé's phone"), ("service", "calendars"), ("access", "write"), ("collections", "family, work")];
    let added = add(&world, &owner, &fields);
    assert_eq!(added.status, 200, "{}", added.body);
    let page = Html::parse_document(&added.body);
    let password = all(&page, ".secret").remove(0);
    assert_eq!(world.get("/dav/", &basic("moisson", &password)).body, "Zoé's phone 0");
    let device = world.accounts.check("moisson", &password).expect("the device");
    let names = Some(["family".to_owned(), "work".to_owned()].into());
    assert_eq!(
        device.scope,
        Scope { service: Service::Calendars, access: Access::Write, collections: names, page: false }
    );
    let link = attribute(&page, "figcaption a", "href").expect("a link");
    assert_eq!(link, format!("caldav://moisson:{password}@{}/dav/", world.address));
    assert_eq!(all(&page, "svg.qr").len(), 2);
    let front = world.get("/", &owner).body;
    assert!(front.contains("Zoé&#39;s phone") && !front.contains(&password));
    let twice = add(&world, &owner, &fields);
    assert_eq!(twice.status, 422);
    assert!(twice.body.contains("is called Zoé&#39;s phone already"), "{}", twice.body);
}

#[test]
fn a_form_that_says_nothing_gives_the_least() {
    let world = World::new();
    let owner = owner(&world);
    assert_eq!(add(&world, &owner, &[("name", "least"), ("service", "x"), ("page", "")]).status, 200);
    let scope = world.accounts.devices().expect("devices")[1].scope.clone();
    assert_eq!(scope, Scope { service: Service::Calendars, access: Access::Read, collections: None, page: false });
}

#[test]
fn names_are_shown_and_never_obeyed() {
    let world = World::new();
    let owner = owner(&world);
    let added = add(&world, &owner, &[("name", EVIL), ("collections", EVIL)]);
    for answer in [added, world.get("/", &owner), add(&world, &owner, &[("name", EVIL)])] {
        assert!(answer.status == 200 || answer.status == 422, "{}", answer.status);
        assert!(answer.body.contains("&lt;script&gt;") && !answer.body.contains("<script"));
        let page = Html::parse_document(&answer.body);
        assert!(all(&page, "script").is_empty());
    }
}

#[test]
fn a_browser_may_do_nothing_but_show_them_and_send_their_forms() {
    let world = World::new();
    let owner = owner(&world);
    for answer in [world.get("/", &owner), add(&world, &owner, &[("name", "phone")])] {
        let policy = answer.header("content-security-policy").expect("a policy");
        for rule in [
            "default-src 'none'",
            "form-action 'self'",
            "base-uri 'none'",
            "frame-ancestors 'none'",
            "style-src 'sha256-",
        ] {
            assert!(policy.contains(rule), "{policy}");
        }
        assert!(!policy.contains("unsafe") && !policy.contains("script-src"));
        assert_eq!(answer.header("cache-control"), Some("no-store"));
        assert_eq!(answer.header("referrer-policy"), Some("same-origin"));
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
        let page = Html::parse_document(&answer.body);
        assert!(all(&page, "[style], [onclick], script, iframe, img, link").is_empty());
        assert_eq!(policy.split("sha256-").nth(1).and_then(|rest| rest.split('\'').next()), Some(hash(&page).as_str()));
    }
    let elsewhere = world.get("/dav/", &owner);
    assert!(elsewhere.header("content-security-policy").is_some_and(|policy| policy.contains("sandbox")));
}

/// What the browser compares the looks with.
fn hash(page: &Html) -> String {
    use base64::Engine as _;
    use sha2::Digest as _;
    let style = all(page, "style").remove(0);
    base64::engine::general_purpose::STANDARD.encode(sha2::Sha256::digest(style))
}

#[test]
fn pages_speak_french_and_say_where_everything_is() {
    let world = World::new();
    let owner = owner(&world);
    let headers = [("Authorization", owner.as_str()), ("Accept-Language", "fr-FR,fr;q=0.9,en;q=0.5")];
    let french = world.ask("GET", "/", &headers, "");
    let page = Html::parse_document(&french.body);
    assert_eq!(attribute(&page, "html", "lang").as_deref(), Some("fr"));
    assert!(french.body.contains("Ajouter un appareil") && french.body.contains("04/05/2026 08:00"), "{}", french.body);
    let english = world.get("/", &owner);
    assert!(english.body.contains("Add a device") && english.body.contains("2026-05-04 08:00"));
    assert!(english.body.contains("(this one)") && english.body.contains("127.0.0.1"));
    let dav = format!("http://{}/dav/", world.address);
    let guides = all(&Html::parse_document(&english.body), "main > details");
    assert_eq!(guides.len(), 7);
    assert!(guides.iter().filter(|guide| guide.contains(&dav)).count() >= 5);
    for label in all(&page, "label[for]") {
        assert!(!label.is_empty());
    }
    for field in ["name", "service", "access", "collections"] {
        assert!(attribute(&page, &format!("label[for={field}]"), "for").is_some());
        assert!(attribute(&page, &format!("#{field}"), "name").is_some());
    }
}

#[test]
fn the_pages_close_with_their_device() {
    let world = World::new();
    let owner = owner(&world);
    world.accounts.revoke("owner", now()).expect("a change");
    assert_eq!(world.get("/", &owner).status, 401);
}

#[test]
fn while_devices_are_being_changed_elsewhere_everybody_is_answered() {
    let world = World::new();
    let owner = owner(&world);
    let token = token(&world.get("/", &owner));
    let lock = File::create(world.folder.path().join("devices.lock")).expect("a file");
    lock.lock().expect("the lock");
    let body = format!("token={token}&name=new");
    let head = format!("POST /setup/devices HTTP/1.1\r\nHost: {}\r\nAuthorization: {owner}\r\n", world.address);
    let length = format!("Content-Length: {}\r\nConnection: close\r\n\r\n", body.len());
    let mut posted = world.connect();
    posted.write_all(format!("{head}{length}{body}").as_bytes()).expect("a request");
    for _ in 0..20 {
        assert_eq!(world.get("/dav/", &owner).status, 200, "nobody waits for the form");
    }
    drop(lock);
    assert_eq!(answer(&mut posted).status, 200, "it has waited for its turn");
    assert_eq!(world.accounts.devices().expect("devices").len(), 2);
}
