//! What becomes of versions that lost is decided by a person, one at a time.

use moisson::collections::{Conditions, Match, New, What, Write};
use moisson::sync::conflicts::{SettleError, id_of, settle};

use crate::house::House;
use crate::mirror::members;

const BOOK: &str = "books/contacts";

fn card(name: &str) -> String {
    format!("BEGIN:VCARD\r\nVERSION:3.0\r\nUID:u1\r\nFN:{name}\r\nEND:VCARD\r\n")
}

/// A device writes over a version that it has not seen.
fn lose(house: &House, name: &str) {
    let bytes = card(name).into_bytes();
    let new = New { bytes: bytes.into(), uid: Some("u1".to_owned()), component: Some("VCARD".to_owned()), media: None };
    let (object, _) = house.collections.object(new).expect("kept");
    let what = What::Put { path: BOOK.to_owned(), name: "a.vcf".to_owned(), object };
    let conditions = Conditions { if_match: Some(Match::Tags(vec!["\"old\"".to_owned()])), if_none_match: None };
    let write = Write { what, conditions, by: Some("phone".to_owned()) };
    house.collections.write(write).expect_err("it is refused");
}

fn ids(house: &House) -> Vec<String> {
    house.collections.state().conflicts().iter().map(id_of).collect()
}

fn stands(house: &House) -> String {
    members(house, BOOK).into_values().collect()
}

#[test]
fn a_version_that_lost_is_put_back_or_dropped_and_others_wait_on() {
    let house = House::new("");
    house.put(BOOK, "a.vcf", &card("First")).expect("written");
    for name in ["Second", "Third", "Fourth"] {
        lose(&house, name);
    }
    let waiting = ids(&house);
    assert_eq!(waiting.len(), 3);
    assert_eq!(settle(&house.collections, "00000000", true, None), Err(SettleError::Unknown));
    assert_eq!(settle(&house.collections, &waiting[1], true, Some("page")).as_deref(), Ok(BOOK));
    assert_eq!((stands(&house), ids(&house).len()), (card("Third"), 2));
    let dropped = ids(&house).remove(0);
    settle(&house.collections, &dropped, false, None).expect("settled");
    assert_eq!((stands(&house), ids(&house).len()), (card("Third"), 1));
    assert_eq!(settle(&house.collections, &dropped, false, None), Err(SettleError::Unknown), "once");

    // The object has another name by now.
    house.delete(BOOK, "a.vcf").expect("deleted");
    house.put(BOOK, "b.vcf", &card("Fifth")).expect("written");
    let last = ids(&house).remove(0);
    let taken = Err(SettleError::UidTaken { name: "b.vcf".to_owned() });
    assert_eq!(settle(&house.collections, &last, true, None), taken);
    assert_eq!((stands(&house), ids(&house).len()), (card("Fifth"), 1), "nothing is lost by that");
}
