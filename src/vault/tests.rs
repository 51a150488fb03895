//! The vault on a disk: what a person, a crash, another process or a bad sector may do to it.

mod keyring;

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use secrecy::{ExposeSecret as _, SecretString};

use super::*;
use crate::config::{Config, Home, parse};

/// A folder with `data/`, `config/moisson.toml` and what the environment says.
struct Place {
    folder: tempfile::TempDir,
    variables: Vec<(&'static str, PathBuf)>,
}

impl Place {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap(), variables: Vec::new() }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn set(&mut self, variable: &'static str, path: &str) {
        self.variables.push((variable, self.path(path)));
    }

    fn file(&self, name: &str, text: &str, mode: u32) -> PathBuf {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        path
    }

    fn home(&self) -> Home {
        let config = self.path("config");
        Home { connectors: config.join("connectors"), config: config.join("moisson.toml"), data: self.path("data") }
    }

    fn keys(&self) -> Keys {
        let known = self.variables.clone();
        let look = move |name: &str| known.iter().find(|(key, _)| *key == name).map(|(_, path)| path.clone().into());
        Keys::of(&self.home(), Arc::new(look))
    }

    fn vault(&self) -> Vault {
        Vault::open(&self.path("data"), self.keys())
    }

    fn sealed(&self) -> PathBuf {
        self.path("data/vault/secrets.age")
    }

    fn key(&self) -> PathBuf {
        self.path("config/secrets.key")
    }
}

fn secret(text: &str) -> SecretString {
    SecretString::from(text.to_owned())
}

