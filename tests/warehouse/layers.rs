//! The query layers and the household's own tables.

use jiff::civil::date;
use moisson::warehouse::{Household, Member, Tariff, WarehouseError, shipped_queries};
use rust_decimal::Decimal;

use super::*;

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

#[test]
fn layers_are_built_with_their_comments() {
    let mut warehouse = warehouse();
    import(&mut warehouse, &document("a", march(1)), &[purchase(1, -150, "X"), purchase(1, -50, "Y")]);
    for _ in 0..2 {
        assert_eq!(warehouse.refresh(&small_layers(), &[]).expect("refreshed").len(), 4);
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
    warehouse.refresh(&small_layers(), &[]).expect("refreshed");
    let mut broken = small_layers();
    broken[2].sql = "-- One row per day.\nselect\n    days.bookd_on, -- The day.\nfrom intermediate.days".to_owned();
    let error = warehouse.refresh(&broken, &[]).expect_err("a column that is not there");
    let WarehouseError::Query { file, line, message } = &error else { panic!("{error}") };
    assert_eq!((file.as_str(), *line), ("queries/marts/days.sql", 3));
    assert!(message.contains("bookd_on"), "{message}");
    assert_eq!(answer(&warehouse, "select count(*) as n from days"), "n\n0\n");
    let mut bare = small_layers();
    bare[2].sql = bare[2].sql.replace(" -- Euros.", "");
    let error = warehouse.refresh(&bare, &[]).expect_err("a column without comment").to_string();
    assert_eq!(error, "columns without a comment: marts/days.sql: spent");
}

#[test]
fn the_shipped_layers_run() {
    let mut warehouse = warehouse();
    warehouse.refresh(&shipped_queries(), &moisson::link::steps()).expect("runs on an empty warehouse");
    import(&mut warehouse, &document("a", march(1)), &[purchase(1, -150, "X"), card("1", "Ada")]);
    let timings = warehouse.refresh(&shipped_queries(), &moisson::link::steps()).expect("runs on some rows");
    assert!(timings.iter().any(|timing| timing.file == "marts/transactions.sql"));
    assert_eq!(answer(&warehouse, "select count(*) as n from transactions"), "n\n1\n");
}
