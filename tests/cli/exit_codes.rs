//! Exit codes: 0 ok, 1 partly, 64 usage, 65 data, 69 unavailable, 75 later, 78 configuration.

use std::fs;
use std::io::Write;
use std::process::{Command, Stdio};

use crate::Home;
use crate::home::{broken, export, text, three_days};

#[track_caller]
fn check(home: &Home, arguments: &[&str], code: i32, said: &str) {
    let ran = home.run(arguments);
    let all = format!("{}{}", ran.out, ran.err);
    assert_eq!(ran.code, code, "{all}");
    assert!(all.contains(said), "{all}");
}

#[test]
fn everything_read_is_0_and_something_lost_is_1() {
    let home = Home::new();
    home.document("good.csv", export(&three_days()));
    check(&home, &["import", "in/good.csv"], 0, "5 new");
    home.document("march.csv", broken());
    check(&home, &["import", "in"], 1, "2 rows rejected");
}

#[test]
fn a_command_that_is_not_one_is_64() {
    let home = Home::new().filled();
    check(&home, &["harvest"], 64, "unrecognized subcommand");
    check(&home, &["import"], 64, "required arguments");
    check(&home, &["connector", "show", "boursbank"], 64, "did you mean bank/boursobank?");
    check(&home, &["import", "--connector", "nobody/nothing", "in/good.csv"], 64, "no connector is called");
    check(&home, &["sql", "--format", "parquet", "select 1"], 64, "parquet needs --output FILE");
}

#[test]
fn data_that_cannot_be_read_is_65() {
    let home = Home::new();
    home.document("empty.csv", "");
    home.document("cut.xlsx", b"PK\x03\x04\x14\x00\x06\x00\x08\x00[Content_Types].xml");
    check(&home, &["import", "in/empty.csv"], 65, "the document is empty");
    check(&home, &["import", "in/cut.xlsx"], 65, "cut short or damaged");
    check(&home, &["sql", "select 1 from nowhere"], 65, "does not exist");
}

#[test]
fn a_damaged_archive_is_65() {
    let home = Home::new().filled();
    check(&home, &["verify"], 0, "nothing is lost or damaged");
    let journal = home.path().join("journal/000001.jsonl");
    let damaged = fs::read_to_string(&journal).expect("a journal").replace("good.csv", "evil.csv");
    fs::write(&journal, damaged).expect("written");
    check(&home, &["verify"], 65, "put this file back from a backup");
}

#[test]
fn what_is_not_there_is_69() {
    let home = Home::new();
    check(&home, &["import", "in/nothing.csv"], 69, "in/nothing.csv does not exist");
    fs::create_dir_all(home.path().parent().expect("a folder").join("in/hollow")).expect("a folder");
    check(&home, &["import", "in/hollow"], 69, "there is no document in in/hollow");
    for command in ["status", "check", "sql", "verify", "rebuild", "refresh"] {
        check(&home, &[command], 69, "nothing was imported into [folder]/home yet");
    }
    assert!(!home.path().exists(), "looking makes no home");
}

#[test]
fn a_home_that_cannot_be_written_is_69() {
    let home = Home::new();
    let file = text(&home.document("good.csv", export(&three_days())));
    // Nobody makes folders there, not even root.
    check(&home, &["--home", "/proc/moisson", "import", &file], 69, "cannot make the folder /proc/moisson");
    check(&home, &["--home", "/proc/moisson", "init"], 69, "cannot write /proc/moisson/moisson.toml");
    check(&home, &["demo", "in"], 69, "holds something else; name an empty folder");
}

#[test]
fn a_home_that_another_process_holds_is_75() {
    let home = Home::new();
    let file = text(&home.document("good.csv", export(&three_days())));
    let mut other = Command::new(assert_cmd::cargo::cargo_bin!("moisson"))
        .args(["import", "-"])
        .env("MOISSON_HOME", home.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the program starts");
    // It holds the home while it waits for the rest of its document, and signs the lock.
    let holder = format!("process {}", other.id());
    let lock = home.path().join("lock");
    while !fs::read_to_string(&lock).is_ok_and(|text| text.trim() == holder) {
        assert!(other.try_wait().expect("a process").is_none(), "it ended early");
        std::thread::yield_now();
    }
    check(&home, &["import", &file], 75, &format!("[folder]/home is in use by {holder}"));
    check(&home, &["import", "--dry-run", &file], 0, "5 new");
    other.stdin.take().expect("its input").write_all(export(&three_days()).as_bytes()).expect("written");
    let ended = other.wait_with_output().expect("it ends");
    assert!(ended.status.success(), "{}", String::from_utf8_lossy(&ended.stdout));
}

#[test]
fn a_wrong_configuration_is_78() {
    let home = Home::new();
    home.document("good.csv", export(&three_days()));
    home.settings("[household]\nlangage = \"fr\"\n");
    check(&home, &["import", "in/good.csv"], 78, "unknown key `langage`");
    check(&home, &["import", "in/good.csv"], 78, "did you mean `language`?");
    home.settings("");
    check(&home, &["import", "--source", "bank", "in/good.csv"], 78, "no source is called bank");
    check(&home, &["init"], 78, "is there already");
    fs::create_dir_all(home.path().join("connectors/bank")).expect("a folder");
    fs::write(home.path().join("connectors/bank/mine.toml"), "nom = \"Ma banque\"\n").expect("a file");
    check(&home, &["connector", "list"], 78, "unknown key `nom`");
}
