//! The cases that linkers with a fixed window, one word and the nearest day get wrong.

use std::fmt::Write;

use crate::table::{bill_links, home, reasons};

#[test]
fn a_debit_31_days_later_pays_the_bill() {
    let home = home(
        &["Mutuelle du Bocage;C-1;M-2026-02;2026-02-01;2026-02-05;;45.90;EUR"],
        &["a;2026-03-08;PRLV SEPA MUTUELLE DU BOCAGE;-45.90;EUR", "a;2026-03-09;CARTE 08/03 BOULANGERIE;-4.20;EUR"],
    );
    assert_eq!(bill_links(&home), ["M-2026-02 2026-03-08 whole sure"]);
    assert_eq!(reasons(&home), ["same amount, name of the issuer, 31 days after it was due"]);
    assert_eq!(home.ask_one("select status from bills"), "paid");
}

#[test]
fn one_debit_pays_two_bills() {
    let home = home(
        &[
            "Cantine des Quais;C-7;CQ-01;2026-01-31;2026-02-10;;52.30;EUR",
            "Cantine des Quais;C-7;CQ-02;2026-01-31;2026-02-10;;48.10;EUR",
            "Cantine des Quais;C-7;CQ-03;2026-02-28;2026-03-10;;50.00;EUR",
        ],
        &[
            "a;2026-02-11;PRLV SEPA CANTINE DES QUAIS;-100.40;EUR",
            "a;2026-03-11;PRLV SEPA CANTINE DES QUAIS;-50.00;EUR",
        ],
    );
    let expected = ["CQ-01 2026-02-11 share sure", "CQ-02 2026-02-11 share sure", "CQ-03 2026-03-11 whole sure"];
    assert_eq!(bill_links(&home), expected);
    let sums = "select sum(linked_amount)::decimal(9, 2)::varchar from reconciliations where booked_on = '2026-02-11'";
    assert_eq!(home.ask_one(sums), "100.40");
    assert_eq!(home.ask(bill_numbers())[0], ["[CQ-01, CQ-02]"]);
}

fn bill_numbers() -> &'static str {
    "select bill_numbers::varchar from transactions order by booked_on"
}

#[test]
fn the_debit_may_name_a_sister_company() {
    let home = home(
        &["Hertz Mobile;HM-1;10042;2026-03-01;2026-03-08;;19.99;EUR"],
        &["a;2026-03-09;PRLV SEPA HERTZ TELECOM;-19.99;EUR", "a;2026-03-09;CARTE 08/03 LIBRAIRIE;-19.99;EUR"],
    );
    let found = bill_links(&home);
    assert_eq!(found, ["10042 2026-03-09 whole likely"], "linked, and not stated as a fact");
    assert_eq!(home.ask_one("select right_words from reconciliations").split("PRLV").count(), 1);
    assert_eq!(home.ask_one("select raw_label from transactions where len(bill_ids) = 1"), "PRLV SEPA HERTZ TELECOM");
}

#[test]
fn accents_do_not_matter() {
    let home = home(
        &["Électricité de l'Îlot;;E-9;2026-03-01;2026-03-15;;80.00;EUR"],
        &["a;2026-03-16;PRLV SEPA ELECTRICITE DE L ILOT;-80.00;EUR"],
    );
    assert_eq!(bill_links(&home), ["E-9 2026-03-16 whole sure"]);
}

#[test]
fn a_yearly_bill_is_paid_in_instalments() {
    let instalments = ["2026-02-05", "2026-04-05", "2026-06-05", "2026-08-05"];
    let movements: Vec<String> =
        instalments.iter().map(|day| format!("a;{day};PRLV SEPA EAU DU VALLON;-103.09;EUR")).collect();
    let movements: Vec<&str> = movements.iter().map(String::as_str).collect();
    let home = home(&["Eau du Vallon;V-1;EV-2026;2026-01-20;2026-02-05;;412.36;EUR"], &movements);
    let expected: Vec<String> = instalments.iter().map(|day| format!("EV-2026 {day} instalment sure")).collect();
    assert_eq!(bill_links(&home), expected);
    assert_eq!(home.ask("select status, residual, len(debits)::varchar from bills")[0], ["paid", "0.00", "4"]);
}

