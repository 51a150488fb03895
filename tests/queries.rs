//! The query layers: what the marts and the checks say of small households made for it.

use jiff::civil::{DateTime, date, datetime};
use jiff::{SignedDuration, ToSpan};
use moisson::model::Place;
use moisson::model::records::{
    AnyRecord, Attendee, Bill, BillLine, Communication, Contact, Event, Identifier, Occurrence, Reading, TariffDay,
    Transaction,
};
use moisson::model::said::{Choice, Field, Subject};
use moisson::warehouse::{
    AccountSettings, DocumentInfo, Facts, Household, Line, Member, MemberIdentifier, Tally, Tariff, Told, Warehouse,
    shipped_queries,
};
use rust_decimal::Decimal;

const LANDLINE: &str = "+33199001111";
const MOBILE: &str = "+33639981111";
const ANNE_IBAN: &str = "FR7630006000011234567890189";
const OWN_IBAN: &str = "FR1420041010050500013M02606";

/// A warehouse that holds these records and has been refreshed.
fn refreshed(household: Household, records: &[AnyRecord]) -> Warehouse {
    refreshed_with(household, records, &Facts::default())
}

/// The same, where people said something.
fn refreshed_with(mut household: Household, records: &[AnyRecord], facts: &Facts) -> Warehouse {
    let mut warehouse = Warehouse::in_memory().expect("a warehouse in memory");
    let settings = [("region", "FR"), ("currency", "EUR"), ("language", "en"), ("today", "2026-06-01")];
    household.settings.extend(settings.map(|(key, value)| (key.to_owned(), value.to_owned())));
    warehouse.set_household(&household).expect("the household is written");
    warehouse.set_facts(facts).expect("what was said is written");
    let document = DocumentInfo {
        document: "d".repeat(64),
        name: "all.csv".to_owned(),
        as_of: datetime(2026, 6, 1, 8, 0, 0, 0),
        learned_at: datetime(2026, 6, 1, 8, 0, 0, 0),
        ..DocumentInfo::default()
    };
    let mut load = warehouse.begin(&document).expect("begins");
    for (line, record) in (1..).zip(records) {
        load.push(record, &Place::line(line)).expect("takes a record");
    }
    load.commit(&Tally { outcome: "ok".to_owned(), ..Tally::default() }).expect("commits");
    warehouse.refresh(&shipped_queries(), &moisson::link::steps()).expect("the shipped queries run");
    warehouse
}

/// The answer as CSV, without its header.
fn answer(warehouse: &Warehouse, sql: &str) -> String {
    let mut out = Vec::new();
    warehouse.ask(sql).expect("an answer").write_csv(&mut out).expect("written");
    let text = String::from_utf8(out).expect("text");
    text.split_once('\n').map_or_else(String::new, |(_, rows)| rows.trim_end().to_owned())
}

fn offenders(warehouse: &Warehouse, check: &str) -> u64 {
    let checks = warehouse.checks().expect("checks run");
    checks.into_iter().find(|found| found.name == check).expect("a check of that name").offenders
}

/// A card of book `book` with telephones, e-mails and IBANs, told apart by their looks.
fn card(book: &str, uid: &str, name: &str, identifiers: &[&str]) -> Vec<AnyRecord> {
    let (given, family) = name.split_once(' ').unzip();
    let contact = Contact {
        book: book.to_owned(),
        uid: uid.to_owned(),
        full_name: name.to_owned(),
        given_name: given.map(str::to_owned),
        family_name: family.map(str::to_owned),
        kind: "individual".to_owned(),
        ..Contact::default()
    };
    let identifiers = identifiers.iter().map(|value| {
        let kind = if value.starts_with('+') {
            "phone"
        } else if value.contains('@') {
            "email"
        } else {
            "iban"
        };
        Identifier {
            book: book.to_owned(),
            uid: uid.to_owned(),
            kind: kind.to_owned(),
            value: (*value).to_owned(),
            raw: (*value).to_owned(),
            label: None,
            confidence: 1.0,
        }
        .into()
    });
    std::iter::once(contact.into()).chain(identifiers).collect()
}

