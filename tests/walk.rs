//! The walk of documents through a real home: identity, rebuilding, order, bad input.

mod support;

#[path = "walk/said.rs"]
mod said;

use moisson::archive::{Document, Entry};
use moisson::import::{self, Outcome};
use support::homes::{Silent, TestHome, counts, now};

const HEADER: &str = "dateOp;dateVal;label;category;categoryParent;supplierFound;amount;comment;accountNum;accountLabel;accountbalance\n";

fn row(day: &str, label: &str, amount: &str) -> String {
    format!("{day};{day};\"{label}\";\"Divers\";\"Divers\";\"\";{amount};;00040000001;BoursoBank;100.00\n")
}

fn export(rows: &[String]) -> Vec<u8> {
    format!("\u{feff}{HEADER}{}", rows.concat()).into_bytes()
}

/// A connector of the user's own.
const MINE: &str = r#"
name = "My bank"
version = 1

[layout]
format = "csv"
header = [["Jour", "Somme", "Motif"]]

[columns.transactions]
booked_on = { from = "Jour", order = "dmy" }
amount = { kind = "signed", from = "Somme", decimal = "," }
label = "Motif"
account = { constant = "courant" }
currency = { constant = "EUR" }
"#;

fn three_days() -> Vec<String> {
    vec![
        row("2026-03-05", "CARTE 04/03/26 MÉTRO CB*0042", "-2,15"),
        row("2026-03-05", "CARTE 04/03/26 MÉTRO CB*0042", "-2,15"),
        row("2026-03-04", "VIR SEPA SALAIRE", "2 450,00"),
        row("2026-03-03", "PRLV SEPA EAU", "-31,20"),
    ]
}

#[test]
fn two_identical_purchases_on_one_day_survive() {
    let home = TestHome::new();
    let file = home.file("export.csv", &export(&three_days()), 0);
    let reports = home.import(&[file]);
    assert_eq!(counts(&reports[0]).0, 4 + 1 + 1, "four movements, one account, its balance");
    assert_eq!(home.ask_one("select count(*) from transactions where amount = -2.15"), "2");
}

#[test]
fn an_overlapping_renamed_reencoded_export_adds_only_what_is_new() {
    let home = TestHome::new();
    let first = home.file("export.csv", &export(&three_days()), 60);
    home.import(&[first]);
    let mut rows = three_days();
    rows.insert(0, row("2026-03-06", "CARTE 05/03/26 CAFÉ CB*0042", "-1,80"));
    rows.remove(4);
    let latin: Vec<u8> = format!("{HEADER}{}", rows.concat())
        .replace('\n', "\r\n")
        .chars()
        .map(|c| u8::try_from(c as u32).expect("Latin-1"))
        .collect();
    let second = home.file("releve (2).txt", &latin, 0);
    let reports = home.import(&[second]);
    let (new, known, amended) = counts(&reports[0]);
    assert_eq!((new, known, amended), (1 + 1, 3 + 1, 0), "a movement and the balance of its day are new");
    assert_eq!(home.ask_one("select count(*) || ' ' || sum(amount) from transactions"), "5 2412.70000");
}

#[test]
fn known_bytes_are_not_imported_again_whatever_their_name() {
    let home = TestHome::new();
    let bytes = export(&three_days());
    home.import(&[home.file("a.csv", &bytes, 0)]);
    let reports = home.import(&[home.file("b.csv", &bytes, 0)]);
    assert!(matches!(reports[0].outcome, Outcome::Known { .. }));
}

/// An export of which only the name tells the account.
fn named_export(rows: &[&str]) -> Vec<u8> {
    format!("Date op\u{e9}ration;Date valeur;libell\u{e9};D\u{e9}bit;Cr\u{e9}dit;\n{}", rows.concat())
        .chars()
        .map(|c| u8::try_from(c as u32).expect("Latin-1"))
        .collect()
}

#[test]
fn the_same_bytes_of_two_accounts_are_two_documents() {
    let home = TestHome::new();
    let empty = named_export(&["03/03/2026;03/03/2026;FRAIS;-2,15;;\n"]);
    let name = |account: &str, copy: &str| format!("HistoriqueOperations_{account}_du_01_03_2026{copy}.csv");
    let accounts = "select account, count(*) from landing.transactions group by account order by account";
    home.import(&[home.file(&name("111", ""), &empty, 60)]);
    home.import(&[home.file(&name("222", ""), &empty, 50)]);
    let both = [["111", "1"], ["222", "1"]];
    assert_eq!(home.ask(accounts), both);
    for again in [name("111", ""), name("222", " (1)")] {
        let reports = home.import(&[home.file(&again, &empty, 5)]);
        assert!(matches!(reports[0].outcome, Outcome::Known { .. }), "{again}: {:?}", reports[0]);
    }
    assert_eq!(home.open().archive.journal.last().0, 2, "told once each");
    let older = named_export(&["03/03/2026;03/03/2026;FRAIS;-2,15;;\n", "02/03/2026;02/03/2026;EAU;-31,20;;\n"]);
    home.import(&[home.file(&name("111", "-older"), &older, 600)]);
    let rows = home.ask(accounts);
    assert_eq!(rows, [["111", "2"], ["222", "1"]], "an account that is told anew keeps its own");
    import::rebuild(home.open(), &mut Silent).expect("a rebuild");
    assert_eq!(home.ask(accounts), rows);
}

