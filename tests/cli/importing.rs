//! `moisson import`: reports of one document and of many, rehearsals, standard input.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use insta::assert_snapshot;

use crate::Home;
use crate::home::{Ran, broken, export, text, three_days};

fn import_one(home: &Home) -> Ran {
    let file = home.document("march.csv", broken());
    home.run(&["import", &text(&file)])
}

fn import_many(home: &Home) -> Ran {
    home.document("a/good.csv", export(&three_days()));
    home.document("a/same.csv", export(&three_days()));
    home.document("b/march.csv", broken());
    home.document("c/colours.csv", "colour;size\nred;3\n");
    home.document("c/empty.csv", "");
    home.document("c/photo.png", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR");
    home.run(&["import", "in"])
}

#[test]
fn one_document_is_told_in_full() {
    let ran = import_one(&Home::new());
    assert_snapshot!("one_document", ran.out);
    assert_eq!((ran.code, ran.err.as_str()), (1, ""));
}

#[test]
fn one_document_is_told_in_french() {
    assert_snapshot!("one_document_in_french", import_one(&Home::french()).out);
}

#[test]
fn many_documents_take_a_line_or_two_each() {
    let ran = import_many(&Home::new());
    assert_snapshot!("many_documents", ran.out);
    assert_eq!((ran.code, ran.err.as_str()), (1, ""));
}

#[test]
fn many_documents_are_told_in_french() {
    assert_snapshot!("many_documents_in_french", import_many(&Home::french()).out);
}

#[test]
fn a_known_document_is_told_and_nothing_is_done() {
    let home = Home::new().filled();
    let ran = home.run(&["import", "in/good.csv"]);
    assert!(ran.out.starts_with("= good.csv  imported before, nothing to do\n"), "{}", ran.out);
    assert_eq!(ran.code, 0);
}

#[test]
fn standard_input_is_a_document() {
    let home = Home::new();
    let ran = home.ran(home.command().args(["import", "-"]).write_stdin(export(&three_days())));
    assert!(ran.out.starts_with("+ stdin  BoursoBank\n"), "{}", ran.out);
    assert_eq!(ran.code, 0);
}

#[test]
fn a_rehearsal_says_so_first_and_last_and_changes_no_file() {
    let home = Home::new().filled();
    let file = text(&home.document("more.csv", broken()));
    let before = listing(&home.path());
    let ran = home.run(&["import", "--dry-run", &file]);
    assert!(ran.out.starts_with("A rehearsal: nothing will be changed."), "{}", ran.out);
    assert!(ran.out.ends_with("A rehearsal: nothing was changed."), "{}", ran.out);
    assert!(ran.out.contains("accounts        1 already there") && ran.out.contains("rejected"), "{}", ran.out);
    assert_eq!(ran.code, 1);
    assert_eq!(listing(&home.path()), before);
}

#[test]
fn a_rehearsal_makes_no_home() {
    let home = Home::new();
    let file = text(&home.document("good.csv", export(&three_days())));
    let ran = home.run(&["import", "--dry-run", &file]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(!home.path().exists());
}

#[test]
fn an_import_whose_reader_has_gone_is_done_all_the_same() {
    let home = Home::new();
    let file = text(&home.document("march.csv", broken()));
    let mut child = std::process::Command::new(assert_cmd::cargo::cargo_bin!("moisson"))
        .args(["import", &file])
        .env("MOISSON_HOME", home.path())
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .expect("the program starts");
    drop(child.stdout.take());
    let output = child.wait_with_output().expect("it ends");
    assert_eq!(output.status.code(), Some(1), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(home.run(&["sql", "-f", "csv", "select count(*) as n from transactions"]).out, "n\n2");
}

/// Every file of a folder, with its size and the instant of its last change.
fn listing(folder: &Path) -> BTreeMap<PathBuf, (u64, SystemTime)> {
    let mut files = BTreeMap::new();
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        let data = fs::metadata(&path).expect("a file");
        files.insert(path.clone(), (data.len(), data.modified().expect("a time")));
        if path.is_dir() {
            files.extend(listing(&path));
        }
    }
    files
}