fn book() -> Vec<AnyRecord> {
    [
        card("a", "1", "Anne Petit", &[LANDLINE, "anne@example.org", ANNE_IBAN]),
        card("a", "2", "Paul Petit", &[LANDLINE, MOBILE]),
        card("b", "1", "PETIT Anne", &["anne@example.org"]),
        card("b", "2", "Papa", &[MOBILE]),
        card("b", "3", "Luc Bernard", &["+33639982222"]),
        card("b", "4", "Luc Bernard", &["+33639983333"]),
        card("b", "5", "Zoé Le Goff", &["+33639984444"]),
    ]
    .concat()
}

fn call(minute: i8, key: &str, number_kind: &str) -> AnyRecord {
    let is = |kind: &str| (number_kind == kind).then(|| key.to_owned());
    Communication {
        line: "+33639980000".to_owned(),
        direction: "out".to_owned(),
        kind: "call".to_owned(),
        other_raw: Some(key.to_owned()),
        other_e164: is("valid"),
        masked_pattern: is("masked"),
        short_number: is("short"),
        other_key: Some(key.to_owned()),
        number_kind: number_kind.to_owned(),
        started_at: datetime(2026, 1, 5, 9, minute, 0, 0),
        started_local: datetime(2026, 1, 5, 10, minute, 0, 0),
        duration_s: Some(60),
        ..Communication::default()
    }
    .into()
}

fn movement(label: &str, cents: i64) -> AnyRecord {
    let mut movement = Transaction {
        account: "courant".to_owned(),
        booked_on: date(2026, 1, 5),
        amount: Decimal::new(cents, 2),
        currency: "EUR".to_owned(),
        raw_label: label.to_owned(),
        status: "booked".to_owned(),
        ..Transaction::default()
    };
    movement.reading = Box::new(moisson::label::of_transaction(&movement));
    movement.into()
}

fn household() -> Household {
    Household {
        members: vec![Member { member: "ada".to_owned(), name: "Ada Exemple".to_owned() }],
        member_identifiers: vec![MemberIdentifier {
            member: "ada".to_owned(),
            kind: "email".to_owned(),
            value: "ada@example.org".to_owned(),
        }],
        lines: vec![Line {
            line: "+33639980000".to_owned(),
            owner: Some("ada".to_owned()),
            operator: Some("Orange".to_owned()),
            region: Some("FR".to_owned()),
        }],
        accounts: vec![AccountSettings {
            account: "courant".to_owned(),
            name: Some("Current".to_owned()),
            bank: None,
            iban: Some(OWN_IBAN.to_owned()),
        }],
        ..Household::default()
    }
}

#[test]
fn cards_are_joined_by_identifiers_and_names_never_by_names_alone() {
    let warehouse = refreshed(household(), &book());
    let people = "select name, len(names), books from people where not is_member order by name, phones";
    let expected =
        "Anne Petit,2,\"[a, b]\"\nLuc Bernard,1,[b]\nLuc Bernard,1,[b]\nPaul Petit,2,\"[a, b]\"\nZoé Le Goff,1,[b]";
    assert_eq!(answer(&warehouse, people), expected);
    assert_eq!(offenders(&warehouse, "no_two_people_share_a_name"), 1);
}

