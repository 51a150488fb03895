//! Canaries: secrets of all kinds, sent to a server that gives them back in every way it can think
//! of. Afterwards none of them is in any file of the home, nor in anything that was printed, with
//! the log at its finest.

#[path = "vault/forms.rs"]
mod forms;
#[path = "support/loopback.rs"]
mod loopback;
#[path = "vault/peer.rs"]
mod peer;
#[path = "vault/sources.rs"]
mod sources;

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Output;

use assert_cmd::Command;

use peer::{MOODS, Mood, Peer};
use sources::{Canary, Place};

struct Household {
    folder: tempfile::TempDir,
    canaries: Vec<Canary>,
    /// Everything that was printed.
    printed: Vec<u8>,
}

impl Household {
    fn new(peer: &Peer) -> Self {
        let mut household =
            Self { folder: tempfile::tempdir().expect("a folder"), canaries: sources::canaries(), printed: Vec::new() };
        household.settle(peer);
        household
    }

    fn home(&self) -> PathBuf {
        self.folder.path().join("home")
    }

    /// A file outside the home that only its owner reads.
    fn private(&self, name: &str, text: &str) -> PathBuf {
        let path = self.folder.path().join("private").join(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(&path, text).expect("a file");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).expect("ours");
        path
    }

    /// Connectors, sources, and each secret in its place.
    fn settle(&mut self, peer: &Peer) {
        let folder = self.home().join("connectors/canary");
        fs::create_dir_all(&folder).expect("a folder");
        for (id, text) in sources::CONNECTORS {
            fs::write(folder.join(format!("{id}.toml")), text).expect("a connector");
        }
        for canary in self.canaries.clone() {
            match canary.place {
                Place::Vault => {
                    let text = canary.kept(&peer.server.url(""));
                    let ran = self.run_with(&["secret", "set", canary.name], Some(&text));
                    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
                }
                Place::File | Place::Credential | Place::Variable => {
                    self.private(canary.name, &canary.text);
                }
                Place::Environment | Place::Given => {}
            }
        }
        let private = self.folder.path().join("private").display().to_string();
        let settings = sources::settings(&peer.server.address.to_string(), &private);
        fs::write(self.home().join("moisson.toml"), settings).expect("settings");
    }

    fn run(&mut self, arguments: &[&str]) -> Output {
        self.run_with(arguments, None)
    }

    fn run_with(&mut self, arguments: &[&str], input: Option<&str>) -> Output {
        let mut command: Command = assert_cmd::cargo::cargo_bin_cmd!("moisson");
        let private = self.folder.path().join("private");
        for name in ["MOISSON_KEY_FILE", "XDG_CONFIG_HOME", "MOISSON_PASSPHRASE_FILE", "LC_ALL", "JOURNAL_STREAM"] {
            command.env_remove(name);
        }
        command.env("HOME", self.folder.path().join("user")).env("MOISSON_HOME", self.home()).env("LANG", "C");
        command.env("MOISSON_LOG", "trace,hyper=trace,reqwest::connect=trace").env("RUST_LOG", "trace");
        command.env("CREDENTIALS_DIRECTORY", private.join("credential"));
        command.env("MOISSON_SECRET_VARIABLE_TOKEN_FILE", private.join("variable/token"));
        for canary in self.canaries.iter().filter(|canary| canary.place == Place::Environment) {
            command.env("CANARY", &canary.text);
        }
        if private.join("passphrase").exists() {
            command.env("MOISSON_PASSPHRASE_FILE", private.join("passphrase"));
        }
        let output = command.args(arguments).write_stdin(input.unwrap_or_default()).output().expect("it runs");
        self.printed.extend([&output.stdout[..], &output.stderr[..]].concat());
        output
    }

    /// Where a canary was found, in whatever form.
    fn leaks(&self) -> Vec<String> {
        let mut places = vec![("what was printed".to_owned(), self.printed.clone())];
        files(&self.home(), &mut places);
        assert!(places.iter().any(|(name, _)| name.ends_with("warehouse.duckdb")), "something came in");
        assert!(places.iter().any(|(name, _)| name.contains("archive") && name.rsplit('.').next() == Some("zst")));
        let mut found = Vec::new();
        for canary in &self.canaries {
            for form in forms::of(&canary.text) {
                let hits = places.iter().filter(|(_, bytes)| forms::contains(bytes, &form));
                found.extend(hits.map(|(name, _)| format!("{} as {form} in {name}", canary.name)));
            }
        }
        found
    }
}

/// Every file below a folder, decompressed where it is compressed.
fn files(folder: &Path, found: &mut Vec<(String, Vec<u8>)>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            files(&path, found);
        } else if path.is_file() {
            let bytes = fs::read(&path).expect("a file");
            let is_packed = path.extension().is_some_and(|end| end == "zst");
            let plain = if is_packed { zstd::decode_all(&bytes[..]).expect("whole") } else { bytes };
            found.push((path.display().to_string(), plain));
        }
    }
}

/// The line of a key file that is the key.
fn key_of(household: &Household) -> Canary {
    let folder = household.folder.path().join("user/.config/moisson/keys");
    let file = fs::read_dir(folder).expect("a folder of keys").next().expect("a key").expect("an entry").path();
    let text = fs::read_to_string(file).expect("a key");
    let key = text.lines().find(|line| line.starts_with("AGE-SECRET-KEY-1")).expect("a key");
    Canary { name: "key", text: key.to_owned(), place: Place::Given, is_sent: false }
}

#[test]
fn twenty_secrets_are_in_no_file_and_no_log() {
    let peer = Peer::start();
    let mut household = Household::new(&peer);
    let key = key_of(&household);
    household.canaries.push(key);
    for mood in MOODS {
        peer.be(mood);
        let ran = household.run(&["sync"]);
        // What came well is read as far as it can be; what went wrong is told.
        let told = [&ran.stdout[..], &ran.stderr[..]].concat();
        let told = String::from_utf8_lossy(&told);
        assert!(told.contains("family"), "{mood:?}: {told}");
        assert!(mood == Mood::Good || !ran.status.success(), "{mood:?}: {told}");
    }
    for arguments in [&["status"][..], &["secret", "list"], &["sql", "from runs"], &["check"]] {
        household.run(arguments);
    }
    let passphrase = household.canaries.iter().find(|canary| canary.name == "passphrase").expect("it is there");
    let file = household.private("passphrase", &passphrase.text.clone());
    let ran = household.run(&["secret", "rotate", "--passphrase", "--from-file", &file.display().to_string()]);
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    peer.be(Mood::Good);
    household.run(&["sync"]);
    assert!(household.canaries.len() >= 20, "{}", household.canaries.len());
    let leaks = household.leaks();
    assert!(leaks.is_empty(), "{}", leaks.join("\n"));
    let asked = peer.server.asked().join("\n").into_bytes();
    let is_known = |canary: &Canary| forms::of(&canary.text).iter().any(|form| forms::contains(&asked, form));
    let unsent = household.canaries.iter().filter(|canary| canary.is_sent && !is_known(canary));
    let unsent: Vec<&str> = unsent.map(|canary| canary.name).collect();
    assert!(unsent.is_empty(), "what never moves cannot leak: {}", unsent.join(", "));
}
