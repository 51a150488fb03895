//! The profile for Apple's systems, read as a property list.

use std::collections::BTreeMap;

use moisson::config::Serve;
use moisson::web::accounts::{Access, Scope, Service};
use moisson::web::listen::Limits;
use quick_xml::Reader;
use quick_xml::events::Event;
use scraper::{Html, Selector};

use super::pages::{add, owner};
use super::world::World;

#[derive(Debug, Clone, PartialEq)]
enum Value {
    Text(String),
    Number(i64),
    Bool(bool),
    List(Vec<Value>),
    Dict(BTreeMap<String, Value>),
}

impl Value {
    fn at(&self, key: &str) -> &Value {
        let Value::Dict(dict) = self else { panic!("no dictionary: {self:?}") };
        dict.get(key).unwrap_or_else(|| panic!("no {key} in {self:?}"))
    }

    fn text(&self, key: &str) -> String {
        let Value::Text(text) = self.at(key) else { panic!("{key} is no text") };
        text.clone()
    }

    fn list(&self, key: &str) -> Vec<Value> {
        let Value::List(list) = self.at(key) else { panic!("{key} is no list") };
        list.clone()
    }

    fn has(&self, key: &str) -> bool {
        matches!(self, Value::Dict(dict) if dict.contains_key(key))
    }
}

fn plist(text: &str) -> Value {
    assert!(text.starts_with("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!DOCTYPE plist PUBLIC"), "{text}");
    let mut reader = Reader::from_str(text);
    loop {
        match reader.read_event().expect("well-formed") {
            Event::Start(start) if start.name().as_ref() == "plist" => {}
            Event::Start(start) => {
                let name = start.name().as_ref().to_owned();
                return value(&mut reader, &name);
            }
            Event::Eof => panic!("nothing in it"),
            _ => {}
        }
    }
}

fn value(reader: &mut Reader<&[u8]>, name: &str) -> Value {
    match name {
        "dict" => {
            let mut items = items(reader).into_iter();
            let mut dict = BTreeMap::new();
            while let (Some(Value::Text(key)), Some(value)) = (items.next(), items.next()) {
                assert!(dict.insert(key, value).is_none(), "a key twice");
            }
            Value::Dict(dict)
        }
        "array" => Value::List(items(reader)),
        "integer" => Value::Number(words(reader).parse().expect("a number")),
        "string" | "key" => Value::Text(words(reader)),
        other => panic!("{other}"),
    }
}

fn items(reader: &mut Reader<&[u8]>) -> Vec<Value> {
    let mut items = Vec::new();
    loop {
        match reader.read_event().expect("well-formed") {
            Event::Start(start) => {
                let name = start.name().as_ref().to_owned();
                items.push(value(reader, &name));
            }
            Event::Empty(empty) => items.push(Value::Bool(empty.name().as_ref() == "true")),
            Event::End(_) => return items,
            _ => {}
        }
    }
}

fn words(reader: &mut Reader<&[u8]>) -> String {
    let mut words = String::new();
    loop {
        match reader.read_event().expect("well-formed") {
            Event::Text(text) => words.push_str(&text),
            Event::End(_) => return words,
            other => panic!("{other:?}"),
        }
    }
}

/// Behind a proxy that speaks TLS, as phones meet it.
fn world() -> World {
    let settings = Serve {
        names: vec!["dav.example.org".to_owned()],
        proxies: vec!["127.0.0.1".parse().expect("a range")],
        ..Serve::default()
    };
    World::with(&settings, Limits::default())
}

const PROXIED: [(&str, &str); 4] = [
    ("Host", "127.0.0.1:4747"),
    ("X-Forwarded-For", "198.51.100.7"),
    ("X-Forwarded-Proto", "https"),
    ("X-Forwarded-Host", "dav.example.org"),
];

