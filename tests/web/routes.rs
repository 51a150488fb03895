//! Every route and everybody who may come: who gets what is one table.

use moisson::config::Serve;
use moisson::web::accounts::{Access, Scope, Service};
use moisson::web::listen::Limits;

use super::pages::token;
use super::world::{Answer, World, basic, now};

/// Method, path, and the status for: nobody, a wrong password, a revoked device, one that reads,
/// one that writes, calendars only, contacts only, one with the pages.
const TABLE: [(&str, &str, [u16; 8]); 9] = [
    ("GET", "/", [401, 401, 401, 403, 403, 403, 403, 200]),
    ("HEAD", "/", [401, 401, 401, 403, 403, 403, 403, 200]),
    ("POST", "/setup/devices", [401, 401, 401, 403, 403, 403, 403, 200]),
    ("POST", "/setup/devices/revoke", [401, 401, 401, 403, 403, 403, 403, 303]),
    ("GET", "/setup/moisson.mobileconfig", [401, 401, 401, 200, 200, 200, 200, 200]),
    ("GET", "/setup/moisson.mobileconfig?once=guess", [404; 8]),
    ("POST", "/", [405; 8]),
    ("GET", "/setup/devices", [405; 8]),
    ("GET", "/dav/", [401, 401, 401, 200, 200, 200, 200, 200]),
];

/// Why it must fail, the token, the headers, and the status.
type Attempt<'a> = (&'a str, &'a str, Vec<(&'a str, &'a str)>, u16);

/// What each of them puts in the header.
fn visitors(world: &World) -> [String; 8] {
    let scope = |service, access, page| Scope { service, access, collections: None, page };
    let revoked = world.device("revoked", Scope { page: true, ..Scope::all() });
    world.accounts.revoke("revoked", now()).expect("a change");
    [
        String::new(),
        basic("moisson", "wrong"),
        revoked,
        world.device("reads", scope(Service::All, Access::Read, false)),
        world.device("writes", Scope::all()),
        world.device("calendars", scope(Service::Calendars, Access::Write, false)),
        world.device("contacts", scope(Service::Contacts, Access::Write, false)),
        world.device("pages", scope(Service::All, Access::Write, true)),
    ]
}

fn ask(world: &World, method: &str, path: &str, authorization: &str, token: &str) -> Answer {
    let headers = [("Authorization", authorization), ("Sec-Fetch-Site", "same-origin")];
    let from = usize::from(authorization.is_empty());
    let body = if method == "POST" { format!("token={token}&name=new&device=none") } else { String::new() };
    world.ask(method, path, &headers[from..], &body)
}

#[test]
fn everybody_gets_what_the_table_says() {
    let mut wrong = Vec::new();
    for (method, path, expected) in TABLE {
        // Guesses of one row must not lock out the next.
        let world = World::new();
        let visitors = visitors(&world);
        let token = token(&world.get("/", &visitors[7]));
        for (visitor, expected) in visitors.iter().zip(expected) {
            let answer = ask(&world, method, path, visitor, &token);
            if answer.status != expected {
                wrong.push(format!("{method} {path}: {} instead of {expected} for {visitor}", answer.status));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn nothing_is_changed_without_the_token_of_the_page_from_the_page_itself() {
    let settings = Serve { names: vec!["dav.example.org".to_owned()], ..Serve::default() };
    let world = World::with(&settings, Limits::default());
    let owner = world.device("owner", Scope { page: true, ..Scope::all() });
    let other = world.device("other", Scope { page: true, ..Scope::all() });
    let phone = world.device("phone", Scope::all());
    let id = world.accounts.devices().expect("devices")[2].id.clone();
    let (token, others) = (token(&world.get("/", &owner)), token(&world.get("/", &other)));
    let host = world.address.to_string();
    let own = format!("http://{host}");
    let attempts: [Attempt; 11] = [
        ("no token", "", vec![("Sec-Fetch-Site", "same-origin")], 403),
        ("a guessed token", "00", vec![("Sec-Fetch-Site", "same-origin")], 403),
        ("another device's token", &others, vec![("Sec-Fetch-Site", "same-origin")], 403),
        ("another site", &token, vec![("Sec-Fetch-Site", "cross-site")], 403),
        ("a site beside", &token, vec![("Sec-Fetch-Site", "same-site")], 403),
        ("typed", &token, vec![("Sec-Fetch-Site", "none")], 403),
        ("another origin", &token, vec![("Origin", "https://evil.example.org")], 403),
        ("no origin to tell", &token, vec![("Origin", "null")], 403),
        ("two answers", &token, vec![("Sec-Fetch-Site", "same-origin"), ("Origin", "https://evil.example.org")], 403),
        ("a rebound name", &token, vec![("Host", "evil.example.org"), ("Origin", "http://evil.example.org")], 421),
        ("a name of another port's page", &token, vec![("Host", "dav.example.org"), ("Origin", &own)], 403),
    ];
    for path in ["/setup/devices", "/setup/devices/revoke"] {
        for (why, token, headers, status) in &attempts {
            let mut headers = headers.clone();
            headers.push(("Authorization", &owner));
            let body = format!("token={token}&name=intruder&service=all&access=write&page=yes&device={id}");
            assert_eq!(world.ask("POST", path, &headers, &body).status, *status, "{path}: {why}");
        }
        let long = format!("token={token}&name={}", "x".repeat(20_000));
        assert_eq!(world.ask("POST", path, &[("Authorization", &owner)], &long).status, 413, "{path}");
    }
    assert_eq!(world.get("/dav/", &phone).status, 200, "still there");
    assert_eq!(world.accounts.devices().expect("devices").len(), 3, "nobody came");
    let body = format!("token={token}&device={id}");
    let sent = world.ask("POST", "/setup/devices/revoke", &[("Authorization", &owner), ("Origin", &own)], &body);
    assert_eq!((sent.status, sent.header("location")), (303, Some("/")));
    assert_eq!(world.get("/dav/", &phone).status, 401);
}
