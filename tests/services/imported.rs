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

/// What changed, in a document of that age: what is shown, and what is taken back.
fn changes(added: &[&str], removed: &[&str]) -> Vec<u8> {
    let shown = |id: &&str| {
        serde_json::json!({"account_id": "A", "transaction_id": id, "pending": false, "amount": 12.5,
            "iso_currency_code": "USD", "date": "2026-03-04", "name": format!("SHOP {id}")})
    };
    let taken = |id: &&str| serde_json::json!({"account_id": "A", "transaction_id": id});
    let added: Vec<_> = added.iter().map(shown).collect();
    let removed: Vec<_> = removed.iter().map(taken).collect();
    let page = serde_json::json!({"accounts": [{"account_id": "A"}], "added": added, "modified": [],
        "removed": removed, "next_cursor": "c", "has_more": false});
    serde_json::to_vec(&serde_json::json!([page])).expect("JSON")
}

#[test]
fn of_what_a_bank_takes_back_and_shows_again_the_later_word_counts() {
    let documents = [
        changes(&["t1", "t2", "t3"], &[]),
        changes(&[], &["t1", "t2"]),
        changes(&["t1", "t4"], &[]),
        changes(&["t5"], &["t4"]),
    ];
    for order in [[0, 1, 2, 3], [2, 0, 3, 1], [3, 2, 1, 0]] {
        let home = TestHome::new();
        for at in order {
            let age_s = 3600 * (9 - at as u64);
            home.import(&[home.file(&format!("{at}.json"), &documents[at], age_s)]);
        }
        let counted =
            home.ask("select right(raw_label, 2) from staging.transactions where status = 'booked' order by all");
        assert_eq!(counted.concat(), ["t1", "t3", "t5"], "{order:?}");
    }
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
