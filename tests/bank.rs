//! Bank statements: the sample corpus where it is there, and the invented household.

mod support;

use moisson::connector::Catalogue;
use moisson::import::Outcome;
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
