//! Attachments in a mailbox, as a mail server gives them.

use jiff::Timestamp;
use moisson::model::run::Class;

use super::dovecot::{Dovecot, PASSWORD};
use super::world::{World, names};

fn now() -> Timestamp {
    "2026-03-14T10:00:00Z".parse().expect("an instant")
}

fn world(server: &Dovecot, security: &str, more: &str) -> World {
    let port = if security == "tls" { server.secure_port } else { server.port };
    let settings = format!(
        "host = \"localhost\"\nport = {port}\nsecurity = \"{security}\"\nuser = \"claire\"\n\
         senders = [\"*@bills.example.org\"]\n{more}"
    );
    let mut world = World::new("generic/mailbox", &settings, now());
    let authority = server.folder.path().join("authority.pem");
    world.network.authorities.insert("localhost".to_owned(), authority);
    world.vault.keep("mine/password", PASSWORD.to_owned().into()).expect("kept");
    world
}

/// A letter with one file.
pub fn letter(from: &str, subject: &str, file: &str, text: &str) -> String {
    format!(
        "From: Bills <{from}>\nTo: claire@example.org\nSubject: {subject}\nDate: Fri, 13 Mar 2026 09:30:00 +0100\n\
         MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain\n\nSee below.\n\
         --b\nContent-Type: text/csv; charset=utf-8\nContent-Disposition: attachment; filename=\"{file}\"\n\n{text}\n--b--\n"
    )
}

fn bill(n: u32) -> String {
    letter("no-reply@bills.example.org", "Your bill", &format!("bill-{n}.csv"), &format!("number;{n}"))
}

#[test]
fn each_attachment_of_a_wanted_sender_comes_once() {
    let Some(server) = Dovecot::start("") else { return };
    let mut owner = server.owner();
    owner.put("INBOX", &bill(1));
    owner.put("INBOX", &letter("friend@example.org", "Hello", "photo.csv", "no"));
    owner.put("INBOX", &letter("news@bills.example.org.example.net", "Your bill", "forged.csv", "no"));
    let mut world = world(&server, "none", "");
    let first = world.fetch().expect("a harvest");
    assert_eq!(names(&first), ["bill-1.csv"]);
    assert_eq!(first.documents[0].bytes, b"number;1");
    assert_eq!(first.documents[0].as_of, "2026-03-13T08:30:00Z".parse().expect("an instant"));
    assert!(first.documents[0].origin.starts_with("imap://localhost/INBOX;UIDVALIDITY="));
    let none = world.fetch().expect("a harvest");
    assert!(none.documents.is_empty());
    assert_eq!(none.n_requests, 3, "capabilities, login, the folder");
    owner.put("INBOX", &bill(2));
    owner.put("INBOX", &bill(3));
    assert_eq!(names(&world.fetch().expect("a harvest")), ["bill-2.csv", "bill-3.csv"]);
}

#[test]
fn the_mailbox_stays_as_it_was() {
    let Some(server) = Dovecot::start("") else { return };
    let mut owner = server.owner();
    owner.put("INBOX", &bill(1));
    assert_eq!(names(&world(&server, "none", "").fetch().expect("a harvest")), ["bill-1.csv"]);
    owner.say("SELECT INBOX");
    let flags = owner.say("FETCH 1 (FLAGS)").concat();
    assert!(flags.contains("FETCH") && !flags.contains("Seen"), "{flags}");
}

#[test]
fn connections_are_secured_or_not_made() {
    let Some(server) = Dovecot::start("") else { return };
    server.owner().put("INBOX", &bill(1));
    for security in ["tls", "starttls"] {
        assert_eq!(names(&world(&server, security, "").fetch().expect(security)), ["bill-1.csv"]);
        let mut stranger = world(&server, security, "");
        stranger.network.authorities.clear();
        assert!(stranger.fetch().is_err(), "nobody vouches for the server");
        let mut outside = world(&server, security, "");
        outside.network.home_hosts.clear();
        assert_eq!(outside.fetch().expect_err("a private address").class, Class::Config);
    }
    let mut plain = world(&server, "none", "");
    plain.network.home_hosts.clear();
    assert_eq!(plain.fetch().expect_err("a password in plain").class, Class::Config);
}

