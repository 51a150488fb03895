//! A disk without room: told as such, nothing half-applied, and the next try succeeds.

use std::path::Path;
use std::process::Command;

use crate::documents as made;
use crate::program::MOISSON;

/// Runs in a namespace of its own, where a small disk is mounted on `$1/home`. Leaves that much
/// room before each try, in KiB, and says how each ended.
const SCRIPT: &str = r#"
set -u
mount -t tmpfs -o size=48m none "$1/home" || exit 99
moisson() { "$2" --home "$1/home" "${@:3}" >>"$1/log" 2>&1; echo "$3 $?"; }
moisson "$1" "$2" import "$1/first.csv"
before=$("$2" --home "$1/home" sql -f csv "select count(*) from transactions" | tail -1)
for room in 0 64 512 1024 2048 4096; do
    free=$(df -k --output=avail "$1/home" | tail -1)
    dd if=/dev/zero of="$1/home/filler" bs=1k count=$((free - room)) 2>/dev/null
    echo "room $room"
    moisson "$1" "$2" import "$1/second.csv"
    moisson "$1" "$2" verify
    echo "rows $("$2" --home "$1/home" sql -f csv "select count(*) from transactions" | tail -1)"
    rm -f "$1/home/filler"
done
echo "room enough"
moisson "$1" "$2" import "$1/second.csv"
moisson "$1" "$2" verify
echo "rows $("$2" --home "$1/home" sql -f csv "select count(*) from transactions" | tail -1)"
moisson "$1" "$2" rebuild
"#;

#[test]
fn a_full_disk_loses_nothing_and_is_told() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path();
    std::fs::create_dir(path.join("home")).expect("a folder");
    std::fs::write(path.join("first.csv"), made::export("avant", 50)).expect("a file");
    // Labels that do not compress, so that the document needs room in the archive too.
    let rows = (0..20_000_u32)
        .map(|at| made::row(1 + at % 28, &format!("{:x}", u64::from(at).wrapping_mul(0x9e37_79b9_7f4a_7c15)), "-2,15"));
    std::fs::write(path.join("second.csv"), made::HEADER.to_owned() + &rows.collect::<String>()).expect("a file");
    let Some(told) = told(path) else {
        println!("skipped: no disk of its own can be mounted here");
        return;
    };
    println!("{told}");
    let log = std::fs::read_to_string(path.join("log")).unwrap_or_default();
    let tries: Vec<Vec<&str>> = told.split("room ").skip(1).map(|part| part.lines().collect()).collect();
    assert_eq!(tries.len(), 7, "{told}\n{log}");
    for lines in &tries {
        let (room, import, verify, rows) = (lines[0], lines[1], lines[2], lines[3]);
        assert_eq!(verify, "verify 0", "with {room} KiB\n{log}");
        match import {
            "import 75" => assert_eq!(rows, "rows 50", "with {room} KiB, half an import\n{log}"),
            "import 0" => assert_eq!(rows, "rows 20050", "with {room} KiB\n{log}"),
            other => panic!("with {room} KiB: {other}\n{log}"),
        }
    }
    assert_eq!(tries[0][1], "import 75", "a full disk is told\n{log}");
    assert_eq!(tries[6][1], "import 0", "the next try succeeds\n{log}");
    assert_eq!(tries[6][4], "rebuild 0", "{log}");
    assert!(log.contains("free some disk space"), "{log}");
}

/// What the script said; none where it may not mount.
fn told(path: &Path) -> Option<String> {
    let output = Command::new("unshare")
        .args(["--user", "--map-root-user", "--mount", "bash", "-c", SCRIPT, "bash"])
        .arg(path)
        .arg(MOISSON)
        .env("LC_ALL", "C.UTF-8")
        .output()
        .ok()?;
    let told = String::from_utf8_lossy(&output.stdout).into_owned();
    (output.status.success() && told.contains("room")).then_some(told)
}
