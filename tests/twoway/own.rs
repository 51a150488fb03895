//! What people write into their own collections reaches the views.

use moisson::collections::What;
use moisson::import;
use moisson::model::collection::CollectionKind;
use moisson::sync::own;

use crate::homes::{Silent, TestHome};
use crate::house::House;

const BOOK: &str = "books/contacts";

const BILL: &str = "Votre numéro;06 39 98 40 04;;;;\nPériode du 01/03/2026 au 31/03/2026;;;;;\n\
    Date;Heure;Type;Correspondant;Durée ou volume;Montant TTC\n\
    02/03/2026;08:00:00;Appel voix;0199004455;00h01m00s;Inclus\n";

const TASK: &str = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VTODO\r\nUID:todo-1\r\nDTSTAMP:20260301T080000Z\r\n\
    SUMMARY:Bread\r\nEND:VTODO\r\nEND:VCALENDAR\r\n";

fn card(uid: &str, name: &str, phone: &str) -> String {
    format!(
        "BEGIN:VCARD\r\nVERSION:3.0\r\nUID:{uid}\r\nFN:{name}\r\nN:{name};;;;\r\nTEL;TYPE=CELL:{phone}\r\nEND:VCARD\r\n"
    )
}

fn event(uid: &str, summary: &str) -> String {
    format!(
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\nUID:{uid}\r\nDTSTAMP:20260301T080000Z\r\n\
         DTSTART:20260310T170000Z\r\nDTEND:20260310T180000Z\r\nSUMMARY:{summary}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    )
}

fn called(home: &TestHome) -> String {
    home.ask_one("select other_party from calls")
}

fn take_in(house: &House) -> bool {
    own::take_in(&house.outfit, &house.collections).expect("taken in")
}

/// A house whose phone bill is in.
fn house() -> House {
    let house = House::new("[[lines]]\nnumber = \"+33639984004\"\n");
    let bill = house.home.file("bill.csv", BILL.as_bytes(), 60);
    house.home.import(&[bill]);
    house
}

#[test]
fn a_card_written_on_the_phone_names_the_calls() {
    let house = house();
    let before = called(&house.home);
    assert!(!take_in(&house), "empty collections tell nothing");
    house.put(BOOK, "a.vcf", &card("u1", "Noa Specimen", "+33199004455")).expect("written");
    assert!(take_in(&house));
    assert!(!take_in(&house), "nothing new");
    assert_eq!(called(&house.home), "Noa Specimen");
    // The clock of this house stands still: what is written later wins all the same.
    for name in ["Noa Autre", "Noa Specimen", "Noa Autre"] {
        house.put(BOOK, "a.vcf", &card("u1", name, "+33199004455")).expect("written");
        assert!(take_in(&house));
        assert_eq!(called(&house.home), name);
    }
    house.delete(BOOK, "a.vcf").expect("deleted");
    assert!(take_in(&house));
    assert_eq!(called(&house.home), before);
    assert_eq!(house.home.ask_one("select count(*) from landing.contacts"), "0");
}

#[test]
fn events_come_and_go_with_their_calendar_and_a_rebuilt_house_shows_the_same() {
    let house = house();
    let make = What::MakeCollection {
        path: "calendars/club".to_owned(),
        kind: CollectionKind::Calendar,
        properties: Vec::new(),
    };
    house.write(make).expect("made");
    house.put("calendars/club", "1.ics", &event("e1", "Practice")).expect("written");
    house.put("calendars/personal", "2.ics", &event("e2", "Dentist")).expect("written");
    house.put("calendars/personal", "3.ics", TASK).expect("written");
    house.put(BOOK, "a.vcf", &card("u1", "Noa Specimen", "+33199004455")).expect("written");
    assert!(take_in(&house));
    let events = "select calendar || ' ' || uid from landing.events order by all";
    assert_eq!(house.home.ask(events), [["own/club e1"], ["own/personal e2"]]);
    house.write(What::DeleteCollection { path: "calendars/club".to_owned() }).expect("deleted");
    house.put("calendars/personal", "2.ics", &event("e2", "Dentist, moved")).expect("written");
    assert!(take_in(&house));
    assert_eq!(house.home.ask(events), [["own/personal e2"]]);
    assert_eq!(house.home.ask_one("select count(*) from landing.documents where source = 'own'"), "5");
    let (_, changed) = import::rebuild(house.home.open(), &mut Silent).expect("a rebuild");
    assert_eq!(changed.into_iter().filter(|table| !table.ends_with("history")).collect::<Vec<_>>(), [""; 0]);

    // Without its notes everything is told again, and nothing is new.
    std::fs::remove_file(house.home.path().join("state/collections")).expect("notes");
    assert!(take_in(&house));
    assert_eq!(house.home.ask(events), [["own/personal e2"]]);
    assert_eq!(called(&house.home), "Noa Specimen");
}
