//! Loading: rows meet across documents, and the order of import does not matter.

use moisson::model::records::{AnyRecord, BillLine, Communication, Reading, Transaction};
use moisson::model::{Fault, FaultKind, Place};
use proptest::prelude::*;
use rust_decimal::Decimal;

use super::*;

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
    let poorer = import(&mut warehouse, &document("c", march(8)), &[purchase(5, -450, "CARTE FLEURS")]);
    assert_eq!(figures(&poorer), (0, 1, 0), "what it leaves empty takes nothing away");
    assert_eq!(answer(&warehouse, "select memo from landing.transactions"), "memo\ngift\n");
    let old = "select table_name, (replaced ->> 'document') = replaced_document as is_whole from landing.history";
    assert_eq!(answer(&warehouse, old), "table_name,is_whole\ntransactions,true\n");
}

#[test]
fn an_older_snapshot_waits_until_its_account_is_told_anew() {
    let mut warehouse = warehouse();
    import(&mut warehouse, &document("b", march(7)), &[purchase(5, -450, "CARTE FLEURS")]);
    let late = import(&mut warehouse, &document("a", march(6)), &[purchase(5, -450, "CARTE FLEURS")]);
    assert_eq!((figures(&late), late.waiting.len()), ((0, 0, 0), 1));
    let account = &warehouse.waiting().expect("an account")[0];
    let documents = warehouse.documents_of(account).expect("documents");
    assert_eq!(documents.iter().map(|one| &one.document[..1]).collect::<Vec<_>>(), ["a", "b"]);
    let realign = warehouse.begin_realign(account).expect("begins");
    for document in &documents {
        let mut load = realign.load(document).expect("takes a document");
        load.push(&purchase(5, -450, "CARTE FLEURS"), &Place::line(1)).expect("takes a record");
        load.commit(&Tally::default()).expect("settles");
    }
    drop(realign);
    assert_eq!(warehouse.waiting().expect("an account").len(), 1, "what is not committed did not happen");
}

#[test]
fn a_later_hole_or_estimate_takes_no_measure_away() {
    let reading = |quality: &str, value: Option<i64>| -> AnyRecord {
        let value = value.map(|value| Decimal::new(value, 0));
        Reading { meter: "1".to_owned(), quality: quality.to_owned(), value, ..Reading::default() }.into()
    };
    let states = [reading("measured", Some(420)), reading("estimated", Some(400)), reading("missing", None)];
    for order in [[0, 1, 2], [2, 1, 0], [1, 0, 2], [1, 2, 0]] {
        let mut warehouse = warehouse();
        for at in order {
            let day = i8::try_from(at).expect("small") + 1;
            import(&mut warehouse, &document(&format!("{at}"), march(day)), &[states[at].clone()]);
        }
        assert_eq!(answer(&warehouse, "select value::int as v from landing.readings"), "v\n420\n", "{order:?}");
    }
}

#[test]
fn a_bill_that_is_stated_again_has_the_lines_of_the_later_statement() {
    let line = |label: &str, cents: i64| -> AnyRecord {
        let (issuer, bill_number) = ("Eau".to_owned(), "7".to_owned());
        BillLine { issuer, bill_number, label: label.to_owned(), amount: Decimal::new(cents, 2), ..BillLine::default() }
            .into()
    };
    let call = |minute: i8, seconds: i64| -> AnyRecord {
        let started_local = jiff::civil::date(2026, 3, 1).at(8, minute, 0, 0);
        let (line, bill_number) = ("+33199000001".to_owned(), Some("8".to_owned()));
        Communication { line, bill_number, started_local, duration_s: Some(seconds), ..Communication::default() }.into()
    };
    let first = [line("water", 1000), line("drain", 500), call(1, 60), call(2, 60), call(3, 60)];
    let later = [line("water", 1200), line("drain", 500), call(1, 60), call(2, 75), call(3, 60)];
    for order in [[0, 1], [1, 0]] {
        let mut warehouse = warehouse();
        for at in order {
            let rows = [&first, &later][at];
            import(&mut warehouse, &document(&format!("{at}"), march(i8::try_from(at).expect("small") + 1)), rows);
        }
        let lines = "select sum(amount)::decimal(9, 2) as total, count(*) as n from landing.bill_lines";
        assert_eq!(answer(&warehouse, lines), "total,n\n17.00,2\n", "{order:?}");
        let calls = "select sum(duration_s)::int as s, count(*) as n from landing.communications";
        assert_eq!(answer(&warehouse, calls), "s,n\n195,3\n", "{order:?}");
    }
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
fn a_row_that_happens_to_have_the_number_of_another_is_not_swallowed() {
    let mut elsewhere = warehouse();
    import(&mut elsewhere, &document("b", march(2)), &[purchase(2, -200, "OTHER")]);
    let id = answer(&elsewhere, "select id from landing.transactions").replace("id\n", "");
    let mut warehouse = warehouse();
    import(&mut warehouse, &document("a", march(1)), &[purchase(1, -100, "ONE")]);
    answer(&warehouse, &format!("update landing.transactions set id = {id}"));
    let rows = [purchase(2, -200, "OTHER")];
    assert_eq!(figures(&import(&mut warehouse, &document("b", march(2)), &rows)), (1, 0, 0));
    assert_eq!(figures(&import(&mut warehouse, &document("c", march(3)), &rows)), (0, 1, 0));
    assert_eq!(answer(&warehouse, "select sum(amount) as s from landing.transactions"), "s\n-3.00000\n");
}

#[test]
fn an_abandoned_load_leaves_nothing() {
    let mut warehouse = warehouse();
    let before = warehouse.table_hashes().expect("hashes");
    let mut load = warehouse.begin(&document("a", march(1))).expect("begins");
    load.push(&purchase(1, -1, "X"), &Place::line(1)).expect("takes a record");
    load.fault(&Fault::new(FaultKind::NotADate, Place::line(2), "x", "not a date")).expect("takes a fault");
    load.abandon();
    assert_eq!(warehouse.table_hashes().expect("hashes"), before);
}

#[test]
fn an_amount_beyond_the_store_is_a_fault() {
    let mut warehouse = warehouse();
    let counts = import(&mut warehouse, &document("a", march(1)), &[purchase(1, i64::MAX, "X"), purchase(1, 1, "Y")]);
    assert_eq!((counts.rows_new, counts.rows_rejected), (1, 1));
    assert_eq!(answer(&warehouse, "select kind, line from landing.faults"), "kind,line\ntoo_large,1\n");
}

proptest! {
    #![proptest_config(few_cases())]

    /// Documents of a few readings, cards and numbers, many of them alike.
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
    let uid = day.to_string();
    let reading = Reading { meter: uid.clone(), value: Some(Decimal::new(*cents, 2)), ..Reading::default() };
    vec![reading.into(), card(&uid, &format!("Name {variant}")), number(&uid, &format!("+3319900000{cents}"))]
}

/// A dozen cases, or as many as `PROPTEST_CASES` asks for: each fills two databases.
fn few_cases() -> ProptestConfig {
    let asked = std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok());
    ProptestConfig::with_cases(asked.unwrap_or(12))
}
