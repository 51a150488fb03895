//! The two calendars: every occurrence at its instant, with the guests who are known.

use serde_json::Value;

use crate::home::{TRUTH, ask, joined, text};
use crate::same;

fn events() -> impl Iterator<Item = (&'static String, &'static Value)> {
    TRUTH["events"].as_object().expect("files").values().flat_map(|file| file.as_object().expect("events"))
}

#[test]
fn every_event_takes_place_as_often_as_it_should() {
    let found = ask("select uid, count(*)::varchar,
                     min(case when is_all_day then local_day::varchar else strftime(starts_at, '%Y-%m-%dT%H:%MZ') end),
                     max(case when is_all_day then local_day::varchar else strftime(starts_at, '%Y-%m-%dT%H:%MZ') end)
                     from agenda where local_day between '2024-10-01' and '2026-09-30' group by uid");
    let wanted = events().filter(|(_, event)| event["occurrences"] != 0).map(|(uid, event)| {
        vec![uid.clone(), text(&event["occurrences"]), text(&event["first"]), text(&event["last"])]
    });
    same("occurrences", found, wanted);
}

#[test]
fn guests_are_found_by_their_addresses() {
    let mut n_guests = 0;
    for (uid, event) in events().filter(|(_, event)| event["occurrences"] != 0) {
        for guest in event["guests"].as_array().expect("guests") {
            let (address, names) = (text(&guest[0]).to_lowercase(), joined(&guest[2]));
            let found = ask(&format!(
                "select distinct list_contains(addresses, '{address}')::varchar from agenda where uid = '{uid}'"
            ));
            assert_eq!(found, [["true"]], "{uid}: {address}");
            let known = ask(&format!(
                "select distinct people.name from agenda, unnest(agenda.person_ids) as guest(person_id)
                 join people on people.person_id = guest.person_id
                 where uid = '{uid}' and list_contains(people.emails, '{address}') order by all"
            ));
            assert_eq!(known.concat().join("|"), names, "{uid}: {address}");
            n_guests += 1;
        }
    }
    assert!(n_guests > 20, "{n_guests}");
}