#[test]
fn calls_have_names_only_where_that_is_certain() {
    let calls = [
        call(1, LANDLINE, "valid"),
        call(2, MOBILE, "valid"),
        call(3, "+3363998....", "masked"),
        call(4, "Numéro masqué", "withheld"),
        call(5, "+33639989999", "valid"),
        call(6, "112", "short"),
        call(7, "+33899000000", "valid"),
    ];
    let warehouse = refreshed(household(), &[book(), calls.to_vec()].concat());
    let said = "select other_party, is_shared, person_id is not null, candidate_count, number_kind \
                from calls order by called_at";
    let expected = "Anne Petit / Paul Petit,true,false,0,person\n\
                    Paul Petit,false,true,0,person\n\
                    +3363998....,false,false,5,masked\n\
                    Withheld number,false,false,0,withheld\n\
                    +33 6 39 98 99 99,false,false,0,unknown\n\
                    European emergency number,false,false,0,emergency\n\
                    Premium rate number (089x),false,false,0,premium";
    assert_eq!(answer(&warehouse, said), expected);
    assert_eq!(answer(&warehouse, "select distinct owner from calls"), "Ada Exemple");
}

#[test]
fn transfers_find_their_people_with_a_score_and_a_reason() {
    let movements = [
        movement("VIR INST PETIT PAUL", -1000),
        movement("VIR M OU MME PETIT", -1100),
        movement("VIR SEPA BERNARD LUC", -1200),
        movement("VIR SEPA LE GOF ZOE", -1300),
        movement("VIR SEPA LE GOFF ZOE LOYER MARS", -1400),
        movement("VIR XX FR76 3000 6000 0112 3456 7890 189 MARS", -1500),
        movement("VIR SEPA PETIT TOITURE SARL", -1600),
        movement("CARTE 04/01 PAUL PETIT CB*1234", -1700),
        movement(&format!("VIR LIVRET {OWN_IBAN}"), -1800),
    ];
    let warehouse = refreshed(household(), &[book(), movements.to_vec()].concat());
    let said = "select person_name, candidates, match_state, match_method, match_score, is_own_account \
                from transactions order by amount desc";
    let expected = "Paul Petit,[],suggested,name,1.000,false\n\
                    ,\"[Anne Petit, Paul Petit]\",candidates,name,0.500,false\n\
                    ,\"[Luc Bernard, Luc Bernard]\",candidates,name,1.000,false\n\
                    ,[],,,,false\n\
                    Zoé Le Goff,[],suggested,name,1.000,false\n\
                    Anne Petit,[],certain,iban,1.000,false\n\
                    ,[],,,,false\n\
                    ,[],,,,false\n\
                    ,[],,,,true";
    assert_eq!(answer(&warehouse, said), expected);
}

/// A category that a person set.
fn category(seq: u64, subject: Subject, subject_id: &str, value: &str) -> Told<Choice> {
    let said = Choice {
        subject,
        subject_id: subject_id.to_owned(),
        field: Field::Category,
        value: Some(value.to_owned()),
        about: String::new(),
        more: serde_json::Map::new(),
    };
    Told { seq, at: datetime(2026, 6, 1, 8, 0, 0, 0), said }
}

#[test]
fn what_a_person_says_of_categories_wins_and_is_learned() {
    let movements = [
        movement("CARTE 04/01 CHEZ LULU CB*1234", -1000),
        movement("CARTE 04/01 CHEZ LULU CB*1234", -1100),
        movement("CARTE 04/01 BOULANGERIE DU PORT CB*1234", -1200),
        movement("CARTE 04/01 CINEMA DU PORT CB*1234", -1300),
        movement("VIR SEPA PETIT PAUL", -1400),
        movement(&format!("VIR LIVRET {OWN_IBAN}"), -1500),
        movement("CARTE 04/01 SANS RIEN CB*1234", -1600),
        movement("PRLV SEPA CINEMA DU PORT", -1700),
    ];
    let records = [book(), movements.to_vec()].concat();
    let silent = refreshed(household(), &records);
    let id = answer(&silent, "select transaction_id from transactions where amount = -10");
    let choices = vec![
        category(1, Subject::Transaction, &id, "gifts"),
        category(2, Subject::Payee, "card CINEMA DU PORT", "education"),
    ];
    let said =
        "select category, category_method, category_state, category_reason from transactions order by amount desc";
    let expected = "gifts,chosen,confirmed,said of this movement\n\
                    gifts,learned,suggested,said of 1 of the 1 movements with the payee that were sorted\n\
                    food,rule,suggested,payee BOULANGERIE\n\
                    education,chosen for the payee,confirmed,said of the payee\n\
                    transfers.people,person,suggested,the other side is Paul Petit\n\
                    transfers.own,own account,certain,the other side is the account Current\n\
                    ,,,\n\
                    leisure.culture,rule,suggested,payee CINEMA";
    let warehouse = refreshed_with(household(), &records, &Facts { choices, ..Facts::default() });
    assert_eq!(answer(&warehouse, said), expected);
    let spent = "select category, went_out::decimal(9, 2), transaction_count from spending where category = 'gifts'";
    assert_eq!(answer(&warehouse, spent), "gifts,21.00,2");
}

