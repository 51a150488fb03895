//! What is mailed, to a real mail server: aiosmtpd.

use std::net::IpAddr;
use std::process::{Command, Stdio};
use std::sync::Arc;

use moisson::config::{Network, Notify, Security, Smtp};
use moisson::fetch::http::{Client, Lookup};
use moisson::notify::tell;
use moisson::vault::Vault;
use rcgen::{CertificateParams, KeyPair};
use secrecy::SecretString;
use tempfile::TempDir;

use crate::chaos::Server;
use crate::notice;
use crate::peers::{Peer, free_port, pip};

const HOST: &str = "mail.example.org";

/// A mail server, and the folder that its certificate and messages lie in.
struct Sink {
    _peer: Peer,
    folder: TempDir,
    port: u16,
}

impl Sink {
    fn start(security: &str) -> Option<Self> {
        let python = pip(&["aiosmtpd==1.4.6"])?.join("python");
        let (folder, port) = (tempfile::tempdir().expect("a folder"), free_port());
        let key = KeyPair::generate().expect("a key");
        let params = CertificateParams::new(vec![HOST.to_owned()]).expect("parameters");
        let certificate = params.self_signed(&key).expect("a certificate");
        let (own, secret) = (folder.path().join("own.pem"), folder.path().join("key.pem"));
        std::fs::write(&own, certificate.pem()).expect("a file");
        std::fs::write(&secret, key.serialize_pem()).expect("a file");
        std::fs::create_dir(folder.path().join("mail")).expect("a folder");
        let mut command = Command::new(python);
        command
            .stderr(Stdio::null())
            .args(["-W", "ignore", "-c", include_str!("sink.py")])
            .args([&port.to_string(), security])
            .args([own, secret, folder.path().join("mail")]);
        Some(Self { _peer: Peer::start(&mut command, port), folder, port })
    }

    fn way(&self, security: Security) -> Notify {
        let user = (security != Security::None).then(|| "me".to_owned());
        let (from, to) = (
            "Moisson <moisson@example.org>".to_owned(),
            vec!["a@example.org".to_owned(), "Zoé <b@example.org>".to_owned()],
        );
        Notify {
            smtp: Some(Smtp { host: HOST.to_owned(), port: Some(self.port), security, user, from, to }),
            ..Notify::default()
        }
    }

    /// A client of a home that the server belongs to, which trusts its certificate or does not.
    fn client(&self, is_trusted: bool) -> Client {
        let own = (HOST.to_owned(), self.folder.path().join("own.pem"));
        let authorities = is_trusted.then_some(own).into_iter().collect();
        client(&Network { home_hosts: vec![HOST.to_owned()], authorities })
    }

    fn messages(&self) -> Vec<String> {
        let files = std::fs::read_dir(self.folder.path().join("mail")).expect("a folder");
        files.map(|file| std::fs::read_to_string(file.expect("a file").path()).expect("text")).collect()
    }
}

fn client(network: &Network) -> Client {
    let here = |_: &str| Ok(vec![IpAddr::from([127, 0, 0, 1])]);
    Client::new(network).and_then(|client| client.with_lookup(Lookup::Given(Arc::new(here)))).expect("a client")
}

fn vault(password: &str) -> Vault {
    let vault = Vault::in_memory();
    vault.keep("notify/smtp", SecretString::from(password.to_owned())).expect("it is kept");
    vault
}

#[test]
fn a_notice_is_mailed_in_each_way_of_securing_it() {
    for (name, security) in [("tls", Security::Tls), ("starttls", Security::Starttls), ("none", Security::None)] {
        let Some(sink) = Sink::start(name) else { return };
        let failed = tell(&notice(), &sink.way(security), &vault("canary-é"), &sink.client(true));
        assert_eq!(failed, [], "{name}");
        let messages = sink.messages();
        assert_eq!(messages.len(), 1, "{name}");
        let text = &messages[0];
        let is_secured = if name == "none" { "False" } else { "True" };
        let envelope = format!("from=moisson@example.org to=a@example.org,b@example.org tls={is_secured}\n");
        assert!(text.starts_with(&envelope), "{text}");
        for part in [
            "Subject: ",
            "Auto-Submitted: auto-generated",
            "Importance: high",
            "It ends in three days.",
            "https://www.example.org/consent",
            "@example.org>",
        ] {
            assert!(text.contains(part), "{part} in {text}");
        }
        assert!(text.is_ascii() || text.contains("8bit"), "{text}");
    }
}

#[test]
fn a_wrong_password_and_a_stranger_are_told_and_nothing_secret_is() {
    let Some(sink) = Sink::start("starttls") else { return };
    let wrong = tell(&notice(), &sink.way(Security::Starttls), &vault("canary-wrong"), &sink.client(true));
    assert_eq!(wrong, [("smtp", "mail.example.org does not accept the user or the password (code 535)".to_owned())]);
    let stranger = tell(&notice(), &sink.way(Security::Starttls), &vault("canary-é"), &sink.client(false));
    assert!(stranger[0].1.contains("does not prove who it is"), "{stranger:?}");
    let missing = tell(&notice(), &sink.way(Security::Starttls), &Vault::in_memory(), &sink.client(true));
    assert_eq!(missing, [("smtp", "the secret notify/smtp is missing".to_owned())]);
    assert_eq!(sink.messages(), Vec::<String>::new());
}

#[test]
fn a_mail_server_is_called_by_the_rules_of_the_network() {
    let canary = Server::canary();
    let way = |security| {
        let (host, from, to) = (HOST.to_owned(), "a@example.org".to_owned(), vec!["b@example.org".to_owned()]);
        let smtp = Smtp { host, port: Some(canary.port()), security, user: None, from, to };
        Notify { smtp: Some(smtp), ..Notify::default() }
    };
    for security in [Security::Tls, Security::Starttls, Security::None] {
        let failed = tell(&notice(), &way(security), &Vault::in_memory(), &client(&Network::default()));
        assert!(failed[0].1.contains("home_hosts"), "{failed:?}");
    }
    assert_eq!(canary.n_connections(), 0);
}

#[test]
fn a_server_without_starttls_gets_neither_password_nor_message() {
    let Some(sink) = Sink::start("none") else { return };
    let failed = tell(&notice(), &sink.way(Security::Starttls), &vault("canary-é"), &sink.client(true));
    assert_eq!(failed, [("smtp", "mail.example.org does not start TLS: it does not offer it".to_owned())]);
    assert_eq!(sink.messages(), Vec::<String>::new());
}
