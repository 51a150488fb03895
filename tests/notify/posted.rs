//! What is posted as JSON.

use moisson::config::{Network, Notify, Ntfy, Webhook};
use moisson::fetch::http::Client;
use moisson::notify::tell;
use moisson::vault::Vault;
use secrecy::SecretString;
use serde_json::{Value, json};

use crate::chaos::{Server, reply};
use crate::notice;

fn client() -> Client {
    Client::new(&Network { home_hosts: vec!["127.0.0.1".to_owned()], ..Network::default() }).expect("a client")
}

fn vault(name: &str, secret: &str) -> Vault {
    let vault = Vault::in_memory();
    vault.keep(name, SecretString::from(secret.to_owned())).expect("it is kept");
    vault
}

/// Head and body of the only request.
fn heard(server: &Server) -> (String, Value) {
    let all = server.heard();
    assert_eq!(all.len(), 1, "{all:?}");
    let (head, body) = all[0].split_once("\r\n\r\n").expect("a head and a body");
    (head.to_owned(), serde_json::from_str(body).expect("JSON"))
}

fn ntfy(url: String) -> Notify {
    Notify { ntfy: Some(Ntfy { url }), ..Notify::default() }
}

#[test]
fn a_topic_is_told_with_title_priority_link_and_accents() {
    let server = Server::answering(reply("200 OK", &[], b"{}"));
    let failed = tell(&notice(), &ntfy(server.url("/base/my-topic")), &vault("notify/ntfy", "tk_canary"), &client());
    assert_eq!(failed, []);
    let (head, body) = heard(&server);
    assert!(head.starts_with("POST /base/ HTTP/1.1") && head.contains("authorization: Bearer tk_canary"), "{head}");
    let expected = json!({
        "topic": "my-topic",
        "title": "The consent of « banque » ends · Le consentement de « banque » prend fin",
        "message": "It ends in three days.\n\nIl prend fin dans trois jours.",
        "priority": 4,
        "click": "https://www.example.org/consent",
    });
    assert_eq!(body, expected);
}

#[test]
fn a_user_and_password_are_shown_as_such_and_nobody_is_fine_too() {
    let server = Server::answering(reply("200 OK", &[], b"{}"));
    tell(&notice(), &ntfy(server.url("/topic")), &vault("notify/ntfy", "me:secret"), &client());
    assert!(heard(&server).0.contains("authorization: Basic bWU6c2VjcmV0"), "{:?}", server.heard());
    let server = Server::answering(reply("200 OK", &[], b"{}"));
    tell(&notice(), &ntfy(server.url("/topic")), &Vault::in_memory(), &client());
    assert!(!heard(&server).0.contains("authorization"));
}

#[test]
fn a_webhook_is_told_in_both_languages() {
    let server = Server::answering(reply("204 No Content", &[], b""));
    let ways = Notify { webhook: Some(Webhook { url: server.url("/hook?key=x") }), ..Notify::default() };
    assert_eq!(tell(&notice(), &ways, &vault("notify/webhook", "canary"), &client()), []);
    let (head, body) = heard(&server);
    assert!(head.starts_with("POST /hook?key=x ") && head.contains("authorization: Bearer canary"), "{head}");
    assert_eq!(body["fr"]["title"], "Le consentement de « banque » prend fin");
    assert_eq!((&body["is_urgent"], &body["link"]), (&json!(true), &json!("https://www.example.org/consent")));
}

#[test]
fn what_failed_is_told_by_way_and_without_secrets() {
    let server = Server::answering(reply("403 Forbidden", &[], b"canary"));
    let ways = Notify {
        ntfy: Some(Ntfy { url: server.url("/topic") }),
        webhook: Some(Webhook { url: "https://192.168.0.1/hook-canary-0123456789".to_owned() }),
        ..Notify::default()
    };
    let failed = tell(&notice(), &ways, &vault("notify/ntfy", "tk_canary"), &client());
    assert_eq!(failed[0], ("ntfy", "127.0.0.1 answered with status 403".to_owned()));
    assert_eq!(failed[1].0, "webhook");
    assert!(failed[1].1.contains("home_hosts") && !failed[1].1.contains("canary"), "{failed:?}");
}

#[test]
fn the_same_words_in_both_languages_are_told_once() {
    let server = Server::answering(reply("200 OK", &[], b"{}"));
    let mut notice = notice();
    notice.title.fr = notice.title.en.clone();
    tell(&notice, &ntfy(server.url("/topic")), &Vault::in_memory(), &client());
    assert_eq!(heard(&server).1["title"], "The consent of « banque » ends");
}