#[test]
fn labels_lose_the_words_of_the_operation() {
    let labels = [
        ("Epi d'Or | CARTE 09/02/26 EPI D'OR CB*1234", "card", "Epi d'Or"),
        ("PAIEMENT PAR CARTE\nEPI D'OR 04/03", "card", "EPI D'OR"),
        ("CARTE X1417 04/03 EPI D'OR 1234 ", "card", "EPI D'OR"),
        ("ACHAT CB EPI D'OR 12.03.26 EUR    45,20 CARTE NUMERO    111  ", "card", "EPI D'OR"),
        ("VIR RECU 12345678S DE: MME CLAIRE DUPONT MOTIF: LOYER REF: A1", "transfer_out", "MME CLAIRE DUPONT"),
        ("PRLV SEPA ÉNERGIE DU VAL REF 12345678", "direct_debit", "ÉNERGIE DU VAL"),
        ("RETRAIT DAB 04/12/24 NANTES CB*4271", "withdrawal", "RETRAIT DAB NANTES"),
        ("CHEQUE 7714020", "cheque", "CHEQUE"),
        ("F COTIS EUROCOMPTE CONFORT", "fee", "F COTIS EUROCOMPTE CONFORT"),
        ("Bar Le 6", "other", "Bar Le 6"),
    ];
    let records: Vec<AnyRecord> = (100..).zip(labels).map(|(cents, (label, ..))| movement(label, -cents)).collect();
    let warehouse = refreshed(household(), &records);
    let expected: Vec<String> = labels.iter().map(|(_, kind, clean)| format!("{kind},{clean}")).collect();
    let said = answer(&warehouse, "select kind, clean_label from transactions order by amount desc");
    assert_eq!(said, expected.join("\n"));
}

/// Half-hours of a local day from `from`, each of 500 Wh; `offset` is that of the zone in hours.
fn half_hours(meter: &str, from: DateTime, count: i64, offset: i64) -> Vec<AnyRecord> {
    let at = |step: i64| from.saturating_add((step * 30).minutes());
    (0..count).map(|step| reading(meter, at(step), 1800, 500, offset)).collect()
}

fn reading(meter: &str, started_local: DateTime, length_s: i64, wh: i64, offset: i64) -> AnyRecord {
    Reading {
        meter: meter.to_owned(),
        series: "consumption".to_owned(),
        energy: "electricity".to_owned(),
        started_at: started_local.saturating_sub(SignedDuration::from_hours(offset)),
        started_local,
        length_s,
        local_day: started_local.date(),
        value: Some(Decimal::from(wh)),
        unit: "Wh".to_owned(),
        quality: "measured".to_owned(),
        register: None,
    }
    .into()
}

fn tariff(meter: &str, kind: &str, prices: &[(&str, i64)], off_peak: &[(i32, i32)]) -> Tariff {
    Tariff {
        meter: meter.to_owned(),
        name: kind.to_owned(),
        kind: kind.to_owned(),
        valid_from: date(2025, 1, 1),
        valid_to: None,
        standing_eur_per_year: Decimal::from(365),
        prices: prices.iter().map(|(period, cents)| ((*period).to_owned(), Decimal::new(*cents, 2))).collect(),
        off_peak: off_peak.to_vec(),
    }
}

