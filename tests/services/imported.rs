//! What the services gave is recognised by the connectors that they name, and read.

use moisson::fetch::Fetched;
use moisson::import::Outcome;

use crate::homes::TestHome;
use crate::{enable_banking, gocardless, plaid, powens, simplefin};

/// Imports what a service gave: account, day and amount of what is known afterwards.
fn imported(documents: &[Fetched]) -> Vec<String> {
    let home = TestHome::new();
    let files: Vec<_> = documents.iter().map(|document| home.file(&document.name, &document.bytes, 60)).collect();
    for (report, document) in home.import(&files).iter().zip(documents) {
        let Outcome::Read(read) = &report.outcome else { panic!("{}: {:?}", report.name, report.outcome) };
        assert_eq!(vec![read.connector.clone()], document.connectors, "{}", document.name);
        assert_eq!(read.summary.rows_rejected, 0, "{}", document.name);
    }
    let rows =
        home.ask("select account, booked_on, amount::decimal(12, 2), currency from landing.transactions order by all");
    rows.iter().map(|row| row.join(" ")).collect()
}

#[test]
fn what_every_bank_gave_is_read() {
    let rows = imported(&simplefin::documents());
    assert_eq!(rows.len(), 5, "{rows:?}");
    assert!(rows.contains(&"ACT-1 2026-01-02 -33.29 USD".to_owned()), "{rows:?}");
    let rows = imported(&gocardless::documents());
    assert!(rows.contains(&"acc-1 2026-03-31 -45.00 EUR".to_owned()), "{rows:?}");
    assert!(rows.iter().filter(|row| row.starts_with("acc-2")).count() == 2, "{rows:?}");
    assert_eq!(imported(&enable_banking::documents()), ["uid-1 2026-03-30 -12.50 EUR"]);
    let rows = imported(&powens::documents());
    assert_eq!(rows.len(), 4, "{rows:?}");
    assert_eq!(imported(&plaid::documents()), ["A 2026-03-29 -12.50 USD", "A 2026-03-30 3.00 USD"]);
}