fn profile(world: &World, authorization: &str) -> String {
    let mut headers = PROXIED.to_vec();
    headers.push(("Authorization", authorization));
    let answer = world.ask("GET", "/setup/moisson.mobileconfig", &headers, "");
    assert_eq!(answer.status, 200, "{}", answer.body);
    assert_eq!(answer.header("content-type"), Some("application/x-apple-aspen-config"));
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    answer.body
}

#[test]
fn a_profile_holds_both_accounts_and_no_password() {
    let world = world();
    let phone = world.device("phone", Scope::all());
    let text = profile(&world, &phone);
    let whole = plist(&text);
    assert_eq!((whole.text("PayloadType").as_str(), whole.at("PayloadVersion")), ("Configuration", &Value::Number(1)));
    let accounts = whole.list("PayloadContent");
    let [calendars, contacts] = accounts.as_slice() else { panic!("{accounts:?}") };
    for (account, prefix, kind) in
        [(calendars, "CalDAV", "com.apple.caldav.account"), (contacts, "CardDAV", "com.apple.carddav.account")]
    {
        let key = |name: &str| format!("{prefix}{name}");
        assert_eq!(account.text("PayloadType"), kind);
        assert_eq!(account.text(&key("HostName")), "dav.example.org");
        assert_eq!(account.at(&key("Port")), &Value::Number(443));
        assert_eq!(account.at(&key("UseSSL")), &Value::Bool(true));
        assert_eq!(account.text(&key("PrincipalURL")), "/dav/principals/moisson/");
        assert_eq!(account.text(&key("Username")), "moisson");
        assert!(!account.has(&key("Password")));
    }
    let uuids: Vec<String> = [&whole, calendars, contacts].map(|payload| payload.text("PayloadUUID")).to_vec();
    assert!(uuids.iter().all(|uuid| uuid.len() == 36 && uuid.as_bytes()[14] == b'8'), "{uuids:?}");
    assert_eq!(uuids.iter().collect::<std::collections::BTreeSet<_>>().len(), 3);
    let tablet = world.device("tablet", Scope::all());
    assert_eq!(text, profile(&world, &tablet), "the same place has the same profile");
}

#[test]
fn a_device_with_contacts_alone_gets_these_alone() {
    let world = world();
    let scope = Scope { service: Service::Contacts, access: Access::Read, collections: None, page: false };
    let phone = world.device("phone", scope);
    let accounts = plist(&profile(&world, &phone)).list("PayloadContent");
    assert_eq!(accounts.iter().map(|one| one.text("PayloadType")).collect::<Vec<_>>(), ["com.apple.carddav.account"]);
}

#[test]
fn a_new_device_fetches_its_password_once_by_a_link() {
    let world = World::new();
    let owner = owner(&world);
    let added = add(&world, &owner, &[("name", "phone"), ("service", "all"), ("access", "write")]);
    let page = Html::parse_document(&added.body);
    let links = Selector::parse("figcaption a").expect("a selector");
    let link =
        page.select(&links).filter_map(|link| link.attr("href")).find(|link| link.contains("once=")).expect("a link");
    let path = link.strip_prefix(&format!("http://{}", world.address)).expect("our address");
    let get = |method: &str| world.ask(method, path, &[], "");
    assert_eq!(get("HEAD").status, 404, "a look does not use it up");
    let first = get("GET");
    assert_eq!(first.status, 200);
    let password = plist(&first.body).list("PayloadContent")[0].text("CalDAVPassword");
    assert_eq!(world.accounts.check("moisson", &password).expect("the device").name, "phone");
    assert_eq!(get("GET").status, 404, "gone");
}

#[test]
fn links_are_not_guessed() {
    let world = World::new();
    let guesses =
        (0..40).map(|n| world.ask("GET", &format!("/setup/moisson.mobileconfig?once={n:032x}"), &[], "").status);
    let statuses: Vec<u16> = guesses.collect();
    assert_eq!(statuses.iter().filter(|status| **status == 404).count(), 10);
    assert!(statuses[10..].iter().all(|status| *status == 429));
}
