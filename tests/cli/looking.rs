//! `moisson status`, `check`, `rebuild`, `verify` and `connector`, in both languages.

use std::fs;

use insta::assert_snapshot;
use moisson::warehouse::{Layer, shipped_queries};

use crate::Home;
use crate::home::{broken, text};

const DECLARED: &str = "[[accounts]]\nid = \"00040000001\"\nname = \"Compte\"\n";

#[test]
fn the_status_says_what_to_do() {
    let home = Home::new().filled();
    let out = home.run(&["status"]).out;
    let line = out.lines().find(|line| line.starts_with("bank/boursobank")).unwrap_or_default();
    let cells: Vec<&str> = line.split_whitespace().collect();
    assert_eq!(cells[..5], ["bank/boursobank", "good.csv", "2024-03-03", "2024-03-05", "3"], "{out}");
    assert!(line.ends_with("import a newer one"), "{out}");
    home.run(&["import", &text(&home.document("colours.csv", "colour;size\nred;3\n"))]);
    assert!(home.run(&["status"]).out.contains("1 not read: check"));
}

#[test]
fn the_status_speaks_french() {
    let home = Home::french().filled();
    home.run(&["import", &text(&home.document("march.csv", broken()))]);
    let out = home.run(&["status"]).out;
    assert!(out.starts_with("source "), "{out}");
    for word in ["dernier document", "rejetées", "à faire", "05/03/2024", "lignes rejetées : check"] {
        assert!(out.contains(word), "{word}: {out}");
    }
}

#[test]
fn a_line_that_was_cut_in_mid_write_is_told() {
    let home = Home::new().filled();
    let journal = home.path().join("journal/000001.jsonl");
    let mut text = fs::read(&journal).expect("a journal");
    text.extend_from_slice(b"{\"seq\":2,\"at\"");
    fs::write(&journal, text).expect("written");
    let out = home.run(&["status"]).out;
    assert!(out.contains("The last 13 bytes of [folder]/home/journal/000001.jsonl are a line that was cut"), "{out}");
}

#[test]
fn checks_that_do_not_hold_name_their_offenders() {
    let ran = Home::new().filled().run(&["check"]);
    assert_eq!(ran.code, 1);
    assert_snapshot!("check", ran.out);
}

#[test]
fn checks_speak_french() {
    let ran = Home::french().filled().run(&["check"]);
    assert_snapshot!("check_in_french", ran.out);
}

#[test]
fn settings_that_change_are_applied_by_the_next_import() {
    let home = Home::new().filled();
    home.settings(DECLARED);
    let ran = home.run(&["check"]);
    assert_eq!(ran.code, 1, "{}", ran.out);
    assert!(ran.err.starts_with("note: moisson.toml was changed after these views were made"), "{}", ran.err);
    let ran = home.run(&["import", "in/good.csv"]);
    assert!(ran.out.contains("imported before"), "{}", ran.out);
    let ran = home.run(&["check"]);
    assert_eq!((ran.code, ran.err.as_str()), (0, ""), "{}", ran.out);
}

#[test]
fn every_check_has_a_sentence_in_french() {
    let files = shipped_queries();
    let checks: Vec<_> = files.iter().filter(|file| file.layer == Layer::Checks).collect();
    assert!(checks.len() >= 10);
    let silent: Vec<&str> =
        checks.iter().filter(|file| file.in_french().is_none()).map(|file| file.name.as_str()).collect();
    assert!(silent.is_empty(), "no second line `-- fr: …` in {silent:?}");
}

#[test]
fn a_rebuild_that_changes_nothing_says_so() {
    let home = Home::new().filled();
    assert_eq!(home.run(&["rebuild", "--diff"]).out, "a rebuild would change nothing");
    let ran = home.run(&["rebuild"]);
    assert_eq!((ran.code, ran.out.as_str()), (0, "1 document read again; every table is as it was"));
}

