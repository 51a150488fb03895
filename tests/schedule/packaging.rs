//! The files that let it run by itself: what they say exists, and they stay short.

use std::path::{Path, PathBuf};
use std::process::Command;

fn packaged(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("packaging").join(name);
    std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// The unit with a program that is there, in a folder of its own.
fn unit(folder: &tempfile::TempDir, more: &str) -> PathBuf {
    let text = packaged("moisson.service");
    let lines = text.lines().map(|line| if line.starts_with("ExecStart=") { "ExecStart=/bin/true" } else { line });
    let path = folder.path().join("moisson.service");
    std::fs::write(&path, format!("{}\n{more}", lines.collect::<Vec<_>>().join("\n"))).expect("a unit");
    path
}

/// Everything that systemd says of a unit; `None` where there is no systemd.
fn analyzed(arguments: &[&str], unit: &Path) -> Option<String> {
    let Ok(output) = Command::new("systemd-analyze").args(arguments).arg(unit).output() else {
        assert!(std::env::var_os("CI").is_none(), "systemd-analyze is not there");
        println!("skipped: systemd-analyze is not there");
        return None;
    };
    Some(String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned())
}

#[test]
fn the_unit_names_only_what_systemd_knows() {
    let folder = tempfile::tempdir().expect("a folder");
    let Some(said) = analyzed(&["verify"], &unit(&folder, "")) else { return };
    assert!(!said.contains("moisson.service"), "{said}");
    let said = analyzed(&["verify"], &unit(&folder, "Invented=yes\n")).unwrap_or_default();
    assert!(said.contains("Invented"), "a wrong name would not be seen: {said}");
}

#[test]
fn the_unit_is_shut_in() {
    let folder = tempfile::tempdir().expect("a folder");
    let Some(said) = analyzed(&["security", "--offline=yes"], &unit(&folder, "")) else { return };
    let level = said.lines().find_map(|line| line.split_once("moisson.service: "));
    let level = level.and_then(|(_, level)| level.split(' ').next()?.parse::<f64>().ok());
    println!("exposure {level:?}, from 0 (none) to 10");
    assert!(level.is_some_and(|level| level <= 1.5), "{said}");
}

#[test]
fn units_start_the_daemon_as_it_wants_to_be_started() {
    for name in ["moisson.service", "moisson-user.service"] {
        let text = packaged(name);
        for line in ["Type=notify", "WatchdogSec=2min", "UMask=0077", "NoNewPrivileges=yes", "Restart=on-failure"] {
            assert!(text.lines().any(|own| own == line), "{name} lacks {line}");
        }
        let start = text.lines().find(|line| line.starts_with("ExecStart=")).expect("it starts something");
        assert!(start.ends_with(" serve"), "{start}");
    }
}

#[test]
fn compose_is_ten_lines_and_gives_nothing_away() {
    let text = packaged("compose.yaml");
    assert!(text.lines().count() <= 10);
    for part in ["services:", "read_only: true", "cap_drop: [ALL]", "no-new-privileges:true", "./data:/data"] {
        assert!(text.contains(part), "{part}");
    }
    // The subset of YAML that it uses: two blanks a step, a key, and a value on its line.
    for line in text.lines() {
        let indent = line.len() - line.trim_start().len();
        let (key, _) = line.trim_start().split_once(':').unwrap_or_else(|| panic!("{line} has no key"));
        assert!(
            indent % 2 == 0
                && !line.contains('\t')
                && key.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_'),
            "{line}"
        );
    }
    assert!(!text.contains("privileged: true") && !packaged("Dockerfile").contains("USER root"));
}