fn told(vault: &Vault, name: &str) -> Option<String> {
    vault.find(name).unwrap().map(|secret| secret.expose_secret().to_owned())
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

fn source(text: &str) -> (Config, &'static str) {
    (parse(&format!("[[sources]]\nid = \"joint\"\n{text}"), "moisson.toml").unwrap(), "joint")
}

/// What a source's field `token` is.
fn token(vault: &Vault, settings: &str) -> Result<String, VaultError> {
    let (config, id) = source(settings);
    vault.secret_of(config.source(id).unwrap(), "token").map(|secret| secret.expose_secret().to_owned())
}

#[test]
fn nothing_is_made_before_the_first_secret_and_all_of_it_is_private() {
    let place = Place::new();
    let vault = place.vault();
    assert_eq!(told(&vault, "joint/token"), None);
    assert!(vault.names().unwrap().is_empty());
    assert!(!place.path("data").exists() && !place.path("config").exists());
    vault.keep("joint/token", secret("canary")).unwrap();
    assert_eq!((mode(&place.sealed()), mode(&place.key())), (0o600, 0o600));
    assert_eq!((mode(&place.path("data/vault")), mode(&place.path("config"))), (0o700, 0o700));
    assert!(!String::from_utf8_lossy(&fs::read(place.sealed()).unwrap()).contains("canary"));
    assert_eq!(told(&place.vault(), "joint/token").as_deref(), Some("canary"));
}

#[test]
fn secrets_are_replaced_removed_and_named() {
    let place = Place::new();
    let vault = place.vault();
    for (name, text) in [("b/two", "2"), ("a/one", "1"), ("a/one", "eins")] {
        vault.keep(name, secret(text)).unwrap();
    }
    assert_eq!(vault.names().unwrap(), ["a/one", "b/two"]);
    assert_eq!(told(&vault, "a/one").as_deref(), Some("eins"));
    assert!(vault.remove("a/one").unwrap());
    assert!(!vault.remove("a/one").unwrap());
    assert_eq!(place.vault().names().unwrap(), ["b/two"]);
}

#[test]
fn a_household_in_one_folder_has_its_key_elsewhere() {
    let mut place = Place::new();
    place.set("XDG_CONFIG_HOME", "settings");
    let home = crate::config::locate(Some(&place.path("all")), &|_| None).unwrap();
    let keys = Keys::of(&home, place.keys().variables());
    let key = keys.file().unwrap().to_owned();
    assert!(key.starts_with(place.path("settings/moisson/keys")), "{key:?}");
    Vault::open(&home.data, keys).keep("joint/token", secret("canary")).unwrap();
    assert!(key.is_file());
    // The same folder by another way has the same key.
    std::os::unix::fs::symlink(place.path("all"), place.path("link")).unwrap();
    let linked = crate::config::locate(Some(&place.path("link")), &|_| None).unwrap();
    assert_eq!(Keys::of(&linked, place.keys().variables()).file(), Some(&*key));
    place.set("MOISSON_KEY_FILE", "all/key");
    let refused = Vault::open(&place.path("all"), Keys::of(&home, place.keys().variables()));
    fs::remove_dir_all(place.path("all/vault")).unwrap();
    assert!(matches!(refused.keep("joint/token", secret("canary")), Err(VaultError::KeyInData { .. })));
}

#[test]
fn without_any_place_for_a_key_nothing_is_kept() {
    let place = Place::new();
    let home = crate::config::locate(Some(&place.path("all")), &|_| None).unwrap();
    let vault = Vault::open(&home.data, Keys::of(&home, place.keys().variables()));
    assert!(matches!(vault.keep("joint/token", secret("canary")), Err(VaultError::NoPlace)));
    assert!(!place.path("all/vault/secrets.age").exists());
}

#[test]
fn another_key_and_no_key_are_told_apart_and_change_nothing() {
    let place = Place::new();
    place.vault().keep("joint/token", secret("canary")).unwrap();
    let (sealed, key) = (fs::read(place.sealed()).unwrap(), fs::read(place.key()).unwrap());
    let other = Place::new();
    other.vault().keep("x", secret("y")).unwrap();
    fs::copy(other.key(), place.key()).unwrap();
    assert!(matches!(place.vault().keep("a", secret("b")), Err(VaultError::WrongKey { .. })));
    fs::remove_file(place.key()).unwrap();
    assert!(matches!(place.vault().keep("a", secret("b")), Err(VaultError::NoKey { .. })));
    assert!(!place.key().exists(), "a new key would only hide that the right one is missing");
    fs::write(place.key(), "no key\n").unwrap();
    fs::set_permissions(place.key(), fs::Permissions::from_mode(0o600)).unwrap();
    assert!(matches!(place.vault().find("a"), Err(VaultError::BadKey { .. })));
    assert_eq!(fs::read(place.sealed()).unwrap(), sealed);
    fs::write(place.key(), key).unwrap();
    assert_eq!(told(&place.vault(), "joint/token").as_deref(), Some("canary"));
}

#[test]
fn a_key_that_others_can_read_is_refused() {
    let place = Place::new();
    place.vault().keep("joint/token", secret("canary")).unwrap();
    for bad in [0o640, 0o604, 0o660] {
        fs::set_permissions(place.key(), fs::Permissions::from_mode(bad)).unwrap();
        assert!(matches!(place.vault().find("joint/token"), Err(VaultError::Exposed { .. })), "{bad:o}");
    }
}

#[test]
fn any_flipped_byte_is_an_error_and_the_file_stays_as_it_is() {
    let place = Place::new();
    place.vault().keep("joint/token", secret("canary")).unwrap();
    let whole = fs::read(place.sealed()).unwrap();
    for at in 0..whole.len() {
        let mut damaged = whole.clone();
        damaged[at] ^= 1;
        fs::write(place.sealed(), &damaged).unwrap();
        let error = place.vault().keep("joint/other", secret("x")).expect_err("it cannot be read");
        assert!(error.to_string().contains("damaged"), "byte {at}: {error}");
        assert_eq!(fs::read(place.sealed()).unwrap(), damaged);
    }
    fs::write(place.sealed(), &whole[..whole.len() - 1]).unwrap();
    assert!(matches!(place.vault().find("joint/token"), Err(VaultError::Damaged { .. })));
}

#[test]
fn two_writers_lose_nothing_and_see_each_other() {
    let place = Place::new();
    let one = place.vault();
    assert_eq!(told(&one, "w0/0"), None);
    std::thread::scope(|scope| {
        for writer in 0..4 {
            let vault = place.vault();
            scope.spawn(move || {
                for n in 0..10 {
                    vault.keep(&format!("w{writer}/{n}"), secret("x")).unwrap();
                }
            });
        }
    });
    assert_eq!(one.names().unwrap().len(), 40);
    place.vault().keep("w0/0", secret("changed")).unwrap();
    assert_eq!(told(&one, "w0/0").as_deref(), Some("changed"));
}

#[test]
fn a_rotation_brings_a_new_key_that_others_find() {
    let place = Place::new();
    let (one, other) = (place.vault(), place.vault());
    one.keep("joint/token", secret("canary")).unwrap();
    assert_eq!(told(&other, "joint/token").as_deref(), Some("canary"));
    let (sealed, key) = (fs::read(place.sealed()).unwrap(), fs::read(place.key()).unwrap());
    one.rotate(Rotation::NewKey).unwrap();
    assert_ne!(fs::read(place.key()).unwrap(), key);
    assert_eq!(told(&other, "joint/token").as_deref(), Some("canary"));
    other.keep("joint/more", secret("x")).unwrap();
    assert_eq!(told(&one, "joint/more").as_deref(), Some("x"));
    // The new key does not open the earlier file.
    fs::write(place.sealed(), sealed).unwrap();
    assert!(matches!(place.vault().find("joint/token"), Err(VaultError::WrongKey { .. })));
    assert_eq!(fs::read_dir(place.path("config")).unwrap().count(), 1);
}

#[test]
fn a_rotation_that_is_cut_short_anywhere_leaves_a_vault_that_opens() {
    for steps in 0..=3 {
        let place = Place::new();
        place.vault().keep("joint/token", secret("canary")).unwrap();
        let keys = place.keys();
        let mut file = SealedFile::new(&place.path("data"), place.keys());
        let secrets = file.secrets().unwrap().clone();
        if steps > 0 {
            let next = keys.make_next().unwrap();
            if steps > 1 {
                file.write(secrets, next).unwrap();
            }
            if steps > 2 {
                keys.settle_next().unwrap();
            }
        }
        assert_eq!(told(&place.vault(), "joint/token").as_deref(), Some("canary"), "read after {steps}");
        place.vault().keep("joint/more", secret("x")).unwrap();
        assert_eq!(place.vault().names().unwrap().len(), 2, "written after {steps}");
        assert!(!keys.has_next(), "settled after {steps}");
        place.vault().rotate(Rotation::NewKey).unwrap();
        assert_eq!(told(&place.vault(), "joint/token").as_deref(), Some("canary"), "rotated after {steps}");
    }
}

#[test]
fn a_key_that_is_known_from_before_does_not_undo_a_later_rotation() {
    let place = Place::new();
    let long_lived = place.vault();
    long_lived.keep("joint/token", secret("canary")).unwrap();
    // One rotation ends, and another is cut short before the file is written.
    place.vault().rotate(Rotation::NewKey).unwrap();
    place.keys().make_next().unwrap();
    long_lived.keep("joint/more", secret("x")).unwrap();
    assert_eq!(place.vault().names().unwrap().len(), 2);
}

#[test]
fn a_passphrase_opens_and_replaces_a_key_and_is_replaced() {
    let mut place = Place::new();
    place.vault().keep("joint/token", secret("canary")).unwrap();
    place.vault().rotate(Rotation::Passphrase(secret("correct horse"))).unwrap();
    assert!(!place.key().exists() && place.vault().has_passphrase().unwrap());
    assert!(matches!(place.vault().find("joint/token"), Err(VaultError::NoKey { .. })));
    let asked = Vault::open(&place.path("data"), place.keys().asking(Box::new(|| Some(secret("correct horse")))));
    assert_eq!(told(&asked, "joint/token").as_deref(), Some("canary"));
    place.file("pass", "correct horse\n", 0o600);
    place.set("MOISSON_PASSPHRASE_FILE", "pass");
    assert_eq!(told(&place.vault(), "joint/token").as_deref(), Some("canary"));
    place.file("pass", "battery staple\n", 0o600);
    assert!(matches!(place.vault().find("joint/token"), Err(VaultError::WrongKey { .. })));
    asked.rotate(Rotation::NewKey).unwrap();
    assert!(place.key().exists() && !place.vault().has_passphrase().unwrap());
    assert_eq!(told(&place.vault(), "joint/token").as_deref(), Some("canary"));
}

#[test]
fn a_credential_is_the_first_key_and_is_not_replaced_from_here() {
    let mut place = Place::new();
    let other = Place::new();
    other.vault().keep("x", secret("y")).unwrap();
    place.file("credentials/moisson-key", &fs::read_to_string(other.key()).unwrap(), 0o400);
    place.set("CREDENTIALS_DIRECTORY", "credentials");
    place.vault().keep("joint/token", secret("canary")).unwrap();
    assert!(!place.key().exists());
    assert_eq!(told(&place.vault(), "joint/token").as_deref(), Some("canary"));
    assert!(matches!(place.vault().rotate(Rotation::NewKey), Err(VaultError::Foreign { .. })));
}

#[test]
fn a_secret_may_be_elsewhere() {
    let mut place = Place::new();
    place.set("CREDENTIALS_DIRECTORY", "credentials");
    place.file("credentials/bank", "from credential\n", 0o400);
    place.variables.push(("BANK_TOKEN", "from env".into()));
    let file = place.file("token", "line one\nline two\r\n", 0o600);
    let vault = place.vault();
    vault.keep("other/token", secret("from vault")).unwrap();
    let command = "[sources.secrets]\ntoken = { command = [\"printf\", \"%s\\\\n\", \"from a command; $HOME\"] }";
    for (settings, expected) in [
        (format!("[sources.secrets]\ntoken = {{ file = {file:?} }}"), "line one\nline two"),
        ("[sources.secrets]\ntoken = { credential = \"bank\" }".to_owned(), "from credential"),
        ("[sources.secrets]\ntoken = { env = \"BANK_TOKEN\" }".to_owned(), "from env"),
        ("[sources.secrets]\ntoken = { vault = \"other/token\" }".to_owned(), "from vault"),
        (command.to_owned(), "from a command; $HOME"),
    ] {
        assert_eq!(token(&vault, &settings).unwrap(), expected, "{settings}");
    }
    place.set("MOISSON_SECRET_JOINT_TOKEN_FILE", "token");
    assert_eq!(token(&place.vault(), "").unwrap(), "line one\nline two");
}

#[test]
fn a_secret_that_is_not_there_says_what_to_do_and_never_what_was_printed() {
    let place = Place::new();
    let open = place.file("open", "canary", 0o644);
    let vault = place.vault();
    for (settings, expected) in [
        (String::new(), "`moisson secret set joint/token`"),
        ("[sources.secrets]\ntoken = { vault = \"bank\" }".to_owned(), "`moisson secret set bank`"),
        ("[sources.secrets]\ntoken = { env = \"NOWHERE\" }".to_owned(), "NOWHERE"),
        ("[sources.secrets]\ntoken = { credential = \"../x\" }".to_owned(), "../x"),
        (format!("[sources.secrets]\ntoken = {{ file = {open:?} }}"), "chmod 600"),
        ("[sources.secrets]\ntoken = { command = [\"sh\", \"-c\", \"echo canary; exit 3\"] }".to_owned(), "code 3"),
        ("[sources.secrets]\ntoken = { command = [] }".to_owned(), "cannot be run"),
    ] {
        let error = token(&vault, &settings).unwrap_err();
        let said = error.said();
        assert!(error.to_string().contains(expected) && said.fr != said.en, "{settings}: {error} / {}", said.fr);
        assert!(!format!("{error:?}{said:?}").contains("canary"), "{error:?}");
    }
}

#[test]
fn secrets_of_another_vault_are_taken_over() {
    let place = Place::new();
    let trial = Vault::in_memory();
    trial.keep("joint/token", secret("canary")).unwrap();
    trial.keep("joint/refresh", secret("again")).unwrap();
    place.vault().take_all(&trial).unwrap();
    assert_eq!(place.vault().names().unwrap(), ["joint/refresh", "joint/token"]);
}