#[test]
fn days_of_clock_changes_are_exact_and_nights_are_cheap_across_midnight() {
    let night = tariff("m", "hp_hc", &[("hp", 20), ("hc", 10)], &[(1350, 390)]);
    let household = Household { tariffs: vec![night], ..Household::default() };
    let spring = datetime(2026, 3, 29, 0, 0, 0, 0);
    let autumn = datetime(2025, 10, 26, 0, 0, 0, 0);
    let readings = [
        half_hours("m", autumn, 6, 2),
        half_hours("m", autumn.with().hour(2).build().expect("a time"), 44, 1),
        half_hours("m", datetime(2026, 3, 28, 12, 0, 0, 0), 1, 1),
        half_hours("m", spring, 4, 1),
        half_hours("m", spring.with().hour(3).build().expect("a time"), 42, 2),
    ]
    .concat();
    let warehouse = refreshed(household, &readings);
    let days = "select day, expected_s, covered_s, missing_count, kwh, cost_eur from energy_days \
                where day in ('2025-10-26', '2026-03-28', '2026-03-29') order by day";
    // Autumn: 18 cheap half-hours, 32 dear ones; spring: 14 and 32; one euro of standing charge.
    let expected = "2025-10-26,90000,90000,0,25.000000,5.100000\n\
                    2026-03-28,86400,1800,47,0.500000,1.100000\n\
                    2026-03-29,82800,82800,0,23.000000,4.900000";
    assert_eq!(answer(&warehouse, days), expected);
}

#[test]
fn a_tempo_day_starts_at_six_and_a_boundary_splits_an_interval() {
    let prices = [("blue_hp", 16), ("blue_hc", 13), ("red_hp", 70), ("red_hc", 15)];
    let tempo = tariff("t", "tempo", &prices, &[]);
    let night = tariff("m", "hp_hc", &[("hp", 20), ("hc", 10)], &[(1350, 390)]);
    let household = Household { tariffs: vec![tempo, night], ..Household::default() };
    let colour = |day, colour: &str| -> AnyRecord {
        TariffDay { calendar: "tempo".to_owned(), day: date(2026, 1, day), colour: colour.to_owned() }.into()
    };
    let at = |day, hour| datetime(2026, 1, day, hour, 0, 0, 0);
    let records = [
        colour(5, "blue"),
        colour(6, "red"),
        reading("t", at(6, 5), 3600, 1000, 1),
        reading("t", at(6, 6), 3600, 1000, 1),
        reading("t", at(6, 22), 3600, 1000, 1),
        reading("t", at(8, 12), 3600, 1000, 1),
        reading("m", at(6, 22), 3600, 1000, 1),
        reading("m", at(6, 0), 86_400, 9000, 1),
        reading("m", at(7, 0), 86_400, 9000, 1),
    ];
    let warehouse = refreshed(household, &records);
    let said = "select meter, strftime(started_local, '%d %H'), period, cost_eur, no_cost_because \
                from energy_intervals order by meter desc, started_at";
    let expected = "t,06 05,blue_hc,0.130000,\n\
                    t,06 06,red_hp,0.700000,\n\
                    t,06 22,red_hc,0.150000,\n\
                    t,08 12,,,the colour of the day is unknown\n\
                    m,06 22,hp+hc,0.150000,\n\
                    m,07 00,,,the reading is longer than a tariff period";
    assert_eq!(answer(&warehouse, said), expected);
}

