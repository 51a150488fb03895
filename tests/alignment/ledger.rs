//! Ledgers drawn at random, shown in exports as banks make them: whatever the order and the
//! grouping of their import, what stands in the warehouse is the ledger.

use std::fmt::Write;
use std::path::PathBuf;

use jiff::{ToSpan, civil::Date};
use moisson::import::{self, Wish};
use proptest::prelude::*;

use super::support::homes::{Silent, TestHome, ask, now};
use super::telling::fresh;

const SHOPS: [&str; 5] = ["BOULANGERIE DU PORT", "LIBRAIRIE", "CAFE DU QUAI", "GARAGE DES ALPES", "MARCHE"];
const CENTS: [i64; 4] = [-220, -1800, -2240, 2240];
const DAYS: i64 = 40;

/// A purchase or a refund; few shops and amounts, so that many rows are alike.
#[derive(Debug, Clone)]
struct Bought {
    day: i64,
    shop: usize,
    cents: i64,
    /// Days until it is booked, and how much dearer, in percent.
    settles_after: i64,
    percent: i64,
}

/// An export of the days `from..=to`, made on the evening of the last one.
#[derive(Debug, Clone)]
struct Export {
    from: i64,
    to: i64,
    /// Whether the bank's labels have their new form.
    is_renamed: bool,
}

/// Day, cents, label, status.
type Row = (Date, i64, String, &'static str);

proptest! {
    #![proptest_config(few_cases())]

    /// Windows of whole days: the union of the windows is what is known.
    #[test]
    fn overlapping_exports_give_the_ledger_in_any_order_and_grouping(
        ledger in prop::collection::vec(bought(0..1), 10..60),
        windows in prop::collection::vec((0..DAYS, 0..DAYS), 2..6),
        order in Just((0..6_usize).collect::<Vec<_>>()).prop_shuffle(),
        group in 1..4_usize,
    ) {
        let windows = windows.iter().map(|(one, other)| Export { from: *one.min(other), to: *one.max(other), is_renamed: false });
        let exports: Vec<Export> = windows.collect();
        let rows: Vec<Row> = ledger.iter().map(|row| row.shown(DAYS, false)).collect();
        let is_known = |row: &&Row| exports.iter().any(|export| export.holds(row.0));
        let mut known: Vec<Row> = rows.iter().filter(is_known).cloned().collect();
        known.sort();

        let files: Vec<String> = exports.iter().map(|export| written(rows.iter().filter(|row| export.holds(row.0)))).collect();
        let home = fresh();
        let order: Vec<usize> = order.into_iter().filter(|position| *position < files.len()).collect();
        for positions in order.chunks(group) {
            import(&home, &files, positions);
        }
        prop_assert_eq!(&stored(&home), &known);
        for position in order {
            import(&home, &files, &[position]);
        }
        prop_assert_eq!(stored(&home), known);
    }

    /// Everything that is not old is shown each time, as the bank sees it that day: what was
    /// pending is booked, some of it dearer, and labels change. The latest export is the truth.
    #[test]
    fn what_settles_and_is_renamed_is_neither_doubled_nor_lost(
        ledger in prop::collection::vec(bought(0..5), 10..50),
        evenings in prop::collection::btree_set(10..DAYS + 6, 2..5),
        renamed_from in 10..DAYS + 20,
        is_backwards in any::<bool>(),
    ) {
        let export = |to: &i64| Export { from: 0, to: *to, is_renamed: *to >= renamed_from };
        let exports: Vec<Export> = evenings.iter().map(export).collect();
        let views: Vec<Vec<Row>> = exports.iter().map(|export| view(&ledger, export)).collect();
        let files: Vec<String> = views.iter().map(written).collect();
        let home = fresh();
        let mut order: Vec<usize> = (0..files.len()).collect();
        if is_backwards {
            order.reverse();
        }
        for position in order {
            import(&home, &files, &[position]);
        }
        let counted: Vec<Row> = stored(&home).into_iter().filter(|row| row.3 != "cancelled").collect();
        let mut truth = views.last().expect("an export").clone();
        truth.sort();
        prop_assert_eq!(counted, truth);
    }
}

fn few_cases() -> ProptestConfig {
    let asked = std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok());
    ProptestConfig {
        cases: asked.unwrap_or(6),
        failure_persistence: None,
        max_shrink_iters: 200,
        ..ProptestConfig::default()
    }
}

