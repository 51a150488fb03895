//! Calendars and cards that are made from the views: they say what the views say, and the same
//! bytes for the same data on any day.

use std::collections::BTreeSet;

use jiff::civil::{Date, date};
use jiff::tz::TimeZone;
use moisson::archive::{self, Entry, LogOf};
use moisson::config::{Derived, Language};
use moisson::decode::{self, vcard_lint};
use moisson::derive::{self, Kind, Made};
use moisson::import::SNAPSHOT;
use moisson::model::run::{Class, Run, Said, Trigger};

use crate::home::{HOME, ask};
use crate::same;
use crate::support::homes::{TestHome, now};
use crate::support::{compare, root};

const ALL: Derived =
    Derived { due: true, birthdays: true, people: true, energy: true, calls: true, due_alarm_days: None };
const TODAY: Date = date(2026, 10, 15);

fn make_in(home: &TestHome, today: Date, language: Language, settings: &Derived) -> Vec<Made> {
    let zone = TimeZone::get("Europe/Paris").expect("a zone");
    derive::make(&home.path().join(SNAPSHOT), today, &zone, language, settings).expect("made")
}

fn made(collection: &str, language: Language) -> Vec<(String, String)> {
    let all = make_in(&HOME.home, TODAY, language, &ALL);
    texts(all.into_iter().find(|made| made.collection == collection).expect("wanted"))
}

fn texts(made: Made) -> Vec<(String, String)> {
    let text = |(name, bytes)| (name, String::from_utf8(bytes).expect("UTF-8"));
    made.objects.into_iter().map(text).collect()
}

/// The value of a property, folds undone.
fn value(object: &str, name: &str) -> String {
    let unfolded = object.replace("\r\n ", "");
    let named = unfolded.lines().filter(|line| line.split([':', ';']).next() == Some(name));
    named.filter_map(|line| line.split_once(':')).map(|(_, value)| value.to_owned()).next().unwrap_or_default()
}

