//! The warehouse: what meets what, in which order, what is asked of it, and what is left when
//! something fails.
#![allow(clippy::print_stdout, reason = "a test that is skipped says so")]

mod asking;
mod layers;
mod loading;

use jiff::civil::{DateTime, date, datetime};
use moisson::model::Place;
use moisson::model::records::{AnyRecord, Contact, Identifier, Transaction};
use moisson::warehouse::{Counts, DocumentInfo, Layer, QueryFile, Tally, Warehouse};
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

fn transaction(day: i8, cents: i64, label: &str) -> Transaction {
    Transaction {
        account: "FR1420041010050500013M02606".to_owned(),
        booked_on: date(2026, 3, day),
        amount: Decimal::new(cents, 2),
        currency: "EUR".to_owned(),
        raw_label: label.to_owned(),
        status: "booked".to_owned(),
        ..Transaction::default()
    }
}

fn purchase(day: i8, cents: i64, label: &str) -> AnyRecord {
    transaction(day, cents, label).into()
}

fn card(uid: &str, name: &str) -> AnyRecord {
    Contact { book: "home".to_owned(), uid: uid.to_owned(), full_name: name.to_owned(), ..Contact::default() }.into()
}

fn number(uid: &str, value: &str) -> AnyRecord {
    let (book, kind) = ("home".to_owned(), "phone".to_owned());
    Identifier { book, uid: uid.to_owned(), kind, value: value.to_owned(), ..Identifier::default() }.into()
}

fn import(warehouse: &mut Warehouse, document: &DocumentInfo, records: &[AnyRecord]) -> Counts {
    let mut load = warehouse.begin(document).expect("begins");
    for (line, record) in (1..).zip(records) {
        load.push(record, &Place::line(line)).expect("takes a record");
    }
    let rows_read = records.len() as u64;
    load.commit(&Tally { rows_read, outcome: "ok".to_owned(), ..Tally::default() }).expect("commits")
}

fn answer(warehouse: &Warehouse, sql: &str) -> String {
    let mut out = Vec::new();
    warehouse.ask(sql).expect("an answer").write_csv(&mut out).expect("written");
    String::from_utf8(out).expect("text")
}

/// New, known, amended.
fn figures(counts: &Counts) -> (u64, u64, u64) {
    (counts.rows_new, counts.rows_known, counts.rows_amended)
}

/// What the tables of records hold, whatever the order in which it came.
fn record_hashes(warehouse: &Warehouse) -> Vec<(String, u64, String)> {
    let apart = ["landing.documents", "landing.history"];
    let hashes = warehouse.table_hashes().expect("hashes").into_iter();
    hashes.filter(|t| !apart.contains(&t.table.as_str())).map(|t| (t.table, t.rows, t.hash)).collect()
}

fn query(layer: Layer, name: &str, sql: &str) -> QueryFile {
    QueryFile { layer, name: name.to_owned(), sql: sql.to_owned() }
}

fn small_layers() -> Vec<QueryFile> {
    vec![
        query(Layer::Staging, "spent", "-- One row per debit.\nselect booked_on, amount from landing.transactions"),
        query(
            Layer::Intermediate,
            "days",
            "-- One row per day.\nselect booked_on, sum(amount) as spent from staging.spent group by 1",
        ),
        query(
            Layer::Marts,
            "days",
            "-- One row per day.\nselect\n    days.booked_on, -- The day.\n    days.spent -- Euros.\nfrom intermediate.days",
        ),
        query(Layer::Checks, "no_day_is_free", "-- Money is spent every day.\nselect * from days where spent = 0"),
    ]
}
