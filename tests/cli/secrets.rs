//! `moisson secret`: kept, listed, forgotten, encrypted anew; never shown.

use super::Home;

const SETTINGS: &str = "[[sources]]\nid = \"joint\"\nconnector = \"bank/nowhere\"\n\
                        [sources.secrets]\ntoken = { file = \"/nonexistent/token\" }\npin = { env = \"NOWHERE\" }\n";

fn set(home: &Home, name: &str, secret: &str) -> super::home::Ran {
    home.ran(home.command().args(["secret", "set", name]).write_stdin(secret.to_owned()))
}

#[test]
fn a_secret_is_kept_listed_and_forgotten_and_its_key_lies_elsewhere() {
    let home = Home::new();
    assert_eq!(home.run(&["secret", "list"]).out, "There is no secret.");
    assert!(!home.path().join("vault").exists());
    let ran = set(&home, "joint/token", "canary\n");
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(ran.out.contains("Its key is [folder]/.config/moisson/keys/"), "{}", ran.out);
    assert!(!set(&home, "joint/pin", "canary").out.contains("Its key is"), "it is told once");
    let listed = home.run(&["secret", "list"]);
    assert!(listed.out.contains("joint/token") && listed.out.contains("joint/pin"), "{}", listed.out);
    assert!(!listed.out.contains("canary"));
    assert_eq!(home.run(&["secret", "rotate"]).code, 0);
    assert_eq!(home.run(&["secret", "remove", "joint/token"]).code, 0);
    assert_eq!(home.run(&["secret", "remove", "joint/token"]).code, 69);
    assert!(!home.run(&["secret", "list"]).out.contains("joint/token"));
}

#[test]
fn what_is_wrong_with_a_secret_has_its_exit_code() {
    let home = Home::french();
    assert_eq!(set(&home, "token", "canary").code, 64);
    assert_eq!(set(&home, "joint/token", "").code, 64);
    assert_eq!(set(&home, "joint/token", "canary").code, 0);
    let ran = home.ran(home.command().args(["secret", "list"]).env("HOME", "/nonexistent"));
    assert_eq!(ran.code, 78, "{}", ran.err);
    assert!(ran.err.contains("il n'y a pas de clé"), "{}", ran.err);
    let other = home.document("other.key", "AGE-SECRET-KEY-1\n");
    let with_key =
        |path: &std::path::Path| home.ran(home.command().args(["secret", "list"]).env("MOISSON_KEY_FILE", path));
    assert_eq!(with_key(&other).code, 77, "others can read it");
    std::fs::set_permissions(&other, std::os::unix::fs::PermissionsExt::from_mode(0o600)).expect("ours");
    assert_eq!(with_key(&other).code, 65, "it is no key");
}

#[test]
fn the_list_says_what_is_missing_and_what_to_do() {
    let home = Home::new();
    home.settings(SETTINGS);
    let listed = home.run(&["secret", "list"]);
    assert_eq!(listed.code, 0, "{}", listed.err);
    for told in ["/nonexistent/token", "$NOWHERE", "which is not set", "cannot read"] {
        assert!(listed.out.split_whitespace().collect::<Vec<_>>().join(" ").contains(told), "{told}\n{}", listed.out);
    }
}

#[test]
fn a_passphrase_in_a_file_opens_the_vault() {
    let home = Home::new();
    set(&home, "joint/token", "canary");
    let file = home.document("passphrase", "correct horse battery\n");
    std::fs::set_permissions(&file, std::os::unix::fs::PermissionsExt::from_mode(0o600)).expect("ours");
    let path = super::home::text(&file);
    assert_eq!(home.run(&["secret", "rotate", "--passphrase", "--from-file", &path]).code, 0);
    assert_eq!(home.run(&["secret", "list"]).code, 78);
    let ran = home.ran(home.command().args(["secret", "list"]).env("MOISSON_PASSPHRASE_FILE", &path));
    assert!(ran.out.contains("joint/token"), "{}{}", ran.out, ran.err);
}

#[test]
fn a_secret_in_moisson_toml_is_refused_and_not_shown() {
    let home = Home::new();
    home.settings("[[sources]]\nid = \"joint\"\n[sources.secrets]\ntoken = \"canary\"\n");
    let ran = home.run(&["secret", "list"]);
    assert_eq!(ran.code, 78);
    assert!(ran.err.contains("`moisson secret set joint/token`") && !ran.err.contains("canary"), "{}", ran.err);
}
