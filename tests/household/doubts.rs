//! What the checks say when an account comes twice, a payment does not come, or a join is weak.

use crate::support::homes::TestHome;

/// A home with movements: account, day, label, amount.
fn home(rows: &[String]) -> TestHome {
    let home = TestHome::new();
    let table = format!("account;booked_on;raw_label;amount\n{}\n", rows.join("\n"));
    home.import(&[home.file("movements.csv", table.as_bytes(), 0)]);
    home
}

#[test]
fn one_account_under_two_names_is_suspected_though_labels_and_days_differ() {
    let shops = ["BOULANGERIE", "PRESSE", "LIBRAIRIE", "PHARMACIE", "FLEURISTE", "CREMERIE"];
    let rows: Vec<String> = (1..=6)
        .zip(shops)
        .flat_map(|(n, shop)| {
            let (day, next) = (2 * n, 2 * n + 1);
            [
                format!("12345;2026-09-{day:02};CARTE {shop};-{n}.20"),
                format!("FR76-12345;2026-09-{next:02};CB {shop};-{n}.20"),
                format!("autre;2026-09-{day:02};CARTE {shop};-{n}.90"),
            ]
        })
        .collect();
    let found = home(&rows).ask("select subject, n_alike from checks.no_movement_comes_from_two_sources");
    assert_eq!(found, [["12345 and FR76-12345", "6"]]);
}

#[test]
fn a_payment_that_does_not_come_is_told_until_it_is_old() {
    let monthly = |account: &str, last: i32| -> Vec<String> {
        let paid = (1..=last).map(|month| format!("{account};2026-{month:02}-05;PRLV TELEPHONE;-18.00"));
        paid.chain([format!("{account};2026-10-14;CARTE PAIN;-1.00")]).collect()
    };
    let found = home(&[monthly("late", 9), monthly("ended", 6), monthly("paid", 10)].concat())
        .ask("select subject, since::varchar from checks.no_expected_payment_is_missing");
    assert_eq!(found, [["TELEPHONE on late", "2026-10-05"]]);
}