#[test]
fn a_year_of_payments_in_advance_and_its_settlement_pay_the_yearly_bill() {
    let mut movements: Vec<String> =
        (1..=11).map(|month| format!("a;2025-{month:02}-10;PRLV SEPA GAZ DU BOCAGE;-90.00;EUR")).collect();
    movements.push("a;2026-01-20;VIR SEPA GAZ DU BOCAGE;45.50;EUR".to_owned());
    let movements: Vec<&str> = movements.iter().map(String::as_str).collect();
    let home = home(&["Gaz du Bocage;G-1;GB-2025;2026-01-05;2026-01-20;;944.50;EUR;2025-01-01;2025-12-31"], &movements);
    let found = bill_links(&home);
    assert_eq!(found.len(), 12, "{found:?}");
    assert!(found.iter().all(|link| link.ends_with("instalment sure")), "{found:?}");
    assert_eq!(home.ask("select status, residual from bills")[0], ["paid", "0.00"]);
}

#[test]
fn one_debit_does_not_pay_two_bills_of_its_amount() {
    let home = home(
        &[
            "Réseau Azur;R-1;F-02;2026-02-12;2026-02-15;;19.99;EUR",
            "Réseau Azur;R-1;F-03;2026-03-12;2026-03-15;;19.99;EUR",
        ],
        &["a;2026-03-18;PRLV SEPA RESEAU AZUR;-19.99;EUR"],
    );
    assert_eq!(bill_links(&home), ["F-03 2026-03-18 whole sure"]);
    let statuses = home.ask("select number, status from bills order by number");
    assert_eq!(statuses, [["F-02", "overdue"], ["F-03", "paid"]]);
}

#[test]
fn creditor_and_mandate_tell_who_debits() {
    let home = crate::support::homes::TestHome::new();
    let days = [("10", "31,40"), ("11", "27,85"), ("12", "44,10")];
    let mut bank = String::from(
        "Date;Date de valeur;Débit;Crédit;Libellé;Solde;Motif;Référence unique du mandat (RUM);Référence (END TO END);Identifiant du créancier (ICS)\n",
    );
    let mut bills = String::from("issuer;contract;number;issued_on;due_on;total\n");
    for (month, amount) in days {
        let _ = writeln!(
            bank,
            "08/{month}/2025;08/{month}/2025;-{amount};;PRLV SEPA ENCAISSEUR CENTRAL;100,00;;RUM-7;E2E-{month};FR99ZZZ123456"
        );
        let _ =
            writeln!(bills, "Atelier Rivière;;AR-{month};2025-{month}-01;2025-{month}-07;{}", amount.replace(',', "."));
    }
    // The same amount on the same days, bought elsewhere.
    bank.push_str("08/12/2025;08/12/2025;-44,10;;PAIEMENT CB 0712 BREST LIBRAIRIE CARTE 00420042;100,00;;;;\n");
    let settings = "[[accounts]]\nid = \"a\"\n\n[[sources]]\nid = \"bank\"\nconnector = \"bank/credit_mutuel\"\nfiles = \"in/*.csv\"\naccount = \"a\"\n";
    std::fs::write(home.path().join("moisson.toml"), settings).expect("settings");
    let latin: Vec<u8> = bank.chars().map(|c| u8::try_from(u32::from(c)).expect("Latin")).collect();
    let files = [home.file("bank.csv", &latin, 60), home.file("bills.csv", bills.as_bytes(), 50)];
    home.import(&files);
    let expected = ["AR-10 2025-10-08 whole sure", "AR-11 2025-11-08 whole sure", "AR-12 2025-12-08 whole sure"];
    assert_eq!(bill_links(&home), expected);
    let said = "select distinct creditor_id from transactions where len(bill_ids) > 0";
    assert_eq!(home.ask(said), [["FR99ZZZ123456"]]);
}

