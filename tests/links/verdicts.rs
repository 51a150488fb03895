//! What a person says of links: it stands, it is not proposed again, and the rest fits around it.

use moisson::archive::Entry;
use moisson::import;
use moisson::model::said::{LinkKind, Ruling, Verdict};

use crate::support::homes::{Silent, TestHome};
use crate::table::{bill_links, home};

fn rule(home: &TestHome, kind: LinkKind, left: &str, right: &str, state: Ruling) {
    let id = |sql: &str| home.ask_one(sql).parse().expect("an id");
    let said = Entry::Verdict(Verdict {
        kind,
        left_id: id(left),
        right_id: id(right),
        state,
        about: "in words".to_owned(),
        more: serde_json::Map::new(),
    });
    import::say(home.open(), &[said], &mut Silent).expect("it is written and shown");
}

fn bill(number: &str) -> String {
    format!("select id from landing.bills where number = '{number}'")
}

fn movement(day: &str) -> String {
    format!("select id from landing.transactions where booked_on = '{day}'")
}

fn two_months() -> TestHome {
    home(
        &[
            "Réseau Azur;R-1;F-02;2026-02-12;2026-02-15;;19.99;EUR",
            "Réseau Azur;R-1;F-03;2026-03-12;2026-03-15;;19.99;EUR",
        ],
        &["a;2026-02-16;PRLV SEPA RESEAU AZUR;-19.99;EUR", "a;2026-03-16;PRLV SEPA RESEAU AZUR;-19.99;EUR"],
    )
}

#[test]
fn a_rejected_link_is_listed_and_the_rest_is_solved_around_it() {
    let home = two_months();
    assert_eq!(bill_links(&home), ["F-02 2026-02-16 whole sure", "F-03 2026-03-16 whole sure"]);
    rule(&home, LinkKind::Bill, &bill("F-02"), &movement("2026-02-16"), Ruling::Rejected);
    assert_eq!(bill_links(&home), ["F-03 2026-03-16 whole sure"]);
    let rejected = home.ask("select bill_number, method, score from reconciliations where state = 'rejected'");
    assert_eq!(rejected, [["F-02", "user", "0.000"]]);
}

#[test]
fn a_confirmed_link_takes_its_movement_from_a_better_one() {
    let home = two_months();
    rule(&home, LinkKind::Bill, &bill("F-02"), &movement("2026-03-16"), Ruling::Confirmed);
    let links =
        home.ask("select bill_number, booked_on::varchar, state, method from reconciliations order by bill_number");
    assert_eq!(links[0], ["F-02", "2026-03-16", "confirmed", "user"]);
    assert!(links.iter().all(|link| link[0] == "F-02"), "the March bill was due after the February debit: {links:?}");
}

#[test]
fn a_confirmed_part_leaves_the_rest_to_be_paid() {
    let home = home(
        &["Menuiserie Fabre;;MF-1;2026-03-01;2026-03-20;;100.00;EUR"],
        &["a;2026-03-05;CHEQUE 7714020;-40.00;EUR", "a;2026-03-19;VIR SEPA MENUISERIE FABRE;-60.00;EUR"],
    );
    assert_eq!(bill_links(&home), Vec::<String>::new());
    rule(&home, LinkKind::Bill, &bill("MF-1"), &movement("2026-03-05"), Ruling::Confirmed);
    assert_eq!(bill_links(&home), ["MF-1 2026-03-05 part sure", "MF-1 2026-03-19 whole sure"]);
    assert_eq!(home.ask("select status, residual from bills")[0], ["paid", "0.00"]);
}

#[test]
fn a_transfer_is_confirmed_and_rejected() {
    let home = home(
        &["X;;1;2026-01-01;;;1.00;EUR"],
        &["a;2026-03-05;VIR DIVERS ALPHA;-500.00;EUR", "b;2026-03-06;VIR DIVERS BETA;500.00;EUR"],
    );
    let own = "select count(*)::varchar from transactions where is_own_account";
    assert_eq!(home.ask_one(own), "0", "nothing says that these are one transfer");
    rule(&home, LinkKind::Transfer, &movement("2026-03-05"), &movement("2026-03-06"), Ruling::Confirmed);
    assert_eq!(home.ask_one(own), "2");
    let counted = "select coalesce(sum(income + spending), 0)::decimal(9, 2)::varchar from months";
    assert_eq!(home.ask_one(counted), "0.00");
    rule(&home, LinkKind::Transfer, &movement("2026-03-05"), &movement("2026-03-06"), Ruling::Rejected);
    assert_eq!(home.ask_one(own), "0");
}
