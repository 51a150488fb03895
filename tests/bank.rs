//! Bank statements: the sample corpus where it is there, and the invented household.

mod support;

use jiff::civil::date;
use moisson::connector::Catalogue;
use moisson::import::Outcome;
use moisson::import::golden::golden;
use support::homes::TestHome;
use support::public::{self, Reading};

#[test]
fn public_samples_are_read_or_refused_with_a_reason() {
    let Some(corpus) = support::corpus() else { return };
    let catalogue = Catalogue::shipped().expect("the shipped connectors are valid");
    let samples = public::samples(&catalogue, &corpus.join("bank"));
    println!("{}", public::table(&samples));
    let mut wrong = Vec::new();
    for sample in &samples {
        if let Reading::Read(read) = &sample.reading {
            let summary = &read.summary;
            if summary.rows_read != summary.rows_taken + summary.rows_skipped + summary.rows_rejected {
                wrong.push(format!("{}: rows are lost: {summary:?}", sample.file));
            }
        }
        wrong.extend(public::differences(sample));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let (complete, with_faults, refused, taken) = public::totals(&samples);
    println!("{complete} files read completely, {with_faults} with faults, {refused} refused; {taken} rows");
    assert_eq!((complete, with_faults), (41, 3), "files read completely, and with faults");
    assert!(taken >= 381, "fewer rows are taken than before: {taken}");
}

#[test]
fn answers_of_bank_interfaces_are_read_to_the_cent() {
    let Some(corpus) = support::corpus() else { return };
    let catalogue = Catalogue::shipped().expect("the shipped connectors are valid");
    for (file, figures) in &support::expected(&corpus, "bankapi") {
        let read = support::read_sample(&catalogue, &corpus.join("bankapi/synthetic").join(file)).expect(file);
        let rows = support::bank::records(&read, "transactions");
        let count = |status: &str| rows.iter().filter(|row| row["status"] == status).count() as u64;
        let figure = |name: &str| figures.get(name).and_then(serde_json::Value::as_u64).unwrap_or_default();
        assert_eq!(read.faults, [""; 0], "{file}");
        assert_eq!(count("booked"), figure("booked"), "{file}: booked");
        assert_eq!(count("pending"), figure("pending") + figure("coming"), "{file}: pending");
        assert_eq!(count("cancelled"), figure("deleted"), "{file}: deleted");
        let sum = figures["booked_sum"].as_str().and_then(|sum| sum.parse().ok());
        assert_eq!(Some(support::bank::total(&read, None).sum()), sum, "{file}: sum");
    }
}

/// The bytes do not say which account they are of, nor which days were asked for: the name does.
#[test]
fn the_name_of_an_answer_says_its_account_and_its_days() {
    let catalogue = Catalogue::shipped().expect("the shipped connectors are valid");
    let bytes = std::fs::read(support::root().join("fixtures/bank/gocardless/text_as_a_line_or_as_lines/input.json"));
    let bytes = bytes.expect("a fixture");
    let read = |name: &str| golden(&catalogue, &bytes, name).expect("an answer");
    let named = read("gocardless-3fa85f64-5717-4562-b3fc-2c963f66afa6-2026-01-01-2026-03-10.json");
    let days = (named.summary.covered_from, named.summary.covered_to);
    // One pending row has no day: it is dated by the answer.
    assert_eq!(days, (Some(date(2026, 1, 1)), Some(date(2026, 4, 1))));
    assert!(named.records.iter().all(|line| line.contains(r#""account":"3fa85f64-5717-4562-b3fc-2c963f66afa6""#)));
    let by_hand = read("download.json");
    assert_eq!(by_hand.summary.covered_from, Some(date(2026, 3, 5)));
    assert!(by_hand.records.iter().all(|line| line.contains(r#""account":"gocardless""#)));
}

#[test]
fn the_households_statements_are_read_completely() {
    let household = support::root().join("fixtures/household");
    let home = TestHome::new();
    std::fs::copy(household.join("moisson.toml"), home.path().join("moisson.toml")).expect("a configuration");
    let reports = home.import(&[household.join("documents/bank")]);
    assert_eq!(reports.len(), 16);
    for report in &reports {
        match &report.outcome {
            Outcome::Read(read) => {
                assert_eq!((read.summary.rows_rejected, read.faults.len()), (0, 0), "{}", report.name);
            }
            other => panic!("{}: {other:?}", report.name),
        }
    }
    let found = home.ask(
        "select account, count(*), round(sum(amount) * 100)::bigint, min(booked_on), max(booked_on)
         from landing.transactions group by account order by account",
    );
    assert_eq!(found, support::household_accounts());
    for check in
        ["every_stated_balance_equals_the_movements_before_it", "every_account_balance_follows_from_its_movements"]
    {
        assert_eq!(home.ask(&format!("from checks.{check}")), Vec::<Vec<String>>::new(), "{check}");
    }
}
