//! `moisson device`: added, listed, revoked; a password is told once.

use super::Home;

/// The seven groups of four that stand alone on a line.
fn password(out: &str) -> String {
    let is_password = |line: &&str| line.len() == 34 && line.split('-').all(|group| group.len() == 4);
    out.lines().map(str::trim).find(is_password).expect("a password").to_owned()
}

#[test]
fn a_device_is_told_all_it_needs_once() {
    let home = Home::new();
    home.settings(
        "[serve]\nlisten = \"0.0.0.0:4747\"\nnames = [\"dav.example.org\"]\nproxies = [\"10.0.0.1\"]\nuser = \"zoe\"\n",
    );
    assert!(home.run(&["device", "list"]).out.contains("device add NAME"));
    let added = home.run(&["device", "add", "Phone", "--read-only", "--calendars", "--collection", "family"]);
    assert_eq!(added.code, 0, "{}", added.err);
    let password = password(&added.out);
    for told in ["https://dav.example.org/dav/  zoe", "read · calendars (family)", "DAVx⁵", "Thunderbird", "iPhone"]
    {
        assert!(added.out.contains(told), "{told}\n{}", added.out);
    }
    assert!(!added.out.contains('█'), "a picture is for terminals");
    let listed = home.run(&["device", "list"]).out;
    assert!(listed.contains("Phone") && listed.contains("never") && !listed.contains(&password), "{listed}");
    let again = home.run(&["device", "add", "phone"]);
    assert_eq!((again.code, again.err.contains("device revoke")), (64, true), "{}", again.err);
    assert_eq!(home.run(&["device", "revoke", "phone"]).code, 0);
    assert_eq!(home.run(&["device", "revoke", "phone"]).code, 69);
    assert!(home.run(&["device", "list"]).out.contains("revoked on"));
    assert_eq!(home.run(&["device", "add", "phone", "--page"]).code, 0);
    assert_eq!(home.run(&["device", "add", "x", "--calendars", "--contacts"]).code, 64);
}

#[test]
fn devices_are_spoken_of_in_french() {
    let home = Home::french();
    let added = home.run(&["device", "add", "tablette", "--page"]);
    assert_eq!(added.code, 0, "{}", added.err);
    for told in [
        "lire et écrire · agendas, contacts",
        "Mot de passe",
        "http://127.0.0.1:4747/dav/  moisson",
        "Seule cette machine",
    ] {
        assert!(added.out.contains(told), "{told}\n{}", added.out);
    }
    assert!(home.run(&["device", "revoke", "rien"]).err.contains("aucun appareil"));
}
