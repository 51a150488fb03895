//! `moisson why`: every row of every view has an answer, in both languages.

use insta::assert_snapshot;

use crate::Home;
use crate::home::text;

/// The invented household in a home.
fn demo(home: Home) -> Home {
    let ran = home.run(&["demo", &text(&home.path())]);
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    home
}

fn ask(home: &Home, sql: &str) -> String {
    let ran = home.run(&["sql", "--format", "csv", sql]);
    assert_eq!(ran.code, 0, "{sql}: {}", ran.err);
    ran.out.lines().skip(1).collect::<Vec<_>>().join("\n")
}

/// What is said of the row that a question finds; days of import, which are today's, are named.
fn why(home: &Home, view: &str, id: &str) -> String {
    let ran = home.run(&["why", view, id]);
    assert_eq!(ran.code, 0, "{view} {id}: {}", ran.err);
    let mut out = ran.out;
    for before in ["as of ", "imported on ", "état du ", "importé le ", ": 8, on ", " (20"] {
        out = out
            .split(before)
            .enumerate()
            .map(|(n, piece)| if n == 0 { piece.to_owned() } else { undated(piece) })
            .collect::<Vec<_>>()
            .join(before);
    }
    format!("$ moisson why {view} …\n{out}\n")
}

/// A text without the day that it starts with.
fn undated(text: &str) -> String {
    let is_day = text.chars().take(8).all(|c| c.is_ascii_digit() || c == '-' || c == '/');
    if is_day {
        format!("[day]{}", text.chars().skip_while(|c| c.is_ascii_digit() || "-/".contains(*c)).collect::<String>())
    } else {
        text.to_owned()
    }
}

const ROWS: [(&str, &str); 7] = [
    (
        "transactions",
        "select transaction_id from transactions where contains(raw_label, 'DENTAIRE') order by booked_on limit 1",
    ),
    ("bills", "select bill_id from bills where issuer = 'Orange' order by issued_on limit 1"),
    ("calls", "select call_id from calls where len(people) = 1 order by called_at, call_id limit 1"),
    ("people", "select person_id from people where name = 'Françoise Moreau'"),
    ("energy_days", "select meter || '/consumption/2025-11-06' from energy_days where energy = 'electricity' limit 1"),
    ("months", "select '2025-03'"),
    ("agenda", "select occurrence_id from agenda where contains(summary, 'Anniversaire') order by starts_at limit 1"),
];

#[test]
fn rows_of_the_household_explain_themselves() {
    let home = demo(Home::new());
    let all: Vec<String> = ROWS.iter().map(|(view, sql)| why(&home, view, &ask(&home, sql))).collect();
    assert_snapshot!("why", all.join("\n"));
    every_view_has_an_answer(&home);
}

#[test]
fn rows_of_the_household_explain_themselves_in_french() {
    let home = demo(Home::french());
    let all: Vec<String> = ROWS[..4].iter().map(|(view, sql)| why(&home, view, &ask(&home, sql))).collect();
    assert_snapshot!("why_in_french", all.join("\n"));
}

/// Whatever view there is, a later one too.
fn every_view_has_an_answer(home: &Home) {
    let views =
        ask(home, "select view_name from duckdb_views() where schema_name = 'main' and not internal order by 1");
    assert!(views.lines().count() >= 11, "{views}");
    for view in views.lines() {
        if ask(home, &format!("select count(*) from \"{view}\"")) == "0" {
            continue;
        }
        let hint = home.run(&["why", view, "no such id"]);
        assert_eq!(hint.code, 65, "{view}: {}", hint.out);
        let id = hint.err.rsplit_once("for instance ").expect("an example").1.to_owned();
        let ran = home.run(&["why", view, &id]);
        assert_eq!(ran.code, 0, "{view} {id}: {}", ran.err);
        assert!(ran.out.lines().count() >= 3, "{view} {id}: {}", ran.out);
    }
}

const BILLS: &str = "Issuer;Number;Kind;Issued on;Due on;Total\n";

