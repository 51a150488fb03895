//! Who is who, on invented cards made to mislead: joined by evidence, never by a name alone, and
//! taken apart again when somebody says so.

use moisson::archive::Entry;
use moisson::import;
use moisson::model::said::{Choice, Field, LinkKind, Ruling, Subject, Verdict};

use crate::support::homes::{Silent, TestHome};

const SETTINGS: &str = r#"
[household]
name = "Exemple"
time_zone = "Europe/Paris"

[[members]]
id = "ada"
name = "Ada Exemple"
emails = ["ada@example.org"]

[[lines]]
number = "06 39 98 00 01"
owner = "ada"

[[sources]]
id = "old"
connector = "contacts/vcard"
files = "in/old/*.vcf"

[[sources]]
id = "new"
connector = "contacts/vcard"
files = "in/new/*.vcf"
"#;

/// A card: `Given Family`, or one word for a card without structured name; then further lines.
fn card(uid: &str, name: &str, lines: &[&str]) -> String {
    let structured =
        name.split_once(' ').map_or_else(String::new, |(given, family)| format!("N:{family};{given};;;\r\n"));
    let lines = lines.iter().map(|line| (*line).to_owned() + "\r\n").collect::<String>();
    format!("BEGIN:VCARD\r\nVERSION:3.0\r\nUID:{uid}\r\nFN:{name}\r\n{structured}{lines}END:VCARD\r\n")
}

/// A home with two address books, calls, movements and appointments.
struct Home(TestHome);

impl Home {
    fn new(old: &[String], new: &[String]) -> Self {
        Self::filled(old, new, &[], &[])
    }

    /// With calls (day and number) and with movements of one day (label, IBAN of the other side).
    fn filled(old: &[String], new: &[String], calls: &[(&str, &str)], paid: &[(&str, &str)]) -> Self {
        let home = TestHome::new();
        std::fs::write(home.path().join("moisson.toml"), SETTINGS).expect("a file");
        let called: Vec<String> =
            calls.iter().map(|(day, number)| format!("06 39 98 00 01;{day} 10:00;out;call;{number};60\n")).collect();
        let moved: Vec<String> =
            paid.iter().map(|(label, iban)| format!("a;2026-03-05;{label};-10.00;{iban}\n")).collect();
        let files = [
            ("old/a.vcf", "", old),
            ("new/b.vcf", "", new),
            ("calls.csv", "line;started_at;direction;kind;other_raw;duration_s\n", &called),
            ("movements.csv", "account;booked_on;raw_label;amount;counterparty_iban\n", &moved),
        ];
        let files: Vec<_> = files
            .into_iter()
            .filter(|(_, _, rows)| !rows.is_empty())
            .map(|(name, header, rows)| home.file(name, format!("{header}{}", rows.concat()).as_bytes(), 60))
            .collect();
        home.import(&files);
        Self(home)
    }

    /// The people of the cards, each as its names with `=` between.
    fn people(&self) -> Vec<String> {
        self.0
            .ask(
                "select string_agg(name, ' = ' order by origin desc, identity) from identities
                    group by person_id having bool_or(origin in ('card', 'number')) order by 1",
            )
            .concat()
    }

    fn asked(&self, sql: &str) -> Vec<String> {
        self.0.ask(sql).into_iter().map(|row| row.join(" ")).collect()
    }

    fn id(&self, uid: &str) -> i64 {
        self.0
            .ask_one(&format!("select identity_id from identities where ends_with(identity, '/{uid}')"))
            .parse()
            .expect("an id")
    }

    fn person(&self, uid: &str) -> String {
        self.0.ask_one(&format!("select person_id from identities where ends_with(identity, '/{uid}')"))
    }

    fn rule(&self, left: &str, right: &str, state: Ruling) {
        self.say(Entry::Verdict(Verdict {
            kind: LinkKind::Person,
            left_id: self.id(left),
            right_id: self.id(right),
            state,
            about: "two cards".to_owned(),
            more: serde_json::Map::new(),
        }));
    }