fn bought(settles_after: std::ops::Range<i64>) -> impl Strategy<Value = Bought> {
    let cents = prop::sample::select(CENTS.as_slice());
    let percent = prop::sample::select([0_i64, 0, 10].as_slice());
    (0..DAYS, 0..SHOPS.len(), cents, settles_after, percent)
        .prop_map(|(day, shop, cents, settles_after, percent)| Bought { day, shop, cents, settles_after, percent })
}

fn first_day() -> Date {
    jiff::civil::date(2026, 3, 1)
}

impl Bought {
    /// As the bank shows it on the evening of a day.
    fn shown(&self, evening: i64, is_renamed: bool) -> Row {
        let shop = SHOPS[self.shop];
        let booked = self.day + self.settles_after;
        if booked > evening {
            return (first_day() + self.day.days(), self.cents, format!("AUTORISATION {shop}"), "pending");
        }
        let cents = if self.settles_after > 0 { self.cents * (100 + self.percent) / 100 } else { self.cents };
        let label = if is_renamed { format!("ACHAT CB {shop} NANTES") } else { format!("CARTE {shop}") };
        (first_day() + booked.days(), cents, label, "booked")
    }
}

impl Export {
    fn holds(&self, day: Date) -> bool {
        let day = i64::from((day - first_day()).get_days());
        self.from <= day && day <= self.to
    }
}

/// What an export shows: what was bought by then, and a rent that never changes.
fn view(ledger: &[Bought], export: &Export) -> Vec<Row> {
    let bought = ledger.iter().filter(|row| row.day <= export.to).map(|row| row.shown(export.to, export.is_renamed));
    let rents = [-3_i64, -1, 3, 5].map(|day| (first_day() + day.days(), -70_000, "PRLV LOYER".to_owned(), "booked"));
    bought.chain(rents).collect()
}

fn written<'a>(rows: impl IntoIterator<Item = &'a Row>) -> String {
    let mut text = "account;booked_on;raw_label;amount;status\n".to_owned();
    for (day, cents, label, status) in rows {
        let sign = if *cents < 0 { "-" } else { "" };
        let (units, rest) = (cents.abs() / 100, cents.abs() % 100);
        writeln!(text, "courant;{day};{label};{sign}{units}.{rest:02};{status}").expect("a line");
    }
    text
}

/// Imports the exports of these positions in one go; a later position was made later.
fn import(home: &TestHome, files: &[String], positions: &[usize]) {
    let place = |position: &usize| {
        let name = format!("{position}.csv");
        home.file(&name, files[*position].as_bytes(), 1000 - u64::try_from(*position).expect("a few"))
    };
    let paths: Vec<PathBuf> = positions.iter().map(place).collect();
    let inputs = import::inputs::find(&paths, now()).expect("the files");
    import::import(&mut home.open(), &inputs, &Wish::default(), &mut Silent).expect("an import");
}

fn stored(home: &TestHome) -> Vec<Row> {
    let rows =
        ask(&home.open(), "select booked_on, (amount * 100)::bigint, raw_label, status from landing.transactions");
    let statuses = ["booked", "pending", "cancelled", "vanished"];
    let mut rows: Vec<Row> = rows
        .into_iter()
        .map(|row| {
            let status = statuses.into_iter().find(|status| *status == row[3]).expect("a status");
            (row[0].parse().expect("a day"), row[1].parse().expect("cents"), row[2].clone(), status)
        })
        .collect();
    rows.sort();
    rows
}