#[test]
fn a_bill_that_was_issued_again_tells_its_changes() {
    let home = Home::new();
    let first = home.document("first.csv", format!("{BILLS}EAU;F-17;water;2024-02-20;2024-03-03;31.20\n"));
    assert_eq!(home.run(&["import", &text(&first)]).code, 0);
    let second = home.document("second.csv", format!("{BILLS}EAU;F-17;water;2024-02-20;2024-03-10;29.00\n"));
    assert_eq!(home.run(&["import", &text(&second)]).code, 0);
    let id = ask(&home, "select bill_id from bills");
    let out = home.run(&["why", "bills", &id]).out;
    assert!(out.starts_with("bills: EAU, F-17, 2024-02-20, 29.00 EUR\n"), "{out}");
    assert!(
        out.contains("line 2 of second.csv (") && out.contains("| EAU;F-17;water;2024-02-20;2024-03-10;29.00"),
        "{out}"
    );
    assert!(out.contains("by second.csv") && out.contains("due_on `2024-03-03` → `2024-03-10`, total 31.2"), "{out}");
}

#[test]
fn what_was_said_is_part_of_the_answer() {
    let home = Home::new().filled();
    let id = ask(&home, "select transaction_id from transactions where contains(raw_label, 'EAU')");
    home.run(&["hide", "transaction", &id]);
    let out = home.run(&["why", "transactions", &id]).out;
    assert!(out.starts_with("hidden: 00040000001, 2024-03-03, -31.20 EUR, PRLV SEPA EAU\n"), "{out}");
    assert!(out.contains("What you said\n  hidden of the movement 00040000001"), "{out}");
}

#[test]
fn a_document_that_is_lost_is_told_and_the_rest_too() {
    let home = Home::new().filled();
    let id = ask(&home, "select transaction_id from transactions where contains(raw_label, 'EAU')");
    std::fs::remove_dir_all(home.path().join("archive")).expect("it was there");
    let ran = home.run(&["why", "transactions", &id]);
    assert!(ran.code == 0 && ran.out.contains("the archive has no document"), "{}{}", ran.out, ran.err);
    assert!(ran.out.contains("by the connector bank/boursobank 1, recognised by the header on line 1"), "{}", ran.out);
}

/// Imports the documents of a story about bank exports, one after the other.
fn told(home: &Home, story: &str) {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/alignment").join(story);
    for name in ["1.csv", "2.csv"] {
        let bytes = std::fs::read(folder.join(name)).expect("a document of the story");
        home.run(&["import", &text(&home.document(name, bytes))]);
    }
}

#[test]
fn a_purchase_that_was_pending_tells_how_it_was_booked() {
    let home = Home::new();
    told(&home, "pending_is_booked_two_days_later_under_another_id_and_label");
    let id = ask(&home, "select id from landing.history");
    let out = home.run(&["why", "transactions", &id]).out;
    assert!(out.contains(", by 2.csv, what was pending is booked: booked_on `2026-03-08` → `2026-03-10`"), "{out}");
    assert!(out.contains("status `pending` → `booked`") && !out.contains("label_rule ∅"), "{out}");
    let alias = out.rsplit_once("also known as ").expect("another id").1.to_owned();
    assert_eq!(home.run(&["why", "transactions", &alias]).out, out, "an id of before leads to the same row");
}

#[test]
fn a_document_that_was_set_aside_is_read_once_it_is_vouched_for() {
    let home = Home::new();
    told(&home, "a_silently_truncated_export_is_quarantined");
    let verdict = || ask(&home, "select verdict from landing.snapshots order by 1 desc limit 1");
    assert_eq!(verdict(), "quarantined");
    let ran = home.run(&["accept", "2.csv"]);
    assert!(ran.out.contains("accepted: 2.csv ("), "{}{}", ran.out, ran.err);
    assert_eq!(verdict(), "applied");
    assert!(home.run(&["rebuild"]).out.ends_with("every table is as it was"));
    assert_eq!(verdict(), "applied");
}