#[test]
fn bills_are_held_against_their_lines_and_their_calls() {
    let bill = Bill {
        issuer: "Orange".to_owned(),
        number: Some("F1".to_owned()),
        period_from: Some(date(2026, 1, 1)),
        period_to: Some(date(2026, 1, 31)),
        issued_on: date(2026, 1, 31),
        due_on: Some(date(2026, 2, 10)),
        total: Decimal::new(2000, 2),
        currency: "EUR".to_owned(),
        ..Bill::default()
    };
    let line = BillLine {
        issuer: "Orange".to_owned(),
        bill_number: "F1".to_owned(),
        label: "Forfait".to_owned(),
        amount: Decimal::new(1900, 2),
        currency: "EUR".to_owned(),
        ..BillLine::default()
    };
    let AnyRecord::Communication(premium) = call(1, "+33899000000", "valid") else { unreachable!("a call") };
    let premium = Communication { cost: Some(Decimal::new(240, 2)), ..premium };
    let warehouse = refreshed(household(), &[bill.into(), line.into(), premium.into()]);
    let said = "select total, lines_total, detail_cost, status from bills";
    assert_eq!(answer(&warehouse, said), "20.00000,19.00000,2.40000,overdue");
    assert_eq!(offenders(&warehouse, "every_phone_bill_equals_the_sum_of_its_lines"), 1);
    assert_eq!(offenders(&warehouse, "no_bill_is_overdue"), 1);
}

#[test]
fn the_agenda_knows_people_and_the_day_and_all_of_it_is_on_the_timeline() {
    let key = || ("home".to_owned(), "e1".to_owned());
    let starts = (datetime(2026, 1, 5, 17, 0, 0, 0), datetime(2026, 1, 5, 18, 0, 0, 0));
    let (calendar, uid) = key();
    let event =
        Event { calendar, uid, summary: Some("Piano".to_owned()), status: "confirmed".to_owned(), ..Event::default() };
    let (calendar, uid) = key();
    let occurrence = Occurrence {
        calendar,
        uid,
        starts_at: starts.0,
        ends_at: starts.1,
        starts_local: starts.1,
        ends_local: starts.1.saturating_add(1.hours()),
        ..Occurrence::default()
    };
    let (calendar, uid) = key();
    let guest = Attendee {
        calendar,
        uid,
        address: "anne@example.org".to_owned(),
        role: "required".to_owned(),
        ..Attendee::default()
    };
    let rest = [event.into(), occurrence.into(), guest.into(), call(1, MOBILE, "valid"), movement("CARTE CAFE", -480)];
    let warehouse = refreshed(household(), &[book(), rest.to_vec()].concat());
    let agenda = "select summary, people, call_count, spent from agenda";
    assert_eq!(answer(&warehouse, agenda), "Piano,[Anne Petit],1,4.80000");
    let timeline = "select kind, who, what from timeline order by happened_local";
    assert_eq!(answer(&warehouse, timeline), "transaction,,CAFE\ncall,Paul Petit,\nevent,Anne Petit,Piano");
    assert_eq!(
        answer(&warehouse, "select month, spending, call_seconds, event_count from months"),
        "2026-01-01,4.80000,60,1"
    );
}

/// Everything that the database of the distribution, built without time zones, does not know.
const NEEDS_TIME_ZONES: &[&str] = &[
    "current_date",
    "today()",
    "at time zone",
    "timezone(",
    "timestamptz",
    "timestamp with time zone",
    "current_localtime",
    "get_current_time",
    "pg_timezone_names",
    "now()",
    "age(",
    "collate fr",
];

#[test]
fn shipped_queries_state_their_grain_and_need_no_time_zones() {
    for file in shipped_queries() {
        let path = file.path();
        assert!(file.sql.starts_with("-- One row"), "{path} does not say what one row is");
        let lines = file.sql.lines().map(|line| line.split("--").next().unwrap_or_default());
        let code = lines.collect::<Vec<_>>().join("\n");
        for word in NEEDS_TIME_ZONES {
            assert!(!code.contains(word), "{path} uses {word}");
        }
    }
}