#[test]
fn a_rehearsal_counts_and_changes_nothing() {
    let home = TestHome::new();
    let first = home.file("export.csv", &export(&three_days()), 60);
    let second = home.file("overlap.csv", &export(&three_days()[1..]), 0);
    let reports = home.rehearse(&[first, second]);
    assert_eq!(counts(&reports[0]).0, 4 + 1 + 1);
    assert_eq!(counts(&reports[1]).0, 0, "what the first would have brought is there already");
    assert_eq!(home.ask_one("select count(*) from landing.transactions"), "0");
    assert_eq!(home.open().archive.journal.last().0, 0);
}

#[test]
fn a_rebuild_gives_the_same_tables() {
    let home = TestHome::new();
    home.import(&[home.file("a.csv", &export(&three_days()), 5), home.file("b.csv", &export(&three_days()[1..]), 0)]);
    let before = home.hashes();
    std::fs::remove_file(home.path().join("warehouse.duckdb")).expect("the warehouse is a file");
    import::rebuild(home.open(), &mut Silent).expect("a rebuild");
    assert_eq!(home.hashes(), before);
}

#[test]
fn what_only_the_journal_knows_is_loaded_by_the_next_import() {
    let home = TestHome::new();
    let file = home.file("a.csv", &export(&three_days()), 0);
    let mut world = home.open();
    let kept = world.archive.keep(&std::fs::read(&file).expect("the file")).expect("kept");
    let line = Entry::Document(Document {
        sha256: kept.sha256,
        size: kept.size,
        name: "a.csv".to_owned(),
        as_of: now(),
        source: None,
        connector: None,
        parent: None,
        origin: None,
        shows: None,
    });
    world.archive.journal.append(now(), &line).expect("a line");
    assert!(world.is_behind().expect("an answer"));
    drop(world);
    let reports = home.import(&[file]);
    assert_eq!(counts(&reports[0]).0, 4 + 2, "the document of the journal");
    assert!(matches!(reports[1].outcome, Outcome::Known { .. }), "the same file again");
    let world = home.open();
    assert_eq!(world.archive.journal.last().0, 1, "told once");
    assert!(!world.is_behind().expect("an answer"));
}

#[test]
fn a_lost_warehouse_comes_back_with_the_next_import() {
    let home = TestHome::new();
    let file = home.file("a.csv", &export(&three_days()), 0);
    home.import(std::slice::from_ref(&file));
    let before = home.hashes();
    std::fs::remove_file(home.path().join("warehouse.duckdb")).expect("the warehouse is a file");
    home.import(&[file]);
    assert_eq!(home.hashes(), before);
}

#[test]
fn a_warehouse_of_another_version_is_made_anew() {
    let home = TestHome::new();
    let file = home.file("a.csv", &export(&three_days()), 0);
    home.import(std::slice::from_ref(&file));
    let before = home.hashes();
    home.ask("update landing.format set mark = 'of another version'");
    home.import(&[file]);
    assert_eq!(home.hashes(), before);
}

#[test]
fn a_document_that_nobody_could_read_is_told_once_and_read_when_a_connector_comes() {
    let home = TestHome::new();
    let file = home.file("a.csv", b"Jour;Somme;Motif\n05/03/2026;-2,15;METRO\n", 0);
    home.import(std::slice::from_ref(&file));
    home.import(std::slice::from_ref(&file));
    assert_eq!(home.open().archive.journal.last().0, 1);
    let folder = home.path().join("connectors/bank");
    std::fs::create_dir_all(&folder).expect("a folder");
    std::fs::write(folder.join("mine.toml"), MINE).expect("a file");
    let reports = home.import(&[file]);
    assert!(matches!(reports[0].outcome, Outcome::Read(_)), "{:?}", reports[0]);
    assert_eq!(home.ask_one("select count(*) from transactions"), "1");
}

