//! The warehouse: what meets what, in which order, and what is left when something fails.

use std::path::Path;
use std::process::Command;

use jiff::civil::{DateTime, date, datetime};
use moisson::model::records::{AnyRecord, Contact, Identifier, Transaction};
use moisson::model::{Fault, FaultKind, Place};
use moisson::warehouse::{
    Counts, DocumentInfo, Household, Layer, Member, Mode, QueryFile, Tally, Tariff, Warehouse, WarehouseError,
};
use proptest::prelude::*;
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

#[test]
fn two_identical_purchases_stay_two() {
    let mut warehouse = warehouse();
    let rows = [purchase(5, -450, "CARTE BOULANGERIE"), purchase(5, -450, "CARTE BOULANGERIE")];
    assert_eq!(figures(&import(&mut warehouse, &document("a", march(6)), &rows)), (2, 0, 0));
    assert_eq!(figures(&import(&mut warehouse, &document("b", march(7)), &rows)), (0, 2, 0));
    let third = [&rows[..], &[purchase(5, -450, "carte  boulangerie")]].concat();
    assert_eq!(figures(&import(&mut warehouse, &document("c", march(8)), &third)), (1, 2, 0));
}

#[test]
fn overlapping_documents_meet() {
    let mut warehouse = warehouse();
    let row = |day| purchase(day, -100 * i64::from(day), "CARTE MARCHE");
    import(&mut warehouse, &document("a", march(10)), &[row(1), row(2), row(3)]);
    let counts = import(&mut warehouse, &document("b", march(11)), &[row(2), row(3), row(4)]);
    assert_eq!(figures(&counts), (1, 2, 0));
    assert_eq!(answer(&warehouse, "select sum(amount) as s from landing.transactions"), "s\n-10.00000\n");
}

#[test]
fn the_later_document_amends_and_the_old_row_is_history() {
    let mut warehouse = warehouse();
    let noted = Transaction { memo: Some("gift".to_owned()), ..transaction(5, -450, "CARTE FLEURS") };
    import(&mut warehouse, &document("a", march(6)), &[purchase(5, -450, "CARTE FLEURS")]);
    assert_eq!(figures(&import(&mut warehouse, &document("b", march(7)), &[noted.into()])), (0, 0, 1));
    let late = import(&mut warehouse, &document("c", march(5)), &[purchase(5, -450, "CARTE FLEURS")]);
    assert_eq!(figures(&late), (0, 1, 0));
    assert_eq!(answer(&warehouse, "select memo from landing.transactions"), "memo\ngift\n");
    let old = "select table_name, (replaced ->> 'document') = replaced_document as is_whole from landing.history";
    assert_eq!(answer(&warehouse, old), "table_name,is_whole\ntransactions,true\n");
}

#[test]
fn the_last_card_of_a_document_wins() {
    let mut warehouse = warehouse();
    let counts = import(&mut warehouse, &document("a", march(1)), &[card("1", "Ada"), card("1", "Ada L")]);
    assert_eq!(figures(&counts), (1, 1, 0));
    assert_eq!(answer(&warehouse, "select full_name as n from landing.contacts"), "n\nAda L\n");
}

#[test]
fn children_follow_their_parent() {
    let mut warehouse = warehouse();
    let first = [card("1", "Ada"), number("1", "+33199000001"), number("1", "+33199000002"), card("2", "Bo")];
    assert_eq!(figures(&import(&mut warehouse, &document("a", march(2)), &first)), (4, 0, 0));
    let later = [card("1", "Ada L"), number("1", "+33199000002"), number("1", "+33199000003")];
    assert_eq!(figures(&import(&mut warehouse, &document("b", march(3)), &later)), (1, 1, 1));
    let numbers = "select value as v from landing.identifiers order by v";
    assert_eq!(answer(&warehouse, numbers), "v\n+33199000002\n+33199000003\n");
    let earlier = [card("1", "A"), number("1", "+33199000009")];
    assert_eq!(figures(&import(&mut warehouse, &document("c", march(1)), &earlier)), (0, 2, 0));
    assert_eq!(answer(&warehouse, numbers), "v\n+33199000002\n+33199000003\n");
}