#[test]
fn what_is_due_is_what_bills_and_recurring_say() {
    let due = made("due", Language::En);
    let found = due.iter().map(|(_, object)| {
        let amount = value(object, "SUMMARY").rsplit('€').next().unwrap_or_default().replace("\\,", "");
        format!("{} {} {amount}", value(object, "STATUS"), value(object, "DTSTART"))
    });
    let wanted = ask("with open_bills as (from bills where status in ('overdue', 'unpaid', 'partly paid'))
         select 'CONFIRMED', strftime(due_on, '%Y%m%d'), residual::decimal(18, 2) from open_bills
         union all
         select 'TENTATIVE', strftime(next_expected_on, '%Y%m%d'), -next_expected_amount::decimal(18, 2)
         from recurring
         where direction = 'out' and state <> 'ended' and not is_own_account
             and coalesce(person_id, '') not in (select issuer_id from open_bills)");
    same("due", found, wanted.into_iter().map(|row| row.join(" ")));
    // A bill stands for the debit that will pay it.
    let orange: Vec<_> = due.iter().filter(|(_, object)| value(object, "SUMMARY").starts_with("Orange")).collect();
    assert_eq!(orange.len(), 1);
    assert!(value(&orange[0].1, "DESCRIPTION").contains("Bill OR260954216 of 2026-09-30."));
}

#[test]
fn an_alarm_rings_when_it_is_wanted() {
    assert!(made("due", Language::En).iter().all(|(_, object)| !object.contains("VALARM")));
    let settings = Derived { due_alarm_days: Some(2), ..Derived::default() };
    let all = make_in(&HOME.home, TODAY, Language::En, &settings);
    assert_eq!(all.iter().map(|made| made.collection).collect::<Vec<_>>(), ["due", "birthdays", "people"]);
    let due = texts(all.into_iter().next().expect("due"));
    assert!(due.iter().all(|(_, object)| value(object, "TRIGGER") == "-PT39H"), "nine o'clock two days before");
}

#[test]
fn everybody_has_one_birthday_a_year() {
    let birthdays = made("birthdays", Language::En);
    let wanted = ask("select distinct person_id, birthday from people where len(books) > 0 and birthday is not null");
    let born = |row: &[String]| row[1][..4].parse::<i16>().expect("a year");
    let n_wanted: usize = wanted.iter().map(|row| (2025..=2028).filter(|year| *year > born(row)).count()).sum();
    assert_eq!(birthdays.len(), n_wanted);
    let leap: Vec<String> = birthdays
        .iter()
        .filter(|(_, object)| value(object, "DESCRIPTION") == "Born on 2016-02-29.")
        .map(|(_, object)| format!("{} {}", value(object, "DTSTART"), value(object, "SUMMARY")))
        .collect();
    let ages: Vec<&str> = leap.iter().map(|one| one.split_once(' ').expect("two words").0).collect();
    assert_eq!(ages, ["20250228", "20260228", "20270228", "20280229"]);
    assert!(leap[0].ends_with("turns 9") && leap[3].ends_with("turns 12"), "{leap:?}");
    assert!(birthdays.iter().all(|(_, object)| !object.contains("RRULE")));
}

/// Cards of two books: the same birthday twice, one without year, an anniversary of Apple's kind.
#[test]
fn days_of_several_books_are_said_once() {
    let home = TestHome::new();
    let card = |uid: &str, name: &str, inner: &str| {
        let (given, family) = name.split_once(' ').expect("two names");
        format!(
            "BEGIN:VCARD\r\nVERSION:3.0\r\nUID:{uid}\r\nN:{family};{given};;;\r\nFN:{name}\r\n{inner}\r\nEND:VCARD\r\n"
        )
    };
    let claire = "EMAIL:claire@example.org\r\nTEL:06 39 98 10 01\r\n";
    let apple = "item1.X-ABDATE:2009-09-05\r\nitem1.X-ABLabel:_$!<Anniversary>!$_";
    let first = card("a-1", "Claire Aubry", &format!("{claire}BDAY:1985-04-12\r\n{apple}"));
    let second = card("b-1", "Claire Aubry", &format!("{claire}BDAY;X-APPLE-OMIT-YEAR=1604:1604-04-12"));
    let leap = card("b-2", "Hugo Petit", "BDAY:--02-29");
    std::fs::write(
        home.path().join("moisson.toml"),
        "[[sources]]\nid = \"one\"\nfiles = \"one.vcf\"\n[[sources]]\nid = \"two\"\nfiles = \"two.vcf\"\nwhole = true\n",
    )
    .expect("settings");
    home.import(&[
        home.file("one.vcf", first.as_bytes(), 60),
        home.file("two.vcf", format!("{second}{leap}").as_bytes(), 50),
    ]);
    let birthdays = || {
        let all = make_in(&home, TODAY, Language::Fr, &Derived::default());
        let made = all.into_iter().find(|made| made.collection == "birthdays").expect("wanted");
        let said = texts(made).into_iter().map(|(_, object)| {
            format!("{} {} {}", value(&object, "DTSTART"), value(&object, "SUMMARY"), value(&object, "RRULE"))
        });
        said.collect::<BTreeSet<_>>()
    };
    let claire = [
        "20250412 Claire Aubry : 40 ans ",
        "20250905 Anniversaire de mariage : Claire Aubry (16 ans) ",
        "20260412 Claire Aubry : 41 ans ",
        "20260905 Anniversaire de mariage : Claire Aubry (17 ans) ",
        "20270412 Claire Aubry : 42 ans ",
        "20270905 Anniversaire de mariage : Claire Aubry (18 ans) ",
        "20280412 Claire Aubry : 43 ans ",
        "20280905 Anniversaire de mariage : Claire Aubry (19 ans) ",
    ];
    let hugo = "20000229 Anniversaire : Hugo Petit FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=-1";
    same("birthdays", birthdays(), claire.into_iter().chain([hugo]).map(str::to_owned));
    home.import(&[home.file("two.vcf", second.as_bytes(), 10)]);
    same("birthdays without his card", birthdays(), claire.map(str::to_owned));
}

#[test]
fn people_are_valid_cards_with_what_is_known_of_them() {
    let people = made("people", Language::En);
    let wanted = ask("select name from people where len(books) > 0");
    assert_eq!(people.len(), wanted.len());
    let mut uids = BTreeSet::new();
    for (name, card) in &people {
        assert_eq!(vcard_lint::lint(card), Ok(()), "{name}\n{card}");
        assert!(uids.insert(value(card, "UID")), "{name}");
        assert!(card.lines().all(|line| line.len() <= 75), "{name}\n{card}");
    }
    let stated = people.iter().map(|(_, card)| value(card, "X-MOISSON-LAST-CONTACT"));
    let known = ask("select last_contact_on from people where len(books) > 0");
    same("last contacts", stated, known.into_iter().map(|row| row.concat()));
    let n_calls: u64 =
        people.iter().filter_map(|(_, card)| value(card, "X-MOISSON-CALLS-THIS-YEAR").parse::<u64>().ok()).sum();
    let wanted = ask("select count(*) from calls, unnest(person_ids) as each(id)
         where kind = 'call' and year(local_day) = 2026 and id in (select person_id from people where len(books) > 0)");
    assert_eq!(n_calls.to_string(), wanted.concat().concat());
}

#[test]
fn energy_and_calls_are_made_when_they_are_wanted() {
    let energy = made("energy", Language::En);
    let days = ask("select count(*) from energy_days where kwh is not null and day >= date '2026-10-15' - 366");
    assert_eq!(energy.len().to_string(), days.concat().concat());
    let calls = made("calls", Language::Fr);
    let wanted = ask("select count(*) from calls
         where kind = 'call' and other_party is not null and local_day >= date '2026-10-15' - 366");
    assert_eq!(calls.len().to_string(), wanted.concat().concat());
    assert!(calls.iter().any(|(_, object)| value(object, "SUMMARY").starts_with("Appel à Julie Moreau (")));
}

/// What did not change is not sent again: neither the clock nor the order of making shows.
#[test]
fn the_same_data_are_the_same_bytes_on_another_day() {
    let first = make_in(&HOME.home, TODAY, Language::En, &ALL);
    assert_eq!(first, make_in(&HOME.home, TODAY, Language::En, &ALL));
    let tomorrow = make_in(&HOME.home, date(2026, 10, 16), Language::En, &ALL);
    for (today, tomorrow) in first.iter().zip(&tomorrow) {
        let before: BTreeSet<_> = today.objects.iter().collect();
        let gone = tomorrow.objects.iter().filter(|object| !before.contains(object)).count();
        assert_eq!(gone, 0, "{}", today.collection);
        assert!(today.objects.is_sorted(), "{}", today.collection);
    }
}

#[test]
fn every_object_is_one_that_calendars_read() {
    for made in make_in(&HOME.home, TODAY, Language::Fr, &ALL) {
        let component = match made.kind {
            Kind::Events => "VEVENT",
            Kind::Journals => "VJOURNAL",
            Kind::Cards => continue,
        };
        for (name, bytes) in &made.objects {
            let read = decode::components(bytes).expect("readable");
            assert!(read.faults.is_empty() && read.roots.len() == 1, "{name}");
            assert_eq!(read.roots[0].children.iter().map(|one| one.name.as_str()).collect::<Vec<_>>(), [component]);
            assert!(String::from_utf8_lossy(bytes).lines().all(|line| line.len() <= 75), "{name}");
        }
    }
}

/// The end of a consent is the day it is where the household lives, until a month after it.
#[test]
fn a_consent_is_due_when_it_ends() {
    let home = TestHome::new();
    let mut log = archive::log(home.path(), LogOf::Runs).expect("a log");
    for (source, until) in [("bank", "2026-10-20T22:30:00Z"), ("old", "2026-09-01T08:00:00Z")] {
        let run = Run {
            source: source.to_owned(),
            trigger: Trigger::Asked,
            slot: None,
            started_at: now(),
            ended_at: now(),
            outcome: Class::OkEmpty,
            message: Said::new("Nothing new.", "Rien de nouveau."),
            link: None,
            retry_at: None,
            consent_until: Some(until.parse().expect("an instant")),
            quota_left: None,
            n_documents: 0,
            rows_new: 0,
            rows_known: 0,
            rows_amended: 0,
            rows_rejected: 0,
            n_requests: 1,
            n_bytes: 0,
            failed: Vec::new(),
        };
        log.append(now(), &Entry::Run(Box::new(run))).expect("written");
    }
    drop(log);
    home.import(&[]);
    let due = texts(make_in(&home, TODAY, Language::Fr, &Derived::default()).remove(0));
    let said: Vec<String> =
        due.iter().map(|(_, object)| format!("{} {}", value(object, "DTSTART"), value(object, "SUMMARY"))).collect();
    assert_eq!(said, ["20261021 Fin de consentement : bank"]);
}

#[test]
fn nothing_published_is_nothing_made() {
    let home = TestHome::new();
    let all = make_in(&home, TODAY, Language::En, &Derived::default());
    assert_eq!(all.len(), 3);
    assert!(all.iter().all(|made| made.objects.is_empty()));
}

/// A few objects as they are, in both languages.
#[test]
fn some_objects_are_exactly_these() {
    let chosen = [
        ("due", "Free Mobile"),
        ("due", "Gérard Guérin"),
        ("due", "Engie"),
        ("birthdays", "2016"),
        ("people", "N:Benali;Karim"),
        ("people", "FN:Garage de la Sèvre"),
        ("energy", "Gazpar"),
        ("calls", "Marie Petit"),
    ];
    let mut lines = Vec::new();
    for language in [Language::En, Language::Fr] {
        for (collection, word) in chosen {
            let objects = made(collection, language);
            let (name, object) = objects.iter().find(|(_, object)| object.contains(word)).expect(word);
            lines.push(format!("== {collection}/{name}"));
            lines.extend(object.lines().map(str::to_owned));
        }
    }
    if let Err(difference) = compare(&root().join("tests/household/derived.golden"), &lines) {
        panic!("{difference}");
    }
}
