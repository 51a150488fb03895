//! The household's home, imported once for all tests, and the truth about it.

use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use moisson::import::{DocumentReport, Outcome};
use moisson::warehouse::{Limits, Reader};
use serde_json::Value;

use crate::support::homes::TestHome;
use crate::support::root;

/// The home after one import of everything, in the order of names.
pub static HOME: LazyLock<Imported> = LazyLock::new(|| Imported::new(|_| {}));

/// What the generator knows.
pub static TRUTH: LazyLock<Value> = LazyLock::new(|| {
    let text = std::fs::read_to_string(root().join("fixtures/household/truth.json")).expect("the truth");
    serde_json::from_str(&text).expect("valid JSON")
});

/// A home with the household's settings and documents.
pub struct Imported {
    pub home: TestHome,
    pub reports: Vec<DocumentReport>,
}

impl Imported {
    /// Imports all documents, in the order that `arrange` leaves them in.
    pub fn new(arrange: impl FnOnce(&mut Vec<PathBuf>)) -> Self {
        let home = TestHome::new();
        let fixture = root().join("fixtures/household");
        std::fs::copy(fixture.join("moisson.toml"), home.path().join("moisson.toml")).expect("a file");
        let mut documents = Vec::new();
        copy(&fixture.join("documents"), &home.path().join("documents"), &mut documents);
        documents.sort();
        arrange(&mut documents);
        let reports = home.import(&documents);
        Self { home, reports }
    }

    /// Imports the documents by so many imports, each of which refreshes what it changed.
    pub fn by_parts(parts: usize) -> Self {
        let mut rest = Vec::new();
        let imported = Self::new(|documents| rest = documents.split_off(documents.len() / parts));
        for part in rest.chunks(rest.len().div_ceil(parts - 1)) {
            imported.home.import(part);
        }
        imported
    }

    /// Asks the published snapshot; nulls are empty texts.
    pub fn ask(&self, sql: &str) -> Vec<Vec<String>> {
        let reader =
            Reader::open(&self.home.path().join(moisson::import::SNAPSHOT), Limits::default()).expect("a reader");
        let mut answer = reader.ask(sql).unwrap_or_else(|error| panic!("{sql}: {error}"));
        let mut rows = Vec::new();
        while let Some(batch) = answer.next_rows().expect("rows") {
            rows.extend(
                batch.into_iter().map(|row| row.into_iter().map(Option::unwrap_or_default).collect::<Vec<String>>()),
            );
        }
        rows
    }
}

/// Copies a folder with the times of its files: they decide between two documents.
fn copy(from: &Path, to: &Path, documents: &mut Vec<PathBuf>) {
    std::fs::create_dir_all(to).expect("a folder");
    let mut entries: Vec<PathBuf> =
        std::fs::read_dir(from).expect("a folder").map(|entry| entry.expect("an entry").path()).collect();
    entries.sort();
    for path in entries {
        let target = to.join(path.file_name().expect("a name"));
        if path.is_dir() {
            copy(&path, &target, documents);
        } else {
            std::fs::copy(&path, &target).expect("a copy");
            let modified = std::fs::metadata(&path).and_then(|data| data.modified()).expect("a time");
            std::fs::File::options()
                .write(true)
                .open(&target)
                .and_then(|file| file.set_modified(modified))
                .expect("a time");
            documents.push(target);
        }
    }
}

/// Asks the home.
pub fn ask(sql: &str) -> Vec<Vec<String>> {
    HOME.ask(sql)
}

/// A JSON value as the text that an answer has for it.
pub fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

/// The texts of a JSON list, sorted and joined.
pub fn joined(value: &Value) -> String {
    let mut texts: Vec<String> = value.as_array().expect("a list").iter().map(text).collect();
    texts.sort();
    texts.join("|")
}

#[test]
fn every_document_is_read_whole_by_the_connector_of_its_source() {
    assert_eq!(HOME.reports.len(), 80);
    for report in &HOME.reports {
        let Outcome::Read(read) = &report.outcome else { panic!("{}: {:?}", report.name, report.outcome) };
        assert!(read.source.is_some(), "{} belongs to no source", report.name);
        assert_eq!((read.summary.rows_rejected, read.n_faults), (0, 0), "{}: {:?}", report.name, read.faults);
    }
}

#[test]
fn checks_find_what_is_wrong_on_purpose_and_nothing_else() {
    let world = HOME.home.open();
    let checks = world.warehouse.checks().expect("the checks run");
    let found: Vec<(String, u64)> =
        checks.into_iter().filter(|check| check.offenders > 0).map(|check| (check.name, check.offenders)).collect();
    let wanted = [("no_bill_is_overdue", 2), ("no_energy_interval_is_missing", 7), ("no_two_people_share_a_name", 1)];
    assert_eq!(found, wanted.map(|(name, n)| (name.to_owned(), n)));
    // Two bills are debited after the data end.
    let overdue = ask("select detail || subject from checks.no_bill_is_overdue").concat();
    let bills = TRUTH["bills"].as_array().expect("bills").iter();
    let unpaid = bills.filter(|bill| bill[3].as_array().is_some_and(Vec::is_empty)).map(|bill| text(&bill[1]));
    assert!(unpaid.into_iter().all(|number| overdue.iter().any(|row| row.contains(&number))), "{overdue:?}");
}