    fn set(&self, subject: Subject, id: &str, field: Field, value: Option<&str>) {
        self.say(Entry::Choice(Choice {
            subject,
            subject_id: id.to_owned(),
            field,
            value: value.map(str::to_owned),
            about: "in words".to_owned(),
            more: serde_json::Map::new(),
        }));
    }

    fn say(&self, entry: Entry) {
        import::say(self.0.open(), &[entry], &mut Silent).expect("it is written and shown");
    }
}

#[test]
fn two_people_of_one_name_stay_two_and_are_proposed() {
    let home = Home::filled(
        &[card("1", "Marie Petit", &["TEL:06 39 98 14 01"])],
        &[card("2", "Marie Petit", &["TEL:06 39 98 14 02"])],
        &[],
        &[("VIR SEPA MARIE PETIT", "")],
    );
    assert_eq!(home.people(), ["Marie Petit", "Marie Petit"]);
    let links = home.asked("select left_name, right_name, state, is_joined, reason from intermediate.person_links");
    assert_eq!(links, ["Marie Petit Marie Petit suggested false the same name, and nothing else in common"]);
    let payee = home.asked("select coalesce(person_name, '-'), candidates::varchar, match_state from transactions");
    assert_eq!(payee, ["- [Marie Petit, Marie Petit] candidates"]);
}

#[test]
fn a_family_land_line_joins_nobody() {
    let line = "TEL;TYPE=HOME:01 99 00 12 12";
    let home = Home::filled(
        &[card("1", "Luc Bernard", &[line]), card("2", "Bernard", &[line])],
        &[card("3", "Hélène Bernard", &[line]), card("4", "Jean-Luc Bernard", &[line])],
        &[("2026-03-05", "01 99 00 12 12")],
        &[],
    );
    assert_eq!(home.people(), ["Bernard", "Hélène Bernard", "Jean-Luc Bernard", "Luc Bernard"]);
    assert_eq!(home.asked("select len(people), is_shared, person_id from calls"), ["4 true "]);
}

#[test]
fn one_person_on_three_cards_of_two_books_is_one() {
    let home = Home::new(
        &[card("1", "DUPONT Élodie", &["TEL:0033639981589"]), card("2", "Élo", &["TEL:06.39.98.15.89"])],
        &[card("3", "Elodie Dupont-Marchand", &["TEL:+33 6 39 98 15 89", "EMAIL:elodie@example.org"])],
    );
    assert_eq!(home.people(), ["DUPONT Élodie = Élo = Elodie Dupont-Marchand"]);
    let found = home.asked(
        "select value, n_holders, sources::varchar from identifiers where kind = 'phone' and person_id <> 'ada'",
    );
    assert_eq!(found, ["+33639981589 1 [new, old]"]);
    assert_eq!(home.asked("select state, confidence < 1 from people where not is_member"), ["suggested true"]);
}

#[test]
fn a_shared_address_with_names_that_do_not_fit_joins_nobody() {
    let mail = "EMAIL:les.morel@example.org";
    let home = Home::new(
        &[card("1", "Didier Morel", &[mail]), card("2", "Isabelle Morel", &[mail])],
        &[card("3", "Paul", &[mail, "TEL:06 39 98 13 05"]), card("4", "Paul Grand", &["TEL:06 39 98 13 06"])],
    );
    // A given name that is somebody's is no pet name of somebody else.
    assert_eq!(home.people(), ["Didier Morel", "Isabelle Morel", "Paul", "Paul Grand"]);
}

#[test]
fn birthdays_that_differ_part_father_and_son() {
    let home = Home::new(
        &[card("1", "Jean Martin", &["TEL:01 99 00 13 13", "BDAY:1950-02-03"])],
        &[card("2", "Jean Martin", &["TEL:01 99 00 13 13", "BDAY:1980-06-07"])],
    );
    assert_eq!(home.people(), ["Jean Martin", "Jean Martin"]);
}

