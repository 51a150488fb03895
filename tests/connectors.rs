//! Connectors against their fixtures, and against the sample corpus where it is there.
//!
//! `fixtures/<family>/<id>/<case>/input.*` beside `expected.jsonl` and, where there are faults,
//! `expected.faults`. `MOISSON_BLESS=1 cargo test --test connectors` renews them: read the diff.

mod support;

use std::path::Path;

use moisson::connector::Catalogue;
use moisson::import::golden::golden;
use moisson::import::labels::{Coverage, Tongue};
use support::recoded;

#[test]
fn every_shipped_connector_is_valid() {
    let catalogue = Catalogue::shipped().expect("the shipped connectors are valid");
    assert!(catalogue.iter().count() > 0);
}

#[test]
fn every_fixture_gives_what_is_expected() {
    let catalogue = Catalogue::shipped().expect("the shipped connectors are valid");
    let mut wrong = Vec::new();
    let mut cases = 0;
    for input in support::fixture_inputs() {
        cases += 1;
        if let Err(why) = check(&catalogue, &input) {
            wrong.push(format!("{}: {why}", input.display()));
        }
    }
    assert!(cases > 0, "no fixture was found");
    assert!(wrong.is_empty(), "{} of {cases} fixtures differ:\n{}", wrong.len(), wrong.join("\n"));
}

fn check(catalogue: &Catalogue, input: &Path) -> Result<(), String> {
    let case = input.parent().ok_or("no folder")?;
    let read = support::read_sample(catalogue, input)?;
    let expected_id = support::id_of_case(case);
    if read.connector != expected_id {
        return Err(format!("recognised as {} and not {expected_id}", read.connector));
    }
    support::compare(&case.join("expected.jsonl"), &read.records)?;
    support::compare(&case.join("expected.faults"), &read.faults)
}

#[test]
fn every_bank_sample_adds_up_to_the_cent() {
    let Some(corpus) = support::corpus() else { return };
    let catalogue = Catalogue::shipped().expect("the shipped connectors are valid");
    let expected = support::expected(&corpus, "bank");
    let mut table = Vec::new();
    let mut wrong = Vec::new();
    // CFONB 120 is a format of companies' statements, which no connector reads yet.
    for (file, figures) in expected.iter().filter(|(file, _)| !file.starts_with("cfonb120/")) {
        let path = corpus.join("bank/synthetic").join(file);
        match support::bank::differences(&catalogue, &path, figures) {
            Ok(differences) if differences.is_empty() => table.push(format!("complete  {file}")),
            Ok(differences) => wrong.push(format!("{file}: {}", differences.join("; "))),
            Err(why) => wrong.push(format!("{file}: {why}")),
        }
    }
    println!("{}", table.join("\n"));
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Counts what is understood of the labels of all documents below a folder.
fn coverage(catalogue: &Catalogue, folder: &Path) -> Coverage {
    let mut coverage = Coverage::default();
    for path in support::files_below(folder) {
        let bytes = std::fs::read(&path).expect("a readable file");
        coverage.add(catalogue, &bytes, &path.file_name().unwrap_or_default().to_string_lossy());
    }
    coverage
}

/// At least 98 of 100 kinds and 95 of 100 other parties of French labels.
fn assert_french_is_understood(coverage: &Coverage, at_least: u64) {
    let french = coverage.total(Some(Tongue::French));
    let missed = &coverage.missed;
    assert!(french.movements >= at_least, "{french:?}");
    assert!(french.kinds * 100 >= french.movements * 98, "{french:?}, {missed:?}");
    assert!(french.parties * 100 >= french.with_party * 95, "{french:?}, {missed:?}");
}

#[test]
fn labels_of_the_household_are_understood() {
    let catalogue = Catalogue::shipped().expect("the shipped connectors are valid");
    let documents = support::root().join("fixtures/household/documents/bank");
    assert_french_is_understood(&coverage(&catalogue, &documents), 3_000);
}

#[test]
fn labels_of_french_bank_samples_are_understood() {
    let Some(corpus) = support::corpus() else { return };
    let catalogue = Catalogue::shipped().expect("the shipped connectors are valid");
    assert_french_is_understood(&coverage(&catalogue, &corpus.join("bank")), 120);
}

#[test]
fn a_document_is_known_by_its_content_alone() {
    let catalogue = Catalogue::shipped().expect("the shipped connectors are valid");
    let mut wrong = Vec::new();
    for input in support::fixture_inputs() {
        let case = input.parent().expect("a folder");
        let document = support::document(&input).expect("a readable fixture");
        for name in ["document", "export.ofx", "Relevé (2).xlsx"] {
            match golden(&catalogue, &document.bytes, name) {
                Ok(read) if read.connector == support::id_of_case(case) => {}
                Ok(read) => wrong.push(format!("{} as {name}: {}", case.display(), read.connector)),
                Err(error) => wrong.push(format!("{} as {name}: {error}", case.display())),
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn no_other_bank_claims_a_document() {
    let catalogue = Catalogue::shipped().expect("the shipped connectors are valid");
    let mut wrong = Vec::new();
    for input in
        support::fixture_inputs().iter().filter(|input| input.starts_with(support::root().join("fixtures/bank")))
    {
        let own = support::id_of_case(input.parent().expect("a folder"));
        let others = support::banks_without(&catalogue, &own);
        let document = support::document(input).expect("a readable fixture");
        if let Ok(read) = golden(&others, &document.bytes, &document.name) {
            wrong.push(format!("{}: {}", input.display(), read.connector));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn reencoded_documents_and_other_line_ends_give_the_same_records() {
    let catalogue = Catalogue::shipped().expect("the shipped connectors are valid");
    let mut wrong = Vec::new();
    let mut variants = 0;
    for input in support::fixture_inputs() {
        let document = support::document(&input).expect("a readable fixture");
        let Some(text) = recoded::text(&catalogue, &document) else { continue };
        let as_is = golden(&catalogue, &document.bytes, &document.name).expect("a readable fixture");
        for (how, bytes) in recoded::variants(&text) {
            variants += 1;
            match golden(&catalogue, &bytes, &document.name) {
                Ok(read) if recoded::content(&read) == recoded::content(&as_is) => {}
                Ok(read) => wrong.push(format!("{} {how}: {}", input.display(), recoded::difference(&as_is, &read))),
                Err(error) => wrong.push(format!("{} {how}: {error}", input.display())),
            }
        }
    }
    assert!(variants > 0, "no fixture is a text");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
