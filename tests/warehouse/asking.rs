//! What is on disk, what is published, and what can be asked of it.

use std::path::Path;
use std::process::Command;

use moisson::model::records::{AnyRecord, Transaction};
use moisson::warehouse::{
    Answer, CsvFor, Limits, Mode, Reader, Warehouse, WarehouseError, diff, shipped_queries, write_parquet,
};

use super::*;

#[test]
fn the_file_is_private_and_survives_reopening() {
    use std::os::unix::fs::PermissionsExt;
    let home = tempfile::tempdir().expect("a folder");
    let (path, snapshot) = (home.path().join("warehouse.duckdb"), home.path().join("moisson.duckdb"));
    let mut warehouse = Warehouse::open(&path, Mode::Write).expect("opens");
    import(&mut warehouse, &document("a", march(1)), &[purchase(1, -150, "X")]);
    warehouse.refresh(&shipped_queries(), &moisson::link::steps()).expect("refreshed");
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

#[test]
fn what_differs_between_two_files_is_listed() {
    let home = tempfile::tempdir().expect("a folder");
    let file = |name: &str, records: &[AnyRecord]| {
        let path = home.path().join(name);
        let mut warehouse = Warehouse::open(&path, Mode::Write).expect("opens");
        import(&mut warehouse, &document("a", march(1)), records);
        warehouse.refresh(&small_layers(), &[]).expect("refreshed");
        path
    };
    let noted = Transaction { memo: Some("gift".to_owned()), ..transaction(2, -2, "SAME") };
    let old =
        file("old", &[purchase(1, -1, "SAME"), purchase(2, -2, "SAME"), purchase(3, -3, "A"), purchase(4, -4, "B")]);
    let new = file("new", &[purchase(1, -1, "SAME"), noted.into(), purchase(3, -30, "A")]);
    let diffs = diff(&old, &new, 10).expect("compared");
    let [transactions, days] = diffs.as_slice() else { panic!("{diffs:?}") };
    assert_eq!((transactions.rows_gone, transactions.rows_new, transactions.rows_changed), (1, 0, 2));
    let cell = |at: usize| {
        let cell = &transactions.changed[at];
        (cell.row_pointer.as_str(), cell.column.as_str(), cell.old.as_deref(), cell.new.as_deref())
    };
    assert_eq!(cell(0), ("2", "memo", None, Some("gift")));
    assert_eq!(cell(1), ("3", "amount", Some("-0.03000"), Some("-0.30000")));
    assert!(transactions.gone[0].cells.contains(&("raw_label".to_owned(), "B".to_owned())));
    assert_eq!((days.table.as_str(), days.rows_gone, days.rows_new), ("main.days", 2, 1));
    assert_eq!(diff(&old, &old, 10).expect("compared"), []);
}

#[test]
fn answers_are_exact_in_every_form() {
    let home = tempfile::tempdir().expect("a folder");
    let (path, snapshot) = (home.path().join("warehouse.duckdb"), home.path().join("moisson.duckdb"));
    let warehouse = Warehouse::open(&path, Mode::Write).expect("opens");
    drop(warehouse.publish(&snapshot).expect("published"));
    let reader = Reader::open(&snapshot, Limits::default()).expect("opens");
    let sql = "select 1.10::decimal(18,5) as n, '=1+1' as t, null as e, date '2026-03-05' as d, ['a', null] as l,
               {'k': true} as s, timestamp '2026-03-05 10:00:00' as a, 'nan'::double as f;";
    let written = |write: &dyn Fn(&mut Answer<'_>, &mut Vec<u8>)| {
        let mut out = Vec::new();
        write(&mut reader.ask(sql).expect("an answer"), &mut out);
        String::from_utf8(out).expect("text")
    };
    let csv = written(&|answer, out| drop(answer.write_csv_for(out, CsvFor::Spreadsheets)));
    assert!(csv.contains("\n1.10000,'=1+1,,2026-03-05,"), "{csv}");
    let object = "{\"n\":1.10000,\"t\":\"=1+1\",\"e\":null,\"d\":\"2026-03-05\",\"l\":[\"a\",null],\
                  \"s\":{\"k\":true},\"a\":\"2026-03-05 10:00:00\",\"f\":\"NaN\"}";
    assert_eq!(written(&|answer, out| drop(answer.write_json(out))), format!("[\n{object}\n]\n"));
    assert_eq!(written(&|answer, out| drop(answer.write_ndjson(out))), format!("{object}\n"));
    let parquet = home.path().join("out.parquet");
    assert_eq!(write_parquet(&snapshot, sql, &parquet, Limits::default()).expect("written"), 1);
    assert_eq!(std::fs::read(&parquet).expect("is there")[..4], *b"PAR1");
}

#[test]
fn a_reader_reaches_nothing_but_the_snapshot() {
    let home = tempfile::tempdir().expect("a folder");
    let (path, snapshot) = (home.path().join("warehouse.duckdb"), home.path().join("moisson.duckdb"));
    drop(Warehouse::open(&path, Mode::Write).expect("opens").publish(&snapshot).expect("published"));
    let reader = Reader::open(&snapshot, Limits::default()).expect("opens");
    for sql in [
        "from read_text('/etc/hostname')",
        "copy (select 1) to '/tmp/x.csv'",
        "attach '/tmp/x.duckdb'",
        "set enable_external_access = true",
        "create table landing.x (a int)",
        "delete from landing.documents",
        "install httpfs",
        "selekt 1",
    ] {
        let refused = reader.ask(sql).and_then(|mut answer| answer.next_rows());
        assert!(matches!(refused, Err(WarehouseError::Refused { .. })), "{sql} is refused");
    }
}

/// Python's duckdb 1.4 is asked when one is named by `DUCKDB_1_4_PYTHON`.
fn assert_opens_in_an_old_client(snapshot: &Path) {
    let Ok(python) = std::env::var("DUCKDB_1_4_PYTHON") else {
        return println!("skipped: DUCKDB_1_4_PYTHON names no Python that has duckdb 1.4");
    };
    let script = "import duckdb, sys
c = duckdb.connect(sys.argv[1], read_only=True)
for (view,) in c.sql('from duckdb_views() select view_name where not internal and schema_name = $$main$$').fetchall():
    print(view, c.sql('from ' + view).fetchall())";
    let output = Command::new(python).args(["-c", script]).arg(snapshot).output().expect("runs");
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(
        said.contains("transactions [(") && output.status.success(),
        "{said}{}",
        String::from_utf8_lossy(&output.stderr)
    );
}
