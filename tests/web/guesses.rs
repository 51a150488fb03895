//! Passwords: right ones, wrong ones, and very many wrong ones.

use moisson::config::Serve;
use moisson::web::accounts::Scope;
use moisson::web::listen::Limits;

use super::world::{World, basic, now};

#[test]
fn a_device_comes_in_until_it_is_revoked() {
    let world = World::new();
    let phone = world.device("phone", Scope::all());
    assert_eq!(world.get("/dav/", &phone).body, "phone 0");
    let anonymous = world.ask("PROPFIND", "/dav/", &[], "");
    assert_eq!(anonymous.status, 401);
    assert_eq!(anonymous.header("www-authenticate"), Some("Basic realm=\"moisson\", charset=\"UTF-8\""));
    for odd in ["", "Basic", "Basic !", "Bearer x", &phone.replace("Basic", "Digest"), &basic("other", "x")] {
        assert_eq!(world.get("/dav/", odd).status, 401, "{odd}");
    }
    world.accounts.revoke("phone", now()).expect("a change");
    for _ in 0..50 {
        assert_eq!(world.get("/dav/", &phone).status, 401, "it goes on trying, and guesses nothing");
    }
    let used = world.accounts.devices().expect("devices")[0].clone();
    assert_eq!(world.accounts.used(&used).map(|used| used.at), Some(now()));
}

#[test]
fn a_phone_in_a_drawer_locks_nobody_out_when_another_has_its_name() {
    let world = World::new();
    let old = world.device("phone", Scope::all());
    world.accounts.revoke("phone", now()).expect("a change");
    let new = world.device("phone", Scope::all());
    for _ in 0..20 {
        assert_eq!(world.get("/dav/", &old).status, 401, "it is known still, and guesses nothing");
        assert_eq!(world.get("/dav/", &new).status, 200);
    }
    let wrong = basic("moisson", "0000-0000-0000-0000-0000-0000-0000");
    let guessed = (0..10).filter(|_| world.get("/dav/", &wrong).status == 401).count();
    assert_eq!(guessed, 10, "all guesses were left");
}

#[test]
fn after_ten_wrong_passwords_further_ones_are_refused_for_a_while() {
    let world = World::new();
    let phone = world.device("phone", Scope::all());
    for _ in 0..50 {
        assert_eq!(world.ask("GET", "/dav/", &[], "").status, 401, "asking without a password is no guess");
        assert_eq!(world.get("/dav/", &phone).status, 200);
    }
    let wrong = basic("moisson", "0000-0000-0000-0000-0000-0000-0000");
    let statuses: Vec<u16> = (0..200).map(|_| world.get("/dav/", &wrong).status).collect();
    assert_eq!(statuses.iter().filter(|status| **status == 401).count(), 10, "the clock stands still");
    assert!(statuses[10..].iter().all(|status| *status == 429));
    let late = world.get("/dav/", &phone);
    assert_eq!(late.body, "phone 0", "a right one is no guess, whoever else is at this address");
    let late = world.get("/dav/", &wrong);
    assert_eq!((late.status, late.header("retry-after")), (429, Some("7")));
}

#[test]
fn behind_a_proxy_each_client_has_its_own_guesses() {
    let settings = Serve { proxies: vec!["127.0.0.1".parse().expect("a range")], ..Serve::default() };
    let world = World::with(&settings, Limits::default());
    let wrong = basic("moisson", "wrong");
    let from = |address: &str| {
        world.ask("GET", "/dav/", &[("Authorization", &wrong), ("X-Forwarded-For", address)], "").status
    };
    assert_eq!((0..11).map(|n| from(&format!("192.0.2.{n}, 198.51.100.7"))).filter(|status| *status == 429).count(), 1);
    assert_eq!(from("198.51.100.8"), 401);
    let world = World::new();
    let from = |address: &str| {
        world.ask("GET", "/dav/", &[("Authorization", &wrong), ("X-Forwarded-For", address)], "").status
    };
    assert_eq!((0..11).map(|n| from(&format!("192.0.2.{n}"))).filter(|status| *status == 429).count(), 1);
}
