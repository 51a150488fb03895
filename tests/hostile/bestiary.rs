//! Every bad document we could think of, at once and one by one.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use moisson::model::records::TABLES;

use crate::documents::{self as made, HEADER};
use crate::program::{Ran, ask, assert_sound, run};

/// Name, bytes, and what is to become of it.
fn beasts() -> Vec<(&'static str, Vec<u8>, &'static str)> {
    let sheets = crate::support::root().join("tests/sheets");
    let workbook = std::fs::read(sheets.join("workbook.xlsx")).expect("a workbook");
    let old = std::fs::read(sheets.join("old_workbook.xls")).expect("an old workbook");
    let open_quote = made::export("guillemet", 30).replacen("\"guillemet 3\"", "\"guillemet 3", 1);
    let padded = [made::export("octets nuls", 5).into_bytes(), vec![0; 4_096]].concat();
    vec![
        ("broken.csv", made::broken_export("trente pour cent", 100).into_bytes(), "partial"),
        ("claimed.xls", made::claimed_workbook(&old), "partial"),
        ("cut.xls", old[..old.len() / 2].to_vec(), "refused"),
        ("cut.xlsx", workbook[..workbook.len() / 2].to_vec(), "refused"),
        ("deep.html", made::nested("<div><table><tr><td>", "</td></tr></table></div>", 20_000).into_bytes(), "refused"),
        ("deep.json", made::nested("[", "]", 200_000).into_bytes(), "refused"),
        ("deep.xml", made::nested("<a>", "</a>", 200_000).into_bytes(), "unrecognised"),
        ("document.pdf", b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n".to_vec(), "refused"),
        ("empty.csv", Vec::new(), "refused"),
        ("entities.xml", made::entity_bomb().into_bytes(), "refused"),
        ("far.xls", made::far_workbook(&old, 19_000), "refused"),
        ("good.csv", made::export("bon", 5).into_bytes(), "ok"),
        ("lone_cr.csv", made::export("retour chariot", 5).replace('\n', "\r").into_bytes(), "ok"),
        ("login.csv", made::login_page().as_bytes().to_vec(), "unrecognised"),
        ("noise.bin", made::noise(100_000), "refused"),
        ("nul.csv", padded, "ok"),
        ("photo.vcf", made::card_with_photo(10).into_bytes(), "ok"),
        ("quote.csv", open_quote.into_bytes(), "partial"),
        ("seconds.ics", made::every_second().as_bytes().to_vec(), "ok"),
        ("shared.xlsx", made::bomb_workbook(300), "refused"),
        ("far.xlsx", made::sparse_workbook(), "refused"),
        ("stranger.csv", b"couleur;taille\nrouge;3\n".to_vec(), "unrecognised"),
        ("utf16.csv", made::utf16(&made::export("seize", 5)), "ok"),
        ("zeros.zip", made::zeros(1024), "refused"),
    ]
}

fn write_all(folder: &Path, beasts: &[(&str, Vec<u8>, &str)]) {
    std::fs::create_dir_all(folder).expect("a folder");
    for (name, bytes, _) in beasts {
        std::fs::write(folder.join(name), bytes).expect("a file");
    }
}

#[test]
fn a_folder_of_bad_documents_is_told_apart_kept_and_half_applies_nothing() {
    let home = tempfile::tempdir().expect("a folder");
    let folder = home.path().join("in");
    let beasts = beasts();
    write_all(&folder, &beasts);
    let ran = run(home.path(), &["import", &folder.display().to_string()]);
    println!("{} documents: {:?}, {} MiB", beasts.len(), ran.took, ran.peak_kib >> 10);
    assert_eq!(ran.code, Some(1), "{}", ran.text);
    assert_sound(home.path());

    let found: BTreeMap<String, String> = ask(home.path(), "select name || '=' || outcome from landing.documents")
        .iter()
        .filter_map(|line| line.split_once('='))
        .map(|(name, outcome)| (name.to_owned(), outcome.to_owned()))
        .collect();
    let wanted: BTreeMap<String, String> =
        beasts.iter().map(|(name, _, outcome)| ((*name).to_owned(), (*outcome).to_owned())).collect();
    assert_eq!(found, wanted, "{}", ran.text);
    let reasons =
        ask(home.path(), "select name from landing.documents where outcome = 'refused' and coalesce(reason, '') = ''");
    assert!(reasons.is_empty(), "refused without a reason: {reasons:?}");

    let lost = ask(home.path(), "select rows_rejected from landing.documents where name = 'broken.csv'");
    assert_eq!(lost, ["30"]);
    let rows =
        ask(home.path(), "select count(*) from transactions where raw_label like 'trente%' or raw_label like 'bon%'");
    assert_eq!(rows, ["75"]);
    for table in TABLES {
        let half = ask_count(home.path(), table.name);
        assert_eq!(half, "0", "{} holds rows of a document that was refused", table.name);
    }
}

fn ask_count(home: &Path, table: &str) -> String {
    let sql = format!(
        "select count(*) from landing.{table} where document in
         (select document from landing.documents where outcome in ('refused', 'unrecognised'))"
    );
    ask(home, &sql).concat()
}

#[test]
fn each_bad_document_keeps_to_little_memory_and_time() {
    let home = tempfile::tempdir().expect("a folder");
    let folder = home.path().join("in");
    let mut heavy = beasts();
    heavy.retain(|(name, _, _)| {
        !["broken.csv", "stranger.csv", "utf16.csv", "lone_cr.csv", "nul.csv", "empty.csv"].contains(name)
    });
    write_all(&folder, &heavy);
    let mut names: Vec<String> = heavy.iter().map(|(name, _, _)| (*name).to_owned()).collect();
    names.extend(samples(&folder));
    names.push("line.csv".to_owned());
    std::fs::write(folder.join("line.csv"), [HEADER.as_bytes(), &vec![b'x'; 200 << 20]].concat()).expect("a file");
    let rehearse = |name: &str| run(home.path(), &["import", "--dry-run", &folder.join(name).display().to_string()]);
    let plain = rehearse("good.csv");
    println!("{:<16} {:>4} MiB {:?}", "good.csv", plain.peak_kib >> 10, plain.took);
    let mut offenders = Vec::new();
    for name in names.iter().filter(|name| *name != "good.csv") {
        let ran = rehearse(name);
        let size = std::fs::metadata(folder.join(name)).expect("a file").len() >> 10;
        let more = ran.peak_kib.saturating_sub(plain.peak_kib);
        println!("{name:<16} {:>+4} MiB {:?} (exit {:?}, a file of {size} KiB)", more >> 10, ran.took, ran.code);
        offenders.extend(offence(name, &ran, more, size));
    }
    assert!(offenders.is_empty(), "\n{}", offenders.join("\n"));
}

/// Hostile samples that lie beside the project, copied into the folder.
fn samples(folder: &Path) -> Vec<String> {
    let Some(corpus) = crate::support::corpus() else { return Vec::new() };
    let is_here = |name: &String| std::fs::copy(corpus.join("../hostile").join(name), folder.join(name)).is_ok();
    ["sparse_max.xlsx", "sparse.xlsx", "lol.xml"].map(str::to_owned).into_iter().filter(is_here).collect()
}

/// The document itself is held in memory, and as much again of what is read of it.
fn offence(name: &str, ran: &Ran, more_kib: u64, size_kib: u64) -> Option<String> {
    let most = (64 << 10) + 2 * size_kib;
    let is_slow = ran.took > Duration::from_secs(60);
    let is_crash = ran.code.is_none_or(|code| ![0, 1, 65].contains(&code));
    (more_kib > most || is_slow || is_crash)
        .then(|| format!("{name}: {} MiB more, {:?}, exit {:?}\n{}", more_kib >> 10, ran.took, ran.code, ran.text))
}

#[test]
fn a_document_from_a_pipe_is_read_once_and_whole() {
    let home = tempfile::tempdir().expect("a folder");
    let first = home.path().join("first.csv");
    std::fs::write(&first, made::export("fichier", 5)).expect("a file");
    assert_eq!(run(home.path(), &["import", &first.display().to_string()]).code, Some(0));
    let second = home.path().join("second.csv");
    std::fs::write(&second, made::export("tuyau", 7)).expect("a file");
    let script = "\"$0\" --home \"$1\" import <(cat \"$2\")";
    let arguments =
        [std::path::Path::new("-c"), script.as_ref(), crate::program::MOISSON.as_ref(), home.path(), &second];
    let ended = std::process::Command::new("bash").args(arguments).output().expect("a shell");
    assert!(ended.status.success(), "{ended:?}");
    assert_eq!(ask(home.path(), "select count(*) from transactions"), ["12"]);
}

#[test]
fn alone_a_bad_document_has_its_exit_code() {
    let home = tempfile::tempdir().expect("a folder");
    let file = |name: &str, bytes: &[u8]| {
        let path = home.path().join(name);
        std::fs::write(&path, bytes).expect("a file");
        path.display().to_string()
    };
    let empty = file("empty.csv", b"");
    let broken = file("broken.csv", made::broken_export("seul", 10).as_bytes());
    let missing = home.path().join("nowhere.csv").display().to_string();
    let codes = [&empty, &broken, &missing].map(|path| run(home.path(), &["import", "--dry-run", path]).code);
    assert_eq!(codes, [Some(65), Some(1), Some(69)]);
    assert_eq!(run(home.path(), &["import", "--connector", "bank/nobody", &empty]).code, Some(64));
    assert_eq!(run(home.path(), &["import"]).code, Some(64));
}

#[test]
fn what_cannot_be_opened_stops_nothing_else() {
    let home = tempfile::tempdir().expect("a folder");
    let folder = home.path().join("in");
    write_all(&folder, &[("good.csv", made::export("bon", 5).into_bytes(), "ok")]);
    std::os::unix::fs::symlink("nowhere.csv", folder.join("dangling.csv")).expect("a link");
    std::os::unix::fs::symlink(&folder, folder.join("circle")).expect("a link");
    let pipe = std::process::Command::new("mkfifo").arg(folder.join("pipe.csv")).status();
    println!("a pipe that nobody writes to: {pipe:?}");
    let locked = folder.join("locked.csv");
    std::fs::write(&locked, made::export("fermé", 5)).expect("a file");
    std::fs::set_permissions(&locked, std::os::unix::fs::PermissionsExt::from_mode(0o000)).expect("a mode");
    let is_refused = std::fs::read(&locked).is_err();
    if !is_refused {
        println!("skipped: this user may read every file");
    }
    let ran = run(home.path(), &["import", &folder.display().to_string()]);
    assert_eq!(ran.code, Some(1), "{}", ran.text);
    assert!(ran.text.contains("dangling.csv"), "{}", ran.text);
    assert_eq!(ask(home.path(), "select count(*) from transactions"), [if is_refused { "5" } else { "10" }]);
    assert_sound(home.path());
}
