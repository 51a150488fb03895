//! Cards and the people they stand for.

use std::collections::{BTreeMap, BTreeSet};

use crate::home::{TRUTH, ask, joined, text};
use crate::same;

#[test]
fn cards_of_one_person_are_joined_and_no_others() {
    // A card without a UID is told by its file and the name it shows.
    let rows = ask("select documents.name, contacts.uid, contacts.full_name, identities.person_id
                    from landing.contacts join landing.documents using (document)
                    join intermediate.identities on identities.identity = contacts.book || '/' || contacts.uid
                    where identities.origin = 'card'");
    let mut ids: BTreeMap<(String, String), String> = BTreeMap::new();
    for row in rows {
        ids.insert((row[0].clone(), row[1].clone()), row[3].clone());
        ids.insert((row[0].clone(), row[2].clone()), row[3].clone());
    }
    let mut people: BTreeMap<String, BTreeSet<&String>> = BTreeMap::new();
    let cards = TRUTH["cards"].as_array().expect("cards");
    for card in cards {
        let told_by = if card["uid"].is_null() { &card["shown"] } else { &card["uid"] };
        let id = ids.get(&(text(&card["file"]), text(told_by))).unwrap_or_else(|| panic!("{card} is nobody's"));
        people.entry(text(&card["person"])).or_default().insert(id);
    }
    let split: Vec<_> = people.iter().filter(|(_, ids)| ids.len() > 1).collect();
    assert!(split.is_empty(), "one person, several times: {split:?}");
    let distinct: BTreeSet<&String> = people.values().flatten().copied().collect();
    assert_eq!(distinct.len(), people.len(), "several people were joined into one");
    println!("cards: {} of {} people, each joined as it should be", cards.len(), people.len());
}

#[test]
fn everybody_has_their_identifiers() {
    let found = ask("select name, kind, is_member::varchar, array_to_string(list_sort(phones), '|'),
                     array_to_string(list_sort(emails), '|'), array_to_string(list_sort(ibans), '|')
                     from people where len(books) > 0 or is_member");
    let carded: BTreeSet<String> =
        TRUTH["cards"].as_array().expect("cards").iter().map(|card| text(&card["person"])).collect();
    let people = TRUTH["people"].as_object().expect("people").iter();
    let wanted = people.filter(|(id, facts)| carded.contains(*id) || facts["member"] == true).map(|(_, facts)| {
        vec![
            text(&facts["name"]),
            text(&facts["kind"]),
            text(&facts["member"]),
            joined(&facts["phones"]),
            joined(&facts["emails"]),
            joined(&facts["ibans"]),
        ]
    });
    same("people", found, wanted);
}