#[test]
fn an_edited_connector_shows_what_would_change_before_it_does() {
    let home = TestHome::new();
    home.import(&[home.file("a.csv", &export(&three_days()), 0)]);
    let before = home.hashes();
    let catalogue = moisson::connector::Catalogue::shipped().expect("valid connectors");
    let edited = catalogue
        .find("bank/boursobank")
        .expect("shipped")
        .text
        .replace("memo = \"comment\"", "memo = \"categoryParent\"");
    let folder = home.path().join("connectors/bank");
    std::fs::create_dir_all(&folder).expect("a folder");
    std::fs::write(folder.join("boursobank.toml"), edited).expect("a file");
    let diffs = import::rebuild_diff(home.open(), &mut Silent).expect("a diff");
    let landing = diffs.iter().find(|diff| diff.table == "landing.transactions").expect("the movements differ");
    assert_eq!((landing.rows_changed, landing.rows_new, landing.rows_gone), (4, 0, 0));
    assert!(
        landing.changed.iter().all(|cell| cell.column == "memo" && cell.new.as_deref() == Some("Divers")),
        "{landing:?}"
    );
    assert!(
        diffs.iter().all(|diff| ["landing.transactions", "main.transactions"].contains(&diff.table.as_str())),
        "{diffs:?}"
    );
    assert_eq!(home.hashes(), before, "a diff changes nothing");
}

#[test]
fn rows_that_cannot_be_read_are_faults_and_the_rest_goes_in() {
    let home = TestHome::new();
    let mut rows = three_days();
    rows[0] = row("2026-13-45", "CARTE", "-2,15");
    rows[3] = row("2026-03-03", "PRLV", "12,34,56");
    let reports = home.import(&[home.file("a.csv", &export(&rows), 0)]);
    let Outcome::Read(read) = &reports[0].outcome else { panic!("{:?}", reports[0]) };
    assert_eq!((read.summary.rows_read, read.summary.rows_taken, read.summary.rows_rejected), (4, 2, 2));
    let faults = home.ask("select line, kind, value from landing.faults order by line");
    assert_eq!(faults, [["2", "not_a_date", "2026-13-45"], ["5", "not_a_number", "12,34,56"]]);
}

#[test]
fn unreadable_documents_are_kept_told_and_stop_no_other() {
    let home = TestHome::new();
    let noise: Vec<u8> = (0..4096_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 13).to_le_bytes()[0]).collect();
    let files = vec![
        home.file("a_empty.csv", b"", 0),
        home.file("b_noise.csv", &noise, 0),
        home.file("c_unknown.csv", b"color;size\nred;3\n", 0),
        home.file("d_cut.xlsx", b"PK\x03\x04\x14\x00\x06\x00\x08\x00", 0),
        home.file("e_good.csv", &export(&three_days()), 0),
    ];
    let reports = home.import(&files);
    let words: Vec<&str> = reports
        .iter()
        .map(|report| match &report.outcome {
            Outcome::Read(_) => "read",
            Outcome::Unrecognised(_) => "unrecognised",
            Outcome::Refused(_) => "refused",
            Outcome::Known { .. } | Outcome::Opened { .. } => "other",
        })
        .collect();
    assert_eq!(words, ["refused", "refused", "unrecognised", "refused", "read"]);
    assert_eq!(home.ask_one("select count(*) from landing.documents"), "5");
    let world = home.open();
    assert!(reports.iter().all(|report| world.archive.holds(&report.sha256)));
}

#[test]
fn a_utf16_export_without_bom_is_read() {
    let home = TestHome::new();
    let text = format!("{HEADER}{}", three_days().concat());
    let bytes: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let reports = home.import(&[home.file("utf16.csv", &bytes, 0)]);
    assert_eq!(counts(&reports[0]).0, 4 + 1 + 1);
}

#[test]
fn documents_in_any_order_give_the_same_marts() {
    use proptest::prelude::*;
    use proptest::test_runner::{Config, TestRunner};
    let days: Vec<String> = (1..=12)
        .map(|day| row(&format!("2026-03-{day:02}"), if day % 3 == 0 { "MÉTRO" } else { "CAFÉ" }, "-2,15"))
        .collect();
    let windows = [(0, 5), (3, 9), (4, 4), (6, 12), (0, 12), (2, 7)];
    let order = Just((0..windows.len()).collect::<Vec<usize>>()).prop_shuffle();
    let expected = std::cell::RefCell::new(None);
    let mut runner = TestRunner::new(Config { cases: 6, failure_persistence: None, ..Config::default() });
    let outcome = runner.run(&order, |order| {
        let home = TestHome::new();
        let mut files = Vec::new();
        for index in order {
            let (from, to) = windows[index];
            let mut rows = days[from..to].to_vec();
            if index % 2 == 0 {
                rows.extend(rows.last().cloned());
            }
            files.push(home.file(&format!("{index}.csv"), &export(&rows), index as u64));
        }
        home.import(&files);
        let marts: Vec<_> = home
            .hashes()
            .into_iter()
            .filter(|table| table.table == "main.transactions" || table.table == "main.months")
            .collect();
        let known = expected.borrow_mut().get_or_insert_with(|| marts.clone()).clone();
        prop_assert_eq!(known, marts);
        Ok(())
    });
    outcome.expect("the same marts in any order");
}