#[test]
fn a_server_without_tls_is_told_nothing() {
    let Some(server) = Dovecot::start("ssl = no\n") else { return };
    let failure = world(&server, "starttls", "").fetch().expect_err("no STARTTLS");
    assert_eq!(failure.class, Class::Config);
    let log = std::fs::read_to_string(server.folder.path().join("log")).expect("its log");
    assert!(!log.contains("method="), "no login was tried: {log}");
}

#[test]
fn a_refused_login_is_for_a_person_and_tried_once() {
    let Some(server) = Dovecot::start("auth_verbose = yes\n") else { return };
    let mut world = world(&server, "none", "");
    world.vault.keep("mine/password", "canary-9c41".to_owned().into()).expect("kept");
    let failure = world.fetch().expect_err("a wrong password");
    assert_eq!(failure.class, Class::User);
    assert!(!format!("{failure:?}").contains("canary-9c41"));
    let log = std::fs::read_to_string(server.folder.path().join("log")).expect("its log");
    assert_eq!(log.matches("Password mismatch").count(), 1, "{log}");
}

#[test]
fn folders_are_looked_at_apart() {
    let Some(server) = Dovecot::start("") else { return };
    let mut owner = server.owner();
    owner.say("CREATE \"Re&AOc-us\"");
    owner.put("INBOX", &bill(1));
    owner.put("\"Re&AOc-us\"", &bill(2));
    let mut world = world(&server, "none", "folders = [\"Reçus\", \"Nowhere\", \"INBOX\"]");
    let harvest = world.fetch().expect("a harvest");
    assert_eq!(names(&harvest), ["bill-2.csv", "bill-1.csv"]);
    assert_eq!((harvest.failed[0].name.as_str(), harvest.failed[0].outcome), ("Nowhere", Class::Config));
    assert!(world.fetch().expect("a harvest").documents.is_empty());
}

#[test]
fn a_folder_that_counts_anew_is_looked_at_again() {
    let Some(server) = Dovecot::start("") else { return };
    let mut owner = server.owner();
    owner.say("CREATE Bills");
    for n in 1..=3 {
        owner.put("Bills", &bill(n));
    }
    let mut world = world(&server, "none", "folders = \"Bills\"");
    assert_eq!(world.fetch().expect("a harvest").documents.len(), 3);
    let before = world.state.cursors["mailbox/Bills"].clone();
    owner.say("DELETE Bills");
    owner.say("CREATE Bills");
    owner.put("Bills", &bill(4));
    assert_eq!(names(&world.fetch().expect("a harvest")), ["bill-4.csv"]);
    assert_ne!(world.state.cursors["mailbox/Bills"].split(':').next(), before.split(':').next());
}

#[test]
fn subjects_and_names_narrow_it_down() {
    let Some(server) = Dovecot::start("") else { return };
    let mut owner = server.owner();
    let from = "no-reply@bills.example.org";
    owner.put("INBOX", &letter(from, "=?utf-8?Q?Votre_facture_d=C3=A9taill=C3=A9e?=", "detail.csv", "yes"));
    owner.put("INBOX", &letter(from, "Your offer", "offer.csv", "no"));
    owner.put("INBOX", &letter(from, "Votre facture", "terms.txt", "no"));
    let mut world = world(&server, "none", "subject = \"*facture*\"\nfiles = [\"*.csv\", \"*.pdf\"]");
    assert_eq!(names(&world.fetch().expect("a harvest")), ["detail.csv"]);
}

#[test]
fn hundreds_of_letters_are_asked_about_in_a_few_commands() {
    let Some(server) = Dovecot::start("") else { return };
    let mut owner = server.owner();
    for n in 0..400 {
        owner.put(
            "INBOX",
            &if n == 377 { bill(n) } else { "From: friend@example.org\nSubject: hello\n\nhello\n".to_owned() },
        );
    }
    let mut world = world(&server, "none", "");
    let harvest = world.fetch().expect("a harvest");
    assert_eq!(names(&harvest), ["bill-377.csv"]);
    assert_eq!(harvest.n_requests, 3 + 1 + 2 + 1, "a search, two lists of letters, one letter");
}