#[test]
fn what_a_rebuild_would_change_is_listed() {
    let home = Home::new().filled();
    let shown = home.run(&["connector", "show", "boursobank"]).out;
    let folder = home.path().join("connectors/bank");
    fs::create_dir_all(&folder).expect("a folder");
    let edited = shown.replace("memo = \"comment\"", "memo = \"categoryParent\"");
    assert_ne!(edited, shown);
    fs::write(folder.join("boursobank.toml"), edited).expect("a file");
    let out = home.run(&["rebuild", "--diff"]).out;
    assert!(out.contains("landing.transactions: 3 rows would change, 0 come, 0 go\n"), "{out}");
    assert!(out.contains("memo: ∅ → `Divers`"), "{out}");
}

#[test]
fn connectors_are_listed_with_what_they_give() {
    let out = Home::new().run(&["connector", "list"]).out;
    assert!(out.contains("bank/boursobank") && out.contains("movements"), "{out}");
    assert!(out.lines().all(|line| line.chars().count() <= 112), "{out}");
    let french = Home::french().run(&["connector", "list"]).out;
    assert!(french.contains("mouvements") && french.contains("où trouver le document"), "{french}");
}

#[test]
fn a_connector_is_shown_as_it_is_written() {
    let home = Home::new();
    let whole = home.run(&["connector", "show", "bank/boursobank"]).out;
    assert!(whole.contains("[columns.transactions]"), "{whole}");
    assert_eq!(home.run(&["connector", "show", "boursobank"]).out, whole, "its short name is enough");
}

#[test]
fn the_household_decides_the_language_before_the_locale_does() {
    let home = Home::new().filled();
    home.settings("[household]\nlanguage = \"fr\"\n");
    assert!(home.run(&["status"]).out.contains("à faire"));
    let home = Home::french().filled();
    home.settings("[household]\nlanguage = \"en\"\n");
    assert!(home.run(&["status"]).out.contains("to do"));
    let ran = home.ran(home.command().env("LC_ALL", "C").args(["import", "in/none.csv"]));
    assert_eq!(ran.err, "error: in/none.csv does not exist");
}

const LABEL: &str = "PAIEMENT CB 0712 NANTES SUMUP *MARCHE TALENSAC CARTE 30591102";

#[test]
fn a_label_is_read_in_both_languages() {
    let ran = Home::new().run(&["label", "--booked-on", "2026-12-08", "--out", LABEL]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let said = "kind: card\n  other party: MARCHE TALENSAC\n  purchased on: 2026-12-07\n  card: 1102\n  city: NANTES\n";
    assert!(ran.out.contains(said), "{}", ran.out);
    assert!(ran.out.contains("payee MARCHE\n  rule: fr/card"), "{}", ran.out);
    let ran = Home::french().run(&["label", "VIREMENT RECU DE M LUC BERNARD"]);
    assert!(ran.out.contains("nature : transfer\n  tiers : M LUC BERNARD\n"), "{}", ran.out);
    assert_eq!(Home::new().run(&["label", "--booked-on", "yesterday", LABEL]).code, 64);
}

#[test]
fn labels_of_documents_are_counted_and_nothing_is_kept() {
    let home = Home::new();
    let text = "dateOp;dateVal;label;category;categoryParent;amount;accountNum;accountLabel;accountbalance\n\
                2026-02-10;2026-02-10;\"CARTE 09/02/26 EPI D'OR CB*1234\";;;-1,50;0004;Compte;1.00\n\
                2026-02-11;2026-02-11;\"QUELQUE CHOSE\";;;-2,50;0004;Compte;1.00\n";
    let document = home.document("export.csv", text);
    let ran = home.run(&["label", "--coverage", &crate::home::text(&document)]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let total = ran.out.lines().find(|line| line.starts_with("French")).unwrap_or_default();
    let figures: Vec<&str> = total.split_whitespace().collect();
    assert_eq!(figures, ["French", "2", "50.0", "%", "2", "100.0", "%"], "{}", ran.out);
    assert!(ran.out.contains("QUELQUE CHOSE") && !ran.out.contains("EPI D'OR"), "{}", ran.out);
    assert!(!home.path().join("journal").exists());
}