#[test]
fn a_line_that_lost_its_shape_is_told_and_not_passed_over() {
    let home = TestHome::new();
    let text = "Votre numéro;06 39 98 10 01;;;;\nDate;Heure;Type;Correspondant;Durée ou volume;Montant TTC\n\
        05/03/2026;09:48:00;Appel voix;01 99 00 12 34;00h01m27s;Inclus\n\
        Total voix;;;;00h01m27s;\n\
        06/03/2026;10:00:00;Appel voix;01 99 00 12 34;00h00m30s;Inclus\n";
    let reports = home.import(&[home.file("facture.csv", text.as_bytes(), 0)]);
    let Outcome::Read(read) = &reports[0].outcome else { panic!("{:?}", reports[0]) };
    assert_eq!((read.summary.rows_taken, read.summary.rows_rejected), (1, 1));
    assert_eq!(home.ask("select line, kind from landing.faults where is_row_lost"), [["5", "malformed"]]);
}

#[test]
fn a_stray_quotation_mark_swallows_no_row() {
    let home = TestHome::new();
    let text = "Date;Libellé;Montant\n2026-03-01;\"CAFE;-2.40\n2026-03-02;PAIN;-1.00\n2026-03-03;\"X\";-5.00\n";
    let reports = home.import(&[home.file("releve.csv", text.as_bytes(), 0)]);
    assert!(matches!(reports[0].outcome, Outcome::Refused(_) | Outcome::Unrecognised(_)), "{:?}", reports[0]);
    assert_eq!(home.ask_one("select count(*) from landing.transactions"), "0");
}

#[test]
fn a_bill_that_is_issued_again_replaces_the_first() {
    let home = TestHome::new();
    let header = "issuer;contract;number;issued_on;total;currency\n";
    let first = home.file("a.csv", format!("{header}EDF;;77;2026-03-01;10.00;EUR\n").as_bytes(), 60);
    let second = home.file("b.csv", format!("{header}EDF;K1;77;2026-03-02;12.00;EUR\n").as_bytes(), 0);
    home.import(&[first, second]);
    assert_eq!(home.ask("select number, cast(total as decimal(9, 2)) from bills"), [["77", "12.00"]]);
}

#[test]
fn a_connector_of_ones_own_wins_over_a_built_in_one() {
    let home = TestHome::new();
    let catalogue = moisson::connector::Catalogue::shipped().expect("valid connectors");
    let folder = home.path().join("connectors/bank");
    std::fs::create_dir_all(&folder).expect("a folder");
    std::fs::write(folder.join("mybank.toml"), &catalogue.find("bank/boursobank").expect("shipped").text)
        .expect("a file");
    let reports = home.import(&[home.file("a.csv", &export(&three_days()), 0)]);
    let Outcome::Read(read) = &reports[0].outcome else { panic!("{:?}", reports[0]) };
    assert_eq!(read.connector, "bank/mybank");
}

#[test]
fn a_damaged_document_is_healed_by_importing_it_again() {
    let home = TestHome::new();
    let file = home.file("a.csv", &export(&three_days()), 0);
    let sha256 = home.import(std::slice::from_ref(&file))[0].sha256.clone();
    let kept = home.path().join("archive").join(&sha256[..2]).join(&sha256[2..4]).join(format!("{sha256}.zst"));
    std::fs::write(&kept, b"spoilt").expect("the document is a file");
    home.import(&[file]);
    assert!(home.open().archive.read(&sha256).is_ok());
}

#[test]
fn files_of_the_same_instant_meet_the_same_way_in_any_order() {
    let hashes = [[0, 1], [1, 0]].map(|order| {
        let home = TestHome::new();
        let files = [export(&three_days()), export(&three_days()[1..])].map(|bytes| {
            let path = home.file(&format!("{}.csv", bytes.len()), &bytes, 0);
            let instant =
                std::time::SystemTime::UNIX_EPOCH + std::time::Duration::from_nanos(1_790_000_000_123_456_789);
            std::fs::File::options()
                .write(true)
                .open(&path)
                .and_then(|file| file.set_modified(instant))
                .expect("a time");
            path
        });
        home.import(&order.map(|at: usize| files[at].clone()));
        home.hashes().into_iter().find(|table| table.table == "main.transactions").expect("the mart")
    });
    assert_eq!(hashes[0], hashes[1]);
}