#[test]
fn a_married_name_needs_two_identifiers() {
    let one = Home::new(
        &[card("1", "Sophie Garnier", &["TEL:06 39 98 15 12"])],
        &[card("2", "Sophie Caron", &["TEL:06 39 98 15 12"])],
    );
    assert_eq!(one.people(), ["Sophie Caron", "Sophie Garnier"]);
    let lines = &["TEL:06 39 98 15 12", "EMAIL:sophie@example.org"];
    let two = Home::new(&[card("1", "Sophie Garnier", lines)], &[card("2", "Sophie Caron", lines)]);
    assert_eq!(two.people(), ["Sophie Garnier = Sophie Caron"]);
    assert_eq!(two.asked("select state from people where not is_member"), ["suggested"]);
    let weak = "select count(*) from checks.no_person_rests_on_weak_evidence";
    assert_eq!(two.asked(weak), ["1"]);
    two.rule("1", "2", Ruling::Confirmed);
    assert_eq!(two.asked(weak), ["0"]);
    assert_eq!(two.asked("select min(state) from identities where origin = 'card'"), ["certain"]);
}

#[test]
fn the_nickname_of_a_card_is_a_name() {
    let home = Home::new(
        &[card("1", "Tatie", &["TEL:01 99 00 14 14"])],
        &[
            card("2", "Brigitte Perrin", &["NICKNAME:Tatie", "TEL:01 99 00 14 14"]),
            card("3", "Yves Perrin", &["TEL:01 99 00 14 14"]),
        ],
    );
    assert_eq!(home.people(), ["Tatie = Brigitte Perrin", "Yves Perrin"]);
}

#[test]
fn a_number_that_changed_hands_is_the_earlier_owners_before() {
    let number = "06 39 98 16 12";
    let home = Home::filled(
        &[card("1", "Pauline Robin", &[&format!("TEL:{number}"), "REV:2023-02-01T08:00:00Z"])],
        &[
            card("2", "Vincent Faure", &[&format!("TEL:{number}"), "REV:2025-11-01T08:00:00Z"]),
            card("3", "Pauline Robin", &["TEL:06 39 98 16 99", "REV:2025-06-01T08:00:00Z"]),
        ],
        &[("2024-05-05", number), ("2026-05-05", number)],
        &[],
    );
    let calls = home.asked("select local_day, people::varchar, match_method, match_state from calls order by 1");
    assert_eq!(
        calls,
        [
            "2024-05-05 [Pauline Robin] dates of the cards suggested",
            "2026-05-05 [Vincent Faure] dates of the cards suggested"
        ]
    );
}

#[test]
fn a_number_that_one_book_gives_to_two_is_shared_whatever_the_dates() {
    let home = Home::filled(
        &[],
        &[
            card("1", "Claude Faure", &["TEL:06 39 98 16 23", "REV:2023-02-01T08:00:00Z"]),
            card("2", "Vincent Faure", &["TEL:06 39 98 16 23", "REV:2025-11-01T08:00:00Z"]),
        ],
        &[("2024-05-05", "06 39 98 16 23")],
        &[],
    );
    assert_eq!(home.asked("select people::varchar, match_state from calls"), ["[Claude Faure, Vincent Faure] certain"]);
}

#[test]
fn the_iban_of_a_joint_account_names_nobody_alone() {
    let iban = "FR1420041010050500013M02606";
    let line = format!("X-IBAN:{iban}");
    let home = Home::filled(
        &[card("1", "Didier Morel", &[&line]), card("2", "Isabelle Morel", &[&line])],
        &[],
        &[],
        &[("VIR SEPA PARTAGE", iban)],
    );
    let found = home.asked("select coalesce(person_name, '-'), candidates::varchar, match_method from transactions");
    assert_eq!(home.people(), ["Didier Morel", "Isabelle Morel"]);
    assert_eq!(found, ["- [Didier Morel, Isabelle Morel] iban"]);
}

