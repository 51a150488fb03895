//! What people say: written into the journal first, and never lost.

use moisson::archive::{self, Entry};
use moisson::import;
use moisson::model::said::{Choice, Field, LinkKind, Ruling, Subject, Verdict};

use crate::support::homes::{Silent, TestHome, counts};
use crate::{export, row, three_days};

fn choice(subject: Subject, id: &str, field: Field, value: Option<&str>) -> Entry {
    Entry::Choice(Choice {
        subject,
        subject_id: id.to_owned(),
        field,
        value: value.map(str::to_owned),
        about: "in words".to_owned(),
        more: serde_json::Map::new(),
    })
}

fn verdict(left_id: i64, right_id: i64, state: Ruling) -> Entry {
    let about = "a bill ↔ a debit".to_owned();
    Entry::Verdict(Verdict { kind: LinkKind::Bill, left_id, right_id, state, about, more: serde_json::Map::new() })
}

fn say(home: &TestHome, said: &[Entry]) {
    import::say(home.open(), said, &mut Silent).expect("it is written and shown");
}

fn filled() -> TestHome {
    let home = TestHome::new();
    home.import(&[home.file("a.csv", &export(&three_days()), 60)]);
    home
}

fn id_of(home: &TestHome, label: &str) -> String {
    home.ask_one(&format!("select id from landing.transactions where contains(raw_label, '{label}')"))
}

fn rebuild(home: &TestHome) {
    std::fs::remove_file(home.path().join("warehouse.duckdb")).expect("the warehouse is a file");
    import::rebuild(home.open(), &mut Silent).expect("a rebuild");
}

#[test]
fn what_is_said_survives_a_rebuild_without_the_warehouse() {
    let home = filled();
    let water = id_of(&home, "EAU");
    say(
        &home,
        &[
            choice(Subject::Transaction, &water, Field::Category, Some("04.4.1")),
            verdict(1, 2, Ruling::Confirmed),
            verdict(1, 3, Ruling::Confirmed),
            verdict(1, 3, Ruling::Rejected),
            verdict(1, 4, Ruling::Confirmed),
            verdict(1, 4, Ruling::Open),
        ],
    );
    let facts = || home.ask("select kind, right_id, state, said_at from staging.verdicts order by right_id");
    let choices = || home.ask("select subject_id, field, value, said_at from staging.choices");
    let (said, chosen, hashes) = (facts(), choices(), home.hashes());
    let states: Vec<(&str, &str)> = said.iter().map(|row| (row[1].as_str(), row[2].as_str())).collect();
    assert_eq!(states, [("2", "confirmed"), ("3", "rejected")], "the last word counts, and may be taken back");
    assert_eq!(chosen[0][..3], [water, "category".to_owned(), "04.4.1".to_owned()]);
    rebuild(&home);
    assert_eq!((facts(), choices(), home.hashes()), (said, chosen, hashes));
}

#[test]
fn what_only_the_journal_knows_is_shown_by_the_next_import() {
    let home = filled();
    let id = id_of(&home, "EAU");
    let mut world = home.open();
    let entry = choice(Subject::Transaction, &id, Field::Hidden, Some("true"));
    world.archive.journal.append(world.now, &entry).expect("written");
    drop(world);
    assert_eq!(home.ask_one("select count(*) from hidden"), "0");
    home.import(&[home.file("b.csv", &export(&three_days()[1..]), 0)]);
    assert_eq!(home.ask_one("select count(*) from hidden"), "1");
}

#[test]
fn a_hidden_movement_that_the_bank_sends_again_stays_hidden() {
    let home = filled();
    let id = id_of(&home, "SALAIRE");
    say(&home, &[choice(Subject::Transaction, &id, Field::Hidden, Some("true"))]);
    let shown = || home.ask_one("select count(*) || ' ' || sum(amount)::decimal(9, 2) from transactions");
    assert_eq!(shown(), "3 -35.50");
    let mut rows = three_days();
    rows.push(row("2026-03-06", "CARTE 05/03/26 CAFÉ CB*0042", "-1,80"));
    let reports = home.import(&[home.file("again.csv", &export(&rows), 0)]);
    assert_eq!(counts(&reports[0]).0, 2, "a movement and the balance of its day: the hidden one is known");
    assert_eq!(shown(), "4 -37.30");
    rebuild(&home);
    assert_eq!(shown(), "4 -37.30");
    assert_eq!(home.ask_one("select count(*) from landing.transactions"), "5", "nothing is lost");
    say(&home, &[choice(Subject::Transaction, &id, Field::Hidden, None)]);
    assert_eq!(shown(), "5 2412.70");
}

#[test]
fn a_choice_whose_row_is_gone_is_told() {
    let home = filled();
    say(
        &home,
        &[
            choice(Subject::Transaction, &id_of(&home, "EAU"), Field::Category, Some("04.4.1")),
            choice(Subject::Transaction, "17", Field::Category, Some("04.4.1")),
            choice(Subject::Person, "nobody", Field::Name, Some("Somebody")),
            verdict(5, 6, Ruling::Rejected),
        ],
    );
    let lost = home.ask("select subject from checks.every_choice_finds_its_row order by 1");
    assert_eq!(lost.concat(), ["bill a bill ↔ a debit", "person in words", "transaction in words"]);
}

#[test]
fn a_journal_with_facts_is_sound_and_one_without_them_reads() {
    let home = filled();
    let older = archive::open(home.path()).expect("an archive");
    assert!(older.journal.entries().expect("lines").all(|line| matches!(line, Ok(line) if is_document(&line.entry))));
    say(&home, &[verdict(1, 2, Ruling::Confirmed), choice(Subject::Payee, "k", Field::Name, Some("Y"))]);
    let found = archive::verify(&archive::open(home.path()).expect("an archive"), &mut |_, _| {});
    assert!(found.is_sound() && found.problems.is_empty(), "{:?}", found.problems);
    assert_eq!(found.n_journal_lines, 3);
}

fn is_document(entry: &Entry) -> bool {
    matches!(entry, Entry::Document(_))
}

#[test]
fn a_rehearsal_knows_what_was_said_and_writes_nothing() {
    let home = filled();
    say(&home, &[choice(Subject::Document, &"a".repeat(64), Field::Accepted, Some("true"))]);
    let world = home.open();
    assert_eq!(world.warehouse.accepted_documents().expect("a list"), ["a".repeat(64)]);
    drop(world);
    home.rehearse(&[home.file("b.csv", &export(&three_days()[1..]), 0)]);
    assert_eq!(home.open().warehouse.accepted_documents().expect("a list"), ["a".repeat(64)]);
}