#[test]
fn children_without_a_parent_in_their_document_are_kept() {
    let mut warehouse = warehouse();
    let orphans = [number("9", "+33199000001"), number("9", "+33199000002")];
    assert_eq!(figures(&import(&mut warehouse, &document("a", march(2)), &orphans)), (2, 0, 0));
    assert_eq!(figures(&import(&mut warehouse, &document("b", march(3)), &orphans)), (0, 2, 0));
}

#[test]
fn an_abandoned_or_rehearsed_load_leaves_nothing() {
    let mut warehouse = warehouse();
    let before = warehouse.table_hashes().expect("hashes");
    let mut load = warehouse.begin(&document("a", march(1))).expect("begins");
    load.push(&purchase(1, -1, "X"), &Place::line(1)).expect("takes a record");
    load.fault(&Fault::new(FaultKind::NotADate, Place::line(2), "x", "not a date")).expect("takes a fault");
    load.abandon();
    assert_eq!(warehouse.table_hashes().expect("hashes"), before);
    let mut load = warehouse.begin(&document("a", march(1))).expect("begins");
    load.push(&purchase(1, -1, "X"), &Place::line(1)).expect("takes a record");
    let counts = load.rehearse(&Tally::default()).expect("rehearses");
    assert_eq!(figures(&counts), (1, 0, 0));
    assert_eq!(warehouse.table_hashes().expect("hashes"), before);
}

#[test]
fn an_amount_beyond_the_store_is_a_fault() {
    let mut warehouse = warehouse();
    let counts = import(&mut warehouse, &document("a", march(1)), &[purchase(1, i64::MAX, "X"), purchase(1, 1, "Y")]);
    assert_eq!((counts.rows_new, counts.rows_rejected), (1, 1));
    assert_eq!(answer(&warehouse, "select kind, line from landing.faults"), "kind,line\ntoo_large,1\n");
}