#[test]
fn the_card_of_a_company_is_nobody_who_works_there() {
    let line = "TEL;TYPE=WORK:05 36 49 21 21";
    let home = Home::new(
        &[card("1", "Kervella", &["ORG:Kervella", line]).replace("FN:Kervella\r\n", "FN:Kervella\r\nN:;;;;\r\n")],
        &[card("2", "Yann Kervella", &[line])],
    );
    assert_eq!(home.people(), ["Kervella", "Yann Kervella"]);
}

#[test]
fn verdicts_join_part_and_are_taken_back() {
    let home = Home::new(
        &[card("1", "Marie Petit", &["TEL:06 39 98 14 01"]), card("2", "Maman", &["TEL:06 39 98 14 01"])],
        &[card("3", "Marie Petit", &["TEL:06 39 98 14 02"])],
    );
    assert_eq!(home.people(), ["Marie Petit", "Marie Petit = Maman"]);
    home.rule("1", "3", Ruling::Confirmed);
    assert_eq!(home.people(), ["Marie Petit = Maman = Marie Petit"]);
    home.rule("1", "2", Ruling::Rejected);
    assert_eq!(home.people(), ["Maman", "Marie Petit = Marie Petit"]);
    let links = home.asked("select state, is_joined from intermediate.person_links order by 1");
    assert_eq!(links, ["confirmed true", "rejected false"]);
    home.rule("1", "3", Ruling::Open);
    home.rule("1", "2", Ruling::Open);
    assert_eq!(home.people(), ["Marie Petit", "Marie Petit = Maman"]);
}

#[test]
fn who_leaves_a_person_leaves_it_whole() {
    let phone = "TEL:06 39 98 14 01";
    let home = Home::new(
        &[card("1", "Marie Petit", &[phone]), card("2", "Marie Petit", &[phone])],
        &[card("3", "PETIT Marie", &[phone])],
    );
    assert_eq!(home.people().len(), 1);
    home.rule("1", "3", Ruling::Rejected);
    assert_eq!(home.people(), ["Marie Petit = Marie Petit", "PETIT Marie"]);
}

#[test]
fn names_and_people_that_are_set_win() {
    let home = Home::filled(
        &[card("1", "Marie Petit", &["TEL:06 39 98 14 01"]), card("2", "Paul Grand", &["TEL:06 39 98 14 02"])],
        &[],
        &[("2026-03-05", "01 99 00 77 77"), ("2026-03-06", "06 39 98 14 01")],
        &[("CARTE 04/03 CAFE DU COIN", "")],
    );
    let payee = home.0.ask_one("select payee_key from staging.transactions");
    home.set(Subject::Payee, &payee, Field::Person, Some(&home.person("2")));
    home.set(Subject::Number, "+33199007777", Field::Name, Some("Le Plombier"));
    home.set(Subject::Number, "+33639981401", Field::Person, Some(&home.person("2")));
    home.set(Subject::Person, &home.person("1"), Field::Name, Some("Tante Marie"));
    let payees = home.asked("select person_name, match_method, match_state from transactions");
    assert_eq!(payees, ["Paul Grand said confirmed"]);
    let calls = home.asked("select other_party, match_state from calls order by local_day");
    assert_eq!(calls, ["Le Plombier confirmed", "Paul Grand confirmed"]);
    assert_eq!(home.asked("select name from people where list_contains(names, 'Marie Petit')"), ["Tante Marie"]);
    home.set(Subject::Number, "+33639981401", Field::Person, None);
    assert_eq!(home.asked("select other_party from calls where local_day = '2026-03-06'"), ["Tante Marie"]);
    // An id that a person once had still names it when cards were joined since.
    home.set(Subject::Person, &home.person("2"), Field::Person, Some(&home.person("1")));
    assert_eq!(home.asked("select count(distinct person_id) from identities where origin = 'card'"), ["1"]);
    assert_eq!(home.asked("select person_name from transactions"), ["Tante Marie"]);
}
