//! `moisson link`, `set`, `hide` and `accept`: what people say, and what is answered.

use crate::Home;
use crate::home::{export, row, text, three_days};

const BILLS: &str = "Issuer;Number;Kind;Issued on;Due on;Total\nEAU;F-17;water;2024-02-20;2024-03-03;31.20\n";

/// A home with a bank export and a bill.
fn household(home: Home) -> Home {
    let home = home.filled();
    let ran = home.run(&["import", &text(&home.document("bills.csv", BILLS))]);
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    home
}

fn ask(home: &Home, sql: &str) -> String {
    let ran = home.run(&["sql", "--format", "csv", sql]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    ran.out.lines().skip(1).collect::<Vec<_>>().join("\n")
}

fn id_of(home: &Home, label: &str) -> String {
    ask(home, &format!("select id from landing.transactions where contains(raw_label, '{label}')"))
}

fn payee_of(home: &Home, label: &str) -> String {
    let key = ask(home, &format!("select payee_key from staging.transactions where contains(raw_label, '{label}')"));
    format!("payee:{}", key.trim_matches('"'))
}

#[test]
fn a_movement_is_hidden_and_shown_again() {
    let home = Home::new().filled();
    let id = id_of(&home, "EAU");
    let ran = home.run(&["hide", "transaction", &id]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(ran.out.starts_with("hidden: 00040000001, 2024-03-03, -31.20 EUR, PRLV SEPA EAU\n"), "{}", ran.out);
    assert_eq!(ask(&home, "select count(*) from transactions"), "2");
    assert_eq!(ask(&home, "select raw_label from hidden"), "PRLV SEPA EAU");
    assert!(home.run(&["hide", "transaction", &id]).out.starts_with("nothing changes: "));
    let ran = home.run(&["hide", "transaction", &id, "--undo"]);
    assert!(ran.out.starts_with("shown again: 00040000001"), "{}", ran.out);
    assert_eq!(ask(&home, "select count(*) from transactions"), "3");
    let ran = home.run(&["verify"]);
    assert!(ran.out.starts_with("1 document and 3 journal lines read back"), "{}", ran.out);
}

#[test]
fn hiding_speaks_french() {
    let home = Home::french().filled();
    let ran = home.run(&["hide", "transaction", &id_of(&home, "EAU")]);
    assert!(ran.out.starts_with("caché : 00040000001"), "{}", ran.out);
    let ran = home.run(&["hide", "transaction", "17"]);
    assert_eq!(ran.code, 65);
    assert!(ran.err.starts_with("erreur : il n'y a pas de mouvement 17\nconseil : "), "{}", ran.err);
}

#[test]
fn a_bill_and_a_debit_are_said_to_belong_together() {
    let home = household(Home::new());
    let bill = ask(&home, "select bill_id from bills");
    let debit = id_of(&home, "EAU");
    let verdicts = || ask(&home, "select kind, state from staging.verdicts");
    let linked = || ask(&home, "select link_id, state, grade from reconciliations where kind = 'bill'");
    let link = linked().split(',').next().unwrap_or_default().to_owned();
    assert_eq!(linked(), format!("{link},suggested,sure"), "the two fit before anybody says so");
    let ran = home.run(&["link", "confirm", "bill", &bill, &debit]);
    let said = "confirmed: EAU, F-17, 2024-02-20, 31.20 EUR ↔ 00040000001, 2024-03-03, -31.20 EUR, PRLV SEPA EAU";
    assert_eq!((ran.out.as_str(), ran.code), (said, 0), "{}", ran.err);
    assert_eq!(verdicts(), "bill,confirmed");
    assert!(home.run(&["link", "confirm", "bill", &bill, &debit]).out.starts_with("nothing changes: EAU"));
    assert_eq!(linked(), format!("{link},confirmed,sure"));
    home.run(&["link", "reject", &link]);
    assert_eq!(verdicts(), "bill,rejected");
    let overlapping = export(&[three_days(), vec![row("2024-03-06", "CARTE 06/03/24 CAFE CB*0042", "-1,80")]].concat());
    home.run(&["import", &text(&home.document("more.csv", overlapping))]);
    assert_eq!(home.run(&["rebuild"]).out, "3 documents read again; every table is as it was");
    assert_eq!(verdicts(), "bill,rejected", "whatever comes in");
    assert!(linked().contains(",rejected,"), "{}", linked());
    let ran = home.run(&["link", "list", "--state", "rejected"]);
    assert!(ran.out.contains("F-17") && ran.out.ends_with("(1 link)"), "{}", ran.out);
    home.run(&["link", "forget", "bill", &bill, &debit]);
    assert_eq!(verdicts(), "");
}

#[test]
fn a_link_that_is_not_there_is_65() {
    let home = household(Home::new());
    let ran = home.run(&["link", "confirm", "17"]);
    assert_eq!(ran.code, 65);
    assert!(ran.err.starts_with("error: there is no link 17\nhint: `moisson link list`"), "{}", ran.err);
    assert_eq!(home.run(&["link", "confirm", "bill", "17", &id_of(&home, "EAU")]).code, 65);
    assert_eq!(home.run(&["link", "confirm", "person", "17", "18"]).code, 65);
    assert_eq!(home.run(&["link", "list", "--state", "open"]).code, 64);
}

#[test]
fn names_are_set_and_taken_back() {
    let home = Home::new().filled();
    let payee = payee_of(&home, "METRO");
    let ran = home.run(&["set", "name", &payee, "Métro de Lyon"]);
    assert!(
        ran.out.starts_with("name of the payee ") && ran.out.ends_with(" (1 movement): nothing → Métro de Lyon"),
        "{}{}",
        ran.out,
        ran.err
    );
    let choices = || ask(&home, "select subject, field, value from staging.choices");
    assert_eq!(choices(), "payee,name,Métro de Lyon");
    assert_eq!(ask(&home, "select count(*) from transactions where clean_label = 'Métro de Lyon'"), "1");
    let ran = home.run(&["set", "name", &payee, "--forget"]);
    assert!(ran.out.ends_with("Métro de Lyon → nothing"), "{}", ran.out);
    assert_eq!(choices(), "");
}

#[test]
fn what_is_set_must_exist() {
    let home = Home::new().filled();
    let payee = payee_of(&home, "METRO");
    let ran = home.run(&["set", "name", &format!("{payee}O"), "Métro"]);
    assert_eq!(ran.code, 65);
    assert!(ran.err.contains("did you mean ") && ran.err.contains("METRO"), "{}", ran.err);
    assert_eq!(home.run(&["set", "person", &payee, "nobody-of-this-name"]).code, 65);
    assert_eq!(home.run(&["set", "name", "METRO", "Métro"]).code, 64, "what it is about is to be said");
    assert_eq!(home.run(&["set", "name", &payee]).code, 64, "a name, or --forget");
    assert_eq!(home.run(&["accept", "nothing.csv"]).code, 65);
}

#[test]
fn a_document_is_vouched_for_by_name_or_digits() {
    let home = Home::new().filled();
    let ran = home.run(&["accept", "good.csv"]);
    assert!(ran.out.starts_with("accepted: good.csv ("), "{}{}", ran.out, ran.err);
    let sha = ask(&home, "select left(document, 8) from landing.documents");
    assert!(home.run(&["accept", &sha]).out.starts_with("nothing changes: good.csv"));
    assert_eq!(ask(&home, "select count(*) from transactions"), "3", "it was read before");
}

#[test]
fn a_refresh_says_how_long_each_file_took() {
    let home = Home::new().filled();
    let ran = home.run(&["refresh", "--timings"]);
    assert!(
        ran.code == 0 && ran.out.contains(".sql") && ran.out.contains("the views were made again in"),
        "{}",
        ran.out
    );
}

const NAMESAKES: &str = "BEGIN:VCARD\r\nVERSION:3.0\r\nUID:1\r\nFN:Luc Exemple\r\nN:Exemple;Luc;;;\r\nTEL:+33639981111\r\nEND:VCARD\r\n\
    BEGIN:VCARD\r\nVERSION:3.0\r\nUID:2\r\nFN:Luc Exemple\r\nN:Exemple;Luc;;;\r\nTEL:+33639982222\r\nEND:VCARD\r\n";

#[test]
fn two_cards_are_said_to_be_one_person_and_parted_again() {
    let home = Home::new();
    assert_eq!(home.run(&["import", &text(&home.document("book.vcf", NAMESAKES))]).code, 0);
    let people = || ask(&home, "select count(*) from people");
    assert_eq!(people(), "2", "a name alone joins nobody");
    let listed = home.run(&["link", "list", "--kind", "person", "--state", "suggested"]).out;
    let id = listed.lines().nth(2).and_then(|line| line.split_whitespace().next()).expect("a link").to_owned();
    let ran = home.run(&["link", "confirm", &id]);
    assert!(
        ran.out.starts_with("confirmed: Luc Exemple (") && ran.out.contains(") ↔ Luc Exemple ("),
        "{}{}",
        ran.out,
        ran.err
    );
    assert_eq!(people(), "1");
    assert!(home.run(&["link", "list", "--state", "confirmed"]).out.contains(&id));
    assert_eq!(home.run(&["rebuild"]).out, "1 document read again; every table is as it was");
    let person = ask(&home, "select person_id from people");
    let out = home.run(&["why", "people", &person]).out;
    assert_eq!(out.matches("  Luc Exemple (").count(), 2, "{out}");
    assert_eq!(home.run(&["link", "reject", &id]).code, 0);
    assert_eq!(people(), "2");
    home.run(&["link", "forget", &id]);
    assert_eq!(people(), "2");
}

#[test]
fn a_category_that_is_set_is_shown_and_must_be_one_of_the_tree() {
    let home = Home::new().filled();
    let payee = payee_of(&home, "METRO");
    let category = ask(&home, "select category from categories where parent is not null order by 1 limit 1");
    let ran = home.run(&["set", "category", &payee, &category]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let shown = || ask(&home, "select category from transactions where contains(raw_label, 'METRO')");
    assert_eq!(shown(), category);
    let id = id_of(&home, "METRO");
    let other = ask(&home, "select category from categories where parent is not null order by 1 desc limit 1");
    home.run(&["set", "category", &id, &other]);
    assert_eq!(shown(), other, "what is said of the movement itself wins");
    home.run(&["set", "category", &id, "--forget"]);
    assert_eq!(shown(), category);
    let ran = home.run(&["set", "category", &payee, &format!("{category}x")]);
    assert!(ran.code == 65 && ran.err.contains(&format!("did you mean {category}")), "{}", ran.err);
    let why = home.run(&["why", "transactions", &id]).out;
    assert!(why.contains(&format!("category of the payee METRO: {category}")), "{why}");
}

#[test]
fn a_person_that_is_set_stands_behind_the_payee() {
    let home = Home::new().filled();
    assert_eq!(home.run(&["import", &text(&home.document("book.vcf", NAMESAKES))]).code, 0);
    let person = ask(&home, "select min(person_id) from people");
    let payee = payee_of(&home, "SALAIRE");
    let ran = home.run(&["set", "person", &payee, &person]);
    assert!(ran.out.ends_with("nothing → Luc Exemple"), "{}{}", ran.out, ran.err);
    let shown = ask(&home, "select person_name, match_state from transactions where contains(raw_label, 'SALAIRE')");
    assert_eq!(shown, "Luc Exemple,confirmed");
    let ran = home.run(&["set", "name", &format!("person:{person}"), "Luc du bureau"]);
    assert!(ran.out.ends_with("nothing → Luc du bureau"), "{}{}", ran.out, ran.err);
    assert_eq!(ask(&home, &format!("select name from people where person_id = '{person}'")), "Luc du bureau");
    let ran = home.run(&["set", "person", "number:06 39 98 33 33", &person]);
    assert_eq!(ran.code, 65, "a number that no view has: {}", ran.out);
}