#[test]
fn the_household_is_written_anew_each_time() {
    let mut warehouse = warehouse();
    let members = vec![Member { member: "ada".to_owned(), name: "Ada".to_owned() }];
    let tariff = Tariff {
        meter: "01234567890123".to_owned(),
        valid_from: date(2026, 2, 1),
        prices: vec![("base".to_owned(), Decimal::new(20_160_001, 8))],
        off_peak: vec![(1320, 360)],
        ..Tariff::default()
    };
    let household = Household { members, tariffs: vec![tariff], ..Household::default() };
    for _ in 0..2 {
        warehouse.set_household(&household).expect("written");
    }
    let sql = "select name, valid_from, eur_per_kwh, to_minute from household.members, household.tariffs
               join household.tariff_prices using (tariff_id) join household.tariff_off_peak using (tariff_id)";
    let header = "name_1,valid_from,eur_per_kwh,to_minute\n";
    let sql = sql.replacen("name", "members.name as name_1", 1);
    assert_eq!(answer(&warehouse, &sql), format!("{header}Ada,2026-02-01,0.20160001,360\n"));
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

#[test]
fn layers_are_built_with_their_comments() {
    let mut warehouse = warehouse();
    import(&mut warehouse, &document("a", march(1)), &[purchase(1, -150, "X"), purchase(1, -50, "Y")]);
    for _ in 0..2 {
        assert_eq!(warehouse.refresh(&small_layers()).expect("refreshed").len(), 4);
    }
    assert_eq!(answer(&warehouse, "from days"), "booked_on,spent\n2026-03-01,-2.00000\n");
    let comments = "select comment from duckdb_columns() where table_name = 'days' and schema_name = 'main' order by 1";
    assert_eq!(answer(&warehouse, comments), "comment\nEuros.\nThe day.\n");
    let checks = warehouse.checks().expect("checked");
    assert_eq!((checks[0].name.as_str(), checks[0].sentence.as_str()), ("no_day_is_free", "Money is spent every day."));
    assert_eq!(checks[0].offenders, 0);
}

#[test]
fn a_query_that_fails_is_named_and_changes_nothing() {
    let mut warehouse = warehouse();
    warehouse.refresh(&small_layers()).expect("refreshed");
    let mut broken = small_layers();
    broken[2].sql = "-- One row per day.\nselect\n    days.bookd_on, -- The day.\nfrom intermediate.days".to_owned();
    let error = warehouse.refresh(&broken).expect_err("a column that is not there");
    let WarehouseError::Query { file, line, message } = &error else { panic!("{error}") };
    assert_eq!((file.as_str(), *line), ("queries/marts/days.sql", 3));
    assert!(message.contains("bookd_on"), "{message}");
    assert_eq!(answer(&warehouse, "select count(*) as n from days"), "n\n0\n");
    let mut bare = small_layers();
    bare[2].sql = bare[2].sql.replace(" -- Euros.", "");
    let error = warehouse.refresh(&bare).expect_err("a column without comment").to_string();
    assert_eq!(error, "columns without a comment: marts/days.sql: spent");
}

#[test]
fn the_file_is_private_and_survives_reopening() {
    use std::os::unix::fs::PermissionsExt;
    let home = tempfile::tempdir().expect("a folder");
    let (path, snapshot) = (home.path().join("warehouse.duckdb"), home.path().join("moisson.duckdb"));
    let mut warehouse = Warehouse::open(&path, Mode::Write).expect("opens");
    import(&mut warehouse, &document("a", march(1)), &[purchase(1, -150, "X")]);
    warehouse.refresh(&small_layers()).expect("refreshed");
    let warehouse = warehouse.publish(&snapshot).expect("published");
    let hashes = record_hashes(&warehouse);
    drop(warehouse);
    for file in [&path, &snapshot] {
        let mode = std::fs::metadata(file).expect("is there").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        assert_eq!(record_hashes(&Warehouse::open(file, Mode::Read).expect("opens")), hashes);
    }
    assert_opens_in_an_old_client(&snapshot);
}

/// Python's duckdb 1.4 is asked when one is named by `DUCKDB_1_4_PYTHON`.
fn assert_opens_in_an_old_client(snapshot: &Path) {
    let Ok(python) = std::env::var("DUCKDB_1_4_PYTHON") else {
        return println!("skipped: DUCKDB_1_4_PYTHON names no Python that has duckdb 1.4");
    };
    let script =
        "import duckdb, sys; c = duckdb.connect(sys.argv[1], read_only=True); print(c.sql('from days').fetchall())";
    let output = Command::new(python).args(["-c", script]).arg(snapshot).output().expect("runs");
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(said.contains("Decimal('-1.50000')"), "{said}{}", String::from_utf8_lossy(&output.stderr));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Documents of a few purchases, cards and numbers, many of them alike.
    #[test]
    fn the_order_of_import_does_not_matter(
        documents in prop::collection::vec(prop::collection::vec((1..4_i8, 0..3_i64, 0..3_u8), 0..8), 1..5),
        days in prop::collection::vec(1..4_i8, 5),
        order in Just((0..5_usize).collect::<Vec<_>>()).prop_shuffle(),
    ) {
        let documents: Vec<_> = ["a", "b", "c", "d", "e"].iter().zip(&days).zip(&documents)
            .map(|((name, day), rows)| (document(name, march(*day)), rows.iter().flat_map(records).collect::<Vec<_>>()))
            .collect();
        let mut straight = warehouse();
        for (document, rows) in &documents {
            import(&mut straight, document, rows);
        }
        let mut shuffled = warehouse();
        for (document, rows) in order.iter().filter_map(|n| documents.get(*n)) {
            import(&mut shuffled, document, rows);
        }
        prop_assert_eq!(record_hashes(&straight), record_hashes(&shuffled));
    }
}

fn records((day, cents, variant): &(i8, i64, u8)) -> Vec<AnyRecord> {
    let memo = (*variant > 0).then(|| format!("note {variant}"));
    let uid = day.to_string();
    vec![
        Transaction { memo, ..transaction(*day, *cents, "CARTE") }.into(),
        card(&uid, &format!("Name {variant}")),
        number(&uid, &format!("+3319900000{cents}")),
    ]
}
