//! The warehouse: what meets what, in which order, and what is left when something fails.

use jiff::civil::{DateTime, date, datetime};
use moisson::model::Place;
use moisson::model::records::{AnyRecord, Transaction};
use moisson::warehouse::{Counts, DocumentInfo, Tally, Warehouse};
use rust_decimal::Decimal;

fn warehouse() -> Warehouse {
    Warehouse::in_memory().expect("a warehouse in memory")
}

fn document(name: &str, as_of: DateTime) -> DocumentInfo {
    DocumentInfo {
        document: name.repeat(64)[..64].to_owned(),
        name: format!("{name}.csv"),
        connector: "bank/example".to_owned(),
        connector_version: 1,
        as_of,
        learned_at: datetime(2026, 4, 1, 8, 0, 0, 0),
        ..DocumentInfo::default()
    }
}

fn march(day: i8) -> DateTime {
    datetime(2026, 3, day, 12, 0, 0, 0)
}

fn purchase(day: i8, cents: i64, label: &str) -> AnyRecord {
    Transaction {
        account: "FR1420041010050500013M02606".to_owned(),
        booked_on: date(2026, 3, day),
        amount: Decimal::new(cents, 2),
        currency: "EUR".to_owned(),
        raw_label: label.to_owned(),
        status: "booked".to_owned(),
        ..Transaction::default()
    }
    .into()
}

fn import(warehouse: &mut Warehouse, document: &DocumentInfo, records: &[AnyRecord]) -> Counts {
    let mut load = warehouse.begin(document).expect("begins");
    for (line, record) in (1..).zip(records) {
        load.push(record, &Place::line(line)).expect("takes a record");
    }
    let rows_read = records.len() as u64;
    load.commit(&Tally { rows_read, outcome: "ok".to_owned(), ..Tally::default() }).expect("commits")
}

#[test]
fn two_identical_purchases_stay_two() {
    let mut warehouse = warehouse();
    let rows = [purchase(5, -450, "CARTE BOULANGERIE"), purchase(5, -450, "CARTE BOULANGERIE")];
    let counts = import(&mut warehouse, &document("a", march(6)), &rows);
    assert_eq!((counts.rows_new, counts.rows_known), (2, 0));
    let again = import(&mut warehouse, &document("b", march(7)), &rows);
    assert_eq!((again.rows_new, again.rows_known, again.rows_amended), (0, 2, 0));
}