#[test]
fn the_day_of_payment_that_a_bill_states_decides() {
    let home = home(
        &["Garage du Port;;GP-1;2026-03-01;2026-03-31;2026-03-12;240.00;EUR"],
        &[
            "a;2026-03-12;CHEQUE 7714020;-240.00;EUR",
            "a;2026-03-30;CARTE 29/03 VELOCISTE;-240.00;EUR",
            "a;2026-03-02;VIR LOYER BOX;-240.00;EUR",
        ],
    );
    assert_eq!(bill_links(&home), ["GP-1 2026-03-12 whole possible"], "an amount and a day alone are no proof");
}

#[test]
fn a_rejected_debit_pays_nothing_and_the_one_presented_again_does() {
    let home = home(
        &["Orange Bleue;;OB-5;2026-05-31;2026-06-12;;43.88;EUR"],
        &[
            "a;2026-06-12;PRLV SEPA ORANGE BLEUE;-43.88;EUR",
            "a;2026-06-16;REJET PRLV SEPA ORANGE BLEUE;43.88;EUR",
            "a;2026-06-26;PRLV SEPA ORANGE BLEUE;-43.88;EUR",
        ],
    );
    assert_eq!(bill_links(&home), ["OB-5 2026-06-26 whole sure"]);
    let returned =
        home.ask("select left_words, booked_on::varchar, relation, grade from reconciliations where kind = 'refund'");
    assert_eq!(returned.len(), 1);
    assert_eq!(returned[0][1..], ["2026-06-16", "returned", "sure"]);
}

#[test]
fn money_comes_back_by_credit_note_and_without() {
    let home = home(
        &[
            "Boutique Lune;;BL-77001;2026-04-01;2026-04-05;;120.00;EUR",
            "Boutique Lune;;BL-77002;2026-05-01;2026-05-05;;60.00;EUR",
            "Boutique Lune;;AV-77003;2026-05-10;;;-60.00;EUR",
        ],
        &[
            "a;2026-04-05;VIR BOUTIQUE LUNE BL-77001;-120.00;EUR",
            "a;2026-04-20;VIR SEPA BOUTIQUE LUNE REMBOURSEMENT BL-77001;35.00;EUR",
            "a;2026-05-05;VIR BOUTIQUE LUNE;-60.00;EUR",
            "a;2026-05-14;VIR SEPA BOUTIQUE LUNE;60.00;EUR",
        ],
    );
    let expected = [
        "AV-77003 2026-05-14 whole sure",
        "BL-77001 2026-04-05 whole sure",
        "BL-77001 2026-04-20 money back sure",
        "BL-77002 2026-05-05 whole sure",
    ];
    assert_eq!(bill_links(&home), expected);
    assert_eq!(home.ask_one("select given_back from bills where number = 'BL-77001'"), "35.00");
}

#[test]
fn a_bill_in_another_currency_is_paid_by_what_the_bank_says_it_was() {
    let home = home(
        &["Nimbus Hosting;;NH-2026-3;2026-03-01;2026-03-03;;12.00;USD"],
        &["a;2026-03-04;CARTE 03/03 NIMBUS HOSTING;-11.07;EUR;-12.00;USD", "a;2026-03-04;CARTE 03/03 X;-12.00;EUR"],
    );
    assert_eq!(bill_links(&home), ["NH-2026-3 2026-03-04 whole sure"]);
    assert_eq!(home.ask("select status, debited from bills")[0], ["paid", "12.00"]);
}

#[test]
fn what_cannot_be_told_apart_is_only_suggested_with_its_alternatives() {
    let home = home(
        &["Salle du Lac;;SL-1;2026-03-01;2026-03-08;;25.00;EUR", "Salle du Lac;;SL-2;2026-03-01;2026-03-08;;25.00;EUR"],
        &["a;2026-03-08;PRLV SEPA SALLE DU LAC;-25.00;EUR", "b;2026-03-08;PRLV SEPA SALLE DU LAC;-25.00;EUR"],
    );
    let found = home.ask("select grade, state, len(alternatives)::varchar from reconciliations where kind = 'bill'");
    assert_eq!(found.len(), 2);
    for link in found {
        assert_ne!(link[0], "sure");
        assert_eq!(link[1..], ["suggested", "1"]);
    }
}
